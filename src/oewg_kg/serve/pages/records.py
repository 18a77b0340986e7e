"""Pages for our IRIs that are not entities: questions, shapes, claims, tables of links, namespaces; as HTML or RDF."""

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

SHOWN = 20_000
VERSION = re.compile(rf"{re.escape(BASE)}(?:ontology|context|release)/(\d+(?:\.\w+)+?)(?:/.*)?")
LINKS = BASE + "links/"
LICENSED = ox.NamedNode(PREFIXES["dcterms"] + "license")
PREFIX = ox.NamedNode(PREFIXES["vann"] + "preferredNamespacePrefix")


def record(request: Request, iri: str) -> Response:
    """Answer for an IRI that is not an entity of the graph: as RDF, or as a page that shows the RDF; 404 if it is not ours."""
    explorer = explorer_of(request)
    if terms.valid_iri(iri) is None:
        raise HTTPException(404)
    end = next((end for end in rendering.RDF_SUFFIXES if iri.endswith(end)), "")
    found = _triples(explorer, iri)
    if not found and end:
        iri = iri.removesuffix(end)
        found = _triples(explorer, iri)
    if not found:
        version = VERSION.fullmatch(iri)
        raise HTTPException(404, f"only version {__version__} is available here" if version else None)
    name = rendering.RDF_SUFFIXES.get(end) or rendering.negotiated_format(request)
    if name != "html":
        return graph_store.graph(found, name)
    text, space = formats.graph(found, formats.by_name("turtle")).decode(), iri in _spaces()
    return rendering.page(
        request,
        "record.html",
        iri=iri,
        text=text[:SHOWN],
        cut=len(text) > SHOWN,
        things=sorted({terms.text_of(triple.subject) for triple in found} - {iri}) if space else [],
        alternates=[] if space else rendering.alternates(iri.rpartition("/")[2]),
    )


def _spaces() -> dict[str, str]:
    """Map the namespaces that have a page to their prefixes."""
    return {space: prefix for prefix, space in PREFIXES.items() if own(space) and space.endswith("/")}


def _triples(explorer: Explorer, iri: str) -> list[ox.Triple]:
    """Find what is stated about an IRI, or else what refers to it."""
    if iri in _spaces():
        return _space(explorer, iri)
    if iri.startswith(LINKS):
        table = ox.NamedNode(iri.replace(LINKS, BASE + "graph/data/links/"))
        rows = [quad.triple for quad in explorer.store.quads_for_pattern(None, None, None, table)]
        return [ox.Triple(ox.NamedNode(iri), LICENSED, ox.NamedNode(LICENSE)), *rows] if rows else []
    store = (
        explorer.cached("claims", _claims) if iri.startswith(PREFIXES["claim"]) else explorer.cached("annex", _annex)
    )
    stated = [quad.triple for quad in store.quads_for_pattern(ox.NamedNode(iri), None, None)]
    return stated or [quad.triple for quad in store.quads_for_pattern(None, None, ox.NamedNode(iri))]


def _space(explorer: Explorer, space: str) -> list[ox.Triple]:
    """Describe a namespace: its prefix, and the class and name of each entity in it."""
    quads = [*explorer.quads(None, RDF_TYPE, None), *explorer.quads(None, PREF_LABEL, None)]
    inside = [quad.triple for quad in quads if terms.text_of(quad.subject).startswith(space)]
    return [ox.Triple(ox.NamedNode(space), PREFIX, ox.Literal(_spaces()[space])), *inside]


def _annex(explorer: Explorer) -> ox.Store:
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
