"""Read what is outside lists of contributions: documents, events, sentences, registrations, and tables flattened to text."""

import re

from oewg_kg.draft import actors, dates, headings, kinds, page, patterns
from oewg_kg.draft.headings import Under
from oewg_kg.draft.items import ALSO_FOR, Reader
from oewg_kg.draft.page import Part
from oewg_kg.draft.table import Row

CLOSED = {"": "", "(": ")", "[": "]"}


def document(reader: Reader, line: int, text: str, under: Under) -> list[Row]:
    """Read a line that names documents, one row for each."""
    titles = patterns.AGAIN.split(text)
    rows = [_one(reader, line, number, title, under) for number, title in enumerate(titles, 1)]
    for row in rows if len(rows) > 1 else []:
        row.ask("two documents on one line")
    return rows


def _one(reader: Reader, line: int, number: int, text: str, under: Under) -> Row:
    row = Row(line, number, kind=kinds.document(text) or "")
    title = ""
    for sign, inner in kinds.segments(text):
        if not sign or _of_title(reader, row, sign, inner):
            title += f" {sign}{inner}{CLOSED[sign]}"
    title = " ".join(title.split()).strip(" ,;-–")
    if not row.date:
        title, when = dates.undated(title)
        title = re.sub(r"\s+(?:dated|of)$", "", title) if when else title
        dated = (one for one in dates.find(title) if patterns.DATED.search(title[: one.start]))
        if when := when or next(dated, None):
            row.dated(when)
    symbol, title = kinds.symbol(title)
    row.symbol = row.symbol or symbol
    row.label_in_source, tags = kinds.trailing(title)
    row.speaks(tags)
    _issuer(reader, row, row.label_in_source, under)
    row.target = reader.texts.belongs(row.label_in_source)
    if not row.kind or (row.kind == "draft-report" and patterns.OTHER_DRAFT.search(title)):
        row.kind = "?"
        row.ask("the kind is unknown or not stated")
    elif row.kind in ("draft-report", "draft-structure") and patterns.SUGGESTED.match(title):
        row.ask("the kind is inferred from the name")
    if not row.date and under.day[0]:
        row.date, row.date_latest = under.day
    return row


def _of_title(reader: Reader, row: Row, sign: str, inner: str) -> bool:
    """Read what a bracket says of a document; return whether it belongs to the title."""
    if by := patterns.SPONSORS.match(inner):
        actors.named(row, reader.names.several(inner[by.end() :]), [])
        return False
    found = dates.find(inner)
    before = (row.date, row.date_latest)
    told = said(inner, [row], cell=False)
    if before[0] or (len(found) == 1 and not dates.single(found[0])):
        row.date, row.date_latest = before
    elif len(found) > 1:
        row.ask("two dates are printed")
        days = dict.fromkeys(when.first.isoformat() for when in found if when.first)
        row.date, row.date_latest = "?" + ",".join(days), ""
    return sign != "[" and not told


def _issuer(reader: Reader, row: Row, title: str, under: Under) -> None:
    """Find who issued a document: the Chair, the secretariat, a named author; else it is not stated."""
    if row.kind.startswith("chairs-") or patterns.OF_CHAIR.search(title.split(" on ")[0].split(" for ")[0]):
        row.actors = "post/chair"
        if patterns.OTHER_CHAIR.search(title):
            row.ask("perhaps the Chair of another body")
        return
    found, behalf = actors.of_title(reader.names, title)
    if found:
        actors.named(row, found, behalf)
        return
    if patterns.OWNER.match(title):
        row.ask("the author is not known")
    if not row.printed:
        row.actors = "post/chair" if patterns.HEADED.search(under.row.words) else "not-stated"


def event(reader: Reader, line: int, text: str, under: Under) -> list[Row]:
    """Read an entry of a schedule, a side event or an adoption; nothing if the line is none of them."""
    found = dates.find(text)
    if adopted := patterns.ADOPTED.match(text):
        what = re.sub(r"\s*\(.*", "", adopted["what"])
        row = Row(line, 1, kind="adoption", label_in_source=dates.undated(text)[0], status="held")
        row.target = "|".join(reader.texts.find(what)) or what
        row.date, row.date_latest = dates.cells(found[0], event=True) if found else under.day
        row.date_latest = row.date_latest or ("" if row.date.startswith("?") else row.date)
        if not row.target.startswith("L"):
            row.ask(headings.INFERRED)
        return [row]
    kind = kinds.event(text)
    if not found or not (under.scheduled or kind == "side-event"):
        return []
    usual = under.row.default_kind
    row = headings.event(line, text, reader.horizon, usual if usual != "schedule" else "")
    if not kind:
        row.ask("the kind of event is not stated")
    hosted(reader, row, text)
    return [row]


def hosted(reader: Reader, row: Row, text: str) -> None:
    """Find the hosts of an event."""
    if hosts := patterns.HOSTS.search(text):
        actors.named(row, reader.names.several(hosts["whom"]), [])


