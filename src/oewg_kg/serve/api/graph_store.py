"""Serve graphs by the Graph Store Protocol (read only), and the descriptions of service and dataset."""

import hashlib
from collections.abc import Callable
from itertools import islice

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import formats
from oewg_kg.serve.http import negotiation
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.workers.evaluate import Reply
from oewg_kg.vocabulary import RDF_TYPE, RESOLVED

SD, FORMAT = "http://www.w3.org/ns/sparql-service-description#", "http://www.w3.org/ns/formats/"
OFFERS = [*negotiation.offers(negotiation.GRAPH_NAMES), ("turtle", negotiation.HTML)]
MOST = 200_000
RESULT_FORMATS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
)


def node(iri: str) -> ox.NamedNode:
    """Make an IRI term."""
    return ox.NamedNode(iri)


def serialized(request: Request, make: Callable[[], list[ox.Triple]], fingerprint: str) -> Response:
    """Answer with a graph in the format that the client prefers, made once and cached; 406 if none is acceptable."""
    name = negotiation.best(OFFERS, negotiation.accept_of(request))
    if name is None:
        raise Refusal(
            406, "available formats: " + ", ".join(formats.by_name(name).media_type for name in negotiation.GRAPH_NAMES)
        )
    explorer, fingerprint = explorer_of(request), f"{fingerprint} {request.base_url}"
    tag = _tag(request, f"{fingerprint} {name}")
    reply = explorer.pages.get(tag)
    if reply is None:
        reply = Reply(200, name, "", formats.graph(make(), formats.by_name(name)))
        explorer.pages.put(tag, reply)
    return as_written(request, reply.body, name, fingerprint)


def as_format(request: Request, triples: list[ox.Triple], name: str, fingerprint: str) -> Response:
    """Answer with a graph in a named format, with an ETag."""
    return as_written(request, formats.graph(triples, formats.by_name(name)), name, fingerprint)


def as_written(request: Request, body: bytes, name: str, fingerprint: str) -> Response:
    """Answer with the bytes of a graph in a named format, with an ETag."""
    tag = _tag(request, f"{fingerprint} {name}")
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "public, max-age=60"}
    if negotiation.unchanged(tag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=formats.by_name(name).media_type, headers=headers)


def bounded(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
    """List the quads of one graph; raises Refusal if there are too many to be sorted and sent at once."""
    found = list(islice(store.quads_for_pattern(None, None, None, graph), MOST + 1))
    if len(found) > MOST:
        raise Refusal(
            503, f"this graph has more than {MOST} triples; query a part of it at /sparql, or use oewg export"
        )
    return found


def _tag(request: Request, parts: str) -> str:
    return '"' + hashlib.sha256(f"{parts} {request.url.path}?{request.url.query}".encode()).hexdigest()[:32] + '"'


def stored(request: Request, store: ox.Store, fingerprint: str) -> Response:
    """Answer the Graph Store Protocol: `?default` or `?graph=IRI`; 404 for an unknown graph."""
    chosen = request.query_params
    if ("default" in chosen) == ("graph" in chosen):
        raise Refusal(400, "name one graph: ?default or ?graph=IRI")
    graph = node(chosen["graph"]) if "graph" in chosen and ":" in chosen["graph"] else None
    if "graph" in chosen and graph is None:
        raise Refusal(400, "this is not the IRI of a graph; use ?graph=IRI")
    if graph is not None and graph.value != RESOLVED and not store.contains_named_graph(graph):
        raise Refusal(404, "no such graph")
    name = ox.DefaultGraph() if graph is None or graph.value == RESOLVED else graph

    def triples() -> list[ox.Triple]:
        found = bounded(store, name)
        return [ox.Triple(quad.subject, quad.predicate, quad.object) for quad in found]

    return serialized(request, triples, fingerprint)


def service(endpoint: str, store: ox.Store) -> list[ox.Triple]:
    """Describe the endpoint (SPARQL 1.1 Service Description): languages, formats, default and named graphs."""
    here, dataset, default = node(endpoint), node(endpoint + "#dataset"), node(endpoint + "#default")
    kind = node(RDF_TYPE)
    found = [
        ox.Triple(here, kind, node(SD + "Service")),
        ox.Triple(here, node(SD + "endpoint"), here),
        ox.Triple(here, node(SD + "supportedLanguage"), node(SD + "SPARQL11Query")),
        ox.Triple(here, node(SD + "defaultDataset"), dataset),
        ox.Triple(dataset, kind, node(SD + "Dataset")),
        ox.Triple(dataset, node(SD + "defaultGraph"), default),
        ox.Triple(default, kind, node(SD + "Graph")),
        *(ox.Triple(here, node(SD + "resultFormat"), node(FORMAT + name)) for name in RESULT_FORMATS),
    ]
    for at, graph in enumerate(sorted(store.named_graphs(), key=str)):
        if isinstance(graph, ox.NamedNode):
            entry = node(f"{endpoint}#graph-{at}")
            found += [
                ox.Triple(dataset, node(SD + "namedGraph"), entry),
                ox.Triple(entry, kind, node(SD + "NamedGraph")),
                ox.Triple(entry, node(SD + "name"), graph),
            ]
    return found
