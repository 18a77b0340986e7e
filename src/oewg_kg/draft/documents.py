"""Read what is outside lists of contributions: documents, events, sentences, registrations, and tables flattened to text."""

import re

from oewg_kg.draft import actors, dates, headings, kinds, page, patterns
from oewg_kg.draft.headings import Under
from oewg_kg.draft.items import ALSO_FOR, Reader
from oewg_kg.draft.page import Part
from oewg_kg.draft.table import Row


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
            title += f" {sign}{inner}{')' if sign == '(' else ']' if sign else ''}"
    title = " ".join(title.split()).strip(" ,;-–")
    bare, when = dates.undated(title)
    title, when = (title, None) if row.date else (bare, when)
    title = re.sub(r"\s+(?:dated|of)$", "", title) if when else title
    symbol = patterns.SYMBOL.search(title)
    if symbol:
        row.symbol = row.symbol or symbol[0]
        title = re.sub(r"\(\s*\)", "", title.replace(symbol[0], "")).strip(" ,;-–")
    dated = [one for one in dates.find(title) if patterns.DATED.search(title[: one.start])]
    if found := when or (dated[0] if dated and not row.date else None):
        row.dated(found)
    title, read, others = kinds.trailing(title)
    row.speaks(read, others)
    row.label_in_source = title
    _issuer(reader, row, title, under)
    row.target = reader.texts.belongs(title)
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
    symbol, found, read = patterns.SYMBOL.search(inner), dates.find(inner), kinds.languages(dates.without(inner))
    row.symbol = row.symbol or (symbol[0] if symbol else "")
    if found and not row.date and (len(found) > 1 or dates.single(found[0])):
        row.dated(found[0])
        if len(found) > 1:
            row.ask("two dates are printed")
            days = dict.fromkeys(when.first.isoformat() for when in found if when.first)
            row.date, row.date_latest = "?" + ",".join(days), ""
    annex = patterns.ANNEX.search(inner)
    if read is not None:
        row.speaks(*read)
    elif annex:
        row.attach(1)
    return sign != "[" and not (symbol or found or read or annex)


def _issuer(reader: Reader, row: Row, title: str, under: Under) -> None:
    """Find who issued a document: the Chair, the secretariat, a named author; else it is not stated."""
    if row.kind.startswith("chairs-") or patterns.OF_CHAIR.search(title.split(" on ")[0].split(" for ")[0]):
        row.actors = "post/chair"
        if re.search(
            r"\b(?!OEWG|UN\b)[A-Z]{2,6} [Cc]hair|[Cc]hair of the (?!OEWG|open|working|group\b|committee)", title
        ):
            row.ask("perhaps the Chair of another body")
        return
    found, behalf = actors.of_title(reader.names, title)
    if not found and patterns.OWNER.match(title):
        row.ask("the author is not known")
    if found:
        actors.named(row, found, behalf)
        return
    if row.printed:
        return
    row.actors = "post/chair" if patterns.HEADED.search(under.row.words) else "not-stated"


def event(reader: Reader, line: int, text: str, under: Under, horizon: str) -> list[Row]:
    """Read an entry of a schedule, a side event or an adoption; nothing if the line is none of them."""
    found = dates.find(text)
    if adopted := patterns.ADOPTED.match(text):
        what = re.sub(r"\s*\(.*", "", adopted["what"])
        row = Row(line, 1, kind="adoption", label_in_source=dates.undated(text)[0])
        row.target = "|".join(reader.texts.find(what)) or what
        row.actors, (row.date, row.date_latest) = "", dates.cells(found[0], event=True) if found else under.day
        row.date_latest = row.date_latest or ("" if row.date.startswith("?") else row.date)
        row.status = "held"
        if not row.target.startswith("L"):
            row.ask(headings.INFERRED)
        return [row]
    kind = kinds.event(text)
    if not found or not (under.scheduled or kind == "side-event"):
        return []
    named = under.gives if under.gives != "schedule" else ""
    row = Row(line, 1, kind=kind or named or "substantive-session", label_in_source=headings.event_label(text))
    headings.happens(row, text, found, horizon)
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
    return (
        bool(name)
        and all(actor.score >= actors.SURE for actor in reader.names.several(name))
        and not patterns.OF_CHAIR.match(name)
    )


def attributed(reader: Reader, part: Part, under: Under) -> list[Row]:
    """Read a title with the lines below it: a contribution if an actor submitted it, else a document."""
    given = [cell for cell in part.cells if page.by(cell)]
    if under.contributions or (given and not any(patterns.OURS.search(cell) for cell in given)):
        rows = reader.by_title(part.number, part.text, under)
    else:
        rows = document(reader, part.number, part.text, under)
    for cell in part.cells:
        match = patterns.ATTRIBUTE.match(cell)
        text = cell[match.end() :].strip(" :") if match else cell
        if page.by(cell):
            _submitted(reader, text, rows)
        elif re.match("on behalf of", cell, re.IGNORECASE):
            known = [reader.names.one(name) for name in rows[0].printed.split("|") if name]
            for row in rows:
                actors.named(row, known, actors.whom(reader.names, text))
        else:
            _said(cell if patterns.ANNEX.match(cell) else text, rows)
    return rows


def _submitted(reader: Reader, text: str, rows: list[Row]) -> None:
    """Read `A, B and C (on behalf of D), 12 May 2034`."""
    pieces = patterns.PIECES.split(text)
    names = "; ".join(piece for piece in pieces if not page.attribute(piece))
    for piece in [piece for piece in pieces if page.attribute(piece)]:
        _said(piece, rows)
    symbol = patterns.SYMBOL.search(names)
    bare, when = dates.undated(names.replace(symbol[0], "").replace("()", "") if symbol else names)
    _said(f"{symbol[0] if symbol else ''} {names[len(bare) :] if when else ''}", rows)
    plain, behalf = "", ""
    for sign, inner in kinds.segments(bare):
        match = patterns.BEHALF.fullmatch(inner) if sign else None
        if match:
            behalf = match["whom"]
        elif sign and page.attribute(inner):
            _said(inner, rows)
        else:
            plain += f" ({inner})" if sign else f" {inner}"
    parts = patterns.INSIDE.split(re.sub(r",?\s+on$", "", plain.strip(" ,;")), maxsplit=1)
    behalf = behalf or (parts[1] if len(parts) > 1 else "")
    for row in rows:
        actors.named(row, reader.names.several(parts[0]), actors.whom(reader.names, behalf) if behalf else [])
        if patterns.ALSO.search(text):
            row.ask(ALSO_FOR)


def _said(text: str, rows: list[Row]) -> None:
    """Read a date, a symbol, languages and annexes."""
    symbol, found = patterns.SYMBOL.search(text), dates.find(text)
    rest = dates.without(patterns.SYMBOL.sub(" ", text), " | ")
    for row in rows:
        row.symbol = row.symbol or (symbol[0] if symbol else "")
        if found:
            row.dated(found[0])
    if patterns.ANNEX.search(rest):
        rows[-1].attachments = str(kinds.annexes(rest))
    for piece in re.split(r"[|,;/\t()]", rest):
        read = kinds.languages(piece) if piece.strip() else None
        for row in rows if read else ():
            row.speaks(*(read or ([], False)))
