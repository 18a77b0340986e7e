"""Import of the published votes: every row accounted for, every voter resolved with a reason or kept apart, nothing half done."""

import gzip
import re
import shutil
import sys
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

import effort
import material
from conftest import ROOT, copied, one_line
from oewg_kg import formats, paths, query
from oewg_kg.cli import main
from oewg_kg.errors import ParseError
from oewg_kg.export import rdf as export
from oewg_kg.measures import Measured, agreement
from oewg_kg.paths import Root
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES
from oewg_kg.votes import csv_rows
from oewg_kg.votes import store as imports
from served import Server, serving

pytestmark = pytest.mark.slow

Import = Callable[..., Result]
CALLS = """rcid,session,importantvote,date,unres,amend,para,short,descr
3,1.0,0,1946-01-01,R/1/66,1,0,"AMENDMENTS, RULES OF PROCEDURE","TO ADOPT A ""CUBAN""
AMENDMENT"
1500,28.0,0,1973-11-01,R/28/3060,0,0,A,B
3590,46.0,0,1992-09-03,R/46/242,,,C,D
4000,55.0,0,2000-11-20,R/55/2,,,E,F
6073,73.0,,2018-12-05,R/73/27,,,Developments,G
6074,73.0,,2018-12-05,R/73/27,,1,Developments,a paragraph
9076,74.0,,2019-12-12,A/RES/74/28,,,Advancing,H
"""
VOTES = """rcid,country,country_code,vote
3,United States,US,yes
3,Yugoslavia,YU,no
3,Russia,RU,no
3,Taiwan,TW,abstain
1500,German Democratic Republic,DD,yes
1500,Federal Republic of Germany,NA,no
1500,Yemen Arab Republic,,yes
1500,Yemen People's Republic,YD,no
1500,Congo - Kinshasa,CD,yes
1500,Congo - Brazzaville,CG,no
3590,Yugoslavia,YU,yes
3590,Namibia,NA,yes
4000,Yugoslavia,YU,yes
4000,Austria,AU,yes
4000,Atlantis,XX,no
4000,Estonia,,yes
6073,Côte d’Ivoire,CI,yes
6073,Estonia,EE,no
6073,Zimbabwe,ZW,yes
6074,Estonia,EE,abstain
9076,St. Vincent & Grenadines,VC,yes
9076,"Micronesia (Federated States of)",FM,absent
"""


@pytest.fixture
def root(checkout: Path) -> Root:
    """Give a test the real graph without an import."""
    shutil.rmtree(checkout / "build" / "with", ignore_errors=True)
    return paths.find(str(checkout))


def importing(root: Root, folder: Path, votes: str | bytes, calls: str | bytes, *options: str) -> Result:
    for name, content in (("votes.csv", votes), ("calls.csv", calls)):
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    files = (str(folder / "votes.csv"), "--roll-calls", str(folder / "calls.csv"))
    return CliRunner().invoke(main, ["--root", str(root.folder), "import", "votes", *files, *options])


@pytest.fixture
def run(root: Root, tmp_path: Path) -> Import:
    def command(votes: str | bytes = VOTES, calls: str | bytes = CALLS, *options: str) -> Result:
        return importing(root, tmp_path, votes, calls, *options)

    return command


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Root, Result]:
    """Import the votes above once, next to another copy of the real graph, for all tests that only read it."""
    root = paths.find(str(copied(tmp_path_factory.mktemp("imported"))))
    return root, importing(root, tmp_path_factory.mktemp("csv"), VOTES, CALLS)


@pytest.fixture(scope="module")
def imported(done: tuple[Root, Result]) -> Root:
    return done[0]


