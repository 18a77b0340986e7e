"""Divide a page into parts and guess the role of each by its wording (list, event, document, day, item, note); find contact details."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from oewg_kg.draft import dates, kinds, patterns
from oewg_kg.errors import ParseError
from oewg_kg.evidence import coverage

# What the text of a page does not begin with or contain, and what to do about it.
REFUSED = {
    r"\A%PDF|\x00": ("this is not the text of a page", "save the page as plain text (UTF-8)"),
    r"(?i)\A\s*<(?:!doctype|html)": ("this is HTML", "save the page as plain text, as a browser shows it"),
    "\ufffd": ("the page is not UTF-8 text", "save it as UTF-8"),
    r"\A\s*\Z": ("the page is empty", "give the text of a page"),
}
TITLES = ("list", "event", "document", "prose")


@dataclass
class Part:
    """One item on a page: its role, its words without the bullet, and the lines on which it continues.

    `marked` says that it has a bullet, `apart` that a blank line is above it, `leads` that a list follows immediately.
    """

    number: int
    role: str
    text: str
    marked: bool = False
    apart: bool = False
    leads: bool = False
    more: list[int] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)


def read(path: Path) -> list[str]:
    """Read the lines of a page's text; raises ParseError if it is not text, StorageError if it cannot be read."""
    lines = [line.rstrip("\r") for line in coverage.page_lines(path)]
    text = "\n".join(lines)
    for form, (what, advice) in REFUSED.items():
        if found := re.search(form, text):
            line = text.count("\n", 0, found.start()) + 1
            raise ParseError(what, f"{path}:{line}", advice)
    return lines


def parts(lines: list[str]) -> list[Part]:
    """Divide a page into its parts, in order, each with a first guess at its role."""
    shown = [line for line in lines if line.strip()]
    flat = sum(bool(patterns.ATTRIBUTE.match(line.strip())) for line in shown) >= 2
    bulleted = sum(bool(patterns.MARK.match(line)) for line in shown) * 8 >= len(shown)
    hidden = private(lines)
    found: list[Part] = []
    apart = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            apart = True
            continue
        mark = patterns.MARK.match(line)
        text = re.sub(r"[ \u00a0]+", " ", line[mark.end() if mark else 0 :].replace("\t", " \t ")).strip()
        part = Part(number, "", text, bool(mark), apart)
        if found and part.marked and not apart:
            found[-1].leads = True
        if number in hidden:
            part.role = "registration" if patterns.REGISTER.search(text) else "note"
            found.append(part)
        elif not _continues(found, part, flat):
            part.role = _role(part, lines, flat, bulleted)
            found.append(part)
        apart = False
    _title(found)
    return found


def _continues(found: list[Part], part: Part, flat: bool) -> bool:
    """Join a part to the last one if it continues that, as the next line of its words or as a cell; return whether it does."""
    if not found or part.marked:
        return False
    last, text = found[-1], part.text
    tells = last.role == "item" and attribute(text) and not patterns.COLUMN.match(text)
    if flat and (tells or (by(text) and last.role in TITLES)):
        last.role = "item"
        last.cells.append(text)
    elif not part.apart and last.role in ("item", *TITLES[:3]) and patterns.OVER.match(text) and not dates.alone(text):
        last.text += " " + text
        last.role = "item" if last.role == "item" else _unmarked(last.text, True)
    else:
        return False
    last.more.append(part.number)
    return True


def by(text: str) -> bool:
    """Return whether a line of a flattened table names the author of the title above it."""
    found = patterns.ATTRIBUTE.match(text)
    return bool(found and found["by"])


def attribute(text: str) -> bool:
    """Return whether a line of a flattened table describes the title above it: author, date, symbol, languages, annex."""
    if patterns.ATTRIBUTE.match(text):
        return True
    bare = dates.without(patterns.SYMBOL.sub(" ", text))
    pieces = [patterns.TOLD.sub(" ", piece).strip() for piece in re.split(r"[|,;/\t()]", bare)]
    return all(not re.search(r"\w", piece) or kinds.languages(piece) is not None for piece in pieces)


def _role(part: Part, lines: list[str], flat: bool, bulleted: bool) -> str:
    text = part.text
    if not re.search(r"[^\W_]", text) or patterns.NAVIGATION.search(text) or patterns.CONTACTS.match(text):
        return "navigation"
    if patterns.BOILERPLATE.search(text):
        return "note"
    if flat and not part.marked and patterns.COLUMN.match(text):
        return "navigation"
    if flat and not part.marked and _followed(part.number, lines):
        return "item"
    if patterns.SENTENCE.search(text) and not text.startswith("“"):
        return "registration" if patterns.REGISTER.search(text) and dates.find(text) and "by" in text else "prose"
    return "item" if part.marked else _unmarked(text, bulleted or flat)


def _followed(number: int, lines: list[str]) -> bool:
    """Return whether the next line that is not blank describes this one."""
    after = next((line.strip() for line in lines[number:] if line.strip()), "")
    return bool(after and not patterns.MARK.match(after) and attribute(after)) and not patterns.COLUMN.match(after)


def _unmarked(text: str, bulleted: bool) -> str:
    """Guess the role of a line without a mark."""
    day = dates.find(text)
    if len(day) == 1 and patterns.PART_OF_DAY.fullmatch(text[: day[0].start]):
        rest = text[day[0].end :].strip()
        if patterns.PART_OF_DAY.fullmatch(rest) or re.match(r"[-–—]", rest):
            return "day"
    plain = patterns.TIME.sub("", text.replace("’", "'"))
    if patterns.SCHEDULE.match(text) or (patterns.LISTED.search(plain) and not patterns.DOCUMENTS_OF.match(plain)):
        return "list"
    head = patterns.PREPOSITION.split(f"{plain} ", maxsplit=1)[0]
    if kinds.event(head) is None and not re.match(r"documents\b", plain, re.IGNORECASE):
        if kinds.document(head):
            return "document"
        if kinds.contribution(head):
            return "item"
    if kinds.event(text) is not None:
        return "event"
    return "list" if bulleted else "item"


def _title(found: list[Part]) -> None:
    """Choose the line that names the process: the first that names a working group or the like, else the first heading."""
    no = ("note", "navigation", "registration", "prose", "day")
    early = [one for one in found[:6] if not one.marked and one.role not in no and not dates.find(one.text)]
    named = [part for part in early if patterns.PROCESS.search(part.text)]
    for part in (named or [part for part in early if not part.text.endswith(":")])[:1]:
        part.role = "process"


def private(lines: list[str]) -> set[int]:
    """Find the numbers of lines with an address, a telephone number or, next to these, the name of a contact person."""
    contact = (patterns.EMAIL, patterns.PHONE, patterns.CONTACT)
    found = {number for number, line in enumerate(lines, 1) if any(one.search(line) for one in contact)}
    shown = [number for number, line in enumerate(lines, 1) if line.strip()]
    for order in (shown, shown[::-1]):
        near = False
        for number in order:
            line = lines[number - 1]
            named = bool(patterns.HONORIFIC.search(line)) and not patterns.MARK.match(line)
            if near and named:
                found.add(number)
            near = number in found or bool(order is shown and patterns.CONTACTS.match(line.strip()))
    return found
