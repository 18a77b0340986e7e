"""Why inferred facts hold: every one of the real graph is derived by its rules down to lines and files, and told to people."""

import itertools
from pathlib import Path

import pyoxigraph as ox
import pytest

import effort
from conftest import ROOT, Run
from oewg_kg import paths
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError
from oewg_kg.inference import derivation, infer
from oewg_kg.inference.derivation import Derivations, Step
from oewg_kg.inference.infer import Rule
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, INFERRED, OEWG, PREFIXES, RDF_TYPE
from reference import build_by_owlrl

P1 = PREFIXES["source"] + "oewg-2019-2021#L"
RULES = [rule for rule in infer.rules(ROOT / "queries" / "rules") if not rule.forbids]
HEAD = "PREFIX oewg: <https://w3id.org/oewg-kg/ontology#>\n\nCONSTRUCT { ?x oewg:a ?y }\nWHERE { %s }\n"


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(BASE + name)


def leaves(step: Step) -> list[Step]:
    return [leaf for premise in step.premises for leaf in leaves(premise)] or [step]


@pytest.fixture(scope="module")
def derivations(kg: KnowledgeGraph) -> Derivations:
    return Derivations(kg.dataset, kg.root)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_can_be_read_backwards(rule: Rule) -> None:
    read = derivation.backward(rule)
    assert read.heads and read.premises and read.summary


def test_each_inferred_fact_is_derived_from_what_is_stated(kg: KnowledgeGraph, derivations: Derivations) -> None:
    store = kg.dataset.store
    inferred = [quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED))]
    assert len(inferred) > 1500
    rules = set()
    for fact in inferred:
        ways = derivations.why(fact)
        assert ways, f"no rule gives {fact}"
        for way in ways:
            rules.add(way.rule)
            for leaf in leaves(way):
                assert leaf.graphs and not leaf.rule, f"{leaf.fact} is the end of a derivation of {fact}"
                assert INFERRED not in leaf.graphs
                assert ox.Quad(*leaf.fact) in store, f"{leaf.fact} is not in the resolved view"
    # The others add nothing to the real graph that a rule before them does not.
    assert {"cax-sco", "prp-inv1", "prp-inv2", "prp-spo1", "prp-spo2", "prp-trp", "prp-dom", "prp-rng"} <= rules


def test_a_chain_leads_to_the_line(derivations: Derivations) -> None:
    fact = ox.Triple(iri("state/EST"), ox.NamedNode(OEWG + "contributedOn"), iri("document/oewg1-zero-draft"))
    (way,) = derivations.why(fact)
    assert way.rule == "prp-spo2" and "chain" in way.summary
    assert [graph for graph in way.sources() if "#L" in graph] == [P1 + "44"]
    assert any(premise.rule == "prp-inv2" for premise in way.premises)


def test_every_way_is_reported(derivations: Derivations) -> None:
    fact = ox.Triple(iri("state/RUS"), ox.NamedNode(OEWG + "contributedOn"), ox.NamedNode(OEWG + "TargetNotStated"))
    ways = derivations.why(fact)
    assert len(ways) == 2
    assert {graph for way in ways for graph in way.sources() if "#L" in graph} == {P1 + "62", P1 + "118"}


def test_a_long_chain_is_derived_from_all_its_lines(kg: KnowledgeGraph) -> None:
    later, store = ox.NamedNode(OEWG + "laterVersionOf"), ox.Store()
    said = [ox.Triple(later, ox.NamedNode(RDF_TYPE), ox.NamedNode(PREFIXES["owl"] + "TransitiveProperty"))]
    said += [ox.Triple(iri(f"document/{n}"), later, iri(f"document/{n + 1}")) for n in range(40)]
    for number, fact in enumerate(said):
        store.extend([ox.Quad(*fact, ox.NamedNode(f"{P1}{number}")), ox.Quad(*fact)])
    dataset = Dataset(store, {})
    assert infer.close(dataset, kg.root.rules) == 40 * 39 / 2
    fact = ox.Triple(iri("document/0"), later, iri("document/40"))
    # Line 0 says that the property is transitive.
    assert Derivations(dataset, kg.root, axioms=False).behind(fact) == {f"{P1}{n}" for n in range(1, 41)}
    assert f"{P1}0" in Derivations(dataset, kg.root).behind(fact)


def test_of_a_class_the_narrower_one_is_reported_not_each_use(kg: KnowledgeGraph) -> None:
    fact = ox.Triple(iri("state/URY"), ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "Actor"))
    behind = Derivations(kg.dataset, kg.root, axioms=False).behind(fact)
    assert behind == {BASE + "graph/data/actors/states"}


def test_what_is_stated_needs_no_rule_and_what_is_false_has_none(derivations: Derivations) -> None:
    stated = ox.Triple(iri("state/EST"), ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "State"))
    (way,) = derivations.why(stated)
    assert way.graphs and not way.rule and not way.premises
    assert derivations.why(ox.Triple(iri("state/EST"), ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "Draft"))) == []


def test_a_claim_set_aside_proves_nothing(kg: KnowledgeGraph, derivations: Derivations) -> None:
    assert derivations.set_aside
    for subject, predicate, value, line in derivations.set_aside:
        assert line.value not in derivations.stating_graphs(ox.Triple(subject, predicate, value))


