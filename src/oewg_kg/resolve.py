"""Make the resolved view: the default graph has all claims except those that a decision sets aside."""

import pyoxigraph as ox

from oewg_kg import decisions, terms
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.errors import ParseError


def resolve(dataset: Dataset) -> int:
    """Fill the default graph as the decisions say; return the number of claims set aside; raises ParseError as `set_aside` does."""
    aside = set_aside(dataset)
    fill(dataset, aside)
    return len(aside)


def set_aside(dataset: Dataset) -> set[ox.Quad]:
    """Find the claims that the decisions set aside; raises ParseError for a claim that its line does not make."""
    aside: set[ox.Quad] = set()
    for one in decisions.claims(dataset.store):
        if one.quad not in dataset.store:
            raise ParseError(
                f"<{one.claim.value}> claims something that its line does not state",
                dataset.files.get(terms.text_of(one.quad.graph_name), "data/decisions.ttl"),
                "correct the subject, predicate, object or line of the claim",
            )
        if one.aside:
            aside.add(one.quad)
    return aside


def fill(dataset: Dataset, aside: set[ox.Quad]) -> None:
    """Put every triple of the named graphs into the default graph, except the claims set aside."""
    dataset.store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    restate(dataset, aside, aside)
    for row in list(select(dataset.store, own_query("intervals-without-ends"))) if aside else ():
        dataset.store.remove(ox.Quad(row["s"], row["p"], row["o"]))


def restate(dataset: Dataset, claims: set[ox.Quad], aside: set[ox.Quad]) -> None:
    """Put each claim into the default graph, or remove it if it is set aside on every line that makes it."""
    for claim in claims:
        everywhere = dataset.store.quads_for_pattern(claim.subject, claim.predicate, claim.object)
        if any(isinstance(quad.graph_name, ox.NamedNode) and quad not in aside for quad in everywhere):
            dataset.store.add(ox.Quad(*claim.triple))
        else:
            dataset.store.remove(ox.Quad(*claim.triple))
