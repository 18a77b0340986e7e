"""Read the headings of a page: the texts, events and days they name, what they list, and what they say about the lines below."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from oewg_kg.draft import dates, kinds, patterns, table
from oewg_kg.draft.page import Part
from oewg_kg.draft.table import Row
from oewg_kg.draft.targets import Texts

INFERRED = "the target is inferred"
LEVELS = {"process": 0, "event": 1, "document": 1, "day": 2, "list": 3}  # 1 also for the kinds of events and documents


@dataclass(frozen=True)
class Under:
    """The heading above a line: its row, the texts it covers, and the day that it or a higher heading gives."""

    row: Row = field(default_factory=Row)
    targets: tuple[str, ...] = ()
    day: tuple[str, str] = ("", "")
    day_note: str = ""
    event: str = ""

    @property
    def contributions(self) -> bool:
        """Return whether the heading lists contributions of actors, not documents or events."""
        return bool(self.row.default_kind) and not self.scheduled

    @property
    def scheduled(self) -> bool:
        """Return whether the heading lists dates of events."""
        return self.row.default_kind == "schedule" or self.row.default_kind in kinds.EVENT_KINDS


def rows(parts: list[Part], texts: Texts) -> dict[int, Row]:
    """Propose one row for each heading, by its line."""
    ahead = horizon(parts)
    found: dict[int, Row] = {}
    blank = sum(part.apart for part in parts) * 2 < len(parts)
    stack: list[Row] = []
    day = ""
    for at, part in enumerate(parts):
        if part.role not in LEVELS:
            continue
        items = [other for other in parts[at + 1 : at + 4] if other.role == "item"]
        if part.role == "document" and _schedule(part, items):
            part.role = "list"
        row = _row(part, texts, ahead, items)
        if row.kind == "day":
            day = _day_after(day, row, part.text)
        if part.apart and blank:
            stack = [one for one in stack if one.kind == "process"]
        aside = row.kind == "side-event"
        level = LEVELS["day"] if aside else LEVELS.get(row.kind, 1)
        within = [one for one in stack if LEVELS.get(one.kind, 1) < level]
        row.heading_line = str(within[-1].line) if within else ""
        if not aside:
            stack = [*within, row] if governs(part, row) else within
        found[part.number] = row
    return found


def governs(part: Part, row: Row) -> bool:
    """Return whether the lines below a heading are under it: not those below a side event, or a document without a list."""
    return row.kind != "side-event" and (part.role != "document" or part.leads)


def _day_after(day: str, row: Row, text: str) -> str:
    """Give a day without a year the year of the day before it, if its weekday agrees; a person confirms it."""
    if day and row.date == "?":
        when = dates.find(f"{text[: dates.find(text)[0].end]} {day[:4]}")
        if when and not when[0].open:
            row.date, row.date_latest = dates.cells(when[0])
    return row.date if row.date[:1].isdigit() else day


def _row(part: Part, texts: Texts, ahead: str, items: list[Part]) -> Row:
    row = Row(part.number, 0)
    text = part.text
    # A heading without a day of its own may be above days of several events.
    announces = any(map(_dated, items)) and not dates.find(text) and not text.isupper()
    if part.role == "process":
        row.item, row.kind, row.label_in_source = 1, "process", text
        row.ask("a new process must be added by hand")
    elif part.role == "day":
        when = dates.find(text)[0]
        row.kind = "day"
        row.dated(when)
        if text[when.end :].strip(" .,"):
            row.ask("the day has a remark")
            row.status = kinds.first("status", text) or ""
    elif part.role == "event" and not announces:
        row = event(part.number, text, ahead)
        if row.kind == "side-event":
            row.ask("perhaps not in chronological order")
        if not kinds.event(text):
            row.ask("the page does not say that this is a substantive session")
    elif part.role == "document":
        row.kind = kinds.document(text) or "?"
    else:
        row.kind = "list"
        row.default_kind = _schedule(part, items) or gives(text)
        row.listed_as = kinds.first("listed-as", text) or ""
        texts.declare(text)
        row.target = "|".join(name for name in texts.covered(text) if name != f"L{part.number}")
        if texts.guessed(text):
            row.ask(INFERRED)
        if row.target and not row.target.startswith("L"):
            row.ask("which text is meant? Write its line on the page, such as L5, or its code")
    return row


def _dated(item: Part) -> bool:
    rest = re.sub(r"\(.*?\)", "", item.text)
    return bool(dates.find(rest)) and not re.search(r"\[", rest) and kinds.document(rest) is None


def _schedule(part: Part, items: list[Part]) -> str:
    """Return the kind of the events that a heading lists, `schedule` if it names none."""
    if not items or not _dated(items[0]) or gives(part.text):
        return ""
    event = kinds.event(part.text)
    dated = patterns.SCHEDULE.match(part.text) or event == "" or kinds.event(items[0].text) is not None
    return event or ("schedule" if dated else "")


def gives(text: str) -> str:
    """Find the kind that a heading gives to the bare entries of its list."""
    if patterns.DOCUMENTS.search(text.casefold().split(" by ")[0].split(" on ")[0]):
        return ""
    return kinds.first("listed", text) or kinds.contribution(text) or kinds.first("listed-else", text) or ""


def event(line: int, text: str, ahead: str, usual: str = "") -> Row:
    """Propose an event: its kind, else the usual one of its list, its label, days and status."""
    row = Row(line, 1, kind=kinds.event(text) or usual or "substantive-session", label_in_source=event_label(text))
    found = dates.find(text)
    row.status = kinds.first("status", text) or ""
    when = found[-1 if row.status == "postponed" else 0] if found else None
    row.dated(when, event=True)
    if row.status:
        row.ask("the event was postponed or cancelled")
    elif when:
        row.status = "planned" if patterns.AHEAD.search(text) or (ahead and row.date >= ahead) else "held"
        if row.status == "planned":
            row.ask("the event is later than the page")
    return row


def event_label(text: str) -> str:
    """Find the words that name an event: without dates, brackets, places and remarks."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)
    remark = patterns.OFF.search(bare)
    bare = bare[: remark.start()] if remark and remark.start() else bare
    bare = dates.without(bare, "\x00")
    pieces = [piece.strip(" ,;.-–:") for piece in re.split(r":\s|\s[-–]\s|\x00|;\s", bare)]
    pieces = [piece for piece in pieces if re.search(r"[^\W\d_]", piece)]
    named = [piece for piece in pieces if kinds.event(piece) is not None]
    if named and re.fullmatch("side[ -]event", named[0], re.IGNORECASE) and len(pieces) > 1:
        return pieces[pieces.index(named[0]) + 1]
    return patterns.PLACE.sub("", (named or pieces or [""])[0])


