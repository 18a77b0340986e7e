"""The command `ask`: answer a saved question, with notes, other ways to count, and the headings above the cited lines."""

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import paths, query, tables, terms, texts
from oewg_kg.answers import decision_notes, empty, former_names, readings
from oewg_kg.answers.readings import QuestionWording
from oewg_kg.cli import common, questions, terminal
from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import open_graph
from oewg_kg.cli.output import TABLE_FORMATS, Output, draw, output_options, put
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding, UsageError, either
from oewg_kg.formats import CITATION_FORMATS
from oewg_kg.paths import Beside
from oewg_kg.query import QueryResult, SavedQuery

LISTED_CHOICES = 12  # of a setting in the help


class AskCommand(click.Command):
    """The command `ask`; `oewg ask NAME --help` explains the parameters of one question."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; help after a name is about the question of that name."""
        if args and not args[0].startswith("-") and {"-h", "--help"} & set(args[1:]):
            put(explain_settings(ctx.obj, args[0]))
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
    help="Count states by UN region (m49-region), group (group:NAM), vote (vote:A/RES/75/240) ...; zeros included.",
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
    saved, values = question_for(root, name, parse_settings(params), out)
    refuse_combinations(saved, beside, endpoint, receipt, allow_network)
    votes = replace(beside, files=(), keys=()) if beside and beside.votes else None
    data_root, dataset = open_graph(root, votes, pages=pages)
    bindings = query.bind(dataset, saved, values)
    for_people, attended = out.for_people or out.format == "xlsx", terminal.is_terminal(sys.stderr)
    with common.time_limit(seconds):
        if saved.reaches and allow_network:
            from oewg_kg.remote import federated

            saved = federated.fetch_services(saved, common.show_step)
        if endpoint:
            from oewg_kg.remote import client as remote

            result = query.collect(saved, *remote.select(endpoint, query.with_values(saved, bindings)))
        else:
            result = query.run(dataset, saved, bindings)
        reading_lines = other_readings(dataset, saved, values, result) if for_people and not endpoint else []
        with_notes = for_people or out.format == "json" or (attended and out.format in ("csv", "tsv"))
        notes = decision_notes.notes(dataset, saved, bindings, result) if with_notes and not endpoint else []
    if beside and beside.files:
        from oewg_kg.reconcile import user_files

        result = user_files.add_columns(result, user_files.read(dataset.store, beside, say), say)
    reason = "" if result.rows else empty.reason(dataset, saved, bindings)
    measure_lines = []
    if by:
        from oewg_kg.measures import participation

        measure = participation.class_counts(dataset, data_root.queries, saved, bindings, result, by)
        result, measure_lines = measure.result, [measure.sentence]
    if receipt:
        from oewg_kg.answers import receipts

        put(receipts.write(receipts.make(data_root, dataset, saved, bindings)), receipt)
    wording = readings.question_wording(dataset.store, saved, bindings)
    summary = [*summary_lines(wording, result, reason), *measure_lines, *map(str, notes)]
    citations = result.citations if cite else None
    if for_people:
        lines = common.quotations(dataset, [line for lines in result.citations for line in lines])
        notes_below = [*summary, *reading_lines, *(headings_note(dataset, citations) if citations else []), *lines]
        put_answer(dataset, wording.heading, result, citations, notes_below, out)
    elif out.format in CITATION_FORMATS:
        labels = tables.labels(dataset.store, result.columns, result.rows)
        _, cells = tables.for_people(result.columns, result.rows, None, labels)
        out.put_citations(dataset, [" — ".join(filter(None, row)) for row in cells], result.citations, wording)
    elif out.format == "json":
        description = wording.about() | {"rows": len(result.rows)} | ({"reason": reason} if reason else {})
        description |= {"measure": measure_lines[0]} if measure_lines else {}
        description |= {"decisions": [vars(note) for note in notes]} if notes else {}
        out.put(tables.write_json(result.columns, result.rows, citations, description))
    elif out.format == "svg":
        from oewg_kg.measures import pictures

        out.put(pictures.draw_bars(wording.heading, result, measure_lines or summary))
    else:
        out.put(draw(out.format, *tables.for_machines(result.columns, result.rows, citations)))
    if not out.for_people and (attended or not result.rows):
        say("\n".join(summary))


def parse_settings(params: Sequence[str]) -> dict[str, str]:
    """Read each NAME=VALUE; raises UsageError for one without a value, or given twice."""
    values: dict[str, str] = {}
    for name, equals, value in (param.partition("=") for param in params):
        if not equals:
            raise UsageError(f"-p {name!r} has no value", advice="use -p NAME=VALUE")
        if name in values:
            raise UsageError(f"-p {name} is given twice, but can have only one value", advice="give one of them")
        values[name] = value
    return values


