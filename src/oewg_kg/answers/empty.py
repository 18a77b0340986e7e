"""Why an answer has no rows: the first `#+ empty:` sentence of the question that is true; and the class of absence, for assistants."""

import re
from collections.abc import Callable, Iterable, Mapping

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

Matches = Callable[[str], bool]
# A sentence, and after a bar a pattern: it is true if the pattern finds nothing; without one, of any empty answer.
SENTENCE = re.compile(r"^#\+ empty: (.+?)(?: \| (.+))?$", re.MULTILINE)
PLACEHOLDER = re.compile(r"\{([\w-]+)\}")
LISTED, NOT_LISTED, NOT_COVERED = "listed", "not listed on a list that covers it", "not covered"
NOT_STATED, NONE_OF_THESE, OPEN, NO_ANSWER = "not stated", "none of those listed", "undetermined", "not answered"
# Questions, by name, whose rows are what is missing.
MISSING = {
    r"-not-in-|-not-on-|-neither-": NOT_LISTED,
    r"-not-stated$|-without-(?:date|facts|outside|contributions)": NOT_STATED,
}
# How the reason for an empty answer begins: everything compared agrees, or another fact rules rows out.
AGREEMENT = re.compile(
    r"each |.* (?:was adopted by consensus|without a vote has none|not about|something else|the same)|no two "
)
SILENCE = re.compile(r"no (?:page|line|source|contribution)\b.*? (?:gives?|dates|says|prints|names|links|has a date)\b")


def reason(dataset: Dataset, saved: SavedQuery, bindings: Mapping[str, Term], matches: Matches | None = None) -> str:
    """Return the reason why a question has no rows for these values, "" if its header gives none; `matches` may ask another engine."""
    return absence(dataset, saved, bindings, matches)[0]


def absence(
    dataset: Dataset, saved: SavedQuery, bindings: Mapping[str, Term], matches: Matches | None = None
) -> tuple[str, bool]:
    """Return the reason as `reason` does, and whether it is that a value is not in the dataset at all."""
    matches = matches or (lambda query: any(True for _ in select(dataset.store, query)))
    values = saved.values(bindings)

    def fill_value(placeholder: re.Match[str]) -> str:
        parameter = saved.parameter(placeholder[1])
        return _quote_value(dataset, parameter, values[parameter.variable])

    for sentence, pattern in SENTENCE.findall(saved.text):
        if not pattern or not matches(pattern_query(values, pattern)):
            return PLACEHOLDER.sub(fill_value, sentence), bool(pattern)
    return "", False


def pattern_query(values: Mapping[str, Term], pattern: str) -> str:
    """Write a SELECT that has a row if a pattern matches for these values (endpoints are sent only SELECT queries)."""
    clauses = [f"VALUES ?{name} {{ {term} }}" for name, term in values.items() if re.search(rf"\?{name}\b", pattern)]
    prefixes = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
    return f"{prefixes}SELECT (1 AS ?match) WHERE {{ {' '.join(clauses)} {pattern} }} LIMIT 1"


def _quote_value(dataset: Dataset, parameter: Parameter, value: Term) -> str:
    """Write a value inside a sentence: labels and texts in quotation marks, lines, dates and numbers without."""
    text = terms.text_of(value)
    label = terms.label(dataset.store, text) if parameter.type == "iri" else text
    if label and parameter.type in ("iri", "string"):
        return f"“{label}”"
    return terms.line_name(text) if parameter.type == "iri" else text


def absence_class(
    dataset: Dataset, saved: SavedQuery, bindings: Mapping[str, Term], rows: int, why: tuple[str, bool]
) -> str:
    """Name the class of an answer; `why` is the reason that `absence` gives if there are no rows."""
    values = set(saved.values(bindings).values())
    sentence, value_unknown = why
    if rows:
        row_class = next((missing for name, missing in MISSING.items() if re.search(name, saved.name)), LISTED)
        return NOT_COVERED if row_class == NOT_LISTED and not any_covered(dataset, values) else row_class
    if AGREEMENT.match(sentence):
        return NONE_OF_THESE
    if not value_unknown and SILENCE.match(sentence):
        return NOT_STATED
    return NOT_LISTED if any_covered(dataset, values) else NOT_COVERED


def any_covered(dataset: Dataset, values: Iterable[Term]) -> bool:
    """Return whether any of these entities is a list, or is covered by one."""
    lists = terms.things(dataset.store, RDF_TYPE, OEWG + "List")
    iris = [value.value for value in values if isinstance(value, ox.NamedNode)]
    return any(iri in lists or terms.things(dataset.store, OEWG + "covers", iri) for iri in iris)
