"""The command `why`: each claim about an entity with its line, heading and decision."""

from pathlib import Path

import click

from oewg_kg import evidence, tables, terms
from oewg_kg.answers.citations import CITATION_FORMATS
from oewg_kg.cli.ask import ask
from oewg_kg.cli.common import (
    citing_options,
    opened,
    pages_option,
    put_citations,
    put_rows,
    quoted,
    receipt_option,
    said,
    wanted,
)
from oewg_kg.cli.fact_output import rows_of
from oewg_kg.cli.reasons import Reasons
from oewg_kg.errors import NegativeFinding, UsageError


@click.command()
@click.argument("subject")
@click.argument("predicate", required=False)
@click.option("--on", "document", metavar="DOCUMENT", help="Search the lists about this document for SUBJECT.")
@pages_option
@receipt_option
@citing_options
@click.pass_context
def why(
    context: click.Context,
    subject: str,
    predicate: str | None,
    document: str | None,
    pages: Path | None,
    receipt: str | None,
    format: str | None,
    output: str | None,
) -> None:
    """Show where a fact comes from: lines, headings and rules.

    An inferred fact is shown with the lines it follows from and, if you give a PREDICATE, with the rules used and
    the facts it was inferred from. Editorial decisions on conflicting claims are included.

    With --on DOCUMENT, shows instead which lists cover contributions to the document, and whether SUBJECT is on them.

    Example: oewg why event:oewg1-session-3 oewg:heldStart
    """
    data_root, dataset = opened(context.obj, pages=pages)
    thing = evidence.resolve_name(dataset, subject)
    if document and not predicate:
        values = {"actor": thing.value, "document": evidence.resolve_name(dataset, document).value}
        params = tuple(f"{name}={value}" for name, value in values.items())
        how = {"receipt": receipt, "pages": pages, "format": format, "output": output}
        context.invoke(ask, name="lists-searched", params=params, cite=True, **how)
        return
    if receipt or document:
        raise UsageError(
            "--receipt needs --on, and --on takes no PREDICATE", advice="give only SUBJECT and --on DOCUMENT"
        )
    found = evidence.claims(dataset, thing, evidence.property_called(dataset, predicate) if predicate else None)
    if not found:
        raise NegativeFinding("no source states this fact", terms.compact(thing.value), "see `oewg show` for its facts")
    format = wanted(format, output)
    because = Reasons(data_root, dataset, found)
    if format in CITATION_FORMATS:
        stated = [claim for claim in found if because.lines(claim)]
        rows = [
            f"{said(dataset, thing)}, {row[0]}: {row[1]}{' (our words, about this line)' if claim.ours else ''}"
            for claim, row in zip(stated, rows_of(dataset, stated), strict=True)
        ]
        put_citations(dataset, rows, [because.lines(claim) for claim in stated], (format, output))
        return
    names = ["property", "value", "stated in", "under heading", "decision"]
    cells = [[*row[:3], tables.short_lines([row[3]]) if row[3] else "", row[4]] for row in rows_of(dataset, found)]
    for claim, row in zip(found, cells, strict=True):
        row[2] = because.where(claim) if row[2] == "inferred" else row[2]
    if format in ("table", "md"):
        lines = {line for claim in found for line in because.lines(claim)}
        read = "\n".join(quoted(dataset, lines, links=True)) if predicate else ""
        below = (because.tree() if predicate else "") + (f"Read it on the page:\n{read}\n" if read else "")
        put_rows(names, cells, format, output, said(dataset, thing), below)
    else:
        facts = [[*row, because.cell(claim)] for claim, row in zip(found, cells, strict=True)]
        put_rows([*names, "follows from"], facts, format, output)
