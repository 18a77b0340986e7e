"""A table flattened to text: a title, and below it lines that tell who submitted it, when, in which languages, with which symbol.

Not for lists with marks: `items` reads those.
"""

import re

from oewg_kg.draft import cells, dates, documents, items, kinds, page
from oewg_kg.draft.headings import Under
from oewg_kg.draft.items import Reader
from oewg_kg.draft.page import SYMBOL, Part
from oewg_kg.draft.table import Row

PIECES = re.compile(r"\s*(?:\t|\||;|\s[-–—]\s)\s*")


def attributed(reader: Reader, part: Part, under: Under) -> list[Row]:
    """Read a title of a flattened table with the lines below it: who submitted it, when, in which languages, with which symbol."""
    authors = [cell for cell in part.cells if (said := page.ATTRIBUTE.match(cell)) and said["by"]]
    ours = any(re.search(r"\b(?:chair|secretariat)\b", cell, re.IGNORECASE) for cell in authors)
    if under.contributions or (authors and not ours):
        rows = reader.by_title(part.number, part.text, under)
    else:
        rows = documents.document(reader, part.number, part.text, under)
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
    bare, when = cells.undated(bare) if not dates.alone(bare) else ("", dates.alone(bare))
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
        rows[-1].attachments = (
            counted[0] if counted else str(max(1, len(re.split(r",|;|\band\b", bare)) if bare else 1))
        )
    elif re.match("on behalf of", cell, re.IGNORECASE) and bare:
        for row in rows:
            known = [reader.names.one(name) for name in row.printed.split("|") if name]
            cells.named(row, known, reader.names.several(re.sub("^on behalf of ", "", bare, flags=re.I)))
    elif by and bare:
        names, _, whom = bare.partition(" on behalf of ")
        names, bracketed = _brackets(names)
        given = reader.names.several(names.rstrip(" ,"))
        for row in rows:
            cells.named(row, given, reader.names.several(whom or bracketed) if whom or bracketed else [])


def _brackets(text: str) -> tuple[str, str]:
    found = re.search(r"\((?:also )?(?:on behalf of|for) ([^)]*)\)", text)
    return (text.replace(found[0], ""), found[1]) if found else (text, "")