def prose(reader: Reader, part: Part) -> list[Row]:
    """Read a sentence: a resolution with its day; anything else is left to a person."""
    text = part.text
    symbol = patterns.SYMBOL.search(text)
    if symbol and re.search(r"\b(?:adopted|established|set up|decided|resolution)\b", text):
        row = Row(part.number, 1, kind="resolution", symbol=symbol[0])
        body = re.search(r"\bGeneral Assembly\b|\bFirst Committee\b|\bEconomic and Social Council\b", text)
        actors.named(row, [reader.names.one(body[0])] if body else [], [])
        row.dated(next(iter(dates.find(text)), None))
        row.label_in_source = f"resolution {symbol[0]}" if "resolution" in text.lower() else ""
        row.ask("a resolution, stated in prose")
        return [row]
    return [Row(part.number, 0, kind="none", status="boilerplate")]


def registration(part: Part, about: str) -> list[Row]:
    """Read an invitation to register: no address, no name; the deadline as a row of its own."""
    row = Row(part.number, 1, kind="by-email" if patterns.EMAIL.search(part.text) else "?", target=about)
    row.ask("a registration, stated in prose")
    rows = [row]
    found = [when for when in dates.find(part.text) if patterns.DUE.search(part.text[: when.start])]
    if found:
        due = Row(part.number, 2, kind="deadline", target=about)
        due.dated(found[0])
        due.ask("a deadline, stated in prose")
        rows.append(due)
    return rows


def given(reader: Reader, text: str) -> bool:
    """Return whether a title names a contribution and its author, also outside a list: `Statement by Colombia`."""
    if kinds.document(text) not in (None, "proposal-document") or not kinds.contribution(text):
        return False
    found, _ = actors.of_title(reader.names, text)
    return any(actors.sure(actor) and actor.code != "post/chair" for actor in found)


def of_actor(reader: Reader, text: str) -> bool:
    """Return whether a line begins with the name of actors that the graph knows, and not with a document."""
    name = next((inner for sign, inner in kinds.segments(text) if not sign), "")
    name = re.split(r":\s|\s[-–]\s|,?\s+on behalf of\s", name)[0]
    return actors.all_sure(reader.names, name) and not patterns.OF_CHAIR.match(name)


def attributed(reader: Reader, part: Part, under: Under) -> list[Row]:
    """Read a title with the lines below it: a contribution if an actor submitted it, else a document."""
    given = [cell for cell in part.cells if page.by(cell)]
    if under.contributions or (given and not any(patterns.OURS.search(cell) for cell in given)):
        rows = reader.by_title(part.number, part.text, under)
    else:
        rows = document(reader, part.number, part.text, under)
    behalf = "".join(f" ({cell})" for cell in part.cells if patterns.BEHALF.match(cell))
    for cell in part.cells:
        text = patterns.ATTRIBUTE.sub("", cell).strip(" :")
        if page.by(cell):
            _submitted(reader, text + behalf, rows)
        elif not patterns.BEHALF.match(cell):
            said(cell if patterns.ANNEX.match(cell) else text, rows)
    if behalf and not given:
        _submitted(reader, behalf, rows)
    return rows


def _submitted(reader: Reader, text: str, rows: list[Row]) -> None:
    """Read `A, B and C (on behalf of D), 12 May 2034`."""
    pieces = patterns.PIECES.split(text)
    for piece in pieces:
        if page.attribute(piece):
            said(piece, rows)
    symbol, names = kinds.symbol("; ".join(piece for piece in pieces if not page.attribute(piece)))
    bare, when = dates.undated(names)
    said(f"{symbol} {names[len(bare) :] if when else ''}", rows)
    plain, behalf = "", ""
    for sign, inner in kinds.segments(bare):
        match = patterns.BEHALF.fullmatch(inner) if sign else None
        if match:
            behalf = match["whom"]
        elif sign and page.attribute(inner):
            said(inner, rows)
        else:
            plain += f" {sign}{inner}{CLOSED[sign]}"
    name, *whom = patterns.INSIDE.split(re.sub(r",?\s+on$", "", plain.strip(" ,;")), maxsplit=1)
    behalf = behalf or "".join(whom)
    for row in rows:
        actors.named(row, reader.names.several(name), actors.whom(reader.names, behalf))
        if patterns.ALSO.search(text):
            row.ask(ALSO_FOR)


def said(text: str, rows: list[Row], cell: bool = True) -> bool:
    """Write the date, symbol, languages and annexes that a text names into rows; return whether it names any.

    Languages may be one of several pieces of a cell, but all of a bracket: the `A` of `(session II, A)` is not Arabic.
    """
    (symbol, rest), found = kinds.symbol(text), dates.find(text)
    pieces = re.split(r"[|,;/\t()]", dates.without(rest, " | ")) if cell else [dates.without(text)]
    languages = [tags for piece in pieces if (tags := kinds.languages(piece)) is not None]
    annexes = bool(patterns.ANNEX.search(rest))
    for row in rows:
        row.symbol = row.symbol or symbol
        if found:
            row.dated(found[0])
        for tags in languages:
            row.speaks(tags)
    if annexes:
        rows[-1].attach(kinds.annexes(dates.without(rest, " | ")))
    return bool(symbol or found or languages or annexes)
