"""Read lines outside lists of contributions into rows: documents, events, resolutions, registrations, tables flattened to text."""

import re

from oewg_kg.draft import actors, dates, headings, kinds, page, patterns
from oewg_kg.draft.headings import Under
from oewg_kg.draft.items import ALSO_FOR, Reader
from oewg_kg.draft.page import Part
from oewg_kg.draft.table import Row

CLOSING = {"": "", "(": ")", "[": "]"}


def document_rows(reader: Reader, line: int, text: str, under: Under) -> list[Row]:
    """Read a line that names documents, one row for each."""
    titles = patterns.AGAIN.split(text)
    rows = [_document_row(reader, line, number, title, under) for number, title in enumerate(titles, 1)]
    for row in rows if len(rows) > 1 else []:
        row.ask("two documents on one line")
    return rows


def _document_row(reader: Reader, line: int, number: int, text: str, under: Under) -> Row:
    row = Row(line, number, kind=kinds.document(text) or "")
    title = ""
    for sign, inner in kinds.segments(text):
        if not sign or _read_bracket(reader, row, sign, inner):
            title += f" {sign}{inner}{CLOSING[sign]}"
    title = " ".join(title.split()).strip(" ,;-–")
    if not row.date:
        title, when = dates.undated(title)
        title = re.sub(r"\s+(?:dated|of)$", "", title) if when else title
        after_dated = (day for day in dates.find(title) if patterns.DATED.search(title[: day.start]))
        if when := when or next(after_dated, None):
            row.dated(when)
    symbol, title = kinds.split_symbol(title)
    row.symbol = row.symbol or symbol
    row.label_in_source, tags = kinds.split_languages(title)
    row.speaks(tags)
    _fill_issuer(reader, row, row.label_in_source, under)
    row.target = reader.texts.belongs(row.label_in_source)
    if not row.kind or (row.kind == "draft-report" and patterns.OTHER_DRAFT.search(title)):
        row.kind = "?"
        row.ask("the kind is unknown or not stated")
    elif row.kind in ("draft-report", "draft-structure") and patterns.SUGGESTED.match(title):
        row.ask("the kind is inferred from the name")
    if not row.date and under.day[0]:
        row.date, row.date_latest = under.day
    return row


def _read_bracket(reader: Reader, row: Row, sign: str, inner: str) -> bool:
    """Read what a bracket says of a document; return whether it belongs to the title."""
    if by := patterns.SPONSORS.match(inner):
        actors.fill_actors(row, reader.names.actors_named(inner[by.end() :]), [])
        return False
    days = dates.find(inner)
    row_dates = (row.date, row.date_latest)
    has_details = fill_details(inner, [row], in_cell=False)
    if row_dates[0] or (len(days) == 1 and not dates.is_single(days[0])):
        row.date, row.date_latest = row_dates
    elif len(days) > 1:
        row.ask("two dates are printed")
        iso_days = dict.fromkeys(when.first.isoformat() for when in days if when.first)
        row.date, row.date_latest = "?" + ",".join(iso_days), ""
    return sign != "[" and not has_details


def _fill_issuer(reader: Reader, row: Row, title: str, under: Under) -> None:
    """Find who issued a document: the Chair, the secretariat, a named author; else it is not stated."""
    if row.kind.startswith("chairs-") or patterns.OF_CHAIR.search(title.split(" on ")[0].split(" for ")[0]):
        row.actors = "post/chair"
        if patterns.OTHER_CHAIR.search(title):
            row.ask("perhaps the Chair of another body")
        return
    authors, behalf = actors.authors_in_title(reader.names, title)
    if authors:
        actors.fill_actors(row, authors, behalf)
        return
    if patterns.OWNER.match(title):
        row.ask("the author is not known")
    if not row.printed:
        row.actors = "post/chair" if patterns.HEADED.search(under.row.words) else "not-stated"


def event_rows(reader: Reader, line: int, text: str, under: Under) -> list[Row]:
    """Read an entry of a schedule, a side event or an adoption; nothing if the line is none of them."""
    days = dates.find(text)
    if adoption := patterns.ADOPTED.match(text):
        adopted_text = re.sub(r"\s*\(.*", "", adoption["what"])
        row = Row(line, 1, kind="adoption", label_in_source=dates.undated(text)[0], status="held")
        row.target = "|".join(reader.texts.find(adopted_text)) or adopted_text
        row.date, row.date_latest = dates.cells(days[0], event=True) if days else under.day
        row.date_latest = row.date_latest or ("" if row.date.startswith("?") else row.date)
        if not row.target.startswith("L"):
            row.ask(headings.INFERRED)
        return [row]
    event_kind = kinds.event(text)
    if not days or not (under.scheduled or event_kind == "side-event"):
        return []
    list_kind = under.row.default_kind
    row = headings.event_row(line, text, reader.horizon, list_kind if list_kind != "schedule" else "")
    if not event_kind:
        row.ask("the kind of event is not stated")
    fill_hosts(reader, row, text)
    return [row]


def fill_hosts(reader: Reader, row: Row, text: str) -> None:
    """Find the hosts of an event."""
    if hosts := patterns.HOSTS.search(text):
        actors.fill_actors(row, reader.names.actors_named(hosts["whom"]), [])


