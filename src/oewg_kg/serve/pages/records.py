"""The pages of IRIs that are not entities (saved questions as RDF, shapes, claims, tables of links, namespaces), as HTML or RDF."""

import re

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import __version__, formats, terms
from oewg_kg.export import questions as examples
from oewg_kg.export import rdf as export
from oewg_kg.release.metadata import LICENSE
from oewg_kg.serve.api import graph_store
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import rendering
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import BASE, PREF_LABEL, PREFIXES, RDF_TYPE, own

MAX_TEXT = 20_000
VERSIONED_IRI = re.compile(rf"{re.escape(BASE)}(?:ontology|context|release)/(\d+(?:\.\w+)+?)(?:/.*)?")
LINKS_IRI = BASE + "links/"
LICENSE_PROPERTY = ox.NamedNode(PREFIXES["dcterms"] + "license")
PREFIX_PROPERTY = ox.NamedNode(PREFIXES["vann"] + "preferredNamespacePrefix")


def record_page(request: Request, iri: str) -> Response:
    """Answer for an IRI that is not an entity of the graph: as RDF, or as a page that shows the RDF; 404 if it is not ours."""
    explorer = explorer_of(request)
    if terms.valid_iri(iri) is None:
        raise HTTPException(404)
    suffix = next((suffix for suffix in rendering.RDF_SUFFIXES if iri.endswith(suffix)), "")
    triples = _triples(explorer, iri)
    if not triples and suffix:
        iri = iri.removesuffix(suffix)
        triples = _triples(explorer, iri)
    if not triples:
        version = VERSIONED_IRI.fullmatch(iri)
        raise HTTPException(404, f"only version {__version__} is available here" if version else None)
    format_name = rendering.RDF_SUFFIXES.get(suffix) or rendering.negotiated_format(request)
    if format_name != "html":
        return graph_store.graph(triples, format_name)
    turtle, is_namespace = formats.graph(triples, formats.by_name("turtle")).decode(), iri in _namespaces()
    return rendering.page(
        request,
        "record.html",
        iri=iri,
        text=turtle[:MAX_TEXT],
        cut=len(turtle) > MAX_TEXT,
        entities=sorted({terms.text_of(triple.subject) for triple in triples} - {iri}) if is_namespace else [],
        alternates=[] if is_namespace else rendering.alternates(iri.rpartition("/")[2]),
    )


def _namespaces() -> dict[str, str]:
    """Map the namespaces that have a page to their prefixes."""
    return {iri: prefix for prefix, iri in PREFIXES.items() if own(iri) and iri.endswith("/")}


def _triples(explorer: Explorer, iri: str) -> list[ox.Triple]:
    """Find what is stated about an IRI, or else what refers to it."""
    if iri in _namespaces():
        return _namespace_triples(explorer, iri)
    if iri.startswith(LINKS_IRI):
        graph = ox.NamedNode(iri.replace(LINKS_IRI, BASE + "graph/data/links/"))
        mappings = [quad.triple for quad in explorer.store.quads_for_pattern(None, None, None, graph)]
        return [ox.Triple(ox.NamedNode(iri), LICENSE_PROPERTY, ox.NamedNode(LICENSE)), *mappings] if mappings else []
    is_claim = iri.startswith(PREFIXES["claim"])
    store = explorer.cached("claims", _claims) if is_claim else explorer.cached("annex", _questions_and_shapes)
    stated = [quad.triple for quad in store.quads_for_pattern(ox.NamedNode(iri), None, None)]
    return stated or [quad.triple for quad in store.quads_for_pattern(None, None, ox.NamedNode(iri))]


def _namespace_triples(explorer: Explorer, namespace: str) -> list[ox.Triple]:
    """Describe a namespace: its prefix, and the class and name of each entity in it."""
    quads = [*explorer.quads(None, RDF_TYPE, None), *explorer.quads(None, PREF_LABEL, None)]
    entities = [quad.triple for quad in quads if terms.text_of(quad.subject).startswith(namespace)]
    prefix = ox.Literal(_namespaces()[namespace])
    return [ox.Triple(ox.NamedNode(namespace), PREFIX_PROPERTY, prefix), *entities]


def _questions_and_shapes(explorer: Explorer) -> ox.Store:
    """Gather the questions and the shapes as RDF."""
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in examples.triples(explorer.questions.values()))
    for folder in (explorer.root.shapes, explorer.root.shapes / "any-namespace"):
        store.extend(ox.Quad(*quad.triple) for quad in validate.shapes_graph(folder))
    return store


def _claims(explorer: Explorer) -> ox.Store:
    """Collect the statements of all lines as claims."""
    store = ox.Store()
    if isinstance(explorer.store, ox.Store):
        store.extend(export.claims(explorer.dataset))
    return store
