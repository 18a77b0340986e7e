"""What is not there: an answer without rows has a reason that is true, and what a page leaves open leaves no row out.

The names and numbers were read from the pages.
"""

import json
import re
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from conftest import ROOT
from explorer import serve
from oewg_kg import dataset, query, tables
from oewg_kg.answers import empty as absence
from oewg_kg.cli import main
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

FINAL, REVISED = "document:oewg1-final-draft", "document:oewg1-revised-pre-draft"
NOTHING_ON_REVISED = "no page lists a contribution to “Revised pre-draft of the OEWG report”"
# 000:122-170
SEATS = (
    "Australia; Brazil; China; Estonia; France; Germany; India; Indonesia; Japan; Jordan; Kazakhstan; Kenya; Mauritius; "
    "Mexico; Morocco; Netherlands; Norway; Romania; Russian Federation; Singapore; South Africa; Switzerland; "
    "United Kingdom; United States; Uruguay"
)
# 002:88-196, themselves or through a ministry or mission
HOSTS = (
    "Argentina; Australia; Brazil; Canada; Chile; Colombia; Czech Republic; Denmark; Fiji; France; Germany; Ireland; Israel; "
    "Jordan; Mexico; Netherlands; Republic of Korea; Singapore; Switzerland; United Kingdom; Uruguay"
)


@pytest.fixture(scope="module")
def store(kg: KnowledgeGraph) -> ox.Store:
    """Hold the graph in memory, where many small queries are quick."""
    copy = ox.Store()
    copy.bulk_extend(kg.dataset.store)
    return copy


@pytest.fixture(scope="module")
def client(kg: KnowledgeGraph) -> Iterator[TestClient]:
    yield from serve(kg)


def changed(store: ox.Store, more: list[ox.Quad]) -> dataset.Dataset:
    """Copy the graph with more quads."""
    copy = ox.Store()
    copy.bulk_extend([*store, *more])
    return dataset.Dataset(copy, {})


def doubled(kg: KnowledgeGraph, once: dataset.Dataset, twice: dataset.Dataset) -> set[str]:
    """Name the questions that have more rows on the second dataset."""
    return {
        name
        for name, saved in kg.questions.items()
        if len(query.run(once, saved, {}).rows) != len(query.run(twice, saved, {}).rows)
    }


def batch(saved: SavedQuery, parameter: Parameter, values: list[str]) -> str:
    """Write a question for all choices of a parameter at once."""
    default = f"VALUES ?{parameter.variable} {{ {parameter.default} }}"
    assert default in saved.text
    return saved.text.replace(default, f"VALUES ?{parameter.variable} {{ {' '.join(f'<{one}>' for one in values)} }}")


def matched(saved: SavedQuery, parameter: Parameter, values: list[str], pattern: str) -> str:
    """Ask for which choices the pattern of a sentence has a match, the other parameters with their defaults."""
    others = {one.variable: one.term for one in saved.parameters if one != parameter}
    asked = absence.ask(others, pattern).partition("SELECT (1 AS ?match) WHERE {")
    bound = f"VALUES ?{parameter.variable} {{ {' '.join(f'<{one}>' for one in values)} }}"
    return f"{asked[0]} SELECT DISTINCT ?{parameter.variable} {{ {bound} {asked[2].removesuffix(' LIMIT 1')}"


def values_in(store: ox.Store, text: str, variable: str) -> set[str]:
    return {row[variable].value for row in dataset.select(store, text)}


@pytest.mark.slow
def test_over_all_choices_an_empty_answer_has_a_reason_and_the_reason_is_true(
    kg: KnowledgeGraph, store: ox.Store
) -> None:
    asked, empty, wrong = 0, 0, []
    for saved in kg.questions.values():
        sentences = absence.SENTENCE.findall(saved.text)
        for parameter in (one for one in saved.parameters if one.type == "iri"):
            choices = list(query.choices(store, parameter))
            with_rows = values_in(store, batch(saved, parameter, choices), parameter.variable)
            asked, empty = asked + len(choices), empty + len(choices) - len(with_rows)
            without_reason = set() if any(not pattern for _, pattern in sentences) else set(choices) - with_rows
            for sentence, pattern in sentences:
                if pattern:
                    met = values_in(store, matched(saved, parameter, choices, pattern), parameter.variable)
                    without_reason &= met
                    wrong += [f"{saved.name}, {one}: not true that {sentence}" for one in sorted(with_rows - met)]
            wrong += [f"{saved.name}, {one}: no rows, and no reason" for one in sorted(without_reason)]
    assert wrong == [], "correct the lines '#+ empty:' in queries/"
    assert (asked > 4000, empty > 2000) == (True, True), (asked, empty)


