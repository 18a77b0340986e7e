"""Measures that need to know who could have taken part, what a list covers, or how a vote was cast."""

from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg.query import QueryResult
from oewg_kg.vocabulary import PREFIXES


@dataclass(frozen=True)
class Measure:
    """A measure: its rows, and a sentence with the population, days, numbers, what is missing, and other rules."""

    result: QueryResult
    sentence: str


def decimal(value: float) -> ox.Literal:
    """Write a share as a decimal of twelve places."""
    return ox.Literal(f"{value:.12f}", datatype=ox.NamedNode(PREFIXES["xsd"] + "decimal"))
