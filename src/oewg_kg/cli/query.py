"""The command `query`: run any SPARQL 1.1 query, and warn of what may be mistyped in it."""

import os
import re
import sys
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import formats, query, tables
from oewg_kg.cli import common, terminal
from oewg_kg.cli.boundary import say
from oewg_kg.cli.common import seconds_option, with_option, within
from oewg_kg.cli.output import PEOPLE, draw, file_option, put, wanted
from oewg_kg.errors import NegativeFinding, ParseError, UsageError
from oewg_kg.paths import Beside

QUERY = re.compile(r"\b(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b\s*[^\s.]", re.IGNORECASE)
PROLOGUE = r"(?:\s|#.*\n|PREFIX\s[^<]*<[^>]*>|BASE\s*<[^>]*>)*"
UPDATE = re.compile(PROLOGUE + r"(?:INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|WITH)\s+[^\s.]", re.IGNORECASE)


@click.command("query")
@click.argument("file", required=False)
@click.option("-q", "--query", "text", help="The text of the query.")
@click.option(
    "-f",
    "--format",
    help=f"table, md, {', '.join(formats.RESULT_FORMATS)}; for CONSTRUCT and DESCRIBE: {', '.join(formats.GRAPH_FORMATS)}.",
)
@file_option
@click.option("--endpoint", metavar="URL", help="Query a SPARQL endpoint instead of the local data.")
@click.option("--exit-status", is_flag=True, help="Exit with status 1 if an ASK query is false.")
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
    beside: Beside | None,
) -> None:
    """Run any SPARQL 1.1 query.

    The prefixes of this project are predefined. FILE may also be the text of a query, or - for standard input.

    Example: oewg query "SELECT ?s WHERE { ?s oewg:addresses document:oewg1-zero-draft } LIMIT 3"
    """
    from oewg_kg.query_analysis import mistyped  # here: it loads rapidfuzz, which `ask` does not need

    source, sparql = given(file, text)
    if not sparql.strip():
        raise ParseError("the query is empty", source, "give a file or the text of a query")
    if UPDATE.match(sparql):
        raise ParseError("this is an update", source, "give a query (SELECT, ASK, CONSTRUCT or DESCRIBE)")
    for_people = format in PEOPLE or (not format and (output or "").endswith((".md", ".txt")))
    layout = wanted(format, output).format if for_people else ""
    chosen = formats.by_name(format) if format and not layout else None
    if endpoint:
        from oewg_kg.remote import client as remote

        with within(seconds):
            answer = remote.query(endpoint, sparql, formats.by_name("json") if layout else chosen)
        if layout:
            answer, _ = laid_out(ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON), layout)
        put(answer, output)
        return
    _, dataset = common.opened(root, beside)
    with within(seconds):
        found = query.run_text(dataset, sparql, source)
        if isinstance(found, ox.QueryTriples):
            if format in PEOPLE:
                advice = "use one of " + ", ".join(formats.GRAPH_FORMATS)
                raise UsageError(f"a graph cannot be written as {format}", advice=advice)
            chosen = chosen or formats.of_output(output or "", True) or formats.by_name("turtle")
            answer = formats.graph(found, chosen)
            empty = mistyped.is_empty(answer, chosen)
        else:
            ask = isinstance(found, ox.QueryBoolean)
            chosen = chosen or formats.of_output(output or "", False)
            if layout or (not (ask or chosen or output) and terminal.attached(sys.stdout)):
                answer, empty = laid_out(found, layout or "table")
            else:
                chosen = chosen or formats.by_name("json" if ask else "csv")
                answer = formats.results(found, chosen)
                empty = mistyped.is_empty(answer, chosen)
        hints = mistyped.of(dataset.store, sparql, empty)
    put(answer, output)
    for hint in hints:
        say(f"oewg: {hint}")
    if exit_status and empty and isinstance(found, ox.QueryBoolean):
        raise click.exceptions.Exit(NegativeFinding.exit_code)


def given(file: str | None, text: str | None) -> tuple[str, str]:
    """Read the query and the name of its source for errors; raises UsageError if there is none, or more than one."""
    if (file is None) == (text is None):
        raise UsageError("give exactly one query: a FILE, - for standard input, or -q TEXT")
    named = os.path.isfile(file or "")  # noqa: PTH113 - false where pathlib raises: for a name that is too long
    if file is None or not file.strip() or (not named and (QUERY.search(file) or UPDATE.match(file))):
        return "query", str(text if file is None else file)
    source = file if file != "-" else "query"
    try:
        return source, (common.standard_input() if file == "-" else Path(file).read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError("the query is not UTF-8 text", source, "save it as UTF-8") from error


def laid_out(found: ox.QuerySolutions | ox.QueryBoolean, format: str) -> tuple[bytes, bool]:
    """Write the answer to a SELECT or ASK for people; also return whether it has no row, or is false."""
    if isinstance(found, ox.QueryBoolean):
        return (b"yes\n" if found else b"no\n"), not found
    columns, rows = [variable.value for variable in found.variables], [tuple(row) for row in found]
    return draw(format, *tables.for_people(columns, rows, None)).encode(), not rows