def test_every_answer_that_is_empty_by_default_has_a_reason(kg: KnowledgeGraph) -> None:
    empty = {name: answer.reason for name in kg.questions if not len(answer := kg.ask(name))}
    assert empty == {
        "cancelled-events-held-later": "no page gives an actual date for a meeting that a page calls cancelled",
        "contributions-on-revised-pre-draft": "no page lists a contribution to the revised pre-draft",
        "dated-tenures": "no page gives the dates of a term of office",
    }


def test_every_question_with_parameters_has_a_last_sentence_for_any_values(kg: KnowledgeGraph) -> None:
    with_parameters = [saved for saved in kg.questions.values() if saved.parameters]
    assert len(with_parameters) > 60
    for saved in with_parameters:
        sentences = absence.SENTENCE.findall(saved.text)
        assert sentences, f"{saved.name}: add lines '#+ empty:'"
        assert not sentences[-1][1], (
            f"{saved.name}: the last '#+ empty:' has no pattern, and is true of any empty answer"
        )
        for name in re.findall(r"\{([\w-]+)\}", " ".join(sentence for sentence, _ in sentences)):
            assert saved.parameter(name)


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("contributions-on-draft", {"draft": REVISED}, NOTHING_ON_REVISED),
        ("states-on-both-drafts", {"second": REVISED}, NOTHING_ON_REVISED),
        ("contribution-and-vote", {"draft": REVISED}, NOTHING_ON_REVISED),
        (
            "votes-by-regional-group",
            {"resolution": "document:a-res-68-243"},
            "this dataset has no recorded vote on “Resolution A/RES/68/243”; a resolution adopted without a vote has none",
        ),
        (
            "states-not-in-list",
            {"list": "list:oewg1-schedule"},
            "“Schedule of meetings of the OEWG 2019-2021” contains no state",
        ),
        (
            "entries-that-are-not-states",
            {"list": "list:oewg1-informal-papers-ngos"},
            "“Informal papers of non-governmental organizations for the OEWG 2019-2021” is not a list of Member States",
        ),
        ("lines-under-heading", {"heading": "p1:24"}, "no line is directly under oewg-2019-2021, line 24"),
        ("actors-by-printed-name", {"text": "xyzzy"}, "no page prints a name of an actor containing “xyzzy”"),
        ("states-on-only-one-draft", {"first": FINAL, "second": FINAL}, "the two drafts are the same"),
    ],
)
def test_why_there_are_no_rows(name: str, values: dict[str, str], sentence: str, kg: KnowledgeGraph) -> None:
    answer = kg.ask(name, **values)
    assert (len(answer), answer.reason) == (0, sentence)
    assert sentence in answer._repr_html_()


def test_a_resolution_of_which_a_page_says_so_was_adopted_without_a_vote(store: ox.Store, kg: KnowledgeGraph) -> None:
    saved = kg.questions["votes-by-regional-group"]
    resolution, mode = ox.NamedNode(PREFIXES["document"] + "a-res-68-243"), ox.NamedNode(OEWG + "adoptionMode")
    told = ox.Quad(resolution, mode, ox.NamedNode(PREFIXES["kind"] + "by-consensus"))
    why = absence.reason(changed(store, [told]), saved, {"resolution": resolution})
    assert why == "“Resolution A/RES/68/243” was adopted by consensus, without a vote"


def oewg(*args: str) -> tuple[str, str]:
    done = CliRunner().invoke(main, ["--root", str(ROOT), *args])
    assert done.exit_code == 0
    return done.stdout, done.stderr


