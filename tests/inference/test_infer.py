"""What the ontology entails: each rule of the W3C's table does its own small work, and all together do what owlrl does."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from conftest import ROOT
from oewg_kg import build, dataset, paths, query, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError, StorageError
from oewg_kg.inference import infer
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, INFERRED, SILENCES
from reference import build_by_owlrl

RULES = {rule.name: rule for rule in infer.rules(ROOT / "queries" / "rules")}
HEAD = """
PREFIX : <http://example.org/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
# Rule, what is stated, what the rule adds to it in one step.
EXAMPLES = {
    "cax-sco": (":A rdfs:subClassOf :B . :x a :A .", ":x a :B ."),
    "prp-dom": (":p rdfs:domain :A . :x :p :y .", ":x a :A ."),
    "prp-rng": (':p rdfs:range :A . :x :p :y , "a literal" .', ":y a :A ."),
    "prp-inv1": (':p owl:inverseOf :q . :x :p :y , "a literal" .', ":y :q :x ."),
    "prp-inv2": (':p owl:inverseOf :q . :x :q :y , "a literal" .', ":y :p :x ."),
    "prp-spo1": (":p rdfs:subPropertyOf :q . :x :p :y .", ":x :q :y ."),
    "prp-spo2": (":r owl:propertyChainAxiom ( :p :q ) . :x :p :y . :y :q :z , :x .", ":x :r :z , :x ."),
    "prp-trp": (":p a owl:TransitiveProperty . :x :p :y . :y :p :z .", ":x :p :z ."),
    "scm-dom1": (":p rdfs:domain :A . :A rdfs:subClassOf :B .", ":p rdfs:domain :B ."),
    "scm-dom2": (":p rdfs:subPropertyOf :q . :q rdfs:domain :A .", ":p rdfs:domain :A ."),
    "scm-eqc2": (
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :A .",
        ":A owl:equivalentClass :B . :B owl:equivalentClass :A .",
    ),
    "scm-rng1": (":p rdfs:range :A . :A rdfs:subClassOf :B .", ":p rdfs:range :B ."),
    "scm-rng2": (":p rdfs:subPropertyOf :q . :q rdfs:range :A .", ":p rdfs:range :A ."),
    "scm-sco": (":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .", ":A rdfs:subClassOf :C ."),
    "scm-spo": (":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .", ":p rdfs:subPropertyOf :r ."),
}
CONTRADICTIONS = {
    "cax-dw": ":A owl:disjointWith :B . :x a :A , :B . :y a :A . :z a :B .",
    "cax-adc": "[] a owl:AllDisjointClasses ; owl:members ( :C :A :B ) . :x a :A , :B . :y a :A . :z a :C .",
}


def triples(text: str) -> set[ox.Triple]:
    return {q.triple for q in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)}


def stated(text: str) -> ox.Store:
    store = ox.Store()
    store.extend(ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE))
    return store


def view(found: Dataset) -> set[ox.Triple]:
    return {quad.triple for quad in dataset.default_graph(found)}


def test_every_rule_has_an_example_here() -> None:
    assert set(EXAMPLES) == {name for name, rule in RULES.items() if not rule.forbids}
    assert set(CONTRADICTIONS) == {name for name, rule in RULES.items() if rule.forbids}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_rule_adds_just_what_it_should(name: str) -> None:
    before, after = EXAMPLES[name]
    store = stated(before)
    found = infer.run_rule(store, RULES[name])
    assert set(found) == triples(after)
    assert len(found) == len(set(found))
    infer.add_inferred(store, found)
    assert not infer.run_rule(store, RULES[name]), "a rule adds nothing twice"


@pytest.mark.parametrize("name", sorted(CONTRADICTIONS))
def test_a_rule_finds_what_must_not_be(name: str) -> None:
    rows = list(dataset.select(stated(CONTRADICTIONS[name]), RULES[name].query))
    assert {row["x"].value for row in rows} == {"http://example.org/x"}


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_reads_the_ontology_and_names_none_of_its_terms(name: str) -> None:
    assert BASE not in RULES[name].query
    assert "w3id.org" not in RULES[name].query
    assert RULES[name].query.startswith("#+ summary: ")


def test_every_property_chain_has_two_members(kg: KnowledgeGraph) -> None:
    """`prp-spo2.rq` is written for chains of two; a longer one needs another rule."""
    chains = kg.query(
        """SELECT ?property ?chain (COUNT(?member) AS ?members)
        { ?property owl:propertyChainAxiom ?chain . ?chain rdf:rest*/rdf:first ?member } GROUP BY ?property ?chain"""
    )
    assert chains.column("members"), "the ontology has property chains"  # type: ignore[union-attr]
    assert set(chains.column("members")) == {2}  # type: ignore[union-attr]


