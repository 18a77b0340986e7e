"""Write Excel workbooks: typed cells, fixed headings, a sheet of notes."""

import io
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from oewg_kg.errors import UsageError

# Excel's limits: digits of a number, first month, characters of a cell, rows, characters of a sheet's name.
EXACT_INTEGER, FIRST_MONTH, LONGEST_CELL, MOST_ROWS, LONGEST_NAME = 2**53, (1900, 3), 32_767, 1_048_576, 31
WIDEST_COLUMN = 60
Sheet = tuple[Sequence[str], Sequence[Sequence[object]]]


def write(sheets: Mapping[str, Sheet], notes: Sequence[Sequence[str]]) -> bytes:
    """Write headings and rows as one sheet each, and the notes as a last one; XlsxWriter must be installed (the extra `xlsx`)."""
    try:
        import xlsxwriter
    except ImportError as error:
        what = "writing Excel files needs the Python package XlsxWriter"
        raise UsageError(what, advice="run `pip install 'oewg-kg[xlsx]'`") from error
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": datetime(1980, 1, 1, tzinfo=UTC)})
    heading_format, date_format = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    datetime_format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for sheet_name, (headings, rows) in [*sheets.items(), ("notes", (["note"], notes))]:
        if len(rows) >= MOST_ROWS:
            raise UsageError(f"{len(rows)} rows are too many for a spreadsheet", advice="use CSV")
        sheet = book.add_worksheet(sheet_name[:LONGEST_NAME])
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, headings, heading_format)
        for column in range(max(map(len, [headings, *rows]))):
            cells = [row[column] for row in rows if column < len(row)]
            longest = max(len(str(cell)) for cell in [*headings[column : column + 1], *cells])
            sheet.set_column(column, column, min(longest + 2, WIDEST_COLUMN))
            for number, cell in enumerate(cells, 1):
                _write_cell(sheet, number, column, cell, datetime_format if isinstance(cell, datetime) else date_format)
        if rows and sheet_name != "notes":
            sheet.autofilter(0, 0, len(rows), len(headings) - 1)
    book.close()
    return buffer.getvalue()


def _write_cell(sheet: Any, row: int, column: int, cell: object, date_format: Any) -> None:
    """Write one cell by its type; values that Excel would round, reject, or read as a formula or link are written as text."""
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float) and math.isfinite(cell) and abs(cell) <= EXACT_INTEGER:
        sheet.write_number(row, column, cell)
    elif isinstance(cell, date) and (cell.year, cell.month) >= FIRST_MONTH and not getattr(cell, "tzinfo", None):
        sheet.write_datetime(row, column, cell, date_format)
    elif cell is not None and cell != "":
        text = str(cell)
        sheet.write_string(row, column, text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…")
