"""The command `init`: a root of one's own."""

from pathlib import Path

import click

from oewg_kg import paths
from oewg_kg.cli.common import put
from oewg_kg.vocabulary import BASE


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--empty", is_flag=True, help="Without our pages: for another negotiation.")
@click.option("--title", default="", help="Title of your dataset.")
@click.option("--base", default=BASE, help="Base of the IRIs of your things (with --empty).")
@click.option("--creator", default="", help="Who makes the dataset.")
@click.pass_obj
def init(root: str | None, folder: Path, empty: bool, title: str, base: str, creator: str) -> None:
    """Make a folder of data of your own, to add pages to.

    It holds the ontology, the rules, the questions, the states and, unless --empty, our pages.

    Example: oewg init mine --empty --title "Ammunition at the UN" --base https://example.org/ammunition/
    """
    from oewg_kg import roots

    if empty and not title:
        title = folder.resolve().name
    roots.make(paths.find(root), folder, title, base, creator, empty)
    put(f"made {folder}: name it in each command, oewg --root {folder} ..., or set OEWG_ROOT\n", None)
