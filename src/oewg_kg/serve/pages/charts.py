"""Which chart helps an answer: bars of what it counts, votes side by side, or how often each of few values comes."""

import pyoxigraph as ox

from oewg_kg import tables, terms
from oewg_kg.query import QueryResult
from oewg_kg.serve.lookups import Explorer
from oewg_kg.serve.pages.figures import Bars, bars
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

VOTES = ("yes", "no", "abstained", "notVoting")
RANKS = ("ordinal", "number")  # whole numbers that say which one, not how many
TEXT = (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString")
MOST_BARS, MOST_VALUES, LEAST_ROWS = 40, 12, 8


def chart(explorer: Explorer, result: QueryResult) -> Bars | None:
    """Draw bars where they help: of votes, of counts that differ, else of how many rows each of few values has."""
    counted = [name for name in result.columns if _counts(result, name)]
    if 2 <= len(result.rows) <= MOST_BARS and counted:
        votes = [name for name in counted if name in VOTES]
        names = votes if len(votes) > 1 else counted[:1]
        numbers = [[int(terms.text_of(row[result.columns.index(name)])) for name in names] for row in result.rows]
        if any(one != numbers[0] for one in numbers):
            labels = [_row_label(explorer, result, row) for row in result.rows]
            title = "votes" if len(names) > 1 else tables.heading(names[0])
            return bars(title, [tables.heading(name) for name in names], list(zip(labels, numbers, strict=True)))
    return _frequencies(explorer, result)


def _counts(result: QueryResult, name: str) -> bool:
    """Tell whether a column says in every row how many of something there are."""
    column = [row[result.columns.index(name)] for row in result.rows]
    whole = all(isinstance(c, ox.Literal) and c.datatype.value.endswith("#integer") for c in column)
    return whole and not name.lower().endswith(RANKS) and all(terms.text_of(c).isdigit() for c in column)


def _frequencies(explorer: Explorer, result: QueryResult) -> Bars | None:
    """Count the rows of each thing, word, or number of too many rows, for the column with the fewest, each twice on average."""
    found: list[tuple[bool, str, dict[str, int]]] = []
    for name in tables.shown(result.columns):
        column = [row[result.columns.index(name)] for row in result.rows]
        told: dict[str, int] = {}
        for text in (_text(explorer, term) for term in column):
            told[text] = told.get(text, 0) + 1
        words = all(
            isinstance(c, ox.NamedNode) or (isinstance(c, ox.Literal) and c.datatype.value in TEXT) for c in column
        )
        many = len(result.rows) > MOST_BARS and _counts(result, name)
        if (words or many) and 2 <= len(told) <= min(MOST_VALUES, len(result.rows) // 2):
            found.append((many, name, told))
    if len(result.rows) < LEAST_ROWS or not found:
        return None
    _, name, told = min(found, key=lambda one: (one[0], len(one[2])))
    ordered = sorted(told.items(), key=lambda one: (-one[1], one[0]))
    rows = [(text, [number]) for text, number in ordered]
    return bars(f"rows by {tables.heading(name)}", ["rows"], rows)


def _text(explorer: Explorer, term: Term | None) -> str:
    return explorer.label(term.value)[0] if isinstance(term, ox.NamedNode) else terms.text_of(term)


def _row_label(explorer: Explorer, result: QueryResult, row: tuple[Term | None, ...]) -> str:
    """Name a row by its first two things, else by its first value."""
    shown = [(name, row[result.columns.index(name)]) for name in tables.shown(result.columns)]
    things = [_text(explorer, term) for name, term in shown if isinstance(term, ox.NamedNode) or name.endswith("Label")]
    return " · ".join(things[:2] or [_text(explorer, shown[0][1])])
