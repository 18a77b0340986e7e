"""Choose the chart that helps an answer: bars of what it counts, or votes side by side."""

import pyoxigraph as ox

from oewg_kg import tables, terms
from oewg_kg.query import QueryResult
from oewg_kg.serve.lookups import Explorer
from oewg_kg.serve.pages.figures import Bars, bars
from oewg_kg.terms import Term

VOTES = ("yes", "no", "abstained", "notVoting")
RANKS = ("ordinal", "number")  # integers that say which one, not how many
MOST_BARS = 40


def chart(explorer: Explorer, result: QueryResult) -> Bars | None:
    """Draw bars where they help: of votes, or of counts that differ."""
    counted = [name for name in result.columns if _counts(result, name)]
    if 2 <= len(result.rows) <= MOST_BARS and counted:
        votes = [name for name in counted if name in VOTES]
        names = votes if len(votes) > 1 else counted[:1]
        numbers = [[int(terms.text_of(row[result.columns.index(name)])) for name in names] for row in result.rows]
        if any(one != numbers[0] for one in numbers):
            labels = [_row_label(explorer, result, row) for row in result.rows]
            title = "votes" if len(names) > 1 else tables.heading(names[0])
            return bars(title, [tables.heading(name) for name in names], list(zip(labels, numbers, strict=True)))
    return None


def _counts(result: QueryResult, name: str) -> bool:
    """Return whether a column is a count in every row."""
    column = [row[result.columns.index(name)] for row in result.rows]
    integers = all(isinstance(c, ox.Literal) and c.datatype.value.endswith("#integer") for c in column)
    return integers and not name.lower().endswith(RANKS) and all(terms.text_of(c).isdigit() for c in column)


def _text(explorer: Explorer, term: Term | None) -> str:
    return explorer.label(term.value)[0] if isinstance(term, ox.NamedNode) else terms.text_of(term)


def _row_label(explorer: Explorer, result: QueryResult, row: tuple[Term | None, ...]) -> str:
    """Name a row by its first two entities, else by its first value."""
    shown = [(name, row[result.columns.index(name)]) for name in tables.shown(result.columns)]
    things = [_text(explorer, term) for name, term in shown if isinstance(term, ox.NamedNode) or name.endswith("Label")]
    return " · ".join(things[:2] or [_text(explorer, shown[0][1])])