@pytest.mark.slow
def test_rules_and_owlrl_have_the_same_closure_on_all_real_data() -> None:
    root = paths.find(str(ROOT))
    (by_rules, counts), (by_owlrl, inferred) = build.build(root), build_by_owlrl(root)
    ours, theirs = view(by_rules), view(by_owlrl)
    assert not ours - theirs, "the rules entail what owlrl does not"
    assert not theirs - ours, "owlrl entails what the rules do not: a rule of the table is missing in queries/rules"
    assert counts.inferred == inferred and counts.quads == len(by_owlrl.store)
    assert counts.inferred > 500


def test_inferred_triples_are_in_a_graph_of_their_own_and_in_the_resolved_view(mini_kg: KnowledgeGraph) -> None:
    line = (
        "state:EST oewg:contributedOn document:mini-zero-draft",
        "state:EST oewg:submitted contribution:mini-EST-1",
        "state:EST a oewg:Actor",
    )
    for triple in line:
        assert mini_kg.query(f"ASK {{ {triple} }}") is True
        assert mini_kg.query(f"ASK {{ GRAPH <{INFERRED}> {{ {triple} }} }}") is True


def test_nothing_is_inferred_that_is_stated_or_trivial(kg: KnowledgeGraph) -> None:
    store = kg.dataset.store
    found = [q.triple for q in store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED))]
    assert found
    assert not [t for t in found if infer.is_trivial(t)]
    named = [q for t in found for q in store.quads_for_pattern(t.subject, t.predicate, t.object)]
    assert len(named) == 2 * len(found), "an inferred triple stands in graph:inferred and in the default graph only"


def test_no_group_is_entailed_to_be_a_state(kg: KnowledgeGraph) -> None:
    assert kg.query("ASK { ?group a oewg:StateGroup }") is True
    found = kg.query("SELECT ?group { ?group a oewg:StateGroup , oewg:State }")
    assert found.column("group") == [], "a group is never a state: look for a property with domain or range oewg:State"  # type: ignore[union-attr]


def change(place: Path, before: str, after: str) -> None:
    assert before in place.read_text()
    place.write_text(place.read_text().replace(before, after))


def test_a_group_that_is_also_called_a_state_stops_the_build_with_both_causes(mini: Path) -> None:
    change(mini / "data/sources/oewg-2019-2021.trig", "group:NAM oewg:name", "group:NAM a oewg:State ; oewg:name")
    with pytest.raises(ParseError) as error:
        build.build(paths.find(str(mini)))
    text = str(error.value)
    assert text.startswith("group:NAM is in two disjoint classes (cax-adc): ")
    assert (
        'oewg:State by "group:NAM rdf:type oewg:State" in data/sources/oewg-2019-2021.trig (oewg-2019-2021, line 5)'
        in text
    )
    assert 'oewg:StateGroup by "group:NAM rdf:type oewg:StateGroup" in data/actors/actors.ttl (' in text
    assert text.endswith("; correct one of the two")


def test_a_contradiction_by_range_names_the_line_that_causes_it(mini: Path) -> None:
    change(
        mini / "data/sources/oewg-2019-2021-monitor.trig",
        "addresses document:mini-report",
        "addresses contribution:mini-EST-1",
    )
    with pytest.raises(ParseError) as error:
        build.build(paths.find(str(mini)))
    text = str(error.value)
    assert "contribution:mini-EST-1 is in two disjoint classes (cax-dw): " in text
    assert (
        '"contribution:mini-TUR-1 oewg:addresses contribution:mini-EST-1" in '
        "data/sources/oewg-2019-2021-monitor.trig (oewg-2019-2021-monitor, line 2)" in text
    )
    assert "data/sources/oewg-2019-2021.trig (oewg-2019-2021, line 2)" in text


def test_a_contradiction_by_domain_names_the_line_that_causes_it(mini: Path) -> None:
    change(
        mini / "data/sources/oewg-2019-2021-monitor.trig",
        "document:mini-report a oewg:Document ;",
        "document:mini-report a oewg:Document ; oewg:submittedBy state:EST ;",
    )
    with pytest.raises(
        ParseError,
        match=r'"document:mini-report oewg:submittedBy state:EST" in data/sources/oewg-2019-2021-monitor\.trig',
    ):
        build.build(paths.find(str(mini)))


def test_owlrl_stops_at_the_same_contradiction(mini: Path) -> None:
    change(mini / "data/sources/oewg-2019-2021.trig", "group:NAM oewg:name", "group:NAM a oewg:State ; oewg:name")
    with pytest.raises(ParseError, match="group:NAM is in two disjoint classes"):
        build_by_owlrl(paths.find(str(mini)))


def test_the_small_world_has_the_same_closure_by_both(mini: Path) -> None:
    root = paths.find(str(mini))
    assert view(build.build(root)[0]) == view(build_by_owlrl(root)[0])


