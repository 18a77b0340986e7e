"""Commands that join the graph to other people's data: import, reconcile, publish.

Not for questions about it.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
import pyoxigraph as ox

from oewg_kg import paths, terms
from oewg_kg.cli.common import draw, needs_file, on_terminal, opened, put, say, standard_input, tell, with_option
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.vocabulary import BASE, OEWG, RDF_TYPE, RESOLVED

MOST_NOTES = 5


@click.group("import")
def import_group() -> None:
    """Load the votes of the General Assembly, for use with --with."""


@import_group.command("votes")
@click.argument("votes", type=click.Path(path_type=Path))
@click.option(
    "--roll-calls", required=True, type=click.Path(path_type=Path), metavar="CSV", help="The file of the roll calls."
)
@click.option("--skip-bad", is_flag=True, help="Skip damaged rows and list them, instead of stopping.")
@click.pass_obj
def import_votes(root: str | None, votes: Path, roll_calls: Path, skip_bad: bool) -> None:
    """Import the published votes of the General Assembly.

    VOTES is a CSV file, gzipped or not. The votes are kept separate; use --with votes to include them in answers.

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
        f"{report.rows} rows read, {report.votes} votes imported, {report.skipped} damaged rows skipped; "
        f"{report.roll_calls} roll calls, {report.resolutions} on resolutions in this dataset\n"
        f"votes by voter: {ways['code']} by name and code, {ways['table']} by the table of historic states, "
        f"{ways['historic']} kept as historic states, {ways['unresolved']} unresolved and kept separate\n"
        f"{'imported into' if done else 'nothing to do: these files are already imported into'} {imports.home(place)}\n",
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
@click.option("--column", required=True, metavar="NAME", help="The heading of the column with the names.")
@click.option(
    "--class",
    "class_name",
    default="State",
    show_default=True,
    help="What the names are: State, StateGroup, Stakeholder, UNBody, Organ, or Actor (any).",
)
@click.option("--encoding", default="", metavar="NAME", help="Encoding of the file, e.g. cp1251. Default: detected.")
@click.option(
    "-f", "--format", type=click.Choice(["csv", "sssom", "xlsx"]), help="Default: xlsx for a FILE.xlsx, else csv."
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of standard output.")
@click.pass_obj
def reconcile_command(
    root: str | None, file: str, column: str, class_name: str, encoding: str, format: str | None, output: str | None
) -> None:
    """Match the names in a table to this dataset.

    Adds IRI, ISO3 code, score and reason to each row. FILE is CSV or, with the extra `xlsx`, a workbook; - is standard
    input. If FILE came from a spreadsheet, the CSV begins with a byte-order mark: Excel needs it; pandas, polars and R
    ignore it.

    Example: oewg reconcile survey.csv --column Country -o survey-with-iris.csv
    """
    from oewg_kg import matches, reconcile, spreadsheet

    chosen = format or ("xlsx" if (output or "").lower().endswith(".xlsx") else "csv")
    needs_file(chosen, output)
    content = standard_input() if file == "-" else Path(file).read_bytes()
    _, dataset = opened(root)
    index = reconcile.index(dataset.store, class_iri(dataset, class_name))
    name = "standard input" if file == "-" else file
    table = spreadsheet.read(content, name, column, partial(reconcile.weight, index), encoding)
    told = table.notes[:MOST_NOTES] + [f"... and {len(table.notes) - MOST_NOTES} more"] * (
        len(table.notes) > MOST_NOTES
    )
    for note in told:
        say(f"{name}: {note}")
    texts = [spreadsheet.shown(row[table.place]) for row in table.rows]
    codes = reconcile.column_of_codes(index, texts)
    found = {text: reconcile.candidates(index, text, codes) for text in dict.fromkeys(texts)}
    if chosen == "sssom":
        put(matches.sssom(dataset.store, found), output)
    else:
        put(matches.beside(dataset.store, table, [found[text] for text in texts], chosen), output)
    counts = Counter(reconcile.decide(found[text]) for text in texts)
    said = ", ".join(f"{counts[status]} {status}" for status in ("matched", "ambiguous", "unmatched"))
    say(
        f"{len(texts)} row{'' if len(texts) == 1 else 's'}: {said}{f'; read as a column of codes ({codes})' if codes else ''}"
    )


def class_iri(dataset: Dataset, name: str) -> str:
    """Find a class of actors by name, IRI or CURIE; raises UsageError with those there are."""
    iri = terms.expand(name) or OEWG + name
    pattern = dataset.store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(iri), ox.DefaultGraph())
    if next(pattern, None) is None:
        known = "State, StateGroup, Stakeholder, UNBody, Organ, Actor"
        raise UsageError(f"unknown class {name!r}", advice=f"use one of {known}")
    return iri


@click.command("publish")
@click.option("--endpoint", metavar="URL", default="", help="URL of a SPARQL 1.1 Update endpoint.")
@click.option("--graph-store", metavar="URL", default="", help="URL of a Graph Store; preferred if both are given.")
@click.option("--auth-from-env", is_flag=True, help="Log in as OEWG_USER with OEWG_PASSWORD (Basic or Digest).")
@click.option("-o", "--output", metavar="FILE", help="Write N-Quads for the bulk loader of a server instead.")
@with_option
@click.pass_obj
def publish_command(
    root: str | None, endpoint: str, graph_store: str, auth_from_env: bool, output: str | None, beside: str | None
) -> None:
    """Load the complete dataset into a SPARQL server.

    Example: oewg publish --endpoint http://localhost:7878/update
    """
    from oewg_kg import publish

    if output:
        if endpoint or graph_store:
            raise UsageError("-o cannot be combined with --endpoint or --graph-store", advice="give one of them")
        graphs, triples = publish.write(opened(root, beside)[1], Path(output))
        put(f"{graphs} graphs, {triples} triples; the resolved view is <{RESOLVED}>\n", None)
        return
    server = publish.Server(endpoint, graph_store, *(publish.user_from_environment() if auth_from_env else ("", "")))
    for host in server.exposed():
        say(f"oewg: the password may be sent to {host} unencrypted; use https")
    _, dataset = opened(root, beside)
    with progress("publishing") as advance:
        graphs, triples, read_back = publish.publish(dataset, server, advance)
    put(f"{graphs} graphs, {triples} triples; the resolved view is <{RESOLVED}>\n", None)
    if not read_back:
        told = "the upload could not be checked; try `oewg ask chairs --endpoint URL`"
        say(f"oewg: {told}")
