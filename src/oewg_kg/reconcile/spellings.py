"""Normalize the spelling of names to words: signs, abbreviations, articles, numbers, initials with spaces (`e u`), acronyms in brackets."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from oewg_kg import terms

BRACKET = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
SPACED_LETTERS = re.compile(r"\b[a-z](?: [a-z])+\b")

SETTINGS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SPELLINGS: dict[str, str] = SETTINGS["signs"]
ABBREVIATED: dict[str, list[str]] = {short: full.split() for short, full in SETTINGS["abbreviations"].items()}
ARTICLES, GENERIC, CLAIMED_TWICE, LOOK_ALIKE = (
    frozenset(SETTINGS[name]) for name in ("articles", "generic", "claimed-twice", "look-alike")
)


def name_words(text: str) -> list[str]:
    """Split a name into folded words, with abbreviations written out and without articles, unless it has nothing else (`AU`)."""
    for sign, spelling in SPELLINGS.items():
        text = text.replace(sign, spelling)
    joined = SPACED_LETTERS.sub(lambda match: match[0].replace(" ", ""), terms.folded(text))
    words = [written for word in joined.split() for written in ABBREVIATED.get(word, [word])]
    return [word for word in words if word not in ARTICLES] or words


def bag(words: Iterable[str]) -> str:
    """Write words in alphabetical order, each once, and after them all numbers in their own order."""
    word_list = list(words)
    return " ".join([*sorted({word for word in word_list if not numeric(word)}), *filter(numeric, word_list)])


def numeric(word: str) -> bool:
    """Return whether a word has a digit, which distinguishes years, sessions and resolutions."""
    return any(map(str.isdigit, word))


def numbers(words: str) -> list[str]:
    """List the words with digits."""
    return [word for word in words.split() if numeric(word)]


def split_brackets(text: str) -> tuple[str, list[str]] | tuple[()]:
    """Split `Name (ABC)` into the name and the text in brackets; nothing when there are no brackets."""
    notes = BRACKET.findall(text)
    return (BRACKET.sub(" ", text).strip(), notes) if notes and BRACKET.sub("", text).strip() else ()