def voters(root: Root, where: str) -> dict[str, set[str]]:
    """List who voted how, by the local part of the subject and the vote."""
    found: dict[str, set[str]] = {}
    ways = "oewg:voterInFavor oewg:voterAgainst oewg:voterAbstaining oewg:voterNotVoting"
    text = f"""SELECT ?call ?how ?who WHERE {{
        {where} {{ ?call ?how ?who }} ?call oewg:rollCallNumber ?number VALUES ?how {{ {ways} }}
    }}"""
    solutions = query.run_text(imports.load(root), text)
    assert isinstance(solutions, ox.QuerySolutions)
    for call, how, who in solutions:
        key = f"{call.value.removeprefix(BASE)} {how.value.removeprefix(OEWG)}"
        found.setdefault(key, set()).add(who.value.removeprefix(BASE))
    return found


def test_every_row_becomes_one_vote_and_every_voter_is_accounted_for(done: tuple[Root, Result]) -> None:
    root, result = done
    assert result.exit_code == 0, result.output
    assert "22 rows read, 22 votes imported; 7 roll calls, 2 on resolutions in this dataset" in result.stdout
    assert (
        "11 by name and code, 1 by the table of historic states, 7 recorded as historic states, 3 unresolved and stored separately"
        in result.stdout
    )
    found = voters(root, "GRAPH graph:votes-import")
    assert sum(map(len, found.values())) == 22
    assert found["rollcall/3 voterAgainst"] == {"historic-state/yugoslavia", "state/RUS"}
    assert found["rollcall/3 voterAbstaining"] == {"historic-state/republic-of-china"}
    assert found["rollcall/1500 voterAgainst"] == {"state/DEU", "historic-state/democratic-yemen", "state/COG"}
    assert found["rollcall/1500 voterInFavor"] == {
        "historic-state/german-democratic-republic",
        "historic-state/yemen-arab-republic",
        "state/COD",
    }
    assert found["rollcall/3590 voterInFavor"] == {"historic-state/yugoslavia", "state/NAM"}
    assert "historic-state/serbia-and-montenegro" in found["rollcall/4000 voterInFavor"]
    assert found["rollcall/record-1655128 voterInFavor"] == {"state/CIV", "state/ZWE"}, (
        "the roll call that the graph has"
    )
    assert found["rollcall/6074 voterAbstaining"] == {"state/EST"}, "a vote on a paragraph is no vote on the resolution"
    assert found["rollcall/record-3839870 voterNotVoting"] == {"state/FSM"}


def test_what_neither_code_nor_table_knows_stays_apart_with_its_reason(done: tuple[Root, Result]) -> None:
    root, result = done
    apart = voters(root, "GRAPH graph:votes-import")
    unresolved = {who for found in apart.values() for who in found if who.startswith("unresolved-voter/")}
    assert {who.removeprefix("unresolved-voter/").rpartition("-")[0] for who in unresolved} == {
        "austria-au",
        "atlantis-xx",
        "estonia",
    }
    report = imports.find_import(root)
    assert report
    reasons = {row[0]: row[5] for row in report.report["voters"] if row[3] == "unresolved"}
    assert reasons["Austria"] == "code AU is state:AUS, the name is state:AUT"
    assert reasons["Estonia"] == "the name is that of state:EST, but no code confirms it"
    assert reasons["Atlantis"] == "neither name nor code is known"
    assert "Atlantis" in result.stdout


def test_a_root_whose_states_have_no_codes_takes_the_names(mini: Path, tmp_path: Path) -> None:
    for path in (mini / "data").rglob("*.ttl"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"skos:notation|oewg:iso2", "rdfs:comment", text), encoding="utf-8")
    table = Path("data", "reference", "historic-states.csv")
    (mini / table).parent.mkdir(exist_ok=True)
    shutil.copy(ROOT / table, mini / table)
    votes, calls = tmp_path / "votes.csv", tmp_path / "calls.csv"
    votes.write_text(VOTES, encoding="utf-8")
    calls.write_text(CALLS, encoding="utf-8")
    done = CliRunner().invoke(main, ["--root", str(mini), "import", "votes", str(votes), "--roll-calls", str(calls)])
    assert done.exit_code == 0, done.output


