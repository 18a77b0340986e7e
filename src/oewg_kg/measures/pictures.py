"""Draw counts as bars, and comparisons of actors, as SVG files: legible in print and in gray, with the numbers as text."""

import textwrap
from collections.abc import Sequence

from oewg_kg import tables, terms, texts
from oewg_kg.errors import UsageError
from oewg_kg.measures import participation
from oewg_kg.query import QueryResult

ABSENCES = ("not listed", "not covered", "not stated", "no list exists", "no vote recorded")


def draw_bars(title: str, result: QueryResult, notes: Sequence[str]) -> str:
    """Draw the first count of each row as a bar (for a measure, with the number eligible); raises UsageError without counts."""
    counts = [n for n, _ in enumerate(result.columns) if result.rows and all(is_count(row[n]) for row in result.rows)]
    if not counts:
        raise UsageError("this answer has no counts to plot", advice="add --by CLASS, such as --by m49-region")
    count_column, label_column = counts[0], result.columns.index(tables.visible_columns(result.columns)[0])
    rows = []
    for row in result.rows:
        n = int(terms.text_of(row[count_column]))
        is_measure = result.columns == participation.COLUMNS
        share = participation.share_text(n, int(terms.text_of(row[2]))) if is_measure else str(n)
        rows.append((terms.text_of(row[label_column]), n, share))
    longest = max(max(n for _, n, _ in rows), 1)
    notes = textwrap.wrap(" ".join(notes), 120)
    return texts.filled("measures/bars.svg.jinja", title=title, rows=rows, longest=longest, notes=notes)


def draw_comparison(result: QueryResult, sentence: str) -> str:
    """Draw a comparison of actors: a row for each list, draft and vote; reasons for empty cells are in gray italics."""
    rows = [[terms.text_of(cell) for cell in row[2:]] for row in result.rows]
    actors = result.columns[3:]
    title = f"{', '.join(actors[:-1])} and {actors[-1]}"
    heading = {"title": title, "notes": textwrap.wrap(sentence, 130), "absences": ABSENCES}
    return texts.filled("measures/comparison.svg.jinja", actors=actors, rows=rows, **heading)


def is_count(term: object) -> bool:
    """Return whether a value says how many."""
    return isinstance(terms.value_of(term), int) and terms.text_of(term).isdigit()
