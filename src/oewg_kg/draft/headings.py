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


def heading_rows(parts: list[Part], texts: Texts) -> dict[int, Row]:
    """Propose one row for each heading, by its line."""
    upcoming = horizon(parts)
    rows_by_line: dict[int, Row] = {}
    blank_lines = sum(part.apart for part in parts) * 2 < len(parts)
    enclosing: list[Row] = []
    day_before = ""
    for index, part in enumerate(parts):
        if part.role not in LEVELS:
            continue
        items = [part_below for part_below in parts[index + 1 : index + 4] if part_below.role == "item"]
        if part.role == "document" and _scheduled_kind(part, items):
            part.role = "list"
        row = _heading_row(part, texts, upcoming, items)
        if row.kind == "day":
            day_before = _dated_day(day_before, row, part.text)
        if part.apart and blank_lines:
            enclosing = [heading for heading in enclosing if heading.kind == "process"]
        is_side_event = row.kind == "side-event"
        level = LEVELS["day"] if is_side_event else LEVELS.get(row.kind, 1)
        higher = [heading for heading in enclosing if LEVELS.get(heading.kind, 1) < level]
        row.heading_line = str(higher[-1].line) if higher else ""
        if not is_side_event:
            enclosing = [*higher, row] if governs(part, row) else higher
        rows_by_line[part.number] = row
    return rows_by_line


def governs(part: Part, row: Row) -> bool:
    """Return whether the lines below a heading are under it: not those below a side event, or a document without a list."""
    return row.kind != "side-event" and (part.role != "document" or part.leads)


def _dated_day(day_before: str, row: Row, text: str) -> str:
    """Give a day without a year the year of the day before it, if its weekday agrees; a person confirms it."""
    if day_before and row.date == "?":
        when = dates.find(f"{text[: dates.find(text)[0].end]} {day_before[:4]}")
        if when and not when[0].open:
            row.date, row.date_latest = dates.cells(when[0])
    return row.date if row.date[:1].isdigit() else day_before


def _heading_row(part: Part, texts: Texts, upcoming: str, items: list[Part]) -> Row:
    row = Row(part.number, 0)
    text = part.text
    # A heading without a day of its own may be above days of several events.
    announces = any(map(_is_dated_item, items)) and not dates.find(text) and not text.isupper()
    if part.role == "process":
        row.item, row.kind, row.label_in_source = 1, "process", text
        row.ask("a new process must be added by hand")
    elif part.role == "day":
        when = dates.find(text)[0]
        row.kind = "day"
        row.dated(when)
        if text[when.end :].strip(" .,"):
            row.ask("the day has a remark")
            row.status = kinds.first_value("status", text) or ""
    elif part.role == "event" and not announces:
        row = event_row(part.number, text, upcoming)
        if row.kind == "side-event":
            row.ask("perhaps not in chronological order")
        if not kinds.event(text):
            row.ask("the page does not say that this is a substantive session")
    elif part.role == "document":
        row.kind = kinds.document(text) or "?"
    else:
        row.kind = "list"
        row.default_kind = _scheduled_kind(part, items) or entry_kind(text)
        row.listed_as = kinds.first_value("listed-as", text) or ""
        texts.declare(text)
        row.target = "|".join(name for name in texts.covered(text) if name != f"L{part.number}")
        if texts.guessed(text):
            row.ask(INFERRED)
        if row.target and not row.target.startswith("L"):
            row.ask("which text is meant? Write its line on the page, such as L5, or its code")
    return row


def _is_dated_item(item: Part) -> bool:
    unbracketed = re.sub(r"\(.*?\)", "", item.text)
    return bool(dates.find(unbracketed)) and not re.search(r"\[", unbracketed) and kinds.document(unbracketed) is None


