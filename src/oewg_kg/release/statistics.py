"""Count what the descriptions of a release report, as VoID counts it, and gather its links to other datasets."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import mappings, terms
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.export import rdf as export
from oewg_kg.mappings import Mapping as Link
from oewg_kg.paths import Root
from oewg_kg.vocabulary import OEWG, PREFIXES, own


@dataclass(frozen=True)
class Statistics:
    """What is counted, as VoID counts it (4.2 to 4.4), in the resolved view; of the pages the lines, and the triples of each page's lines.

    `entities` are the things under our base; `properties` gives triples, subjects and objects. `notes` say what graphs denote.
    """

    triples: int
    subjects: int
    objects: int
    entities: int
    classes: Mapping[str, int]
    properties: Mapping[str, tuple[int, ...]]
    of_page: Mapping[str, int]
    lines: int
    notes: tuple[ox.Literal, ...]


def of(dataset: Dataset) -> Statistics:
    """Count what the descriptions report."""
    view, own_note = ox.Store(), (ox.NamedNode(OEWG + "SourceLine"), ox.NamedNode(PREFIXES["skos"] + "scopeNote"))
    view.extend(ox.Quad(*quad.triple) for quad in export.resolved(dataset))
    subjects = {quad.subject for quad in view}
    pages = [*select(dataset.store, own_query("lines-of-each-page"))]
    uses = select(view, own_query("uses-of-each-property"))

    def number(row: ox.QuerySolution, name: str) -> int:
        return int(terms.text_of(row[name]))

    return Statistics(
        len(view),
        len(subjects),
        len({quad.object for quad in view}),
        sum(own(terms.text_of(subject)) for subject in subjects),
        {terms.text_of(row["class"]): number(row, "things") for row in select(view, own_query("uses-of-each-class"))},
        {
            terms.text_of(row["property"]): tuple(number(row, n) for n in ("triples", "subjects", "objects"))
            for row in uses
        },
        {PREFIXES["source"] + terms.text_of(row["page"]): number(row, "triples") for row in pages},
        sum(number(row, "lines") + number(row, "without") for row in pages),
        tuple(quad.object for quad in view.quads_for_pattern(*own_note, None) if isinstance(quad.object, ox.Literal)),
    )


def links(root: Root) -> dict[str, list[Link]]:
    """Gather the mappings of all tables by the namespace into which they lead."""
    found: dict[str, list[Link]] = {}
    for path in root.mappings():
        spaces = mappings.curie_map(path.read_text(encoding="utf-8").splitlines()).values()
        for mapping in mappings.read(path, root.relative(path)):
            space = max((iri for iri in spaces if mapping.object.startswith(iri)), key=len)
            if not mapping.negated:
                found.setdefault(space, []).append(mapping)
    return found
