"""What stands on a page outside lists of contributions: documents, dates of events, and sentences that state a fact.

Not for contributions: `items` reads those.
"""

import re

from oewg_kg.draft import actors, dates, headings, items, kinds, page
from oewg_kg.draft.headings import Under
from oewg_kg.draft.items import Reader
from oewg_kg.draft.page import SYMBOL, Part
from oewg_kg.draft.table import Row

AGAIN = re.compile(r"(?<=[\])])\s+[-–—]\s+(?=[A-Z])")
OF_CHAIR = re.compile(r"\bchairs?(?:['’]s?|person['’]s|man['’]s)?\b(?! (?:the|a)\b)", re.IGNORECASE)
DATED = re.compile(r"\b(?:letter|note|report|dated) (?:of|dated) |\bdated ", re.IGNORECASE)
DUE = re.compile(r"\b(?:before|by|until|no later than|deadline:?)\s+", re.IGNORECASE)
HOSTS = re.compile(r"\b(?:hosts?|hosted by|co-?hosts?|co-?hosted by|organi[sz]ed by|organi[sz]ers?)\b:?\s*(?P<whom>[^);\]]+)", re.IGNORECASE)
PIECES = re.compile(r"\s*(?:\t|\||;|\s[-–—]\s)\s*")
ADOPTED = re.compile(r"^adoption of (?:the )?(?P<what>.+)", re.IGNORECASE)


def document(reader: Reader, line: int, text: str, under: Under) -> list[Row]:
    """Read a line that names documents, one row for each."""
    titles = AGAIN.split(text)
    rows = [_one(reader, line, number, title, under) for number, title in enumerate(titles, 1)]
    for row in rows if len(rows) > 1 else []:
        row.ask("two documents on one line")
    return rows


def _one(reader: Reader, line: int, number: int, text: str, under: Under) -> Row:
    row = Row(line, number, kind=kinds.document(text) or "")
    title = ""
    for sign, inner in items.segments(text):
        _piece(reader, row, sign, inner, title)
        title = f"{title} {inner if not sign else f'{sign}{inner}{chr(41) if sign == chr(40) else chr(93)}'}" if _kept(sign, inner) else title
    title, when = items.undated(title.strip(" ,;-–"))
    symbol = SYMBOL.search(title)
    if symbol:
        row.symbol = row.symbol or symbol[0]
        title = title.replace(symbol[0], "").strip(" ,;-–()")
    if found := when or (dates.find(title)[0] if DATED.search(title) and dates.find(title) else None):
        row.date, row.date_latest = dates.cells(found)
        if found.open:
            row.ask(found.open)
    title, read, others = kinds.trailing(title)
    row.languages = row.languages or " ".join(read)
    if others:
        row.ask("a language outside the six")
    row.label_in_source = title
    _issuer(reader, row, title, under)
    row.target = reader.texts.belongs(title)
    if not row.kind:
        row.kind = "?"
        row.ask("the kind is not in the scheme, or not said")
    elif row.kind in ("draft-report", "draft-structure") and kinds.SUGGESTED.match(title):
        row.ask("what it is is read from its name")
    if not row.date and under.day[0]:
        row.date, row.date_latest = under.day
    return row


def _kept(sign: str, inner: str) -> bool:
    """Tell whether a piece belongs to the title."""
    if sign == "":
        return True
    return not (
        sign == "["
        or dates.find(inner)
        or kinds.languages(re.sub(r"\bavailable\b", "", inner))
        or SYMBOL.search(inner)
        or items.ANNEX.search(inner)
    )


