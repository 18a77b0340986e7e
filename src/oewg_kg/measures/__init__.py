"""Measures that need to know who could have taken part, what a list covers, or how a vote was cast."""

from dataclasses import dataclass

from oewg_kg.query import QueryResult


@dataclass(frozen=True)
class Measured:
    """A measure: its rows, and a sentence with the population, days, numbers, what is missing, and other rules."""

    result: QueryResult
    sentence: str
