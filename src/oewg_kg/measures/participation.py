"""Count the states of each class in an answer out of those that could be in it, zeros included; with a Wilson interval."""

import math
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import dataset, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.measures import Measured, classes, decimal
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.terms import Term
from oewg_kg.version import DATE

COLUMNS = ("class", "n", "eligible", "share", "low", "high", "unnamed", "states")
Z = 1.959963984540054  # the quantile of the normal distribution for 95%
FEW = 10


def wilson(n: int, eligible: int) -> tuple[float, float]:
    """Compute the 95% interval of a share by Wilson (1927), without continuity correction; (0, 1) if none is eligible."""
    if not eligible:
        return 0.0, 1.0
    share, part = n / eligible, Z * Z / eligible
    middle = share + part / 2
    half = Z * math.sqrt(share * (1 - share) / eligible + part / eligible / 4)
    return max(0.0, (middle - half) / (1 + part)), min(1.0, (middle + half) / (1 + part))


def of(
    graph: Dataset, folder: Path, saved: SavedQuery, bindings: dict[str, Term], result: QueryResult, text: str
) -> Measured:
    """Count the states of an answer by a class; raises UsageError for an unknown class or an answer without states."""
    members = {
        terms.text_of(row["state"]): row for row in dataset.select(graph.store, dataset.own_query("member-states"))
    }
    by = classes.read(graph, folder, text, _day(graph, saved, bindings))
    eligible = {iri for iri, row in members.items() if terms.text_of(row["admitted"]) <= by.day}
    at = next(
        (n for n, _ in enumerate(result.columns) if any(terms.text_of(row[n]) in members for row in result.rows)), None
    )
    if at is None:
        what = f"has no column of states, only: {', '.join(result.columns)}" if result.rows else "has no rows"
        raise UsageError(f"{saved.name} {what}", advice="use --by with an answer that names states")
    lines: dict[str, set[str]] = {}
    for row, cited in zip(result.rows, result.citations, strict=True):
        lines.setdefault(terms.text_of(row[at]), set()).update(cited)
    rows, citations = [], []
    for name, of_class in by.states.items():
        could = eligible & of_class
        did = sorted(could & set(lines), key=lambda iri: terms.text_of(members[iri]["label"]))
        low, high = wilson(len(did), len(could))
        share = len(did) / len(could) if could else None
        unnamed = sum(terms.text_of(members[iri]["named"]) == "false" for iri in could - set(lines))
        names = "; ".join(terms.text_of(members[iri]["label"]) for iri in did)
        numbers = map(_number, (len(did), len(could), share, low, high, unnamed))
        rows.append((ox.Literal(name), *numbers, ox.Literal(names)))
        citations.append(tuple(sorted({line for iri in did for line in lines[iri]}, key=terms.line_order)))
    left = sorted(terms.name(graph.store, iri) for iri in set(lines) - eligible if iri)
    sentence = (
        f"By {by.title}: {len(set(lines) & eligible)} states in the column {result.columns[at]!r}, of {len(eligible)} Member "
        f"States on {by.day}. Share: n divided by eligible, with its 95% Wilson interval (low, high). Unnamed: the other eligible "
        "states that no page names. A state that is not listed may still have taken part."
        + (f" Not counted, because they were not Member States on that day: {', '.join(left)}." if left else "")
    )
    return Measured(QueryResult(COLUMNS, tuple(rows), tuple(citations)), sentence)


def of_text(n: int, eligible: int) -> str:
    """Write a share for people: as a percentage with its numbers, or as numbers alone if few are eligible."""
    return f"{n} of {eligible}" + (f" ({n / eligible:.0%})" if eligible >= FEW else "")


def _day(graph: Dataset, saved: SavedQuery, bindings: dict[str, Term]) -> str:
    """Find the last day among the parameters, or of a document, vote or list among them; else that of the dataset."""
    found = []
    for term in saved.values(bindings).values():
        if isinstance(term, ox.NamedNode):
            rows = dataset.select(graph.store, dataset.insert_values(dataset.own_query("days"), {"thing": term}))
            found += [terms.text_of(row["day"]) for row in rows]
        elif terms.is_date(terms.text_of(term)):
            found.append(terms.text_of(term))
    return max(found, default=DATE)


def _number(value: float | None) -> ox.Literal | None:
    if value is None:
        return None
    return ox.Literal(value) if isinstance(value, int) else decimal(value)
