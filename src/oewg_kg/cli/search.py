"""The command `search`: find entities and questions by words."""

import click

from oewg_kg import terms, texts
from oewg_kg.cli.common import open_graph
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

    data_root, dataset = open_graph(root)
    finder = Finder(dataset, data_root.queries)
    offers = finder.find(text).offers if terms.folded(text) else ()
    rows = []
    for entity in finder.entities.search(text):
        other_name = entity.matched if entity.matched != entity.label else ""
        rows.append([terms.compact(entity.iri), entity.label, entity.kind, other_name])
    rows += [[offer.name, offer.title, "question", offer.command] for offer in offers]
    if not rows:
        raise NegativeFinding(f"no name matches {text!r}", advice="try part of the name")
    if out.format != "table":
        out.put_rows(["short name", "label", "class", "found by"], rows)
        return
    rows_by_class: dict[str, list[list[str]]] = {}
    for row in rows:
        rows_by_class.setdefault(row[2], []).append(row)
    out.put(texts.filled("cli/found.txt.jinja", rows_by_class=rows_by_class))
