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
from oewg_kg.cli.common import seconds_option, time_limit, with_option
from oewg_kg.cli.output import PEOPLE_FORMATS, choose_output, draw, file_option, put
from oewg_kg.errors import NegativeFinding, ParseError, UsageError
from oewg_kg.paths import Beside

QUERY_FORM = re.compile(r"\b(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b\s*[^\s.]", re.IGNORECASE)
PROLOGUE = r"(?:\s|#.*\n|PREFIX\s[^<]*<[^>]*>|BASE\s*<[^>]*>)*"
UPDATE_FORM = re.compile(PROLOGUE + r"(?:INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|WITH)\s+[^\s.]", re.IGNORECASE)


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

    source, sparql = read_query(file, text)
    if not sparql.strip():
        raise ParseError("the query is empty", source, "give a file or the text of a query")
    if UPDATE_FORM.match(sparql):
        raise ParseError("this is an update", source, "give a query (SELECT, ASK, CONSTRUCT or DESCRIBE)")
    for_people = format in PEOPLE_FORMATS or (not format and (output or "").endswith((".md", ".txt")))
    people_format = choose_output(format, output).format if for_people else ""
    file_format = formats.by_name(format) if format and not people_format else None
    if endpoint:
        from oewg_kg.remote import client as remote

        with time_limit(seconds):
            answer = remote.query(endpoint, sparql, formats.by_name("json") if people_format else file_format)
        if people_format:
            answer, _ = lay_out_result(ox.parse_query_results(answer, format=ox.QueryResultsFormat.JSON), people_format)
        put(answer, output)
        return
    _, dataset = common.open_graph(root, beside)
    with time_limit(seconds):
        result = query.run_text(dataset, sparql, source)
        if isinstance(result, ox.QueryTriples):
            if format in PEOPLE_FORMATS:
                advice = "use one of " + ", ".join(formats.GRAPH_FORMATS)
                raise UsageError(f"a graph cannot be written as {format}", advice=advice)
            file_format = file_format or formats.of_output(output or "", True) or formats.by_name("turtle")
            answer = formats.graph(result, file_format)
            empty = mistyped.is_empty(answer, file_format)
        else:
            is_ask = isinstance(result, ox.QueryBoolean)
            file_format = file_format or formats.of_output(output or "", False)
            if people_format or (not (is_ask or file_format or output) and terminal.is_terminal(sys.stdout)):
                answer, empty = lay_out_result(result, people_format or "table")
            else:
                file_format = file_format or formats.by_name("json" if is_ask else "csv")
                answer = formats.results(result, file_format)
                empty = mistyped.is_empty(answer, file_format)
        hints = mistyped.of(dataset.store, sparql, empty)
    put(answer, output)
    for hint in hints:
        say(f"oewg: {hint}")
    if exit_status and empty and isinstance(result, ox.QueryBoolean):
        raise click.exceptions.Exit(NegativeFinding.exit_code)


def read_query(file: str | None, text: str | None) -> tuple[str, str]:
    """Read the query and the name of its source for errors; raises UsageError if there is none, or more than one."""
    if (file is None) == (text is None):
        raise UsageError("give exactly one query: a FILE, - for standard input, or -q TEXT")
    is_file = os.path.isfile(file or "")  # noqa: PTH113 - false where pathlib raises: for a name that is too long
    if file is None or not file.strip() or (not is_file and (QUERY_FORM.search(file) or UPDATE_FORM.match(file))):
        return "query", str(text if file is None else file)
    source = file if file != "-" else "query"
    try:
        return source, (common.read_standard_input() if file == "-" else Path(file).read_bytes()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError("the query is not UTF-8 text", source, "save it as UTF-8") from error


def lay_out_result(result: ox.QuerySolutions | ox.QueryBoolean, format: str) -> tuple[bytes, bool]:
    """Write the answer to a SELECT or ASK for people; also return whether it has no row, or is false."""
    if isinstance(result, ox.QueryBoolean):
        return (b"yes\n" if result else b"no\n"), not result
    columns, rows = [variable.value for variable in result.variables], [tuple(row) for row in result]
    return draw(format, *tables.for_people(columns, rows, None)).encode(), not rows
