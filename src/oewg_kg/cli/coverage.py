"""The command `coverage`: report which lines of a page are transcribed, and which come next."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click

from oewg_kg import terms, texts
from oewg_kg.cli.common import FILE, open_graph
from oewg_kg.cli.output import draw, put
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding
from oewg_kg.evidence import coverage as coverages

NEXT_LINES, WORDS_WIDTH = 10, 100  # lines shown, characters of each


@click.command()
@click.argument("page", required=False, type=FILE)
@click.option(
    "--record",
    is_flag=True,
    help="Record the digest and the number of triples of each line; fails if the words of a line with facts have changed.",
)
@click.option("--pages", metavar="DIR", type=FILE, help="Check every source page in this folder.")
@click.option(
    "--next",
    "list_next",
    is_flag=True,
    help="Show the next lines whose facts are not recorded yet, in PAGE or, without PAGE, in all pages.",
)
@click.pass_obj
def coverage(root: str | None, page: Path | None, record: bool, pages: Path | None, list_next: bool) -> None:
    """Check that the facts of every line of a page are recorded.

    PAGE is the text of a source page. Exits with status 1 if the facts of a line are not recorded, or if lines have changed
    or been removed.

    Example: oewg coverage page.txt --next
    """
    if (pages and (page or list_next)) or not (pages or page or list_next):
        raise click.UsageError("give a page, a folder with --pages, or --next for all pages")
    data_root, dataset = open_graph(root)
    if list_next:
        put(next_lines(dataset, page))
        return
    page_files = [page] if page else []
    if pages:
        page_files = list(coverages.lines_in_folder(dataset, pages))
    reports = {page_file: coverages.coverage(dataset, page_file) for page_file in page_files}
    if record:
        for page_file, report in reports.items():
            records_file = data_root.folder / "data" / "sources" / (report.source.rpartition("/")[2] + ".lines.ttl")
            put(coverages.line_records(report.source, page_file, dataset.store), str(records_file))
        return

    def marked_table(marked_lines: Sequence[tuple[int, str, str]]) -> str:
        return draw("table", ["line", "marked as", "reason"], [[str(number), *mark] for number, *mark in marked_lines])

    layout = {"name": terms.compact, "table": marked_table, "spans": _line_spans}
    put(texts.filled("cli/coverage.txt.jinja", reports=reports.values(), **layout))
    if any(report.missing or report.changed or report.gone for report in reports.values()):
        raise click.exceptions.Exit(NegativeFinding.exit_code)


def next_lines(dataset: Dataset, page: Path | None) -> str:
    """Lay out the next lines to transcribe, those of one page with their words."""
    source = coverages.coverage(dataset, page).source + "#L" if page else ""
    words = dict(enumerate(coverages.page_lines(page), 1)) if page else {}
    open_lines = [pair for pair in coverages.open_lines(dataset.store) if pair[0].startswith(source)]
    rows = []
    for line, heading in open_lines[:NEXT_LINES]:
        text = " ".join(words.get(int(line.rpartition("#L")[2]), "").split())
        rows.append([terms.compact(line), heading, text[:WORDS_WIDTH]][: 3 if page else 2])
    columns = ["line", "under heading", "words"][: 3 if page else 2]
    return (draw("table", columns, rows) + "\n" if rows else "") + f"lines still to record: {len(open_lines)}\n"


def _line_spans(numbers: Sequence[int]) -> str:
    """Write numbers of lines as spans: `1, 4-9`."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs) or "none"
