"""The command `search`: find entities and questions by words."""

import click

from oewg_kg import terms
from oewg_kg.cli.common import opened, put, put_rows, table_options, wanted
from oewg_kg.errors import NegativeFinding


@click.command()
@click.argument("text")
@table_options
@click.pass_obj
def search(root: str | None, text: str, format: str | None, output: str | None) -> None:
    """Find entities and questions by name or description.

    Words may come in any order, singular or plural, in any spelling used on a page; dates are written YYYY-MM-DD.
    Exits with 1 if nothing is found.

    Example: oewg search "side events Canada"
    """
    from oewg_kg.find.ranking import Finder

    data_root, dataset = opened(root)
    finder = Finder(dataset, data_root.queries)
    found = finder.things.search(text)
    offers = finder.find(text).offers if terms.folded(text) else ()
    cells = [[terms.compact(m.iri), m.label, m.kind, m.matched if m.matched != m.label else ""] for m in found]
    cells += [[one.name, one.title, "question", one.command] for one in offers]
    if not cells:
        raise NegativeFinding(f"no name matches {text!r}", advice="try part of the name")
    format = wanted(format, output)
    if format != "table":
        put_rows(["short name", "label", "class", "found by"], cells, format, output)
        return
    groups: dict[str, list[str]] = {}
    for short, label, kind, matched in cells:
        note = f"  {matched}" if kind == "question" else f"  also named {matched}" if matched else ""
        groups.setdefault(kind, []).append(f"  {label}  {short if kind != 'question' else ''}{note}")
    blocks = [f"{kind[:1].upper()}{kind[1:]} ({len(lines)})\n" + "\n".join(lines) for kind, lines in groups.items()]
    put("\n\n".join(blocks) + "\n", output)