def test_votes_are_in_the_resolved_view_and_in_their_own_graph(imported: Root) -> None:
    assert voters(imported, "").keys() >= voters(imported, "GRAPH graph:votes-import").keys()
    whole = imports.load(imported).store
    ours = [
        ox.Quad(q.subject, q.predicate, q.object)
        for q in whole.quads_for_pattern(None, None, None, ox.NamedNode(BASE + "graph/votes-import"))
    ]
    assert len(ours) > 50 and all(quad in whole for quad in ours)


def test_a_saved_question_answers_the_same_with_votes(imported: Root) -> None:
    arguments = ["--root", str(imported.folder), "ask", "states-on-both-drafts", "--cite", "-f", "csv"]
    plain, beside = (CliRunner().invoke(main, [*arguments, *more]) for more in ([], ["--with", "votes"]))
    assert plain.exit_code == beside.exit_code == 0, beside.output
    assert plain.stdout == beside.stdout


def test_a_query_joins_votes_and_contributions(imported: Root) -> None:
    text = "ASK { ?contribution oewg:submittedBy ?state . ?call oewg:voterAgainst ?state ; oewg:rollCallNumber 6073 }"
    result = CliRunner().invoke(main, ["--root", str(imported.folder), "query", "--with", "votes", "-q", text])
    assert '"boolean":true' in result.stdout.replace(" ", ""), result.output


def test_running_it_again_changes_nothing(run: Import, root: Root) -> None:
    run()
    before = {path: path.stat().st_mtime_ns for path in imports.home(root).rglob("*")}
    again = run()
    assert "nothing to do" in again.stdout and "22 votes imported" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in imports.home(root).rglob("*")} == before


def test_other_files_take_the_place_of_the_first(run: Import, root: Root) -> None:
    run()
    assert run(VOTES.replace("3,Russia,RU,no\n", "")).exit_code == 0
    assert voters(root, "GRAPH graph:votes-import")["rollcall/3 voterAgainst"] == {"historic-state/yugoslavia"}
    assert len([path for path in imports.home(root).iterdir() if path.is_dir() and "-with-" not in path.name]) == 1


def test_an_edit_of_the_graph_is_seen_with_the_votes(run: Import, root: Root) -> None:
    run()
    imports.load(root)
    places = root.folder / "data" / "places.ttl"
    text = places.read_text(encoding="utf-8")
    try:
        places.write_text(text + '\nplace:geneva skos:altLabel "an edit"@en .\n', encoding="utf-8")
        result = CliRunner().invoke(
            main,
            [
                "--root",
                str(root.folder),
                "query",
                "--with",
                "votes",
                "-q",
                'ASK { place:geneva skos:altLabel "an edit"@en . ?c oewg:rollCallNumber 3 }',
            ],
        )
        assert "true" in result.stdout, result.output
    finally:
        places.write_text(text, encoding="utf-8")


