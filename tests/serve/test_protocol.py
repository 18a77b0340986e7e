"""The SPARQL 1.1 Protocol, against `oewg serve` as a process of its own: the cases of the W3C, and what is promised besides.

The cases are read from the folder of the W3C's tests beside the repository, where it is.
"""

import contextlib
import csv
import io
import json
import re
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

import material
from served import FORM, JSON, QUERY, Answer, Server, serving

pytestmark = pytest.mark.slow

CASES = material.folder("OEWG_STANDARDS", "w3c-rdf-tests")
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT, CNT = "http://www.w3.org/2011/http#", "http://www.w3.org/2011/content#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
SD = "http://www.w3.org/ns/sparql-service-description#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DATA = "http://kasei.us/2009/09/sparql/data/"
there = pytest.mark.skipif(not CASES.is_dir(), reason=material.reason("OEWG_STANDARDS", "this case of the W3C"))
# The cases that a graph which does not change cannot meet: each begins with an update that has to succeed. It is refused with 403.
NEEDS_UPDATE = {
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_named_graphs",
    "update_dataset_full",
    "update_post_form",
    "update_post_direct",
    "update_base_uri",
}


class Manifest:
    """A manifest of the W3C, read with the base at which its files stand."""

    def __init__(self, folder: str) -> None:
        self.base = f"http://manifest.example/{folder}/"
        self.store = ox.Store()
        self.store.load(
            path=CASES / folder / "manifest.ttl", format=ox.RdfFormat.TURTLE, base_iri=self.base + "manifest.ttl"
        )

    def values(self, subject: object, predicate: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal]:
        found = self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None)  # type: ignore[arg-type]
        return [quad.object for quad in found]  # type: ignore[misc]

    def members(self, node: object) -> Iterator[ox.NamedNode]:
        while getattr(node, "value", None) != RDF + "nil":
            yield self.values(node, RDF + "first")[0]  # type: ignore[misc]
            node = self.values(node, RDF + "rest")[0]

    def entries(self) -> dict[str, ox.NamedNode]:
        top = next(self.store.quads_for_pattern(None, ox.NamedNode(MF + "entries"), None)).object
        return {entry.value.rpartition("#")[2]: entry for entry in self.members(top)}

    def text(self, subject: object, predicate: str) -> str:
        return next((value.value for value in self.values(subject, predicate)), "")


