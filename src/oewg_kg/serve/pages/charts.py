"""Choose the chart that helps an answer: bars of what it counts, or votes side by side. A template draws it."""

from typing import NamedTuple

import pyoxigraph as ox

from oewg_kg import tables, terms
from oewg_kg.measures.pictures import is_count
from oewg_kg.query import QueryResult
from oewg_kg.serve.pages.presentation import View

VOTE_COLUMNS = ("yes", "no", "abstained", "notVoting")
RANK_COLUMNS = ("ordinal", "number")  # integers that say which one, not how many
MOST_BARS = 40


class Bars(NamedTuple):
    """A bar for each row, as (label, one number for each series); the parts of a bar are side by side."""

    title: str
    series: list[str]
    rows: list[tuple[str, list[int]]]


def chart(view: View, result: QueryResult) -> Bars | None:
    """Choose bars where they help: of votes, or of counts that differ."""
    if not 2 <= len(result.rows) <= MOST_BARS:
        return None
    count_columns = [
        column
        for index, column in enumerate(result.columns)
        if not column.lower().endswith(RANK_COLUMNS) and all(is_count(row[index]) for row in result.rows)
    ]
    if not count_columns:
        return None
    vote_columns = [column for column in count_columns if column in VOTE_COLUMNS]
    series = vote_columns if len(vote_columns) > 1 else count_columns[:1]
    rows = []
    for row in result.rows:
        cells = dict(zip(result.columns, row, strict=True))
        columns = tables.shown(result.columns)
        entities = [name for name in columns if isinstance(cells[name], ox.NamedNode) or name.endswith("Label")]
        label = " · ".join(view.plain_text(cells[name]) for name in entities[:2] or columns[:1])
        rows.append((label, [int(terms.text_of(cells[column])) for column in series]))
    if all(counts == rows[0][1] for _, counts in rows):
        return None
    headings = [tables.heading(column) for column in series]
    return Bars("votes" if len(series) > 1 else headings[0], headings, rows)
