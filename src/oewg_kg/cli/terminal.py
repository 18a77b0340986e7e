"""Draw tables that fit the width of a terminal, with repeated cells left blank and without control characters."""

import io
import re
import sys
from collections.abc import Sequence
from typing import TextIO

CLEAR = "\r\x1b[K"  # to the start of the line, and all after it erased
NEVER_WRAPPED, NARROWEST = 40, 12
# Control characters of a terminal (C0, C1) and of text direction (Unicode, Bidi_Control), except line ends and what makes
# the headings of our tables bold.
ACTING = re.compile(r"(?!\x1b\[[01]m|\r\n)[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def attached(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; Python has None for one that was closed before it started."""
    return stream is not None and stream.isatty()


def clear() -> None:
    """Erase the step that is shown on a terminal."""
    if attached(sys.stderr):
        sys.stderr.write(CLEAR)
        sys.stderr.flush()


def visible(text: str) -> str:
    """Replace control characters by their hexadecimal numbers."""
    return ACTING.sub(lambda sign: ascii(sign[0])[1:-1], text)


def table(names: Sequence[str], cells: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Draw a table, `width` columns wide or as the terminal; a first cell that repeats the one above is left blank."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(show_edge=False, header_style="bold", pad_edge=False)
    for at, name in enumerate(names):
        longest = max((len(row[at]) for row in cells), default=0)
        no_wrap = at == 0 and longest <= NEVER_WRAPPED
        drawn.add_column(visible(name), overflow="fold", no_wrap=no_wrap, min_width=min(longest, NARROWEST))
    for row, above in zip(cells, [None, *cells], strict=False):
        repeats = above is not None and len(row) > 1 and row[0] == above[0]
        drawn.add_row(*(Text(visible(cell)) for cell in (["", *row[1:]] if repeats else row)))
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=width is None, legacy_windows=False).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