def test_the_command_line_says_why_in_a_pipe_too() -> None:
    question = ("ask", "contributions-on-draft", "-p", f"draft={REVISED}")
    for format in ("csv", "tsv", "json", "bibtex", "footnotes"):
        out, err = oewg(*question, "-f", format)
        assert err.startswith(f"0 rows: {NOTHING_ON_REVISED}. Counted: "), format
        assert format != "json" or json.loads(out)["question"]["reason"] == NOTHING_ON_REVISED
    for format in ("table", "md"):
        out, err = oewg(*question, "-f", format)
        assert (f"0 rows: {NOTHING_ON_REVISED}." in out, err) == (True, "")
    assert oewg("ask", "contributions-on-draft", "-f", "csv")[1] == ""


def test_the_pages_and_their_files_say_why(client: TestClient) -> None:
    asked = f"questions/contributions-on-draft{{}}?draft={REVISED}"
    assert f"No rows: {NOTHING_ON_REVISED}. “Not listed” only means" in client.get(asked.format("")).text
    assert client.get(asked.format(".json")).json()["question"]["reason"] == NOTHING_ON_REVISED
    assert client.get(asked.format(".footnotes.md")).text.endswith(f"\n\nNo rows: {NOTHING_ON_REVISED}.\n")
    assert "reason" not in client.get("questions/contributions-on-draft.json").json()["question"]


def test_the_example_in_the_help_has_rows() -> None:
    example = re.search(r"Example: oewg (ask .*)", oewg("ask", "--help")[0])
    assert example
    assert oewg(*example[1].split(), "-f", "csv")[0].count("\n") > 1


@pytest.mark.parametrize("draft", [FINAL, REVISED])
def test_where_no_list_covers_a_draft_each_row_says_so(draft: str, kg: KnowledgeGraph) -> None:
    nobody = "no list of Member States covers this draft"
    states = kg.ask("states-not-on-draft", draft=draft)
    assert (len(states), set(states.column("notListedInLabel"))) == (61, {nobody})  # not Fiji, which only 002:150 names
    assert set(kg.ask("gge-countries-not-on-draft", draft=draft).column("countryLabel")) == set(SEATS.split("; "))
    neither = kg.ask("states-on-neither-draft", first=draft, second="document:oewg1-zero-draft")
    covered = {(row["draftLabel"], row["notListedInLabel"] == nobody) for row in neither}
    assert {label for label, none in covered if not none} == {"Zero Draft of the OEWG substantive report"}
    assert len(covered) == 2


def test_states_on_a_draft_are_missing_on_one_that_no_list_covers(kg: KnowledgeGraph) -> None:
    found = kg.ask("states-on-only-one-draft", second=FINAL)
    assert len(found) == 44  # 001:130-173
    assert set(found.column("notListedInLabel")) == {"no list of actors of this kind covers the other draft"}
    groups = kg.ask("groups-on-only-one-draft", second=FINAL)
    assert set(groups.column("actorLabel")) == {"European Union (EU)", "Non-Aligned Movement (NAM)"}


def test_stakeholders_are_not_looked_for_in_a_list_of_member_states(kg: KnowledgeGraph) -> None:
    for row in kg.ask("states-on-only-one-draft", **{"actor-class": "oewg:Actor"}):
        if str(row["actor"]).startswith(PREFIXES["stakeholder"]):
            assert "Member States" not in str(row["notListedInLabel"]), row
        else:
            assert str(row["actor"]).startswith((PREFIXES["state"], PREFIXES["group"])), row


@pytest.mark.parametrize(
    ("name", "inside", "named_elsewhere"),
    [
        # what else 000, and 004:11, 37 and 86, name
        ("gge-2019-2021-members", SEATS, "Antigua and Barbuda; Canada; Colombia; Republic of Korea; Ukraine"),
        ("oewg2-side-events", HOSTS, "Russian Federation; Ukraine; United States"),
    ],
)
def test_who_has_a_seat_or_hosts_is_in_the_list(
    name: str, inside: str, named_elsewhere: str, kg: KnowledgeGraph
) -> None:
    outside = set(kg.ask("states-not-in-list", list=f"list:{name}").column("actorLabel"))
    assert outside == set(named_elsewhere.split("; "))
    assert outside & set(inside.split("; ")) == set()


