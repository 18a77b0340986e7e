"""Plain words on the command line: offers with their commands, one line where nothing fits, and what is shown first."""

import json
import re
import shlex

import pytest

from conftest import ROOT, Run, one_line


def test_words_are_offered_their_questions_and_each_command_runs(oewg: Run) -> None:
    done = oewg("questions", "did iran comment on the zero draft", "-f", "table", root=ROOT)
    assert done.exit_code == 0
    commands = re.findall(r"^ {4}oewg (ask .*)$", done.stdout, re.MULTILINE)
    assert commands[0] == "ask actor-on-draft -p actor=state:IRN -p draft=document:oewg1-zero-draft"
    assert len(commands) == 4
    assert {oewg(*shlex.split(command), root=ROOT).exit_code for command in commands} == {0}
    assert "fits: iran, zero draft, comment" in done.stdout


def test_ask_offers_and_asks_nothing_for_words_that_are_not_a_title(oewg: Run) -> None:
    done = oewg("ask", "who chaired the oewg", root=ROOT)
    assert (done.exit_code, "oewg ask chairs" in done.stdout) == (1, True)
    assert "no question has exactly this title" in one_line(done.stderr)


def test_ask_answers_a_title(oewg: Run) -> None:
    title = "whom do the pages name as chair of each group, and which state is each chair from"
    done = oewg("ask", title, "-f", "csv", root=ROOT)
    assert (done.exit_code, done.stdout.startswith("post,postLabel,holder")) == (0, True)


@pytest.mark.parametrize("command", ["questions", "ask"])
def test_one_line_says_what_is_not_held(command: str, oewg: Run) -> None:
    done = oewg(command, "what is france's position on sovereignty", "-f", "json", root=ROOT)
    assert (done.exit_code, json.loads(done.stdout)) == (1, [])
    assert "do not contain positions" in one_line(done.stderr)


@pytest.mark.parametrize("text", ["", "x" * 501])
def test_an_invalid_text_is_refused_in_one_line(text: str, oewg: Run) -> None:
    done = oewg("questions", text, root=ROOT)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "ask a question in one sentence" in one_line(done.stderr)


def test_questions_are_a_line_each_under_their_subject(oewg: Run) -> None:
    lines = oewg("questions", "-f", "table", root=ROOT).stdout.splitlines()
    assert re.fullmatch(r"Drafts \(\d+\)", lines[0])
    assert (
        sum(
            line.startswith("  chairs ")
            and line.endswith("Whom do the pages name as Chair of each group, and which state is each Chair from?")
            for line in lines
        )
        == 1
    )
    assert len(lines) < 175


def test_json_has_readings_and_what_each_parameter_may_be(oewg: Run) -> None:
    questions = {one["name"]: one for one in json.loads(oewg("questions", "-f", "json", root=ROOT).stdout)}
    asked = questions["states-on-both-drafts"]
    drafts = next(one["values"] for one in asked["parameters"] if one["name"] == "first")
    assert {
        "value": "document:oewg1-final-draft",
        "label": "Final Draft of the OEWG substantive report (named once)",
    } in drafts
    assert len(drafts) == 5
    assert asked["readings"][0] == {"name": "only comments count", "values": {"kind": "kind:comments"}, "see": False}


def test_help_after_a_name_explains_its_settings(oewg: Run) -> None:
    done = oewg("ask", "contributions-on-draft", "--help", root=ROOT)
    assert done.exit_code == 0
    assert re.search(
        r"-p draft=\.\.\.\n +the draft contributed to \(draft\)\n +default: First Draft of the OEWG substantive report\n +one of 5: ",
        done.stdout,
    )
    assert oewg("ask", "nothing-like-it", "--help", root=ROOT).exit_code == 2


@pytest.mark.parametrize(
    ("name", "given"),
    [("sessions-of-process", "process=GGE 2019-2021"), ("provisions-of-document", "document=report of 2013")],
)
def test_a_label_that_the_program_prints_is_accepted(name: str, given: str, oewg: Run) -> None:
    asked = oewg("ask", name, "-p", given, "-f", "csv", root=ROOT)
    assert (asked.exit_code, asked.stdout.count("\n") > 1) == (0, True)


def test_help_of_a_question_says_what_several_things_may_be(oewg: Run) -> None:
    told = oewg("ask", "actors-in-lists", "--help", root=ROOT).stdout
    words = " ".join(told.split())
    meant = (
        "-p not-in=... the lists on which the actors must not appear (list, draft or event, one or several with commas)"
    )
    assert f"{meant} default: none one of" in words
    assert "default: all one of 2: all; any" in words


def test_several_things_are_named_in_words(oewg: Run) -> None:
    asked = ("ask", "actors-in-lists", "-p", "in=zero-draft,working-papers", "-p", "not-in=pre-draft", "-f", "md")
    shown = oewg(*asked, root=ROOT).stdout
    assert "(in: Zero Draft of the OEWG substantive report, Working papers of Member States" in shown.splitlines()[0]
    assert "(default" not in shown.splitlines()[0]
    assert "| Slovenia |" in shown and "1 row" in shown  # 001:64, 001:240, and not in 001:130-173


