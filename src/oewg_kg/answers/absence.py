"""Classify an answer for assistants: listed, not listed on a list that covers it, not covered, or not stated."""

import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from oewg_kg.dataset import Dataset
from oewg_kg.query import SavedQuery
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, RDF_TYPE

LISTED, NOT_LISTED, NOT_COVERED = "listed", "not listed on a list that covers it", "not covered"
NOT_STATED, NONE_OF_THESE, OPEN, NO_ANSWER = "not stated", "none of those listed", "undetermined", "not answered"
# Questions, by name, whose rows are what is missing.
MISSING = {
    r"-not-in-|-not-on-|-neither-": NOT_LISTED,
    r"-not-stated$|-without-(?:date|facts|outside|contributions)": NOT_STATED,
}
# How the reason for an empty answer begins: everything compared agrees, or another fact rules rows out.
COMPARED = re.compile(
    r"each |.* (?:was adopted by consensus|without a vote has none|not about|something else|the same)|no two "
)
SILENT = re.compile(r"no (?:page|line|source|contribution)\b.*? (?:gives?|dates|says|prints|names|links|has a date)\b")


def of(dataset: Dataset, saved: SavedQuery, bindings: Mapping[str, Term], rows: int, why: tuple[str, bool]) -> str:
    """Name the class of an answer; `why` is the reason that `empty.found` gives if there are no rows."""
    values = set(saved.values(bindings).values())
    sentence, lacking = why
    if rows:
        found = next((kind for name, kind in MISSING.items() if re.search(name, saved.name)), LISTED)
        return NOT_COVERED if found == NOT_LISTED and not covered(dataset, values) else found
    if COMPARED.match(sentence):
        return NONE_OF_THESE
    if not lacking and SILENT.match(sentence):
        return NOT_STATED
    return NOT_LISTED if covered(dataset, values) else NOT_COVERED


def covered(dataset: Dataset, values: Iterable[Term]) -> bool:
    """Return whether any of these entities is a list, or is covered by one."""
    things = [value for value in values if isinstance(value, ox.NamedNode)]
    lists, covers = ox.NamedNode(OEWG + "List"), ox.NamedNode(OEWG + "covers")
    return any(
        ox.Quad(thing, ox.NamedNode(RDF_TYPE), lists) in dataset.store
        or any(True for _ in dataset.store.quads_for_pattern(None, covers, thing, ox.DefaultGraph()))
        for thing in things
    )