@pytest.mark.parametrize("name", ["states-not-on-draft", "states-on-neither-draft", "states-not-in-list"])
def test_a_page_on_another_subject_moves_no_answer_about_who_is_missing(
    name: str, store: ox.Store, kg: KnowledgeGraph
) -> None:
    """Ghana is named on none of the pages that these answers were read from."""
    page = PREFIXES["source"] + "lethal-weapons"
    line, state = ox.NamedNode(f"{page}#L1"), ox.NamedNode(PREFIXES["state"] + "GHA")
    facts = [
        (line, ox.NamedNode(OEWG + "ofSource"), ox.NamedNode(page)),
        (line, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "SourceLine")),
        (state, ox.NamedNode(OEWG + "nameInSource"), ox.Literal("Ghana")),
        (
            ox.NamedNode(PREFIXES["event"] + "laws-1"),
            ox.NamedNode(OEWG + "ofProcess"),
            ox.NamedNode(PREFIXES["process"] + "laws"),
        ),
    ]
    more = [ox.Quad(*fact, graph) for fact in facts for graph in (line, ox.DefaultGraph())]
    saved = kg.questions[name]
    assert query.run(changed(store, more), saved, {}) == query.run(kg.dataset, saved, {})
    same_process = [
        ox.Quad(
            ox.NamedNode(PREFIXES["event"] + "x"),
            facts[3][1],
            ox.NamedNode(PREFIXES["process"] + "ict-oewg-2019-2021"),
            line,
        )
    ]
    then = query.run(changed(store, more + same_process), saved, {})
    assert state in {row[0] for row in then.rows}


def test_seats_and_hosts_are_in_lists_of_actors_too(kg: KnowledgeGraph) -> None:
    counted = kg.ask("actors-counted-in-lists", process="process:ict-gge-2019-2021")
    assert ("Countries of the members of the GGE 2019-2021", 25) in [(r["listLabel"], r["actors"]) for r in counted]
    both = kg.ask("actors-in-both-lists", first="list:ict-gge-2019-2021-members", second="list:oewg1-pd-states")
    assert set(both.column("actorLabel")) == set(kg.ask("gge-countries-on-draft").column("countryLabel"))


def test_a_joint_group_of_civil_society_counts_as_a_stakeholder(kg: KnowledgeGraph) -> None:
    asked = {"draft": "document:oewg1-first-draft", "actor-class": "oewg:Stakeholder"}
    assert set(kg.ask("actors-on-draft", **asked).column("actorLabel")) == {  # 001:76-87
        "Joint Civil Society Group",
        "Cybersecurity Tech Accord",
        "DiploFoundation",
        "Global Commission on the Stability of Cyberspace (GCSC)",
        "Global Forum on Cyber Expertise (GFCE)",
        "International Committee of the Red Cross (ICRC)",
    }
    for name in ("draft-actor-matrix", "list-actor-matrix"):
        found = kg.ask(name, actor_class="oewg:Stakeholder").column("actorLabel")
        assert "Joint Civil Society Group" in found, name


def test_five_papers_are_five_however_many_labels_and_authors(kg: KnowledgeGraph) -> None:
    values = {"list": "list:oewg1-informal-papers-ngos"}  # 001:258-262, the first on 000:100 too
    assert len(kg.ask("contributions-in-list", **values)) == 6, "one row for each author"
    assert "6 rows (5 contributions). Counted:" in oewg("ask", "ngo-papers", "-f", "table")[0]
    readings = oewg("ask", "contributions-in-list", "-f", "table")[0]
    assert "See also informal papers of NGOs: 6 rows (5 contributions) (" in readings


def test_no_row_is_doubled_by_a_printed_label(kg: KnowledgeGraph, store: ox.Store) -> None:
    """Give each thing that has a printed label a second one: no question has a row more for it."""
    labelled = ox.NamedNode(OEWG + "labelInSource")
    twice = changed(
        store,
        [
            ox.Quad(quad.subject, labelled, ox.Literal("a second label"), quad.graph_name)
            for quad in store.quads_for_pattern(None, labelled, None)
        ],
    )
    assert doubled(kg, dataset.Dataset(store, {}), twice) == set()


