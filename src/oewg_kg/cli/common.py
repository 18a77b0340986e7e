"""What several commands share: options, opening the graph, progress on a terminal, naming values and lines."""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox

from oewg_kg import build, paths, tables, terms
from oewg_kg.cli import terminal
from oewg_kg.cli.boundary import say
from oewg_kg.dataset import Dataset
from oewg_kg.errors import LimitError, StorageError, UsageError
from oewg_kg.paths import Beside
from oewg_kg.terms import Term

FILE = click.Path(path_type=Path)
seconds_option = click.option(
    "--seconds", type=click.FloatRange(0.01), help="Stop after this many seconds (exit code 4)."
)
pages_option = click.option(
    "--pages",
    metavar="DIR",
    type=FILE,
    help="Show the words of cited lines, from text files of the source pages in this folder.",
)
receipt_option = click.option(
    "--receipt", metavar="FILE", help="Also write a receipt (a file for reviewers), which `oewg verify` checks."
)


def with_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --with and --key to a command, which receives them as one value: what to open next to the graph, or None."""

    @click.option(
        "--with",
        "additions",
        multiple=True,
        metavar="votes|FILE",
        help="Include the votes imported with `oewg import`, or a file of your own (RDF, or a table with --key); repeatable.",
    )
    @click.option(
        "--key",
        "keys",
        multiple=True,
        metavar="COLUMN",
        help="The column of your table that contains the names or codes of states.",
    )
    @wraps(command)
    def with_beside(*args: Any, additions: tuple[str, ...], keys: tuple[str, ...], **options: Any) -> Any:
        if not additions and not keys:
            return command(*args, beside=None, **options)
        from oewg_kg.reconcile import user_files

        return command(*args, beside=user_files.parse_names(additions, keys), **options)

    return with_beside


def show_step(step: str) -> None:
    """Show a step of long work on a terminal, until something is written, and nothing in a pipe."""
    if terminal.is_terminal(sys.stderr):
        click.echo(f"{terminal.ERASE_LINE}{terminal.escape_controls(step)} ...", err=True, nl=False)


def progress(step: str) -> Callable[[int, int], None]:
    """Return a function that shows the progress of a step, called with the amount done and the total."""
    return lambda done, size: show_step(f"{step}: {100 * done // max(size, 1)} %")


def open_graph(
    root: str | None, beside: Beside | None = None, in_memory: bool = False, pages: Path | None = None
) -> tuple[paths.Root, Dataset]:
    """Find the root and open its graph, with what is `beside` it and the words of `pages`; `in_memory` for many questions."""
    data_root = paths.find(root)
    if beside and beside.votes:
        from oewg_kg.votes import store as vote_store

        if beside.files:
            raise UsageError("--with votes and FILE can be combined only in `oewg ask`", advice="give --with only once")
        dataset = vote_store.load(data_root, show_step)
    elif beside:
        from oewg_kg.reconcile import user_files

        dataset = build.load(data_root, show_step)
        user_files.add(dataset, user_files.read(dataset.store, beside, say))
    else:
        dataset = build.load(data_root, show_step) if in_memory else build.opened(data_root, show_step)
    terminal.clear_step()
    if pages:
        from oewg_kg.evidence import coverage

        dataset = coverage.with_words(dataset, pages)
    return data_root, dataset


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """End the process with the exit code for limits if the work inside takes longer; None sets no limit.

    The engine cannot be interrupted, but lets other threads run while it works. Ending this process avoids what a child process
    costs: opening the graph twice, and copying its answer. Output is written after the work, so nothing is left half done.
    """

    def stop() -> None:
        error = LimitError(f"stopped after {seconds:g} s", advice="ask for less data, or raise --seconds")
        say(f"oewg: {error}")
        os._exit(error.exit_code)

    timer = threading.Timer(seconds or 0, stop)
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def full_name(dataset: Dataset, term: Term) -> str:
    """Write a value for people: its label and CURIE, or the text of a literal."""
    if not isinstance(term, ox.NamedNode):
        return terms.text_of(term)
    name, short = terms.label(dataset.store, term.value), terms.compact(term.value)
    return f"{name} ({short})" if name else short


def read_standard_input() -> bytes:
    """Read standard input; raises StorageError when it is closed."""
    if sys.stdin is None:
        raise StorageError("standard input is closed", advice="open it, or name a file")
    return sys.stdin.buffer.read()


def quotations(dataset: Dataset, lines: Iterable[str], links: bool = False) -> list[str]:
    """Quote the cited lines of available pages; on request, also write the address that opens a page at the quoted words."""
    if not (dataset.words or links):
        return []
    from oewg_kg.answers.cited_sources import CitedSources

    sources, quotes = CitedSources(dataset), []
    for line in sorted(set(lines), key=terms.line_order):
        words, link = dataset.words.get(line, ""), sources.link(line) if links else ""
        if words or link:
            quotes.append(" ".join(filter(None, (f"{tables.short_lines([line])}:", words and f"“{words}”", link))))
    return quotes
