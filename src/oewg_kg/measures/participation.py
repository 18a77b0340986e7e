"""Count the states of each class in an answer out of those that could be in it, zeros included; with a Wilson interval."""

import math
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, insert_values, own_query, select
from oewg_kg.errors import UsageError
from oewg_kg.measures import Measure, classes, decimal
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.terms import Term
from oewg_kg.version import DATE

COLUMNS = ("class", "n", "eligible", "share", "low", "high", "unnamed", "states")
NORMAL_QUANTILE = 1.959963984540054  # the quantile of the normal distribution for 95%
FEW_STATES = 10


def wilson(n: int, eligible: int) -> tuple[float, float]:
    """Compute the 95% interval of a share by Wilson (1927), without continuity correction; (0, 1) if none is eligible."""
    if not eligible:
        return 0.0, 1.0
    share, part = n / eligible, NORMAL_QUANTILE * NORMAL_QUANTILE / eligible
    middle = share + part / 2
    half = NORMAL_QUANTILE * math.sqrt(share * (1 - share) / eligible + part / eligible / 4)
    return max(0.0, (middle - half) / (1 + part)), min(1.0, (middle + half) / (1 + part))


def class_counts(
    dataset: Dataset, folder: Path, saved: SavedQuery, bindings: dict[str, Term], result: QueryResult, class_text: str
) -> Measure:
    """Count the states of an answer by a class; raises UsageError for an unknown class or an answer without states."""
    members = {terms.text_of(row["state"]): row for row in select(dataset.store, own_query("member-states"))}
    partition = classes.read_classes(dataset, folder, class_text, _last_day(dataset, saved, bindings))
    eligible = {iri for iri, row in members.items() if terms.text_of(row["admitted"]) <= partition.day}
    column = next(
        (n for n, _ in enumerate(result.columns) if any(terms.text_of(row[n]) in members for row in result.rows)), None
    )
    if column is None:
        problem = f"has no column of states, only: {', '.join(result.columns)}" if result.rows else "has no rows"
        raise UsageError(f"{saved.name} {problem}", advice="use --by with an answer that names states")
    lines_by_state: dict[str, set[str]] = {}
    for row, row_lines in zip(result.rows, result.citations, strict=True):
        lines_by_state.setdefault(terms.text_of(row[column]), set()).update(row_lines)
    answer_states = set(lines_by_state)
    rows, citations = [], []
    for class_name, class_members in partition.states.items():
        eligible_members = eligible & class_members
        present = sorted(eligible_members & answer_states, key=lambda iri: terms.text_of(members[iri]["label"]))
        low, high = wilson(len(present), len(eligible_members))
        share = len(present) / len(eligible_members) if eligible_members else None
        unnamed = sum(terms.text_of(members[iri]["named"]) == "false" for iri in eligible_members - answer_states)
        labels = "; ".join(terms.text_of(members[iri]["label"]) for iri in present)
        numbers = map(_number_term, (len(present), len(eligible_members), share, low, high, unnamed))
        rows.append((ox.Literal(class_name), *numbers, ox.Literal(labels)))
        citations.append(tuple(sorted({line for iri in present for line in lines_by_state[iri]}, key=terms.line_order)))
    others = sorted(terms.name(dataset.store, iri) for iri in answer_states - eligible if iri)
    sentence = (
        f"By {partition.title}: {len(answer_states & eligible)} states in the column {result.columns[column]!r}, of {len(eligible)} Member "
        f"States on {partition.day}. Share: n divided by eligible, with its 95% Wilson interval (low, high). Unnamed: the other eligible "
        "states that no page names. A state that is not listed may still have taken part."
        + (f" Not counted, because they were not Member States on that day: {', '.join(others)}." if others else "")
    )
    return Measure(QueryResult(COLUMNS, tuple(rows), tuple(citations)), sentence)


def share_text(n: int, eligible: int) -> str:
    """Write a share for people: as a percentage with its numbers, or as numbers alone if few are eligible."""
    return f"{n} of {eligible}" + (f" ({n / eligible:.0%})" if eligible >= FEW_STATES else "")


def _last_day(dataset: Dataset, saved: SavedQuery, bindings: dict[str, Term]) -> str:
    """Find the last day among the parameters, or of a document, vote or list among them; else that of the dataset."""
    days = []
    for value in saved.values(bindings).values():
        if isinstance(value, ox.NamedNode):
            rows = select(dataset.store, insert_values(own_query("days"), {"thing": value}))
            days += [terms.text_of(row["day"]) for row in rows]
        elif terms.is_date(terms.text_of(value)):
            days.append(terms.text_of(value))
    return max(days, default=DATE)


def _number_term(value: float | None) -> ox.Literal | None:
    if value is None:
        return None
    return ox.Literal(value) if isinstance(value, int) else decimal(value)
