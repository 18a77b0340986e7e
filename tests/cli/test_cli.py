"""The command line: each command's work, its exit code, its one line of error; and never a traceback."""

import csv
import importlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

import external
from conftest import OEWG, ROOT, Run, Start, one_line
from listening import playing
from oewg_kg.cli import MAKING, READING, main

# Run on the small world, because they write, or need the text of a page; the others run on the real graph.
ON_THE_SMALL_WORLD = {"site", "build", "coverage"}
# What waits for requests, or needs files or a history of its own, is run in the test file of its room.
ELSEWHERE = {
    "serve",
    "diff",
    "draft",
    "export",
    "import",
    "init",
    "link",
    "mcp",
    "publish",
    "reconcile",
    "release",
    "source",
}


def leaves(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Walk over all commands, those below another one too, with their whole names."""
    context = click.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


COMMANDS = dict(leaves(main))


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def example(name: str) -> str:
    found = re.search(r"Example: (oewg .*)", COMMANDS[name].help or "")
    assert found, f"oewg {name} --help has no line 'Example: oewg {name} ...'"
    return found[1]


def test_there_are_the_commands_of_the_design() -> None:
    expected = {"build", "validate", "coverage", "questions", "ask", "query", "show", "search", "why", "info"}
    assert expected <= set(main.list_commands(click.Context(main)))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_a_command_does_and_gives_an_example(name: str) -> None:
    done = CliRunner().invoke(main, [*name.split(), "--help"])
    assert done.exit_code == 0
    assert example(name).startswith(f"oewg {name}")
    assert "Example: oewg " in done.stdout


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.split()[0] not in ELSEWHERE])
@pytest.mark.slow
def test_the_example_of_the_help_runs(name: str, mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-facts.ttl").write_text("<https://example.org/a> <https://example.org/b> 1 .\n")
    shutil.copy(mini / "pages" / "001_first.txt", tmp_path / "page.txt")
    if name == "verify":
        CliRunner().invoke(main, ["ask", "states-on-both-drafts", "-o", "answer.csv", "--receipt", "receipt.json"])
    root = mini if name in ON_THE_SMALL_WORLD else ROOT
    done = CliRunner().invoke(main, ["--root", str(root), *shlex.split(example(name))[1:]])
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.strip()


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command(flag: str) -> None:
    done = CliRunner().invoke(main, [flag])
    assert done.exit_code == 0
    assert all(re.search(rf"^  {name} ", done.stdout, re.MULTILINE) for name in main.list_commands(click.Context(main)))


def test_the_version_is_shown() -> None:
    from oewg_kg import __version__

    assert CliRunner().invoke(main, ["--version"]).stdout == f"oewg, version {__version__}\n"


def test_build_tells_what_it_made(oewg: Run, mini: Path) -> None:
    done = oewg("build")
    assert done.exit_code == 0
    assert re.fullmatch(
        r"\d+ quads stated, 1 claims set aside, \d+ triples inferred, \d+ quads in total\n", done.stdout
    )
    assert (mini / "build" / "snapshot.nq").is_file()
    assert done.stderr == ""


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "md", "table"])
def test_questions_are_listed_in_every_format(format: str, oewg: Run) -> None:
    done = oewg("questions", "-f", format)
    assert done.exit_code == 0
    assert "contributions-on" in done.stdout
    assert "adoptions" in done.stdout
    if format == "csv":
        assert len(rows(done.stdout)) == 3
    if format == "json":
        assert {q["name"] for q in json.loads(done.stdout)} == {"contributions-on", "adoptions"}


def test_questions_of_one_tag(oewg: Run) -> None:
    assert [row[0] for row in rows(oewg("questions", "--tag", "dates").stdout)[1:]] == ["adoptions"]


def test_an_answer_in_a_pipe_is_csv_with_complete_iris(oewg: Run) -> None:
    done = oewg("ask", "contributions-on", "--cite")
    assert rows(done.stdout) == [
        ["actor", "actorLabel", "length", "lines"],
        [
            "https://w3id.org/oewg-kg/state/EST",
            "Estonia",
            "7",
            "https://w3id.org/oewg-kg/source/oewg-2019-2021#L2",
        ],
        [
            "https://w3id.org/oewg-kg/state/IRN",
            "Iran (Islamic Republic of)",
            "26",
            "https://w3id.org/oewg-kg/source/oewg-2019-2021#L4",
        ],
    ]


def test_an_answer_as_a_table_tells_its_definition_assumptions_and_other_readings(oewg: Run) -> None:
    text = oewg("ask", "contributions-on", "-p", "since=2020-05-01", "--cite", "-f", "table").stdout
    assert "Who contributed to a draft? (since: 2020-05-01)" in text
    told = "here with since = 2020-05-01 instead of 2000-01-01."
    assert f"1 row. Counted: every contribution listed with the draft as its target; {told}" in text
    assert "draft = Zero Draft of the small world; since = 2020-05-01" in text
    assert "See also the report: 1 row, a different one (-p draft=document:mini-report)." in text
    assert "The lines are under these headings: oewg-2019-2021 1." in text
    assert "https://" not in text, "people read labels, not IRIs"


def test_an_answer_as_a_workbook_has_typed_cells_and_says_what_was_counted(oewg: Run, tmp_path: Path) -> None:
    book = external.module("openpyxl", "openpyxl")
    oewg("ask", "votes-by-regional-group", "--cite", "-o", str(tmp_path / "votes.xlsx"), root=ROOT)
    made = book.load_workbook(tmp_path / "votes.xlsx")
    head, first = ([cell.value for cell in row] for row in made["answer"].iter_rows(max_row=2))
    votes = ["yes", "no", "abstained", "notVoting", "uncertain"]
    assert head[2:] == [*votes, "lines"] and {type(n) for n in first[2:7]} == {int}
    assert made["answer"].freeze_panes == "A2"
    told = [row[0].value for row in made["notes"]]
    assert told[1].startswith("How did the members of each regional group") and told[2].startswith("5 rows. Counted: ")
    assert any(note.startswith("Settings: resolution") for note in told)
    oewg("ask", "timeline", "-f", "xlsx", "-o", str(tmp_path / "time.xlsx"), root=ROOT)
    days = {type(row[2].value) for row in book.load_workbook(tmp_path / "time.xlsx")["answer"].iter_rows(min_row=2)}
    assert days == {datetime}


def test_a_workbook_needs_a_file_and_an_answer(oewg: Run, tmp_path: Path) -> None:
    assert "xlsx needs a file" in one_line(oewg("ask", "adoptions", "-f", "xlsx").stderr)
    assert "oewg ask" in one_line(oewg("questions", "-o", str(tmp_path / "q.xlsx")).stderr)


def test_values_are_written_for_people_and_for_programs(oewg: Run) -> None:
    text = oewg("ask", "contributions-on", "-f", "md").stdout
    assert "Settings: draft = Zero Draft of the small world; since = 2000-01-01; at-least = 0; word = (empty)." in text
    about = json.loads(oewg("ask", "contributions-on", "-p", "since=2020-05-01", "-f", "json").stdout)["question"]
    assert about["parameters"]["since"] == "2020-05-01" and about["parameters"]["word"] == ""
    assert "since: 2020-05-01, at least: 0" in about["asked"] and "here with since = " in about["definition"]
    cited = oewg("ask", "contributions-on", "-f", "bibtex").stdout
    assert "annotation = {Who contributed to a draft? (draft: Zero Draft of the small world, since: " in cited
    (item, *_) = json.loads(oewg("ask", "contributions-on", "-f", "csl-json").stdout)
    assert item["annote"].startswith("Who contributed to a draft? (draft: Zero Draft of the small world, since: ")


def test_a_query_is_run_without_an_option(oewg: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "select ?s where { ?s a oewg:State } order by ?s limit 1"
    assert oewg("query", text).stdout == oewg("query", "-q", text).stdout == "s\nhttps://w3id.org/oewg-kg/state/CIV\n"
    assert "yes" in oewg("query", "# a comment\nPREFIX o: <http://o/> ASK\n{}", "-f", "table").stdout
    assert "oewg:Actor" in oewg("query", "DESCRIBE state:EST").stdout
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ask me {}.rq").write_text("SELECT (1 AS ?file) {}")
    assert oewg("query", "ask me {}.rq").stdout == "file\n1\n"
    missing = oewg("query", "select.rq")
    assert missing.exit_code == 5 and "file or folder not found" in missing.stderr
    assert oewg("query", "SELECT " + "?x" * 5000).exit_code == 3


def test_a_query_is_laid_out_for_people(oewg: Run, tmp_path: Path) -> None:
    text = "SELECT ?s ?name { ?s a oewg:State ; skos:prefLabel ?name FILTER (LANG(?name) = 'en') } ORDER BY ?s LIMIT 1"
    table = "| s | name |\n| --- | --- |\n| state:CIV | Côte d'Ivoire |\n"
    assert oewg("query", text, "-f", "md").stdout == table
    assert oewg("query", text, "-f", "table").stdout.splitlines()[2].split() == ["state:CIV", "│", "Côte", "d'Ivoire"]
    assert oewg("query", text, "-o", str(tmp_path / "a.md")).exit_code == 0
    assert (tmp_path / "a.md").read_text() == table
    assert oewg("query", "ASK { state:EST a oewg:StateGroup }", "-f", "md").stdout == "no\n"
    wrong = oewg("query", "DESCRIBE state:EST", "-f", "md")
    assert wrong.exit_code == 2 and "a graph cannot be written as md; use one of turtle" in wrong.stderr


@pytest.mark.parametrize(
    ("format", "told"),
    [("table", "0 editorial decisions"), ("csv", "about,claim"), ("json", "[]"), ("md", "| about | ")],
)
def test_a_root_without_decisions_has_no_conflicts(format: str, told: str, mini: Path, oewg: Run) -> None:
    (mini / "data" / "decisions.ttl").unlink()
    done = oewg("conflicts", "-f", format)
    assert done.exit_code == 0 and told in done.stdout
    assert oewg("conflicts", "75/240").exit_code == 2


def test_an_answer_without_rows_says_so(oewg: Run) -> None:
    done = oewg("ask", "contributions-on", "-p", "word=xyzzy", "-f", "table")
    assert done.exit_code == 0
    assert "no rows\n" in done.stdout
    assert rows(oewg("ask", "contributions-on", "-p", "word=xyzzy").stdout) == [["actor", "actorLabel", "length"]]


def test_an_answer_as_json_is_read_by_a_reader_of_sparql_json(oewg: Run) -> None:
    text = oewg("ask", "contributions-on", "--cite", "-f", "json").stdout
    read = ox.parse_query_results(text.encode(), format=ox.QueryResultsFormat.JSON)
    assert isinstance(read, ox.QuerySolutions)
    assert [row["actorLabel"].value for row in read] == ["Estonia", "Iran (Islamic Republic of)"]
    about = json.loads(text)["question"]
    assert (about["name"], about["rows"]) == ("contributions-on", 2)


def test_an_answer_as_markdown_has_a_table(oewg: Run) -> None:
    text = oewg("ask", "adoptions", "-f", "md").stdout
    assert "| document | day |\n| --- | --- |\n| Report of the small world | 2021-03-12 |\n" in text


@pytest.mark.parametrize(
    ("name", "begins"),
    [("a.csv", "document,"), ("a.tsv", "document\t"), ("a.json", "{"), ("a.md", "Which texts"), ("a", "document,")],
)
def test_a_file_is_written_in_the_format_of_its_name(name: str, begins: str, oewg: Run, tmp_path: Path) -> None:
    done = oewg("ask", "adoptions", "-o", str(tmp_path / "new" / name))
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / "new" / name).read_text().startswith(begins)
    assert [p.name for p in (tmp_path / "new").iterdir()] == [name]


@pytest.mark.parametrize(
    ("query", "name", "begins"),
    [
        ("SELECT ?s { ?s a oewg:State }", "a.csv", "s\n"),
        ("SELECT ?s { ?s a oewg:State }", "a.json", "{"),
        ("SELECT ?s { ?s a oewg:State }", "a.srx", "<?xml"),
        ("SELECT ?s { ?s a oewg:State }", "a.xml", "<?xml"),
        ("SELECT ?s { ?s a oewg:State }", "a.tsv", "?s\n"),
        ("DESCRIBE state:EST", "a.ttl", "@prefix"),
        ("DESCRIBE state:EST", "a.nt", "<https:"),
        ("DESCRIBE state:EST", "a.rdf", "<?xml"),
        ("DESCRIBE state:EST", "a.jsonld", "["),
        ("DESCRIBE state:EST", "a.json", "["),
        ("DESCRIBE state:EST", "a.txt", "@prefix"),
    ],
)
def test_a_query_writes_the_format_of_the_files_name(
    query: str, name: str, begins: str, oewg: Run, tmp_path: Path
) -> None:
    done = oewg("query", "-q", query, "-o", str(tmp_path / name))
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / name).read_text().replace("\r\n", "\n").startswith(begins)


def test_a_query_comes_from_a_file_the_line_or_standard_input(oewg: Run, tmp_path: Path) -> None:
    text = "SELECT ?s { ?s a oewg:State } ORDER BY ?s"
    (tmp_path / "q.rq").write_text(text)
    found = {
        oewg("query", "-q", text).stdout,
        oewg("query", str(tmp_path / "q.rq")).stdout,
        oewg("query", "-", stdin=text).stdout,
    }
    assert len(found) == 1
    assert len(rows(found.pop())) == 5


# The mark is taken off the bytes, whatever the surroundings say of texts.
@pytest.mark.parametrize(
    ("env", "mark"),
    [
        ({}, b"\xef\xbb\xbf"),
        ({"PYTHONIOENCODING": "cp1252"}, b""),
        ({"LC_ALL": "C", "PYTHONUTF8": "0"}, b"\xef\xbb\xbf"),
    ],
)
def test_a_query_is_utf_8_from_wherever_it_comes(
    mark: bytes, env: dict[str, str], oewg_process: Start, tmp_path: Path
) -> None:
    text = mark + 'SELECT ?s { ?s skos:prefLabel "Türkiye"@en ; a oewg:State }'.encode()
    (tmp_path / "q.rq").write_bytes(text)
    for done in (
        oewg_process("query", "-", input=text, env=env),
        oewg_process("query", str(tmp_path / "q.rq"), env=env),
    ):
        assert done.stdout.decode().split() == ["s", "https://w3id.org/oewg-kg/state/TUR"], done.stderr


@pytest.mark.parametrize("command", [["query", "-"], ["reconcile", "-", "--column", "Country"]])
def test_a_closed_standard_input_is_reported_in_one_line(command: list[str], mini: Path) -> None:
    shell = ["sh", "-c", 'exec "$0" "$@" <&-', str(OEWG), "--root", str(mini), *command]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (5, "")
    assert one_line(done.stderr) == "oewg: standard input is closed; open it, or name a file"


def test_each_kind_of_query_has_its_output(oewg: Run) -> None:
    assert json.loads(oewg("query", "-q", "ASK { state:EST a oewg:State }").stdout)["boolean"] is True
    assert "state:EST a oewg:Actor" in oewg("query", "-q", "CONSTRUCT WHERE { state:EST a oewg:Actor }").stdout
    assert "<https://w3id.org/oewg-kg/state/EST>" in oewg("query", "-q", "DESCRIBE state:EST", "-f", "ntriples").stdout


def test_a_false_ask_exits_1_when_asked_for(oewg: Run) -> None:
    no, yes = "ASK { state:EST a oewg:Draft }", "ASK { state:EST a oewg:State }"
    assert oewg("query", "-q", no).exit_code == 0
    assert oewg("query", "-q", no, "--exit-status").exit_code == 1
    assert oewg("query", "-q", yes, "--exit-status").exit_code == 0


def test_show_tells_facts_with_labels_and_lines(oewg: Run) -> None:
    found = rows(oewg("show", "Turkey").stdout)
    assert found[0] == ["property", "value", "stated in"]
    assert ["name in source", "Turkey", "oewg-2019-2021-monitor 2"] in found
    assert ["contributed on", "Report of the small world (document:mini-report)", "inferred"] in found
    assert ["adopted on", "2021-03-05", "oewg-2019-2021 5 [set aside]"] in rows(
        oewg("show", "document:mini-report").stdout
    )


def test_show_of_a_line_tells_what_the_line_states(oewg: Run) -> None:
    found = rows(oewg("show", "p3:1").stdout)
    assert found[0] == ["subject", "property", "value", "decision"]
    adopted = ["Report of the small world (document:mini-report)", "adopted on", "2021-03-12"]
    assert [*adopted, "preferred, decision:mini-adoption"] in found
    assert len(found) == 4


def test_why_tells_line_heading_and_decision(oewg: Run) -> None:
    found = rows(oewg("why", "document:mini-report", "adopted on").stdout)
    assert [row[1:3] for row in found[1:]] == [
        ["2021-03-05", "oewg-2019-2021 5"],
        ["2021-03-12", "oewg-2019-2021-monitor 1"],
    ]
    assert [row[4].partition(":")[0] for row in found[1:]] == ["set aside", "preferred"]
    heading = rows(oewg("why", "contribution:mini-EST-1", "oewg:submittedBy").stdout)
    assert heading[1][3] == "oewg-2019-2021 1"
    assert len(heading) == 2


@pytest.mark.parametrize("written", ["adoptedOn", "oewg:adoptedOn", "adopted on", "ADOPTED ON"])
def test_a_property_is_named_in_any_way(written: str, oewg: Run) -> None:
    assert len(rows(oewg("why", "document:mini-report", written).stdout)) == 3


def test_search_tells_by_which_name_a_thing_was_found(oewg: Run) -> None:
    assert ["state:TUR", "Türkiye", "state", "Turkey"] in rows(oewg("search", "turkey").stdout)


@pytest.mark.parametrize("command", [["show", "state:EST"], ["why", "state:EST"], ["search", "estonia"], ["questions"]])
@pytest.mark.parametrize("format", ["csv", "tsv", "json", "md", "table"])
def test_tables_have_every_format(command: list[str], format: str, oewg: Run, tmp_path: Path) -> None:
    done = oewg(*command, "-f", format)
    assert done.exit_code == 0
    assert done.stderr == ""
    if format == "json":
        assert json.loads(done.stdout)
    oewg(*command, "-f", format, "-o", str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes() == done.stdout_bytes


def test_info_counts_classes_and_pages(oewg: Run, mini: Path) -> None:
    found = json.loads(oewg("info", "-f", "json").stdout)
    assert found["folder"] == str(mini)
    assert found["classes"]["state"] == "4"
    assert [(p["page"], p["lines"], p["marked"]) for p in found["pages"]] == [
        ("oewg-2019-2021", "4", "1"),
        ("oewg-2019-2021-monitor", "2", "0"),
    ]
    assert "oewg-2019-2021-monitor" in oewg("info").stdout


def test_what_conforms_exits_0_and_what_does_not_exits_1(oewg: Run, mini: Path, tmp_path: Path) -> None:
    assert oewg("validate").exit_code == 0
    bad = "<http://a/a> a <https://w3id.org/oewg-kg/ontology#Contribution> ."
    (tmp_path / "mine.ttl").write_text(bad)
    done = oewg("validate", str(tmp_path / "mine.ttl"))
    assert done.exit_code == 1
    assert "does not conform" in done.stdout
    found = json.loads(oewg("validate", str(tmp_path / "mine.ttl"), "-f", "json").stdout)
    assert found["conforms"] is False
    assert {r["message"] for r in found["results"]} == {
        "a contribution has a submitter",
        "give the contribution a label",
    }
    turtle = oewg("validate", str(tmp_path / "mine.ttl"), "-f", "turtle").stdout
    assert list(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    (mini / "data" / "mine.ttl").write_text(bad)
    assert oewg("validate").exit_code == 1


def test_coverage_exits_1_when_lines_are_missing_or_changed(oewg: Run, mini: Path) -> None:
    page = mini / "pages" / "001_first.txt"
    done = oewg("coverage", str(page))
    assert done.exit_code == 0
    assert "lines with facts: 4; marked as containing none: 1; blank: 1" in done.stdout
    assert "facts not recorded: none\nnew or changed: none\n" in done.stdout
    page.write_text(page.read_text().replace("NAM", "Group of 77") + "new\n")
    done = oewg("coverage", str(page))
    assert done.exit_code == 1
    assert "NOT the recorded version" in done.stdout
    assert "facts not recorded: none\nnew or changed: 5, 7\n" in done.stdout


def test_coverage_records_a_page_and_refuses_to_put_other_words_on_a_line(oewg: Run, mini: Path) -> None:
    page = mini / "pages" / "001_first.txt"
    records = mini / "data" / "sources" / "oewg-2019-2021.lines.ttl"
    written = records.read_text()
    records.write_text(written.replace("oewg:tripleCount 4", "oewg:tripleCount 5"))
    assert oewg("coverage", str(page), "--record").exit_code == 0
    assert records.read_text() == written
    page.write_text(page.read_text().replace("NAM", "Group of 77"))
    done = oewg("coverage", str(page), "--record")
    assert done.exit_code == 2
    assert "the words of line 5 of oewg-2019-2021 would change" in done.stderr
    assert records.read_text() == written


DEEP = "SELECT * { " + "{" * 40 + "}" * 40 + " }"
WRONG: dict[int, list[list[str]]] = {
    1: [
        ["search", "xyzzy"],
        ["search", ""],
        ["why", "state:EST", "oewg:addresses"],
    ],
    2: [
        ["ask", "nothing"],
        ["ask", "contribution-on"],
        ["ask", "../adoptions"],
        ["ask", "contributions-on", "-p", "draft"],
        ["ask", "contributions-on", "-p", "=x"],
        ["ask", "contributions-on", "-p", "colour=red"],
        ["ask", "contributions-on", "-p", "draft=xyzzy"],
        ["ask", "contributions-on", "-p", "since=yesterday"],
        ["show", "xyzzy"],
        ["show", ""],
        ["show", "state:XXX"],
        ["show", "http://%zz"],
        ["show", "<http://[>"],
        ["why", "state:EST", "nonsense"],
        ["why", "state:EST", "http://%zz"],
        ["query"],
        ["query", "a.rq", "-q", "ASK {}"],
        ["query", "-q", "ASK {}", "-f", "excel"],
        ["query", "-q", "ASK {}", "-f", "turtle"],
        ["query", "-q", "DESCRIBE state:EST", "-f", "csv"],
        ["query", "-q", "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"],
        ["query", "-q", "ASK {}", "--endpoint", "ftp://example.org/"],
        ["query", "-q", "ASK {}", "--endpoint", "nowhere"],
        ["query", "-q", "ASK {}", "--endpoint", "http://["],
        ["query", "-q", "ASK {}", "--endpoint", "http://localhost:port/"],
        ["query", "-q", "ASK {}", "--endpoint", "http://local host/"],
        ["query", "-q", "ASK {}", "--endpoint", "http://localhost/é"],
        ["validate", "table.xlsx"],
        ["coverage", "OTHER"],
    ],
    3: [["query", "-q", text] for text in ("", "SELECT", "ASK { ?s nowhere:p ?o }", "INSERT DATA { }", "ASK {} {")]
    + [["query", "-q", "SELECT (<http://a/f>(1) AS ?x) {}"], ["query", "LATIN"], ["validate", "TURTLE"]],
    4: [["query", "-q", DEEP], ["query", "-q", "ASK { FILTER(" + "!" * 50_000 + "true) }"]],
    5: [
        ["query", "nowhere.rq"],
        ["query", "/"],
        ["coverage", "nowhere.txt"],
        ["coverage", "/"],
        ["validate", "nowhere.ttl"],
        ["ask", "adoptions", "-o", "PAGE/below.csv"],
        ["ask", "adoptions", "-o", "/"],
        ["query", "-q", "ASK {}", "-o", "PAGE/below.csv"],
        ["query", "-q", "ASK {}", "--endpoint", "http://127.0.0.1:1/"],
    ],
}


@pytest.mark.parametrize(("code", "args"), [(code, args) for code, many in WRONG.items() for args in many])
def test_what_is_wrong_is_reported_in_one_line_with_its_exit_code(
    code: int, args: list[str], oewg: Run, mini: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.txt").write_text("no page\n")
    (tmp_path / "latin.rq").write_bytes(b"ASK {} # \xe9")
    (tmp_path / "wrong.ttl").write_text("<http://a/a> <http://a/b> .")
    places = {"PAGE": mini / "pages" / "001_first.txt", "OTHER": tmp_path / "other.txt"}
    places |= {"LATIN": tmp_path / "latin.rq", "TURTLE": tmp_path / "wrong.ttl"}
    for word, place in places.items():
        args = [arg.replace(word, str(place)) for arg in args]
    done = oewg(*args)
    assert done.exit_code == code, done.stderr
    assert done.stdout == ""
    assert isinstance(done.exception, SystemExit)
    one_line(done.stderr)


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["ask"],
        ["show"],
        ["why"],
        ["search"],
        ["coverage"],
        ["build", "extra"],
        ["build", "--reasoner", "magic"],
        ["ask", "adoptions", "-f", "excel"],
        ["validate", "-f", "csv"],
        ["--nonsense"],
        [],
    ],
)
def test_a_command_written_wrongly_exits_2_and_prints_no_answer(args: list[str], oewg: Run) -> None:
    done = oewg(*args)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Usage: " in done.stderr


def test_an_invalid_root_is_reported(tmp_path: Path, oewg: Run) -> None:
    done = oewg("info", root=tmp_path)
    assert done.exit_code == 2
    assert one_line(done.stderr).startswith(f"oewg: {tmp_path}: this folder has no ontology/oewg.ttl; ")


@pytest.mark.parametrize(
    "args",
    [
        [b"search", b"\xff"],
        [b"show", b"\xff"],
        [b"show", b"http://a/\xff"],
        [b"query", b"-q", b"\xff"],
        [b"query", b"/nowhere/\xff"],
        [b"ask", b"\xff"],
        [b"ask", b"contributions-on", b"-p", b"word=\xff"],
        [b"ask", b"contributions-on", b"-p", b"draft=\xff"],
        [b"why", b"state:EST", b"\xff"],
        [b"validate", b"\xff.ttl"],
        [b"coverage", b"\xff"],
        [b"ask", b"adoptions", b"-f", b"\xff"],
    ],
)
def test_bytes_that_are_not_text_end_without_a_traceback(args: list[bytes], oewg_process: Start) -> None:
    done = oewg_process(*args)
    assert done.returncode in (1, 2, 5)
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr
    assert done.stderr.strip()


def test_standard_input_that_is_not_text_ends_without_a_traceback(oewg_process: Start) -> None:
    for env in ({"PYTHONUTF8": "1"}, {"LC_ALL": "C"}):
        done = oewg_process("query", "-", input=b"ASK { ?s ?p '\xff' }", env=env)
        assert done.returncode in (2, 3)
        one_line(done.stderr.decode())


def test_another_locale_changes_nothing(oewg_process: Start) -> None:
    usual = oewg_process("ask", "contributions-on", "-p", "draft=document:mini-report")
    assert "Türkiye" in usual.stdout.decode()
    for env in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "latin-1"}):
        for args in (
            ["ask", "contributions-on", "-p", "draft=document:mini-report"],
            ["show", "state:TUR", "-f", "table"],
        ):
            done = oewg_process(*args, env=env)
            assert (done.returncode, done.stderr) == (0, b"")
            assert "Türkiye" in done.stdout.decode()


@pytest.mark.parametrize(
    "command",
    [
        "query -q 'SELECT * { GRAPH ?g { ?s ?p ?o } }'",
        "query -q 'CONSTRUCT WHERE { ?s ?p ?o }'",
        "questions",
        "ask states-on-both-drafts --cite -f table",
        "show 'Zero Draft'",
        "info",
        "--help",
    ],
)
def test_a_closed_pipe_is_silent(command: str) -> None:
    line = f"{shlex.quote(str(OEWG))} --root {shlex.quote(str(ROOT))} {command} | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=False)
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this machine has no full device")
def test_a_full_disk_behind_standard_output_is_reported(mini: Path) -> None:
    for args in (["ask", "adoptions"], ["query", "-q", "ASK {}"], ["build"], ["info"]):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run([OEWG, "--root", mini, *args], stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 5, args
        assert "No space left" in one_line(done.stderr.decode())


def test_the_answer_is_complete_or_the_old_file_stays(oewg_process: Start, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")
    done = oewg_process("ask", "contributions-on", "-p", "draft=xyzzy", "-o", str(out))
    assert done.returncode == 2
    assert out.read_text() == "old"
    assert oewg_process("ask", "contributions-on", "-o", str(out)).returncode == 0
    assert len(rows(out.read_text())) == 3


def test_standard_output_may_be_named_as_a_file(oewg_process: Start) -> None:
    assert oewg_process("ask", "adoptions", "-o", "/dev/stdout").stdout == oewg_process("ask", "adoptions").stdout
    assert Path("/dev/stdout").is_symlink()


def on_a_terminal(*command: object) -> str:
    """Run a command whose output and errors are a terminal; give what reaches it."""
    import pty

    leader, follower = pty.openpty()
    env = os.environ | {"COLUMNS": "80", "TERM": "dumb"}
    process = subprocess.Popen(
        [*map(str, command)], stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env=env
    )
    os.close(follower)
    text = b""
    try:
        while part := os.read(leader, 4096):
            text += part
    except OSError:  # Linux tells the end of a terminal so
        pass
    os.close(leader)
    process.wait()
    return text.decode()


def test_a_terminal_shows_a_table_and_its_progress(mini: Path) -> None:
    text = on_a_terminal(OEWG, "--root", mini, "ask", "adoptions")
    assert "Report of the small world" in text
    assert "1 row. Counted: the day that the decisions prefer." in text
    assert "reading the sources ..." in text


# Sets the title, clears the screen, writes to the clipboard, hides text; by ESC and by C1; and turns text round.
EVIL = "\x1b]0;owned\x07\x1b[2J\x1b]52;c;b3duZWQ=\x07\x1b[8mhidden\x9b31m\u202eelif\u2066\r\x08"
SHOWN = r"\x1b]0;owned\x07\x1b[2J"


@pytest.fixture
def hostile(mini: Path) -> Path:
    """Put a thing with a hostile label into the small world."""
    label = EVIL.encode("unicode_escape").decode().replace("\\x", "\\u00")
    with (mini / "data" / "actors" / "actors.ttl").open("a") as file:
        file.write(f'\nstate:XXX a oewg:State ; skos:prefLabel "Odd {label}"@en ; skos:altLabel "{label}" .\n')
    return mini


@pytest.mark.parametrize(
    "words",
    [
        "show state:XXX", "search odd", "show state:XXX -f csv", "show state:XXX -f md", "show state:XXX -f json",
        "export --thing state:XXX -f turtle", "export -f nquads", "why state:XXX", "validate",
        "query -q SELECT*{state:XXX?p?o}", "query -f csv -q SELECT*{state:XXX?p?o}",
    ],
)  # fmt: skip
def test_nothing_in_the_data_acts_on_a_terminal(hostile: Path, words: str) -> None:
    text = on_a_terminal(OEWG, "--root", hostile, *words.split())
    acting = re.sub(r"\r\x1b\[K|\x1b\[[01]m|\r+\n", "", text)  # our own: progress, headings, ends of lines
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", acting), acting
    assert words == "validate" or "owned" in text


def test_in_a_pipe_a_label_is_what_it_is(hostile: Path, oewg_process: Start) -> None:
    done = oewg_process("--root", str(hostile), "show", "state:XXX", "-f", "csv")
    assert EVIL.encode() in done.stdout


def test_no_error_acts_on_a_terminal(mini: Path, tmp_path: Path, oewg_process: Start) -> None:
    """What a file and an endpoint say stands in errors, which are for people wherever they go."""
    file = tmp_path / "odd\x1b]0;owned\x07.ttl"
    file.write_text("<a> nonsense")
    done = oewg_process("--root", str(mini), "validate", str(file))
    assert SHOWN[:16] in done.stderr.decode() and b"\x1b" not in done.stderr
    with playing(lambda body: EVIL.encode()) as endpoint:
        endpoint.status = 500
        done = oewg_process("--root", str(mini), "query", "-q", "ASK {}", "--endpoint", endpoint.url)
    assert SHOWN in done.stderr.decode() and not re.search("[\x1b\x07\x9b\u202e]", done.stderr.decode())


def test_a_full_disk_is_reported_by_the_help_too() -> None:
    for words in ("--help", "--version"):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run([OEWG, words], stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 5 and done.stderr.startswith(b"oewg: "), done.stderr


@pytest.mark.parametrize("name", [*READING, *MAKING])
def test_the_list_of_commands_has_the_first_sentence_of_each_help_on_one_line(name: str) -> None:
    place, summary = (READING | MAKING)[name]
    module, _, function = place.partition(":")
    command = getattr(importlib.import_module(f"oewg_kg.cli.{module}"), function)
    first = re.split(r"(?<=\.)\s", command.help, maxsplit=1)[0]
    assert " ".join(first.split()) == summary
    assert len(summary) < 66
    assert summary in CliRunner().invoke(main, ["--help"]).stdout
