"""Write an answer as the options -f and -o ask: its format, and its file or standard output."""

import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import IO, Any, cast

import click

from oewg_kg import tables
from oewg_kg.answers.readings import QuestionWording
from oewg_kg.cli import terminal
from oewg_kg.cli.boundary import say
from oewg_kg.dataset import Dataset
from oewg_kg.errors import StorageError, UsageError
from oewg_kg.measures import Measure

TABLE_FORMATS = ("table", "csv", "tsv", "json", "md")
BY_EXTENSION = {"txt": "table", "bib": "bibtex"} | {
    name: name for name in ("csv", "tsv", "json", "md", "xlsx", "svg", "ris")
}
PEOPLE_FORMATS = ("table", "md")
WRITERS: dict[str, Callable[[Sequence[str], Sequence[Sequence[str]]], str]] = {
    "csv": tables.write_csv,
    "tsv": tables.write_tsv,
    "md": tables.write_markdown,
}
# What `why` and `conflicts` call their columns for programs.
HEADINGS = {"stated in": "source", "decision": "editorial decision"}
file_option = click.option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")


@dataclass(frozen=True)
class Output:
    """Where an answer goes: its format, the file (None for standard output), and whether -f named the format."""

    format: str
    file: str | None
    named: bool

    @property
    def for_people(self) -> bool:
        """Return whether people read the format as it is."""
        return self.format in PEOPLE_FORMATS

    def put(self, content: str | bytes) -> None:
        """Write what has the format already."""
        put(content, self.file)

    def put_json(self, content: object) -> None:
        """Write JSON."""
        put_json(content, self.file)

    def put_rows(self, columns: list[str], rows: list[list[str]], above: str = "", below: str = "") -> None:
        """Write rows, for people with a title above and text below them; a table leaves out columns without a value."""
        if self.format == "json":
            self.put_json([dict(zip(columns, row, strict=True)) for row in rows])
            return
        if self.for_people:
            columns = [HEADINGS.get(column, column) for column in columns]
        filled = [index for index in range(len(columns)) if self.format != "table" or any(row[index] for row in rows)]
        filled_rows = [[row[index] for index in filled] for row in rows]
        body = draw(self.format, [columns[index] for index in filled], filled_rows)
        sections = [above and f"{above}\n", body, below] if self.for_people else [body]
        self.put("\n".join(filter(None, sections)))

    def put_measure(self, measure: Measure) -> None:
        """Write a measure and its description, below its table, in JSON, or on standard error."""
        result = measure.result
        if self.format == "json":
            self.put(tables.write_json(result.columns, result.rows, result.citations, {"measure": measure.sentence}))
            return
        citations = result.citations if any(result.citations) else None
        lay_out = tables.for_people if self.for_people else tables.for_machines
        body = draw(self.format, *lay_out(result.columns, result.rows, citations))
        self.put(f"{body}\n{measure.sentence}\n" if self.for_people else body)
        if not self.for_people and terminal.is_terminal(sys.stderr):
            say(measure.sentence)

    def put_citations(
        self, dataset: Dataset, rows: Sequence[str], row_lines: Sequence[Sequence[str]], wording: QuestionWording | None
    ) -> None:
        """Write rows as footnoted text, or the lines that they cite as a bibliography."""
        from oewg_kg.answers import citations
        from oewg_kg.answers.cited_sources import CitedSources

        sources = CitedSources(dataset)
        if self.format == "footnotes":
            self.put((wording.preface if wording else "") + citations.footnotes(rows, row_lines, sources))
        else:
            lines = [line for lines in row_lines for line in lines]
            self.put(citations.WRITERS[self.format](lines, sources, wording.title if wording else ""))


def format_option(*choices: str, default: str = "") -> Callable[[Any], Any]:
    """Make the option -f; without a default the format depends on the output."""
    if default:
        return click.option("-f", "--format", type=click.Choice(choices), default=default, show_default=True)
    default_help = "Default: table on a terminal, csv in a pipe."
    return click.option("-f", "--format", type=click.Choice(choices), help=default_help)


def output_options(*extra_formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add -f, with the formats of all tables and others, and -o to a command, which receives them as one Output, `out`."""

    def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
        @format_option(*TABLE_FORMATS, *extra_formats)
        @file_option
        @wraps(command)
        def with_output(*args: Any, format: str | None, output: str | None, **options: Any) -> Any:
            return command(*args, out=choose_output(format, output), **options)

        return cast("Callable[..., Any]", with_output)

    return add_options


def choose_output(format: str | None, file: str | None) -> Output:
    """Choose a format: as asked, else by the file's extension, else a table on a terminal and CSV in a pipe; raises UsageError."""
    default = "table" if not file and terminal.is_terminal(sys.stdout) else "csv"
    answer_format = format or format_of_extension(file, BY_EXTENSION) or default
    require_file(answer_format, file)
    return Output(answer_format, file, bool(format))


def format_of_extension(file: str | None, formats: Mapping[str, str]) -> str:
    """Choose the format for the extension of a file, "" if it has none; raises UsageError with those that have a format."""
    extension = Path(file or "").suffix.lower().removeprefix(".")
    if extension and extension not in formats:
        advice = f"give -f FORMAT, or use one of .{', .'.join(formats)}"
        raise UsageError(f"unknown file extension .{extension}", advice=advice)
    return formats.get(extension, "")


def require_file(format: str, file: str | None) -> None:
    """Raise UsageError for a format that is not text and has no file to be written to."""
    if format in ("sqlite", "xlsx") and not file:
        raise UsageError(f"{format} needs a file to write to", advice="name one with -o FILE")


def draw(format: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write headings and cells in a text format."""
    if format == "table":
        return terminal.draw_table(headings, rows, None if terminal.is_terminal(sys.stdout) else 100)
    if format not in WRITERS:
        raise UsageError(f"{format} is only available for `oewg ask`", advice="use a .csv file")
    return WRITERS[format](headings, rows)


def put(content: str | bytes, file: str | None = None) -> None:
    """Write to a file, completely or not at all, or to standard output; raises StorageError."""
    terminal.clear_step()
    data = content.encode() if isinstance(content, str) else content
    if file:
        from oewg_kg import files

        files.replace(Path(file), data)
    else:
        if terminal.is_terminal(sys.stdout):
            data = terminal.escape_controls(data.decode("utf-8", "replace")).encode()
        with standard_output() as stream:
            stream.write(data)


def put_json(content: object, file: str | None = None) -> None:
    """Write JSON to a file or to standard output."""
    put(json.dumps(content, ensure_ascii=False, indent=1) + "\n", file)


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
