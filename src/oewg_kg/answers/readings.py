"""A question with its values in words (title, definition, file name), and the answers to its other ways to count."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import query, tables, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.query import Parameter, QueryResult, Reading, SavedQuery
from oewg_kg.terms import Term

Ask = Callable[[dict[str, Term]], QueryResult]
# How a title states its defaults: `two drafts (default: the initial pre-draft and the Zero Draft)`.
PLACE = re.compile(r"\b(an?|two) ((?:(?!an? |two )[\w-]+ )+?)\(default: ([^)]*)\)")
DEFAULTS = r" \(default: [^)]*\)"
NAMED = re.compile(r"(draft|list|report|session|meeting|process|decision|group|group of (?:experts|states))s?$")
COUNTED = re.compile(r"^(Which|How many) (?:states(?:, groups and other actors)?|groups of states|actors)\b")
WORDS = {"match": "in {} of them", "kind": "{} only", "process": "in the {}", "session": "at the {}", "day": "on {}"}


@dataclass(frozen=True)
class Asked:
    """A question with its values: for each parameter the term, the words for people, and those of the default."""

    saved: SavedQuery
    terms: dict[str, Term]
    words: dict[str, str]
    defaults: dict[str, str]

    @property
    def changed(self) -> dict[str, str]:
        """List the values that are not the defaults, in words."""
        return {name: word for name, word in self.words.items() if word != self.defaults[name]}

    @property
    def values(self) -> str:
        """Write all values in one line, "" if the question has no parameter."""
        return "; ".join(f"{name} = {word}" for name, word in self.words.items())

    def sentence(self, others: dict[str, str]) -> str:
        """Write the question with its values in place of its defaults, followed by the values that its title does not name."""
        left = [one.name for one in self.saved.parameters]

        def value(found: re.Match[str]) -> str:
            names = [left.pop(0) for _ in range(2 if found[1] == "two" else 1) if left]
            if any(name in self.changed for name in names):
                link = " or " if found.string[: found.start()].endswith("either ") else " and "
                return link.join(self._phrase(name, found[2].strip()) for name in names)
            return _default(found[2].strip(), found[3])

        text = PLACE.sub(value, re.sub(r"\b(both|either) of two\b", r"\1 two", self.saved.summary))
        rest = {name: others[name] for name in left if name in others}
        if rest and re.search(DEFAULTS, text):  # which is cut
            rest = {name: self.words[name] for name in left}
        if "actor-class" in rest and COUNTED.match(text):
            text = COUNTED.sub(rf"\1 {tables.plural(rest.pop('actor-class'))}", text)
        return f"{re.sub(DEFAULTS, '', text)} ({', '.join(map(_aside, rest, rest.values()))})" if rest else text

    def _phrase(self, name: str, noun: str) -> str:
        word = self.words[name]
        if name == "kind":
            return f"the kind “{word}”"
        return f"the {word}" if NAMED.search(noun) else word

    @property
    def heading(self) -> str:
        """Write the question with the values that are not the defaults."""
        return self.sentence(self.changed)

    @property
    def title(self) -> str:
        """Write the question with all values."""
        return self.sentence(self.words)

    @property
    def definition(self) -> str:
        """Write the definition, and which values override it."""
        usual = {**self.defaults, **({"kind": "any kind"} if self.defaults.get("kind") == "contribution" else {})}
        overridden = [f"{name} = {word} instead of {usual[name]}" for name, word in self.changed.items()]
        return self.saved.definition + (f"; here with {', '.join(overridden)}" if overridden else "")

    @property
    def preface(self) -> str:
        """Write the text above the rows of an answer in Markdown."""
        return f"# {self.title}\n\nCounted: {self.definition}.\n\n"

    @property
    def file(self) -> str:
        """Name a file after the question and the values that are not the defaults."""
        changed = [self.terms[name] for name in self.changed]
        local = (terms.compact(text) if ":" in text else text for text in map(terms.text_of, changed))
        parts = [
            re.sub(r"[^\w.-]+", "-", f"{name}-{text.rpartition(':')[2]}", flags=re.ASCII).strip("-")[:60]
            for name, text in zip(self.changed, local, strict=True)
        ]
        return "_".join([self.saved.name, *parts])

    def about(self) -> dict[str, object]:
        """Describe the question as JSON: its values as IRIs or texts by name, and in words."""
        plain = {name: terms.text_of(term) for name, term in self.terms.items()}
        return {
            "name": self.saved.name,
            "summary": self.saved.summary,
            "definition": self.definition,
            "parameters": plain,
            "asked": self.title,
        }


def by_default(saved: SavedQuery) -> str:
    """Write a question with its defaults as a sentence."""
    return Asked(saved, {}, {}, {}).sentence({})


def _default(noun: str, words: str) -> str:
    """Write a default so that it fits the sentence: `that for the pre-draft` as `the list for the pre-draft`."""
    if words.startswith(("that ", "those ")):
        return f"the {noun} {words.partition(' ')[2]}"
    if noun == "dates":
        return words.replace(" to ", " and ")
    lead = {"kind": "the kind ", "resolution": "resolution "}.get(noun, "")
    return lead + words


def _aside(name: str, word: str) -> str:
    """Write a value after the question: `any contribution`, `comments only`, `by states`."""
    if (name, word) == ("kind", "contribution"):
        return "any contribution"
    if name == "actor-class":
        return f"by {tables.plural(word)}"
    return WORDS.get(name, name.replace("-", " ") + ": {}").format(word)


def asked(store: ox.Store, saved: SavedQuery, bindings: dict[str, Term]) -> Asked:
    """Write the value of each parameter, or else its default, for people: a label, a day, a number, a text."""
    values = saved.values(bindings)
    found = {one.name: values[one.variable] for one in saved.parameters}
    words = {one.name: _words(store, one, found[one.name]) for one in saved.parameters}
    return Asked(saved, found, words, {one.name: _words(store, one, one.term) for one in saved.parameters})


def _words(store: ox.Store, parameter: Parameter, term: Term) -> str:
    text = terms.text_of(term)
    if parameter.type in ("iri", "iris"):
        iris = [text] if parameter.type == "iri" else [terms.expand(one) or one for one in text.split()]
        text = ", ".join(terms.label(store, iri) or terms.line_name(iri) for iri in iris)
    return text or ("none" if parameter.type == "iris" else "(empty)")


@dataclass(frozen=True)
class OtherReading(Reading):
    """A reading other than the one asked for, with all its parameters, and its number of rows in words."""

    merged: dict[str, str]
    rows: str


def others(
    dataset: Dataset, saved: SavedQuery, values: dict[str, str], given: QueryResult, answer: Ask | None = None
) -> list[OtherReading]:
    """Answer every other reading with the other values unchanged, and note whether its rows are the same."""
    answer = answer or (lambda bindings: query.run(dataset, saved, bindings))
    asked = query.with_values(saved, query.bind(dataset, saved, values))
    readings = []
    for reading in saved.readings:
        merged = values | reading.values
        try:
            bindings = query.bind(dataset, saved, merged)
        except UsageError:  # it names a thing that this root does not have
            continue
        if query.with_values(saved, bindings) != asked:
            readings.append(OtherReading(**vars(reading), merged=merged, rows=_compared(answer(bindings), given)))
    return readings


def _compared(result: QueryResult, given: QueryResult) -> str:
    count = tables.row_count(result.columns, result.rows)
    if not result.rows or len(result.rows) != len(given.rows):
        return count
    if set(result.rows) == set(given.rows):
        return f"{count}, {'identical to these' if len(result.rows) > 1 else 'the same one'}"
    return f"{count}, {'not identical to these' if len(result.rows) > 1 else 'a different one'}"
