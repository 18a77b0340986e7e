"""The claims that editorial decisions prefer, set aside or keep; and the default graph without those set aside (the resolved view)."""

from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.errors import ParseError
from oewg_kg.vocabulary import OEWG

SETS_ASIDE, PREFERS, KEEPS = RELATIONS = tuple(OEWG + name for name in ("setsAside", "prefers", "keeps"))
ABOUT = OEWG + "aboutLine"
# What people read of a relation; no code compares these words.
FATES = {SETS_ASIDE: "set aside", PREFERS: "preferred", KEEPS: "kept", ABOUT: "explained"}


@dataclass(frozen=True)
class DecidedClaim:
    """One claim on which a decision was taken: both IRIs, the relation between them, and the quad that is claimed."""

    decision: ox.NamedNode
    relation: str
    claim: ox.NamedNode
    quad: ox.Quad

    @property
    def aside(self) -> bool:
        """Return whether the answers do not use the claim."""
        return self.relation == SETS_ASIDE

    @property
    def fate(self) -> str:
        """Return what the decision does with the claim, in words."""
        return FATES[self.relation]


def decided_claims(store: ox.Store) -> list[DecidedClaim]:
    """List the claims on which decisions were taken, by decision and claim."""
    return [
        DecidedClaim(
            row["decision"],
            row["relation"].value,
            row["claim"],
            ox.Quad(*(row[name] for name in ["s", "p", "o", "line"])),
        )
        for row in select(store, own_query("decided-claims"))
    ]


def judgements(store: ox.Store) -> Callable[[ox.Quad], list[DecidedClaim]]:
    """Look up the decisions on a claim or, if there are none and it is not in our words, those that interpret its line."""
    by_claim: dict[ox.Quad, list[DecidedClaim]] = {}
    for claim in decided_claims(store):
        by_claim.setdefault(claim.quad, []).append(claim)
    by_line: dict[str, list[ox.NamedNode]] = {}
    for row in select(store, own_query("line-readings")):
        by_line.setdefault(row["line"].value, []).append(row["decision"])
    ours = terms.editorial(store)

    def decisions_on(quad: ox.Quad) -> list[DecidedClaim]:
        if quad in by_claim or quad.predicate.value in ours:
            return by_claim.get(quad, [])
        readings = by_line.get(terms.text_of(quad.graph_name), ())
        return [DecidedClaim(decision, ABOUT, decision, quad) for decision in readings]

    return decisions_on


def resolve(dataset: Dataset) -> int:
    """Fill the default graph as the decisions say; return the number of claims set aside; raises ParseError as `set_aside` does."""
    aside = set_aside(dataset)
    fill_default_graph(dataset, aside)
    return len(aside)


def set_aside(dataset: Dataset) -> set[ox.Quad]:
    """Find the claims that the decisions set aside; raises ParseError for a claim that its line does not make."""
    aside: set[ox.Quad] = set()
    for decided in decided_claims(dataset.store):
        if decided.quad not in dataset.store:
            raise ParseError(
                f"<{decided.claim.value}> claims something that its line does not state",
                dataset.files.get(terms.text_of(decided.quad.graph_name), "data/decisions.ttl"),
                "correct the subject, predicate, object or line of the claim",
            )
        if decided.aside:
            aside.add(decided.quad)
    return aside


def fill_default_graph(dataset: Dataset, aside: set[ox.Quad]) -> None:
    """Put every triple of the named graphs into the default graph, except the claims set aside."""
    dataset.store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    restate_claims(dataset, aside, aside)
    for row in list(select(dataset.store, own_query("intervals-without-ends"))) if aside else ():
        dataset.store.remove(ox.Quad(row["s"], row["p"], row["o"]))


def restate_claims(dataset: Dataset, claims: set[ox.Quad], aside: set[ox.Quad]) -> None:
    """Put each claim into the default graph, or remove it if it is set aside on every line that makes it."""
    for claim in claims:
        statements = dataset.store.quads_for_pattern(claim.subject, claim.predicate, claim.object)
        if any(isinstance(quad.graph_name, ox.NamedNode) and quad not in aside for quad in statements):
            dataset.store.add(ox.Quad(*claim.triple))
        else:
            dataset.store.remove(ox.Quad(*claim.triple))
