"""The ontology and the concept schemes as a product: what a researcher and a reasoner may rely on."""

import re
from collections import Counter

import pyoxigraph as ox
import pytest

from conftest import ROOT
from oewg_kg import dataset, terms
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES

SKOS, RDFS, OWL, RDF = (PREFIXES[name] for name in ("skos", "rdfs", "owl", "rdf"))
DECLARATIONS = {
    OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")
}


@pytest.fixture(scope="module")
def ontology() -> ox.Store:
    store = ox.Store()
    for name in ("oewg.ttl", "concepts.ttl"):
        store.extend(
            ox.Quad(q.subject, q.predicate, q.object)
            for q in dataset.parse(ROOT / "ontology" / name, f"ontology/{name}")
        )
    return store


@pytest.fixture(scope="module")
def imports() -> ox.Store:
    """Hold the terms that only imported data use, such as the votes of the General Assembly."""
    store = ox.Store()
    quads = dataset.parse(ROOT / "ontology" / "imports.ttl", "ontology/imports.ttl")
    store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    return store


def test_each_term_of_imports_has_a_label_and_a_definition(imports: ox.Store) -> None:
    found = our_terms(imports)
    assert found
    for term in found:
        for predicate in (RDFS + "label", SKOS + "definition", RDFS + "isDefinedBy"):
            assert len(values(imports, term, predicate)) == 1, f"{terms.compact(term)}: one {terms.compact(predicate)}"


def values(store: ox.Store, subject: str, predicate: str) -> list[str]:
    return [
        terms.text_of(q.object) for q in store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None)
    ]


def our_terms(store: ox.Store) -> list[str]:
    kind = ox.NamedNode(RDF + "type")
    found = {
        q.subject.value for q in store.quads_for_pattern(None, kind, None) if terms.text_of(q.object) in DECLARATIONS
    }
    return sorted(term for term in found if term.startswith(OEWG))


def test_each_term_has_one_label_one_definition_an_example_and_says_where_it_is_defined(ontology: ox.Store) -> None:
    found = our_terms(ontology)
    assert len(found) > 100
    for term in found:
        for predicate in (RDFS + "label", SKOS + "definition", SKOS + "example", RDFS + "isDefinedBy"):
            count = len(values(ontology, term, predicate))
            assert count == 1, f"{terms.compact(term)} has {count} of {terms.compact(predicate)}: give it exactly one"


def test_no_two_terms_share_a_label(ontology: ox.Store) -> None:
    counts = Counter(
        (label, re.match(r"[A-Z]", term.removeprefix(OEWG)) is not None)
        for term in our_terms(ontology)
        for label in values(ontology, term, RDFS + "label")
    )
    assert not [label for label, count in counts.items() if count > 1]


def test_each_example_is_in_the_data(ontology: ox.Store, kg) -> None:
    for term in our_terms(ontology):
        (example,) = values(ontology, term, SKOS + "example")
        iri = ox.NamedNode(terms.expand(example) or "urn:none")
        assert any(True for _ in kg.dataset.store.quads_for_pattern(iri, None, None)), (
            f"{terms.compact(term)}: nothing is said of {example}"
        )


# What only pages of others print so far; its example is a thing of the class that would have it.
ONLY_OTHER_PAGES = {OEWG + "honorificInSource"}


def test_each_example_shows_its_term(ontology: ox.Store, kg) -> None:
    store = kg.dataset.store
    for term in set(our_terms(ontology)) - ONLY_OTHER_PAGES:
        (example,) = values(ontology, term, SKOS + "example")
        iri, node = ox.NamedNode(terms.expand(example) or "urn:none"), ox.NamedNode(term)
        if term[len(OEWG)].isupper():
            is_class = OWL + "Class" in values(ontology, term, RDF + "type")
            shown = (
                ox.Quad(iri, ox.NamedNode(RDF + "type"), node) in store
                if is_class
                else any(True for _ in store.quads_for_pattern(iri, None, node))
            )
        else:
            shown = any(True for _ in store.quads_for_pattern(iri, node, None))
        assert shown, f"{example} does not use {terms.compact(term)}: choose another example"


def test_no_term_of_our_namespace_is_used_that_the_ontology_does_not_define(
    ontology: ox.Store, imports: ox.Store, kg
) -> None:
    known = set(our_terms(ontology)) | set(our_terms(imports))
    used = set()
    for quad in kg.dataset.store:
        for end in (quad.subject, quad.predicate, quad.object):
            if isinstance(end, ox.NamedNode) and end.value.startswith(OEWG):
                used.add(end.value)
    assert len(used) > 90
    assert not sorted(used - known), "define these in ontology/oewg.ttl, or correct the data"


