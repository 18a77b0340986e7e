"""The command `import votes`: load published votes into a store next to the graph."""

from pathlib import Path

import click

from oewg_kg import paths, texts
from oewg_kg.cli.common import FILE, progress
from oewg_kg.cli.output import draw, put
from oewg_kg.vocabulary import BASE


@click.group("import")
def import_group() -> None:
    """Import General Assembly votes, for the option `--with votes`."""


@import_group.command("votes")
@click.argument("votes", type=FILE)
@click.option("--roll-calls", required=True, type=FILE, metavar="CSV", help="The CSV file that lists the roll calls.")
@click.pass_obj
def import_votes(root: str | None, votes: Path, roll_calls: Path) -> None:
    """Import the published votes of the General Assembly.

    VOTES is a CSV file, gzipped or not. The votes are stored separately; use --with votes to include them in answers.

    Example: oewg import votes un_votes.csv.gz --roll-calls un_roll_calls.csv
    """
    from oewg_kg.votes import importer
    from oewg_kg.votes import store as vote_store

    data_root = paths.find(root)
    report, imported = importer.load(data_root, votes, roll_calls, progress("importing votes"))
    columns = ["voter", "code", "votes", "found by", "taken for", "because"]
    rows = [[*voter[:4], voter[4].removeprefix(BASE), voter[5]] for voter in report.voters]
    voters = draw("table", columns, rows) if rows else ""
    summary = {"ways": report.by_way, "done": imported, "home": vote_store.home(data_root)}
    put(texts.filled("cli/imported.txt.jinja", report=report, voters=voters, **summary))
