"""The questions on the layout of docs/scaling.md: the resolved view is a named graph too, and every row stays as it is."""

import re

import pyoxigraph as ox
import pytest

from conftest import ROOT
from oewg_kg import query
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.remote import graph_names
from oewg_kg.safety import query_guard
from oewg_kg.vocabulary import RESOLVED

QUESTIONS = query.load(ROOT / "queries")
TYPED = r"{0} a (?:oewg:(?:SourceLine|ReferenceGraph)|\?graphClass)\b"


@pytest.fixture(scope="module")
def named(kg: KnowledgeGraph) -> ox.Store:
    """Return a store in which every graph has a name, as an engine holds it."""
    store = ox.Store()
    for graph, triples in graph_names.contents(kg.dataset):
        store.extend([ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(graph)) for t in triples])
    return store


@pytest.mark.parametrize("name", sorted(QUESTIONS))
@pytest.mark.slow
def test_a_question_has_the_same_rows_where_the_resolved_view_has_a_name(
    name: str, kg: KnowledgeGraph, named: ox.Store
) -> None:
    saved = QUESTIONS[name]
    graphs = list(named.named_graphs())
    found = named.query(saved.text, default_graph=[ox.NamedNode(RESOLVED)], named_graphs=graphs)
    assert isinstance(found, ox.QuerySolutions)
    there = query.collect(saved, [variable.value for variable in found.variables], [tuple(row) for row in found])
    assert there == query.run(kg.dataset, saved, {})


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_every_graph_that_is_cited_is_asked_to_be_a_line_or_a_reference_graph(name: str) -> None:
    text = query_guard.NOT_CODE.sub(lambda found: " " if found[0].startswith("#") else found[0], QUESTIONS[name].text)
    for variable in set(re.findall(r"GRAPH (\?\w+) \{", text)):
        assert re.search(TYPED.format(re.escape(variable)), text), (
            f"{variable} is any graph, the resolved view of an engine too: FILTER EXISTS {{ {variable} a oewg:SourceLine }}"
        )