def test_show_begins_with_what_matters(oewg: Run) -> None:
    first = oewg("show", "Estonia", "-f", "md", root=ROOT).stdout
    titles = [
        "In what ways did Estonia take part in the negotiations?",
        "Which lists include Estonia, and which do not?",
        "How did Estonia vote on each resolution?",
    ]
    places = [first.index(title) for title in titles]
    assert places == sorted(places)
    assert "Correlates of War code" not in first
    assert "Correlates of War code" in oewg("show", "Estonia", "-f", "md", "--all", root=ROOT).stdout
    assert "Correlates of War code" in oewg("show", "Estonia", "-f", "csv", root=ROOT).stdout


def test_search_groups_what_it_finds(oewg: Run) -> None:
    shown = oewg("search", "side events canada", "-f", "table", root=ROOT).stdout
    heads = re.findall(r"^([A-Z][a-z ]+) \((\d+)\)$", shown, re.MULTILINE)
    assert heads[0] == ("Side event", "4")  # named in 002:92, 002:150, 002:170, 002:190
    assert [name for name, _ in heads].index("Question") == len(heads) - 1


# What a person writes that the data do not take, and the words of the line that says so.
NOT_TAKEN = {
    "votes-of-state -p state=Palestine": 'recorded as another kind of entity, "State of Palestine" (observer:PSE)',
    "votes-of-state -p state='European Union'": 'recorded as another kind of entity, "European Union (EU)" (group:EU)',
    "compare -p actors='Zero Draft,Iran'": 'another kind of entity, "Zero Draft of the OEWG substantive report"',
    "group-members-at-date -p group=NATO": '"group"; choose, for example, "Caribbean Community (CARICOM)"',
    "states-on-both-drafts --by group:XYZ": '"group"; choose, for example, "Caribbean Community (CARICOM)"',
    "votes-of-state -p state=Iram": '; did you mean "Iraq" (state:IRQ) or "Iran (Islamic Republic of)" (state:IRN)?',
    "names-of-actor -p actor='Iran (Islamic Republc of)'": 'did you mean "Iran (Islamic Republic of)" (state:IRN)?',
    "texts-in-language -p language=Klingon": "; choose, for example, ",
    "lines-under-heading -p heading=p1:9999": "; did you mean p1:99, p1:199 or p1:9?",
    "votes-of-silent-states -p vote=maybe": "; use yes, no, abstained, did not vote or any",
    "co-host-pairs -p least=-1": "'-1' is not a valid integer for \"least\"; use digits, such as 2",
    "votes-of-state -p state=Iran -p state=Iraq": "-p state is given twice, but can have only one value; give one of them",
    "states-on-both-drafts --by planet": "un-group, vote:RESOLUTION; @DATE can be added to each",
}


@pytest.mark.parametrize("words", NOT_TAKEN)
def test_a_value_that_is_not_taken_is_named_with_what_is_near_it(words: str, oewg: Run) -> None:
    done = oewg("ask", *shlex.split(words), root=ROOT)
    assert (done.exit_code, done.stdout) == (2, "")
    assert NOT_TAKEN[words] in one_line(done.stderr)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the query is empty; give a file or the text of a query"),
        (" \n", "the query is empty; give a file or the text of a query"),
        ("INSERT DATA { <a> <b> <c> }", "this is an update; give a query (SELECT, ASK, CONSTRUCT or DESCRIBE)"),
        ("PREFIX a: <http://a/> # x\nDELETE WHERE { ?s a:b ?c }", "this is an update; give a query (SELECT, "),
        ("SELECT ?x { ?x a oewg:State } LIMIT", "syntax error: a number is missing after LIMIT"),
        ("SELECT ?x { ?x a oewg:State } limit ten", "syntax error: a number is missing after LIMIT"),
    ],
)
def test_what_is_not_a_query_is_named(text: str, told: str, oewg: Run) -> None:
    done = oewg("query", text)
    assert (done.exit_code, done.stdout) == (3, "")
    assert told in one_line(done.stderr)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ("serve --port abc", "'--port': 'abc' is not a number."),
        ("serve --port 99999", "'--port': 99999 is not between 1 and 65535"),
        ("agreement --least 0", "'--least': 0 is less than 1"),
        ("ask adoptions --seconds 0", "'--seconds': 0.0 is less than 0.01"),
        ("export foo", "unexpected ‘foo’; put quotation marks around words that belong together"),
        ("search side events", "unexpected ‘events’; put quotation marks around words that belong together"),
    ],
)
def test_a_command_written_wrongly_is_explained_in_plain_words(args: str, told: str, oewg: Run) -> None:
    done = oewg(*args.split())
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.rstrip().endswith(told)
