"""The chart next to an answer (`Bars`): bars of what it counts, or votes side by side, where they help; a template draws it."""

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
    columns = dict(zip(result.columns, zip(*result.rows, strict=True), strict=True))
    counts = [name for name in columns if not name.lower().endswith(RANK_COLUMNS) and all(map(is_count, columns[name]))]
    if not counts:
        return None
    votes = [name for name in counts if name in VOTE_COLUMNS]
    series = votes if len(votes) > 1 else counts[:1]
    rows, shown = [], tables.visible_columns(result.columns)
    for row in result.rows:
        cells = dict(zip(result.columns, row, strict=True))
        entities = [name for name in shown if isinstance(cells[name], ox.NamedNode) or name.endswith("Label")]
        label = " · ".join(view.plain_text(cells[name]) for name in entities[:2] or shown[:1])
        rows.append((label, [int(terms.text_of(cells[name])) for name in series]))
    if all(bar == rows[0][1] for _, bar in rows):
        return None
    headings = list(map(tables.heading, series))
    return Bars("votes" if len(series) > 1 else headings[0], headings, rows)
