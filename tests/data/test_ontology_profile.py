"""The ontology stays inside OWL 2 RL, and no term of it is undefined or stands alone."""

import re
from collections import Counter

import pyoxigraph as ox
import pytest

from conftest import ROOT
from oewg_kg import __version__, dataset, terms
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES

FILES = ("oewg", "concepts", "imports")
OWL, RDF, RDFS, SKOS, XSD = (PREFIXES[name] for name in ("owl", "rdf", "rdfs", "skos", "xsd"))
# What of OWL we use. All of it is in OWL 2 RL (OWL 2 Profiles 4.2): named classes only, so no restriction and no boolean
# class can stand where the profile forbids it.
ALLOWED = {
    *("Ontology", "versionIRI", "versionInfo"),
    *("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual"),
    *("TransitiveProperty", "inverseOf", "propertyChainAxiom"),
    *("disjointWith", "AllDisjointClasses", "members"),
}
# xsd:integer and xsd:string are in the list of OWL 2 Profiles 4.2.1. xsd:date and xsd:time are not, nor in any OWL 2 datatype map:
# they are our two exceptions, and none of our rules looks at them. xsd:dateTime would claim an hour that no page gives.
DATATYPES = {XSD + name for name in ("date", "decimal", "integer", "string", "time")}
CLASSES = {OWL + "Class"}
PROPERTIES = {OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")}
LIST = {RDF + name for name in ("first", "rest", "nil", "type")}
BUILT_IN = {RDF + "type", RDFS + "label", RDFS + "comment", RDFS + "seeAlso", RDFS + "isDefinedBy"}

# Axioms on terms of others: DCTERMS and SKOS say the same themselves; only that a revision is a later version is said by us.
OUTSIDE_AXIOMS = {  # what DCTERMS and SKOS say of their terms themselves
    ("dcterms:isPartOf", "owl:inverseOf"),
    ("skos:broader", "owl:inverseOf"),
    ("skos:broader", "rdfs:subPropertyOf"),
}


@pytest.fixture(scope="module")
def quads() -> list[ox.Quad]:
    return [quad for name in FILES for quad in dataset.parse(ROOT / "ontology" / f"{name}.ttl", f"ontology/{name}.ttl")]


def declared(quads: list[ox.Quad], kinds: set[str]) -> set[str]:
    return {
        terms.text_of(quad.subject)
        for quad in quads
        if quad.predicate.value == RDF + "type" and terms.text_of(quad.object) in kinds
    }


def pairs(quads: list[ox.Quad], predicate: str) -> list[tuple[str, str]]:
    return [(terms.text_of(q.subject), terms.text_of(q.object)) for q in quads if q.predicate.value == predicate]


def members(quads: list[ox.Quad], head: object) -> list[str]:
    step = {(q.subject, q.predicate.value): q.object for q in quads if q.predicate.value in LIST}
    found = []
    while head != ox.NamedNode(RDF + "nil"):
        found.append(terms.text_of(step[head, RDF + "first"]))
        head = step[head, RDF + "rest"]
    return found


def test_only_constructs_of_owl_2_rl_are_used(quads: list[ox.Quad]) -> None:
    used = {
        end.value.removeprefix(OWL)
        for quad in quads
        for end in (quad.subject, quad.predicate, quad.object)
        if isinstance(end, ox.NamedNode) and end.value.startswith(OWL)
    }
    assert used == ALLOWED, "a construct beyond OWL 2 RL, or one in the list that is used no more"


def test_only_datatypes_of_the_profile_are_ranges(quads: list[ox.Quad]) -> None:
    used = {target for _, target in pairs(quads, RDFS + "range") if target.startswith(XSD)}
    assert used and not sorted(used - DATATYPES)


def test_no_class_expression_and_no_blank_node_beside_lists(quads: list[ox.Quad]) -> None:
    blank = {quad.subject for quad in quads if isinstance(quad.subject, ox.BlankNode)}
    predicates = {quad.predicate.value for quad in quads if quad.subject in blank}
    assert predicates == {RDF + "first", RDF + "rest", RDF + "type", OWL + "members"}


def test_class_axioms_name_declared_classes(quads: list[ox.Quad]) -> None:
    classes = declared(quads, CLASSES)
    named = {end for name in ("subClassOf",) for pair in pairs(quads, RDFS + name) for end in pair}
    named |= {end for pair in pairs(quads, OWL + "disjointWith") for end in pair}
    named |= {target for _, target in pairs(quads, RDFS + "domain")}
    named |= {target for _, target in pairs(quads, RDFS + "range") if not target.startswith(XSD)}
    named |= {m for q in quads if q.predicate.value == OWL + "members" for m in members(quads, q.object)}
    assert len(named) > 30
    assert not sorted(named - classes), "declare these with a owl:Class (OOPS! P34)"


def test_property_axioms_name_declared_properties_of_the_right_kind(quads: list[ox.Quad]) -> None:
    objects, values = declared(quads, {OWL + "ObjectProperty"}), declared(quads, {OWL + "DatatypeProperty"})
    for predicate in (OWL + "inverseOf",):
        assert {end for pair in pairs(quads, predicate) for end in pair} <= objects
    chains = [m for q in quads if q.predicate.value == OWL + "propertyChainAxiom" for m in members(quads, q.object)]
    assert chains and set(chains) <= objects
    for one, other in pairs(quads, RDFS + "subPropertyOf"):
        assert {one, other} <= objects or {one, other} <= values, (
            f"{terms.compact(one)}: a wider property of the same kind"
        )
    for name, target in pairs(quads, RDFS + "range"):
        assert name in (values if target.startswith(XSD) else objects), f"{terms.compact(name)}: range and kind differ"
    assert not declared(quads, {OWL + "TransitiveProperty"}) - objects


def test_a_chain_has_more_than_one_property(quads: list[ox.Quad]) -> None:
    chains = [members(quads, q.object) for q in quads if q.predicate.value == OWL + "propertyChainAxiom"]
    assert chains and all(len(chain) > 1 for chain in chains), "OOPS! P33: write rdfs:subPropertyOf"


def test_no_property_says_is_or_has_and_no_more(quads: list[ox.Quad]) -> None:
    names = {term.removeprefix(OEWG) for term in declared(quads, PROPERTIES) if term.startswith(OEWG)}
    assert len(names) > 60
    assert not names & {"is", "isA", "has", "of"}, "OOPS! P03: rdf:type or rdfs:subClassOf, or say what"


def test_a_definition_says_more_than_the_label(quads: list[ox.Quad]) -> None:
    """OOPS! P20 (label and definition changed about) and P24 (a term defined by itself alone)."""
    labels, definitions = dict(pairs(quads, RDFS + "label")), dict(pairs(quads, SKOS + "definition"))
    for term, definition in definitions.items():
        if term in labels:
            assert definition.endswith(".") and not labels[term].endswith("."), terms.compact(term)
            said = set(re.findall(r"\w+", definition.lower())) - set(re.findall(r"\w+", labels[term].lower()))
            assert len(said - {"a", "an", "the", "of", "is"}) > 2, f"{terms.compact(term)}: say more than its label"


def test_no_term_of_another_vocabulary_gets_an_axiom_of_ours(quads: list[ox.Quad]) -> None:
    """OOPS! P40, namespace hijacking: what others define is used as they define it."""
    axioms = {RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")}
    axioms |= {OWL + name for name in ("inverseOf", "disjointWith", "propertyChainAxiom")}
    found = {
        (terms.compact(q.subject.value), terms.compact(q.predicate.value))
        for q in quads
        if isinstance(q.subject, ox.NamedNode) and not q.subject.value.startswith(OEWG) and q.predicate.value in axioms
    }
    assert found == OUTSIDE_AXIOMS, "say it of a term of ours, or as a mapping"


def test_no_term_is_two_kinds_at_once(quads: list[ox.Quad]) -> None:
    kinds = Counter(
        terms.text_of(q.subject)
        for q in quads
        if q.predicate.value == RDF + "type" and terms.text_of(q.object) in CLASSES | PROPERTIES
    )
    assert not [terms.compact(term) for term, count in kinds.items() if count > 1], "OWL 2 DL, and OOPS! P05"


def test_every_property_used_in_the_ontology_is_declared(quads: list[ox.Quad]) -> None:
    known = declared(quads, PROPERTIES) | BUILT_IN
    used = {quad.predicate.value for quad in quads if not quad.predicate.value.startswith((OWL, RDF, RDFS))}
    assert len(used) > 10
    assert not sorted(used - known), "declare these in ontology/oewg.ttl (OOPS! P35)"


def test_a_property_has_at_most_one_domain_and_one_range(quads: list[ox.Quad]) -> None:
    for predicate in ("domain", "range"):
        counts = Counter(term for term, _ in pairs(quads, RDFS + predicate))
        assert not [t for t, count in counts.items() if count > 1], f"several of rdfs:{predicate} (OOPS! P19)"


def test_hierarchies_have_no_cycles_and_no_term_is_its_own_inverse(quads: list[ox.Quad]) -> None:
    for predicate in (RDFS + "subClassOf", RDFS + "subPropertyOf"):
        wider: dict[str, set[str]] = {}
        for one, other in pairs(quads, predicate):
            wider.setdefault(one, set()).add(other)
        for term in wider:
            reached, ahead = set(), list(wider[term])
            while ahead:
                step = ahead.pop()
                if step not in reached:
                    reached.add(step)
                    ahead += wider.get(step, set())
            assert term not in reached, f"{terms.compact(term)} is wider than itself (OOPS! P06)"
    assert not [one for one, other in pairs(quads, OWL + "inverseOf") if one == other], "OOPS! P25"


def test_no_term_of_ours_stands_alone(quads: list[ox.Quad]) -> None:
    """An orphan is a class that no axiom and no property of the data touches; a property always has subjects in the data."""
    classes = {term for term in declared(quads, CLASSES) if term.startswith(OEWG)}
    touched = {end for name in ("subClassOf", "domain", "range") for pair in pairs(quads, RDFS + name) for end in pair}
    touched |= {m for q in quads if q.predicate.value == OWL + "members" for m in members(quads, q.object)}
    assert len(classes) > 35
    alone = classes - touched
    assert alone == {OEWG + name for name in ("ReferenceGraph", "UnresolvedVoter")}, (
        "tie a new class to others (OOPS! P04); these two have only properties that several classes share"
    )


def test_the_headers_follow_the_version(quads: list[ox.Quad]) -> None:
    for iri in (f"{BASE}ontology", f"{BASE}ontology/concepts"):
        about = {q.predicate.value: terms.text_of(q.object) for q in quads if terms.text_of(q.subject) == iri}
        assert about[PREFIXES["dcterms"] + "created"] <= about[PREFIXES["dcterms"] + "modified"]
        assert about[OWL + "versionInfo"] == __version__
        assert about[OWL + "versionIRI"] == f"{iri}/{__version__}"
        assert f"version {__version__}, {iri}/{__version__}" in about[PREFIXES["dcterms"] + "bibliographicCitation"]


def test_the_header_of_the_schemes_names_each_scheme(quads: list[ox.Quad]) -> None:
    schemes = declared(quads, {SKOS + "ConceptScheme"})
    named = {
        target for iri, target in pairs(quads, PREFIXES["dcterms"] + "hasPart") if iri == f"{BASE}ontology/concepts"
    }
    assert schemes and schemes == named, "add the scheme to dcterms:hasPart at the head of ontology/concepts.ttl"


REDIRECTS = [
    ("ontology", "text/html", "/ontology"),
    ("ontology", "text/turtle", "/ontology.ttl"),
    ("ontology/0.1.0", "application/ld+json", "/ontology.jsonld"),
    ("ontology/0.1.0", "application/rdf+xml", "/ontology.rdf"),
    ("ontology", "application/n-triples", "/ontology.nt"),
    ("ontology/concepts/0.1.0", "text/turtle", "/ontology/concepts"),
    ("state/EST", "text/turtle", "/state/EST"),
    ("source/oewg-2019-2021", "text/html", "/source/oewg-2019-2021"),
]


@pytest.mark.parametrize(("path", "accepted", "wanted"), REDIRECTS)
def test_redirects_lead_to_the_site(path: str, accepted: str, wanted: str) -> None:
    """Follow the rules as mod_rewrite reads them: a rule with its condition, the first that fits is the last."""
    condition = ""
    for line in (ROOT / "ontology" / "w3id" / ".htaccess").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[:1] == ["RewriteCond"]:
            condition = words[2]
        elif words[:1] == ["RewriteRule"] and words[2] != "-":
            fits = re.search(words[1], path)
            if fits and re.search(condition, accepted):
                assert words[3] == "[R=303,L]" and words[2].startswith("%{ENV:SITE}/")
                assert words[2].removeprefix("%{ENV:SITE}").replace("$1", fits[1] or "") == wanted
                return
            condition = ""
    raise AssertionError(f"no rule for {path}")
