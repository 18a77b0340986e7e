"""Score candidates for a row of a user's table: by name, with the other cells of the row as evidence."""

import operator
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from oewg_kg import terms
from oewg_kg.reconcile import matcher
from oewg_kg.reconcile.matcher import EXACT, UNSURE, Candidate
from oewg_kg.serve.reconciliation.catalog import Catalog, comparison_keys

LONGEST_NAME = 500
# How much evidence may lower the score of a name: by a third if all of it disagrees, by half of that if nothing is known.
DISAGREEING, UNKNOWN_EVIDENCE = 0.3, 0.15
PROVEN_SCORE, FEW_CANDIDATES = 0.6, 5


@dataclass(frozen=True)
class Condition:
    """What a candidate should have: any of some values of a property (an IRI); each value is a tuple of ways to write it."""

    property_iri: str
    values: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class RowQuery:
    """The query for one row: its name, evidence from its other cells, types (none: all), and the most candidates wanted."""

    text: str
    evidence: tuple[Condition, ...]
    types: tuple[str, ...]
    limit: int


@dataclass(frozen=True)
class ScoredCandidate:
    """A candidate: its score from 0 to 1, why, the score of its name alone, and the share of the evidence that agrees (None: unknown)."""

    iri: str
    score: float
    why: str
    name_score: float
    agreement: float | None
    match: bool = False


def find_candidates(catalog: Catalog, query: RowQuery, codes: str = "") -> list[ScoredCandidate]:
    """Find the candidates for a query, best first; one matches only if it is clearly best. `codes`: the kind of code in the column."""
    types = query.types or ("",)
    members = set().union(*map(catalog.members, types))
    evidence = [_subjects_by_condition(catalog, condition) for condition in query.evidence]
    by_name = [candidate for type_iri in types for candidate in _name_candidates(catalog, type_iri, query.text, codes)]
    best_by_iri = {candidate.iri: candidate for candidate in sorted(by_name, key=operator.attrgetter("score"))}
    if best_by_iri:
        ranked = [_weigh_evidence(candidate, evidence) for candidate in best_by_iri.values()]
    else:
        ranked = _candidates_by_evidence(evidence, members)
        if query.text:
            ranked = [replace(scored, score=PROVEN_SCORE, name_score=0.0) for scored in ranked if scored.agreement == 1]
            ranked = ranked if len(ranked) <= FEW_CANDIDATES else []
    if any(scored.agreement for scored in ranked):
        for index, scored in enumerate(ranked):
            if scored.agreement is None:
                ranked[index] = replace(scored, score=round(scored.score - UNKNOWN_EVIDENCE, 4))
    ranked.sort(key=lambda scored: (-scored.score, scored.iri))
    if matcher.match_status([Candidate(scored.iri, scored.score, scored.why) for scored in ranked]) == "matched":
        ranked[0] = replace(ranked[0], match=True)
    elif any(scored.iri not in members for scored in ranked):
        ranked = [replace(scored, score=min(scored.score, UNSURE)) for scored in ranked]
    return [scored for scored in ranked if scored.iri in members][: query.limit]


def _name_candidates(catalog: Catalog, type_iri: str, text: str, codes: str) -> list[Candidate]:
    """Find what a text may mean: an IRI itself, else what the matcher finds, else names somewhat like it."""
    iri = terms.expand(text)
    if iri is not None and iri in catalog.members(type_iri):
        return [Candidate(iri, EXACT, "its identifier")]
    if len(text) > LONGEST_NAME:
        return []
    name_index = catalog.name_index(type_iri)
    return matcher.candidates(name_index, text, codes) or matcher.related(name_index, text)


def column_of_codes(catalog: Catalog, queries: Iterable[RowQuery]) -> str:
    """Name the kind of code that the names of a batch are, or nothing: a batch is part of one column."""
    names = [query.text for query in queries if len(query.text) <= LONGEST_NAME]
    return matcher.column_of_codes(catalog.name_index(""), names)


def _subjects_by_condition(catalog: Catalog, condition: Condition) -> tuple[set[str], set[str]]:
    """Find the entities that have the property of a condition, and those that have any of its values."""
    subjects, by_value = catalog.property_column(condition.property_iri)
    texts = {text for value in condition.values for text in value}
    spellings = {spelling for text in texts for spelling in (text, terms.expand(text) or text, *comparison_keys(text))}
    return subjects, set().union(*(by_value.get(spelling, ()) for spelling in spellings))


def _weigh_evidence(candidate: Candidate, evidence: Sequence[tuple[set[str], set[str]]]) -> ScoredCandidate:
    """Lower the score of a name by the share of the evidence that disagrees; missing facts count neither way."""
    agreements = [candidate.iri in agreeing for subjects, agreeing in evidence if candidate.iri in subjects]
    if not agreements:
        return ScoredCandidate(candidate.iri, candidate.score, candidate.why, candidate.score, None)
    share = sum(agreements) / len(agreements)
    score = round(candidate.score * (1 - DISAGREEING * (1 - share)), 4)
    return ScoredCandidate(candidate.iri, score, candidate.why, candidate.score, share)


def _candidates_by_evidence(evidence: Sequence[tuple[set[str], set[str]]], members: set[str]) -> list[ScoredCandidate]:
    """Find entities by evidence alone: those with at least one of the values; the score is the share of conditions that hold."""
    counts = Counter(iri for _, agreeing in evidence for iri in agreeing & members)
    shares = {iri: count / len(evidence) for iri, count in counts.items()}
    return [ScoredCandidate(iri, round(share, 4), "by its properties", share, share) for iri, share in shares.items()]
