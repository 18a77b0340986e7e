"""Recognize in a phrase the kind of a contribution, document or event (`ontology/concepts.ttl`), languages, brackets and annexes."""

import csv
import re
from importlib.resources import files

from oewg_kg.draft import dates, patterns

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}
Lexicon = list[tuple[str, str]]


def _read_lexicons() -> dict[str, Lexicon]:
    """Read `words.csv`: what a word names, the value, and the words as a regular expression; the first match counts."""
    csv_text = (files("oewg_kg.draft") / "words.csv").read_text(encoding="utf-8")
    lexicons: dict[str, Lexicon] = {}
    for row in csv.DictReader(csv_text.splitlines()):
        lexicons.setdefault(row["names"], []).append((row["words"], row["value"]))
    return lexicons


LEXICONS = _read_lexicons()
DOCUMENT_KINDS = {kind for _, kind in LEXICONS["document"]} | {"attachment", "draft"}
EVENT_KINDS = {kind for _, kind in LEXICONS["event"] if kind}
LANGUAGES = {word: tag for words, tag in LEXICONS["language"] for word in words.split("|")}
FILLERS = frozenset("only and or in available version versions original translation unofficial".split())  # noqa: SIM905


def _kind_of(lexicon: str, text: str) -> str | None:
    """Find the value of a lexicon that a phrase names: before its first preposition (unless it contains one), else anywhere; or None."""
    plain = text.replace("’", "'").casefold()
    preposition = patterns.PREPOSITION.search(f" {plain}")
    end = preposition.start() if preposition else len(plain)
    anywhere = [(match, value) for words, value in LEXICONS[lexicon] if (match := _search_words(words, plain))]
    across = [value for match, value in anywhere if match.start() < end < match.end()]
    inside = [value for words, value in LEXICONS[lexicon] if _search_words(words, plain[:end])]
    return next(iter([*across, *inside, *(value for _, value in anywhere)]), None)


def _search_words(words: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<![\w-])(?:{words})s?(?![\w-])", text)


def contribution(text: str) -> str | None:
    """Find the kind of a contribution that a label names."""
    return _kind_of("contribution", text)


def document(text: str) -> str | None:
    """Find the kind of a document that a title names."""
    return _kind_of("document", text)


def event(text: str) -> str | None:
    """Find the kind of an event that a heading names; "" if it names an event of no kind."""
    return first_value("event", text)


def first_value(lexicon: str, text: str) -> str | None:
    """Find the first value of a lexicon whose words are in a text; or None."""
    plain = text.replace("’", "'").casefold()
    return next((value for words, value in LEXICONS[lexicon] if _search_words(words, plain)), None)


def languages(text: str) -> list[str] | None:
    """Read a text that names languages and nothing else: their tags, "" for those outside the scheme; None for any other text."""
    if patterns.SIX.fullmatch(text.strip(" ()[].")):
        return []
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.casefold() not in FILLERS]
    tags = [tag for word in words if (tag := _tag(word)) is not None]
    return list(dict.fromkeys(tags)) if words and len(tags) == len(words) else None


def _tag(word: str) -> str | None:
    """Find the language of a word; short forms of the six count only with a capital, since `a` and `es` are words too."""
    tag = LANGUAGES.get(word.casefold())
    return None if tag and len(word) <= 3 and word.isascii() and not word[0].isupper() else tag


def split_languages(text: str) -> tuple[str, list[str]]:
    """Remove the languages from the end of a label: `amendments EN RU` into `amendments` and the tags of its languages."""
    words = text.split()
    end = len(words)
    while end and _is_language(words[end - 1].strip(",;/()&")):
        end -= 1
    tags = languages(" ".join(words[end:])) if end < len(words) else None
    if tags is None or not end:
        return text, []
    return re.sub(r"\s+in$", "", " ".join(words[:end])).rstrip(" ,;-–"), tags


def _is_language(word: str) -> bool:
    tag = LANGUAGES.get(word.casefold())
    in_capitals = tag is not None and len(word) > 1 and word.isupper()
    return in_capitals or (bool(tag) and len(word) > 3) or word in ("only", "and")


def split_symbol(text: str) -> tuple[str, str]:
    """Take the symbol of a document out of a text: the symbol, "" for none, and the other words."""
    match = patterns.SYMBOL.search(text)
    if not match:
        return "", text
    return match[0], re.sub(r"\(\s*\)", "", text.replace(match[0], "")).strip(" ,;-–")


def segments(text: str) -> list[tuple[str, str]]:
    """Divide a text into words and top-level brackets: `("", words)`, `("[", inside)`, `("(", inside)`."""
    text = re.sub(r"\s+(?=[,;:]|$)", "", " ".join(patterns.TITLES.sub(" ", text).split()))
    matches = patterns.SEGMENT.finditer(text)
    pieces = ((match["sign"] or "", (match["inner"] or match["words"] or "").strip()) for match in matches)
    return [(sign, inner) for sign, inner in pieces if inner]


def annexes(text: str) -> int:
    """Count the annexes that some words mention: `two annexes`, `annexes A and B`, `attachment 1; attachment 2`."""
    plain = re.sub(r"\([^)]*\)", "", text).strip()
    counted = re.match(r"(\d+|one|two|three|four)\s", plain, re.IGNORECASE)
    if counted and not dates.find(plain):
        return NUMBERS.get(counted[1].lower(), 0) or int(counted[1])
    letters = re.search(r"(?:annexes|attachments|appendices):? ((?:(?:[A-Z]|\d+|[IVX]+)(?:, | and |; )?)+)", plain)
    return len(re.findall(r"[A-Z\dIVX]+", letters[1])) if letters else len(patterns.ANNEX.findall(plain))
