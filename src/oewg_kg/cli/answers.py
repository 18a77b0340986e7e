"""Commands that answer: questions, ask, query.

Not for the facts about one thing: those are in `facts`.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pyoxigraph as ox

from oewg_kg import formats, paths, query, readings, tables, terms
from oewg_kg.citations import CITATION_FORMATS
from oewg_kg.cli.common import (
    asking_options,
    draw,
    on_terminal,
    opened,
    put,
    put_citations,
    say,
    seconds_option,
    standard_input,
    table_options,
    tell,
    wanted,
    with_option,
    within,
)
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding, ParseError, UsageError
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.readings import Asked
from oewg_kg.terms import Term

if TYPE_CHECKING:
    from oewg_kg import asides

LAID_OUT = ("table", "md")
QUERY = re.compile(r"\b(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b\s*[^\s.]", re.IGNORECASE)


@click.command()
@table_options
@click.option("--tag", help="Only questions with this tag.")
@click.pass_obj
def questions(root: str | None, format: str | None, output: str | None, tag: str | None) -> None:
    """List the saved questions; those that need the network are last.

    Example: oewg questions --tag drafts
    """
    folder = paths.find(root).queries
    known = [*query.load(folder).values(), *query.load(folder / "federated").values()]
    saved = [q for q in known if tag is None or tag in q.tags]
    if not saved:
        tags = ", ".join(sorted({name for q in known for name in q.tags}, key=str.casefold))
        raise UsageError(f"no question has the tag {tag!r}", advice=f"use one of {tags}")
    format = wanted(format, output)
    if format == "json":
        rows = [
            {
                "name": q.name,
                "summary": q.summary,
                "definition": q.definition,
                "tags": q.tags,
                "parameters": [vars(p) for p in q.parameters],
                "asks": q.reaches,
            }
            for q in saved
        ]
        put(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", output)
    else:
        cells = [
            [q.name, q.summary, ", ".join(p.name for p in q.parameters), ", ".join(q.tags), " ".join(q.reaches)]
            for q in saved
        ]
        put(draw(format, ["question", "what it asks", "settings", "tags", "external services"], cells), output)


@click.command()
@click.argument("name")
@click.option(
    "-p",
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help='Change a setting, e.g. -p second="Zero Draft"; repeatable.',
)
@click.option("--cite", is_flag=True, help="Add the source lines of each row.")
@with_option
@click.option("--endpoint", metavar="URL", help="Ask a SPARQL endpoint that holds the published data.")
@click.option("--allow-network", is_flag=True, help="Allow the question to query the external services it uses.")
@seconds_option
@asking_options
@click.pass_obj
def ask(
    root: str | None,
    name: str,
    params: tuple[str, ...],
    cite: bool,
    beside: str | None,
    endpoint: str | None,
    allow_network: bool,
    seconds: float | None,
    format: str | None,
    output: str | None,
) -> None:
    """Answer a saved question, and say what is counted.

    The answer on a terminal also lists other ways to count, with the number of rows each would give.

    Example: oewg ask states-on-both-drafts -p kind=comments --cite
    """
    pairs = [param.partition("=") for param in params]
    for given, equals, _ in pairs:
        if not equals:
            raise UsageError(f"-p {given!r} has no value", advice="use -p NAME=VALUE")
    place = paths.find(root)
    saved = query.find(place.queries, name, reaching=True)
    if endpoint and beside:
        raise UsageError("--with and --endpoint cannot be combined", advice="give one of them")
    if saved.reaches and endpoint:
        what = f"{name} combines the data here with {' and '.join(saved.reaches)}"
        raise UsageError(what, advice="use --allow-network without --endpoint")
    _, dataset = opened(root, beside)
    values = {given: value for given, _, value in pairs}
    bindings = query.bind(dataset, saved, values)
    format = wanted(format, output)
    with within(seconds):
        if saved.reaches and allow_network:
            saved = joined(saved)
        result = elsewhere(endpoint, saved, bindings) if endpoint else query.run(dataset, saved, bindings)
        told = [] if endpoint or format not in ("table", "md", "xlsx") else others(dataset, saved, values, result)
        heard = format in ("table", "md", "json", "xlsx") or (format in ("csv", "tsv") and on_terminal(sys.stderr))
        judged = decisions(dataset, saved, bindings, result) if heard and not endpoint else []
    why = "" if result.rows else reason(dataset, saved, bindings)
    cited = result.citations if cite else None
    asked = readings.asked(dataset.store, saved, bindings)
    summed = [*counted(asked, result, why), *map(str, judged)]
    if format in CITATION_FORMATS:
        _, cells = tables.for_people(result.columns, result.rows, None, named(dataset, result))
        rows = [" — ".join(filter(None, row)) for row in cells]
        put_citations(dataset, rows, result.citations, (format, output), asked)
    elif format == "json":
        about = asked.about() | {"rows": len(result.rows)} | ({"reason": why} if why else {})
        about |= {"decisions": [vars(note) for note in judged]} if judged else {}
        put(tables.write_json(result.columns, result.rows, cited, about), output)
    elif format in ("csv", "tsv"):
        put(draw(format, *tables.for_machines(result.columns, result.rows, cited)), output)
    else:
        below = [
            *summed,
            *told,
            *(under(dataset, cited) if cited else []),
        ]
        if format == "xlsx":
            sheet = tables.for_spreadsheets(result.columns, result.rows, cited)
            from oewg_kg import workbooks

            put(workbooks.write({"answer": sheet}, [[note] for note in (asked.heading, *below)]), output)
        else:
            table = tables.for_people(result.columns, result.rows, cited, named(dataset, result))
            body = draw(format, *table) if result.rows else "no rows\n"
            put("\n".join([asked.heading, "", body, *below]) + "\n", output)
    if format not in ("table", "md") and (not result.rows or on_terminal(sys.stderr)):
        say("\n".join(summed))


def elsewhere(endpoint: str, saved: SavedQuery, bindings: dict[str, Term]) -> QueryResult:
    """Answer a saved question in an engine to which the graph was published."""
    from oewg_kg import remote

    return query.collect(saved, *remote.select(endpoint, query.with_values(saved, bindings)))


def joined(saved: SavedQuery) -> SavedQuery:
    """Ask the endpoints that a question names, so that it can be answered here."""
    from oewg_kg import federated

    saved = federated.fetched(saved, tell)
    tell("done")
    return saved


def decisions(dataset: Dataset, saved: SavedQuery, bindings: dict[str, Term], result: QueryResult) -> list[asides.Note]:
    """Find the decisions on which an answer rests."""
    from oewg_kg import asides

    return asides.notes(dataset, saved, bindings, result)


def reason(dataset: Dataset, saved: SavedQuery, bindings: dict[str, Term]) -> str:
    """Say why an answer is empty."""
    from oewg_kg import absence

    return absence.reason(dataset, saved, bindings)


def named(dataset: Dataset, result: QueryResult) -> Mapping[str, str]:
    """Find the labels of the IRIs that an answer shows to people."""
    return terms.labels(dataset.store, tables.iris(result.columns, result.rows))


def counted(asked: Asked, result: QueryResult, why: str) -> list[str]:
    """Say how many rows there are, or why there are none, by which definition, with which values."""
    rows = tables.counted(result.columns, result.rows) + (f": {why}" if why else "")
    return [f"{rows}. Counted: {asked.definition}.", *([f"Settings: {asked.values}."] if asked.values else [])]


def others(dataset: Dataset, saved: SavedQuery, values: dict[str, str], result: QueryResult) -> list[str]:
    """Write how many rows each other reading has, and the options that ask for it."""
    told = []
    for reading in readings.others(dataset, saved, values, result):
        options = " ".join(f"-p {name}={value}" for name, value in reading.values.items())
        told.append(f"{reading.phrase}: {reading.rows} ({options}).")
    return told


def under(dataset: Dataset, cited: Sequence[Sequence[str]]) -> list[str]:
    """List the headings above the cited lines."""
    from oewg_kg import evidence

    above = {evidence.heading(dataset.store, ox.NamedNode(line)) for lines in cited for line in lines}
    headings = sorted((line for line in above if line), key=terms.line_order)
    return [f"Headings above these lines: {tables.short_lines(headings)}."] if headings else []


@click.command("query")
@click.argument("file", required=False)
@click.option("-q", "--query", "text", help="The text of the query.")
@click.option(
    "-f",
    "--format",
    help=f"table, md, {', '.join(formats.RESULT_FORMATS)}; for CONSTRUCT and DESCRIBE: {', '.join(formats.GRAPH_FORMATS)}.",
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")
@click.option("--endpoint", metavar="URL", help="Send the query to a SPARQL endpoint instead.")
@click.option("--exit-status", is_flag=True, help="Exit with 1 if an ASK query is false.")
@seconds_option
@with_option
@click.pass_obj
def query_command(
    root: str | None,
    file: str | None,
    text: str | None,
    format: str | None,
    output: str | None,
    endpoint: str | None,
    exit_status: bool,
    seconds: float | None,
    beside: str | None,
) -> None:
    """Run any SPARQL 1.1 query.

    The prefixes of this project are predefined. FILE may be - for standard input.

    Example: oewg query "SELECT ?s WHERE { ?s oewg:addresses document:oewg1-zero-draft } LIMIT 3"
    """
    from oewg_kg import hints  # here: it loads rapidfuzz, which `ask` does not need

    source, sparql = given(file, text)
    layout = format if format in LAID_OUT else wanted(None, output) if (output or "").endswith((".md", ".txt")) else ""
    chosen = formats.by_name(format) if format and not layout else None
    if endpoint:
        from oewg_kg import remote

        with within(seconds):
            answer = remote.query(endpoint, sparql, formats.by_name("json") if layout else chosen)
        if layout:
            answer, _ = laid_out(ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON), layout)
        put(answer, output)
        return
    _, dataset = opened(root, beside)
    with within(seconds):
        found = query.run_text(dataset, sparql, source)
        if isinstance(found, ox.QueryTriples):
            if format in LAID_OUT:
                advice = "one of " + ", ".join(formats.GRAPH_FORMATS)
                raise UsageError(f"a graph cannot be written as {format}", advice=advice)
            chosen = chosen or formats.of_output(output or "", True) or formats.by_name("turtle")
            answer = formats.graph(found, chosen)
            empty = hints.is_empty(answer, chosen)
        else:
            ask = isinstance(found, ox.QueryBoolean)
            chosen = chosen or formats.of_output(output or "", False)
            if layout or (not (ask or chosen or output) and on_terminal(sys.stdout)):
                answer, empty = laid_out(found, layout or "table")
            else:
                chosen = chosen or formats.by_name("json" if ask else "csv")
                answer = formats.results(found, chosen)
                empty = hints.is_empty(answer, chosen)
        told = hints.of(dataset.store, sparql, empty)
    put(answer, output)
    for hint in told:
        say(f"oewg: {hint}")
    if exit_status and empty and isinstance(found, ox.QueryBoolean):
        raise click.exceptions.Exit(NegativeFinding.exit_code)


def given(file: str | None, text: str | None) -> tuple[str, str]:
    """Read the query: the name of its source for errors, and its text; raises UsageError when there is none, or two."""
    if (file is None) == (text is None):
        raise UsageError("give one query", advice="a FILE, - for standard input, or -q TEXT")
    if file is None or (QUERY.search(file) and not _is_file(file)):
        return "query", str(text if file is None else file)
    source = file if file != "-" else "query"
    try:
        return source, (standard_input() if file == "-" else Path(file).read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError("not UTF-8 text", source, "save it as UTF-8") from error


def _is_file(name: str) -> bool:
    with contextlib.suppress(OSError, ValueError):  # longer than a name may be, or with a NUL
        return Path(name).is_file()
    return False


def laid_out(found: ox.QuerySolutions | ox.QueryBoolean, format: str) -> tuple[bytes, bool]:
    """Write the answer to a SELECT or ASK for people; tell whether it has no row, or is no."""
    if isinstance(found, ox.QueryBoolean):
        return (b"yes\n" if found else b"no\n"), not found
    columns, rows = [variable.value for variable in found.variables], [tuple(row) for row in found]
    return draw(format, *tables.for_people(columns, rows, None)).encode(), not rows
