"""Read a user's table: a workbook, or text whose encoding and delimiter (comma, semicolon, tab) are detected."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from oewg_kg.errors import OewgError, ParseError, UsageError

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
OTHER_FORMATS = {b"%PDF": "a PDF", b"\x1f\x8b": "a gzip file"}
DELIMITERS = ",;\t"
SEPARATOR = re.compile(r'"?sep=(.)"?[;,\t]*(\r\n|\n|\r)', re.IGNORECASE)
# The code pages in which spreadsheets write names in the languages of the United Nations, the most common first.
LATIN, CYRILLIC = ("cp1252", "mac_roman", "cp850", "cp1250"), ("cp1251", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5")
CODE_PAGES = (*LATIN, *CYRILLIC, "gb18030", "big5", "cp1256")
SAMPLE_SIZE, TITLE_LINES = 200_000, 20
QUOTE_ADVICE = "close it, or double it if it belongs to the text"
WeighName = Callable[[str], int]


@dataclass(frozen=True)
class Table:
    """Headings and rows of equal length, the position of the column asked for, notes; `marked`: output gets a byte-order mark.

    `lines` has for each row its number in the file, as a text editor or a spreadsheet shows it.
    """

    names: list[str]
    rows: list[list[object]]
    position: int
    marked: bool = False
    notes: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Write the cells of the column asked for as text."""
        return [cell_text(row[self.position]) for row in self.rows]


def read(content: bytes, file: str, column: str, weigh_name: WeighName = lambda text: 0, encoding: str = "") -> Table:
    """Read a table that has a column; `weigh_name` detects the encoding by the names in it. Raises ParseError with the line, UsageError."""
    if content.startswith(WORKBOOKS):
        return _workbook(content, file, column)
    for signature, format_name in OTHER_FORMATS.items():
        if content.startswith(signature):
            raise ParseError(f"this is {format_name}, not a table", file, "use a CSV file or a workbook")
    sure_encoding = encoding or _sure_encoding(content)
    used = sure_encoding or _likeliest_encoding(content, file, column, weigh_name)
    table = parse(_decode(content, used, file), file, column)
    if not sure_encoding:
        table.notes.insert(0, f"not UTF-8, so read as {used}; if characters look wrong, give --encoding")
    return replace(table, marked=codecs.lookup(used).name != "utf-8")


