"""Read the rows of a large CSV file, plain or gzipped, with their line numbers; report damaged rows."""

import csv
import gzip
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from oewg_kg.errors import ParseError, from_os_error

LONGEST = 1 << 20
MOST_LINES = 50
OFTEN = 50_000
Refuse = Callable[[str, str], None]
Advance = Callable[[int, int], None]


def read(path: Path, columns: Sequence[str], refuse: Refuse, advance: Advance) -> Iterator[tuple[str, list[str]]]:
    """Iterate over the rows as `file:line` and the cells of the columns wanted, in that order, and ignore the others.

    `refuse` hears of each damaged row (place, reason), `advance` of bytes read and bytes in all.
    Raises ParseError for a header that lacks a column or a gzip file that is cut short, StorageError.
    """
    number = 0
    try:
        with path.open("rb") as raw:
            size, packed = path.stat().st_size, raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            lines = decoded(gzip.GzipFile(fileobj=raw) if packed else raw, path.name, refuse)
            places, width = header(lines, path.name, columns)
            for number, cells in split(lines, path.name, refuse):
                if len(cells) == width:
                    yield f"{path.name}:{number}", [cells[place] for place in places]
                else:
                    refuse(f"{path.name}:{number}", f"{len(cells)} columns instead of {width}")
                if number % OFTEN == 0:
                    advance(raw.tell(), size)
            advance(size, size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ParseError(
            f"the gzip file is cut short or damaged after this line ({error})",
            f"{path.name}:{number}",
            "download it again",
        ) from error
    except OSError as error:
        raise from_os_error(error, f"reading {path.name}") from error


def decoded(stream: IO[bytes] | gzip.GzipFile, name: str, refuse: Refuse) -> Iterator[tuple[int, str]]:
    """Iterate over numbered lines without their ends; a line that is not UTF-8 or too long is refused."""
    number = 0
    while line := stream.readline(LONGEST):
        number += 1
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            refuse(f"{name}:{number}", "not UTF-8")
            continue
        if len(line) == LONGEST:
            refuse(f"{name}:{number}", "a line of more than 1 MiB")
        elif text:
            yield number, text


def header(lines: Iterator[tuple[int, str]], name: str, columns: Sequence[str]) -> tuple[list[int], int]:
    """Find the columns wanted in the first line; return their places and how many columns there are."""
    try:
        found = next(csv.reader([next(lines, (1, ""))[1]]), [])
    except csv.Error as error:
        raise ParseError(f"no row of column names: {error}", f"{name}:1:1", "use the file as published") from error
    missing = [column for column in columns if column not in found]
    if missing:
        raise ParseError(f"missing column {', '.join(missing)}", f"{name}:1:1", "use the file as published")
    return [found.index(column) for column in columns], len(found)


def split(lines: Iterator[tuple[int, str]], name: str, refuse: Refuse) -> Iterator[tuple[int, list[str]]]:
    """Split lines into cells; a quoted cell may run over lines, but one that never ends spoils only the line it begins on."""
    waiting: deque[tuple[int, str]] = deque()
    while (item := waiting.popleft() if waiting else next(lines, None)) is not None:
        number, text = item
        if '"' not in text:
            yield number, text.split(",")
            continue
        taken: list[tuple[int, str]] = []
        whole = text
        while whole.count('"') % 2 and len(taken) < MOST_LINES:
            following = waiting.popleft() if waiting else next(lines, None)
            if following is None:
                break
            taken.append(following)
            whole += "\n" + following[1]
        if whole.count('"') % 2:
            waiting.extendleft(reversed(taken))
            refuse(f"{name}:{number}", "a quotation mark that is not closed")
            continue
        try:
            yield number, next(csv.reader([whole], strict=True))
        except csv.Error as error:
            refuse(f"{name}:{number}", str(error))
