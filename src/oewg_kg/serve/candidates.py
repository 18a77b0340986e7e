"""What a row of somebody's table may stand for: candidates by name, with the other cells of the row as evidence.

Not for comparing names: `reconcile` does that, here as on the command line; not for HTTP or JSON.
"""

from dataclasses import dataclass, replace

from oewg_kg import reconcile, terms
from oewg_kg.reconcile import EXACT, Candidate
from oewg_kg.serve.catalog import Catalog, keys

NAME, IDENTIFIER = "name", "id"
LONGEST = 500
# What evidence may take from the score of a name: a third when all of it speaks against, half of that when nothing is known.
AGAINST, UNKNOWN = 0.3, 0.15
BY_EVIDENCE, FEW = 0.6, 5


@dataclass(frozen=True)
class Condition:
    """What a candidate should have: in its name, its identifier, or a property (an IRI), any, all or none of some values.

    Each value is a tuple of ways to write it; one that is required must hold.
    """

    about: str
    values: tuple[tuple[str, ...], ...]
    required: bool = False
    quantifier: str = "any"

    def holds(self, held: list[bool]) -> bool:
        """Tell whether the condition holds, given which of its values do."""
        return all(held) if self.quantifier == "all" else any(held) == (self.quantifier == "any")


@dataclass(frozen=True)
class Query:
    """What is asked of one row: its conditions, types (none: all) and the most candidates wanted."""

    conditions: tuple[Condition, ...]
    types: tuple[str, ...]
    limit: int


@dataclass(frozen=True)
class Found:
    """A candidate: its score from 0 to 1, why, the score of its name alone, and which part of the evidence agrees (None: unknown)."""

    iri: str
    score: float
    why: str
    name: float
    evidence: float | None
    match: bool = False


def find(catalog: Catalog, query: Query) -> list[Found]:
    """Find the candidates for a query, best first; one matches only when it stands out."""
    evidence = [one for one in query.conditions if one.about not in (NAME, IDENTIFIER)]
    each = [one for kind in query.types or ("",) for one in _named(catalog, query, kind).values()]
    named = {one.iri: one for one in sorted(each, key=lambda one: one.score)}
    if named:
        scored = [_weighed(catalog, one, evidence) for one in named.values()]
    elif len(evidence) == len(query.conditions):
        scored = _proven(catalog, query, evidence)
    else:
        proven = [one for one in _proven(catalog, query, evidence) if one.evidence == 1]
        scored = [replace(one, score=BY_EVIDENCE, name=0.0) for one in proven] if len(proven) <= FEW else []
    if any(one.evidence for one in scored):
        scored = [
            one if one.evidence is not None else replace(one, score=round(one.score - UNKNOWN, 4)) for one in scored
        ]
    kept = [one for one in scored if all(_agrees(catalog, one.iri, c) for c in evidence if c.required)]
    kept.sort(key=lambda one: (-one.score, one.iri))
    matched = reconcile.decide([Candidate(one.iri, one.score, one.why) for one in kept]) == "matched"
    return [replace(one, match=matched and at == 0) for at, one in enumerate(kept)][: query.limit]


def _named(catalog: Catalog, query: Query, kind: str) -> dict[str, Candidate]:
    """Find what the conditions on names and identifiers leave of a type."""
    kept: dict[str, Candidate] | None = None
    for condition in query.conditions:
        if condition.about not in (NAME, IDENTIFIER):
            continue
        each = [_meant(catalog, kind, condition.about, value) for value in condition.values]
        union = {iri: one for part in each for iri, one in sorted(part.items(), key=lambda item: item[1].score)}
        if condition.quantifier == "none":
            base = kept if kept is not None else {}
            kept = {iri: one for iri, one in base.items() if iri not in union}
        elif condition.quantifier == "all":
            union = {iri: one for iri, one in union.items() if all(iri in part for part in each)}
        if condition.quantifier != "none":
            kept = union if kept is None else {iri: one for iri, one in kept.items() if iri in union}
    return kept or {}


def _meant(catalog: Catalog, kind: str, about: str, value: tuple[str, ...]) -> dict[str, Candidate]:
    """Find what one value may mean: an IRI itself, else what the matcher finds, else names somewhat like it."""
    for text in value:
        iri = terms.expand(text)
        if iri is not None and iri in catalog.members(kind):
            return {iri: Candidate(iri, EXACT, "its identifier")}
        if about == NAME and len(text) <= LONGEST:
            index = catalog.index(kind)
            found = reconcile.candidates(index, text) or reconcile.related(index, text)
            if found:
                return {one.iri: one for one in reversed(found)}
    return {}


def _agrees(catalog: Catalog, iri: str, condition: Condition) -> bool:
    having = catalog.column(condition.about).having
    held = [
        any(iri in having.get(key, ()) for text in value for key in (text, terms.expand(text) or text, *keys(text)))
        for value in condition.values
    ]
    return condition.holds(held)


def _weighed(catalog: Catalog, one: Candidate, evidence: list[Condition]) -> Found:
    """Lower the score of a name by the part of the evidence that speaks against it; what a thing does not tell counts neither way."""
    told = [c for c in evidence if one.iri in catalog.column(c.about).subjects]
    if not told:
        return Found(one.iri, one.score, one.why, one.score, None)
    part = sum(_agrees(catalog, one.iri, condition) for condition in told) / len(told)
    return Found(one.iri, round(one.score * (1 - AGAINST * (1 - part)), 4), one.why, one.score, part)


def _proven(catalog: Catalog, query: Query, evidence: list[Condition]) -> list[Found]:
    """Find things by evidence alone: what has at least one of the values; the score is the part of the conditions that hold."""
    members = set().union(*(catalog.members(kind) for kind in query.types or ("",)))
    found: set[str] = set()
    for condition in evidence:
        if condition.quantifier != "none":
            having = catalog.column(condition.about).having
            for value in condition.values:
                for text in value:
                    for key in {text, terms.expand(text) or text, *keys(text)}:
                        found |= having.get(key, set())
    parts = {iri: sum(_agrees(catalog, iri, c) for c in evidence) / len(evidence) for iri in found & members}
    return [Found(iri, round(part, 4), "by its properties", part, part) for iri, part in parts.items() if part]
