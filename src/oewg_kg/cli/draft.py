"""The command `draft`: propose the rows of a page, add the accepted ones to the data, compare two readers."""

from pathlib import Path

import click

from oewg_kg import tables, texts
from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import FILE, open_graph, show_step
from oewg_kg.cli.output import draw, file_option, put
from oewg_kg.errors import NegativeFinding, UsageError
from oewg_kg.evidence import coverage


@click.command()
@click.argument("page", required=False, type=FILE)
@click.option("--headings", type=FILE, metavar="TABLE", help="Propose a row per item, using the completed headings.")
@click.option("--accept", "accepted", type=FILE, metavar="TABLE", help="Add the rows with yes in the column accept.")
@click.option("--agree", nargs=2, type=FILE, metavar="MINE THEIRS", help="Compare two people's tables cell by cell.")
@file_option
@click.pass_obj
def draft(
    root: str | None, page: Path | None, headings: Path | None, accepted: Path | None, agree: tuple[Path, Path] | None,
    output: str | None,
) -> None:  # fmt: skip
    """Propose facts for the lines of a page, for you to accept.

    The first step lists the headings of the page in a table, for you to complete; the second proposes a row of facts for
    each item below them. With -o FILE.xlsx, the table is a workbook.

    Example: oewg draft page.txt -o headings.csv

    Second step: oewg draft page.txt --headings headings.csv -o draft.csv
    """
    if sum(bool(action) for action in (page, accepted, agree)) != 1:
        advice = "begin with `oewg draft PAGE.txt -o headings.csv`"
        raise UsageError("give a page, --accept or --agree", advice=advice)
    if headings and not page:
        raise UsageError("--headings needs the page too", advice="use `oewg draft PAGE.txt --headings headings.csv`")
    if page:
        propose(root, page, headings, output)
    elif accepted:
        accept_rows(root, accepted)
    elif agree:
        compare_readers(*agree, output)


def propose(root: str | None, page: Path, headings: Path | None, output: str | None) -> None:
    """Write the table of headings or, if it is given, the table of all rows."""
    from oewg_kg.draft import page as pages
    from oewg_kg.draft import propose, table

    lines = pages.read(page)
    heading_rows = table.read(headings) if headings else []
    _, dataset = open_graph(root)
    show_step("reading the page")
    rows = propose.rows(lines, dataset.store, heading_rows) if headings else propose.headings_of(lines)
    source, _ = coverage.source_of(dataset.store, page)
    for row in rows:
        row.source = source.rpartition("/")[2]
    put(table.write(rows, output), output)
    to_check = sum(row.check == "yes" for row in rows)
    summary = f"{tables.count_with_noun(len(rows), 'row')}, {to_check} marked for checking"
    say(summary if headings else "complete the headings in this table, then use --headings")


def accept_rows(root: str | None, table_file: Path) -> None:
    """Write the accepted rows; exit 1 when some line that was accepted could not be written."""
    from oewg_kg.draft import accept, table

    rows = table.read(table_file)
    data_root, dataset = open_graph(root)
    show_step("validating")
    report = accept.accept(data_root, dataset, rows)
    reasons: dict[str, list[str]] = {}
    for line, reason in sorted(report.left.items()):
        reasons.setdefault(reason, []).append(str(line))
    waiting = len(reasons.pop("not accepted", []))
    unwritten = [[", ".join(lines), reason] for reason, lines in reasons.items()]
    reasons_table = draw("table", ["lines", "not added because"], unwritten) if unwritten else ""
    details = {"file": accept.ACTORS_FILE, "left": reasons_table, "waiting": waiting}
    put(texts.filled("cli/accepted.txt.jinja", report=report, **details))
    if unwritten:
        raise click.exceptions.Exit(NegativeFinding.exit_code)


def compare_readers(mine: Path, theirs: Path, output: str | None) -> None:
    """Write the cells that differ, and report the agreement of two readers for each column."""
    from oewg_kg.draft import agree, table

    agreement = agree.compare(table.read(mine), table.read(theirs))
    columns = ["line", "item", "column", mine.name, theirs.name]
    if output:
        put(tables.write_csv(columns, agreement.differ), output)
    elif agreement.differ:
        put(draw("table", columns, agreement.differ) + "\n")
    column_rows = [
        [column, str(cells), str(same), "" if alpha is None else f"{alpha:.3f}"]
        for column, cells, same, alpha in agreement.columns
        if cells
    ]
    put(draw("table", ["column", "cells", "same", "Krippendorff's alpha"], column_rows) + "\n")
    put(f"cells or rows to settle by checking the page: {len(agreement.differ)}\n")
