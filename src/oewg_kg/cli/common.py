"""What commands share: options for formats and files, opening the graph, time limits, progress, and putting out an answer."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import IO, Any, TextIO

import click
import pyoxigraph as ox

from oewg_kg import build, coverage, paths, tables, terms
from oewg_kg.answers import citations
from oewg_kg.answers.places import Places
from oewg_kg.answers.readings import Asked
from oewg_kg.cli import terminal
from oewg_kg.cli.boundary import say as say
from oewg_kg.dataset import Dataset
from oewg_kg.errors import LimitError, StorageError, UsageError
from oewg_kg.measures import Measured
from oewg_kg.paths import Beside
from oewg_kg.terms import Term

TABLE_FORMATS = ("table", "csv", "tsv", "json", "md")
FILE = click.Path(path_type=Path)
seconds_option = click.option(
    "--seconds", type=click.FloatRange(0.01), help="Stop after this many seconds (exit code 4)."
)
pages_option = click.option(
    "--pages",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Show the words of cited lines, from text files of the source pages in this folder.",
)
receipt_option = click.option(
    "--receipt", metavar="FILE", help="Also write a receipt for the answer, which `oewg verify` checks."
)
output_option = click.option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")


def with_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --with and --key to a command, which receives them as one value: what to open next to the graph, or None."""

    @click.option(
        "--with",
        "named",
        multiple=True,
        metavar="votes|FILE",
        help="Include the votes imported with `oewg import`, or a file of your own: RDF, or a table with --key; repeatable.",
    )
    @click.option(
        "--key",
        "keys",
        multiple=True,
        metavar="COLUMN",
        help="The column of your table that contains the names or codes of states.",
    )
    @wraps(command)
    def chosen(*args: Any, named: tuple[str, ...], keys: tuple[str, ...], **rest: Any) -> Any:
        if not named and not keys:
            return command(*args, beside=None, **rest)
        from oewg_kg.reconcile import beside

        return command(*args, beside=beside.chosen(named, keys), **rest)

    return chosen


def formats_option(*names: str, default: str = "") -> Callable[[Any], Any]:
    """Make `-f`; without a default the format depends on the output."""
    if default:
        return click.option("-f", "--format", type=click.Choice(names), default=default, show_default=True)
    shown = "Default: table on a terminal, csv in a pipe."
    return click.option("-f", "--format", type=click.Choice(names), help=shown)


def table_options(command: Any, more: Sequence[str] = ()) -> Any:
    """Add the options -f and -o of all tables to a command, with additional formats if given."""
    return formats_option(*TABLE_FORMATS, *more)(output_option(command))


# Formats of rows that can be cited, and of answers to questions.
citing_options = partial(table_options, more=citations.CITATION_FORMATS)
asking_options = partial(table_options, more=("xlsx", "svg", *citations.CITATION_FORMATS))


def on_terminal(stream: TextIO | None) -> bool:
    """Return whether a stream is a terminal; Python has None for one that was closed before it started."""
    return stream is not None and stream.isatty()


def tell(step: str) -> None:
    """Show a step of long work on a terminal, and nothing in a pipe."""
    if on_terminal(sys.stderr):
        click.echo(f"\r\x1b[K{terminal.visible(step)} ...", err=True, nl=False)
        if step == "done":
            click.echo("\r\x1b[K", err=True, nl=False)


def progress(step: str) -> Callable[[int, int], None]:
    """Return a function that shows the progress of a step, called with the amount done and the total."""
    return lambda done, size: tell(f"{step}: {100 * done // max(size, 1)} %")


def opened(
    root: str | None, beside: Beside | None = None, often: bool = False, pages: Path | None = None
) -> tuple[paths.Root, Dataset]:
    """Find the root and open its graph, with what is `beside` it and the words of `pages`; `often`: in memory, for many questions."""
    data_root = paths.find(root)
    if beside and beside.votes:
        from oewg_kg.votes import store as imports

        if beside.files:
            raise UsageError("votes and files can be combined only in `oewg ask`", advice="give --with only once")
        dataset = imports.load(data_root, "votes", tell)
    elif beside:
        from oewg_kg.reconcile import beside as files_beside

        dataset = build.load(data_root, tell)
        files_beside.add(dataset, files_beside.read(dataset.store, beside, say))
    else:
        dataset = build.load(data_root, tell) if often else build.opened(data_root, tell)
    tell("done")
    return data_root, coverage.with_words(dataset, pages) if pages else dataset


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """End the process with the exit code for limits if the work inside takes longer; None sets no limit.

    The engine cannot be interrupted, but lets other threads run while it works. Ending this process avoids what a child process
    costs: opening the graph twice, and copying its answer. Output is written after the work, so nothing is left half done.
    """

    def stop() -> None:
        error = LimitError(f"stopped after {seconds:g} s", advice="ask for less, or allow more time with --seconds")
        click.echo(f"oewg: {error}", err=True)
        os._exit(error.exit_code)

    timer = threading.Timer(seconds or 0, stop)
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def put(text: str | bytes, file: str | None = None) -> None:
    """Write to a file, completely or not at all, or to standard output; raises StorageError."""
    data = text.encode() if isinstance(text, str) else text
    if file:
        from oewg_kg import files

        files.replace(Path(file), data)
    else:
        with standard_output() as out:
            out.write(terminal.visible(data.decode("utf-8", "replace")).encode() if on_terminal(sys.stdout) else data)


