"""Pages for our IRIs that are not entities: questions, shapes, claims, tables of links, namespaces; as HTML or RDF."""

import re

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import __version__, formats, mappings, terms
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
CLAIM, LINKS = PREFIXES["claim"], BASE + "links/"
DCTERMS, VANN = PREFIXES["dcterms"], PREFIXES["vann"]


def record(request: Request, iri: str) -> Response:
    """Answer for an IRI that is not an entity of the graph: as RDF, or as a page that shows the RDF; 404 if it is not ours."""
    explorer = explorer_of(request)
    if terms.valid_iri(iri) is None:
        raise HTTPException(404)
    end = next((end for end in rendering.SUFFIXES if iri.endswith(end)), "")
    found = _triples(explorer, iri)
    if not found and end:
        iri = iri.removesuffix(end)
        found = _triples(explorer, iri)
    if not found:
        version = VERSION.fullmatch(iri)
        raise HTTPException(404, f"only version {__version__} is available here" if version else None)
    return _written(request, iri, found, rendering.SUFFIXES.get(end) or rendering.wanted(request))


def _written(request: Request, iri: str, found: list[ox.Triple], name: str) -> Response:
    """Answer with triples in the format named, or as a page."""
    if name != "html":
        return graph_store.graph(request, found, name)
    text = formats.graph(found, formats.by_name("turtle")).decode()
    listed = sorted({triple.subject.value for triple in found if isinstance(triple.subject, ox.NamedNode)} - {iri})
    local = iri.rstrip("/").rpartition("/")[2]
    others = [] if iri.endswith("/") else rendering.alternates(local)
    things = listed if iri in _spaces() else []
    return rendering.page(
        request, "record.html", iri=iri, text=text[:SHOWN], cut=len(text) > SHOWN, things=things, alternates=others
    )


def _spaces() -> dict[str, str]:
    """Map the namespaces that have a page to their prefixes."""
    return {space: prefix for prefix, space in PREFIXES.items() if own(space) and space.endswith("/")}


def _triples(explorer: Explorer, iri: str) -> list[ox.Triple]:
    if terms.valid_iri(iri) is None:
        return []
    if iri in _spaces():
        return _space(explorer, iri)
    name = iri.removeprefix(LINKS)
    table = next((path for path in explorer.root.mappings() if path.name == f"{name}.sssom.tsv"), None)
    if table and iri != name:
        found = mappings.read(table, table.name).mappings
        rows = [(one.subject, one.predicate, one.object) for one in found if not one.negated]
        return [ox.Triple(*map(ox.NamedNode, row)) for row in [(iri, DCTERMS + "license", LICENSE), *rows]]
    store = explorer.once("claims", _claims) if iri.startswith(CLAIM) else explorer.once("annex", _annex)
    stated = [quad.triple for quad in store.quads_for_pattern(ox.NamedNode(iri), None, None)]
    return stated or [quad.triple for quad in store.quads_for_pattern(None, None, ox.NamedNode(iri))]


def _space(explorer: Explorer, space: str) -> list[ox.Triple]:
    """Describe a namespace: its prefix, and the class and name of each entity in it."""
    prefix = ox.NamedNode(VANN + "preferredNamespacePrefix")
    found = [ox.Triple(ox.NamedNode(space), prefix, ox.Literal(_spaces()[space]))]
    for predicate in (RDF_TYPE, PREF_LABEL):
        for quad in explorer.quads(None, predicate, None):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(space):
                found.append(quad.triple)
    return found


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