def _piece(reader: Reader, row: Row, sign: str, inner: str, title: str) -> None:
    if not sign:
        return
    symbol = SYMBOL.search(inner)
    row.symbol = row.symbol or (symbol[0] if symbol else "")
    found = dates.find(inner)
    if found and not row.date:
        row.date, row.date_latest = dates.cells(found[0])
        if len(found) > 1:
            row.ask("two dates are printed")
            days = dict.fromkeys(when.first.isoformat() for when in found if when.first)
            row.date, row.date_latest = "?" + ",".join(days), ""
        if found[0].open:
            row.ask(found[0].open)
    rest = inner
    for when in reversed(found):
        rest = f"{rest[: when.start]} {rest[when.end :]}"
    read = kinds.languages(rest)
    if read is not None:
        row.languages = " ".join(dict.fromkeys([*row.languages.split(), *read[0]]))
        if read[1]:
            row.ask("a language outside the six")
    elif items.ANNEX.search(inner):
        row.attachments = str(int(row.attachments or 0) + 1)


def _issuer(reader: Reader, row: Row, title: str, under: Under) -> None:
    """Find who issued a document: the Chair, the secretariat, a named author; else it is not stated."""
    if row.kind.startswith("chairs-") or OF_CHAIR.search(title.split(" on ")[0].split(" for ")[0]):
        row.actors = "post/chair"
        return
    if "secretariat" in title.casefold() and row.kind in ("secretariat-note", "organizational-note", "note-verbale"):
        items.named(row, [reader.names.one("secretariat")], [])
        return
    found, behalf = reader.authors(title, loose=False)
    if found:
        items.named(row, found, behalf)
        return
    row.actors = "post/chair" if OF_CHAIR.match(under.row.words) else "not-stated"


def event(reader: Reader, line: int, text: str, under: Under, horizon: str) -> list[Row]:
    """Read an entry of a schedule, a side event or an adoption; nothing where the line is none of them."""
    found = dates.find(text)
    if adopted := ADOPTED.match(text):
        what = re.sub(r"\s*\(.*", "", adopted["what"])
        row = Row(line, 1, kind="adoption", label_in_source=items.undated(text)[0])
        row.target = "|".join(reader.texts.find(what)) or what
        row.actors, (row.date, row.date_latest) = "", dates.cells(found[0], event=True) if found else under.day
        row.date_latest = row.date_latest or ("" if row.date.startswith("?") else row.date)
        row.status = "held"
        row.ask(under.day_note if not found else "" if row.target.startswith("L") else headings.INFERRED)
        return [row]
    kind = kinds.event(text)
    if not under.scheduled and not (kind == "side-event" and found):
        return []
    if not found:
        return []
    named = under.gives if under.gives != "schedule" else ""
    row = Row(line, 1, kind=kind or named or "substantive-session", label_in_source=headings.event_label(text))
    headings.happens(row, text, found, horizon)
    if not kind:
        row.ask("the kind of the event is not said")
    hosts = HOSTS.search(text)
    if hosts:
        items.named(row, reader.names.several(hosts["whom"]), [])
    return [row]


def prose(reader: Reader, part: Part) -> list[Row]:
    """Read a sentence: a resolution with its day, or nothing that a program could say."""
    text = part.text
    symbol = SYMBOL.search(text)
    if symbol and re.search(r"\b(?:adopted|established|set up|decided|resolution)\b", text):
        row = Row(part.number, 1, kind="resolution", symbol=symbol[0], label_in_source="")
        body = re.search(r"\bGeneral Assembly\b|\bFirst Committee\b|\bEconomic and Social Council\b", text)
        items.named(row, [reader.names.one(body[0])] if body else [], [])
        found = dates.find(text)
        row.date, row.date_latest = dates.cells(found[0] if found else None)
        row.label_in_source = f"resolution {symbol[0]}" if "resolution" in text.lower() else ""
        row.ask("a resolution, stated in prose")
        return [row]
    return [Row(part.number, 0, kind="none", status="boilerplate")]


