"""Commands that join the graph to other people's data: import, reconcile, publish.

Not for questions about it.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from oewg_kg import paths, tables, terms
from oewg_kg.cli.common import draw, opened, put, tell, with_option
from oewg_kg.errors import UsageError
from oewg_kg.vocabulary import BASE, RESOLVED


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
        click.echo(f"left out: {line}", err=True)
    if report.skipped > len(report.bad):
        click.echo(f"left out: {report.skipped - len(report.bad)} more rows", err=True)
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
    if not sys.stderr.isatty():
        yield lambda done, size: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, size: bar.update(task, completed=done, total=size)


@click.command("reconcile")
@click.argument("file")
def reconcile_command(file: str) -> None:
    """."""


@click.command("publish")
@click.option("--endpoint", metavar="URL", default="", help="An endpoint of SPARQL 1.1 Update.")
@click.option("--graph-store", metavar="URL", default="", help="A Graph Store; used first when both are given.")
@click.option("--auth-from-env", is_flag=True, help="Log in as OEWG_USER with OEWG_PASSWORD (Basic or Digest).")
@with_option
@click.pass_obj
def publish_command(root: str | None, endpoint: str, graph_store: str, auth_from_env: bool, beside: str | None) -> None:
    """Put the whole dataset, each named graph and the resolved view, into a SPARQL server.

    Example: oewg publish --endpoint http://localhost:7878/update
    """
    from oewg_kg import publish

    user, password = publish.user_from_environment() if auth_from_env else ("", "")
    _, dataset = opened(root, beside)
    with progress("publishing") as advance:
        graphs, triples = publish.publish(dataset, publish.Server(endpoint, graph_store, user, password), advance)
    put(f"{graphs} graphs, {triples} triples; the resolved view is <{RESOLVED}>\n", None)
