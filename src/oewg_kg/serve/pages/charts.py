"""Choose the chart that helps an answer: bars of what it counts, or votes side by side. A template draws it."""

from typing import NamedTuple

import pyoxigraph as ox

from oewg_kg import tables, terms
from oewg_kg.measures.pictures import is_count
from oewg_kg.query import QueryResult
from oewg_kg.serve.pages.presentation import View

VOTES = ("yes", "no", "abstained", "notVoting")
RANKS = ("ordinal", "number")  # integers that say which one, not how many
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
    columns = [name for name in result.columns if not name.lower().endswith(RANKS)]
    counted = [name for name in columns if all(is_count(row[result.columns.index(name)]) for row in result.rows)]
    if not counted:
        return None
    votes = [name for name in counted if name in VOTES]
    names = votes if len(votes) > 1 else counted[:1]
    rows = []
    for row in result.rows:
        values = dict(zip(result.columns, row, strict=True))
        shown = {name: values[name] for name in tables.visible_columns(result.columns)}
        things = [t for name, t in shown.items() if isinstance(t, ox.NamedNode) or name.endswith("Label")]
        label = " · ".join(map(view.words, things[:2] or list(shown.values())[:1]))
        rows.append((label, [int(terms.text_of(values[name])) for name in names]))
    if all(numbers == rows[0][1] for _, numbers in rows):
        return None
    return Bars("votes" if len(names) > 1 else tables.heading(names[0]), [tables.heading(name) for name in names], rows)
