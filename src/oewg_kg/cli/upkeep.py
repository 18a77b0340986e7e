"""Commands that keep the graph: build, validate, coverage.

Not for questions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from oewg_kg import build, paths, terms
from oewg_kg import coverage as coverages
from oewg_kg import dataset as datasets
from oewg_kg.cli.common import chosen, data_format_option, draw, opened, put, tell
from oewg_kg.errors import NegativeFinding, UsageError

if TYPE_CHECKING:
    from oewg_kg.validate import ValidationResult

NAMED = re.compile(r"<([^<>\s]+)>")


@click.command("build")
@click.option(
    "--reasoner",
    type=click.Choice(["rules", "owlrl"]),
    default="rules",
    show_default=True,
    help="rules is fast; owlrl is slow and used to check it.",
)
@click.option("--no-inference", is_flag=True, help="Leave out inferred facts; the next build restores them.")
@click.pass_obj
def build_command(root: str | None, reasoner: str, no_inference: bool) -> None:
    """Build the dataset from its sources.

    Example: oewg build
    """
    place = paths.find(root)
    mark = build.fingerprint(place)
    dataset, counts = build.build(place, "none" if no_inference else reasoner, tell)
    tell("writing the snapshot")
    build.write(dataset, mark, place.snapshot)
    build.keep(place, mark, dataset)
    tell("done")
    click.echo(
        f"{counts.stated} quads stated, {counts.set_aside} claims set aside, "
        f"{counts.inferred} triples inferred, {counts.quads} quads in total"
    )


@click.command()
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@data_format_option
@click.option(
    "--core", is_flag=True, help="For data under another namespace: without our rules on IRIs and on what pages print."
)
@click.option("-f", "--format", type=click.Choice(["table", "json", "turtle"]), default="table", show_default=True)
@click.pass_obj
def validate(root: str | None, data: tuple[Path, ...], data_format: str | None, core: bool, format: str) -> None:
    """Validate the data, or your own files, against the rules.

    Exits with 1 if a rule is violated. Your own files are checked together with the data, and only problems in what
    they describe are reported.

    Example: oewg validate my-facts.ttl
    """
    from oewg_kg import validate as validation

    place = paths.find(root)
    dataset, own = build.beside(place, data, chosen(data_format)) if data else (opened(root, often=True)[1], [])
    tell("validating")
    report = validation.report(dataset, place.shapes, not data and not core, [*datasets.written(place), *own], core)
    found = [*report.results, *([] if core else validation.checks(dataset, place.queries / "checks"))]
    found += validation.misspelt(dataset, place.shapes, own) if core and own else []
    if data:
        spoken = {None, *(terms.text_of(quad.subject) for quad in own)}
        # Of two things that differ in nothing a check names one as its focus, the other in its message.
        found = [result for result in found if spoken & {terms.expand(result.focus), *NAMED.findall(result.message)}]
    conforms = not any(result.severity == "Violation" for result in found)
    tell("done")
    if format == "turtle":
        put(validation.turtle(report.graph), None)
    elif format == "json":
        rows = [vars(result) for result in found]
        put(
            json.dumps(
                {"conforms": conforms, "results": rows, "focusNodes": report.matched}, ensure_ascii=False, indent=1
            )
            + "\n",
            None,
        )
    else:
        names = ["where", "focus node", "path", "value", "message"]
        cells = [[r.file, f"{r.focus} {r.label}".strip(), r.path, r.value, _message(r)] for r in found]
        warnings = sum(result.severity == "Warning" for result in found)
        notes = sum(result.severity == "Info" for result in found)
        told = f"{len(found) - warnings - notes} violations, {warnings} warnings" + f", {notes} notes" * bool(notes)
        focus_nodes = sum(report.matched.values())
        verdict = "conforms" if conforms else "does not conform"
        put(draw("table", names, cells) + "\n" if cells else "", None)
        put(f"{verdict}: {told}; {len(report.matched)} shapes, {focus_nodes} focus nodes\n", None)
    if not conforms:
        raise click.exceptions.Exit(NegativeFinding.exit_code)


def _message(result: ValidationResult) -> str:
    return result.message if result.severity == "Violation" else f"{result.severity.lower()}: {result.message}"


@click.command()
@click.argument("page", type=click.Path(path_type=Path))
@click.option("--lines", metavar="FIRST-LAST", help="Compare only these lines.")
@click.option(
    "--record",
    is_flag=True,
    help="Write digests and numbers of triples of the text's lines into data/sources, after a change was transcribed.",
)
@click.option("-f", "--format", type=click.Choice(["table", "json"]), default="table", show_default=True)
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
        put(
            coverages.line_records(found.source, page, graph.store),
            str(place.folder / "data" / "sources" / (found.source.rpartition("/")[2] + ".lines.ttl")),
        )
        return
    if format == "json":
        put(json.dumps(vars(found), ensure_ascii=False, indent=1) + "\n", None)
    else:
        text = "the version transcribed" if found.same_text else "NOT the version transcribed"
        put(f"{terms.compact(found.source)}: {text}\n", None)
        if found.marked:
            put(
                draw(
                    "table",
                    ["line", "marked as", "reason"],
                    [[str(n), status, why] for n, status, why in found.marked],
                )
                + "\n",
                None,
            )
        put(
            f"{len(found.facts)} lines contain facts, {len(found.marked)} are marked as containing none, "
            f"{len(found.blank)} are blank\n",
            None,
        )
        put(
            f"not transcribed: {_spans(found.missing)}\nnew or changed: {_spans(found.changed)}\n"
            f"removed (by their old numbers): {_spans(found.gone)}\nmoved: {found.moved or 'none'}\n",
            None,
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
