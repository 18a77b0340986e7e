"""Where facts about an entity come from: the claims with their lines, headings and decisions."""

from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset
from oewg_kg.evidence import decisions as decided
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES, RDF_TYPE, iris

LABELS = iris("skos:prefLabel skos:altLabel skos:notation dcterms:title")
PRINTED = iris("oewg:nameInSource oewg:symbol oewg:otherLocalName")


@dataclass(frozen=True)
class Claim:
    """One triple in one graph: line and heading (None outside the pages), file, its fate by a decision, and whether it is in our words."""

    subject: Term
    predicate: ox.NamedNode
    object: Term
    graph: str
    heading: str | None
    file: str
    fate: str | None = None
    reason: str | None = None
    ours: bool = False


def claims(dataset: Dataset, subject: ox.NamedNode, predicate: ox.NamedNode | None = None) -> list[Claim]:
    """List every claim about a thing, by predicate, value and line; inferred triples have the graph `graph:inferred`."""
    store = dataset.store
    decisions, ours = decided.judgements(store), terms.editorial(store)
    found = []
    for quad in store.quads_for_pattern(subject, predicate, None):
        if isinstance(quad.graph_name, ox.NamedNode):
            graph, judged = quad.graph_name, decisions(quad)
            why = [min(terms.values(store, one.decision, PREFIXES["rdfs"] + "comment"), default="") for one in judged]
            fate = (judged[0].fate if judged else None, " ".join(why) or None)
            about = (heading(store, graph), dataset.files.get(graph.value, ""), *fate)
            own = "#L" in graph.value and quad.predicate.value in ours
            found.append(Claim(quad.subject, quad.predicate, quad.object, graph.value, *about, own))
    # Type and names of a thing come before its other facts.
    first = {predicate: rank for rank, predicate in enumerate([RDF_TYPE, *LABELS, *PRINTED])}

    def order(claim: Claim) -> tuple[object, ...]:
        predicate, inferred = claim.predicate.value, claim.graph == INFERRED
        rank = first.get(predicate, len(first))
        return rank, predicate, terms.text_of(claim.object), inferred, terms.line_order(claim.graph)

    return sorted(found, key=order)


def heading(store: ox.Store, line: ox.NamedNode) -> str | None:
    """Find the heading of a line."""
    return next(iter(terms.values(store, line, OEWG + "underHeading")), None)
