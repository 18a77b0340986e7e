"""A question is not asked again where it cannot see what changed: right for each form of SPARQL, and for each decision of the graph."""

import pyoxigraph as ox
import pytest

from conftest import ROOT
from oewg_kg import build, paths, query
from oewg_kg.dataset import Dataset
from oewg_kg.disagreements import conflicts
from oewg_kg.evidence import decisions
from oewg_kg.inference import infer
from oewg_kg.query_analysis import properties
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES, RDF_TYPE

A, B = OEWG + "a", OEWG + "b"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s ?p ?o WHERE { ?s ?p ?o }",
        "SELECT * { ?s a oewg:State ; ?p 5 }",
        "SELECT * { ?s a oewg:State ; ?p true }",
        "SELECT * { [] ?p 'x' }",
        "SELECT * { [ ?p 'x' ] a oewg:State }",
        "SELECT * { (1 2) ?p ?o }",
        "SELECT * { FILTER (true) (1 2) ?p ?o }",
        "SELECT * { ?s oewg:a ?o FILTER (true && EXISTS { (1 2) ?p ?o }) }",
        "SELECT * { oewg:a ?p [ oewg:b 1 ] }",
        "SELECT * { GRAPH ?g { ?s ?p (1) } }",
        "SELECT * { ?x ^oewg:a/(oewg:b|a)? ?y }",
        "SELECT ?s { ?s oewg:a* ?o }",
        "SELECT ?s { ?s (oewg:a|oewg:b)* ?o }",
        "SELECT ?s { ?s oewg:a?/oewg:b ?o }",
        "SELECT ?s { ?s (oewg:a/oewg:b)? ?o }",
        "SELECT ?s { ?s a* ?o }",
        "SELECT ?s { ?s <https://a.example/p>* ?o }",
        "SELECT * { OPTIONAL { ?s ?p ?o } VALUES ?p { oewg:a } }",
        "SELECT * { ?s ?p ?o VALUES ?p { oewg:a UNDEF } }",
        "SELECT * { VALUES ?p { oewg:a } ?s ?p ?o . ?x ?q ?y }",
        "SELECT ?s ?p { FILTER (?s = ?p) ?s ?p ?o } GROUP BY ?s ?p",
        "SELECT * { VALUES ?p { oewg:a } { SELECT (COUNT(?o) AS ?n) { ?s ?p ?o } } }",
        "SELECT * { { VALUES ?p { oewg:a } } OPTIONAL { ?s ?p ?o } }",
        "SELECT * { ?s !oewg:a ?o }",
        "SELECT * { ?s !<https://a.example/p> ?o }",
        "SELECT * { ?s !a ?o }",
        "SELECT * { ?s !^oewg:a ?o }",
        "SELECT * { ?s !(oewg:a|^oewg:b) ?o }",
        "SELECT * { ?s oewg:b/(!oewg:a) ?o }",
        "SELECT * { oewg:s (!oewg:a) ?o }",
        "SELECT * { ?s oewg:a ?o FILTER (!(?o = 1) && EXISTS { ?s !oewg:a ?o }) }",
        "SELECT * { ?s oewg:a ?o FILTER (?o = 1) [ !oewg:a ?o ] oewg:b 1 }",
        "DESCRIBE oewg:a",
        "DESCRIBE ?s { ?s oewg:a ?o }",
    ],
)
def test_a_query_that_may_see_any_property_is_taken_to_see_all(text: str) -> None:
    ox.Store().query(text, prefixes={} if "PREFIX" in text else PREFIXES)  # so that no case is one that no engine reads
    assert properties.visible_properties(text) is None


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("SELECT ?x ?y ?z { ?x oewg:a ?y ; oewg:b ?z } ORDER BY ?x ?y ?z", {A, B}),
        (
            "SELECT * { ?x oewg:a ?y FILTER (?y > (1 + 1)) ?x oewg:b ?z FILTER (LANG(?z) = 'en') ?z a ?x }",
            {A, B, RDF_TYPE},
        ),
        ("SELECT * { ?x oewg:a/oewg:b* ?y . FILTER (?x < 3 && ?y > 2) }", {A, B}),
        (r"SELECT * { ?s oewg:a\-b ?o }", {A + "-b"}),
        ("PREFIX ex: <http://a.example/> SELECT * { ?s ex:p ?o }", {"http://a.example/", "http://a.example/p"}),
        ("SELECT * { ?x ^oewg:a/oewg:b? ?y ; a [ oewg:a 'x'@fr ] }", {A, B, RDF_TYPE}),
        ("SELECT (COUNT(DISTINCT ?x) AS ?n) ?y ?z { ?x oewg:a ?y , ?z } GROUP BY ?y ?z HAVING (COUNT(*) > 1)", {A}),
        ("SELECT * { <http://a/#b> a ?o # ?s ?p ?o\n }", {"http://a/#b", RDF_TYPE}),
        ("SELECT * { VALUES (?p ?n) { (oewg:a 'x') (oewg:b 'y') } ?s ?p ?o GRAPH ?g { ?o ?p 1 } }", {A, B}),
        ("SELECT ?x ?y ?z { { SELECT ?x ?y ?z { ?x oewg:a ?y } GROUP BY ?x ?y ?z } }", {A}),
        ("SELECT * { ?s oewg:a ?o FILTER (!BOUND(?o) || ?o != oewg:b) }", {A, B}),
        (f"PREFIX oewg: <{OEWG}> SELECT * {{ ?s oewg:a ?o }}", {A, OEWG}),
    ],
)
def test_the_properties_of_a_query_are_found(text: str, seen: set[str]) -> None:
    ox.Store().query(text, prefixes={} if "PREFIX" in text else PREFIXES)
    found = properties.visible_properties(text)
    assert found is not None and found - {OEWG} == seen - {OEWG}


@pytest.mark.slow
def test_what_is_not_asked_again_would_not_answer_otherwise() -> None:
    """Every question in every world, each world made from nothing: the changes are those that `consequences` tells."""
    root = paths.find(str(ROOT))
    dataset, questions = build.load(root), list(query.load(root.queries).values())
    told = conflicts.consequences(root, dataset, conflicts.register(dataset))
    aside = decisions.set_aside(dataset)
    named = [quad for quad in dataset.store if isinstance(quad.graph_name, ox.NamedNode)]
    now = {one.name: query.run(dataset, one, {}) for one in questions}
    worlds = 0
    for conflict in told:
        losing = [variant for variant in conflict.variants if variant.quad in aside]
        assert all((one.changes is not None) == (one.quad in aside) for one in conflict.variants)
        for line in {variant.quad.graph_name for variant in losing}:
            winners = {variant.quad for variant in losing if variant.quad.graph_name == line}
            things = {quad.subject for quad in winners}
            preferred = {variant.quad for variant in conflict.variants if variant.relation == decisions.PREFERS}
            losers = {quad for quad in preferred if quad.subject in things and quad.graph_name != line}
            other = Dataset(ox.Store(), dataset.files)
            other.store.extend([quad for quad in named if quad.graph_name != ox.NamedNode(INFERRED)])
            decisions.fill_default_graph(other, (aside - winners) | losers)
            infer.close(other, root.rules)
            changed = tuple(one.name for one in questions if query.run(other, one, {}) != now[one.name])
            assert {one.changes for one in losing if one.quad in winners} == {changed}
            worlds += 1
    assert worlds > 5
