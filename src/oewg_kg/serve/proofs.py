"""From which stated facts an inferred one follows, and so which lines are behind it.

Not for inferring: `infer` does that when the graph is built, by the same rules.
"""

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.serve.explorer import Explorer
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED, PREFIXES, RDF_TYPE

OWL, RDF, RDFS = PREFIXES["owl"], PREFIXES["rdf"], PREFIXES["rdfs"]
DEPTH = 3


def behind(explorer: Explorer, fact: tuple[Term, str, Term], depth: int = DEPTH) -> set[str]:
    """Find the graphs that state a fact, else those that state what it follows from in at most `depth` steps.

    The steps are those of OWL 2 RL that our ontology uses: the inverse (prp-inv), a narrower property (prp-spo1), a chain of
    two (prp-spo2), a narrower class (cax-sco). Of a transitive property (prp-trp) the ways are too many to be told.
    """
    subject, predicate, value = fact
    stated = _stating(explorer, fact)
    if stated or depth == 0 or not isinstance(subject, ox.NamedNode):
        return stated
    if predicate == RDF_TYPE:
        wide = terms.text_of(value)
        kinds = [
            kind
            for kind in explorer.values(subject.value, RDF_TYPE)
            if wide in explorer.values(kind, RDFS + "subClassOf")
        ]
        return {graph for kind in kinds for graph in _stating(explorer, (subject, RDF_TYPE, ox.NamedNode(kind)))}
    found: set[str] = set()
    for inverse in both_ways(explorer, predicate, OWL + "inverseOf"):
        found |= _stating(explorer, (value, inverse, subject))
    for narrow in _subjects(explorer, RDFS + "subPropertyOf", predicate):
        found |= _stating(explorer, (subject, narrow, value))
    for first, second in _chains(explorer, predicate):
        for quad in explorer.quads(subject.value, first, None):
            if isinstance(quad.object, ox.NamedNode) and explorer.quads(quad.object.value, second, value):
                found |= behind(explorer, (subject, first, quad.object), depth - 1)
                found |= behind(explorer, (quad.object, second, value), depth - 1)
    return found


def _stating(explorer: Explorer, fact: tuple[Term, str, Term]) -> set[str]:
    """Find the named graphs that state a fact, those left out whose claim is set aside."""
    subject, predicate, value = fact
    if not isinstance(subject, ox.NamedNode):
        return set()
    found = set()
    for quad in explorer.store.quads_for_pattern(subject, ox.NamedNode(predicate), value):
        if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value != INFERRED:
            fate = explorer.decided.get((subject, quad.predicate, value, quad.graph_name.value), ("", ""))
            found |= {quad.graph_name.value} if fate[0] != "set aside" else set()
    return found


def _subjects(explorer: Explorer, predicate: str, value: str) -> list[str]:
    return [terms.text_of(quad.subject) for quad in explorer.quads(None, predicate, ox.NamedNode(value))]


def both_ways(explorer: Explorer, iri: str, predicate: str) -> set[str]:
    """Find what a property ties to a thing, in either direction."""
    return {*explorer.values(iri, predicate), *_subjects(explorer, predicate, iri)}


def _chains(explorer: Explorer, predicate: str) -> list[tuple[str, str]]:
    """Read the chains of two properties that entail a property."""
    found = []
    for quad in explorer.quads(predicate, OWL + "propertyChainAxiom", None):
        links: list[str] = []
        rest: Term | None = quad.object
        while isinstance(rest, ox.BlankNode):
            cell = {
                q.predicate.value: q.object
                for q in explorer.store.quads_for_pattern(rest, None, None, ox.DefaultGraph())
            }
            links.append(terms.text_of(cell.get(RDF + "first")))
            rest = cell.get(RDF + "rest")
        if len(links) == 2:
            found.append((links[0], links[1]))
    return found
