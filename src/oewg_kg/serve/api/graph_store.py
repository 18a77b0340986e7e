"""Graphs over HTTP in the format that the client prefers: Graph Store Protocol (read only), and the SPARQL service description."""

import hashlib
from collections.abc import Callable
from itertools import islice

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import formats, terms, texts
from oewg_kg.serve.http import negotiation
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.protocol.sparql import GRAPH_OFFERS, Refusal
from oewg_kg.serve.workers.evaluate import Reply
from oewg_kg.vocabulary import RESOLVED

MOST_TRIPLES = 200_000


def negotiated(request: Request, make_triples: Callable[[], list[ox.Triple]]) -> Response:
    """Answer with a graph in the format that the client prefers, made once and cached; 406 if none is acceptable."""
    format_name = negotiation.best(GRAPH_OFFERS, negotiation.accept_of(request))
    if format_name is None:
        media_types = (formats.by_name(format_name).media_type for format_name in negotiation.GRAPH_NAMES)
        raise Refusal(406, f"available formats: {', '.join(media_types)}")
    variant = f"{explorer_of(request).page_digest} {request.url} {format_name}"
    cache, etag = explorer_of(request).page_cache, f'"{hashlib.sha256(variant.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": "public, max-age=60"}
    if negotiation.etag_matches(etag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    reply = cache.get(etag)
    if reply is None:
        reply = Reply(200, format_name, "", formats.graph(make_triples(), formats.by_name(format_name)))
        cache.put(etag, reply)
    return Response(reply.body, media_type=formats.by_name(format_name).media_type, headers=headers)


def graph(triples: list[ox.Triple], format_name: str) -> Response:
    """Answer with a graph in a named format."""
    format = formats.by_name(format_name)
    return Response(formats.graph(triples, format), media_type=format.media_type)


def bounded_quads(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
    """List the quads of one graph; raises Refusal if there are too many to be sorted and sent at once."""
    quads = list(islice(store.quads_for_pattern(None, None, None, graph), MOST_TRIPLES + 1))
    if len(quads) > MOST_TRIPLES:
        raise Refusal(
            503, f"this graph has more than {MOST_TRIPLES} triples; query a part of it at /sparql, or use `oewg export`"
        )
    return quads


def stored_graph(request: Request) -> Response:
    """Answer the Graph Store Protocol: `?default` or `?graph=IRI`; 404 for an unknown graph."""
    fields, store = request.query_params, explorer_of(request).store
    if ("default" in fields) == ("graph" in fields):
        raise Refusal(400, "name one graph: ?default or ?graph=IRI")
    iri = fields.get("graph", RESOLVED)
    if terms.valid_iri(iri) is None:
        raise Refusal(400, "this is not the IRI of a graph; use ?graph=IRI")
    graph_name = ox.DefaultGraph() if iri == RESOLVED else ox.NamedNode(iri)
    if isinstance(graph_name, ox.NamedNode) and not store.contains_named_graph(graph_name):
        raise Refusal(404, "no such graph")
    return negotiated(request, lambda: [quad.triple for quad in bounded_quads(store, graph_name)])


def service_description(request: Request) -> Response:
    """Describe the endpoint (SPARQL 1.1 Service Description): languages, formats, default and named graphs."""

    def endpoint_triples() -> list[ox.Triple]:
        graphs = [name for name in explorer_of(request).store.named_graphs() if isinstance(name, ox.NamedNode)]
        endpoint = request.url_for("sparql_route")
        turtle = texts.filled("service.ttl", endpoint=endpoint, graphs=sorted(graphs, key=str))
        return [quad.triple for quad in ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE)]

    return negotiated(request, endpoint_triples)
