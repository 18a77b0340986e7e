"""Propose rows for the text of a page: first its headings, then everything below them."""

from collections.abc import Iterable
from dataclasses import replace

import pyoxigraph as ox

from oewg_kg.draft import actors, dates, documents, headings, kinds, page, patterns
from oewg_kg.draft.headings import Under
from oewg_kg.draft.items import Reader
from oewg_kg.draft.page import Part
from oewg_kg.draft.table import Row
from oewg_kg.draft.targets import Texts
from oewg_kg.errors import UsageError

HIDDEN = "(not shown: it holds contact details)"


def headings_of(lines: list[str]) -> list[Row]:
    """Propose the rows of a page's headings, for a person to fill in."""
    parts = page.parts(lines)
    found = headings.rows(parts, _texts(parts))
    return _worded([row for _, row in sorted(found.items())], lines)


def rows(lines: list[str], store: ox.Store, given: Iterable[Row] = ()) -> list[Row]:
    """Propose all rows of a page, with the headings as given, else as guessed."""
    parts = page.parts(lines)
    texts = _texts(parts)
    found = headings.rows(parts, texts)
    if filled := list(given):
        _check(filled, lines)
        found = headings.filled(found, filled)
    _worded(list(found.values()), lines)
    reader = Reader(actors.names(store), texts, headings.horizon(parts))
    made: list[Row] = []
    above = 0
    for part in parts:
        if heading := found.get(part.number):
            made += _heading(reader, part, heading)
            above = part.number if headings.governs(part, heading) else above
        else:
            below = _below(reader, part, headings.under(found, above))
            made += [replace(row, heading_line=str(above or "")) for row in below]
        made += [Row(line, 0, kind="none", status="continues", target=f"L{part.number}") for line in part.more]
    return _worded(sorted(made, key=lambda row: (row.line, row.item)), lines)


def _check(given: list[Row], lines: list[str]) -> None:
    """Raise UsageError for headings of another page."""
    shown = {number: " ".join(line.split()) for number, line in enumerate(lines, 1)}
    for row in given:
        if row.line not in shown or row.words not in ("", HIDDEN, shown[row.line]):
            what = f"line {row.line} of the page is not {row.words[:60]!r}"
            advice = "give the headings of this page, or run `oewg draft PAGE.txt` again"
            raise UsageError(f"these are the headings of another page: {what}", advice=advice)


def _texts(parts: list[Part]) -> Texts:
    """Gather the documents that a page names outside lists of contributions."""
    texts = Texts()
    listed = documented = False
    for part in parts:
        if part.role in ("list", "event", "day", "process"):
            listed = part.role == "list" and bool(headings.gives(part.text))
            documented = bool(patterns.DOCUMENTS.search(part.text))
            continue
        given = any(page.by(cell) and not patterns.OURS.search(cell) for cell in part.cells)
        if part.role in ("item", "document") and not (listed and part.role == "item") and not given:
            for title in patterns.AGAIN.split(part.text):
                if kinds.document(title) or documented:
                    bare = "".join(inner for sign, inner in kinds.segments(title) if not sign)
                    texts.add(f"L{part.number}", dates.undated(bare.strip(" -–,"))[0].strip(" ,:"))
    return texts


def _heading(reader: Reader, part: Part, row: Row) -> list[Row]:
    """Complete the row of a heading: all that its words say about a document, or the hosts of a side event."""
    if part.role == "document" and row.kind not in ("list", "day", "process"):
        made = documents.document(reader, part.number, part.text, Under())
        for one in made:
            one.heading_line = row.heading_line
        made[0].kind = row.kind
        return made
    if row.kind == "side-event":
        documents.hosted(reader, row, part.text)
    return [row]


def _below(reader: Reader, part: Part, under: Under) -> list[Row]:
    """Read a line that is not a heading."""
    if part.role in ("note", "navigation"):
        return [Row(part.number, 0, kind="none", status="boilerplate" if part.role == "note" else "navigation")]
    if part.role == "prose":
        return documents.prose(reader, part)
    if part.role == "registration":
        return documents.registration(part, under.event)
    if found := documents.event(reader, part.number, part.text, under):
        return found
    if part.cells:
        return documents.attributed(reader, part, under)
    if under.contributions or documents.of_actor(reader, part.text) or documents.given(reader, part.text):
        return reader.entry(part.number, part.text, under)
    return documents.document(reader, part.number, part.text, under)


def _worded(made: list[Row], lines: list[str]) -> list[Row]:
    """Add the words of its line to each row, except for a line with contact details."""
    private = page.private(lines)
    for row in made:
        text = " ".join(lines[row.line - 1].split()) if 0 < row.line <= len(lines) else ""
        if any(cell.startswith("?") for cell in (row.actors, row.in_the_name_of, row.kind, row.target, row.date)):
            row.ask("entries that begin with a question mark are still open")
        row.words = HIDDEN if row.line in private else text
    return made
