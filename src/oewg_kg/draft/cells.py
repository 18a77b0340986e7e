"""Helpers for reading lines: brackets, dates at the end of a title, actors into a row."""

import re

from oewg_kg.draft import dates, patterns
from oewg_kg.draft.actors import Actor
from oewg_kg.draft.table import Row

WORDS = {"one": 1, "two": 2, "three": 3, "four": 4}


def named(row: Row, given: list[Actor], behalf: list[Actor]) -> None:
    """Write actors into a row, with what a person has to check."""
    given = [actor for actor in given if actor.code or actor.printed]
    row.printed = "|".join(actor.printed for actor in [*given, *behalf] if actor.printed)
    row.actors = _codes(given) or "not-stated"
    row.in_the_name_of = _codes(behalf)
    everyone = [*given, *behalf]
    row.score = f"{min((actor.score for actor in everyone), default=0):.2f}" if everyone else ""
    row.why = "; ".join(dict.fromkeys(actor.why for actor in everyone if actor.why))
    row.rivals = "; ".join(actor.rivals for actor in everyone if actor.rivals)
    for actor in everyone:
        if actor.check:
            row.ask(actor.check)


def _codes(given: list[Actor]) -> str:
    """Join the codes of actors; an unresolved one makes the cell a question only if it is the only one."""
    codes = [actor.code for actor in given]
    return "|".join(code for code in codes if code and (len(codes) == 1 or not code.startswith("?")))


def undated(title: str) -> tuple[str, dates.When | None]:
    """Remove a day or month from the end of a title; several days belong to a meeting, and stay."""
    found = dates.find(title)
    if not found or not dates.single(found[-1]) or title[found[-1].end :].strip(" ).,"):
        return title, None
    return title[: found[-1].start].rstrip(" ,(-–:;"), found[-1]


def segments(text: str) -> list[tuple[str, str]]:
    """Divide a text into words and top-level brackets: `("", words)`, `("[", inside)`, `("(", inside)`."""
    text = re.sub(r"\s+(?=[,;:]|$)", "", " ".join(patterns.TITLES.sub(" ", text).split()))
    found: list[tuple[str, str]] = []
    depth, start, sign = 0, 0, ""
    for at, letter in enumerate(text):
        if letter in "[(":
            if not depth:
                found.append(("", text[start:at]))
                start, sign = at + 1, letter
            depth += 1
        elif letter in "])" and depth:
            depth -= 1
            if not depth:
                found.append((sign, text[start:at]))
                start, sign = at + 1, ""
    found.append((sign if depth else "", text[start:]))
    return [(sign, inner.strip()) for sign, inner in found if inner.strip()]


def annexes(text: str) -> int:
    """Count the annexes that some words mention: `two annexes`, `annexes A and B`, `attachment 1; attachment 2`."""
    plain = re.sub(r"\([^)]*\)", "", text).strip()
    counted = re.match(r"(\d+|one|two|three|four)\s", plain, re.IGNORECASE)
    if counted and not dates.find(plain):
        return WORDS.get(counted[1].lower(), 0) or int(counted[1])
    letters = re.search(r"(?:annexes|attachments|appendices):? ((?:(?:[A-Z]|\d+|[IVX]+)(?:, | and |; )?)+)", plain)
    return len(re.findall(r"[A-Z\dIVX]+", letters[1])) if letters else len(patterns.ANNEX.findall(plain))
