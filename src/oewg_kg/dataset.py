"""Parse RDF files into a dataset (an Oxigraph store, and the file of each named graph), run our SELECTs on it, convert it to rdflib."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

from oewg_kg import formats, terms
from oewg_kg.errors import LimitError, ParseError, from_os_error, from_syntax_error
from oewg_kg.paths import PACKAGE, Root
from oewg_kg.safety import blank_nodes
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASE, PREFIXES

if TYPE_CHECKING:
    import rdflib


@dataclass(frozen=True)
class Dataset:
    """All named graphs in one store; `files` maps a graph's IRI to the path of its file inside the root.

    `words` maps the IRI of a source line to its text, if the user has the page; the store never contains it.
    """

    store: ox.Store
    files: dict[str, str]
    words: Mapping[str, str] = field(default_factory=dict)


def load(root: Root) -> Dataset:
    """Read every source of the root, a graph for each Turtle file; raises ParseError with `file:line:column`, StorageError."""
    dataset = Dataset(ox.Store(), {})
    for path in root.sources():
        add_file(dataset, path, root.relative(path))
    return dataset


def read(paths: Iterable[Path]) -> Dataset:
    """Read any RDF files into a separate dataset; triples without a graph also go into the default graph."""
    dataset = Dataset(ox.Store(), {})
    for path in paths:
        add_file(dataset, path, str(path))
    return dataset


def add_file(dataset: Dataset, path: Path, name: str) -> None:
    """Parse one file into the dataset under its name, in the format that its extension shows."""
    format = formats.of_file(name)
    file_graph = _graph(name.rpartition(".")[0] or name)
    if dataset.files.get(file_graph.value, name) != name:  # a.ttl and a.nt
        file_graph = _graph(name)
    quads = parse(path, name)
    needs_line_graph = format.name in ("trig", "nquads") and name.startswith("data/")
    for index, quad in enumerate(quads):
        if isinstance(quad.graph_name, ox.DefaultGraph):
            if needs_line_graph:
                what = f"a triple about {quad.subject} is not in any named graph"
                raise ParseError(what, name, "move it into the graph of its line")
            quads[index] = ox.Quad(quad.subject, quad.predicate, quad.object, file_graph)
    for graph in map(terms.text_of, dict.fromkeys(quad.graph_name for quad in quads)):
        if dataset.files.setdefault(graph, name) != name:
            what = f"graph <{graph}> is also in {dataset.files[graph]}"
            raise ParseError(what, name, "record each line in only one file")
    dataset.store.bulk_extend(quads)


def _graph(name: str) -> ox.NamedNode:
    return ox.NamedNode(BASE + "graph/" + quote(name.strip("/").replace(" ", "-")))


def parse(path: Path, name: str) -> list[ox.Quad]:
    """Parse one RDF file, terms as written, blank nodes labeled by file; raises ParseError or LimitError with its place, StorageError."""
    format = formats.of_file(name)
    from oewg_kg.safety import rdf_guard

    try:
        quads = ox.parse(rdf_guard.read(path, format.name, name), format=format.rdf, base_iri=BASE)
        return blank_nodes.local(quads, name)
    except SyntaxError as error:
        raise from_syntax_error(error, name) from error
    except MemoryError as error:
        raise LimitError("a term is longer than 16 MiB, the limit of the parser", name, "shorten it") from error
    except OSError as error:
        raise from_os_error(error, f"reading {name}") from error


def quads_as_written(root: Root) -> list[ox.Quad]:
    """Read what the sources of the root state, with literals as written: the store rewrites numbers and times."""
    return [quad for path in root.sources() for quad in parse(path, root.relative(path))]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep rdflib and pyshacl from printing tracebacks and warnings about invalid literals and shapes, which the results report."""
    import logging
    import warnings

    disabled_level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.disable(disabled_level)


def default_graph(dataset: Dataset) -> Iterator[ox.Quad]:
    """Iterate over the quads of the default graph, the resolved view."""
    return dataset.store.quads_for_pattern(None, None, None, ox.DefaultGraph())


def select(store: ox.Store, text: str) -> ox.QuerySolutions:
    """Run a SELECT; raises SyntaxError as pyoxigraph does."""
    solutions = store.query(text)
    if isinstance(solutions, ox.QueryBoolean | ox.QueryTriples):
        raise SyntaxError("a SELECT query is needed")
    return solutions


def own_query(name: str) -> str:
    """Read one of the program's own queries from the folder `texts`."""
    return (PACKAGE / "texts" / f"{name}.rq").read_text(encoding="utf-8")


def insert_values(text: str, values: Mapping[str, Term]) -> str:
    """Insert values into the pattern of one of our SELECT queries, at its first brace."""
    variables = " ".join(f"?{name}" for name in values)
    return text.replace("{", f"{{ VALUES ({variables}) {{ ({' '.join(map(terms.values_cell, values.values()))}) }}", 1)


def to_rdflib(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    """Copy quads into one rdflib graph, with the project's prefixes; graph names and triple terms (RDF 1.2) are left out."""
    import rdflib

    graph = rdflib.Graph()
    quads = (quad for quad in quads if not isinstance(quad.object, ox.Triple))
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for quad in quads:
        graph.add((rdflib_term(quad.subject), rdflib_term(quad.predicate), rdflib_term(quad.object)))
    return graph


@lru_cache(1 << 17)  # a graph has each of its terms many times
def rdflib_term(term: object) -> rdflib.term.Node:
    """Turn a pyoxigraph term into an rdflib term; literals keep their lexical form."""
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)
    raise TypeError(f"rdflib cannot represent {term!r}")
