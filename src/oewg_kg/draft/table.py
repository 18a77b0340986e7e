"""The table of proposals for a page: its rows and columns, reading and writing it (CSV, workbook), and the headings above a row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from oewg_kg import tables
from oewg_kg.draft import dates
from oewg_kg.draft.dates import PrintedDate
from oewg_kg.errors import ParseError, UsageError
from oewg_kg.paths import read_bytes
from oewg_kg.reconcile import spreadsheet


@dataclass
class Row:
    """One proposal: a heading, an item, or a line that states nothing of its own; the columns are those of docs/draft.md."""

    line: int = 0
    item: int = 0
    heading_line: str = ""
    printed: str = ""
    actors: str = ""
    in_the_name_of: str = ""
    kind: str = ""
    target: str = ""
    date: str = ""
    date_latest: str = ""
    languages: str = ""
    label_in_source: str = ""
    attachments: str = ""
    status: str = ""
    check: str = ""
    note: str = ""
    symbol: str = ""
    score: str = ""
    why: str = ""
    rivals: str = ""
    list: str = ""
    process: str = ""
    default_kind: str = ""
    listed_as: str = ""
    accept: str = ""
    source: str = ""
    words: str = ""

    def ask(self, reason: str) -> None:
        """Mark the row for a person to decide, with the reason."""
        self.check = "yes"
        if reason and reason not in self.note:
            self.note = f"{self.note}; {reason}" if self.note else reason

    def dated(self, when: PrintedDate | None, event: bool = False) -> None:
        """Write a date, and ask if it is open."""
        self.date, self.date_latest = dates.cells(when, event)
        if when and when.open:
            self.ask(when.open)

    def speaks(self, tags: Sequence[str]) -> None:
        """Add languages, and ask if the line names any but the six (the tag "")."""
        self.languages = " ".join(dict.fromkeys([*self.languages.split(), *filter(None, tags)]))
        if "" in tags:
            self.ask("not one of the six UN languages")

    def attach(self, number: int) -> None:
        """Add annexes."""
        self.attachments = str(int(self.attachments or 0) + number)


COLUMNS = [field.name for field in fields(Row)]
COMPARED = [*COLUMNS[2 : COLUMNS.index("check")], "symbol"]


def headings_above(headings: Mapping[int, Row], row: Row) -> list[Row]:
    """List the headings above a row, the nearest first; `heading_line` must lead upwards."""
    chain: list[Row] = []
    while row.heading_line.isdecimal() and int(row.heading_line) < row.line and int(row.heading_line) in headings:
        row = headings[int(row.heading_line)]
        chain.append(row)
    return chain


def cells(rows: Iterable[Row]) -> list[list[str]]:
    """Write rows as cells of text."""
    return [[str(getattr(row, column)) for column in COLUMNS] for row in rows]


def write(rows: Sequence[Row], file: str | None) -> str | bytes:
    """Write a table as CSV, or as a workbook if the file is named so."""
    if file and file.lower().endswith(".xlsx"):
        from oewg_kg.export import workbooks

        notes = [["Fill in the headings, or write yes in the column accept; rows with yes in check need a decision."]]
        return workbooks.write({"draft": (COLUMNS, cells(rows))}, notes)
    return tables.write_csv(COLUMNS, cells(rows))


def read(path: Path) -> list[Row]:
    """Read a table back, from CSV or a workbook; raises ParseError with the row for any other table."""
    sheet = spreadsheet.read(read_bytes(path, "the table"), str(path), "line")
    columns = [str(column).strip().casefold().replace(" ", "_") for column in sheet.names]
    if "item" not in columns:
        raise UsageError("the table has no column 'item'", str(path), "give a table that `oewg draft` wrote")
    rows, seen = [], set()
    for number, cells in enumerate(sheet.rows, 2):
        row_cells = dict(zip(columns, (spreadsheet.cell_text(cell).strip() for cell in cells), strict=False))
        line, item = row_cells.pop("line", ""), row_cells.pop("item", "") or "0"
        position = f"{path}:{number}"
        if not (line.isdecimal() and item.isdecimal()):
            raise ParseError(f"the line ({line!r}) or the item ({item!r}) is not a number", position, "use integers")
        row = Row(int(line), int(item), **{column: text for column, text in row_cells.items() if column in COLUMNS})
        if (row.line, row.item) in seen:
            raise ParseError(f"line {line}, item {item} appears in two rows", position, "delete one of them")
        seen.add((row.line, row.item))
        rows.append(row)
    return rows
