"""Commands that answer: questions, ask, query.

Not for the facts about one thing: those are in `facts`.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import evidence, formats, paths, query, readings, tables, terms
from oewg_kg.citations import CITATION_FORMATS
from oewg_kg.cli.common import (
    citing_options,
    draw,
    on_terminal,
    opened,
    put,
    put_citations,
    say,
    seconds_option,
    table_options,
    tell,
    wanted,
    with_option,
    within,
)
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding, ParseError, UsageError
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.terms import Term


@click.command()
@table_options
@click.option("--tag", help="Only questions with this tag.")
@click.pass_obj
def questions(root: str | None, format: str | None, output: str | None, tag: str | None) -> None:
    """List the saved questions, last those that ask an endpoint of others.

    Example: oewg questions --tag drafts
    """
    folder = paths.find(root).queries
    known = [*query.load(folder).values(), *query.load(folder / "federated").values()]
    saved = [q for q in known if tag is None or tag in q.tags]
    if not saved:
        tags = ", ".join(sorted({name for q in known for name in q.tags}, key=str.casefold))
        raise UsageError(f"no question has the tag {tag!r}", advice=f"the tags: {tags}")
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
        put(draw(format, ["question", "what it asks", "parameters", "tags", "asks"], cells), output)


@click.command()
@click.argument("name")
@click.option(
    "-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="An IRI, a CURIE or a label; may be repeated."
)
@click.option("--cite", is_flag=True, help="With the lines that prove each row.")
@with_option
@click.option("--endpoint", metavar="URL", help="Ask a SPARQL endpoint to which the graph was published.")
@click.option("--allow-network", is_flag=True, help="Let a question ask the endpoints of others that it names.")
@seconds_option
@citing_options
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
    """Answer a saved question, with its definition and its other readings.

    Example: oewg ask states-on-both-drafts -p second="First Draft of the OEWG substantive report" --cite
    """
    pairs = [param.partition("=") for param in params]
    for given, equals, _ in pairs:
        if not equals:
            raise UsageError(f"-p {given!r} has no value", advice="write -p name=value")
    place = paths.find(root)
    saved = query.find(place.queries, name, reaching=True)
    if endpoint and beside:
        raise UsageError("--with asks the graph here, --endpoint another", advice="give one of them")
    if saved.reaches and endpoint:
        what = f"{name} joins the graph here with {' and '.join(saved.reaches)}"
        raise UsageError(what, advice="leave out --endpoint, and give --allow-network")
    _, dataset = opened(root, beside)
    values = {given: value for given, _, value in pairs}
    bindings = query.bind(dataset, saved, values)
    format = wanted(format, output)
    with within(seconds):
        if saved.reaches and allow_network:
            saved = joined(saved)
        result = elsewhere(endpoint, saved, bindings) if endpoint else query.run(dataset, saved, bindings)
        told = [] if endpoint or format not in ("table", "md") else others(dataset, saved, values, result)
    cited = result.citations if cite else None
    if format in CITATION_FORMATS:
        _, cells = tables.for_people(result.columns, result.rows, None, named(dataset, result))
        put_citations(dataset, [" — ".join(filter(None, row)) for row in cells], result.citations, (format, output))
    elif format == "json":
        about = {"name": saved.name, "summary": saved.summary, "definition": saved.definition, "rows": len(result.rows)}
        put(tables.write_json(result.columns, result.rows, cited, about), output)
    elif format in ("csv", "tsv"):
        put(draw(format, *tables.for_machines(result.columns, result.rows, cited)), output)
        if on_terminal(sys.stderr):
            say(f"{len(result.rows)} rows. Counted: {saved.definition}.")
    else:
        table = tables.for_people(result.columns, result.rows, cited, named(dataset, result))
        body = draw(format, *table) if result.rows else "no rows\n"
        below = [
            f"{len(result.rows)} rows. Counted: {saved.definition}.",
            *assumed(dataset, saved, bindings),
            *told,
        ]
        put("\n".join([saved.summary, "", body, *below, *(under(dataset, cited) if cited else [])]) + "\n", output)


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


def named(dataset: Dataset, result: QueryResult) -> Mapping[str, str]:
    """Find the labels of the IRIs that an answer shows to people."""
    return terms.labels(dataset.store, tables.iris(result.columns, result.rows))


def assumed(dataset: Dataset, saved: SavedQuery, bindings: dict[str, Term]) -> list[str]:
    """Tell the value of each parameter."""
    told = []
    for parameter in saved.parameters:
        term = bindings.get(parameter.variable)
        iri = terms.text_of(term) if term is not None else terms.expand(parameter.default) or parameter.default
        told.append(f"{parameter.name} = {terms.label(dataset.store, iri) or iri if parameter.type == 'iri' else iri}")
    return [f"With {'; '.join(told)}."] if told else []


def others(dataset: Dataset, saved: SavedQuery, values: dict[str, str], result: QueryResult) -> list[str]:
    """Tell how many rows each other reading has, and the options that ask for it."""
    told = []
    for reading in readings.others(dataset, saved, values, result):
        options = " ".join(f"-p {name}={value}" for name, value in reading.values.items())
        told.append(f"Other reading, {reading.name}: {reading.rows} ({options}).")
    return told


def under(dataset: Dataset, cited: Sequence[Sequence[str]]) -> list[str]:
    """Tell under which headings the cited lines stand."""
    above = {evidence.heading(dataset.store, ox.NamedNode(line)) for lines in cited for line in lines}
    headings = sorted((line for line in above if line), key=terms.line_order)
    return [f"The lines stand under the headings of {tables.short_lines(headings)}."] if headings else []


@click.command("query")
@click.argument("file", required=False)
@click.option("-q", "--query", "text", help="The query itself.")
@click.option(
    "-f", "--format", help=f"{', '.join(formats.RESULT_FORMATS)}; of a graph: {', '.join(formats.GRAPH_FORMATS)}."
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")
@click.option("--endpoint", metavar="URL", help="Send it to a SPARQL endpoint instead of the graph here.")
@click.option("--exit-status", is_flag=True, help="Exit 1 when an ASK is false.")
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
    """Run any SPARQL 1.1 query; the project's prefixes are always there. FILE may be - for standard input.

    Example: oewg query -q "SELECT ?s WHERE { ?s oewg:addresses document:oewg1-zero-draft } LIMIT 3"
    """
    if (file is None) == (text is None):
        raise UsageError("give one query", advice="a FILE, - for standard input, or -q TEXT")
    source = file if file and file != "-" else "query"
    try:
        sparql = (
            text
            if text is not None
            else sys.stdin.read()
            if file == "-"
            else Path(str(file)).read_text(encoding="utf-8")
        )
    except UnicodeDecodeError as error:
        raise ParseError("not UTF-8 text", source) from error
    chosen = formats.by_name(format) if format else None
    if endpoint:
        from oewg_kg import remote

        with within(seconds):
            answer = remote.query(endpoint, sparql, chosen)
        put(answer, output)
        return
    _, dataset = opened(root, beside)
    with within(seconds):
        found = query.run_text(dataset, sparql, source)
        is_graph, is_true = (
            isinstance(found, ox.QueryTriples),
            bool(found) if isinstance(found, ox.QueryBoolean) else True,
        )
        chosen = chosen or formats.of_output(output or "", is_graph)
        if isinstance(found, ox.QueryTriples):
            answer = formats.graph(found, chosen)
        elif isinstance(found, ox.QuerySolutions) and chosen is None and not output and on_terminal(sys.stdout):
            columns = [variable.value for variable in found.variables]
            answer = draw("table", *tables.for_people(columns, [tuple(row) for row in found], None)).encode()
        else:
            answer = formats.results(found, chosen)
    put(answer, output)
    if exit_status and not is_true:
        raise click.exceptions.Exit(NegativeFinding.exit_code)
