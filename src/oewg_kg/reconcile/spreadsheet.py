"""Read a user's table: a workbook, or text whose encoding and delimiter (comma, semicolon, tab) are detected."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from oewg_kg.errors import OewgError, ParseError, UsageError

MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
OTHERS = {b"%PDF": "a PDF", b"\x1f\x8b": "a gzip file"}
DELIMITERS = ",;\t"
SEPARATOR = re.compile(r'"?sep=(.)"?[;,\t]*(\r\n|\n|\r)', re.IGNORECASE)
# The code pages in which spreadsheets write names in the languages of the United Nations, the most common first.
LATIN, CYRILLIC = ("cp1252", "mac_roman", "cp850", "cp1250"), ("cp1251", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5")
PAGES = (*LATIN, *CYRILLIC, "gb18030", "big5", "cp1256")
LOOKED_AT, TITLES = 200_000, 20
MEND = "close it, or double it if it belongs to the text"
Known = Callable[[str], int]


@dataclass(frozen=True)
class Table:
    """Headings and rows of equal length, the place of the column asked for, notes; `marked`: output gets a byte-order mark.

    `lines` has for each row its number in the file, as a text editor or a spreadsheet shows it.
    """

    names: list[str]
    rows: list[list[object]]
    place: int
    marked: bool = False
    notes: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Write the cells of the column asked for as text."""
        return [shown(row[self.place]) for row in self.rows]


def read(content: bytes, file: str, column: str, known: Known = lambda text: 0, encoding: str = "") -> Table:
    """Read a table that has a column; `known` weighs cells to detect the encoding; raises ParseError with the line, UsageError."""
    if content.startswith(WORKBOOKS):
        return _workbook(content, file, column)
    for start, what in OTHERS.items():
        if content.startswith(start):
            raise ParseError(f"this is {what}, not a table", file, "use a CSV file or a workbook")
    sure = encoding or _sure(content)
    encoding_used = sure or _likeliest(content, file, column, known)
    table = parse(_decoded(content, encoding_used, file), file, column)
    if not sure:
        table.notes.insert(0, f"not UTF-8, so read as {encoding_used}; if characters look wrong, give --encoding")
    return replace(table, marked=codecs.lookup(encoding_used).name != "utf-8")