def test_every_term_of_ours_is_used_in_the_data(ontology: ox.Store, kg) -> None:
    used = set()
    for quad in kg.dataset.store:
        if isinstance(quad.graph_name, ox.NamedNode) and "/ontology/" not in quad.graph_name.value:
            used |= {end.value for end in (quad.predicate, quad.object) if isinstance(end, ox.NamedNode)}
    used.add(OEWG + "Silence")  # the class of two individuals of the ontology
    unused = set(our_terms(ontology)) - used
    annotations = {term for term in unused if OWL + "AnnotationProperty" in values(ontology, term, RDF + "type")}
    assert annotations == {OEWG + "editorial"}, "an annotation of our own is for the ontology alone"
    assert unused - annotations == ONLY_OTHER_PAGES, "a term that nothing uses is not needed"


def test_every_concept_has_a_label_and_a_scheme_and_every_scheme_concepts(ontology: ox.Store) -> None:
    kind, scheme = ox.NamedNode(RDF + "type"), ox.NamedNode(SKOS + "inScheme")
    concepts = [q.subject.value for q in ontology.quads_for_pattern(None, kind, ox.NamedNode(SKOS + "Concept"))]
    assert len(concepts) > 120
    for concept in concepts:
        assert len(values(ontology, concept, SKOS + "prefLabel")) == 1, f"{terms.compact(concept)}: one prefLabel"
        assert len(values(ontology, concept, SKOS + "inScheme")) == 1, f"{terms.compact(concept)}: one scheme"
    for quad in ontology.quads_for_pattern(None, kind, ox.NamedNode(SKOS + "ConceptScheme")):
        assert any(True for _ in ontology.quads_for_pattern(None, scheme, quad.subject)), f"{quad.subject} is empty"


def test_each_kind_topic_and_status_that_the_data_uses_is_a_concept(ontology: ox.Store, kg) -> None:
    spaces = tuple(PREFIXES[name] for name in ("kind", "topic", "status", "lang"))
    used = {terms.text_of(q.object) for q in kg.dataset.store if isinstance(q.object, ox.NamedNode)}
    concepts = {
        q.subject.value
        for q in ontology.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(SKOS + "Concept"))
    }
    assert not sorted(iri for iri in used if iri.startswith(spaces) and iri not in concepts)


def test_actors_of_different_classes_are_disjoint(kg) -> None:
    assert kg.query("ASK { ?x a oewg:StateGroup , oewg:State }") is False
    rows = kg.query("""SELECT ?axiom ?class WHERE { ?axiom a owl:AllDisjointClasses ; owl:members ?list .
                       ?list rdf:rest*/rdf:first ?class }""")
    axioms = {row["axiom"] for row in rows if row["class"] == OEWG + "StateGroup"}
    rows = [row for row in rows if row["axiom"] in axioms]
    assert {row["class"].removeprefix(OEWG) for row in rows} == {
        "State",
        "StateGroup",
        "Observer",
        "Stakeholder",
        "UNBody",
        "Organ",
        "AuthorGroup",
        "Person",
        "HistoricState",
    }


def test_the_version_is_in_one_place_and_the_ontology_follows_it(ontology: ox.Store) -> None:
    from oewg_kg import __version__

    iri = BASE + "ontology"
    assert values(ontology, iri, OWL + "versionInfo") == [__version__]
    assert values(ontology, iri, OWL + "versionIRI") == [f"{iri}/{__version__}"]


# What is no name with a prefix: strings, IRIs, comments.
QUOTED = re.compile(r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|<[^<>\s]*>|#[^\n]*', re.DOTALL)
TURTLE = [
    *ROOT.glob("ontology/*.ttl"),
    *ROOT.glob("data/**/*.ttl"),
    *ROOT.glob("data/**/*.trig"),
    *ROOT.glob("shapes/*.ttl"),
]


def test_every_turtle_file_begins_with_what_it_is_and_how_to_add() -> None:
    assert len(TURTLE) > 25
    for file in TURTLE:
        lines = file.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# ") and lines[1].startswith("# "), (
            f"{file.name}: say in two lines what it is and how to add to it"
        )


def test_every_turtle_file_declares_the_prefixes_that_it_uses_as_the_table_has_them(kg: KnowledgeGraph) -> None:
    """The files of pages may declare all, since new lines are pasted into them."""
    for file in TURTLE:
        text = file.read_text(encoding="utf-8")
        declared = dict(re.findall(r"^PREFIX ([\w-]+): <(.*)>$", text, re.MULTILINE))
        assert declared.items() <= PREFIXES.items(), f"{file.name}: a prefix that vocabulary.PREFIXES does not have"
        body = QUOTED.sub(" ", re.sub(r"^PREFIX .*$", "", text, flags=re.MULTILINE))
        used = set(re.findall(r"(?<![\w-])([A-Za-z][\w-]*):", body))
        assert used <= declared.keys(), f"{file.name}: declare {used - declared.keys()}"
        if file.parent.name != "sources":
            assert declared.keys() <= used, f"{file.name}: nothing uses the prefixes {declared.keys() - used}"
