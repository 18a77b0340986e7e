"""The claims that editorial decisions prefer, set aside or keep, and what becomes of each."""

from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg.dataset import own_query, select
from oewg_kg.vocabulary import OEWG

SETS_ASIDE, PREFERS, KEEPS = RELATIONS = tuple(OEWG + name for name in ("setsAside", "prefers", "keeps"))
# What people read of a relation; no code compares these words.
FATES = {SETS_ASIDE: "set aside", PREFERS: "preferred", KEEPS: "kept"}


@dataclass(frozen=True)
class Decided:
    """One claim on which a decision was taken: both IRIs, the relation between them, and the quad that is claimed."""

    decision: ox.NamedNode
    relation: str
    claim: ox.NamedNode
    quad: ox.Quad

    @property
    def aside(self) -> bool:
        """Tell whether the answers do not use the claim."""
        return self.relation == SETS_ASIDE

    @property
    def fate(self) -> str:
        """Return what becomes of the claim, in words."""
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
