"""The command `search`: find entities and questions by words."""

import click

from oewg_kg import terms, texts
from oewg_kg.cli.common import opened
from oewg_kg.cli.output import Output, output_options
from oewg_kg.errors import NegativeFinding


@click.command()
@click.argument("text")
@output_options()
@click.pass_obj
def search(root: str | None, text: str, out: Output) -> None:
    """Find entities and questions by name or description.

    Words may be in any order, singular or plural, and in any spelling that a page uses. Write dates as YYYY-MM-DD.
    Exits with status 1 if nothing is found.

    Example: oewg search "side events Canada"
    """
    from oewg_kg.find.ranking import Finder

    data_root, dataset = opened(root)
    finder = Finder(dataset, data_root.queries)
    found = finder.entities.search(text)
    offers = finder.find(text).offers if terms.folded(text) else ()
    cells = [[terms.compact(m.iri), m.label, m.kind, m.matched if m.matched != m.label else ""] for m in found]
    cells += [[one.name, one.title, "question", one.command] for one in offers]
    if not cells:
        raise NegativeFinding(f"no name matches {text!r}", advice="try part of the name")
    if out.format != "table":
        out.put_rows(["short name", "label", "class", "found by"], cells)
        return
    groups: dict[str, list[list[str]]] = {}
    for row in cells:
        groups.setdefault(row[2], []).append(row)
    out.put(texts.filled("cli/found.txt.jinja", groups=groups))
