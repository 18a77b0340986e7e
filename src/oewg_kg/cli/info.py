"""The command `info`: counts of the graph."""

from collections import Counter

import click
import pyoxigraph as ox

from oewg_kg import __version__, build, terms
from oewg_kg.cli.common import draw, formats_option, opened, put, put_json
from oewg_kg.vocabulary import BASE, INFERRED, OEWG, RDF_TYPE


@click.command()
@formats_option("table", "json", default="table")
@click.pass_obj
def info(root: str | None, format: str) -> None:
    """Show the version, contents and location of the data.

    Example: oewg info
    """
    place, dataset = opened(root)
    store = dataset.store
    classes: Counter[str] = Counter()
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None, ox.DefaultGraph()):
        if terms.text_of(quad.object).startswith(OEWG):
            classes[terms.text_of(quad.object)] += 1
    pages: dict[str, list[int]] = {}
    for graph in store.named_graphs():
        page, mark, _ = terms.text_of(graph).rpartition("#L")
        if mark:
            counts = pages.setdefault(page, [0, 0, 0])
            size = sum(1 for _ in store.quads_for_pattern(None, None, None, graph))
            marked = any(True for _ in store.quads_for_pattern(graph, ox.NamedNode(OEWG + "lineStatus"), None, graph))
            counts[0] += not marked
            counts[1] += marked
            counts[2] += size
    about = {
        "version": __version__,
        "folder": str(place.folder),
        "quads": len(store),
        "resolved": sum(1 for _ in store.quads_for_pattern(None, None, None, ox.DefaultGraph())),
        "inferred": sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED))),
        "fingerprint": build.fingerprint(place)[:16],
    }
    by_class = [
        [terms.label(store, c) or c, str(n)] for c, n in sorted(classes.items(), key=lambda item: (-item[1], item[0]))
    ]
    by_page = [[page.removeprefix(BASE + "source/"), *map(str, counts)] for page, counts in sorted(pages.items())]
    if format == "json":
        page_rows = [dict(zip(["page", "lines", "marked", "triples"], row, strict=True)) for row in by_page]
        put_json({**about, "classes": dict(by_class), "pages": page_rows})
        return
    put("".join(f"{name}: {value}\n" for name, value in about.items()) + "\n")
    put(draw("table", ["page", "lines with facts", "lines without facts", "statements"], by_page) + "\n")
    put(draw("table", ["class", "entities"], by_class))
