"""A table of proposals scored against a key, over the cells that decide what a row states."""

import csv
from collections import Counter
from pathlib import Path

COLUMNS = ("actors", "in_the_name_of", "kind", "target", "date", "date_latest", "languages")
Cells = dict[tuple[int, int], dict[str, str]]


def key(path: Path) -> Cells:
    """Read a key; no row stands twice."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(int(row["line"]), int(row["item"])): row for row in rows}
    assert len(found) == len(rows), "a row stands twice in the key"
    return found


def same(wanted: str, given: str, column: str, marked: bool) -> bool:
    """Tell whether two cells say the same; an open question of the key wants a marked row that leaves it open."""
    if wanted.startswith("?"):
        return marked and given.startswith("?")
    if given.startswith("?"):
        return marked and column == "actors" and wanted in given[1:].split(",")
    sign = None if column == "languages" else "|"
    return sorted(wanted.split(sign)) == sorted(given.split(sign))


def score(wanted: Cells, given: Cells) -> tuple[float, float, list[str], list[str]]:
    """Return precision, recall, the cells that differ, and the wrong actors that no check mark covers."""
    counts: Counter[str] = Counter()
    differ, silent = [], []
    empty = dict.fromkeys((*COLUMNS, "check"), "")
    for at in sorted(wanted.keys() | given.keys()):
        one, other = wanted.get(at, empty), given.get(at, empty)
        for column in COLUMNS:
            a, b = one[column], other[column]
            if not a and not b:
                continue
            right = at in wanted and at in given and same(a, b, column, other["check"] == "yes")
            counts["right"] += right
            counts["wrong"] += bool(b) and not right
            counts["missed"] += bool(a) and not right
            if not right:
                differ.append(f"{at} {column}: {b or '-'}, the key has {a or '-'}")
                if b and column in ("actors", "in_the_name_of") and other["check"] != "yes":
                    silent.append(differ[-1])
    right = counts["right"]
    return right / (right + counts["wrong"]), right / (right + counts["missed"]), differ, silent
