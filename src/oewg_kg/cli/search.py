"""The command `search`: things by any printed name."""

import click
import pyoxigraph as ox

from oewg_kg import evidence, terms
from oewg_kg.cli.common import opened, table_options, wanted
from oewg_kg.cli.fact_output import put_rows
from oewg_kg.dataset import Dataset
from oewg_kg.errors import NegativeFinding
from oewg_kg.vocabulary import INFERRED, RDF_TYPE


@click.command()
@click.argument("text")
@table_options
@click.pass_obj
def search(root: str | None, text: str, format: str | None, output: str | None) -> None:
    """Find entities by name, in any spelling used on a page.

    Exits with 1 if nothing is found.

    Example: oewg search iran
    """
    _, dataset = opened(root)
    found = evidence.search(dataset, text)
    if not found:
        raise NegativeFinding(f"no name matches {text!r}", advice="try part of the name")
    kinds = {m.iri: ", ".join(class_labels(dataset, m.iri)) for m in found}
    cells = [[terms.compact(m.iri), m.label, kinds[m.iri], m.matched if m.matched != m.label else ""] for m in found]
    put_rows(["short name", "label", "class", "found by"], cells, (wanted(format, output), output))


def class_labels(dataset: Dataset, iri: str) -> list[str]:
    """List the labels of the classes that a thing was given, inferred ones left out."""
    graphs = dataset.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RDF_TYPE), None)
    given = {
        terms.text_of(q.object)
        for q in graphs
        if isinstance(q.graph_name, ox.NamedNode) and q.graph_name.value != INFERRED
    }
    return sorted(terms.name(dataset.store, c) for c in given)
