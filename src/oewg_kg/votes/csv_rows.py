"""Read the published votes row by row: a large CSV file, plain or gzipped, each row with its line number."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from oewg_kg.errors import ParseError, from_os_error

LONGEST_LINE = 1 << 20
ROWS_PER_REPORT = 50_000
ADVICE = "nothing was imported; use the file as published"
Advance = Callable[[int, int], None]


def read(path: Path, columns: Sequence[str], advance: Advance) -> Iterator[tuple[str, list[str]]]:
    """Iterate over the rows as `file:line` and the cells of these columns; raises ParseError for a damaged row or header, StorageError."""
    line = 1
    try:
        with path.open("rb") as file:
            size, is_gzip = path.stat().st_size, file.read(2) == b"\x1f\x8b"
            file.seek(0)
            reader = csv.reader(_decoded_lines(gzip.GzipFile(fileobj=file) if is_gzip else file), strict=True)
            heading = next(reader, [])
            missing = [column for column in columns if column not in heading]
            if missing:
                raise ParseError(f"missing columns: {', '.join(missing)}", f"{path.name}:1:1", ADVICE)
            positions = [heading.index(column) for column in columns]
            line = reader.line_num + 1
            for row_number, cells in enumerate(reader):
                if len(cells) not in (0, len(heading)):
                    raise ParseError(f"expected {len(heading)} columns", f"{path.name}:{line}", ADVICE)
                if cells:
                    yield f"{path.name}:{line}", [cells[position] for position in positions]
                if row_number % ROWS_PER_REPORT == 0:
                    advance(file.tell(), size)
                line = reader.line_num + 1
    except UnicodeDecodeError as error:
        raise ParseError("the file is not UTF-8 text", f"{path.name}:{line}", ADVICE) from error
    except csv.Error as error:
        problem = f"a quotation mark is not closed or not doubled ({error})"
        raise ParseError(problem, f"{path.name}:{line}", ADVICE) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        problem = f"the gzip file is cut short or damaged after this line ({error})"
        raise ParseError(problem, f"{path.name}:{line}", "download it again") from error
    except OSError as error:
        raise from_os_error(error, f"reading {path.name}") from error


def _decoded_lines(stream: IO[bytes] | gzip.GzipFile) -> Iterator[str]:
    """Decode line by line, so that errors name the right line; a line longer than 1 MiB comes in parts, which are not valid rows."""
    yield stream.readline(LONGEST_LINE).decode("utf-8-sig")
    while line := stream.readline(LONGEST_LINE):
        yield line.decode()