@contextmanager
def standard_output() -> Iterator[IO[bytes]]:
    """Open standard output for bytes; raises StorageError when it is closed. A reader that closes the pipe ends the command."""
    if sys.stdout is None:
        raise StorageError("standard output is closed", advice="open it, or name a file with -o FILE")
    if hasattr(signal, "SIGPIPE"):
        # Not earlier: a connection that the other side closes would end the command too, without a message.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def wanted(format: str | None, file: str | None) -> str:
    """Choose a format: as asked, else by the file's extension, else a table on a terminal and CSV in a pipe."""
    extension = (file or "").rpartition(".")[2]
    known = {name: name for name in ("csv", "tsv", "json", "md", "xlsx", "svg", "ris")} | {
        "txt": "table",
        "bib": "bibtex",
    }
    chosen = format or known.get(extension) or ("table" if not file and on_terminal(sys.stdout) else "csv")
    needs_file(chosen, file)
    return chosen


def needs_file(format: str, file: str | None) -> None:
    """Raise UsageError for a format that is not text and has no file to be written to."""
    if format in ("sqlite", "xlsx") and not file:
        raise UsageError(f"{format} needs a file to write to", advice="name one with -o FILE")


def draw(format: str, names: list[str], cells: list[list[str]]) -> str:
    """Write headings and cells in a text format."""
    if format == "table":
        return terminal.table(names, cells, None if on_terminal(sys.stdout) else 100)
    write: dict[str, Callable[[Sequence[str], Sequence[Sequence[str]]], str]] = {
        "csv": tables.write_csv,
        "tsv": tables.write_tsv,
        "md": tables.write_markdown,
    }
    if format not in write:
        raise UsageError(f"{format} is only available for `oewg ask`", advice="use a .csv file")
    return write[format](names, cells)


def said(dataset: Dataset, term: Term) -> str:
    """Write a value for people: its label and CURIE, or the text of a literal."""
    if not isinstance(term, ox.NamedNode):
        return terms.text_of(term)
    name, short = terms.label(dataset.store, term.value), terms.compact(term.value)
    return f"{name} ({short})" if name else short


def put_measure(found: Measured, format: str, file: str | None) -> None:
    """Write a measure and its description, below its table, in JSON, or on standard error."""
    result = found.result
    if format == "json":
        put(tables.write_json(result.columns, result.rows, result.citations, {"measure": found.sentence}), file)
        return
    cited = result.citations if any(result.citations) else None
    people = format in ("table", "md")
    write = tables.for_people if people else tables.for_machines
    put(draw(format, *write(result.columns, result.rows, cited)) + (f"\n{found.sentence}\n" if people else ""), file)
    if not people and on_terminal(sys.stderr):
        say(found.sentence)


def put_rows(
    names: list[str], cells: list[list[str]], format: str, output: str | None, above: str = "", below: str = ""
) -> None:
    """Write rows, for people with a title above and text below them; columns without a value are left out of a table."""
    people = format in ("table", "md")
    if people:
        names = [{"stated in": "source", "decision": "editorial decision"}.get(name, name) for name in names]
    if format == "json":
        put_json([dict(zip(names, row, strict=True)) for row in cells], output)
        return
    filled = [at for at in range(len(names)) if format != "table" or any(row[at] for row in cells)]
    body = draw(format, [names[at] for at in filled], [[row[at] for at in filled] for row in cells])
    parts = [above and f"{above}\n", body, below] if people else [body]
    put("\n".join(filter(None, parts)), output)


def put_json(content: object, file: str | None = None) -> None:
    """Write JSON to a file or to standard output."""
    put(json.dumps(content, ensure_ascii=False, indent=1) + "\n", file)


def standard_input() -> bytes:
    """Read standard input; raises StorageError when it is closed."""
    if sys.stdin is None:
        raise StorageError("standard input is closed", advice="open it, or name a file")
    return sys.stdin.buffer.read()


def quoted(dataset: Dataset, cited: Iterable[str], links: bool = False) -> list[str]:
    """Quote the cited lines of available pages; on request, also write the address that opens a page at the quoted words."""
    places = Places(dataset)
    lines = []
    for line in sorted(set(cited), key=terms.line_order):
        words, link = dataset.words.get(line, ""), places.link(line) if links else ""
        if words or link:
            lines.append(" ".join(filter(None, (f"{tables.short_lines([line])}:", words and f"“{words}”", link))))
    return lines


def put_citations(
    dataset: Dataset,
    rows: Sequence[str],
    cited: Sequence[Sequence[str]],
    how: tuple[str, str | None],
    asked: Asked | None = None,
) -> None:
    """Write rows as footnoted text, or the lines that they cite as a bibliography; `how` is the format and the file."""
    format, output = how
    places = Places(dataset)
    if format == "footnotes":
        put((asked.preface if asked else "") + citations.footnotes(rows, cited, places), output)
    else:
        lines = [line for one in cited for line in one]
        put(citations.WRITERS[format](lines, places, asked.title if asked else ""), output)
