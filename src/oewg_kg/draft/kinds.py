"""Recognize in a phrase the kind of a contribution, document or event (`ontology/concepts.ttl`), languages, brackets and annexes."""

import csv
import re
from importlib.resources import files

from oewg_kg.draft import dates, patterns

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}
Lexicon = list[tuple[str, str]]


def _words() -> dict[str, Lexicon]:
    """Read `words.csv`: what a word names, the value, and the words as a regular expression; the first match counts."""
    text = (files("oewg_kg.draft") / "words.csv").read_text(encoding="utf-8")
    lexicons: dict[str, Lexicon] = {}
    for row in csv.DictReader(text.splitlines()):
        lexicons.setdefault(row["names"], []).append((row["words"], row["value"]))
    return lexicons


WORDS = _words()
DOCUMENT_KINDS = {kind for _, kind in WORDS["document"]} | {"attachment", "draft"}
EVENT_KINDS = {kind for _, kind in WORDS["event"] if kind}
LANGUAGES = {word: tag for words, tag in WORDS["language"] for word in words.split("|")}
FILLERS = frozenset("only and or in available version versions original translation unofficial".split())  # noqa: SIM905


def found(names: str, text: str) -> str | None:
    """Find the value of a lexicon that a phrase names: before its first preposition (unless it contains one), else anywhere; or None."""
    plain = text.replace("’", "'").casefold()
    preposition = patterns.PREPOSITION.search(f" {plain}")
    end = preposition.start() if preposition else len(plain)
    matches = [(at, kind) for words, kind in WORDS[names] if (at := _search(words, plain))]
    across = [kind for at, kind in matches if at.start() < end < at.end()]
    inside = [kind for words, kind in WORDS[names] if _search(words, plain[:end])]
    return next(iter([*across, *inside, *(kind for _, kind in matches)]), None)


def _search(words: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<![\w-])(?:{words})s?(?![\w-])", text)


def contribution(text: str) -> str | None:
    """Find the kind of a contribution that a label names."""
    return found("contribution", text)


def document(text: str) -> str | None:
    """Find the kind of a document that a title names."""
    return found("document", text)


def event(text: str) -> str | None:
    """Find the kind of an event that a heading names; "" if it names an event of no kind."""
    return first("event", text)


def first(names: str, text: str) -> str | None:
    """Find the first value of a lexicon whose words are in a text; or None."""
    plain = text.replace("’", "'").casefold()
    return next((value for words, value in WORDS[names] if _search(words, plain)), None)


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


def trailing(text: str) -> tuple[str, list[str]]:
    """Remove the languages from the end of a label: `amendments EN RU` into `amendments` and the tags of its languages."""
    words = text.split()
    at = len(words)
    while at and _is_code(words[at - 1].strip(",;/()&")):
        at -= 1
    tags = languages(" ".join(words[at:])) if at < len(words) else None
    if tags is None or not at:
        return text, []
    return re.sub(r"\s+in$", "", " ".join(words[:at])).rstrip(" ,;-–"), tags


def _is_code(word: str) -> bool:
    tag = LANGUAGES.get(word.casefold())
    code = tag is not None and len(word) > 1 and word.isupper()
    return code or (bool(tag) and len(word) > 3) or word in ("only", "and")


def symbol(text: str) -> tuple[str, str]:
    """Take the symbol of a document out of a text: the symbol, "" for none, and the other words."""
    found = patterns.SYMBOL.search(text)
    if not found:
        return "", text
    return found[0], re.sub(r"\(\s*\)", "", text.replace(found[0], "")).strip(" ,;-–")


def segments(text: str) -> list[tuple[str, str]]:
    """Divide a text into words and top-level brackets: `("", words)`, `("[", inside)`, `("(", inside)`."""
    text = re.sub(r"\s+(?=[,;:]|$)", "", " ".join(patterns.TITLES.sub(" ", text).split()))
    found = [(one["sign"] or "", one["inner"] or one["words"] or "") for one in patterns.SEGMENT.finditer(text)]
    return [(sign, inner.strip()) for sign, inner in found if inner.strip()]


def annexes(text: str) -> int:
    """Count the annexes that some words mention: `two annexes`, `annexes A and B`, `attachment 1; attachment 2`."""
    plain = re.sub(r"\([^)]*\)", "", text).strip()
    counted = re.match(r"(\d+|one|two|three|four)\s", plain, re.IGNORECASE)
    if counted and not dates.find(plain):
        return NUMBERS.get(counted[1].lower(), 0) or int(counted[1])
    letters = re.search(r"(?:annexes|attachments|appendices):? ((?:(?:[A-Z]|\d+|[IVX]+)(?:, | and |; )?)+)", plain)
    return len(re.findall(r"[A-Z\dIVX]+", letters[1])) if letters else len(patterns.ANNEX.findall(plain))
