"""Questions that reach out: each saved text, unchanged but for its endpoint, against a SPARQL server that plays the other side."""

import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from conftest import ROOT, Start, one_line
from explorer import client_of
from listening import Endpoint, playing
from oewg_kg import build, paths, query
from oewg_kg.cli import main
from oewg_kg.errors import LimitError, StorageError, UsageError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.remote import client as remote
from oewg_kg.remote import federated
from oewg_kg.safety import query_guard
from oewg_kg.terms import text_of

SAVED = query.load(ROOT / "queries" / "federated")
WIKIDATA = "https://query.wikidata.org/sparql"
THESAURUS, STATES = (f"https://metadata.un.org/graphdb/repositories/{name}_core" for name in ("UNBIST", "UNMS"))
PUBLICATIONS, BANK = "https://publications.europa.eu/webapi/rdf/sparql", "http://worldbank.270a.info/sparql"
ENDPOINTS = {
    "commenters-in-wikidata": WIKIDATA,
    "names-in-eu-publications": PUBLICATIONS,
    "organizations-in-wikidata": WIKIDATA,
    "output-of-commenters": BANK,
    "states-in-list-of-the-un": STATES,
    "topics-in-un-thesaurus": THESAURUS,
}
# Codes and heads of state as Wikidata has them; Sweden's website comes twice and Japan has another's code to show what is told then.
OTHERS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX qb: <http://purl.org/linked-data/cube#> PREFIX dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
PREFIX measure: <http://purl.org/linked-data/sdmx/2009/measure#>
PREFIX wd: <http://www.wikidata.org/entity/> PREFIX wdt: <http://www.wikidata.org/prop/direct/>
wd:Q142 wdt:P297 "FR" ; wdt:P35 wd:Q3052772 ; wdt:P1082 68373433 .
wd:Q3052772 rdfs:label "Emmanuel Macron"@mul , "Эмманюэль Макрон"@ru .
wd:Q34 wdt:P297 "SE" ; wdt:P35 wd:Q34 ; wdt:P856 <https://sweden.se/> , <https://www.sweden.se/> .
wd:Q17 wdt:P297 "JPN" ; wdt:P6 _:unknown .
<http://metadata.un.org/UNMS/032> skos:prefLabel "the Argentine Republic"@en , "la República Argentina"@es .
<http://metadata.un.org/UNMS/233> skos:prefLabel "the Republic of Estonia"@en .
<http://metadata.un.org/UNMS/36> skos:prefLabel "written without a nought"@en .
<http://metadata.un.org/thesaurus/1> skos:prefLabel "INTERNATIONAL LAW"@en , "droit international"@fr , "القانون الدولي"@ar .
<http://metadata.un.org/thesaurus/2> skos:prefLabel "Cybersecurity"@en .
<http://metadata.un.org/thesaurus/3> skos:prefLabel "COMPUTER VIRUSES"@en .
wd:Q7159 wdt:P571 "2002-07-09T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> ; wdt:P159 wd:Q3624 ; wdt:P856 <https://au.int/> .
wd:Q3624 rdfs:label "Addis Ababa"@en , "Addis-Abeba"@fr .
wd:Q999999999 wdt:P571 "1900-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .
<http://publications.europa.eu/resource/authority/country/AUT> skos:inScheme <http://publications.europa.eu/resource/authority/country> ;
    skos:prefLabel "Austria"@en , "Autriche"@fr , "Österreich"@de .
<http://publications.europa.eu/resource/authority/language/EST> skos:prefLabel "Estonian"@en .
_:one qb:dataSet <http://worldbank.270a.info/dataset/NY.GDP.MKTP.CD> ; dimension:refPeriod <http://reference.data.gov.uk/id/year/2013> ;
    dimension:refArea <http://worldbank.270a.info/classification/country/AM> ; measure:obsValue 11121465767 .
_:two qb:dataSet <http://worldbank.270a.info/dataset/NY.GDP.MKTP.CD> ; dimension:refPeriod <http://reference.data.gov.uk/id/year/2012> ;
    dimension:refArea <http://worldbank.270a.info/classification/country/AU> ; measure:obsValue 1 .