def prose_rows(reader: Reader, part: Part) -> list[Row]:
    """Read a sentence: a resolution with its day; anything else is left to a person."""
    text = part.text
    symbol = patterns.SYMBOL.search(text)
    if symbol and re.search(r"\b(?:adopted|established|set up|decided|resolution)\b", text):
        row = Row(part.number, 1, kind="resolution", symbol=symbol[0])
        adopting_body = re.search(r"\bGeneral Assembly\b|\bFirst Committee\b|\bEconomic and Social Council\b", text)
        actors.fill_actors(row, [reader.names.actor_named(adopting_body[0])] if adopting_body else [], [])
        row.dated(next(iter(dates.find(text)), None))
        row.label_in_source = f"resolution {symbol[0]}" if "resolution" in text.lower() else ""
        row.ask("a resolution, stated in prose")
        return [row]
    return [Row(part.number, 0, kind="none", status="boilerplate")]


def registration_rows(part: Part, event_line: str) -> list[Row]:
    """Read an invitation to register: no address, no name; the deadline as a row of its own."""
    row = Row(part.number, 1, kind="by-email" if patterns.EMAIL.search(part.text) else "?", target=event_line)
    row.ask("a registration, stated in prose")
    rows = [row]
    due_days = [when for when in dates.find(part.text) if patterns.DUE.search(part.text[: when.start])]
    if due_days:
        deadline = Row(part.number, 2, kind="deadline", target=event_line)
        deadline.dated(due_days[0])
        deadline.ask("a deadline, stated in prose")
        rows.append(deadline)
    return rows


def has_author(reader: Reader, text: str) -> bool:
    """Return whether a title names a contribution and its author, also outside a list: `Statement by Colombia`."""
    if kinds.document(text) not in (None, "proposal-document") or not kinds.contribution(text):
        return False
    authors, _ = actors.authors_in_title(reader.names, text)
    return any(actors.is_sure(actor) and actor.code != "post/chair" for actor in authors)


def has_actor(reader: Reader, text: str) -> bool:
    """Return whether a line begins with the name of actors that the graph knows, and not with a document."""
    front = next((inner for sign, inner in kinds.segments(text) if not sign), "")
    front = re.split(r":\s|\s[-–]\s|,?\s+on behalf of\s", front)[0]
    return actors.all_sure(reader.names, front) and not patterns.OF_CHAIR.match(front)


def attributed_rows(reader: Reader, part: Part, under: Under) -> list[Row]:
    """Read a title with the lines below it: a contribution if an actor submitted it, else a document."""
    author_cells = [cell for cell in part.cells if page.names_author(cell)]
    if under.contributions or (author_cells and not any(patterns.OURS.search(cell) for cell in author_cells)):
        rows = reader.rows_by_title(part.number, part.text, under)
    else:
        rows = document_rows(reader, part.number, part.text, under)
    behalf = "".join(f" ({cell})" for cell in part.cells if patterns.BEHALF.match(cell))
    for cell in part.cells:
        text = patterns.ATTRIBUTE.sub("", cell).strip(" :")
        if page.names_author(cell):
            _fill_submitters(reader, text + behalf, rows)
        elif not patterns.BEHALF.match(cell):
            fill_details(cell if patterns.ANNEX.match(cell) else text, rows)
    if behalf and not author_cells:
        _fill_submitters(reader, behalf, rows)
    return rows


def _fill_submitters(reader: Reader, text: str, rows: list[Row]) -> None:
    """Read `A, B and C (on behalf of D), 12 May 2034`."""
    pieces = patterns.PIECES.split(text)
    for piece in pieces:
        if page.describes_title(piece):
            fill_details(piece, rows)
    symbol, authors_text = kinds.split_symbol("; ".join(piece for piece in pieces if not page.describes_title(piece)))
    undated, when = dates.undated(authors_text)
    fill_details(f"{symbol} {authors_text[len(undated) :] if when else ''}", rows)
    unbracketed, behalf = "", ""
    for sign, inner in kinds.segments(undated):
        behalf_match = patterns.BEHALF.fullmatch(inner) if sign else None
        if behalf_match:
            behalf = behalf_match["whom"]
        elif sign and page.describes_title(inner):
            fill_details(inner, rows)
        else:
            unbracketed += f" {sign}{inner}{CLOSING[sign]}"
    authors, *behalf_words = patterns.INSIDE.split(re.sub(r",?\s+on$", "", unbracketed.strip(" ,;")), maxsplit=1)
    behalf = behalf or "".join(behalf_words)
    for row in rows:
        actors.fill_actors(row, reader.names.actors_named(authors), actors.on_behalf(reader.names, behalf))
        if patterns.ALSO.search(text):
            row.ask(ALSO_FOR)


def fill_details(text: str, rows: list[Row], in_cell: bool = True) -> bool:
    """Write the date, symbol, languages and annexes that a text names into rows; return whether it names any.

    Languages may be one of several pieces of a cell, but all of a bracket: the `A` of `(session II, A)` is not Arabic.
    """
    (symbol, words), days = kinds.split_symbol(text), dates.find(text)
    pieces = re.split(r"[|,;/\t()]", dates.without_dates(words, " | ")) if in_cell else [dates.without_dates(text)]
    languages = [tags for piece in pieces if (tags := kinds.languages(piece)) is not None]
    annexes = bool(patterns.ANNEX.search(words))
    for row in rows:
        row.symbol = row.symbol or symbol
        if days:
            row.dated(days[0])
        for tags in languages:
            row.speaks(tags)
    if annexes:
        rows[-1].attach(kinds.annexes(dates.without_dates(words, " | ")))
    return bool(symbol or days or languages or annexes)
