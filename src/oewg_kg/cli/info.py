"""The command `info`: show the version, contents and location of the data."""

import click
import pyoxigraph as ox

from oewg_kg import __version__, build, terms
from oewg_kg.cli.common import opened
from oewg_kg.cli.output import draw, format_option, put, put_json
from oewg_kg.dataset import own_query, select
from oewg_kg.vocabulary import INFERRED


@click.command()
@format_option("table", "json", default="table")
@click.pass_obj
def info(root: str | None, format: str) -> None:
    """Show the version, contents and location of the data.

    Example: oewg info
    """
    data_root, dataset = opened(root)
    store = dataset.store
    about = {
        "version": __version__,
        "folder": str(data_root.folder),
        "quads": len(store),
        "resolved": sum(1 for _ in store.quads_for_pattern(None, None, None, ox.DefaultGraph())),
        "inferred": sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED))),
        "fingerprint": build.fingerprint(data_root)[:16],
    }
    classes = select(store, own_query("things-of-each-class"))
    by_class = [[terms.name(store, row["class"].value), row["things"].value] for row in classes]
    by_page = [list(map(terms.text_of, row)) for row in select(store, own_query("lines-of-each-page"))]
    if format == "json":
        page_rows = [dict(zip(["page", "lines", "marked", "triples"], row, strict=True)) for row in by_page]
        put_json({**about, "classes": dict(by_class), "pages": page_rows})
        return
    put("".join(f"{name}: {value}\n" for name, value in about.items()) + "\n")
    put(draw("table", ["page", "lines with facts", "lines without facts", "facts"], by_page) + "\n")
    put(draw("table", ["class", "entities"], by_class))
