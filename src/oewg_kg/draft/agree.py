"""Compare two readers' tables cell by cell: the differences, and Krippendorff's alpha."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from oewg_kg.draft.table import COMPARED, Row

SETS = {"printed", "actors", "in_the_name_of", "target", "languages"}


@dataclass(frozen=True)
class Agreement:
    """Cells that differ, as line, item, column, mine, hers; and for each column the cells compared, the same, and alpha."""

    differ: list[list[str]]
    columns: list[tuple[str, int, int, float | None]]


def compare(mine: Iterable[Row], hers: Iterable[Row]) -> Agreement:
    """Compare two tables row by row, by line and item; a row that one reader lacks is a difference, and does not count for the columns."""
    a, b = ({(row.line, row.item): row for row in rows} for rows in (mine, hers))
    differ: list[tuple[tuple[int, int], list[str]]] = []
    for at in a.keys() ^ b.keys():
        differ.append((at, ["row", *("there" if at in rows else "missing" for rows in (a, b))]))
    columns = []
    both = sorted(a.keys() & b.keys())
    for column in COMPARED:
        pairs = [(value(a[at], column), value(b[at], column)) for at in both]
        unlike = [at for at, (one, other) in zip(both, pairs, strict=True) if one != other]
        differ += [(at, [column, getattr(a[at], column), getattr(b[at], column)]) for at in unlike]
        filled = sum(any(pair) for pair in pairs)
        columns.append((column, filled, filled - len(unlike), alpha(pairs)))
    in_order = sorted(differ, key=lambda found: found[0])
    return Agreement([[str(line), str(item), *cells] for (line, item), cells in in_order], columns)


def value(row: Row, column: str) -> str:
    """Normalize a cell, so that cells with the same meaning are equal: order of names, spaces and a code's prefix do not count."""
    text = " ".join(str(getattr(row, column)).split())
    if column in SETS:
        parts = text.split() if column == "languages" else text.split("|")
        return "|".join(sorted(part.strip() for part in parts if part.strip()))
    return text


def alpha(units: Sequence[Sequence[Hashable | None]]) -> float | None:
    """Compute Krippendorff's alpha for nominal data: 1 - observed / expected disagreement, over values that can be paired.

    Each unit holds the values of its readers, None for a missing one (Krippendorff 2011, Computing Krippendorff's
    Alpha-Reliability, C and D). None if there is no variation, because alpha is then undefined.
    """
    totals: Counter[Hashable] = Counter()
    observed = 0.0
    for unit in units:
        values = Counter(one for one in unit if one is not None)
        size = sum(values.values())
        if size < 2:
            continue
        totals.update(values)
        observed += sum(count * (size - count) for count in values.values()) / (size - 1)
    n = sum(totals.values())
    expected = sum(count * (n - count) for count in totals.values()) / (n - 1) if n > 1 else 0
    return 1 - observed / expected if expected else None
