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
    parts = page.divide(lines)
    proposed = headings.heading_rows(parts, _texts_named(parts))
    return _add_words([row for _, row in sorted(proposed.items())], lines)


def rows(lines: list[str], store: ox.Store, completed: Iterable[Row] = ()) -> list[Row]:
    """Propose all rows of a page, with the headings as given, else as guessed."""
    parts = page.divide(lines)
    texts = _texts_named(parts)
    heading_by_line = headings.heading_rows(parts, texts)
    if completed_rows := list(completed):
        _check_headings(completed_rows, lines)
        heading_by_line = headings.completed(heading_by_line, completed_rows)
    _add_words(list(heading_by_line.values()), lines)
    reader = Reader(actors.actor_names(store), texts, headings.horizon(parts))
    proposed: list[Row] = []
    heading_line = 0
    for part in parts:
        if heading := heading_by_line.get(part.number):
            proposed += _heading_rows(reader, part, heading)
            heading_line = part.number if headings.governs(part, heading) else heading_line
        else:
            rows_below = _rows_below(reader, part, headings.heading_above(heading_by_line, heading_line))
            proposed += [replace(row, heading_line=str(heading_line or "")) for row in rows_below]
        proposed += [Row(line, 0, kind="none", status="continues", target=f"L{part.number}") for line in part.more]
    return _add_words(sorted(proposed, key=lambda row: (row.line, row.item)), lines)


def _check_headings(completed: list[Row], lines: list[str]) -> None:
    """Raise UsageError for headings of another page."""
    page_words = {number: " ".join(line.split()) for number, line in enumerate(lines, 1)}
    for row in completed:
        if row.line not in page_words or row.words not in ("", HIDDEN, page_words[row.line]):
            advice = "give the headings of this page, or run `oewg draft PAGE.txt` again"
            difference = f"line {row.line} of the page is not {row.words[:60]!r}"
            raise UsageError(f"these are the headings of another page: {difference}", advice=advice)


def _texts_named(parts: list[Part]) -> Texts:
    """Gather the documents that a page names outside lists of contributions."""
    texts = Texts()
    in_list = under_documents = False
    for part in parts:
        if part.role in ("list", "event", "day", "process"):
            in_list = part.role == "list" and bool(headings.entry_kind(part.text))
            under_documents = bool(patterns.DOCUMENTS.search(part.text))
            continue
        has_author = any(page.names_author(cell) and not patterns.OURS.search(cell) for cell in part.cells)
        if part.role in ("item", "document") and not (in_list and part.role == "item") and not has_author:
            for title in patterns.AGAIN.split(part.text):
                if kinds.document(title) or under_documents:
                    title_words = "".join(inner for sign, inner in kinds.segments(title) if not sign)
                    texts.add(f"L{part.number}", dates.undated(title_words.strip(" -–,"))[0].strip(" ,:"))
    return texts


def _heading_rows(reader: Reader, part: Part, row: Row) -> list[Row]:
    """Complete the row of a heading: all that its words say about a document, or the hosts of a side event."""
    if part.role == "document" and row.kind not in ("list", "day", "process"):
        document_rows = documents.document_rows(reader, part.number, part.text, Under())
        for document_row in document_rows:
            document_row.heading_line = row.heading_line
        document_rows[0].kind = row.kind
        return document_rows
    if row.kind == "side-event":
        documents.fill_hosts(reader, row, part.text)
    return [row]


def _rows_below(reader: Reader, part: Part, under: Under) -> list[Row]:
    """Read a line that is not a heading."""
    if part.role in ("note", "navigation"):
        return [Row(part.number, 0, kind="none", status="boilerplate" if part.role == "note" else "navigation")]
    if part.role == "prose":
        return documents.prose_rows(reader, part)
    if part.role == "registration":
        return documents.registration_rows(part, under.event)
    if event_rows := documents.event_rows(reader, part.number, part.text, under):
        return event_rows
    if part.cells:
        return documents.attributed_rows(reader, part, under)
    if under.contributions or documents.has_actor(reader, part.text) or documents.has_author(reader, part.text):
        return reader.entry_rows(part.number, part.text, under)
    return documents.document_rows(reader, part.number, part.text, under)


def _add_words(rows: list[Row], lines: list[str]) -> list[Row]:
    """Add the words of its line to each row, except for a line with contact details."""
    private_lines = page.private_lines(lines)
    for row in rows:
        text = " ".join(lines[row.line - 1].split()) if 0 < row.line <= len(lines) else ""
        if any(cell.startswith("?") for cell in (row.actors, row.in_the_name_of, row.kind, row.target, row.date)):
            row.ask("entries that begin with a question mark are still open")
        row.words = HIDDEN if row.line in private_lines else text
    return rows
