"""Clients as people install them, against `oewg serve` as a process of its own: SPARQLWrapper, rdflib, polars."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import polars
import pytest
import rdflib
import SPARQLWrapper as sw
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from served import Server, serving

pytestmark = pytest.mark.slow

STATES = "SELECT ?s { ?s a <https://w3id.org/oewg-kg/ontology#State> } ORDER BY ?s LIMIT 3"
FORMS = {
    "SELECT": STATES,
    "ASK": "ASK { ?s ?p ?o }",
    "CONSTRUCT": "CONSTRUCT WHERE { <https://w3id.org/oewg-kg/state/EST> ?p ?o }",
    "DESCRIBE": "DESCRIBE <https://w3id.org/oewg-kg/state/EST>",
}
# What SPARQLWrapper asks for, and what it gets where the answer cannot be that: what Accept says is anything.
FORMATS = [None, sw.JSON, sw.XML, sw.CSV, sw.TSV, sw.TURTLE, sw.N3, sw.RDFXML, sw.RDF, sw.JSONLD]
RESULTS = {None: "xml", sw.JSON: "json", sw.XML: "xml", sw.CSV: "text/csv", sw.TSV: "text/tab-separated-values"}
GRAPHS = {
    None: "rdf+xml",
    sw.XML: "rdf+xml",
    sw.RDFXML: "rdf+xml",
    sw.RDF: "rdf+xml",
    sw.JSON: "ld+json",
    sw.JSONLD: "ld+json",
}
DATA = """<http://a/x> a <http://a/T> ; <http://a/says> <<( <http://a/x> <http://a/p> "é" )>> ."""


@pytest.fixture
def server(real: Server) -> Server:
    return real


@pytest.mark.parametrize("method", [sw.GET, sw.POST])
@pytest.mark.parametrize("format", FORMATS, ids=str)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning")
def test_sparqlwrapper_asks_every_form_in_every_format(
    server: Server, form: str, format: str | None, method: str
) -> None:
    client = sw.SPARQLWrapper(f"{server.address}/sparql")
    client.setQuery(FORMS[form])
    client.setMethod(method)
    if format:
        client.setReturnFormat(format)
    answer = client.query()
    kind = answer.info()["content-type"].partition(";")[0]
    told: Any = answer.convert()
    if form in ("SELECT", "ASK"):
        assert kind.endswith(RESULTS.get(format, "sparql-results+json")), kind
        assert {"SELECT": b"state/AFG", "ASK": b"true"}[form] in raw(told)
    else:
        assert kind.endswith(GRAPHS.get(format, "text/turtle")), kind
        read = told if isinstance(told, rdflib.Graph) else rdflib.Graph().parse(data=told, format="turtle")
        assert len(read) == 40


def raw(told: Any) -> bytes:
    """Write what SPARQLWrapper made of an answer as bytes again."""
    if isinstance(told, bytes):
        return told
    return json.dumps(told).encode() if isinstance(told, dict) else bytes(told.toxml(), "utf-8")


@pytest.mark.parametrize("kind", [rdflib.Graph, rdflib.Dataset])
@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_asks_as_a_graph_and_as_a_dataset(server: Server, kind: type[rdflib.Graph], method: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = kind(store=SPARQLStore(f"{server.address}/sparql", method=method)).query(STATES)
    assert [str(row[0])[-3:] for row in found] == ["AFG", "AGO", "ALB"]  # type: ignore[index]


@pytest.mark.parametrize("read", [polars.read_csv, lambda url: polars.scan_csv(url).collect()], ids=["read", "scan"])
def test_polars_reads_a_download_in_parts(server: Server, read: Any) -> None:
    assert read(f"{server.address}/questions/states-on-both-drafts.csv").height == 31


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.ttl").write_text(DATA, encoding="utf-8")
    with serving(folder, "--data", str(folder / "own.ttl"), "--workers", "1") as running:
        yield running


@pytest.mark.parametrize(
    "target",
    ["/sparql?query=CONSTRUCT+WHERE+%7B%3Fs+%3Fp+%3Fo%7D", "/thing?iri=http://a/x", "/rdf-graph-store?default"],
)
def test_rdf_1_2_is_written_where_it_can_be_and_reported_where_not(own: Server, target: str) -> None:
    """JSON-LD has no triple terms: that is the format's limit, and not a want of memory that passes."""
    answer = own.say("GET", target, {"Accept": "application/ld+json"})
    assert (answer.status, "application/ld+json cannot represent RDF 1.2 terms" in answer.text) == (
        406,
        True,
    )
    assert "retry-after" not in answer.headers
    for accept in ("text/turtle", "application/n-triples", "application/rdf+xml"):
        assert own.say("GET", target, {"Accept": accept}).status == 200