def horizon(parts: Iterable[Part]) -> str:
    """Find the first day for which a sentence announces something."""
    found = [when for part in parts if patterns.FUTURE.search(part.text) for when in dates.find(part.text)]
    return min((when.first.isoformat() for when in found if when.first), default="")


def filled(proposed: Mapping[int, Row], given: Iterable[Row]) -> dict[int, Row]:
    """Use the headings that a person completed; lines that are not in the table are not headings."""
    found = {}
    for row in given:
        kind, default, listed = (patterns.BARE.sub("", cell) for cell in (row.kind, row.default_kind, row.listed_as))
        if kind and kind not in ("item", "none"):
            above = row.heading_line or getattr(proposed.get(row.line), "heading_line", "")
            found[row.line] = replace(row, heading_line=above, kind=kind, default_kind=default, listed_as=listed)
    return found


def under(headings: Mapping[int, Row], line: int) -> Under:
    """Gather what a heading gives to the lines below it: its texts, and the day that it or a heading above it is."""
    row = headings.get(line)
    if row is None:
        return Under()
    chain = [row, *table.above(headings, row)]
    event = next((f"L{one.line}" for one in chain if one.kind in kinds.EVENT_KINDS), "")
    day = next((one for one in chain if one.date and one.kind in ("day", "list")), Row())
    doubt = day.note if day.check and "remark" not in day.note else ""
    targets = tuple(one.strip() for one in row.target.split("|") if one.strip() and row.kind == "list")
    return Under(row, targets, (day.date, day.date_latest), doubt, event)
