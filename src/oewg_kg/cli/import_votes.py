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
    from oewg_kg.votes import importer as importing
    from oewg_kg.votes import store as imports

    data_root = paths.find(root)
    report, done = importing.load(data_root, votes, roll_calls, progress("importing votes"))
    names = ["voter", "code", "votes", "found by", "taken for", "because"]
    cells = [[*row[:4], row[4].removeprefix(BASE), row[5]] for row in report.voters]
    voters = draw("table", names, cells) if cells else ""
    about = {"ways": report.by_way, "done": done, "home": imports.home(data_root)}
    put(texts.filled("cli/imported.txt.jinja", report=report, voters=voters, **about))
