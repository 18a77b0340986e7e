"""Score candidates for a row of a user's table: by name, with the other cells of the row as evidence."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from oewg_kg import terms
from oewg_kg.reconcile import matcher
from oewg_kg.reconcile.matcher import EXACT, UNSURE, Candidate
from oewg_kg.serve.reconciliation.catalog import Catalog, keys

LONGEST = 500
# How much evidence may lower the score of a name: by a third if all of it disagrees, by half of that if nothing is known.
AGAINST, UNKNOWN = 0.3, 0.15
BY_EVIDENCE, FEW = 0.6, 5


@dataclass(frozen=True)
class Condition:
    """What a candidate should have: any of some values of a property (an IRI); each value is a tuple of ways to write it."""

    about: str
    values: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Query:
    """The query for one row: its name, evidence from its other cells, types (none: all), and the most candidates wanted."""

    text: str
    evidence: tuple[Condition, ...]
    types: tuple[str, ...]
    limit: int


@dataclass(frozen=True)
class Found:
    """A candidate: its score from 0 to 1, why, the score of its name alone, and the share of the evidence that agrees (None: unknown)."""

    iri: str
    score: float
    why: str
    name: float
    evidence: float | None
    match: bool = False


def find(catalog: Catalog, query: Query, codes: str = "") -> list[Found]:
    """Find the candidates for a query, best first; one matches only if it is clearly best. `codes`: the kind of code in the column."""
    kinds = query.types or ("",)
    members = set().union(*map(catalog.members, kinds))
    evidence = [_judged(catalog, condition) for condition in query.evidence]
    each = [one for kind in kinds for one in _meant(catalog, kind, query.text, codes)]
    named = {one.iri: one for one in sorted(each, key=lambda one: one.score)}
    if named:
        scored = [_weighed(one, evidence) for one in named.values()]
    else:
        scored = _proven(evidence, members)
        if query.text:
            proven = [one for one in scored if one.evidence == 1]
            scored = [replace(one, score=BY_EVIDENCE, name=0.0) for one in proven] if len(proven) <= FEW else []
    if any(one.evidence for one in scored):
        scored = [
            one if one.evidence is not None else replace(one, score=round(one.score - UNKNOWN, 4)) for one in scored
        ]
    scored.sort(key=lambda one: (-one.score, one.iri))
    if matcher.match_status([Candidate(one.iri, one.score, one.why) for one in scored]) == "matched":
        scored[0] = replace(scored[0], match=True)
    elif any(one.iri not in members for one in scored):
        scored = [replace(one, score=min(one.score, UNSURE)) for one in scored]
    return [one for one in scored if one.iri in members][: query.limit]


def _meant(catalog: Catalog, kind: str, text: str, codes: str) -> list[Candidate]:
    """Find what a text may mean: an IRI itself, else what the matcher finds, else names somewhat like it."""
    iri = terms.expand(text)
    if iri is not None and iri in catalog.members(kind):
        return [Candidate(iri, EXACT, "its identifier")]
    if len(text) > LONGEST:
        return []
    index = catalog.index(kind)
    return matcher.candidates(index, text, codes) or matcher.related(index, text)


def column_of_codes(catalog: Catalog, queries: Iterable[Query]) -> str:
    """Name the kind of code that the names of a batch are, or nothing: a batch is part of one column."""
    texts = [query.text for query in queries if len(query.text) <= LONGEST]
    return matcher.column_of_codes(catalog.index(""), texts)


def _judged(catalog: Catalog, condition: Condition) -> tuple[set[str], set[str]]:
    """Find the entities that have the property of a condition, and those that have any of its values."""
    subjects, having = catalog.column(condition.about)
    texts = {text for value in condition.values for text in value}
    ways = {way for text in texts for way in (text, terms.expand(text) or text, *keys(text))}
    return subjects, set().union(*(having.get(way, ()) for way in ways))


def _weighed(one: Candidate, evidence: Sequence[tuple[set[str], set[str]]]) -> Found:
    """Lower the score of a name by the share of the evidence that disagrees; missing facts count neither way."""
    agrees = [one.iri in agreeing for subjects, agreeing in evidence if one.iri in subjects]
    if not agrees:
        return Found(one.iri, one.score, one.why, one.score, None)
    part = sum(agrees) / len(agrees)
    return Found(one.iri, round(one.score * (1 - AGAINST * (1 - part)), 4), one.why, one.score, part)


def _proven(evidence: Sequence[tuple[set[str], set[str]]], members: set[str]) -> list[Found]:
    """Find entities by evidence alone: those with at least one of the values; the score is the share of conditions that hold."""
    holds = Counter(iri for _, agreeing in evidence for iri in agreeing & members)
    parts = {iri: count / len(evidence) for iri, count in holds.items()}
    return [Found(iri, round(part, 4), "by its properties", part, part) for iri, part in parts.items()]
