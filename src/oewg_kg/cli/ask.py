"""The command `ask`: answer a saved question, with notes, other ways to count, and the headings above the cited lines."""

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import pyoxigraph as ox

from oewg_kg import paths, query, tables, terms, texts
from oewg_kg.answers import decision_notes, empty, former_names, readings
from oewg_kg.answers.readings import Asked
from oewg_kg.cli import common, questions, terminal
from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import opened
from oewg_kg.cli.output import TABLE_FORMATS, Output, draw, output_options, put
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding, UsageError, either
from oewg_kg.formats import CITATION_FORMATS
from oewg_kg.paths import Beside
from oewg_kg.query import QueryResult, SavedQuery

MOST_CHOICES = 12  # of a setting in the help
INDENTED: Any = {"initial_indent": " " * 6, "subsequent_indent": " " * 8, "break_on_hyphens": False}


class AskCommand(click.Command):
    """The command `ask`; `oewg ask NAME --help` explains the parameters of one question."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; help after a name is about the question of that name."""
        if args and not args[0].startswith("-") and {"-h", "--help"} & set(args[1:]):
            put(explained(ctx.obj, args[0]))
            ctx.exit()
        return super().parse_args(ctx, args)


@click.command(cls=AskCommand)
@click.argument("name")
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help='Change a setting, e.g. -p second="Zero Draft"; repeatable.',
)
@click.option(
    "--by",
    metavar="CLASS",
    help="Count states by region, group, vote or the like (m49-region, group:NAM, vote:A/RES/75/240 ...), zeros included.",
)
@click.option("--cite", is_flag=True, help="Add the sources of each row: lines, voting records or references.")
@common.with_option
@common.pages_option
@click.option("--endpoint", metavar="URL", help="Query the data published at a SPARQL endpoint, not the local data.")
@click.option("--allow-network", is_flag=True, help="Allow queries to the external services that the question uses.")
@common.receipt_option
@common.seconds_option
@output_options("xlsx", "svg", *CITATION_FORMATS)
@click.pass_obj
def ask(
    root: str | None,
    name: str,
    params: tuple[str, ...],
    by: str | None,
    cite: bool,
    beside: Beside | None,
    pages: Path | None,
    endpoint: str | None,
    allow_network: bool,
    receipt: str | None,
    seconds: float | None,
    out: Output,
) -> None:
    """Answer a saved question, and say what is counted.

    NAME is the short name or the title of a question. For any other words, up to four similar questions are
    suggested. In a terminal, the answer also lists other ways to count, with the number of rows that each would
    give. `oewg ask NAME --help` explains the settings of one question.

    Example: oewg ask states-on-both-drafts -p kind=comments --cite
    """
    saved, values = called(root, name, settings(params), out)
    refuse_mixed(saved, beside, endpoint, receipt, allow_network)
    votes = replace(beside, files=(), keys=()) if beside and beside.votes else None
    data_root, dataset = opened(root, votes, pages=pages)
    bindings = query.bind(dataset, saved, values)
    people = out.for_people or out.format == "xlsx"
    with common.within(seconds):
        if saved.reaches and allow_network:
            from oewg_kg.remote import federated

            saved = federated.fetch_services(saved, common.tell)
        if endpoint:
            from oewg_kg.remote import client as remote

            result = query.collect(saved, *remote.select(endpoint, query.with_values(saved, bindings)))
        else:
            result = query.run(dataset, saved, bindings)
        readings_text = others(dataset, saved, values, result) if people and not endpoint else []
        heard = people or out.format == "json" or (out.format in ("csv", "tsv") and terminal.attached(sys.stderr))
        judged = decision_notes.notes(dataset, saved, bindings, result) if heard and not endpoint else []
    if beside and beside.files:
        from oewg_kg.reconcile import user_files

        result = user_files.add_columns(result, user_files.read(dataset.store, beside, say), say)
    why = "" if result.rows else empty.reason(dataset, saved, bindings)
    measured = []
    if by:
        from oewg_kg.measures import participation

        found = participation.of(dataset, data_root.queries, saved, bindings, result, by)
        result, measured = found.result, [found.sentence]
    if receipt:
        from oewg_kg.answers import receipts

        put(receipts.write(receipts.make(data_root, dataset, saved, bindings)), receipt)
    asked = readings.asked(dataset.store, saved, bindings)
    summed = [*counted(asked, result, why), *measured, *map(str, judged)]
    cited = result.citations if cite else None
    if people:
        lines = common.quoted(dataset, [line for lines in result.citations for line in lines])
        below = [*summed, *readings_text, *(under(dataset, cited) if cited else []), *lines]
        put_answer(dataset, asked.heading, result, cited, below, out)
    elif out.format in CITATION_FORMATS:
        _, cells = tables.for_people(
            result.columns, result.rows, None, tables.labels(dataset.store, result.columns, result.rows)
        )
        out.put_citations(dataset, [" — ".join(filter(None, row)) for row in cells], result.citations, asked)
    elif out.format == "json":
        about = asked.about() | {"rows": len(result.rows)} | ({"reason": why} if why else {})
        about |= {"measure": measured[0]} if measured else {}
        about |= {"decisions": [vars(note) for note in judged]} if judged else {}
        out.put(tables.write_json(result.columns, result.rows, cited, about))
    elif out.format == "svg":
        from oewg_kg.measures import pictures

        out.put(pictures.bars(asked.heading, result, measured or summed))
    else:
        out.put(draw(out.format, *tables.for_machines(result.columns, result.rows, cited)))
    if not out.for_people and (not result.rows or terminal.attached(sys.stderr)):
        say("\n".join(summed))


