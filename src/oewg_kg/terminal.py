"""What people see on a terminal: tables that fit its width, and the progress of long work.

Not for the content of an answer: `tables` lays it out.
"""

import io
from collections.abc import Sequence


def table(names: Sequence[str], cells: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Draw a table; `width` in columns, by default that of the terminal. Rich is loaded here and not before."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(show_edge=False, header_style="bold", pad_edge=False)
    for name in names:
        drawn.add_column(name, overflow="fold")
    for row in cells:
        drawn.add_row(*map(Text, row))
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=width is None, legacy_windows=False).print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