def registration(part: Part, about: str) -> list[Row]:
    """Read an invitation to register: no address, no name; the deadline as a row of its own."""
    row = Row(part.number, 1, kind="by-email" if page.EMAIL.search(part.text) else "?", target=about)
    row.ask("a registration, stated in prose")
    rows = [row]
    found = [when for when in dates.find(part.text) if DUE.search(part.text[: when.start])]
    if found:
        due = Row(part.number, 2, kind="deadline", target=about)
        due.date, due.date_latest = dates.cells(found[0])
        due.ask("a deadline, stated in prose")
        rows.append(due)
    return rows


def attributed(reader: Reader, part: Part, under: Under) -> list[Row]:
    """Read a title of a flattened table with the lines below it: who submitted it, when, in which languages, with which symbol."""
    authors = [cell for cell in part.cells if (said := page.ATTRIBUTE.match(cell)) and said["by"]]
    ours = any(re.search(r"\b(?:chair|secretariat)\b", cell, re.IGNORECASE) for cell in authors)
    if under.contributions or (authors and not ours):
        rows = reader.by_title(part.number, part.text, under)
    else:
        rows = document(reader, part.number, part.text, under)
    for cell in part.cells:
        match = page.ATTRIBUTE.match(cell)
        by = bool(match and match["by"])
        pieces = PIECES.split(cell[match.end() :].strip(" :") if match else cell)
        names = [piece for piece in pieces if by and not page.attribute(piece)]
        _attribute(reader, ", ".join(names), rows, True, cell)
        for piece in [piece for piece in pieces if piece not in names]:
            _attribute(reader, piece.strip(), rows, False, cell)
    return rows


def _attribute(reader: Reader, text: str, rows: list[Row], by: bool, cell: str) -> None:
    if not text:
        return
    symbol = SYMBOL.search(text)
    bare = re.sub(r"\(\s*\)", "", text.replace(symbol[0], "")).strip(" ,") if symbol else text
    bare, when = items.undated(bare) if not dates.alone(bare) else ("", dates.alone(bare))
    bare = re.sub(r"(?:,?\s+on|,)$", "", bare).strip()
    read = kinds.languages(bare) if bare else None
    for row in rows:
        row.symbol = row.symbol or (symbol[0] if symbol else "")
        if when:
            row.date, row.date_latest = dates.cells(when)
            if when.open:
                row.ask(when.open)
        if read is not None and not by:
            row.languages = " ".join(dict.fromkeys([*row.languages.split(), *read[0]]))
            if read[1]:
                row.ask("a language outside the six")
    if items.ANNEX.match(cell) or items.ANNEX.fullmatch(bare):
        counted = re.search(r"\d+", bare)
        rows[-1].attachments = counted[0] if counted else str(max(1, len(re.split(r",|;|\band\b", bare)) if bare else 1))
    elif re.match("on behalf of", cell, re.IGNORECASE) and bare:
        for row in rows:
            given = [one for one in row.actors.split("|") if one != "not-stated"]
            known = [reader.names.one(name) for name in row.printed.split("|") if name]
            items.named(row, known if given else [], reader.names.several(re.sub("^on behalf of ", "", bare, flags=re.I)))
    elif by and bare:
        names, _, whom = bare.partition(" on behalf of ")
        names, bracketed = _brackets(names)
        given = reader.names.several(names.rstrip(" ,"))
        for row in rows:
            items.named(row, given, reader.names.several(whom or bracketed) if whom or bracketed else [])


def _brackets(text: str) -> tuple[str, str]:
    found = re.search(r"\((?:also )?(?:on behalf of|for) ([^)]*)\)", text)
    return (text.replace(found[0], ""), found[1]) if found else (text, "")


def of_actor(reader: Reader, text: str) -> bool:
    """Tell whether a line begins with the name of actors that the graph knows, and not with a document."""
    name = next((inner for sign, inner in items.segments(text) if not sign), "")
    name = re.split(r":\s|\s[-–]\s|,?\s+on behalf of\s", name)[0]
    return bool(name) and all(actor.score >= actors.SURE for actor in reader.names.several(name)) and not OF_CHAIR.match(name)