def settings(params: Sequence[str]) -> dict[str, str]:
    """Read each NAME=VALUE; raises UsageError for one without a value, or given twice."""
    values: dict[str, str] = {}
    for name, equals, value in (param.partition("=") for param in params):
        if not equals:
            raise UsageError(f"-p {name!r} has no value", advice="use -p NAME=VALUE")
        if name in values:
            raise UsageError(f"-p {name} is given twice, but can have only one value", advice="give one of them")
        values[name] = value
    return values


def refuse_mixed(
    saved: SavedQuery, beside: Beside | None, endpoint: str | None, receipt: str | None, allow_network: bool
) -> None:
    """Raise UsageError for options that cannot be combined."""
    if endpoint and beside:
        raise UsageError("--with and --endpoint cannot be combined", advice="give only one of them")
    if saved.reaches and endpoint:
        what = f"{saved.name} combines the local data with {' and '.join(saved.reaches)}"
        raise UsageError(what, advice="use --allow-network without --endpoint")
    if receipt and (endpoint or beside or allow_network):
        what = "--receipt only works for answers from this dataset"
        raise UsageError(what, advice="leave out --endpoint, --with and --allow-network")


def put_answer(
    dataset: Dataset,
    heading: str,
    result: QueryResult,
    cited: Sequence[Sequence[str]] | None,
    below: list[str],
    out: Output,
) -> None:
    """Write an answer for people: as a workbook, or as text with its heading above and notes below."""
    if out.format == "xlsx":
        from oewg_kg.export import workbooks

        sheet = tables.for_spreadsheets(result.columns, result.rows, cited)
        out.put(workbooks.write({"answer": sheet}, [[note] for note in (heading, *below)]))
        return
    table = tables.for_people(
        result.columns, result.rows, cited, tables.labels(dataset.store, result.columns, result.rows)
    )
    out.put("\n".join([heading, "", draw(out.format, *table) if result.rows else "no rows\n", *below]) + "\n")


def called(root: str | None, name: str, values: dict[str, str], out: Output) -> tuple[SavedQuery, dict[str, str]]:
    """Find a question by its name or title; for other words, print similar questions and raise NegativeFinding."""
    folder = paths.find(root).queries
    if not re.search(r"\s", name.strip()):
        return former_names.find(folder, name, values)
    from oewg_kg.find import ranking

    _, dataset = opened(root)
    found = ranking.Finder(dataset, folder).find(name)
    if found.exact:
        return query.find(folder, found.offers[0].name), values
    shown = out.format if out.named and out.format in TABLE_FORMATS else "table"
    questions.put_offers(found, replace(out, format=shown, file=None))
    raise NegativeFinding("no question has exactly this title", advice="run one of these commands")


def explained(root: str | None, name: str) -> str:
    """Explain one question: what it counts, and for each setting what it means, its default and the other possible values."""
    data_root, dataset = opened(root)
    saved, given = former_names.find(data_root.queries, name, {})
    defaults = readings.asked(dataset.store, saved, query.bind(dataset, saved, given)).words
    settings: dict[str, list[str]] = {}
    for one in saved.parameters:
        names = [value["label"] for value in questions.values(dataset.store, one)]
        classes = [terms.expand(part.strip().removeprefix("subclasses of ")) for part in one.choices.split(",")]
        kind = either([terms.name(dataset.store, iri) for iri in classes if iri]) or one.type
        kind += ", one or several with commas" * (one.type == "iris")
        more = "; ..." if len(names) > MOST_CHOICES else ""
        others = [f"one of {len(names)}: {'; '.join(names[:MOST_CHOICES])}{more}"] if names else []
        settings[one.name] = [f"{one.means} ({kind})" if one.means else kind, f"default: {defaults[one.name]}", *others]
    import textwrap  # here: only the help of a question is wrapped

    wrapped = partial(textwrap.fill, width=100, **INDENTED)
    return texts.filled("cli/settings.txt.jinja", saved=saved, settings=settings, wrapped=wrapped)


def counted(asked: Asked, result: QueryResult, why: str) -> list[str]:
    """Describe the number of rows, or why there are none, with the definition and the values used."""
    rows = tables.row_count(result.columns, result.rows) + (f": {why}" if why else "")
    return [f"{rows}. Counted: {asked.definition}.", *([f"Settings: {asked.values}."] if asked.values else [])]


def others(dataset: Dataset, saved: SavedQuery, values: dict[str, str], result: QueryResult) -> list[str]:
    """Write how many rows each other way to count has, and the options for it."""
    lines = []
    for reading in readings.others(dataset, saved, values, result):
        options = " ".join(f"-p {name}={value}" for name, value in reading.values.items())
        lines.append(f"{reading.phrase}: {reading.rows} ({options}).")
    return lines


def under(dataset: Dataset, cited: Sequence[Sequence[str]]) -> list[str]:
    """List the headings above the cited lines."""
    from oewg_kg.evidence import claims  # here: only cited answers have headings

    above = {claims.heading(dataset.store, ox.NamedNode(line)) for lines in cited for line in lines}
    headings = sorted((line for line in above if line), key=terms.line_order)
    return [f"Headings above these lines: {tables.short_lines(headings)}."] if headings else []
