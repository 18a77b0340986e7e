"""Read `queries/find.toml`: stop words, synonyms, common names, and subjects that the pages do not cover; cut words to stems."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from oewg_kg import terms
from oewg_kg.errors import ParseError
from oewg_kg.query import Parameter

# Words whose stems would be those of `not` and `both`.
KEPT_STEMS = {word + end: word for word in ("note", "bother") for end in ("", "s", "d", "ed")}
LONGEST_PHRASE = 4  # the most words in a phrase
ENDINGS = (
    *("izations", "ization", "ations", "ation", "ators", "ator", "ions", "ion", "ings", "ing"),
    *("ers", "er", "ors", "or", "ies", "ed", "es", "al", "ly", "e", "s", "y"),
)


@dataclass(frozen=True)
class UncoveredSubject:
    """What the pages do not contain: the reason, the words for it, words that change their meaning, the last day covered.

    One without words or day says what the pages contain, for a text that matches no question.
    """

    reason: str
    words: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    after: date | None = None


@dataclass(frozen=True)
class Command:
    """A command or page that answers: the command line with `{name}` for an entity, and whether it needs a name."""

    title: str
    words: tuple[str, ...]
    page: str = "search"
    name: str = ""
    command: str = ""
    needs: bool = False
    # What only questions have.
    definition: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()

    @property
    def summary(self) -> str:
        """Return the title, as a question has it."""
        return self.title


@dataclass(frozen=True)
class Language:
    """The words of `find.toml`; `same` maps a word or phrase to the one used instead, `roots` the stem of a word."""

    stop_words: frozenset[str]
    synonyms: dict[str, str]
    synonym_stems: dict[str, str]
    months: dict[str, int]
    names: dict[str, list[str]]
    uncovered: tuple[UncoveredSubject, ...]
    commands: tuple[Command, ...]
    pages: tuple[Command, ...]

    @cached_property
    def first_words(self) -> frozenset[str]:
        """Return the words that a phrase may begin with."""
        return frozenset(phrase.partition(" ")[0] for phrase in self.synonyms if " " in phrase)

    @cached_property
    def unmatched(self) -> str:
        """Return what is said if no question matches a text."""
        default = "no saved question fits these words"
        return next((subject.reason for subject in self.uncovered if not (subject.words or subject.after)), default)

    def tokens(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """Pair each word or phrase with its stem, without stop words; synonyms have the same stem."""
        tokens, position = [], 0
        while position < len(words):
            length, phrase = 1, words[position]
            if phrase in self.first_words:
                runs = ((n, " ".join(words[position : position + n])) for n in range(LONGEST_PHRASE, 1, -1))
                forms = ((n, form) for n, run in runs for form in (run, run.removesuffix("s")))
                length, phrase = next((pair for pair in forms if pair[1] in self.synonyms), (length, phrase))
            if phrase in self.synonyms:
                tokens.append((phrase, self.synonyms[phrase]))
            elif phrase not in self.stop_words:
                tokens.append((phrase, self.synonym_stems.get(stem(phrase), stem(phrase))))
            position += length
        return tokens

    def stems(self, text: str) -> frozenset[str]:
        """List the stems of a text."""
        return frozenset(token for _, token in self.tokens(split_words(text)))


def split_words(text: str) -> list[str]:
    """Split a question or a text about an entity into folded words."""
    return terms.folded(text).split()


@lru_cache(1 << 13)
def stem(word: str) -> str:
    """Cut English endings off a word, twice at most: `regions`, `regional` and `region` become one."""
    if word in KEPT_STEMS:
        return KEPT_STEMS[word]
    for _ in range(2):
        ending = next((end for end in ENDINGS if word.endswith(end) and len(word) - len(end) > 2), "")
        word = word.removesuffix(ending)
        if ending in ("ed", "ing", "er", "ers") and word[-1] == word[-2] and word[-1] not in "ls":
            word = word[:-1]
    return word


def word_runs(words: Sequence[str], most: int) -> Iterator[str]:
    """Iterate over all runs of words up to a length."""
    for start in range(len(words)):
        for length in range(1, most + 1):
            yield " ".join(words[start : start + length])


@cache
def load(folder: Path) -> Language:
    """Read `find.toml` of a folder of questions; raises ParseError if it is not TOML. Without the file, only the questions are searched."""
    file = folder / "find.toml"
    empty_texts = dict.fromkeys(("stop", "same", "months", "states"), "")
    toml: dict[str, Any] = empty_texts | {"names": {}, "missing": [], "command": [], "page": []}
    try:
        toml |= tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise ParseError(str(error), f"queries/{file.name}", "correct it") from error
    synonyms = {}
    for group in toml["same"].splitlines():
        words = [word.replace("_", " ") for word in group.split()]
        synonyms.update({word: stem(words[0]) for word in words})
    months = toml["months"].strip().splitlines()
    states = (group.split() for group in toml["states"].splitlines() if group)
    state_names = {word.replace("_", " "): [f"state:{code}"] for code, *words in states for word in words}
    readers: dict[str, Callable[[str], Any]] = {"words": phrases, "unless": phrases, "after": date.fromisoformat}
    subjects = ({key: readers.get(key, str)(text) for key, text in subject.items()} for subject in toml["missing"])
    return Language(
        frozenset(toml["stop"].split()),
        synonyms,
        {stem(word): synonym for word, synonym in reversed(synonyms.items()) if " " not in word},
        {month_name: number for number, group in enumerate(months, 1) for month_name in group.split()},
        state_names | toml["names"],
        tuple(UncoveredSubject(**subject) for subject in subjects),
        *(
            tuple(Command(**entry | {"words": entry["words"].split(", ")}) for entry in toml[field])
            for field in ("command", "page")
        ),
    )


def phrases(text: str) -> frozenset[str]:
    """Read words and phrases with commas between them."""
    return frozenset(" ".join(split_words(phrase)) for phrase in text.split(",") if phrase.strip())
