"""The command `site`: write the website as static files."""

import re
from pathlib import Path

import click

from oewg_kg import build
from oewg_kg.cli.common import open_graph, pages_option, show_step
from oewg_kg.cli.output import put
from oewg_kg.errors import UsageError


@click.command("site")
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    metavar="DIR",
    help="Folder to write to; an earlier site in it is replaced.",
)
@click.option("--url", default="", metavar="URL", help="Address of the site, for its sitemap and its 404 page.")
@pages_option
@click.pass_obj
def site_command(root: str | None, folder: str, url: str, pages: Path | None) -> None:
    """Write the website as static files, for GitHub Pages or the like.

    Links are relative, so the site works under any path. If `make web` has built the query engine, readers can change
    settings, run SPARQL and open the pages on claims and memberships, all computed in their browser. The same sources
    always produce identical files. With --pages, the site quotes the pages, so publish it only if you are allowed to.

    Example: oewg site -o public --url https://example.github.io/oewg-kg/
    """
    from oewg_kg.serve.static_site import freeze as site

    if url and not re.fullmatch(r"https?://[^\s?#<>&\"]+", url):
        raise UsageError(f"{url!r} is not a valid URL for a site", advice="write it as https://example.org/path/")
    data_root, dataset = open_graph(root, in_memory=True, pages=pages)
    site.refuse_other_files(Path(folder))
    address = f"{url.rstrip('/')}/" if url else ""
    content = site.freeze(data_root, dataset, build.fingerprint(data_root), show_step, address)
    show_step("writing")
    site.write_site(Path(folder), content)
    size = sum(map(len, content.values()))
    put(f"{len(content)} files, {size} bytes in {folder}\n")