@dataclass(frozen=True)
class Case:
    """One request of a case, and what it has to bring."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None
    statuses: set[str]
    format: str
    boolean: str


def requests(name: str) -> list[Case]:
    manifest = Manifest("protocol")
    found = []
    action = manifest.values(manifest.entries()[name], MF + "action")[0]
    for request in manifest.members(manifest.values(action, HT + "requests")[0]):
        headers = {}
        for listed in manifest.values(request, HT + "headers"):
            for header in manifest.members(listed):
                headers[manifest.text(header, HT + "fieldName")] = manifest.text(header, HT + "fieldValue")
        body = None
        for node in manifest.values(request, HT + "body"):
            body = manifest.text(node, CNT + "chars").encode(manifest.text(node, CNT + "characterEncoding"))
        response = manifest.values(request, HT + "resp")[0]
        statuses = {
            value.value.rpartition("StatusCode")[2][0] for value in manifest.values(response, MF + "expectedStatus")
        }
        target = manifest.text(request, HT + "absolutePath").replace("/sparql/", "/sparql", 1)
        told = (manifest.text(response, MF + "expectedFormat"), manifest.text(response, MF + "expectedBoolean"))
        found.append(Case(manifest.text(request, HT + "methodName"), target, headers, body, statuses, *told))
    return found


@pytest.fixture(scope="module")
def w3c(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the data of the protocol cases, each in the named graph that they ask for."""
    folder = tmp_path_factory.mktemp("w3c")
    store = ox.Store()
    for at in (1, 2, 3):
        graph = ox.NamedNode(f"{DATA}data{at}.rdf")
        store.load(path=CASES / "protocol" / f"data{at}.nt", format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
    store.dump(folder / "data.nq", format=ox.RdfFormat.N_QUADS)
    with serving(folder, "--data", str(folder / "data.nq"), "--workers", "1") as server:
        yield server


NAMES = sorted(Manifest("protocol").entries()) if CASES.is_dir() else []


@there
def test_all_cases_of_the_protocol_are_known() -> None:
    assert len(NAMES) == 34
    assert set(NAMES) > NEEDS_UPDATE
    assert sum(len(requests(name)) for name in NAMES) == 39


@there
@pytest.mark.parametrize("name", material.cases([name for name in NAMES if name not in NEEDS_UPDATE], 27))
def test_a_case_of_the_protocol(w3c: Server, name: str) -> None:
    for case in requests(name):
        answer = w3c.say(case.method, case.target, case.headers, case.body)
        assert str(answer.status)[0] in case.statuses, answer.text
        kind = answer.headers["content-type"].partition(";")[0]
        if case.format == "boolean":
            assert kind == JSON and isinstance(json.loads(answer.body)["boolean"], bool)
        if case.format == "tabular":
            assert kind == JSON and answer.bindings == [{"value": {"type": "literal", "value": "1"} | INTEGER}]
        if case.format == "RDF":
            assert kind == "text/turtle" and list(ox.parse(answer.body, format=ox.RdfFormat.TURTLE)) is not None
        if case.boolean:
            assert json.loads(answer.body)["boolean"] is (case.boolean == "true")


INTEGER = {"datatype": "http://www.w3.org/2001/XMLSchema#integer"}


@there
@pytest.mark.parametrize("name", sorted(NEEDS_UPDATE))
def test_a_case_that_needs_an_update_is_refused(w3c: Server, name: str) -> None:
    update = requests(name)[0]
    answer = w3c.say(update.method, update.target, update.headers, update.body)
    assert (answer.status, answer.text) == (403, "updates are not accepted: the data are read-only\n")


# Formats of results


# Oxigraph keeps the value of a number and not how it was written, nor that an integer is of a type derived from xsd:integer.
REWRITTEN = {"1.0E6": "1000000", '"-3"^^<http://www.w3.org/2001/XMLSchema#negativeInteger>': "-3"}


def result_cases() -> list[str]:
    return [f"{folder}/{name}" for folder in ("json-res", "csv-tsv-res") for name in sorted(Manifest(folder).entries())]


RESULTS = result_cases() if CASES.is_dir() else []


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Serve the data of the result cases, by the folder and file in which they stand."""
    folder = tmp_path_factory.mktemp("results")
    names = ("json-res/data.ttl", "csv-tsv-res/data.ttl", "csv-tsv-res/data2.ttl")
    with contextlib.ExitStack() as stack:
        yield {
            name: stack.enter_context(serving(folder, "--data", str(CASES / name), "--workers", "1")) for name in names
        }


@there
def test_all_cases_of_result_formats_are_known() -> None:
    assert Counter(case.partition("/")[0] for case in RESULTS) == {"json-res": 4, "csv-tsv-res": 6}


@there
@pytest.mark.parametrize("case", material.cases(RESULTS, 10))
def test_a_case_of_a_result_format(results: dict[str, Server], case: str) -> None:
    folder, _, name = case.partition("/")
    manifest = Manifest(folder)
    entry = manifest.entries()[name]
    action = manifest.values(entry, MF + "action")[0]
    query, data, expected = (
        text.removeprefix(manifest.base)
        for text in (
            manifest.text(action, QT + "query"),
            manifest.text(action, QT + "data"),
            manifest.text(entry, MF + "result"),
        )
    )
    accept = {"srj": JSON, "csv": "text/csv", "tsv": "text/tab-separated-values"}[expected.rpartition(".")[2]]
    answer = results[f"{folder}/{data}"].ask((CASES / folder / query).read_text(), accept)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, accept)
    wanted = (CASES / folder / expected).read_text()
    for stated, kept in REWRITTEN.items():
        wanted = wanted.replace(stated, kept)
    if accept == JSON:
        assert same_json(answer.body) == same_json(wanted)
    elif accept == "text/csv":
        assert same_rows(answer.text) == same_rows(wanted)
    else:
        assert same_terms(answer.text) == same_terms(wanted)


def same_json(text: str | bytes) -> object:
    """Read results JSON; blank nodes are alike, and neither the order of variables nor that of solutions counts here."""
    found = json.loads(text)
    for binding in found.get("results", {}).get("bindings", []):
        for name, term in binding.items():
            binding[name] = sorted(term.items()) if term["type"] != "bnode" else "bnode"
    solutions = sorted(str(sorted(one.items())) for one in found.get("results", {}).get("bindings", []))
    return sorted(found["head"].get("vars", [])), solutions, found.get("boolean")


def same_rows(text: str) -> list[list[tuple[str, str]]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    return sorted(sorted((name, "_:" if cell.startswith("_:") else cell) for name, cell in row.items()) for row in rows)


def same_terms(text: str) -> list[list[tuple[str, str]]]:
    """Read results TSV as terms, so that 4 and "4"^^xsd:integer are the same; a double may be written in other digits."""
    names, *lines = [line.split("\t") for line in text.rstrip("\n").split("\n")]
    return sorted(sorted(zip(names, map(same_term, cells), strict=True)) for cells in lines)


def same_term(cell: str) -> str:
    if not cell or cell.startswith("_:"):
        return cell[:2]
    (quad,) = ox.parse(f"<a:> <a:> {cell} .", format=ox.RdfFormat.TURTLE)
    double = isinstance(quad.object, ox.Literal) and quad.object.datatype.value.endswith("#double")
    return str(float(quad.object.value)) if double else str(quad.object)  # type: ignore[union-attr]


# Service description


@pytest.fixture
def server(real: Server) -> Server:
    return real


def described(answer: Answer) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(answer.body, format=ox.RdfFormat.TURTLE)}


@there
def test_all_cases_of_the_service_description_are_known() -> None:
    assert sorted(Manifest("service-description").entries()) == SERVICE_CASES


SERVICE_CASES = ["conforms-to-schema", "has-endpoint-triple", "returns-rdf"]


def test_the_service_description_meets_the_three_cases_of_the_w3c(server: Server) -> None:
    answer = server.say("GET", "/sparql")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/turtle; charset=utf-8")
    triples = described(answer)
    endpoint = ox.NamedNode(f"http://127.0.0.1:{server.port}/sparql")
    services = [t.subject for t in triples if (t.predicate.value, str(t.object)) == (RDF + "type", f"<{SD}Service>")]
    assert services == [endpoint]
    assert ox.Triple(endpoint, ox.NamedNode(SD + "endpoint"), endpoint) in triples
    # Service Description 3: one endpoint, one default dataset with one default graph, named graphs with one name each.
    counts = Counter(t.predicate.value.removeprefix(SD) for t in triples)
    assert (counts["endpoint"], counts["defaultDataset"], counts["defaultGraph"]) == (1, 1, 1)
    assert counts["name"] == counts["namedGraph"] > 500
    found = server.ask("SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    assert int(found.bindings[0]["n"]["value"]) == counts["name"]
    assert ox.Triple(endpoint, ox.NamedNode(SD + "supportedLanguage"), ox.NamedNode(SD + "SPARQL11Query")) in triples
    formats = {
        str(t.object).rpartition("/")[2].rstrip(">") for t in triples if t.predicate.value == SD + "resultFormat"
    }
    results = {f"SPARQL_Results_{name}" for name in ("JSON", "XML", "CSV", "TSV")}
    assert formats == results | {"Turtle", "N-Triples", "RDF_XML", "JSON-LD"}


def test_behind_a_proxy_the_endpoint_is_called_as_the_client_calls_it(tmp_path: Path) -> None:
    """A proxy that takes the prefix off, and names itself in Host and X-Forwarded-Proto."""
    proxy = {"Host": "kg.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    with serving(tmp_path, "--workers", "1", "--root-path", "/cyber", "--host-name", "kg.example.org") as server:
        answer = server.say("GET", "/sparql", proxy)
        endpoint = ox.NamedNode("https://kg.example.org/cyber/sparql")
        assert ox.Triple(endpoint, ox.NamedNode(SD + "endpoint"), endpoint) in described(answer)
        void = server.say("GET", "/.well-known/void", proxy)
        assert endpoint in {triple.object for triple in described(void)}
        assert server.say("GET", "/sparql?query=ASK%7B%7D", proxy).status == 200
        here = ox.NamedNode(f"http://127.0.0.1:{server.port}/cyber/sparql")
        assert here in {triple.object for triple in described(server.say("GET", "/sparql"))}


# What is promised besides

SELECT, CONSTRUCT = (
    "SELECT ?s { ?s a oewg:Process } ORDER BY ?s",
    "CONSTRUCT { ?s a oewg:Process } WHERE { ?s a oewg:Process }",
)
XML, CSV, TSV = "application/sparql-results+xml", "text/csv", "text/tab-separated-values"


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        (SELECT, "*/*", JSON),
        (SELECT, "application/json", JSON),
        (SELECT, JSON, JSON),
        (SELECT, XML, XML),
        (SELECT, "application/xml", XML),
        (SELECT, CSV, CSV),
        (SELECT, TSV, TSV),
        (SELECT, "text/*", CSV),
        (SELECT, "TEXT/CSV", CSV),
        (SELECT, "Text/Csv;Q=0.5, application/xml; q=0.4", CSV),
        (SELECT, f"{JSON};q=0, */*;q=0.1", XML),
        (SELECT, f"{JSON};q=0.2, {CSV};q=0.9", CSV),
        (SELECT, f"{CSV};q=0.001, {TSV};q=0.002", TSV),
        (SELECT, "text/turtle, */*;q=0.1", JSON),
        (SELECT, f"{CSV};charset=utf-8", CSV),
        (SELECT, f" , {CSV} ,, ", CSV),
        (SELECT, "*/*;q=nan, text/csv", CSV),
        (SELECT, "text/html", "text/html"),
        (SELECT, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("ASK {}", JSON, JSON),
        ("ASK {}", XML, XML),
        ("ASK {}", CSV, CSV),
        ("ASK {}", TSV, TSV),
        ("ASK {}", "text/html", "text/html"),
        (CONSTRUCT, "*/*", "text/turtle"),
        (CONSTRUCT, "text/*", "text/turtle"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "application/json", "application/ld+json"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "text/html", "text/html"),
        (CONSTRUCT, "application/x-turtle", "text/turtle"),
        (CONSTRUCT, "text/n3", "text/turtle"),
        (CONSTRUCT, "text/rdf+n3", "text/turtle"),
        (CONSTRUCT, "text/xml", "application/rdf+xml"),
        (CONSTRUCT, "application/xml", "application/rdf+xml"),
        (CONSTRUCT, "application/trig", "application/trig"),
        (CONSTRUCT, "application/n-quads", "application/n-quads"),
        (CONSTRUCT, "text/plain", "application/n-triples"),
        (SELECT, "text/xml", XML),
        ("DESCRIBE state:EST", "*/*", "text/turtle"),
        ("DESCRIBE state:EST", "application/rdf+xml;q=0.1, application/ld+json", "application/ld+json"),
    ],
)
def test_the_format_is_what_the_client_would_rather_have(server: Server, query: str, accept: str, kind: str) -> None:
    answer = server.ask(query, accept)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert "Accept" in answer.headers["vary"].split(", ")
    assert answer.headers["etag"]


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (SELECT, "image/png"),
        (SELECT, "*/*;q=0"),
        (SELECT, "text/turtle"),
        (CONSTRUCT, JSON),
        (CONSTRUCT, CSV),
        ("DESCRIBE state:EST", "text/csv"),
    ],
)
def test_an_unknown_format_is_reported(server: Server, query: str, accept: str) -> None:
    answer = server.ask(query, accept)
    assert (answer.status, "none of the requested formats" in answer.text) == (406, True)


@pytest.mark.parametrize("field", ["format", "output", "results"])
@pytest.mark.parametrize(
    ("query", "word", "kind"),
    [
        (SELECT, "CSV", CSV),
        (SELECT, "text/csv", CSV),
        (SELECT, "application/sparql-results+json", JSON),
        (SELECT, "srx", XML),
        (SELECT, "tsv", TSV),
        (SELECT, "text/xml; charset=utf-8", XML),
        ("ASK {}", "Json", JSON),
        (CONSTRUCT, "xml", "application/rdf+xml"),
        (CONSTRUCT, "rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "RDF", "application/rdf+xml"),
        (CONSTRUCT, "json", "application/ld+json"),
        (CONSTRUCT, "json-ld", "application/ld+json"),
        (CONSTRUCT, "application/x-json+ld", "application/ld+json"),
        (CONSTRUCT, "n3", "text/turtle"),
        (CONSTRUCT, "TTL", "text/turtle"),
        (CONSTRUCT, "nt", "application/n-triples"),
        (CONSTRUCT, "n-triples", "application/n-triples"),
        (CONSTRUCT, "trig", "application/trig"),
        (CONSTRUCT, "nq", "application/n-quads"),
    ],
)
def test_a_format_is_understood_by_any_of_its_names(
    server: Server, field: str, query: str, word: str, kind: str
) -> None:
    accept = "application/sparql-results+xml;q=0.9, application/n-triples;q=0.8"
    for answer in (
        server.ask(query, accept, **{field: word}),
        server.say("POST", "/sparql", FORM | {"Accept": accept}, urlencode({"query": query, field: word})),
    ):
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, kind), answer.text


@pytest.mark.parametrize(
    ("query", "words", "kind"),
    [
        (SELECT, {"format": "turtle"}, TSV),
        (SELECT, {"output": "rdf+xml"}, TSV),
        (CONSTRUCT, {"results": "csv"}, "application/n-triples"),
        (CONSTRUCT, {"format": "srj"}, "application/n-triples"),
        (SELECT, {"format": ""}, TSV),
        (SELECT, {"format": "auto"}, TSV),
        (SELECT, {"format": "turtle", "output": "csv"}, CSV),
        (SELECT, {"format": "exe", "output": "csv"}, CSV),
    ],
)
def test_a_format_that_the_answer_has_not_leaves_the_choice_to_accept(
    server: Server, query: str, words: dict[str, str], kind: str
) -> None:
    answer = server.ask(query, f"{TSV}, application/n-triples", **words)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, kind), answer.text


@pytest.mark.parametrize("field", ["format", "output", "results"])
def test_a_browser_gets_the_file_that_its_address_names(server: Server, field: str) -> None:
    answer = server.ask(SELECT, "text/html", **{field: "text/csv"})
    assert answer.headers["content-type"].partition(";")[0] == CSV
    assert server.ask(SELECT, "text/html", **{field: ""}).headers["content-type"].partition(";")[0] == "text/html"


def test_a_form_may_hold_utf_8_as_it_is(server: Server) -> None:
    """URL Standard 5.1: the bytes of a form are percent-decoded, then read as UTF-8."""
    told = "SELECT ('Türkiye' AS ?x) {}"
    for form in (f"query={told}", f"query={quote(told)}"):
        answer = server.say("POST", "/sparql", FORM, form.encode())
        assert answer.bindings[0]["x"]["value"] == "Türkiye"
    asked = server.say("POST", "/reconcile", FORM, 'queries={"q":{"query":"Türkiye"}}'.encode())
    assert json.loads(asked.body)["q"]["result"][0]["id"].endswith("/state/TUR")


def test_a_query_may_begin_with_a_byte_order_mark(server: Server) -> None:
    for headers, body in ((QUERY, "\ufeffASK {}"), (FORM, urlencode({"query": "\ufeffASK {}"}))):
        assert json.loads(server.say("POST", "/sparql", headers, body.encode()).body)["boolean"] is True


@pytest.mark.parametrize("name", ["", "urn:x-rdflib:default", "urn:x-arq:DefaultGraph"])
def test_the_default_graph_by_no_name_or_by_that_of_a_client(server: Server, name: str) -> None:
    line = "https://w3id.org/oewg-kg/source/oewg-2019-2021#L62"
    whole, stated = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert server.ask(whole, **{"default-graph-uri": name}).bindings == server.ask(whole).bindings
    assert server.ask(stated, **{"default-graph-uri": name}).bindings == server.ask(stated).bindings
    assert (
        server.ask(whole, **{"default-graph-uri": name, "named-graph-uri": ""}).bindings == server.ask(whole).bindings
    )
    if name:
        named = server.ask(whole, **{"default-graph-uri": name, "named-graph-uri": line})
        assert named.bindings == server.ask(whole).bindings
        only = server.ask(stated, **{"default-graph-uri": name, "named-graph-uri": line})
        assert only.bindings == server.ask(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{line}> {{ ?s ?p ?o }} }}").bindings


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * { ?s foo:bar ?o }", "query:1:22: the prefix foo: is not declared"),
        ("SELECT * {\n  ?s a oewg:State ;\n    é-1.x:p-q ?o }", "query:3:14: the prefix é-1.x: is not declared"),
        ("SELECT * { ?s <a b> ?o }", "query:1:20: IRI parsing failed"),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", "query:1:40: The SELECT contains a variable that is unbound"),
    ],
)
def test_a_query_that_cannot_be_read_is_reported_in_one_short_line(server: Server, query: str, told: str) -> None:
    answer = server.ask(query)
    assert (answer.status, answer.text.startswith(told)) == (400, True), answer.text


@pytest.mark.parametrize(
    "query", ["SELECT (1 AS ?x) {} GROUP BY", "SELECT * { ?s ?p 'a }", "SELECT ?x { BIND(1 AS ?x) BIND(2 AS ?x) }"]
)
def test_no_error_lists_the_grammar(server: Server, query: str) -> None:
    answer = server.ask(query)
    assert answer.status == 400 and answer.text.count("\n") == 1
    assert len(answer.text) < 120 and not re.search(r"\\u\{|\.\.=|\[_\]", answer.text)


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-3", 206, (0, 4)),
        ("bytes=4-", 206, (4, None)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=0-99999999", 206, (0, None)),
        ("bytes=-99999999", 206, (0, None)),
        ("bytes=5-4", 200, (0, None)),
        ("bytes=0-1,3-4", 200, (0, None)),
        ("lines=0-1", 200, (0, None)),
        ("bytes=-", 200, (0, None)),
        ("bytes=99999999-", 416, (0, 0)),
        ("bytes=-0", 416, (0, 0)),
    ],
)
def test_a_range_of_an_answer_is_that_part_of_it(
    server: Server, asked: str, status: int, span: tuple[int, int | None]
) -> None:
    target = "/questions/states-on-both-drafts.csv"
    whole = server.say("GET", target)
    part = server.say("GET", target, {"Range": asked})
    assert whole.headers["accept-ranges"] == "bytes"
    assert (part.status, part.body) == (status, whole.body[slice(*span)])
    if status == 206:
        at = whole.body.index(part.body)
        assert part.headers["content-range"] == f"bytes {at}-{at + len(part.body) - 1}/{len(whole.body)}"
    elif status == 416:
        assert part.headers["content-range"] == f"bytes */{len(whole.body)}"


def test_a_range_of_what_changed_meanwhile_is_the_complete_answer(server: Server) -> None:
    target = "/questions/states-on-both-drafts.csv"
    whole = server.say("GET", target)
    for tag, status in ((whole.headers["etag"], 206), ('"another"', 200)):
        assert server.say("GET", target, {"Range": "bytes=0-3", "If-Range": tag}).status == status


def test_accept_may_come_in_several_lines(server: Server) -> None:
    with server.open() as channel:
        head = (
            "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: localhost\r\nAccept: image/png\r\nAccept: text/csv\r\n\r\n"
        )
        channel.sendall(head.encode())
        assert b"content-type: text/csv" in channel.recv(10_000).lower()


def test_solutions_in_all_formats_are_the_same(server: Server) -> None:
    told = server.ask(SELECT, JSON)
    values = [row["s"]["value"] for row in told.bindings]
    assert len(values) == 8
    assert server.ask(SELECT, CSV).text.splitlines()[1:] == values
    assert server.ask(SELECT, TSV).text.splitlines()[1:] == [f"<{value}>" for value in values]
    assert re.findall("<uri>(.*?)</uri>", server.ask(SELECT, XML).text) == values


def test_a_graph_in_all_formats_is_the_same(server: Server) -> None:
    formats = {
        "text/turtle": ox.RdfFormat.TURTLE,
        "application/n-triples": ox.RdfFormat.N_TRIPLES,
        "application/ld+json": ox.RdfFormat.JSON_LD,
        "application/rdf+xml": ox.RdfFormat.RDF_XML,
    }
    for query in (CONSTRUCT, "DESCRIBE state:EST"):
        graphs = [set(ox.parse(server.ask(query, kind).body, format=format)) for kind, format in formats.items()]
        assert len(graphs[0]) >= 8
        assert all(graph == graphs[0] for graph in graphs)


def test_the_three_ways_in_answer_alike(server: Server) -> None:
    """What stands in a form is percent-decoded once, and a plus is a space there."""
    query = "SELECT ('%2525 +é' AS ?x) {}"
    form = "query=SELECT+%28%27%252525+%2B%C3%A9%27+AS+%3Fx%29+%7B%7D"
    answers = [
        server.ask(query),
        server.say("GET", f"/sparql?{form}"),
        server.say("POST", "/sparql", FORM, form),
        server.say("POST", "/sparql", FORM | {"Content-Type": FORM["Content-Type"] + "; charset=UTF-8"}, form),
        server.say("POST", "/sparql", QUERY, query.encode()),
        server.say("POST", "/sparql", {"Content-Type": 'APPLICATION/SPARQL-QUERY; charset="utf-8"'}, query.encode()),
    ]
    assert [answer.bindings[0]["x"]["value"] for answer in answers] == ["%2525 +é"] * 6


def test_a_byte_order_mark_before_a_query_is_passed_over(server: Server) -> None:
    query = "\ufeffSELECT ('é' AS ?x) {}"
    answers = [
        server.say("POST", "/sparql", QUERY, query.encode()),
        server.say("POST", "/sparql", FORM, urllib.parse.urlencode({"query": query})),
        server.ask(query),
    ]
    assert [answer.bindings[0]["x"]["value"] for answer in answers] == ["é"] * 3


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status", "told"),
    [
        ("GET", "/sparql?query=SELECT%20%7B", {}, None, 400, "query:1:9: syntax error"),
        ("GET", "/sparql?query=ASK%20%7B%0A%0A%20x", {}, None, 400, "query:3:3: syntax error"),
        ("GET", "/sparql?query=", {}, None, 400, "query:1:1: syntax error"),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", {}, None, 400, "expected exactly one query, got 2"),
        ("POST", "/sparql?query=ASK%7B%7D", QUERY, "ASK {}", 400, "expected exactly one query, got 2"),
        ("GET", "/sparql?question=ASK%7B%7D", {}, None, 400, "expected exactly one query, got 0"),
        ("POST", "/sparql", FORM, "", 400, "expected exactly one query, got 0"),
        ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=x%20y", {}, None, 400, "not a valid graph IRI: x y"),
        ("GET", "/sparql?query=ASK%7B%7D&format=exe", {}, None, 400, "unknown format 'exe'; use one of turtle"),
        ("GET", "/sparql?query=%FF", {}, None, 400, "the form is not UTF-8"),
        ("POST", "/sparql", QUERY, b"ASK { # \xff\n}", 400, "not UTF-8"),
        ("POST", "/sparql", FORM, "query=%ED%A0%80", 400, "the form is not UTF-8"),
        ("POST", "/sparql", {"Content-Type": "application/sparql-query; charset=latin-1"}, "ASK {}", 415, "only UTF-8"),
        ("POST", "/sparql", {"Content-Type": "text/plain"}, "ASK {}", 415, "send application/sparql-query, or a form"),
        ("POST", "/sparql", {"Content-Type": "multipart/form-data; boundary=x"}, "--x--", 415, "send application/sparql"),
        ("POST", "/sparql", {}, "ASK {}", 415, "send application/sparql-query, or a form"),
        ("PUT", "/sparql", QUERY, "ASK {}", 405, "method not allowed"),
        ("DELETE", "/sparql", {}, None, 405, "method not allowed"),
        ("GET", "/rdf-graph-store", {}, None, 400, "name one graph"),
        ("GET", "/rdf-graph-store?default&graph=http://a/", {}, None, 400, "name one graph"),
        ("GET", "/rdf-graph-store?graph=a", {}, None, 400, "not the IRI of a graph"),
        ("GET", "/rdf-graph-store?graph=http://a/", {}, None, 404, "no such graph"),
        ("GET", "/no/such/thing", {}, None, 404, "page not found"),
    ],
)  # fmt: skip
def test_an_error_is_a_line_or_a_problem_and_open_to_all_origins(
    server: Server, method: str, target: str, headers: dict[str, str], body: str | bytes | None, status: int, told: str
) -> None:
    plain = server.say(method, target, {**headers, "Accept": "*/*"}, body)
    assert (plain.status, told in plain.text) == (status, True), plain.text
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    assert len(plain.text.splitlines()) in (1, 2)
    problem = server.say(method, target, {**headers, "Accept": "application/problem+json"}, body)
    assert (problem.status, problem.headers["content-type"]) == (status, "application/problem+json")
    parts = json.loads(problem.body)
    assert (parts["status"], parts["detail"]) == (status, plain.text.strip())
    assert set(parts) == {"type", "title", "status", "detail"}
    for answer in (plain, problem):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Accept" in answer.headers["vary"]
        assert not re.search(r"Traceback|/[a-z]+/oewg_kg|\.py\b", answer.text)
        if status == 405:
            assert answer.headers["allow"] == "GET, HEAD, POST"


def test_head_tells_what_get_would(server: Server) -> None:
    for target in (
        "/sparql",
        "/sparql?query=ASK%7B%7D",
        "/rdf-graph-store?default",
        "/.well-known/void",
        "/state/EST",
        "/no",
    ):
        get, head = (server.say(method, target) for method in ("GET", "HEAD"))
        assert (head.status, head.body) == (get.status, b"")
        assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


@pytest.mark.parametrize(
    "target",
    ["/sparql", "/sparql?query=ASK%7B%7D", "/rdf-graph-store?default", "/.well-known/void", "/state/EST", "/"],
)
def test_what_is_known_is_not_sent_again(server: Server, target: str) -> None:
    first = server.say("GET", target)
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = server.say("GET", target, {"If-None-Match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["vary"] == first.headers["vary"]
    assert server.say("GET", target, {"If-None-Match": '"other"'}).body == first.body


def test_each_format_and_each_dataset_has_a_tag_of_its_own(server: Server) -> None:
    targets = ["", "&default-graph-uri=http://a/", "&named-graph-uri=http://a/", "&format=csv"]
    answers = [
        server.say("GET", "/sparql?query=ASK%7B%7D" + target, {"Accept": accept})
        for target in targets
        for accept in (JSON, XML)
    ]
    assert len({answer.headers["etag"] for answer in answers}) == 7


def test_other_origins_may_ask(server: Server) -> None:
    answer = server.say("OPTIONS", "/sparql", {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert {"GET", "HEAD", "POST"} <= set(answer.headers["access-control-allow-methods"].split(", "))
    for target in (
        "/",
        "/sparql",
        "/rdf-graph-store?default",
        "/.well-known/void",
        "/.well-known/sparql-examples",
        "/cite",
        "/no",
    ):
        assert server.say("GET", target).headers["access-control-allow-origin"] == "*"


def test_the_dataset_of_the_protocol_wins_over_from(server: Server) -> None:
    line = "https://w3id.org/oewg-kg/source/oewg-2019-2021#L62"
    resolved = "https://w3id.org/oewg-kg/graph/resolved"
    count = "SELECT (COUNT(*) AS ?n) FROM <http://a/> { ?s ?p ?o }"
    named = "SELECT (COUNT(*) AS ?n) FROM NAMED <http://a/> { GRAPH ?g { ?s ?p ?o } }"

    def number(query: str, **dataset: str) -> int:
        return int(server.ask(query, **dataset).bindings[0]["n"]["value"])

    assert number(count) == number(named) == 0
    stated = number(f"SELECT (COUNT(*) AS ?n) FROM <{line}> {{ ?s ?p ?o }}")
    assert stated == number(count, **{"default-graph-uri": line}) == number(named, **{"named-graph-uri": line}) > 0
    assert number(count, **{"named-graph-uri": line}) == number(named, **{"default-graph-uri": line}) == 0
    whole = number("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert whole == number(count, **{"default-graph-uri": resolved}) > 20_000


def test_the_graph_store_gives_every_graph_in_every_format(server: Server) -> None:
    line = "https://w3id.org/oewg-kg/source/oewg-2019-2021#L62"
    asked = f"/rdf-graph-store?graph={line.replace('#', '%23')}"
    construct = server.ask(
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{line}> {{ ?s ?p ?o }} }}", "application/n-triples"
    )
    expected = set(ox.parse(construct.body, format=ox.RdfFormat.N_TRIPLES))
    for kind, format in (("text/turtle", ox.RdfFormat.TURTLE), ("application/rdf+xml", ox.RdfFormat.RDF_XML)):
        answer = server.say("GET", asked, {"Accept": kind})
        assert answer.headers["content-type"].partition(";")[0] == kind
        assert set(ox.parse(answer.body, format=format)) == expected
    default = server.say("GET", "/rdf-graph-store?default", {"Accept": "application/n-triples"})
    whole = int(server.ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").bindings[0]["n"]["value"])
    assert len(default.body.splitlines()) == whole
    assert server.say("GET", asked, {"Accept": "text/csv"}).status == 406


def test_a_client_of_another_make_is_content(server: Server) -> None:
    """Python's own client, whose Accept is */* and which reads by Content-Length."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/sparql?query=ASK%7B%7D") as answer:
        assert json.load(answer)["boolean"] is True
