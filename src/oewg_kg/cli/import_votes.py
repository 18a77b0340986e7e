"""The command `import votes`: load published votes into a store next to the graph."""

from pathlib import Path

from oewg_kg import paths, texts
from oewg_kg.cli.common import progress
from oewg_kg.cli.output import draw, put
from oewg_kg.vocabulary import BASE


def command(root: str | None, votes: Path, roll_calls: Path) -> None:
    """Import the published votes of the General Assembly."""
    from oewg_kg.votes import importer as importing
    from oewg_kg.votes import store as imports

    data_root = paths.find(root)
    report, done = importing.load(data_root, votes, roll_calls, progress("importing votes"))
    names = ["voter", "code", "votes", "found by", "taken for", "because"]
    cells = [[*row[:4], row[4].removeprefix(BASE), row[5]] for row in report.voters]
    voters = draw("table", names, cells) if cells else ""
    about = {"ways": report.by_way, "done": done, "home": imports.home(data_root)}
    put(texts.filled("cli/imported.txt.jinja", report=report, voters=voters, **about))
