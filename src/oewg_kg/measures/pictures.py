"""Draw measures as SVG files: legible in print and in gray, with the numbers in the description."""

import textwrap
from collections.abc import Sequence

from oewg_kg import tables, terms, texts
from oewg_kg.errors import UsageError
from oewg_kg.measures import participation
from oewg_kg.query import QueryResult

ABSENCES = ("not listed", "not covered", "not stated", "no list exists", "no vote recorded")


def bars(title: str, result: QueryResult, notes: Sequence[str]) -> str:
    """Draw the first count of each row as a bar (for a measure, with the number eligible); raises UsageError without counts."""
    counts = [n for n, _ in enumerate(result.columns) if result.rows and all(is_count(row[n]) for row in result.rows)]
    if not counts:
        raise UsageError("this answer has no counts to plot", advice="add --by CLASS, such as --by m49-region")
    at, label = counts[0], result.columns.index(tables.visible_columns(result.columns)[0])
    rows = []
    for row in result.rows:
        n = int(terms.text_of(row[at]))
        measured = result.columns == participation.COLUMNS
        share = participation.of_text(n, int(terms.text_of(row[2]))) if measured else str(n)
        rows.append((terms.text_of(row[label]), n, share))
    longest = max(max(n for _, n, _ in rows), 1)
    notes = textwrap.wrap(" ".join(notes), 120)
    return texts.filled("measures/bars.svg.jinja", title=title, rows=rows, longest=longest, notes=notes)


def comparison(result: QueryResult, told: str) -> str:
    """Draw a comparison of actors: a row for each list, draft and vote; reasons for empty cells are in gray italics."""
    rows = [[terms.text_of(cell) for cell in row[2:]] for row in result.rows]
    names = result.columns[3:]
    title = f"{', '.join(names[:-1])} and {names[-1]}"
    about = {"title": title, "notes": textwrap.wrap(told, 130), "absences": ABSENCES}
    return texts.filled("measures/comparison.svg.jinja", names=names, rows=rows, **about)


def is_count(term: object) -> bool:
    """Return whether a value says how many."""
    return isinstance(terms.value_of(term), int) and terms.text_of(term).isdigit()
