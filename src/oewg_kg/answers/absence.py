"""Classify an answer for assistants: listed, not listed on a list that covers it, not covered, or not stated."""

import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset
from oewg_kg.query import SavedQuery
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, RDF_TYPE

LISTED, NOT_LISTED, NOT_COVERED = "listed", "not listed on a list that covers it", "not covered"
NOT_STATED, NONE_OF_THESE, OPEN, NO_ANSWER = "not stated", "none of those listed", "undetermined", "not answered"
# Questions whose rows are what is missing, by their names.
MISSING = {
    r"-not-in-|-not-on-|-neither-": NOT_LISTED,
    r"-not-stated$|-without-(?:date|facts|outside|contributions)": NOT_STATED,
}
# How the reason of an empty answer begins: everything compared fits, or another fact rules the rows out.
COMPARED = re.compile(
    r"each |.* (?:was adopted by consensus|without a vote has none|not about|something else|the same)|no two "
)
SILENT = re.compile(r"no (?:page|line|source|contribution)\b.*? (?:gives?|dates|says|prints|names|links|has a date)\b")


def of(dataset: Dataset, saved: SavedQuery, bindings: Mapping[str, Term], rows: int, why: tuple[str, bool]) -> str:
    """Name the class of an answer; `why` is the reason that `empty.found` gives where there are no rows."""
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
    lists = terms.things(dataset.store, RDF_TYPE, OEWG + "List")
    things = [value.value for value in values if isinstance(value, ox.NamedNode)]
    return any(thing in lists or terms.things(dataset.store, OEWG + "covers", thing) for thing in things)
