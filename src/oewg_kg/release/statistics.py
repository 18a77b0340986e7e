"""Count what the descriptions of a release report (triples, subjects, classes, properties), as VoID counts it, and its links."""

from functools import cached_property

import pyoxigraph as ox

from oewg_kg import mappings, terms
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.export import rdf as export
from oewg_kg.paths import Root
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, PREFIXES, own

Linksets = dict[str, dict[str, set[tuple[str, str]]]]


class Statistics:
    """What is counted, as VoID counts it (4.2 to 4.4), in the resolved view; each figure is computed on first use."""

    def __init__(self, dataset: Dataset) -> None:
        """Keep the dataset."""
        self._dataset = dataset

    @cached_property
    def view(self) -> ox.Store:
        """Copy the resolved view into the default graph of a store."""
        view = ox.Store()
        view.extend(ox.Quad(*quad.triple) for quad in export.resolved(self._dataset))
        return view

    @cached_property
    def subjects(self) -> set[ox.NamedNode | ox.BlankNode]:
        """List the distinct subjects."""
        return {quad.subject for quad in self.view}

    @cached_property
    def objects(self) -> set[Term]:
        """List the distinct objects."""
        return {quad.object for quad in self.view}

    @property
    def entities(self) -> int:
        """Count the entities under our base."""
        return sum(own(terms.text_of(subject)) for subject in self.subjects)

    @cached_property
    def triples(self) -> int:
        """Count the triples, without a copy of them: the front page says their number."""
        ((count,),) = select(self._dataset.store, own_query("triples-of-the-resolved-view"))
        return int(terms.text_of(count))

    @cached_property
    def classes(self) -> dict[str, tuple[int, ...]]:
        """Count the instances of each class."""
        return _counts(self.view, "uses-of-each-class")

    @cached_property
    def properties(self) -> dict[str, tuple[int, ...]]:
        """Count the triples, subjects and objects of each property."""
        return _counts(self.view, "uses-of-each-property")

    @cached_property
    def pages(self) -> dict[str, tuple[int, ...]]:
        """Count for each page its lines that state facts, those that state none, and the triples of all, by its name."""
        return _counts(self._dataset.store, "lines-of-each-page")

    @property
    def lines(self) -> int:
        """Count the lines of the pages."""
        return sum(lines + without for lines, without, _ in self.pages.values())

    @property
    def notes(self) -> list[str]:
        """Gather what the ontology says about the graphs of lines."""
        return terms.values(self.view, ox.NamedNode(OEWG + "SourceLine"), PREFIXES["skos"] + "scopeNote")


def _counts(store: ox.Store, query: str) -> dict[str, tuple[int, ...]]:
    """Run a query of ours whose first column says what is counted, and whose others are numbers."""
    rows = (map(terms.text_of, row) for row in select(store, own_query(query)))
    return {subject: tuple(map(int, numbers)) for subject, *numbers in rows}


def linksets(root: Root) -> Linksets:
    """Gather the pairs that the tables map, by target namespace and property (VoID 5)."""
    linksets: Linksets = {}
    for path in root.mappings():
        table = mappings.read(path, root.relative(path))
        for mapping in table.mappings:
            namespace = max((iri for iri in table.prefixes.values() if mapping.object.startswith(iri)), key=len)
            if not mapping.negated:
                by_predicate = linksets.setdefault(namespace, {})
                by_predicate.setdefault(mapping.predicate, set()).add((mapping.subject, mapping.object))
    return {namespace: dict(sorted(linksets[namespace].items())) for namespace in sorted(linksets)}