def test_no_row_or_count_is_doubled_by_a_second_membership(kg: KnowledgeGraph, store: ox.Store) -> None:
    """Let each state belong to its regional group twice, as one that left and came back: it votes once all the same."""
    again = [
        ox.Quad(ox.NamedNode(quad.subject.value + "-again"), quad.predicate, quad.object)
        for name in ("member", "organization")
        for quad in store.quads_for_pattern(None, ox.NamedNode(PREFIXES["org"] + name), None, ox.DefaultGraph())
    ]
    saved = kg.questions["votes-by-regional-group"]
    rows = [query.run(one, saved, {}).rows for one in (dataset.Dataset(store, {}), changed(store, again))]
    assert rows[0] == rows[1] != ()


@pytest.mark.slow
def test_what_an_actor_gave_and_hosted(kg: KnowledgeGraph) -> None:
    kaspersky = [(row["part"], row["labelInSource"]) for row in kg.ask("contributions-of-actor", actor="Kaspersky")]
    assert sorted(kaspersky, key=str) == [  # 001:90 and 001:192
        ("annex", "Sept 2020 Annex"),
        ("author", "1"),
        ("author", "2"),
        ("author", "Sept 2020 submission"),
        ("author", "comments on Zero Draft"),
        ("author", None),
    ]
    israel = kg.ask("contributions-of-actor", actor="state:ISR")
    assert "co-host" in israel.column("part")
    assert (
        "has attachment,Kaspersky: Sept 2020 Annex (document:oewg1-st-kaspersky-3-attachment-1),oewg-2019-2021 90"
        in (oewg("show", "Kaspersky", "-f", "csv")[0].splitlines())
    )
    assert "mentioned under co-hosted by,Side event" in oewg("show", "state:ISR", "-f", "csv")[0]
    assert "mentioned under kind," in oewg("show", "kind:comments", "-f", "csv")[0]


@pytest.mark.parametrize(
    ("process", "lines"),
    [
        (
            "oewg-2019-2021",
            [{"gge-oewg-events 30", "oewg-2019-2021 1"}] * 3 + [{"gge-oewg-events 30, 200", "oewg-2019-2021 1"}],
        ),
        ("gge-2019-2021", [{"gge-oewg-events 116"}] * 3),
    ],
)
def test_a_mandate_without_numbers_or_topics_is_reported(
    process: str, lines: list[set[str]], kg: KnowledgeGraph
) -> None:
    found = kg.ask("mandate-items", process=f"process:{process}")
    assert [set(tables.short_lines(cited).split("; ")) for cited in found.citations] == lines


def test_the_timeline_has_no_side_events(kg: KnowledgeGraph) -> None:
    found = kg.ask("timeline", **{"from": "2024-03-01", "to": "2024-03-31"})
    assert set(found.column("eventLabel")) == {"Seventh substantive session of the OEWG 2021-2025"}  # 002:40-42, 004:6


def test_the_question_on_tenures_reads_what_the_check_on_tenures_reads(kg: KnowledgeGraph, store: ox.Store) -> None:
    """Date a tenure, and add a second one on the same day: the question has both, and the check finds the overlap."""
    tenure, other = (ox.NamedNode(f"{PREFIXES['tenure']}oewg1-chair-{number}") for number in (1, 2))
    line = ox.NamedNode("https://w3id.org/oewg-kg/source/oewg-2019-2021#L2")
    day = ox.Literal("2020-01-01", datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))
    told = {"heldPost": ox.NamedNode(PREFIXES["post"] + "oewg1-chair"), "activeEarliest": day, "activeLatest": day}
    dated = changed(
        store,
        [
            ox.Quad(one, ox.NamedNode(OEWG + name), value, graph)
            for one in (tenure, other)
            for name, value in told.items()
            for graph in (line, ox.DefaultGraph())
        ],
    )
    rows = query.run(dated, kg.questions["dated-tenures"], {}).rows
    assert [row[0] for row in rows] == [tenure]
    check = (ROOT / "queries/checks/overlapping-tenures-violation.rq").read_text(encoding="utf-8")
    assert [row["focus"] for row in dataset.select(dated.store, check)] == [tenure]
