"""Divide a page into parts and guess the role of each by its wording (list, event, document, day, item, note); find contact details."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from oewg_kg.draft import dates, kinds, patterns
from oewg_kg.errors import ParseError
from oewg_kg.evidence import coverage

# What the text of a page does not begin with or contain, and what to do about it.
NOT_TEXT = {
    r"\A%PDF|\x00": ("this is not the text of a page", "save the page as plain text (UTF-8)"),
    r"(?i)\A\s*<(?:!doctype|html)": ("this is HTML", "save the page as plain text, as a browser shows it"),
    "\ufffd": ("the page is not UTF-8 text", "save it as UTF-8"),
    r"\A\s*\Z": ("the page is empty", "give the text of a page"),
}
TITLES = ("list", "event", "document", "prose")
CONTINUED = ("item", *TITLES[:3])


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
    for pattern, (problem, advice) in NOT_TEXT.items():
        if match := re.search(pattern, text):
            line = text.count("\n", 0, match.start()) + 1
            raise ParseError(problem, f"{path}:{line}", advice)
    return lines


def divide(lines: list[str]) -> list[Part]:
    """Divide a page into its parts, in order, each with a first guess at its role."""
    printed_lines = [line for line in lines if line.strip()]
    flattened = sum(bool(patterns.ATTRIBUTE.match(line.strip())) for line in printed_lines) >= 2
    bulleted = sum(bool(patterns.MARK.match(line)) for line in printed_lines) * 8 >= len(printed_lines)
    private = private_lines(lines)
    parts: list[Part] = []
    after_blank = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            after_blank = True
            continue
        mark = patterns.MARK.match(line)
        text = re.sub(r"[ \u00a0]+", " ", line[mark.end() if mark else 0 :].replace("\t", " \t ")).strip()
        part = Part(number, "", text, bool(mark), after_blank)
        if parts and part.marked and not after_blank:
            parts[-1].leads = True
        if number in private:
            part.role = "registration" if patterns.REGISTER.search(text) else "note"
            parts.append(part)
        elif not _continues(parts, part, flattened):
            part.role = _guess_role(part, lines, flattened, bulleted)
            parts.append(part)
        after_blank = False
    _mark_process(parts)
    return parts


def _continues(parts: list[Part], part: Part, flattened: bool) -> bool:
    """Join a part to the last one if it continues that, as the next line of its words or as a cell; return whether it does."""
    if not parts or part.marked:
        return False
    last, text = parts[-1], part.text
    is_attribute = last.role == "item" and describes_title(text) and not patterns.COLUMN.match(text)
    if flattened and (is_attribute or (names_author(text) and last.role in TITLES)):
        last.role = "item"
        last.cells.append(text)
    elif not part.apart and last.role in CONTINUED and patterns.OVER.match(text) and not dates.alone(text):
        last.text += " " + text
        last.role = "item" if last.role == "item" else _unmarked_role(last.text, True)
    else:
        return False
    last.more.append(part.number)
    return True


def names_author(text: str) -> bool:
    """Return whether a line of a flattened table names the author of the title above it."""
    match = patterns.ATTRIBUTE.match(text)
    return bool(match and match["by"])


def describes_title(text: str) -> bool:
    """Return whether a line of a flattened table describes the title above it: author, date, symbol, languages, annex."""
    if patterns.ATTRIBUTE.match(text):
        return True
    undated = dates.without_dates(patterns.SYMBOL.sub(" ", text))
    pieces = [patterns.TOLD.sub(" ", piece).strip() for piece in re.split(r"[|,;/\t()]", undated)]
    return all(not re.search(r"\w", piece) or kinds.languages(piece) is not None for piece in pieces)


def _guess_role(part: Part, lines: list[str], flattened: bool, bulleted: bool) -> str:
    text = part.text
    if not re.search(r"[^\W_]", text) or patterns.NAVIGATION.search(text) or patterns.CONTACTS.match(text):
        return "navigation"
    if patterns.BOILERPLATE.search(text):
        return "note"
    if flattened and not part.marked and patterns.COLUMN.match(text):
        return "navigation"
    if flattened and not part.marked and _is_described(part.number, lines):
        return "item"
    if patterns.SENTENCE.search(text) and not text.startswith("“"):
        return "registration" if patterns.REGISTER.search(text) and dates.find(text) and "by" in text else "prose"
    return "item" if part.marked else _unmarked_role(text, bulleted or flattened)


def _is_described(number: int, lines: list[str]) -> bool:
    """Return whether the next line that is not blank describes this one."""
    next_line = next((line.strip() for line in lines[number:] if line.strip()), "")
    is_item = not next_line or patterns.MARK.match(next_line) or patterns.COLUMN.match(next_line)
    return not is_item and describes_title(next_line)


def _unmarked_role(text: str, bulleted: bool) -> str:
    """Guess the role of a line without a mark."""
    days = dates.find(text)
    if len(days) == 1 and patterns.PART_OF_DAY.fullmatch(text[: days[0].start]):
        after_day = text[days[0].end :].strip()
        if patterns.PART_OF_DAY.fullmatch(after_day) or re.match(r"[-–—]", after_day):
            return "day"
    plain = patterns.TIME.sub("", text.replace("’", "'"))
    if patterns.SCHEDULE.match(text) or (patterns.LISTED.search(plain) and not patterns.DOCUMENTS_OF.match(plain)):
        return "list"
    phrase = patterns.PREPOSITION.split(f"{plain} ", maxsplit=1)[0]
    if kinds.event(phrase) is None and not re.match(r"documents\b", plain, re.IGNORECASE):
        if kinds.document(phrase):
            return "document"
        if kinds.contribution(phrase):
            return "item"
    if kinds.event(text) is not None:
        return "event"
    return "list" if bulleted else "item"


def _mark_process(parts: list[Part]) -> None:
    """Choose the line that names the process: the first that names a working group or the like, else the first heading."""
    other = ("note", "navigation", "registration", "prose", "day")
    early = [part for part in parts[:6] if not part.marked and part.role not in other and not dates.find(part.text)]
    process_names = [part for part in early if patterns.PROCESS.search(part.text)]
    for part in (process_names or [part for part in early if not part.text.endswith(":")])[:1]:
        part.role = "process"


def private_lines(lines: list[str]) -> set[int]:
    """Find the numbers of lines with an address, a telephone number or, next to these, the name of a contact person."""
    contact = (patterns.EMAIL, patterns.PHONE, patterns.CONTACT)
    private = {number for number, line in enumerate(lines, 1) if any(pattern.search(line) for pattern in contact)}
    printed_lines = [number for number, line in enumerate(lines, 1) if line.strip()]
    for order in (printed_lines, printed_lines[::-1]):
        after_contact = False
        for number in order:
            line = lines[number - 1]
            if after_contact and patterns.HONORIFIC.search(line) and not patterns.MARK.match(line):
                private.add(number)
            begins_contacts = order is printed_lines and bool(patterns.CONTACTS.match(line.strip()))
            after_contact = number in private or begins_contacts
    return private