DAMAGED = {
    "too few columns": (VOTES + "3,Canada\n", CALLS, "votes.csv:24: expected 4 columns"),
    "too many columns": (VOTES + "3,Canada,CA,no,x\n", CALLS, "votes.csv:24: expected 4 columns"),
    "unknown vote": (VOTES + "3,Canada,CA,maybe\n", CALLS, "votes.csv:24: 'maybe' is not a valid vote"),
    "unknown roll call": (VOTES + "77,Canada,CA,no\n", CALLS, "votes.csv:24: unknown roll call '77'"),
    "bad encoding": ((VOTES + "6073,Cura").encode() + b"\xe7ao,CW,no\n", CALLS, "votes.csv:24: the file is not UTF-8"),
    "a quotation mark": (
        VOTES + '3,"Canada,CA,no\n',
        CALLS,
        "votes.csv:24: a quotation mark is not closed or not doubled",
    ),
    "no voter": (VOTES + "3,,,no\n", CALLS, "votes.csv:24: the row has neither the name nor the code of a voter"),
    "a second vote": (
        VOTES + "3,United States,US,no\n",
        CALLS,
        "votes.csv:24: a second vote by United States in roll call 3",
    ),
    "a roll call's date": (
        VOTES,
        CALLS + "5,1.0,0,1946-13-01,R/1/1,0,0,A,B\n",
        "calls.csv:10: '1946-13-01' is not a valid date",
    ),
    "a roll call twice": (
        VOTES,
        CALLS + "3,1.0,0,1946-01-01,R/1/66,0,0,A,B\n",
        "calls.csv:10: the roll call number '3' is missing or repeated",
    ),
    "a roll call cut short": (VOTES, CALLS + "5,1.0,0\n", "calls.csv:10: expected 9 columns"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_row_stops_the_import_with_its_line(name: str, run: Import, root: Root) -> None:
    votes, calls, told = DAMAGED[name]
    result = run(votes, calls)
    assert result.exit_code == 3 and told in result.stderr, result.output
    assert imports.find_import(root) is None
    assert not list(imports.home(root).glob("*")), "nothing is left behind"


def test_a_failed_import_leaves_the_earlier_one_as_it_was(run: Import, root: Root) -> None:
    run()
    before = voters(root, "GRAPH graph:votes-import")
    assert run(VOTES + "77,Canada,CA,no\n").exit_code == 3
    assert voters(root, "GRAPH graph:votes-import") == before


def test_gzip_is_seen_by_its_content_and_a_cut_file_refused(run: Import, root: Root) -> None:
    packed = gzip.compress(VOTES.encode())
    assert run(packed, gzip.compress(CALLS.encode())).exit_code == 0
    result = run(packed[:-30], CALLS)
    assert result.exit_code == 3 and "cut short or damaged" in result.stderr and "votes.csv:" in result.stderr


def test_columns_in_another_order_and_others_beside_them(run: Import) -> None:
    turned = [
        "vote,year,country,rcid,country_code",
        *(f"{v},0,{n},{r},{c}" for r, n, c, v in (line.replace('"', "").split(",") for line in VOTES.splitlines()[1:])),
    ]
    assert "22 votes imported" in run("\r\n".join(turned)).stdout


def test_a_file_of_another_kind_is_refused(run: Import) -> None:
    result = run("a,b\n1,2\n")
    assert (
        result.exit_code == 3 and "votes.csv:1:1: missing columns: rcid, country, country_code, vote" in result.stderr
    )


def test_asking_with_votes_before_any_import_says_what_to_do(root: Root) -> None:
    result = CliRunner().invoke(main, ["--root", str(root.folder), "query", "--with", "votes", "-q", "ASK {}"])
    assert (
        result.exit_code == 2
        and "no votes have been imported" in result.stderr
        and "oewg import votes" in result.stderr
    )


def test_an_installation_imports_into_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = imports.home(Root(tmp_path / "resources", tmp_path / "resources" / "snapshot.nq"))
    if sys.platform not in ("win32", "darwin"):
        assert place.is_relative_to(tmp_path / "data" / "oewg-kg")
    assert place.name == "with" and not place.is_relative_to(tmp_path / "resources")


def test_a_quoted_cell_over_lines_keeps_the_numbers_of_lines_right(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('a,b\n"x\ny",1\nz\n', encoding="utf-8")
    found = csv_rows.read(file, ("b", "a"), lambda done, size: None)
    assert next(found) == ("a.csv:2", ["1", "x\ny"])
    with pytest.raises(ParseError, match=r"a\.csv:4: expected 2 columns"):
        next(found)


def test_the_table_of_historic_states_is_sound(checkout: Path) -> None:
    from oewg_kg.votes import voters as voting

    table = voting.read_historic(checkout / "data" / "reference" / "historic-states.csv")
    assert len(table) > 20
    for row in table:
        assert row.reason and row.name and (not row.start or not row.end or row.start <= row.end), row
        assert row.iri.startswith(PREFIXES["state"]) != bool(row.label), (
            f"{row.name}: a historic state has a label, a state has none"
        )
        clash = [
            r
            for r in table
            if r is not row
            and (r.name, r.code) == (row.name, row.code)
            and (row.holds_on(r.start or "0") or row.holds_on(r.end or "9999"))
        ]
        assert not clash, f"{row.name}: two rows speak of one day"


def test_terms_of_imports_are_defined_and_used(imported: Root) -> None:
    store = imports.load(imported).store
    defined = {
        q.subject.value
        for q in ox.parse(path=str(imported.folder / "ontology" / "imports.ttl"), format=ox.RdfFormat.TURTLE)
        if isinstance(q.subject, ox.NamedNode)
    }
    ours = ox.NamedNode(BASE + "graph/votes-import")
    used = {
        end.value
        for q in store.quads_for_pattern(None, None, None, ours)
        for end in (q.predicate, q.object)
        if isinstance(end, ox.NamedNode) and end.value.startswith(OEWG)
    }
    kind = ox.NamedNode(PREFIXES["rdfs"] + "label")
    assert all(any(store.quads_for_pattern(ox.NamedNode(term), kind, None)) for term in used), (
        "define it in ontology/imports.ttl"
    )
    # the records of the United Nations list intentions; the published tables that are imported do not
    rest = {term for term in defined if term.startswith(OEWG)} - used
    assert {term.removeprefix(OEWG) for term in rest} == {
        f"voterIntending{how}" for how in ("InFavor", "Against", "ToAbstain")
    }


PUBLISHED = material.folder("OEWG_REFERENCE", "unvotes-voeten")


@pytest.mark.skipif(
    not (PUBLISHED / "un_votes.csv.gz").is_file(),
    reason=material.reason("OEWG_REFERENCE", "the folder of the voting data"),
)
def test_the_complete_data(root: Root) -> None:
    folder = PUBLISHED
    files = [str(folder / "un_votes.csv.gz"), "--roll-calls", str(folder / "un_roll_calls.csv")]
    done = CliRunner().invoke(main, ["--root", str(root.folder), "import", "votes", *files])
    assert done.exit_code == 0, done.output
    assert "870109 rows read, 870109 votes imported; 6203 roll calls, 11 on resolutions in this dataset" in done.stdout
    assert (
        "849760 by name and code, 3510 by the table of historic states, 16839 recorded as historic states, 0 unresolved"
        in done.stdout
    )
    dataset = imports.load(root)
    for symbol, totals in {
        "60-45": (177, 1, 0),
        "73-27": (119, 46, 14),
        "73-266": (138, 12, 16),
        "74-28": (163, 10, 6),
        "74-29": (129, 6, 45),
    }.items():
        subject = ox.NamedNode(f"{BASE}document/a-res-{symbol}")
        graph = ox.NamedNode(BASE + "graph/votes-import")
        counted = tuple(
            len(list(dataset.store.quads_for_pattern(subject, ox.NamedNode(OEWG + how), None, graph)))
            for how in ("votedYes", "votedNo", "abstained")
        )
        assert counted == totals, symbol
        whole = tuple(
            len(list(dataset.store.quads_for_pattern(subject, ox.NamedNode(OEWG + how), None, ox.DefaultGraph())))
            for how in ("votedYes", "votedNo", "abstained")
        )
        assert whole == totals, f"{symbol}: two sources of this vote disagree"
    found: list[Measured] = []
    work = effort.calls(lambda: found.append(agreement.between(dataset, [], agreement.Rule())))
    assert len(found[0].result.rows) == 193 * 192 / 2
    assert work < 870_109, "pairs are compared by a few operations on integers, and not vote by vote"


def test_a_damaged_list_of_imports_is_reported(run: Import, root: Root) -> None:
    run()
    (imports.home(root) / "votes.json").write_text("{", encoding="utf-8")
    with pytest.raises(ParseError, match="oewg import votes"):
        imports.find_import(root)


def exported(root: Root, *options: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root.folder), "export", "--with", "votes", *options])


@pytest.mark.parametrize("format", ["nquads", "ntriples", "trig"])
def test_export_streams_the_graph_with_the_votes(imported: Root, tmp_path: Path, format: str) -> None:
    file = tmp_path / "all"
    assert exported(imported, "-f", format, "-o", str(file)).exit_code == 0
    dataset = imports.load(imported)
    syntax = formats.by_name(format).rdf
    quads = list(ox.parse(path=file, format=syntax))
    assert set(map(str, quads)) == set(map(str, export.everything(dataset, format)))
    assert len(quads) == len(set(quads)) > 40_000 - 20_000 * (format == "ntriples")
    assert any(quad.predicate.value == OEWG + "rollCallNumber" for quad in quads)
    again = exported(imported, "-f", format)
    assert again.stdout_bytes == file.read_bytes(), "the same bytes to a pipe as to a file, and on every run"


def test_export_of_the_votes_alone_and_of_one_thing(imported: Root) -> None:
    alone = exported(imported, "-f", "ntriples", "--graph", "graph:votes-import").stdout.splitlines()
    held = imports.load(imported).store.quads_for_pattern(None, None, None, ox.NamedNode(BASE + "graph/votes-import"))
    assert sorted(alone) == sorted(f"{quad.triple} ." for quad in held)
    page = exported(imported, "-f", "nquads", "--graph", "p1:62").stdout.splitlines()
    assert page and all("#L62" in line for line in page)
    thing = exported(imported, "-f", "turtle", "--thing", "state:EST").stdout
    assert "rollcall/6074" in thing or "rollcall:6074" in thing or "Roll call 6074" in thing


@pytest.mark.parametrize("options", [("-f", "turtle"), ("-f", "csv", "-o", "x"), ("-f", "jsonld"), ()])
def test_export_refuses_what_would_not_fit(imported: Root, tmp_path: Path, options: tuple[str, ...]) -> None:
    result = exported(imported, *options)
    assert result.exit_code == 2 and result.stdout == ""
    assert "too large for" in one_line(result.stderr) and "-f nquads" in result.stderr
    unknown = exported(imported, "-f", "ntriples", "--graph", "p1:9999", "-o", str(tmp_path / "none.nt"))
    assert unknown.exit_code == 2 and not (tmp_path / "none.nt").exists()


def test_the_server_opens_the_store_on_disk_and_its_workers_too(imported: Root, tmp_path: Path) -> None:
    with serving(tmp_path, "--with", "votes", "--workers", "2", root=imported.folder) as server:
        assert str(server.port) in server.logged[0]
        text = "SELECT ?who { GRAPH graph:votes-import { <https://w3id.org/oewg-kg/rollcall/3> oewg:voterAgainst ?who } } ORDER BY ?who"
        found = fetch(server, "/sparql?" + urllib.parse.urlencode({"query": text}), "text/csv")
        assert found.split() == ["who", BASE + "historic-state/yugoslavia", BASE + "state/RUS"]
        joined = """ASK { ?call oewg:rollCallNumber 6073 ; oewg:finalVoteOn ?resolution ; oewg:voterInFavor state:ZWE .
                     ?resolution oewg:symbol 'A/RES/73/27' ; oewg:votedYes state:ZWE ; oewg:finalVote ?call }"""
        assert fetch(server, "/sparql?" + urllib.parse.urlencode({"query": joined}), "text/csv").strip() == "true"
        page = fetch(server, "/graph/votes-import", "text/html")
        assert "Imported votes of the General Assembly" in page and "rollcall/3" in page
        assert "historic-state/yugoslavia" in fetch(server, "/rollcall/3", "text/html")
        count = urllib.parse.urlencode({"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"})
        default = imports.load(imported).store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        assert fetch(server, f"/sparql?{count}", "text/csv").split() == ["n", str(sum(1 for _ in default))]


def fetch(server: Server, path: str, accept: str) -> str:
    answer = server.say("GET", path, {"Accept": accept})
    assert answer.status == 200, answer.text
    return answer.text


def test_files_of_ones_own_and_the_votes_exclude_each_other(root: Root) -> None:
    result = CliRunner().invoke(main, ["--root", str(root.folder), "serve", "--data", "x.ttl", "--with", "votes"])
    assert result.exit_code == 2 and "give only one of them" in one_line(result.stderr)
