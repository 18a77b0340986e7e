"""Classify the lines of a page by their wording (regular expressions): heading, day, item, or a line without facts."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from oewg_kg import coverage
from oewg_kg.draft import dates, kinds
from oewg_kg.errors import ParseError, StorageError

MARK = re.compile(r"^\s*(?:[-–—•*·▪◦o]\s+|\(?\d{1,3}[.)]\s+)")
HONORIFIC = re.compile(r"\b(?:Mr|Ms|Mrs|Mx|Dr)\.? [A-Z]")
CONTACTS = re.compile(
    r"(?:contacts?|contact (?:us|persons?|points?)|focal points?|secretariat|enquiries|registration)\b:?$",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[\w.+-]+\s*(?:@|\(at\)|\[at\])\s*[\w-]+(?:\s*(?:\.|\(dot\))\s*[\w-]+)+", re.IGNORECASE)
PHONE = re.compile(r"(?:\+|\b00)\d[\d ()/-]{6,}\d|\b(?:tel|phone|fax|mobile)\b[.:]?\s*[\d(+]", re.IGNORECASE)
CONTACT = re.compile(
    r"\b(?:contact|write to|questions about|focal point|enquiries|inquiries|e-?mail|webmaster|for (?:more|further) information)\b"
    r"|^\s*Secretariat\b.*\b(?:Mr|Ms|Mrs)\.",
    re.IGNORECASE,
)
REGISTER = re.compile(
    r"\b(?:register\w*|registration|take part|attend|rsvp|sign up|participate|accredit\w+|apply)\b", re.IGNORECASE
)
NAVIGATION = re.compile(
    r"^(?:webcast|print|share|home|menu|search|subscribe|download|next|previous|follow us|log ?in|sign in)(?:\s*\(.*\))?$"
    r"|^(?:back to|skip to|read more|see also|showing \d+)\b|^(?:(?:previous|next|page|\d+|[|«»<>])\s*)+$"
    r"|\bclick here\b|\(new window\)|\blog-?in\b|\b(?:portal|website|web page)\b"
    r"|^[^|]{1,25}(?:\s\|\s[^|]{1,40}){2,}$",
    re.IGNORECASE,
)
BOILERPLATE = re.compile(r"\bthis page\b|©|\(c\)|all rights reserved", re.IGNORECASE)
PROCESS = re.compile(
    r"\b(?:working group|group of governmental experts|ad hoc committee|programme of action|conference|committee|commission"
    r"|mechanism|process)\b",
    re.IGNORECASE,
)
SENTENCE = re.compile(
    r"\b(?:was|were|is|are|will|has|have|had|can|may|did|does|set up|established|adopted|decided|requested)\b.*\.\W*$"
)
PLURALS = (
    "statements|comments|contributions|papers|proposals|views|submissions|speeches|remarks|interventions|inputs|texts"
    "|letters|amendments|responses|replies|answers|briefings|observations|edits|presentations|notes|documents|drafts|suggestions"
)
LISTED = re.compile(
    rf"^(?:(?:updated|all|other|further|chair's|opening|closing|general|national|joint|informal|working|written|oral|position"
    rf"|drafting|text|conference|research|background|explanatory|official|selected) )*(?:{PLURALS})\b"
    r"|\b(?:said|sent in|sent|submitted|delivered|received|tabled)\b.*\b(?:by|on|from|to)\b|^what\b|\bpapers from\b",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(
    r"^(?P<by>(?:co-?)?(?:submitted|presented|tabled|sponsored|circulated|issued|prepared|sent|transmitted|proposed)"
    r"(?: jointly| in)? (?:by|from)\b:?|(?:author|sponsor|submitter|submitting state|co-sponsor|delegation|from)\(?s?\)?:)"
    r"|^(?:submitted|posted|uploaded|published|received|circulated|issued)(?: (?:on|in)\b|\s*:)"
    r"|^(?:date|dated|languages?|symbol|annex(?:es)?|attachments?|available in|on behalf of|document (?:no|symbol))\b:?",
    re.IGNORECASE,
)
TOLD = re.compile(
    r"\b(?:document|doc|symbol|with|no|annex(?:es)?|attachments?|pdf|docx?|html|mp[34]|zip|\d+|[kmg]b)\b\.?",
    re.IGNORECASE,
)
COLUMN = re.compile(
    r"^(?:title|document|author|submitted by|date|languages?|symbol|state|country|file|pdf|type|delegation)s?$",
    re.IGNORECASE,
)
SYMBOL = re.compile(r"\b[AES]/(?:[A-Z]+(?:\.\d+)?|\d+|HRC)(?:/[\w.]+)*(?:\.\d+)?(?:/(?:Rev|Corr|Add)\.\d+)*")
PART_OF_DAY = re.compile(
    r"(?:\s|[-–—,.:;()/]|\b(?:morning|afternoon|evening|of|on|the|day|[ap]\.?m\b\.?|\d{1,2}(?:[:.]\d\d)?|EDT|EST|CET|UTC|GMT)\b)*",
    re.IGNORECASE,
)
SCHEDULE = re.compile(r"^(?:meeting |provisional )?(?:schedule|calendar|timeline|timetable|dates)\b", re.IGNORECASE)
TIME = re.compile(r"^\d{1,2}(?:[.:]\d\d)?\s*[ap]\.?m\b\.?\s*[-–:,]?\s*", re.IGNORECASE)
TITLES = ("list", "event", "document", "prose")
OVER = re.compile(r"^(?:[a-zà-ÿ]|[\[(])")


@dataclass
class Part:
    """One item on a page: its role, its words without the bullet, and the lines on which it continues."""

    number: int
    role: str
    text: str
    marked: bool = False
    apart: bool = False
    more: list[int] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)


def read(path: Path) -> list[str]:
    """Read the lines of a page's text; raises ParseError for what is not text, StorageError for what cannot be read."""
    if path.is_dir():
        raise StorageError("this is a folder, not a page", str(path), "name the file with the page's text")
    lines = [line.rstrip("\r") for line in coverage.page_lines(path)]
    text = "\n".join(lines)
    if "\x00" in text or text.startswith("%PDF"):
        raise ParseError("this is not the text of a page", str(path), "save the page as plain text (UTF-8)")
    if text.lstrip()[:200].lower().startswith(("<!doctype", "<html")):
        raise ParseError("this is HTML", str(path), "save the page as plain text, as a browser shows it")
    if "\ufffd" in text:
        line = next(n for n, line in enumerate(lines, 1) if "\ufffd" in line)
        raise ParseError("not UTF-8", f"{path}:{line}", "save the page's text as UTF-8")
    if not text.strip():
        raise ParseError("the page is empty", str(path), "give the text of a page")
    return lines