def test_without_rules_or_with_an_unreadable_one_nothing_is_inferred(mini: Path) -> None:
    rules = mini / "queries" / "rules"
    (rules / "cax-sco.rq").write_bytes("CONSTRUCT é".encode("latin-1"))
    with pytest.raises(ParseError, match="not UTF-8"):
        infer.rules(rules)
    for file in rules.glob("*.rq"):
        file.unlink()
    with pytest.raises(ParseError, match="no inference rules found; restore the folder"):
        infer.rules(rules)
    (rules / "a.rq").mkdir()
    with pytest.raises(StorageError):
        infer.rules(rules)


def test_a_syntax_error_in_a_rule_has_its_place(mini: Path) -> None:
    (mini / "queries" / "rules" / "cax-sco.rq").write_text("CONSTRUCT { ?x a ?y }\nWHERE { ?x nowhere:a ?y }\n")
    with pytest.raises(ParseError) as error:
        build.build(paths.find(str(mini)))
    assert re.match(r"queries/rules/cax-sco\.rq:2:\d+$", error.value.where)


def test_nothing_is_inferred_of_a_silence(kg: KnowledgeGraph) -> None:
    named = kg.query("SELECT ?one { ?one a owl:NamedIndividual FILTER (STRSTARTS(STR(?one), STR(oewg:))) }")
    assert set(named.column("one")) == set(SILENCES), "an individual that says that a page is silent is missing there"  # type: ignore[union-attr]
    for silence in map(ox.NamedNode, SILENCES):
        ends = ((silence, None, None), (None, None, silence))
        found = [q for end in ends for q in kg.dataset.store.quads_for_pattern(*end, ox.NamedNode(INFERRED))]
        assert found == []
    # Page 001, lines 34, 132, 229: on the Zero Draft and the pre-draft; line 112 and the working papers name no draft.
    documents = "SELECT ?d { state:AUS oewg:contributedOn ?d } ORDER BY ?d"
    assert BASE + "ontology#TargetNotStated" not in kg.query(documents).column("d")  # type: ignore[union-attr]


def test_two_papers_without_an_author_or_a_target_share_nothing(mini: Path) -> None:
    """Chains, inverses and domains would join them: an unnamed author would be one author of both, and an actor."""
    change(
        mini / "data/sources/oewg-2019-2021-monitor.trig",
        "document:mini-report a oewg:Document ;",
        "contribution:mini-1 a oewg:Contribution ; oewg:submittedBy oewg:SubmitterNotStated ; oewg:addresses document:mini-report .\n"
        "contribution:mini-2 a oewg:Contribution ; oewg:submittedBy state:EST ; oewg:addresses oewg:TargetNotStated .\n"
        "document:mini-report a oewg:Document ;",
    )
    store = build.build(paths.find(str(mini)))[0].store
    for silence in map(ox.NamedNode, SILENCES):
        assert not list(store.quads_for_pattern(silence, None, None, ox.NamedNode(INFERRED)))
        assert not list(store.quads_for_pattern(None, None, silence, ox.NamedNode(INFERRED)))
    est, on = ox.NamedNode(BASE + "state/EST"), ox.NamedNode(BASE + "ontology#contributedOn")
    assert {q.object.value for q in store.quads_for_pattern(est, on, None)} == {BASE + "document/mini-zero-draft"}


def test_no_question_joins_through_a_silence(kg: KnowledgeGraph) -> None:
    """Where each silence is a thing of its own, every question that does not name it has the same rows."""
    apart = Dataset(ox.Store(), kg.dataset.files)
    labels = {name: list(kg.dataset.store.quads_for_pattern(ox.NamedNode(name), None, None)) for name in SILENCES}
    for quad in kg.dataset.store:
        name = terms.text_of(quad.object)
        if name in SILENCES and quad.predicate.value.startswith(BASE):
            own = ox.NamedNode(f"{name}-{terms.text_of(quad.subject).rpartition('/')[2]}")
            quad = ox.Quad(quad.subject, quad.predicate, own, quad.graph_name)
            apart.store.extend(ox.Quad(own, q.predicate, q.object, q.graph_name) for q in labels[name])
        apart.store.add(quad)

    def rows(data: Dataset, saved: query.SavedQuery) -> list[str]:
        found = query.run(data, saved, {}).rows
        return sorted(re.sub(r"(NotStated)-[\w.-]+", r"\1", " ".join(map(str, row))) for row in found)

    asked = [one for one in kg.questions.values() if not any(terms.compact(name) in one.text for name in SILENCES)]
    assert len(asked) > 100
    differ = [one.name for one in asked if rows(kg.dataset, one) != rows(apart, one)]
    assert not differ, f"these join through a silence: add FILTER (?x != oewg:TargetNotStated): {differ}"