<http://worldbank.270a.info/classification/country/AM> skos:notation "AM"^^<http://www.w3.org/2001/XMLSchema#token> .
<http://worldbank.270a.info/classification/country/AU> skos:notation "AU" .
"""


@pytest.fixture
def other() -> Iterator[Endpoint]:
    """Serve a few triples by the SPARQL 1.1 Protocol."""
    store = ox.Store()
    store.load(OTHERS.encode(), format=ox.RdfFormat.TURTLE)

    def answer(body: str) -> bytes:
        found = store.query(query_of(body))
        assert isinstance(found, ox.QuerySolutions)
        return found.serialize(format=ox.QueryResultsFormat.JSON) or b""

    with playing(answer) as plays:
        yield plays


def query_of(body: str) -> str:
    """Read the query of a form."""
    return urllib.parse.parse_qs(body)["query"][0]


@pytest.fixture(scope="module")
def checkout(checkout: Path, kg: KnowledgeGraph) -> Path:
    """Add the snapshot of the real graph."""
    place = paths.find(str(checkout))
    build.write(kg.dataset, build.fingerprint(place), place.snapshot)
    return checkout


@pytest.fixture
def root(checkout: Path, other: Endpoint) -> Path:
    """Let the saved questions ask the other side here; nothing else of them changes."""
    for name, endpoint in ENDPOINTS.items():
        text = (ROOT / "queries" / "federated" / f"{name}.rq").read_text(encoding="utf-8")
        assert text.count(f"SERVICE <{endpoint}>") == text.count("SERVICE") == 1
        moved = text.replace(endpoint, other.url)
        (checkout / "queries" / "federated" / f"{name}.rq").write_text(moved, encoding="utf-8")
    return checkout


def ask(root: Path, name: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "ask", name, *options])


def rows(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    return [line.split("\t") for line in result.stdout.splitlines()[1:]]


def test_the_saved_questions_name_their_endpoints_and_the_source_of_each_outside_term() -> None:
    assert {name: saved.reaches for name, saved in SAVED.items()} == {k: (v,) for k, v in ENDPOINTS.items()}
    for name, saved in SAVED.items():
        sources = [line for line in saved.text.splitlines() if line.startswith("#+ source: ")]
        assert any("endpoint" in line for line in sources), f"{name}: say where its endpoint is named"
        (service,) = query_guard.service_clauses(saved.text)
        for term in (word for word in service.pattern.split() if word.startswith("wdt:")):
            assert any(term.removeprefix("wdt:") in line for line in sources), f"{name}: say where {term} is explained"
        assert "federated" in saved.tags
        assert any(line.startswith("#+ cost: one request") for line in saved.text.splitlines()), (
            f"{name}: say what it costs"
        )
        assert not [p.name for p in saved.parameters if f"?{p.variable}" in service.pattern], f"{name}: bound here only"


def test_they_are_not_questions_of_the_graph_alone(kg: KnowledgeGraph) -> None:
    assert not set(SAVED) & set(kg.questions)
    with pytest.raises(UsageError, match="--allow-network"):
        kg.ask("topics-in-un-thesaurus")


def test_wikidata_is_joined_by_our_links(root: Path, other: Endpoint) -> None:
    found = rows(ask(root, "commenters-in-wikidata", "--allow-network", "-f", "tsv", "--cite"))
    by_state: dict[str, list[list[str]]] = {}
    for row in found:
        by_state.setdefault(row[1], []).append(row[2:])
    assert len(by_state) == 31, "a state of which the other side says nothing is listed too"
    assert by_state["France"][0][:5] == [
        "http://www.wikidata.org/entity/Q142",
        "the same",
        "Emmanuel Macron",
        "",
        "68373433",
    ]
    assert [row[5] for row in by_state["Sweden"]] == ["https://sweden.se/", "https://www.sweden.se/"]
    assert by_state["Sweden"][0][2] == "http://www.wikidata.org/entity/Q34", "no label, so the IRI"
    assert by_state["Japan"][0][1] == "another" and "genid" in by_state["Japan"][0][3]
    assert by_state["Estonia"][0][1:6] == ["not told", "", "", "", ""]
    assert all("oewg-2019-2021#L" in row[-1] for rows_of in by_state.values() for row in rows_of)
    assert len(other.asked) == 1, "asked once, not once for each state or reading"
    asked = query_of(other.asked[0].body)
    assert "exactMatch" not in asked and "SERVICE" not in asked


def test_a_table_tells_the_other_readings_without_asking_again(root: Path, other: Endpoint) -> None:
    result = ask(root, "commenters-in-wikidata", "--allow-network", "-f", "md", "-p", "kind=kind:comments")
    assert "Counted: the states" in result.stdout and "If only written contributions count: 9 rows" in result.stdout
    assert len(other.asked) == 1


def test_the_list_of_the_un_tells_which_identifiers_it_knows(root: Path) -> None:
    found = {row[1]: row[2:] for row in rows(ask(root, "states-in-list-of-the-un", "--allow-network", "-f", "tsv"))}
    assert len(found) == 193
    assert found["Argentina"] == ["http://metadata.un.org/UNMS/032", "yes", "the Argentine Republic"]
    assert found["Estonia"][1] == "yes" and found["Australia"][1:] == ["no", ""]
    assert sum(row[1] == "yes" for row in found.values()) == 2


def test_the_publications_office_names_states(root: Path) -> None:
    found = {row[1]: row[2:] for row in rows(ask(root, "names-in-eu-publications", "--allow-network", "-f", "tsv"))}
    assert found["Austria"] == [
        "http://publications.europa.eu/resource/authority/country/AUT",
        "Austria",
        "Autriche",
        "",
    ]
    # data/links/states.sssom.tsv has the country table's identifier of these states only
    table = (ROOT / "data" / "links" / "states.sssom.tsv").read_text(encoding="utf-8")
    assert len(found) == table.count("\tskos:exactMatch\t\teucountry:") and found["Estonia"][1:] == ["", "", ""]


def test_the_world_bank_gives_the_output_of_a_year(root: Path) -> None:
    found = rows(ask(root, "output-of-commenters", "--allow-network", "-f", "tsv", "--cite"))
    by_state = {row[1]: row for row in found}
    assert by_state["Armenia"][2:4] == ["AM", "11121465767"] and by_state["Armenia"][-1].endswith("oewg-2019-2021#L33")
    assert by_state["Australia"][2:4] == ["AU", ""], "another year is no answer"


def test_wikidata_describes_the_organizations_that_are_linked(root: Path, kg: KnowledgeGraph) -> None:
    found = {row[1]: row[2:] for row in rows(ask(root, "organizations-in-wikidata", "--allow-network", "-f", "tsv"))}
    assert found["African Union"] == [
        "http://www.wikidata.org/entity/Q7159",
        "2002-07-09",
        "Addis Ababa",
        "https://au.int/",
    ]
    assert found["Internet Society"][1:] == ["", "", ""]
    asked = set(re.findall(r"wd:(Q\d+)", SAVED["organizations-in-wikidata"].text))
    assert asked == {row[0].rpartition("/")[2] for row in found.values()}, "name each linked item, and no other"


def test_the_thesaurus_gives_identifiers_and_names(root: Path) -> None:
    found = rows(ask(root, "topics-in-un-thesaurus", "--allow-network", "-f", "tsv"))
    law = [row[3:] for row in found if row[1] == "international law"]
    assert law == [["http://metadata.un.org/thesaurus/1", language, name] for language, name in
                   [("ar", "القانون الدولي"), ("en", "INTERNATIONAL LAW"), ("fr", "droit international")]]  # fmt: skip
    assert [row[3] for row in found if row[2] == "CYBERSECURITY"] == ["http://metadata.un.org/thesaurus/2"]
    assert len({row[0] for row in found}) == 9
    assert "COMPUTER VIRUSES" not in str(found)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_without_leave_nothing_is_asked(root: Path, other: Endpoint, name: str) -> None:
    result = ask(root, name)
    assert result.exit_code == 2
    assert other.url in one_line(result.stderr) and "--allow-network" in result.stderr
    refused = ask(root, name, "--allow-network", "--endpoint", other.url)
    assert refused.exit_code == 2 and "without --endpoint" in one_line(refused.stderr)
    assert other.asked == []


def test_leave_changes_nothing_for_other_questions_and_queries(root: Path, other: Endpoint) -> None:
    assert ask(root, "chairs", "--allow-network", "-f", "csv").stdout == ask(root, "chairs", "-f", "csv").stdout != ""
    own = f"SELECT * {{ SERVICE <{other.url}> {{ ?s ?p ?o }} }}"
    result = CliRunner().invoke(main, ["--root", str(root), "query", "-q", own])
    assert result.exit_code == 2 and "SERVICE is not allowed here" in result.stderr
    assert other.asked == []


def test_questions_lists_them_last_with_what_they_ask(root: Path, other: Endpoint) -> None:
    listed = CliRunner().invoke(main, ["--root", str(root), "questions", "-f", "tsv"]).stdout.splitlines()
    assert [line.split("\t")[0] for line in listed[-len(ENDPOINTS) :]] == list(ENDPOINTS)
    assert listed[0].endswith("\texternal services") and all(line.endswith(f"\t{other.url}") for line in listed[-6:])
    assert sum(other.url in line for line in listed) == 6


@pytest.mark.parametrize(
    ("status", "content", "code", "message"),
    [
        (200, b"<html>maintenance</html>", 5, "not valid SPARQL results JSON"),
        (
            200,
            b'{"head": {"vars": ["item"]}, "results": {"bindings": [{"item": {"type": "uri", "value": "http',
            5,
            "JSON",
        ),
        (200, b'{"head": {}, "boolean": true}', 5, "a SELECT query is not a table"),
        (200, b"\xff\xfe\x00", 5, "JSON"),
        (429, b"Too Many Requests\nslow down", 5, "returned status 429; Too Many Requests slow down"),
        (500, b"java.lang.OutOfMemoryError", 5, "returned status 500"),
        (400, b"MALFORMED QUERY", 3, "returned status 400"),
    ],
)
def test_what_the_other_side_gets_wrong_is_reported_in_one_line(
    root: Path, other: Endpoint, status: int, content: bytes, code: int, message: str
) -> None:
    other.status, other.content = status, content
    result = ask(root, "topics-in-un-thesaurus", "--allow-network")
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in one_line(result.stderr) and other.url in result.stderr


def test_nobody_there(root: Path, other: Endpoint) -> None:
    file = root / "queries" / "federated" / "topics-in-un-thesaurus.rq"
    file.write_text(file.read_text().replace(other.url, "http://127.0.0.1:9/sparql"))
    result = ask(root, "topics-in-un-thesaurus", "--allow-network")
    assert result.exit_code == 5 and "cannot be reached" in one_line(result.stderr)


@pytest.mark.slow
def test_too_slow_is_stopped(root: Path, other: Endpoint, oewg_process: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    other.wait.clear()
    done = oewg_process("ask", "topics-in-un-thesaurus", "--allow-network", "--seconds", "1", root=root)
    assert done.returncode == 4 and done.stdout == b""
    assert "stopped after 1 s" in one_line(done.stderr.decode())
    monkeypatch.setattr(remote, "TIME_LIMIT", 0.2)
    result = ask(root, "topics-in-un-thesaurus", "--allow-network")
    assert result.exit_code == 4 and "no answer within 0.2 s" in one_line(result.stderr)


def test_more_solutions_than_can_be_joined(other: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = SAVED["topics-in-un-thesaurus"]
    moved = query.parse(saved.name, saved.text.replace(THESAURUS, other.url))
    monkeypatch.setattr(federated, "MOST_SOLUTIONS", 3)
    with pytest.raises(LimitError, match="the service returned 4 rows; at most 3"):
        federated.fetch_services(moved)


def test_awkward_terms_are_joined_as_they_are(other: Endpoint, kg: KnowledgeGraph) -> None:
    values = ['a "b" \\ \n\t}', "'''", "中文", ""]
    bindings = ", ".join(f'{{"v": {{"type": "literal", "value": {ox.Literal(v)}}}}}' for v in values)
    other.content = f'{{"head": {{"vars": ["v", "w"]}}, "results": {{"bindings": [{bindings}]}}}}'.encode()
    text = f"#+ summary: x\n#+ definition: y\nSELECT ?v ?w {{ SERVICE <{other.url}> {{ ?s ?p ?v }} }}"
    result = query.run(kg.dataset, federated.fetch_services(query.parse("x", text)), {})
    assert sorted(text_of(row[0]) for row in result.rows) == sorted(values)
    assert {row[1] for row in result.rows} == {None}


def test_a_service_that_is_silent_or_has_no_fixed_place_is_refused() -> None:
    for text in ("SELECT * { SERVICE SILENT <http://x/> { } }", "SELECT * { SERVICE ?where { } }"):
        with pytest.raises(UsageError, match="must name one endpoint"):
            query_guard.service_clauses(text)
    (service,) = query_guard.service_clauses(
        'SELECT * { # SERVICE <a:b> {\n SERVICE\n<http://x/> { ?s ?p "}" { ?a ?b <u:a> } } ?c ?d ?e }'
    )
    assert (service.endpoint, service.pattern) == ("http://x/", ' ?s ?p "}" { ?a ?b <u:a> } ')


def test_the_served_side_never_reaches_out(root: Path, other: Endpoint, kg: KnowledgeGraph) -> None:
    place = paths.find(str(root))
    client = client_of(place, kg.dataset)
    listed = client.get("/questions").text
    for name in ENDPOINTS:
        assert name not in listed
        assert client.get(f"/questions/{name}").status_code == 404
        assert client.get(f"/questions/{name}.csv").status_code == 404
        text = (root / "queries" / "federated" / f"{name}.rq").read_text(encoding="utf-8")
        answer = client.get("/sparql", params={"query": text})
        assert answer.status_code == 400 and "SERVICE" in answer.text
    assert other.asked == []


def test_the_engine_itself_is_never_given_a_service(kg: KnowledgeGraph, other: Endpoint) -> None:
    saved = query.parse("x", f"#+ summary: x\n#+ definition: y\nSELECT * {{ SERVICE <{other.url}> {{ ?s ?p ?o }} }}")
    with pytest.raises(UsageError, match="queries http"):
        query.run(kg.dataset, saved, {})
    with pytest.raises(StorageError, match="cannot be reached"):
        federated.fetch_services(query.parse("x", saved.text.replace(other.url, "http://127.0.0.1:9/")))
    assert other.asked == []
