"""Count what the descriptions of a release report (triples, subjects, classes, properties), as VoID counts it, and its links."""

from functools import cached_property

import pyoxigraph as ox

from oewg_kg import mappings, terms
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.export import rdf as export
from oewg_kg.paths import Root
from oewg_kg.vocabulary import OEWG, PREFIXES, own

Links = dict[str, dict[str, set[tuple[str, str]]]]


class Statistics:
    """What is counted, as VoID counts it (4.2 to 4.4), in the resolved view; each figure is computed on first use."""

    def __init__(self, dataset: Dataset) -> None:
        """Keep the dataset."""
        self._dataset = dataset

    @cached_property
    def _view(self) -> ox.Store:
        view = ox.Store()
        view.extend(ox.Quad(*quad.triple) for quad in export.resolved(self._dataset))
        return view

    @cached_property
    def _pages(self) -> list[ox.QuerySolution]:
        return [*select(self._dataset.store, own_query("lines-of-each-page"))]

    @cached_property
    def _subjects(self) -> set[ox.NamedNode | ox.BlankNode]:
        return {quad.subject for quad in self._view}

    @cached_property
    def triples(self) -> int:
        """Count the triples."""
        (row,) = select(self._dataset.store, own_query("triples-of-the-resolved-view"))
        return _number(row, "triples")

    @property
    def subjects(self) -> int:
        """Count the distinct subjects."""
        return len(self._subjects)

    @cached_property
    def objects(self) -> int:
        """Count the distinct objects."""
        return len({quad.object for quad in self._view})

    @cached_property
    def entities(self) -> int:
        """Count the entities under our base."""
        return sum(own(terms.text_of(subject)) for subject in self._subjects)

    @cached_property
    def classes(self) -> dict[str, int]:
        """Count the instances of each class."""
        rows = select(self._view, own_query("uses-of-each-class"))
        return {terms.text_of(row["class"]): _number(row, "things") for row in rows}

    @cached_property
    def properties(self) -> dict[str, tuple[int, ...]]:
        """Count the triples, subjects and objects of each property."""
        return {
            terms.text_of(row["property"]): tuple(_number(row, name) for name in ("triples", "subjects", "objects"))
            for row in select(self._view, own_query("uses-of-each-property"))
        }

    @property
    def of_page(self) -> dict[str, int]:
        """Count the triples of each page's lines."""
        return {PREFIXES["source"] + terms.text_of(row["page"]): _number(row, "triples") for row in self._pages}

    @property
    def lines(self) -> int:
        """Count the lines of the pages."""
        return sum(_number(row, "lines") + _number(row, "without") for row in self._pages)

    @cached_property
    def notes(self) -> list[ox.Literal]:
        """Gather what the ontology says about the graphs of lines."""
        line, note = ox.NamedNode(OEWG + "SourceLine"), ox.NamedNode(PREFIXES["skos"] + "scopeNote")
        found = self._view.quads_for_pattern(line, note, None)
        return [quad.object for quad in found if isinstance(quad.object, ox.Literal)]


def _number(row: ox.QuerySolution, name: str) -> int:
    return int(terms.text_of(row[name]))


def links(root: Root) -> Links:
    """Gather the pairs that the tables map, by target namespace and property (VoID 5)."""
    found: Links = {}
    for path in root.mappings():
        spaces = mappings.curie_map(path.read_text(encoding="utf-8").splitlines()).values()
        for one in mappings.read(path, root.relative(path)):
            space = max((iri for iri in spaces if one.object.startswith(iri)), key=len)
            if not one.negated:
                found.setdefault(space, {}).setdefault(one.predicate, set()).add((one.subject, one.object))
    return {space: dict(sorted(found[space].items())) for space in sorted(found)}
