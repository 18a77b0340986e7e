"""The claims that editorial decisions prefer, set aside or keep."""

from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import own_query, select
from oewg_kg.vocabulary import OEWG

SETS_ASIDE, PREFERS, KEEPS = RELATIONS = tuple(OEWG + name for name in ("setsAside", "prefers", "keeps"))
ABOUT = OEWG + "aboutLine"
# What people read of a relation; no code compares these words.
FATES = {SETS_ASIDE: "set aside", PREFERS: "preferred", KEEPS: "kept", ABOUT: "explained"}


@dataclass(frozen=True)
class Decided:
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


def claims(store: ox.Store) -> list[Decided]:
    """List the claims on which decisions were taken, by decision and claim."""
    return [
        Decided(
            row["decision"],
            row["relation"].value,
            row["claim"],
            ox.Quad(*(row[name] for name in ["s", "p", "o", "line"])),
        )
        for row in select(store, own_query("decided-claims"))
    ]


def judgements(store: ox.Store) -> Callable[[ox.Quad], list[Decided]]:
    """Look up the decisions on a claim or, if there are none and it is not in our words, those that interpret its line."""
    made: dict[ox.Quad, list[Decided]] = {}
    for one in claims(store):
        made.setdefault(one.quad, []).append(one)
    about: dict[str, list[ox.NamedNode]] = {}
    for row in select(store, own_query("line-readings")):
        about.setdefault(row["line"].value, []).append(row["decision"])
    ours = terms.editorial(store)

    def on(quad: ox.Quad) -> list[Decided]:
        if quad in made or quad.predicate.value in ours:
            return made.get(quad, [])
        readings = about.get(terms.text_of(quad.graph_name), ())
        return [Decided(decision, ABOUT, decision, quad) for decision in readings]

    return on
