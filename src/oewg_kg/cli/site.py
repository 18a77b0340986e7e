"""The command `site`: the website as static files."""

from pathlib import Path

import click

from oewg_kg import build
from oewg_kg.cli.common import opened, pages_option, put, tell


@click.command("site")
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    metavar="DIR",
    help="Folder to write to; an earlier site in it is replaced.",
)
@pages_option
@click.pass_obj
def site_command(root: str | None, folder: str, pages: Path | None) -> None:
    """Write the website as static files, for GitHub Pages or the like.

    Writes every linked page, in English, with its downloads; forms that need a server are left out. Links are
    relative, so the site works under any path. SPARQL runs in the browser if `make web` has built the engine. The
    same sources give the same bytes. With --pages the site quotes the source pages: publish it only if you may.

    Example: oewg site -o public
    """
    from oewg_kg.serve.static_site import freeze as site

    place, dataset = opened(root, often=True, pages=pages)
    site.refuse(Path(folder))
    content = site.freeze(place, dataset, build.fingerprint(place), tell)
    tell("writing")
    site.write(Path(folder), content)
    tell("done")
    size = sum(map(len, content.values()))
    put(f"{len(content)} files, {size} bytes in {folder}\n")
