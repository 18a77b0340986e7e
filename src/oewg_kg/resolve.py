"""From claims to the resolved view: the default graph is all claims but those that a decision sets aside."""

from itertools import product

import pyoxigraph as ox

from oewg_kg import decisions, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError
from oewg_kg.vocabulary import OEWG

# The intervals, each with the ends of an imprecise date of which a line makes it.
INTERVALS = {
    "dateInterval": ("earliestDate", "latestDate"),
    "adoptedInterval": ("adoptedEarliest", "adoptedLatest"),
    "activeInterval": ("activeEarliest", "activeLatest"),
}


def resolve(dataset: Dataset) -> int:
    """Fill the default graph from the named graphs, as the decisions say; return the number of claims set aside.

    Raises ParseError when a decision is about a claim that its line does not make.
    """
    aside = set_aside(dataset)
    fill(dataset, aside)
    return len(aside)


def intervals(dataset: Dataset, aside: set[ox.Quad]) -> set[ox.Quad]:
    """Find the intervals of lines of which an end is set aside: what is made of two days falls with either."""
    found: set[ox.Quad] = set()
    for quad, (name, ends) in product(aside, INTERVALS.items()):
        if quad.predicate.value.removeprefix(OEWG) in ends:
            whole = ox.NamedNode(OEWG + name)
            found.update(dataset.store.quads_for_pattern(quad.subject, whole, None, quad.graph_name))
    return found


def set_aside(dataset: Dataset) -> set[ox.Quad]:
    """Find the claims that the decisions set aside; raises ParseError for a claim that its line does not make."""
    aside: set[ox.Quad] = set()
    for one in decisions.claims(dataset.store):
        if one.quad not in dataset.store:
            raise ParseError(
                f"<{one.claim.value}> is not a claim that its line makes",
                dataset.files.get(terms.text_of(one.quad.graph_name), "data/decisions.ttl"),
                "correct subject, predicate, object or line of the claim",
            )
        if one.aside:
            aside.add(one.quad)
    return aside


def fill(dataset: Dataset, aside: set[ox.Quad]) -> None:
    """Put every triple of the named graphs into the default graph, less the claims set aside."""
    dataset.store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    whole = aside | intervals(dataset, aside)
    restate(dataset, whole, whole)


def restate(dataset: Dataset, claims: set[ox.Quad], aside: set[ox.Quad]) -> None:
    """Put each claim into the default graph, or take it out where every line that makes it is set aside."""
    for claim in claims:
        everywhere = dataset.store.quads_for_pattern(claim.subject, claim.predicate, claim.object)
        if any(isinstance(quad.graph_name, ox.NamedNode) and quad not in aside for quad in everywhere):
            dataset.store.add(ox.Quad(*claim.triple))
        else:
            dataset.store.remove(ox.Quad(*claim.triple))
