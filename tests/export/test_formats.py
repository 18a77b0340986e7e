"""Answers are written in every format of the table, and a wrong choice says which formats there are."""

import csv
import io
import json

import pyoxigraph as ox
import pytest
import rdflib

from oewg_kg import dataset, formats
from oewg_kg.errors import UsageError
from oewg_kg.formats import FORMATS, GRAPH_FORMATS, RESULT_FORMATS
from oewg_kg.knowledge_graph import KnowledgeGraph

CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s a oewg:Contribution ; ?p ?o }"
SELECT = 'SELECT ?s ?missing ("é, \\"quoted\\"\\n" AS ?text) { ?s a oewg:State } ORDER BY ?s'


def graph(kg: KnowledgeGraph, name: str | None) -> bytes:
    from oewg_kg import query

    found = query.run_text(kg.dataset, CONSTRUCT)
    assert isinstance(found, ox.QueryTriples)
    return formats.graph(found, formats.by_name(name) if name else None)


def solutions(kg: KnowledgeGraph, name: str | None, text: str = SELECT) -> bytes:
    from oewg_kg import query

    found = query.run_text(kg.dataset, text)
    assert isinstance(found, ox.QuerySolutions | ox.QueryBoolean)
    return formats.results(found, formats.by_name(name) if name else None)


def test_names_media_types_and_extensions_are_each_used_once() -> None:
    for part in ("name", "media_type", "extension"):
        assert len({getattr(f, part) for f in FORMATS}) == len(FORMATS) == 10
    assert all((f.rdf is None) != (f.results is None) for f in FORMATS)


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_a_graph_is_written_and_read_back_with_the_same_triples(name: str, mini_kg: KnowledgeGraph) -> None:
    expected = {(t.subject, t.predicate, t.object) for t in mini_kg.query(CONSTRUCT)}  # type: ignore[union-attr]
    written = graph(mini_kg, name)
    chosen = formats.by_name(name)
    assert {(q.subject, q.predicate, q.object) for q in ox.parse(written, format=chosen.rdf)} == expected
    assert len(expected) > 10


@pytest.mark.parametrize("name", ["turtle", "ntriples", "rdfxml", "jsonld"])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib warns of its own JSON-LD parser
def test_rdflib_reads_the_same_graph(name: str, mini_kg: KnowledgeGraph) -> None:
    syntax = {"turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld"}[name]
    read = rdflib.Graph().parse(data=graph(mini_kg, name), format=syntax)
    expected = dataset.to_rdflib(
        [ox.Quad(t.subject, t.predicate, t.object) for t in mini_kg.query(CONSTRUCT)]  # type: ignore[union-attr]
    )
    assert set(read) == set(expected)


def test_a_graph_is_turtle_with_our_prefixes_unless_asked_otherwise(mini_kg: KnowledgeGraph) -> None:
    text = graph(mini_kg, None).decode()
    assert "@prefix state:" in text
    assert "state:EST" in text


def test_solutions_as_csv_are_parsed_back(mini_kg: KnowledgeGraph) -> None:
    rows = list(csv.reader(io.StringIO(solutions(mini_kg, None).decode(), newline="")))
    assert rows[0] == ["s", "missing", "text"]
    assert len(rows) == 5
    assert all(row[1:] == ["", 'é, "quoted"\n'] for row in rows[1:])


def test_solutions_as_json_are_sparql_json(mini_kg: KnowledgeGraph) -> None:
    found = json.loads(solutions(mini_kg, "json"))
    assert found["head"]["vars"] == ["s", "missing", "text"]
    assert found["results"]["bindings"][0]["s"]["type"] == "uri"
    assert "missing" not in found["results"]["bindings"][0]


@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_solutions_are_read_back_by_the_engine(name: str, mini_kg: KnowledgeGraph) -> None:
    format = formats.by_name(name).results
    assert format is not None
    read = ox.parse_query_results(solutions(mini_kg, name), format=format)
    assert isinstance(read, ox.QuerySolutions)
    assert len(list(read)) == 4


def test_an_ask_is_json_unless_asked_otherwise(mini_kg: KnowledgeGraph) -> None:
    assert json.loads(solutions(mini_kg, None, "ASK { ?s a oewg:State }"))["boolean"] is True


@pytest.mark.parametrize("name", GRAPH_FORMATS)
def test_solutions_have_no_graph_format(name: str, mini_kg: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match=r"rows cannot be written as .*one of json, xml, csv, tsv"):
        solutions(mini_kg, name)


@pytest.mark.parametrize("name", RESULT_FORMATS)
def test_a_graph_has_no_solutions_format(name: str, mini_kg: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match=r"a graph cannot be written as .*one of turtle"):
        graph(mini_kg, name)


def test_an_unknown_format_says_which_there_are() -> None:
    with pytest.raises(UsageError, match="unknown format 'excel'; use one of turtle, "):
        formats.by_name("excel")


@pytest.mark.parametrize(
    ("file", "name"),
    [("a.ttl", "turtle"), ("A.TTL", "turtle"), ("a.b.trig", "trig"), ("a.rdf", "rdfxml"), ("a.xml", "rdfxml")],
)
def test_a_file_has_the_format_of_its_extension(file: str, name: str) -> None:
    assert formats.of_file(file).name == name


@pytest.mark.parametrize("file", ["a.csv", "a", "ttl.txt", "a.srj"])
def test_a_file_of_another_kind_is_refused(file: str) -> None:
    with pytest.raises(UsageError, match="unknown RDF format; give the file one of these extensions: "):
        formats.of_file(file)
