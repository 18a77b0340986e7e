"""Commands that join the graph to other people's data: import, reconcile, publish.

Not for questions about it.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import paths, tables, terms
from oewg_kg.cli.common import draw, on_terminal, opened, put, say, tell, with_option
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.vocabulary import BASE, OEWG, RDF_TYPE, RESOLVED


@click.group("import")
def import_group() -> None:
    """Import large public data beside the graph; `--with` then asks both together."""


@import_group.command("votes")
@click.argument("votes", type=click.Path(path_type=Path))
@click.option(
    "--roll-calls", required=True, type=click.Path(path_type=Path), metavar="CSV", help="The file of the roll calls."
)
@click.option("--skip-bad", is_flag=True, help="Leave damaged rows out, and list them, instead of importing nothing.")
@click.pass_obj
def import_votes(root: str | None, votes: Path, roll_calls: Path, skip_bad: bool) -> None:
    """Import the published votes of the General Assembly (CSV, gzipped or not) into a store beside the graph.

    Example: oewg import votes un_votes.csv.gz --roll-calls un_roll_calls.csv
    """
    from oewg_kg import imports
    from oewg_kg import votes as importing

    place = paths.find(root)
    tell("reading")
    with progress("importing votes") as advance:
        report, done = importing.load(place, importing.Files(votes, roll_calls), skip_bad, advance)
    tell("done")
    for line in report.bad:
        say(f"left out: {line}")
    if report.skipped > len(report.bad):
        say(f"left out: {report.skipped - len(report.bad)} more rows")
    if report.voters:
        names = ["voter", "code", "votes", "found by", "taken for", "because"]
        cells = [[*row[:4], row[4].removeprefix(BASE), row[5]] for row in report.voters]
        put(draw("table", names, cells) + "\n", None)
    ways = report.by_way
    put(
        f"{report.rows} rows in, {report.votes} votes out, {report.skipped} damaged rows left out; "
        f"{report.roll_calls} roll calls, {report.resolutions} on resolutions of the graph\n"
        f"votes by voter: {ways['code']} by name and code, {ways['table']} by the table of historic states, "
        f"{ways['historic']} kept as historic states, {ways['unresolved']} unresolved and kept apart\n"
        f"{'imported into' if done else 'nothing to do: the same files are imported in'} {imports.home(place)}\n",
        None,
    )


@contextmanager
def progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, and nothing in a pipe."""
    if not on_terminal(sys.stderr):
        yield lambda done, size: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, size: bar.update(task, completed=done, total=size)


@click.command("reconcile")
@click.argument("file")
@click.option("--column", required=True, metavar="NAME", help="The heading of the column that holds the names.")
@click.option(
    "--class", "class_name", default="State", show_default=True, help="The class of what they name, or Actor for all."
)
@click.option("-f", "--format", type=click.Choice(["csv", "sssom"]), default="csv", show_default=True)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")
@click.pass_obj
def reconcile_command(
    root: str | None, file: str, column: str, class_name: str, format: str, output: str | None
) -> None:
    """Find what the names in a table stand for: IRI, ISO3 code, score and why for each row. FILE may be - for standard input.

    Example: oewg reconcile survey.csv --column Country -o survey-with-iris.csv
    """
    from oewg_kg import matches, reconcile, spreadsheet

    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    table = spreadsheet.read(content, "standard input" if file == "-" else file)
    place = table.column(column)
    _, dataset = opened(root)
    index = reconcile.index(dataset.store, class_iri(dataset, class_name))
    found = {text: reconcile.candidates(index, text) for text in dict.fromkeys(row[place] for row in table.rows)}
    counts = Counter(reconcile.decide(found[row[place]]) for row in table.rows)
    if format == "sssom":
        put(matches.sssom(dataset.store, found), output)
    else:
        names = [*table.names, *(f"oewg_{name}" for name in ("status", "iri", "iso3", "score", "why"))]
        put(
            tables.write_csv(names, [[*row, *matches.cells(dataset.store, found[row[place]])] for row in table.rows]),
            output,
        )
    told = ", ".join(f"{counts[status]} {status}" for status in ("matched", "ambiguous", "unmatched"))
    say(f"{len(table.rows)} rows: {told}")


def class_iri(dataset: Dataset, name: str) -> str:
    """Find a class of actors by name, IRI or CURIE; raises UsageError with those there are."""
    iri = terms.expand(name) or OEWG + name
    pattern = dataset.store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(iri), ox.DefaultGraph())
    if next(pattern, None) is None:
        known = "State, StateGroup, Stakeholder, UNBody, Organ, Actor"
        raise UsageError(f"nothing is a {name}", advice=f"for example {known}")
    return iri


@click.command("publish")
@click.option("--endpoint", metavar="URL", default="", help="An endpoint of SPARQL 1.1 Update.")
@click.option("--graph-store", metavar="URL", default="", help="A Graph Store; used first when both are given.")
@click.option("--auth-from-env", is_flag=True, help="Log in as OEWG_USER with OEWG_PASSWORD (Basic or Digest).")
@click.option("-o", "--output", metavar="FILE", help="Write N-Quads for the bulk loader of a server instead.")
@with_option
@click.pass_obj
def publish_command(
    root: str | None, endpoint: str, graph_store: str, auth_from_env: bool, output: str | None, beside: str | None
) -> None:
    """Put the whole dataset, each named graph and the resolved view, into a SPARQL server.

    Example: oewg publish --endpoint http://localhost:7878/update
    """
    from oewg_kg import publish

    if output:
        if endpoint or graph_store:
            raise UsageError("-o writes a file, --endpoint and --graph-store send", advice="give one of them")
        graphs, triples = publish.write(opened(root, beside)[1], Path(output))
        put(f"{graphs} graphs, {triples} triples; the resolved view is <{RESOLVED}>\n", None)
        return
    server = publish.Server(endpoint, graph_store, *(publish.user_from_environment() if auth_from_env else ("", "")))
    for host in server.exposed():
        say(f"oewg: the password may go to {host} unencrypted; use https")
    _, dataset = opened(root, beside)
    with progress("publishing") as advance:
        graphs, triples, read_back = publish.publish(dataset, server, advance)
    put(f"{graphs} graphs, {triples} triples; the resolved view is <{RESOLVED}>\n", None)
    if not read_back:
        told = "the server does not say what it holds: ask it with `oewg ask chairs --endpoint URL`"
        say(f"oewg: {told}")