def parts(lines: list[str]) -> list[Part]:
    """Divide a page into its parts, in its order, each with a first guess of its role."""
    shown = [line for line in lines if line.strip()]
    flat = sum(bool(ATTRIBUTE.match(line.strip())) for line in shown) >= 2 and any("by" in line for line in shown)
    bulleted = sum(bool(MARK.match(line)) for line in shown) * 8 >= len(shown)
    hidden = private(lines)
    found: list[Part] = []
    apart = True
    for number, line in enumerate(lines, 1):
        if not line.strip():
            apart = True
            continue
        mark = MARK.match(line)
        text = " ".join(line[mark.end() if mark else 0 :].replace("\t", " \t ").split(" ")).strip()
        text = re.sub(r"[ \u00a0]+", " ", text)
        if number in hidden:
            found.append(Part(number, "registration" if REGISTER.search(text) else "note", text, bool(mark), apart))
        else:
            _place(found, Part(number, "", text, bool(mark), apart), lines, flat, bulleted)
        apart = False
    _title(found)
    return found


def _place(found: list[Part], part: Part, lines: list[str], flat: bool, bulleted: bool) -> None:
    """Add a part, or join it to the one that it carries on."""
    last = found[-1] if found else None
    if (
        flat
        and last
        and not part.marked
        and last.role == "item"
        and attribute(part.text)
        and not COLUMN.match(part.text)
    ):
        last.more.append(part.number)
        last.cells.append(part.text)
        return
    if (
        flat
        and last
        and not part.marked
        and (said := ATTRIBUTE.match(part.text))
        and said["by"]
        and last.role in TITLES
    ):
        last.role = "item"
        last.more.append(part.number)
        last.cells.append(part.text)
        return
    open_end = (
        last and not part.apart and not part.marked and last.role in ("item", "heading", "event", "list", "document")
    )
    if last and open_end and OVER.match(part.text) and not dates.alone(part.text):
        last.more.append(part.number)
        last.text += " " + part.text
        if last.role != "item":
            last.role = _unmarked(last.text, True)
        return
    part.role = _role(part, lines, flat, bulleted)
    found.append(part)


