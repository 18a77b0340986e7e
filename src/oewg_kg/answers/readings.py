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
DEFAULT_PHRASE = re.compile(r"\b(an?|two) ((?:(?!an? |two )[\w-]+ )+?)\(default: ([^)]*)\)")
DEFAULT = r" \(default: [^)]*\)"
NAMED_NOUNS = re.compile(r"(draft|list|report|session|meeting|process|decision|group|group of (?:experts|states))s?$")
COUNTED_ACTORS = re.compile(r"^(Which|How many) (?:states(?:, groups and other actors)?|groups of states|actors)\b")
ASIDES = {"match": "in {} of them", "kind": "{} only", "process": "in the {}", "session": "at the {}", "day": "on {}"}


@dataclass(frozen=True)
class QuestionWording:
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

    def sentence(self, words: dict[str, str]) -> str:
        """Write the question with its values in place of its defaults, followed by the values that its title does not name."""
        unnamed = [parameter.name for parameter in self.saved.parameters]

        def value_phrase(match: re.Match[str]) -> str:
            names = [unnamed.pop(0) for _ in range(2 if match[1] == "two" else 1) if unnamed]
            if any(name in self.changed for name in names):
                link = " or " if match.string[: match.start()].endswith("either ") else " and "
                return link.join(self._phrase(name, match[2].strip()) for name in names)
            return _default_phrase(match[2].strip(), match[3])

        summary = self.saved.summary.replace("each of two", "both of two")  # as titles of earlier roots say
        sentence = DEFAULT_PHRASE.sub(value_phrase, re.sub(r"\b(both|either) of two\b", r"\1 two", summary))
        asides = {name: words[name] for name in unnamed if name in words}
        if asides and re.search(DEFAULT, sentence):  # which is cut
            asides = {name: self.words[name] for name in unnamed}
        if "actor-class" in asides and COUNTED_ACTORS.match(sentence):
            sentence = COUNTED_ACTORS.sub(rf"\1 {tables.plural(asides.pop('actor-class'))}", sentence)
        ending = ", ".join(map(_aside, asides, asides.values()))
        return f"{re.sub(DEFAULT, '', sentence)} ({ending})" if asides else sentence

    def _phrase(self, name: str, noun: str) -> str:
        word = self.words[name]
        if name == "kind":
            return f"the kind “{word}”"
        return f"the {word}" if NAMED_NOUNS.search(noun) else word

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
        parts = []
        for name in self.changed:
            text = terms.text_of(self.terms[name])
            local_name = (terms.compact(text) if ":" in text else text).rpartition(":")[2]
            parts.append(re.sub(r"[^\w.-]+", "-", f"{name}-{local_name}", flags=re.ASCII).strip("-")[:60])
        return "_".join([self.saved.name, *parts])

    def about(self) -> dict[str, object]:
        """Describe the question as JSON: its values as IRIs or texts by name, and in words."""
        return {
            "name": self.saved.name,
            "summary": self.saved.summary,
            "definition": self.definition,
            "parameters": {name: terms.text_of(term) for name, term in self.terms.items()},
            "asked": self.title,
        }


def default_title(saved: SavedQuery) -> str:
    """Write a question with its defaults as a sentence."""
    return QuestionWording(saved, {}, {}, {}).sentence({})


def _default_phrase(noun: str, words: str) -> str:
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
    return ASIDES.get(name, name.replace("-", " ") + ": {}").format(word)


def question_wording(store: ox.Store, saved: SavedQuery, bindings: dict[str, Term]) -> QuestionWording:
    """Write the value of each parameter, or else its default, for people: a label, a day, a number, a text."""
    values = saved.values(bindings)
    by_name = {parameter.name: values[parameter.variable] for parameter in saved.parameters}
    words = {parameter.name: _value_words(store, parameter, by_name[parameter.name]) for parameter in saved.parameters}
    defaults = {parameter.name: _value_words(store, parameter, parameter.term) for parameter in saved.parameters}
    return QuestionWording(saved, by_name, words, defaults)


def _value_words(store: ox.Store, parameter: Parameter, term: Term) -> str:
    text = terms.text_of(term)
    if parameter.type in ("iri", "iris"):
        iris = [text] if parameter.type == "iri" else [terms.expand(curie) or curie for curie in text.split()]
        text = ", ".join(terms.label(store, iri) or terms.line_name(iri) for iri in iris)
    return text or ("none" if parameter.type == "iris" else "(empty)")


@dataclass(frozen=True)
class OtherReading(Reading):
    """A reading other than the one asked for, with all its parameters, and its number of rows in words."""

    merged: dict[str, str]
    rows: str


def other_readings(
    dataset: Dataset, saved: SavedQuery, values: dict[str, str], result: QueryResult, ask: Ask | None = None
) -> list[OtherReading]:
    """Answer every other reading with the other values unchanged, and note whether its rows are the same."""
    ask = ask or (lambda bindings: query.run(dataset, saved, bindings))
    question_text = query.with_values(saved, query.bind(dataset, saved, values))
    answered = []
    for reading in saved.readings:
        merged = values | reading.values
        try:
            bindings = query.bind(dataset, saved, merged)
        except UsageError:  # it names a thing that this root does not have
            continue
        if query.with_values(saved, bindings) != question_text:
            answered.append(OtherReading(**vars(reading), merged=merged, rows=_compare_rows(ask(bindings), result)))
    return answered


def _compare_rows(other: QueryResult, result: QueryResult) -> str:
    count = tables.row_count(other.columns, other.rows)
    if not other.rows or len(other.rows) != len(result.rows):
        return count
    if set(other.rows) == set(result.rows):
        return f"{count}, {'identical to these' if len(other.rows) > 1 else 'the same one'}"
    return f"{count}, {'not identical to these' if len(other.rows) > 1 else 'a different one'}"
