"""What a query means in an engine that holds the published dataset: the same as over the graph here, whatever stands in its text."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from conftest import Run
from oewg_kg.errors import UsageError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.remote import client as remote
from oewg_kg.remote import graph_names
from oewg_kg.safety import query_guard
from oewg_kg.vocabulary import PREFIXES, PUBLISHED, RESOLVED

QUERIES = [
    "SELECT ?line ?s WHERE { GRAPH ?line { ?s a oewg:Contribution } }",
    "SELECT ?line ?s { ?s a oewg:Contribution GRAPH ?line { ?s oewg:submittedBy ?who } }",
    "SELECT ?graph ?s WHERE { ?s a oewg:Contribution { SELECT ?graph ?s { GRAPH ?graph { ?s oewg:submittedBy ?who } } } }",
    "SELECT ?s WHERE { ?s a oewg:Contribution FILTER NOT EXISTS { GRAPH ?g { ?s oewg:labelInSource ?l } } }",
    "SELECT ?s ?g WHERE { ?s a oewg:State OPTIONAL { GRAPH ?g { ?s skos:prefLabel ?l } } }",
    "SELECT (COUNT(DISTINCT ?g) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?p (COUNT(?g) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?p HAVING (COUNT(?g) > 2) ORDER BY ?p",
    'SELECT ?g WHERE { GRAPH ?g { ?s oewg:submittedBy ?o } FILTER (STR(?o) != "} GRAPH ?x {") # } GRAPH ?y {\n }',
    "ASK { GRAPH ?g { ?s a oewg:State } }",
    "SELECT ?s WHERE { GRAPH graph:data\\/sources { ?s ?p ?o } }",
    "SELECT ?g ?v WHERE { GRAPH ?g { ?s oewg:submittedBy ?v } } VALUES ?v { state:EST state:RUS }",
    "SELECT ?o WHERE { ?s a oewg:Contribution . ?s oewg:kind/skos:broader* ?o . GRAPH ?l { ?s a oewg:Contribution } }",
    "CONSTRUCT { ?s oewg:statedIn ?line } WHERE { GRAPH ?line { ?s a oewg:Contribution } }",
    "SELECT DISTINCT ?p WHERE { ?s ?p ?o }",
    "CONSTRUCT WHERE { ?s a oewg:State }",
    "SELECT ?s WHERE { ?s ?p graph:resolved }",
]


@pytest.fixture
def moved(mini_kg: KnowledgeGraph) -> ox.Store:
    """Make the store of an engine that holds the small world."""
    store = ox.Store()
    for name, triples in graph_names.contents(mini_kg.dataset):
        store.extend([ox.Quad(*triple, ox.NamedNode(name)) for triple in triples])
    return store


def told(found: object) -> list[str]:
    if isinstance(found, ox.QueryBoolean):
        return [str(bool(found))]
    rows = [tuple(row) if isinstance(found, ox.QuerySolutions) else row for row in found]  # type: ignore[attr-defined]
    return sorted(str(row) for row in rows)


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_means_the_same_there(text: str, mini_kg: KnowledgeGraph, moved: ox.Store) -> None:
    here = told(mini_kg.dataset.store.query(text, prefixes=PREFIXES))
    form = dict(remote.query_form(remote.with_prefixes(text)))
    graphs = {"default_graph": ox.NamedNode(form["default-graph-uri"])} if "default-graph-uri" in form else {}
    assert told(moved.query(form["query"], **graphs)) == here
    assert ("GRAPH" in text.split("#")[0] or "graph:" not in text) or graphs


def test_most_of_these_queries_have_answers(mini_kg: KnowledgeGraph) -> None:
    counts = [len(told(mini_kg.dataset.store.query(text, prefixes=PREFIXES))) for text in QUERIES]
    assert sum(count > 0 for count in counts) >= 12, counts


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (EXISTS { GRAPH ?g { ?s ?p ?o } } AS ?x) WHERE { }",
        "SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?s HAVING (EXISTS { ?s a ?k })",
        "DESCRIBE ?s WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o }",
    ],
)
def test_what_cannot_be_moved_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        graph_names.over_resolved(text)


def test_words_that_are_not_keywords_move_nothing() -> None:
    for text in (
        "PREFIX graph: <http://x/> ASK { ?graph graph:graph ?GRAPH }",
        'ASK { ?s ?p "GRAPH" } # GRAPH',
        "ASK { ?s <http://x/GRAPH> ?o }",
    ):
        assert not graph_names.has_keyword("GRAPH", query_guard.blanked(text)), text
    assert graph_names.has_keyword("GRAPH", query_guard.blanked("ASK{GRAPH<http://x/>{}}"))


def test_the_file_for_a_bulk_loader_is_what_is_published(oewg: Run, moved: ox.Store, tmp_path: Path) -> None:
    place = tmp_path / "all.nq"
    assert oewg("publish", "-o", str(place)).exit_code == 0
    content = place.read_bytes()
    assert set(ox.parse(content, format=ox.RdfFormat.N_QUADS)) == set(moved)
    assert f"<{PUBLISHED}>".encode() in content.splitlines()[-1] and f"<{RESOLVED}>".encode() in content.splitlines()[0]
    oewg("publish", "-o", str(place))
    assert place.read_bytes() == content
    assert oewg("publish", "-o", str(place), "--endpoint", "http://127.0.0.1:1/").exit_code == 2
