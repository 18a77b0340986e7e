"""The command `coverage`: how much of a page is transcribed."""

import re
from collections.abc import Sequence
from pathlib import Path

import click

from oewg_kg import coverage as coverages
from oewg_kg import terms
from oewg_kg.cli.common import draw, formats_option, opened, put, put_json
from oewg_kg.errors import NegativeFinding, UsageError


@click.command()
@click.argument("page", type=click.Path(path_type=Path))
@click.option("--lines", metavar="FIRST-LAST", help="Compare only these lines.")
@click.option(
    "--record",
    is_flag=True,
    help="Write digests and numbers of triples of the text's lines into data/sources, after a change was transcribed.",
)
@formats_option("table", "json", default="table")
@click.pass_obj
def coverage(root: str | None, page: Path, lines: str | None, record: bool, format: str) -> None:
    """Check that every line of a page is transcribed.

    PAGE is the text of a source page. Exits with 1 if lines are not transcribed, have changed or have been removed.

    Example: oewg coverage page.txt --lines 1-198
    """
    first, last = span(lines)
    place, graph = opened(root)
    found = coverages.coverage(graph, page, first, last)
    if record:
        file = place.folder / "data" / "sources" / f"{found.source.rpartition('/')[2]}.lines.ttl"
        put(coverages.line_records(found.source, page, graph.store), str(file))
        return
    if format == "json":
        put_json(vars(found))
    else:
        text = "the version transcribed" if found.same_text else "NOT the version transcribed"
        put(f"{terms.compact(found.source)}: {text}\n")
        if found.marked:
            marked = [[str(number), status, why] for number, status, why in found.marked]
            put(draw("table", ["line", "marked as", "reason"], marked) + "\n")
        put(
            f"{len(found.facts)} lines contain facts, {len(found.marked)} are marked as containing none, "
            f"{len(found.blank)} are blank\n"
            f"not transcribed: {_spans(found.missing)}\nnew or changed: {_spans(found.changed)}\n"
            f"removed (by their old numbers): {_spans(found.gone)}\nmoved: {found.moved or 'none'}\n"
        )
    if found.missing or found.changed or found.gone:
        raise click.exceptions.Exit(NegativeFinding.exit_code)


def _spans(numbers: Sequence[int]) -> str:
    """Write numbers of lines as spans: `1, 4-9`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans) or "none"


def span(lines: str | None) -> tuple[int, int | None]:
    """Read `FIRST-LAST`; raises UsageError."""
    if lines is None:
        return 1, None
    written = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", lines)
    first, last = (int(written[1]), int(written[2] or written[1])) if written else (0, 0)
    if not 1 <= first <= last:
        raise UsageError(f"{lines!r} is not a valid range of lines", advice="use FIRST-LAST, such as --lines 1-198")
    return first, last