def _bare(text: str) -> bool:
    return bool(EMAIL.search(text) or PHONE.search(text) or CONTACT.search(text))


def by(text: str) -> bool:
    """Return whether a line of a flattened table names the author of the title above it."""
    found = ATTRIBUTE.match(text)
    return bool(found and found["by"])


def attribute(text: str) -> bool:
    """Return whether a line of a flattened table describes the title above it: author, date, symbol, languages, annex."""
    if ATTRIBUTE.match(text):
        return True
    bare = SYMBOL.sub(" ", text)
    for when in reversed(dates.find(bare)):
        bare = f"{bare[: when.start]} {bare[when.end :]}"
    pieces = [TOLD.sub(" ", piece).strip() for piece in re.split(r"[|,;/\t()]", bare)]
    return all(not re.search(r"\w", piece) or kinds.languages(piece) for piece in pieces)


def _role(part: Part, lines: list[str], flat: bool, bulleted: bool) -> str:
    text = part.text
    if not re.search(r"[^\W_]", text) or NAVIGATION.search(text) or CONTACTS.match(text):
        return "navigation"
    if BOILERPLATE.search(text):
        return "note"
    if flat and not part.marked and _followed(part.number, lines) and not COLUMN.match(text):
        return "item"
    if SENTENCE.search(text) and (" " in text and not text.startswith("“")):
        return "registration" if REGISTER.search(text) and dates.find(text) and "by" in text else "prose"
    if part.marked:
        return "item"
    if flat and COLUMN.match(text):
        return "navigation"
    return _unmarked(text, bulleted or flat)


def _followed(number: int, lines: list[str]) -> bool:
    """Return whether the next line that is not blank describes this one."""
    after = next((line.strip() for line in lines[number:] if line.strip()), "")
    return bool(after and not MARK.match(after) and attribute(after)) and not COLUMN.match(after)


def _unmarked(text: str, bulleted: bool) -> str:
    """Guess the role of a line without a mark."""
    day = dates.find(text)
    if len(day) == 1 and PART_OF_DAY.fullmatch(text[: day[0].start]):
        rest = text[day[0].end :].strip()
        if PART_OF_DAY.fullmatch(rest) or re.match(r"[-–—]", rest):
            return "day"
    plain = TIME.sub("", text.replace("’", "'"))
    if SCHEDULE.match(text):
        return "list"
    if LISTED.search(plain) and not re.match(r"^(?:all |other )?documents (?:of|for|from)\b", plain, re.IGNORECASE):
        return "list"
    event = kinds.event(text) is not None
    head = kinds.PREPOSITION.split(f"{plain} ", maxsplit=1)[0]
    if kinds.event(head) is None and not re.match(r"documents\b", plain, re.IGNORECASE):
        if kinds.found(kinds.DOCUMENTS, head):
            return "document"
        if kinds.contribution(head):
            return "item"
    if event:
        return "event"
    return "list" if bulleted else "item"


def _title(found: list[Part]) -> None:
    """Choose the line that names the process: the first that names a working group or the like, else the first heading."""
    early = [
        part
        for part in found[:6]
        if not part.marked and part.role not in ("note", "navigation", "registration", "prose")
    ]
    named = [part for part in early if PROCESS.search(part.text) and not dates.find(part.text)]
    plain = [part for part in early if not dates.find(part.text) and not part.text.endswith(":")]
    for part in named[:1] or plain[:1]:
        if part.role != "day":
            part.role = "process"


def is_upper(text: str) -> bool:
    """Return whether a heading is in capitals."""
    return text.isupper() and len(text) > 3


def private(lines: list[str]) -> set[int]:
    """Find the lines that hold an address, a telephone number or the name of a contact person, by their numbers.

    A name below or above such a line, or below a heading that announces contacts, is that of a contact person.
    """
    found = {number for number, line in enumerate(lines, 1) if _bare(line)}
    shown = [number for number, line in enumerate(lines, 1) if line.strip()]
    for order in (shown, shown[::-1]):
        near = False
        for number in order:
            line = lines[number - 1]
            named = bool(HONORIFIC.search(line)) and not MARK.match(line)
            if near and named:
                found.add(number)
            near = number in found or bool(order is shown and CONTACTS.match(line.strip()))
    return found