def test_a_rule_of_ones_own_is_reported_too(mini: Path, oewg: Run) -> None:
    own = """#+ summary: who submits signs
PREFIX oewg: <https://w3id.org/oewg-kg/ontology#>

CONSTRUCT {
    ?x oewg:signs ?y .
}
WHERE {
    ?y oewg:submittedBy ?x .
    FILTER NOT EXISTS { ?x oewg:signs ?y }
    FILTER (isIRI(?x))
}
"""
    (mini / "queries" / "rules" / "own-rule.rq").write_text(own, encoding="utf-8")
    told = oewg("why", "state:TUR", "oewg:signs", "-f", "md")
    assert told.exit_code == 0, told.output
    assert "inferred by own-rule, who submits signs" in told.stdout and "submitted by" in told.stdout


@pytest.mark.parametrize(
    "body",
    [
        "?x oewg:b ?y OPTIONAL { ?y oewg:c ?z }",
        "{ ?x oewg:b ?y } UNION { ?y oewg:b ?x }",
        "?x oewg:b ?y FILTER (?x != ?y && EXISTS { ?y oewg:c ?z })",
    ],
)
def test_a_rule_that_cannot_be_read_backwards_is_named(body: str) -> None:
    with pytest.raises(
        ParseError, match=r"queries/rules/mine\.rq: a rule must be one CONSTRUCT of triples and FILTERs"
    ):
        derivation.backward(Rule("mine", HEAD % body))


def test_the_owlrl_closure_is_explained_by_our_rules(mini: Path) -> None:
    place = paths.find(str(mini))
    dataset, _ = build_by_owlrl(place)
    derivations = Derivations(dataset, place)
    inferred = list(dataset.store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED)))
    assert len(inferred) >= 12
    assert [str(quad) for quad in inferred if not derivations.why(quad.triple)] == []


def test_why_tells_the_lines_the_rule_and_the_facts(oewg: Run) -> None:
    table = oewg("why", "state:TUR", "oewg:submitted", "-f", "table").stdout
    assert "inferred from" in table and "inferred by prp-inv" in table
    assert "follows from" not in table
    whole = oewg("why", "state:TUR", "-f", "table").stdout
    assert "inferred from" in whole and "inferred by" not in whole, "with a property only, or it is too long"
    rows = oewg("why", "state:TUR", "oewg:submitted", "-f", "csv").stdout.splitlines()
    assert rows[0] == "property,value,stated in,under heading,decision,follows from"
    assert all("prp-inv" in row and "submitted by" in row for row in rows[1:]) and len(rows) > 1


def test_an_inferred_fact_is_cited_by_the_lines_it_follows_from(oewg: Run) -> None:
    notes = oewg("why", "state:TUR", "oewg:submitted", "-f", "footnotes").stdout
    assert "[^1]:" in notes and "line " in notes


PART, INVERSE = iri("ontology#partOf"), iri("ontology#hasPart")


def chain(stated: str, steps: int) -> tuple[Dataset, list[ox.Triple]]:
    """Build a chain of parts, closed by inference, and return it with its links in order."""
    store, line, owl = ox.Store(), iri("source/p#L1"), PREFIXES["owl"]
    axioms = [
        ox.Triple(PART, ox.NamedNode(RDF_TYPE), ox.NamedNode(owl + "TransitiveProperty")),
        ox.Triple(PART, ox.NamedNode(owl + "inverseOf"), INVERSE),
    ]
    links = [ox.Triple(iri(f"n/{at}"), PART, iri(f"n/{at + 1}")) for at in range(steps)]
    claims = links if stated == "oewg:partOf" else [ox.Triple(link.object, INVERSE, link.subject) for link in links]
    for triple in axioms + claims:
        store.extend([ox.Quad(*triple, line), ox.Quad(*triple)])
    for one, two in itertools.combinations(range(steps + 1), 2):
        for triple in [(iri(f"n/{one}"), PART, iri(f"n/{two}")), (iri(f"n/{two}"), INVERSE, iri(f"n/{one}"))]:
            if ox.Triple(*triple) not in claims:
                store.extend([ox.Quad(*triple, ox.NamedNode(INFERRED)), ox.Quad(*triple)])
    return Dataset(store, {}), links


@pytest.mark.parametrize("stated", ["oewg:partOf", "oewg:hasPart"])
@pytest.mark.slow
def test_a_long_chain_is_proved_link_by_link_with_work_that_does_not_explode(stated: str) -> None:
    """Chains of steps that are stated, or whose inverses are: the proof lists them in order; four times as many infer 16 times as much."""
    root = paths.find(str(ROOT))

    def proved(steps: int) -> int:
        dataset, links = chain(stated, steps)
        fact = ox.Triple(iri("n/0"), PART, iri(f"n/{steps}"))
        [way, *_] = Derivations(dataset, root).why(fact)
        assert way.rule == "prp-trp"
        found = [one.fact for one in way.premises if one.fact.predicate == PART and one.fact.subject != PART]
        assert found == links
        assert all(leaf.graphs == (iri("source/p#L1").value,) for leaf in leaves(way))
        return effort.calls(lambda: Derivations(dataset, root).why(fact))

    assert proved(120) < 40 * proved(30)
