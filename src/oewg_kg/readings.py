"""The other ways to count of a question, and its other subjects: which there are, and how they differ in rows.

Not for answering a question: `query` does.
"""

from dataclasses import dataclass

from oewg_kg import query, tables, terms
from oewg_kg.dataset import Dataset
from oewg_kg.query import QueryResult, Reading, SavedQuery


@dataclass(frozen=True)
class OtherReading(Reading):
    """A reading that was not asked, with all parameters that give it, and its rows in words."""

    merged: dict[str, str]
    rows: str


def others(dataset: Dataset, saved: SavedQuery, values: dict[str, str], given: QueryResult) -> list[OtherReading]:
    """Answer every reading but the one given, the values kept where a reading does not change them.

    Where a reading has as many rows as the answer given, its rows in words say whether they are the same.
    """
    return [
        beside(reading, merged, query.run(dataset, saved, query.bind(dataset, saved, merged)), given)
        for reading, merged in unasked(dataset, saved, values)
    ]


def unasked(dataset: Dataset, saved: SavedQuery, values: dict[str, str]) -> list[tuple[Reading, dict[str, str]]]:
    """List every reading but the one given, each with all parameters that give it."""
    asked = settings(dataset, saved, values)
    merged = [(reading, values | reading.values) for reading in saved.readings]
    return [(reading, all_values) for reading, all_values in merged if settings(dataset, saved, all_values) != asked]


def beside(reading: Reading, merged: dict[str, str], result: QueryResult, given: QueryResult) -> OtherReading:
    """Put the rows of a reading beside those of the answer given, in words."""
    return OtherReading(**vars(reading), merged=merged, rows=_compared(result, given))


def settings(dataset: Dataset, saved: SavedQuery, values: dict[str, str]) -> dict[str, str]:
    """Write the value of each parameter, defaults too, so that two ways of asking the same are equal."""
    bindings = query.bind(dataset, saved, values)
    return {
        parameter.variable: terms.text_of(bindings[parameter.variable])
        if parameter.variable in bindings
        else terms.expand(parameter.default) or parameter.default.partition("^^")[0].strip('"')
        for parameter in saved.parameters
    }


def _compared(result: QueryResult, given: QueryResult) -> str:
    told = tables.counted(result.columns, result.rows)
    if not result.rows or len(result.rows) != len(given.rows):
        return told
    return f"{told}, {'the same' if set(result.rows) == set(given.rows) else 'not the same'}"