def _sure_encoding(content: bytes) -> str:
    """Name the encoding that a byte-order mark, the ends of lines or valid UTF-8 reveals; "" if nothing does."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return encoding
    for line_end, encoding in ((b"\n\x00", "utf-16-le"), (b"\x00\n", "utf-16-be")):
        if 2 * content.count(line_end) > content.count(b"\n"):
            return encoding
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # A few broken bytes in UTF-8 are damage, not a reason to read everything as another encoding.
    return "utf-8" if 2 * broken <= sum(not sign.isascii() for sign in text) - broken or not broken else ""


def _decode(content: bytes, encoding: str, file: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        advice = "use, for example, cp1251, gb18030 or macroman"
        raise UsageError(f"unknown encoding {encoding!r}", advice=advice) from error
    except UnicodeError as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise ParseError(f"this is not valid {encoding}", f"{file}:{line}", "correct it, or give --encoding") from error


def _likeliest_encoding(content: bytes, file: str, column: str, weigh_name: WeighName) -> str:
    """Choose the code page in which most names of the column are known; if none is, by the look of the text."""
    import charset_normalizer  # here: a server that reads no tables would hold its data in memory

    head = content[:SAMPLE_SIZE]
    sample = content if len(content) <= SAMPLE_SIZE else head.rpartition(b"\n")[0] or head
    detected = charset_normalizer.from_bytes(sample).best()
    guess = detected.encoding if detected else ""
    weights: dict[str, tuple[int, int]] = {}
    for page in filter(None, [*CODE_PAGES, guess]):
        try:
            text = _decode(sample, page, file)
            table = parse(text, file, column)
        except OewgError:
            continue
        cells = {str(row[table.position]) for row in table.rows}
        weights[page] = (sum(weigh_name(cell) for cell in cells if not cell.isascii()), -_odd_letters(text))
    best = max(weights, key=lambda page: weights[page], default=guess)
    if weights and not weights[best][0]:
        letter_count = sum(chr(byte).isalpha() or byte > 127 for byte in sample)
        other_script = sum(byte > 127 for byte in sample) > letter_count / 4
        latin = [page for page in LATIN if page in weights and not other_script]
        fallback = guess if guess in weights else best * (not column.isascii())
        best = max(latin, key=lambda page: weights[page], default=fallback)
    if not best:
        raise ParseError("the encoding cannot be detected", file, "give it with --encoding")
    return best


def _odd_letters(text: str) -> int:
    """Count what no Latin word contains: a capital inside or alone, a sign inside, a control character."""
    signs = zip(" " + text, text, text[1:] + " ", strict=False)
    return sum(
        (
            sign.isupper()
            and (
                before.islower() or (before.isalpha() and after.islower()) or not (before.isalnum() or after.isalnum())
            )
        )
        or (not sign.isalpha() and sign not in "’–" and (before + after).isalpha())
        or not (sign.isprintable() or sign.isspace())
        for before, sign, after in signs
        if not sign.isascii()
    )


def parse(text: str, file: str, column: str) -> Table:
    """Read the rows of a text, by the delimiter that makes the column a heading; lines above the headings are skipped."""
    declaration = SEPARATOR.match(text)
    lines = text[declaration.end() :] if declaration else text
    delimiters = declaration[1] if declaration else DELIMITERS
    divide = partial(_numbered_rows, lines, file, 2 if declaration else 1)
    widths = {delimiter: _heading_width(divide(delimiter), column) for delimiter in delimiters}
    delimiter = max(delimiters, key=lambda delimiter: widths[delimiter])
    rows = (row for row in divide(delimiter) if any(cell.strip() for cell in row[1]))
    if not widths[delimiter]:
        raise column_missing(column, [cells for _, cells in islice(rows, 1)], file)
    notes: list[str] = []
    headings: list[str] = []
    body_rows: list[list[object]] = []
    line_numbers: list[int] = []
    short: list[int] = []
    for line, cells in rows:
        if not headings:
            if find_column(cells, column) is None:
                notes.append(f"line {line} is above the headings and was skipped")
            else:
                headings = cells
            continue
        width = len(headings)
        if len(cells) > width and any(cells[width:]):
            raise ParseError(f"this row has {len(cells)} columns; expected {width}", f"{file}:{line}")
        short += [line] * (len(cells) < width)
        for cell in cells:
            if "\n" in cell and any(cell_line.count(delimiter) == width - 1 for cell_line in cell.split("\n")[1:]):
                question = "is its quotation mark closed?"
                notes.append(f"line {line} has a cell that seems to contain several rows: {question}")
        row: list[object] = [*cells, *[""] * width]
        body_rows.append(row[:width])
        line_numbers.append(line)
    if short:
        notes.append(f"rows with too few columns: {len(short)}, the first on line {short[0]}; the others are empty")
    return Table(headings, body_rows, find_column(headings, column) or 0, notes=notes, lines=line_numbers)


def _heading_width(rows: Iterable[tuple[int, list[str]]], column: str) -> int:
    """Count the cells of the line of headings; 0 if there is none."""
    try:
        return next((len(cells) for _, cells in islice(rows, TITLE_LINES) if find_column(cells, column) is not None), 0)
    except ParseError:
        return 0


def _numbered_rows(text: str, file: str, first_line: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Iterate over the rows, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + first_line
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ParseError("a quotation mark is not closed or not doubled", f"{file}:{line}", QUOTE_ADVICE) from error
        yield line, cells


def find_column(cells: Iterable[object], column: str) -> int | None:
    """Find a heading, ignoring case."""
    headings = [cell_text(cell).strip().casefold() for cell in cells]
    heading = column.strip().casefold()
    return headings.index(heading) if heading in headings else None


def column_missing(column: str, first_rows: list[list[str]], file: str) -> OewgError:
    """Make the error for a missing column."""
    if not first_rows:
        return ParseError("the table is empty", file, "add a line of headings")
    return UsageError(f"there is no column {column!r}", file, "its columns: " + ", ".join(first_rows[0]))


def _workbook(content: bytes, file: str, column: str) -> Table:
    """Read the first sheet of a workbook that has the column; python-calamine must be installed (the extra `xlsx`)."""
    try:
        import python_calamine
    except ImportError as error:
        problem = "this is a workbook (.xlsx, .ods or .xls), and reading it needs the Python package python-calamine"
        raise UsageError(problem, file, "run `pip install 'oewg-kg[xlsx]'`, or save it as CSV UTF-8") from error
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except python_calamine.CalamineError as error:
        raise ParseError("this workbook cannot be read", file, "save it as CSV UTF-8") from error
    for name, rows in zip(book.sheet_names, sheets, strict=True):
        for index, cells in enumerate(rows[:TITLE_LINES]):
            position = find_column(cells, column)
            if position is not None:
                lines = enumerate(rows[index + 1 :], index + 2)
                body = {line: list(map(_whole_number, row)) for line, row in lines if any(cell != "" for cell in row)}
                notes = [f"the workbook has {len(sheets)} sheets; {name!r} is used"] if len(sheets) > 1 else []
                headings = [cell_text(cell) for cell in cells]
                return Table(headings, list(body.values()), position, True, notes, list(body))
    raise column_missing(column, [[cell_text(cell) for cell in rows[0]] for rows in sheets if rows], file)


def _whole_number(cell: object) -> object:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def cell_text(cell: object) -> str:
    """Write a cell as text: days as ISO 8601, truth values as spreadsheets do."""
    return str(cell).upper() if isinstance(cell, bool) else str(cell)
