"""The command `source`: add the text of a page to the data."""

from pathlib import Path

import click

from oewg_kg.cli.boundary import Group
from oewg_kg.cli.common import FILE, open_graph
from oewg_kg.cli.output import put


@click.group(name="source", cls=Group)
def source() -> None:
    """Add a page to the data.

    Example: oewg source add page.txt --name my-page --title "My page"
    """


@source.command()
@click.argument("page", type=FILE)
@click.option("--name", required=True, help="Name of the page in IRIs and file names, such as oewg-2019-2021.")
@click.option("--title", required=True, help="Title of the page, in English.")
@click.option("--publisher", help="Publisher of the page.")
@click.option("--url", help="Address of the page.")
@click.option("--retrieved", metavar="YYYY-MM-DD", help="Day on which the page was saved.")
@click.option("--license", metavar="URL", help="Licence under which the page is published.")
@click.pass_obj
def add(root: str | None, /, page: Path, name: str, title: str, **facts: str | None) -> None:
    """Register the text of a page.

    PAGE is a plain text file with the text of the page. The command adds a block to data/sources.ttl, records the
    digests of the lines, and creates an empty file, in which you can record the facts that they state.

    Example: oewg source add page.txt --name my-page --title "My page"
    """
    from oewg_kg.draft import page as pages
    from oewg_kg.draft import roots

    pages.read(page)  # refuses anything but the text of a page
    data_root, dataset = open_graph(root)
    written = roots.add(data_root, dataset, page, name, title, facts)
    put("".join(f"wrote {data_root.relative(path)}\n" for path in written))
    put(f"next: oewg draft {page} -o headings.csv (see docs/draft.md)\n")
