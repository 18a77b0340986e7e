"""The command `init`: create a folder for your own dataset."""

from pathlib import Path

import click

from oewg_kg import paths
from oewg_kg.cli.common import FILE
from oewg_kg.cli.output import put
from oewg_kg.vocabulary import BASE


@click.command()
@click.argument("folder", type=FILE)
@click.option("--empty", is_flag=True, help="Leave out the facts from our pages, for a dataset on another negotiation.")
@click.option("--title", default="", help="Title of your dataset.")
@click.option("--base", default=BASE, help="With --empty: how your IRIs begin, e.g. https://example.org/x/.")
@click.option("--creator", default="", help="Author of the dataset.")
@click.pass_obj
def init(root: str | None, folder: Path, empty: bool, title: str, base: str, creator: str) -> None:
    """Create a folder for data of your own.

    The folder contains the ontology, the rules, the questions, the states and, unless you give --empty,
    the facts from our pages.

    Example: oewg init mine --empty --title "Ammunition at the UN" --base https://example.org/ammunition/
    """
    from oewg_kg.draft import roots

    if empty and not title:
        title = folder.resolve().name
    roots.create(paths.find(root), folder, title, base, creator, empty)
    put(f"created {folder}; use it with oewg --root {folder} ..., or set OEWG_ROOT\n")
