"""Read `queries/find.toml`: stop words, synonyms, common names, and subjects that the pages do not cover; cut words to stems."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from oewg_kg import terms
from oewg_kg.errors import ParseError
from oewg_kg.query import Parameter

# Words whose stems would be those of `not` and `both`.
KEPT = {word + end: word for word in ("note", "bother") for end in ("", "s", "d", "ed")}
LONGEST = 4  # the most words in a phrase
ENDINGS = (
    *("izations", "ization", "ations", "ation", "ators", "ator", "ions", "ion", "ings", "ing"),
    *("ers", "er", "ors", "or", "ies", "ed", "es", "al", "ly", "e", "s", "y"),
)


@dataclass(frozen=True)
class Missing:
    """What the pages do not contain: the reason, the words for it, words that change their meaning, the last day covered.

    One without words or day says what the pages contain, for a text that matches no question.
    """

    reason: str
    words: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    after: datetime.date | None = None


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

    stop: frozenset[str]
    same: dict[str, str]
    roots: dict[str, str]
    months: dict[str, int]
    names: dict[str, list[str]]
    missing: tuple[Missing, ...]
    commands: tuple[Command, ...]
    pages: tuple[Command, ...]

    @cached_property
    def first_words(self) -> frozenset[str]:
        """Return the words that a phrase may begin with."""
        return frozenset(phrase.partition(" ")[0] for phrase in self.same if " " in phrase)

    @cached_property
    def unmatched(self) -> str:
        """Return what is said if no question matches a text."""
        default = "no saved question fits these words"
        return next((one.reason for one in self.missing if not (one.words or one.after)), default)

    def tokens(self, words: Sequence[str]) -> list[tuple[str, str]]:
        """Pair each word or phrase with its stem, without stop words; synonyms have the same stem."""
        found, at = [], 0
        while at < len(words):
            length, said = 1, words[at]
            if said in self.first_words:
                runs = ((n, " ".join(words[at : at + n])) for n in range(LONGEST, 1, -1))
                forms = ((n, form) for n, run in runs for form in (run, run.removesuffix("s")) if form in self.same)
                length, said = next(forms, (length, said))
            if said in self.same:
                found.append((said, self.same[said]))
            elif said not in self.stop:
                found.append((said, self.roots.get(stem(said), stem(said))))
            at += length
        return found

    def stems(self, text: str) -> frozenset[str]:
        """List the stems of a text."""
        return frozenset(token for _, token in self.tokens(split(text)))


def split(text: str) -> list[str]:
    """Split a question or a text about an entity into folded words."""
    return terms.folded(text).split()


@lru_cache(1 << 13)
def stem(word: str) -> str:
    """Cut English endings off a word, twice at most: `regions`, `regional` and `region` become one."""
    if word in KEPT:
        return KEPT[word]
    for _ in range(2):
        ending = next((end for end in ENDINGS if word.endswith(end) and len(word) - len(end) > 2), "")
        word = word.removesuffix(ending)
        if ending in ("ed", "ing", "er", "ers") and word[-1] == word[-2] and word[-1] not in "ls":
            word = word[:-1]
    return word


def runs(words: Sequence[str], most: int) -> Iterator[str]:
    """Iterate over all runs of words up to a length."""
    for at in range(len(words)):
        for length in range(1, most + 1):
            yield " ".join(words[at : at + length])


@cache
def load(folder: Path) -> Language:
    """Read `find.toml` of a folder of questions; raises ParseError if it is not TOML. Without the file, only the questions are searched."""
    file = folder / "find.toml"
    texts = dict.fromkeys(("stop", "same", "months", "states"), "")
    toml: dict[str, Any] = texts | {"names": {}, "missing": [], "command": [], "page": []}
    try:
        toml |= tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise ParseError(str(error), f"queries/{file.name}", "correct it") from error
    same = {}
    for line in toml["same"].splitlines():
        words = [word.replace("_", " ") for word in line.split()]
        same.update({word: stem(words[0]) for word in words})
    months = toml["months"].strip().splitlines()
    states = (line.split() for line in toml["states"].splitlines() if line)
    of_states = {word.replace("_", " "): [f"state:{code}"] for code, *words in states for word in words}
    readers: dict[str, Callable[[str], Any]] = {"words": listed, "unless": listed, "after": datetime.date.fromisoformat}
    missing = ({key: readers.get(key, str)(text) for key, text in one.items()} for one in toml["missing"])
    return Language(
        frozenset(toml["stop"].split()),
        same,
        {stem(word): used for word, used in reversed(same.items()) if " " not in word},
        {name: number for number, line in enumerate(months, 1) for name in line.split()},
        of_states | toml["names"],
        tuple(Missing(**one) for one in missing),
        *(
            tuple(Command(**one | {"words": one["words"].split(", ")}) for one in toml[key])
            for key in ("command", "page")
        ),
    )


def listed(text: str) -> frozenset[str]:
    """Read words and phrases with commas between them."""
    return frozenset(" ".join(split(part)) for part in text.split(",") if part.strip())
