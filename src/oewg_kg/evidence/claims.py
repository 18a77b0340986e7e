"""Where facts about an entity come from: the claims with their lines, headings and decisions."""

from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset
from oewg_kg.evidence import decisions
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES, RDF_TYPE, iris

LABELS = iris("skos:prefLabel skos:altLabel skos:notation dcterms:title")
COMMENT = PREFIXES["rdfs"] + "comment"
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


def claims_about(dataset: Dataset, subject: ox.NamedNode, predicate: ox.NamedNode | None = None) -> list[Claim]:
    """List every claim about an entity, by predicate, value and line; inferred triples have the graph `graph:inferred`."""
    store = dataset.store
    decisions_on, ours = decisions.judgements(store), terms.editorial(store)
    claims = []
    for quad in store.quads_for_pattern(subject, predicate, None):
        if isinstance(quad.graph_name, ox.NamedNode):
            graph, decided = quad.graph_name, decisions_on(quad)
            reasons = [min(terms.values(store, claim.decision, COMMENT), default="") for claim in decided]
            fate = (decided[0].fate if decided else None, " ".join(reasons) or None)
            source = (heading(store, graph), dataset.files.get(graph.value, ""), *fate)
            editorial = "#L" in graph.value and quad.predicate.value in ours
            claims.append(Claim(quad.subject, quad.predicate, quad.object, graph.value, *source, editorial))
    # Type and names of a thing come before its other facts.
    ranks = {predicate: rank for rank, predicate in enumerate([RDF_TYPE, *LABELS, *PRINTED])}

    def order(claim: Claim) -> tuple[object, ...]:
        predicate, inferred = claim.predicate.value, claim.graph == INFERRED
        rank = ranks.get(predicate, len(ranks))
        return rank, predicate, terms.text_of(claim.object), inferred, terms.line_order(claim.graph)

    return sorted(claims, key=order)


def heading(store: ox.Store, line: ox.NamedNode) -> str | None:
    """Find the heading of a line."""
    return next(iter(terms.values(store, line, OEWG + "underHeading")), None)