def refuse_combinations(
    saved: SavedQuery, beside: Beside | None, endpoint: str | None, receipt: str | None, allow_network: bool
) -> None:
    """Raise UsageError for options that cannot be combined."""
    if endpoint and beside:
        raise UsageError("--with and --endpoint cannot be combined", advice="give only one of them")
    if saved.reaches and endpoint:
        problem = f"{saved.name} combines the local data with {' and '.join(saved.reaches)}"
        raise UsageError(problem, advice="use --allow-network without --endpoint")
    if receipt and (endpoint or beside or allow_network):
        problem = "--receipt only works for answers from this dataset"
        raise UsageError(problem, advice="leave out --endpoint, --with and --allow-network")


def put_answer(
    dataset: Dataset,
    heading: str,
    result: QueryResult,
    citations: Sequence[Sequence[str]] | None,
    notes_below: list[str],
    out: Output,
) -> None:
    """Write an answer for people: as a workbook, or as text with its heading above and notes below."""
    if out.format == "xlsx":
        from oewg_kg.export import workbooks

        sheet = tables.for_spreadsheets(result.columns, result.rows, citations)
        out.put(workbooks.write({"answer": sheet}, [[note] for note in (heading, *notes_below)]))
        return
    labels = tables.labels(dataset.store, result.columns, result.rows)
    headings, cells = tables.for_people(result.columns, result.rows, citations, labels)
    table = draw(out.format, headings, cells) if result.rows else "no rows\n"
    out.put("\n".join([heading, "", table, *notes_below]) + "\n")


def question_for(root: str | None, text: str, values: dict[str, str], out: Output) -> tuple[SavedQuery, dict[str, str]]:
    """Find a question by its name or title; for other words, print similar questions and raise NegativeFinding."""
    folder = paths.find(root).queries
    if not re.search(r"\s", text.strip()):
        return former_names.find(folder, text, values)
    from oewg_kg.find import ranking

    _, dataset = open_graph(root)
    search = ranking.Finder(dataset, folder).find(text)
    if search.exact:
        return query.find(folder, search.offers[0].name), values
    offer_format = out.format if out.named and out.format in TABLE_FORMATS else "table"
    questions.put_offers(search, replace(out, format=offer_format, file=None))
    raise NegativeFinding("no question has exactly this title", advice="run one of these commands")


def explain_settings(root: str | None, name: str) -> str:
    """Explain one question: what it counts, and for each setting what it means, its default and the other possible values."""
    data_root, dataset = open_graph(root)
    saved, values = former_names.find(data_root.queries, name, {})
    defaults = readings.question_wording(dataset.store, saved, query.bind(dataset, saved, values)).words
    settings: dict[str, list[str]] = {}
    for parameter in saved.parameters:
        labels = [value["label"] for value in questions.value_labels(dataset.store, parameter)]
        classes = [terms.expand(name.strip().removeprefix("subclasses of ")) for name in parameter.choices.split(",")]
        value_type = either([terms.name(dataset.store, iri) for iri in classes if iri]) or parameter.type
        value_type += ", one or several with commas" * (parameter.type == "iris")
        meaning = f"{parameter.means} ({value_type})" if parameter.means else value_type
        settings[parameter.name] = [meaning, f"default: {defaults[parameter.name]}"]
        if labels:
            ellipsis = "; ..." if len(labels) > LISTED_CHOICES else ""
            settings[parameter.name].append(f"one of {len(labels)}: {'; '.join(labels[:LISTED_CHOICES])}{ellipsis}")
    import textwrap  # here: only the help of a question is wrapped

    wrap = partial(textwrap.fill, width=100, initial_indent=" " * 6, subsequent_indent=" " * 8, break_on_hyphens=False)
    return texts.filled("cli/settings.txt.jinja", saved=saved, settings=settings, wrap=wrap)


def summary_lines(wording: QuestionWording, result: QueryResult, reason: str) -> list[str]:
    """Describe the number of rows, or why there are none, with the definition and the values used."""
    count = tables.row_count(result.columns, result.rows) + (f": {reason}" if reason else "")
    return [f"{count}. Counted: {wording.definition}.", *([f"Settings: {wording.values}."] if wording.values else [])]


def other_readings(dataset: Dataset, saved: SavedQuery, values: dict[str, str], result: QueryResult) -> list[str]:
    """Write how many rows each other way to count has, and the options for it."""
    reading_lines = []
    for reading in readings.other_readings(dataset, saved, values, result):
        options = " ".join(f"-p {name}={value}" for name, value in reading.values.items())
        reading_lines.append(f"{reading.phrase}: {reading.rows} ({options}).")
    return reading_lines


def headings_note(dataset: Dataset, citations: Sequence[Sequence[str]]) -> list[str]:
    """List the headings above the cited lines."""
    from oewg_kg.evidence import claims  # here: only cited answers have headings

    heading_lines = {claims.heading(dataset.store, ox.NamedNode(line)) for lines in citations for line in lines}
    headings = sorted((line for line in heading_lines if line), key=terms.line_order)
    return [f"The lines are under these headings: {tables.short_lines(headings)}."] if headings else []
