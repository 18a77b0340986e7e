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
    my_rows, her_rows = ({(row.line, row.item): row for row in rows} for rows in (mine, hers))
    differ: list[tuple[tuple[int, int], list[str]]] = []
    for key in my_rows.keys() ^ her_rows.keys():
        differ.append((key, ["row", *("there" if key in rows else "missing" for rows in (my_rows, her_rows))]))
    columns = []
    shared = sorted(my_rows.keys() & her_rows.keys())
    for column in COMPARED:
        pairs = [(comparable(my_rows[key], column), comparable(her_rows[key], column)) for key in shared]
        unlike = [key for key, (my_cell, her_cell) in zip(shared, pairs, strict=True) if my_cell != her_cell]
        differ += [(key, [column, getattr(my_rows[key], column), getattr(her_rows[key], column)]) for key in unlike]
        filled = sum(any(pair) for pair in pairs)
        columns.append((column, filled, filled - len(unlike), alpha(pairs)))
    ordered = sorted(differ, key=lambda keyed: keyed[0])
    return Agreement([[str(line), str(item), *cells] for (line, item), cells in ordered], columns)


def comparable(row: Row, column: str) -> str:
    """Normalize a cell, so that cells with the same meaning are equal: order of names, spaces and a code's prefix do not count."""
    text = " ".join(str(getattr(row, column)).split())
    if column in SETS:
        entries = text.split() if column == "languages" else text.split("|")
        return "|".join(sorted(entry.strip() for entry in entries if entry.strip()))
    return text


def alpha(units: Sequence[Sequence[Hashable | None]]) -> float | None:
    """Compute Krippendorff's alpha for nominal data: 1 - observed / expected disagreement, over values that can be paired.

    Each unit holds the values of its readers, None for a missing one (Krippendorff 2011, Computing Krippendorff's
    Alpha-Reliability, C and D). None if there is no variation, because alpha is then undefined.
    """
    totals: Counter[Hashable] = Counter()
    observed = 0.0
    for unit in units:
        counts = Counter(code for code in unit if code is not None)
        size = sum(counts.values())
        if size < 2:
            continue
        totals.update(counts)
        observed += sum(count * (size - count) for count in counts.values()) / (size - 1)
    paired = sum(totals.values())
    expected = sum(count * (paired - count) for count in totals.values()) / (paired - 1) if paired > 1 else 0
    return 1 - observed / expected if expected else None
