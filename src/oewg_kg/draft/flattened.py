"""A table flattened to text: a title, and below it lines with the author, date, languages and symbol."""

import re

from oewg_kg.draft import authors, cells, dates, documents, items, kinds, page, patterns
from oewg_kg.draft.headings import Under
from oewg_kg.draft.items import Reader
from oewg_kg.draft.page import Part
from oewg_kg.draft.table import Row


def attributed(reader: Reader, part: Part, under: Under) -> list[Row]:
    """Read a title with the lines below it: a contribution where an actor submitted it, else a document."""
    given = [cell for cell in part.cells if page.by(cell)]
    if under.contributions or (given and not any(patterns.OURS.search(cell) for cell in given)):
        rows = reader.by_title(part.number, part.text, under)
    else:
        rows = documents.document(reader, part.number, part.text, under)
    for cell in part.cells:
        match = patterns.ATTRIBUTE.match(cell)
        text = cell[match.end() :].strip(" :") if match else cell
        if page.by(cell):
            _submitted(reader, text, rows)
        elif re.match("on behalf of", cell, re.IGNORECASE):
            known = [reader.names.one(name) for name in rows[0].printed.split("|") if name]
            for row in rows:
                cells.named(row, known, authors.whom(reader.names, text))
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
    bare, when = cells.undated(names.replace(symbol[0], "").replace("()", "") if symbol else names)
    _said(f"{symbol[0] if symbol else ''} {names[len(bare) :] if when else ''}", rows)
    plain, behalf = "", ""
    for sign, inner in cells.segments(bare):
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
        cells.named(row, reader.names.several(parts[0]), authors.whom(reader.names, behalf) if behalf else [])
        if patterns.ALSO.search(text):
            row.ask(items.ALSO_FOR)


def _said(text: str, rows: list[Row]) -> None:
    """Read a date, a symbol, languages and annexes."""
    symbol, found = patterns.SYMBOL.search(text), dates.find(text)
    rest = dates.without(patterns.SYMBOL.sub(" ", text), " | ")
    for row in rows:
        row.symbol = row.symbol or (symbol[0] if symbol else "")
        if found:
            row.dated(found[0])
    if patterns.ANNEX.search(rest):
        rows[-1].attachments = str(cells.annexes(rest))
    for piece in re.split(r"[|,;/\t()]", rest):
        read = kinds.languages(piece) if piece.strip() else None
        for row in rows if read else ():
            row.speaks(*(read or ([], False)))
