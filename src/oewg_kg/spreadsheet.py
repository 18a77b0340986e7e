"""A table as a spreadsheet writes it: any of its encodings, with commas, semicolons or tabs.

Not for files too large for memory: `rows` reads those.
"""

import csv
import io
from dataclasses import dataclass

from oewg_kg.errors import ParseError, UsageError

MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Table:
    """Headings and rows of cells, each row as long as the headings."""

    names: list[str]
    rows: list[list[str]]

    def column(self, name: str) -> int:
        """Find a column by its heading, in any case; raises UsageError with the headings there are."""
        for place, known in enumerate(self.names):
            if known.strip().casefold() == name.strip().casefold():
                return place
        raise UsageError(f"no column {name!r}", advice="the columns: " + ", ".join(self.names))


def read(content: bytes, file: str) -> Table:
    """Read a table; raises ParseError with the line for a row that is longer than the headings, or a table without any."""
    text = decode(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda sign: (outside_quotes(first).count(sign), sign == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names: list[str] = []
    rows = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = cells
                continue
            if len(cells) > len(names) and any(cells[len(names) :]):
                raise ParseError(f"{len(cells)} columns instead of {len(names)}", f"{file}:{reader.line_num}")
            rows.append((cells + [""] * len(names))[: len(names)])
    except csv.Error as error:
        raise ParseError(str(error), f"{file}:{reader.line_num}") from error
    if not names:
        raise ParseError("an empty table", file, "give a table with a line of headings")
    return Table(names, rows)


def decode(content: bytes) -> str:
    """Decode by the byte-order mark; without one as UTF-8, UTF-16 without a mark, else as Windows-1252."""
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\x00" in content[:200]:
        return content.decode("utf-16-le" if content[1:2] == b"\x00" else "utf-16-be", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def outside_quotes(line: str) -> str:
    """Leave out what stands in quotation marks."""
    return "".join(line.split('"')[::2])
