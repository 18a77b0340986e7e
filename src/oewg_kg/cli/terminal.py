"""Draw tables that fit the width of a terminal, with repeated cells left blank and without control characters."""

import io
import re
import sys
from collections.abc import Sequence
from typing import TextIO

ERASE_LINE = "\r\x1b[K"  # to the start of the line, and all after it erased
LONGEST_UNWRAPPED, NARROWEST = 40, 12
# Control characters of a terminal (C0, C1) and of text direction (Unicode, Bidi_Control), except line ends and what makes
# the headings of our tables bold.
CONTROLS = re.compile(r"(?!\x1b\[[01]m|\r\n)[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; Python has None for one that was closed before it started."""
    return stream is not None and stream.isatty()


def clear_step() -> None:
    """Erase the step that is shown on a terminal."""
    if is_terminal(sys.stderr):
        sys.stderr.write(ERASE_LINE)
        sys.stderr.flush()


def escape_controls(text: str) -> str:
    """Replace control characters by their hexadecimal numbers."""
    return CONTROLS.sub(lambda match: ascii(match[0])[1:-1], text)


def draw_table(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Draw a table, `width` columns wide or as the terminal; a first cell that repeats the one above is left blank."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, header_style="bold", pad_edge=False)
    for column, heading in enumerate(headings):
        longest = max((len(cells[column]) for cells in rows), default=0)
        no_wrap = column == 0 and longest <= LONGEST_UNWRAPPED
        table.add_column(escape_controls(heading), overflow="fold", no_wrap=no_wrap, min_width=min(longest, NARROWEST))
    for cells, above in zip(rows, [None, *rows], strict=False):
        repeated = above is not None and len(cells) > 1 and cells[0] == above[0]
        table.add_row(*(Text(escape_controls(text)) for text in (["", *cells[1:]] if repeated else cells)))
    screen = io.StringIO()
    Console(file=screen, width=width, force_terminal=width is None, legacy_windows=False).print(table)
    return "\n".join(line.rstrip() for line in screen.getvalue().splitlines()) + "\n"
