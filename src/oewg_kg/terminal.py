"""What people see on a terminal: tables that fit its width.

Not for the content of an answer: `tables` lays it out.
"""

import io
from collections.abc import Sequence

NEVER_WRAPPED, NARROWEST = 40, 12


def table(names: Sequence[str], cells: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Draw a table; `width` in columns, by default that of the terminal.

    A first cell that repeats the one above is left blank.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(show_edge=False, header_style="bold", pad_edge=False)
    for at, name in enumerate(names):
        longest = max((len(row[at]) for row in cells), default=0)
        no_wrap = at == 0 and longest <= NEVER_WRAPPED
        drawn.add_column(name, overflow="fold", no_wrap=no_wrap, min_width=min(longest, NARROWEST))
    for row, above in zip(cells, [None, *cells], strict=False):
        repeats = above is not None and len(row) > 1 and row[0] == above[0]
        drawn.add_row(*map(Text, ["", *row[1:]] if repeats else row))
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=width is None, legacy_windows=False).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
