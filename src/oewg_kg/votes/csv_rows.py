"""Read the rows of a large CSV file, plain or gzipped, with their line numbers."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from oewg_kg.errors import ParseError, from_os_error

LONGEST = 1 << 20
OFTEN = 50_000
ADVICE = "nothing was imported; use the file as published"
Advance = Callable[[int, int], None]


def read(path: Path, columns: Sequence[str], advance: Advance) -> Iterator[tuple[str, list[str]]]:
    """Iterate over the rows as `file:line` and the cells of these columns; raises ParseError for a damaged row or header, StorageError."""
    line = 1
    try:
        with path.open("rb") as raw:
            size, packed = path.stat().st_size, raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            rows = csv.reader(_lines(gzip.GzipFile(fileobj=raw) if packed else raw), strict=True)
            heading = next(rows, [])
            missing = [column for column in columns if column not in heading]
            if missing:
                raise ParseError(f"missing columns: {', '.join(missing)}", f"{path.name}:1:1", ADVICE)
            places = [heading.index(column) for column in columns]
            line = rows.line_num + 1
            for number, cells in enumerate(rows):
                if len(cells) not in (0, len(heading)):
                    raise ParseError(f"expected {len(heading)} columns", f"{path.name}:{line}", ADVICE)
                if cells:
                    yield f"{path.name}:{line}", [cells[at] for at in places]
                if number % OFTEN == 0:
                    advance(raw.tell(), size)
                line = rows.line_num + 1
    except UnicodeDecodeError as error:
        raise ParseError("the file is not UTF-8 text", f"{path.name}:{line}", ADVICE) from error
    except csv.Error as error:
        what = f"a quotation mark is not closed or not doubled ({error})"
        raise ParseError(what, f"{path.name}:{line}", ADVICE) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        what = f"the gzip file is cut short or damaged after this line ({error})"
        raise ParseError(what, f"{path.name}:{line}", "download it again") from error
    except OSError as error:
        raise from_os_error(error, f"reading {path.name}") from error


def _lines(stream: IO[bytes] | gzip.GzipFile) -> Iterator[str]:
    """Decode line by line, so that errors name the right line; a line longer than 1 MiB comes in parts, which are not valid rows."""
    yield stream.readline(LONGEST).decode("utf-8-sig")
    while line := stream.readline(LONGEST):
        yield line.decode()