def _sure(content: bytes) -> str:
    """Name the encoding that a byte-order mark, the ends of lines or valid UTF-8 reveals; None if nothing does."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return encoding
    for end, encoding in ((b"\n\x00", "utf-16-le"), (b"\x00\n", "utf-16-be")):
        if 2 * content.count(end) > content.count(b"\n"):
            return encoding
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    # A few broken bytes in UTF-8 are damage, not a reason to read everything as another encoding.
    return "utf-8" if 2 * bad <= sum(not sign.isascii() for sign in text) - bad or not bad else ""


def _decoded(content: bytes, encoding: str, file: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise UsageError(
            f"unknown encoding {encoding!r}", advice="use, for example, cp1251, gb18030 or macroman"
        ) from error
    except UnicodeError as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise ParseError(f"this is not valid {encoding}", f"{file}:{line}", "correct it, or give --encoding") from error


def _likeliest(content: bytes, file: str, column: str, known: Known) -> str:
    """Choose the code page in which most names of the column are known; if none is, by the look of the text."""
    import charset_normalizer  # here: a server that reads no tables would hold its data in memory

    sample = content if len(content) <= LOOKED_AT else content[:LOOKED_AT].rpartition(b"\n")[0] or content[:LOOKED_AT]
    looks = charset_normalizer.from_bytes(sample).best()
    guess = looks.encoding if looks else ""
    weights: dict[str, tuple[int, int]] = {}
    for page in filter(None, [*PAGES, guess]):
        try:
            text = _decoded(sample, page, file)
            table = parse(text, file, column)
        except OewgError:
            continue
        cells = {str(row[table.place]) for row in table.rows}
        weights[page] = (sum(known(cell) for cell in cells if not cell.isascii()), -_odd(text))
    best = max(weights, key=lambda page: weights[page], default=guess)
    if weights and not weights[best][0]:
        letters = sum(chr(byte).isalpha() or byte > 127 for byte in sample)
        other_script = sum(byte > 127 for byte in sample) > letters / 4
        latin = [page for page in LATIN if page in weights and not other_script]
        best = max(
            latin, key=lambda page: weights[page], default=guess if guess in weights else best * (not column.isascii())
        )
    if not best:
        raise ParseError("the encoding cannot be detected", file, "give it with --encoding")
    return best


def _odd(text: str) -> int:
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
    declared = SEPARATOR.match(text)
    above = 1 if declared else 0
    lines = text[declared.end() :] if declared else text
    signs = declared[1] if declared else DELIMITERS
    widths = {sign: _width(_rows(lines, sign, file, above), column) for sign in signs}
    sign = max(signs, key=lambda sign: widths[sign])
    rows = (row for row in _rows(lines, sign, file, above) if any(cell.strip() for cell in row[1]))
    if not widths[sign]:
        raise missing(column, [cells for _, cells in islice(rows, 1)], file)
    notes: list[str] = []
    names: list[str] = []
    body: list[list[object]] = []
    numbers: list[int] = []
    short: list[int] = []
    for line, cells in rows:
        if not names:
            if found(cells, column) is None:
                notes.append(f"line {line} is above the headings and was skipped")
            else:
                names = cells
            continue
        if len(cells) > len(names) and any(cells[len(names) :]):
            raise ParseError(f"the number of columns is {len(cells)}, not {len(names)}", f"{file}:{line}")
        short += [line] * (len(cells) < len(names))
        for cell in cells:
            if "\n" in cell and any(part.count(sign) == len(names) - 1 for part in cell.split("\n")[1:]):
                notes.append(
                    f"line {line} has a cell that seems to contain several rows: is its quotation mark closed?"
                )
        row: list[object] = [*cells, *[""] * len(names)]
        body.append(row[: len(names)])
        numbers.append(line)
    if short:
        notes.append(f"rows with too few columns: {len(short)}, the first on line {short[0]}; the others are empty")
    return Table(names, body, found(names, column) or 0, notes=notes, lines=numbers)


def _width(rows: Iterable[tuple[int, list[str]]], column: str) -> int:
    """Count the cells of the line of headings; 0 if there is none."""
    try:
        return next((len(cells) for _, cells in islice(rows, TITLES) if found(cells, column) is not None), 0)
    except ParseError:
        return 0


def _rows(text: str, sign: str, file: str, above: int) -> Iterator[tuple[int, list[str]]]:
    """Iterate over the rows, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    while True:
        line = reader.line_num + 1 + above
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ParseError("a quotation mark is not closed or not doubled", f"{file}:{line}", MEND) from error
        yield line, cells


def found(cells: Iterable[object], column: str) -> int | None:
    """Find a heading, ignoring case."""
    headings = [shown(cell).strip().casefold() for cell in cells]
    wanted = column.strip().casefold()
    return headings.index(wanted) if wanted in headings else None


def missing(column: str, first: list[list[str]], file: str) -> OewgError:
    """Make the error for a missing column."""
    if not first:
        return ParseError("the table is empty", file, "add a line of headings")
    return UsageError(f"there is no column {column!r}", file, "its columns: " + ", ".join(first[0]))


def _workbook(content: bytes, file: str, column: str) -> Table:
    """Read the first sheet of a workbook that has the column; python-calamine must be installed (the extra `xlsx`)."""
    try:
        import python_calamine
    except ImportError as error:
        what = "this is a workbook (.xlsx, .ods or .xls), and reading it needs the Python package python-calamine"
        raise UsageError(what, file, "run `pip install 'oewg-kg[xlsx]'`, or save it as CSV UTF-8") from error
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    except python_calamine.CalamineError as error:
        raise ParseError("this workbook cannot be read", file, "save it as CSV UTF-8") from error
    for name, rows in zip(book.sheet_names, sheets, strict=True):
        for at, cells in enumerate(rows[:TITLES]):
            position = found(cells, column)
            if position is not None:
                below = [(n, row) for n, row in enumerate(rows[at + 1 :], at + 2) if any(cell != "" for cell in row)]
                body: list[list[object]] = [list(map(_whole, row)) for _, row in below]
                notes = [f"the workbook has {len(sheets)} sheets; {name!r} is used"] if len(sheets) > 1 else []
                return Table([shown(cell) for cell in cells], body, position, True, notes, [n for n, _ in below])
    raise missing(column, [[shown(cell) for cell in rows[0]] for rows in sheets if rows], file)


def _whole(cell: object) -> object:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def shown(cell: object) -> str:
    """Write a cell as text: days as ISO 8601, truth values as spreadsheets do."""
    return str(cell).upper() if isinstance(cell, bool) else str(cell)
