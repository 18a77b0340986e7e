"""The command `coverage`: report which lines of a page are transcribed, and which come next."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click

from oewg_kg import terms, texts
from oewg_kg.cli.common import FILE, opened
from oewg_kg.cli.output import draw, put
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding
from oewg_kg.evidence import coverage as coverages

NEXT, WIDE = 10, 100  # lines shown, characters of each


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
    "following",
    is_flag=True,
    help="Show the next lines whose facts are not recorded yet, in PAGE or, without PAGE, in all pages.",
)
@click.pass_obj
def coverage(root: str | None, page: Path | None, record: bool, pages: Path | None, following: bool) -> None:
    """Check that the facts of every line of a page are recorded.

    PAGE is the text of a source page. Exits with status 1 if the facts of a line are not recorded, or if lines have changed
    or been removed.

    Example: oewg coverage page.txt --next
    """
    if (pages and (page or following)) or not (pages or page or following):
        raise click.UsageError("give a page, a folder with --pages, or --next for all pages")
    data_root, graph = opened(root)
    if following:
        put(upcoming(graph, page))
        return
    files = [page] if page else list(coverages.at_hand(graph, pages)) if pages else []
    pages_found = {text: coverages.coverage(graph, text) for text in files}
    if record:
        for text, found in pages_found.items():
            file = data_root.folder / "data" / "sources" / (found.source.rpartition("/")[2] + ".lines.ttl")
            put(coverages.line_records(found.source, text, graph.store), str(file))
        return

    def table(marked: Sequence[tuple[int, str, str]]) -> str:
        return draw("table", ["line", "marked as", "reason"], [[str(number), *why] for number, *why in marked])

    counted = list(pages_found.values())
    put(texts.filled("cli/coverage.txt.jinja", pages=counted, name=terms.compact, table=table, spans=_spans))
    if any(found.missing or found.changed or found.gone for found in counted):
        raise click.exceptions.Exit(NegativeFinding.exit_code)


def upcoming(dataset: Dataset, page: Path | None) -> str:
    """Lay out the next lines to transcribe, those of one page with their words."""
    source = coverages.coverage(dataset, page).source + "#L" if page else ""
    words = dict(enumerate(coverages.page_lines(page), 1)) if page else {}
    found = [pair for pair in coverages.open_lines(dataset.store) if pair[0].startswith(source)]
    cells = []
    for line, heading in found[:NEXT]:
        text = " ".join(words.get(int(line.rpartition("#L")[2]), "").split())
        cells.append([terms.compact(line), heading, text[:WIDE]][: 3 if page else 2])
    names = ["line", "under heading", "words"][: 3 if page else 2]
    return (draw("table", names, cells) + "\n" if cells else "") + f"lines still to record: {len(found)}\n"


def _spans(numbers: Sequence[int]) -> str:
    """Write numbers of lines as spans: `1, 4-9`."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs) or "none"