def _scheduled_kind(part: Part, items: list[Part]) -> str:
    """Return the kind of the events that a heading lists, `schedule` if it names none."""
    if not items or not _is_dated_item(items[0]) or entry_kind(part.text):
        return ""
    event_kind = kinds.event(part.text)
    is_schedule = patterns.SCHEDULE.match(part.text) or event_kind == "" or kinds.event(items[0].text) is not None
    return event_kind or ("schedule" if is_schedule else "")


def entry_kind(text: str) -> str:
    """Find the kind that a heading gives to the bare entries of its list."""
    if patterns.DOCUMENTS.search(text.casefold().split(" by ")[0].split(" on ")[0]):
        return ""
    return kinds.first_value("listed", text) or kinds.contribution(text) or kinds.first_value("listed-else", text) or ""


def event_row(line: int, text: str, upcoming: str, list_kind: str = "") -> Row:
    """Propose an event: its kind, else the usual one of its list, its label, days and status."""
    row = Row(line, 1, kind=kinds.event(text) or list_kind or "substantive-session", label_in_source=event_label(text))
    days = dates.find(text)
    row.status = kinds.first_value("status", text) or ""
    when = days[-1 if row.status == "postponed" else 0] if days else None
    row.dated(when, event=True)
    if row.status:
        row.ask("the event was postponed or cancelled")
    elif when:
        row.status = "planned" if patterns.AHEAD.search(text) or (upcoming and row.date >= upcoming) else "held"
        if row.status == "planned":
            row.ask("the event is later than the page")
    return row


def event_label(text: str) -> str:
    """Find the words that name an event: without dates, brackets, places and remarks."""
    words = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)
    off = patterns.OFF.search(words)
    words = words[: off.start()] if off and off.start() else words
    words = dates.without_dates(words, "\x00")
    pieces = [piece.strip(" ,;.-–:") for piece in re.split(r":\s|\s[-–]\s|\x00|;\s", words)]
    pieces = [piece for piece in pieces if re.search(r"[^\W\d_]", piece)]
    event_pieces = [piece for piece in pieces if kinds.event(piece) is not None]
    if event_pieces and re.fullmatch("side[ -]event", event_pieces[0], re.IGNORECASE) and len(pieces) > 1:
        return pieces[pieces.index(event_pieces[0]) + 1]
    return patterns.PLACE.sub("", (event_pieces or pieces or [""])[0])


def horizon(parts: Iterable[Part]) -> str:
    """Find the first day for which a sentence announces something."""
    announced = [when for part in parts if patterns.FUTURE.search(part.text) for when in dates.find(part.text)]
    return min((when.first.isoformat() for when in announced if when.first), default="")


def completed(proposed: Mapping[int, Row], completed_rows: Iterable[Row]) -> dict[int, Row]:
    """Use the headings that a person completed; lines that are not in the table are not headings."""
    headings = {}
    for row in completed_rows:
        kind, default, listed = (patterns.BARE.sub("", cell) for cell in (row.kind, row.default_kind, row.listed_as))
        if kind and kind not in ("item", "none"):
            above = row.heading_line or getattr(proposed.get(row.line), "heading_line", "")
            headings[row.line] = replace(row, heading_line=above, kind=kind, default_kind=default, listed_as=listed)
    return headings


def heading_above(headings: Mapping[int, Row], line: int) -> Under:
    """Gather what a heading gives to the lines below it: its texts, and the day that it or a heading above it is."""
    row = headings.get(line)
    if row is None:
        return Under()
    heading_chain = [row, *table.headings_above(headings, row)]
    event = next((f"L{heading.line}" for heading in heading_chain if heading.kind in kinds.EVENT_KINDS), "")
    day = next((heading for heading in heading_chain if heading.date and heading.kind in ("day", "list")), Row())
    day_note = day.note if day.check and "remark" not in day.note else ""
    targets = tuple(target.strip() for target in row.target.split("|") if target.strip() and row.kind == "list")
    return Under(row, targets, (day.date, day.date_latest), day_note, event)
