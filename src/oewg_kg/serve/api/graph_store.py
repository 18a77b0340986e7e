"""Serve graphs in the format that a client wants, by the Graph Store Protocol (read only) and as the description of the service."""

import hashlib
from collections.abc import Callable
from itertools import islice

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import formats, terms, texts
from oewg_kg.serve.http import negotiation
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.protocol.sparql import GRAPHS, Refusal
from oewg_kg.serve.workers.evaluate import Reply
from oewg_kg.vocabulary import RESOLVED

MOST = 200_000


def negotiated(request: Request, make: Callable[[], list[ox.Triple]]) -> Response:
    """Answer with a graph in the format that the client prefers, made once and cached; 406 if none is acceptable."""
    name = negotiation.best(GRAPHS, negotiation.accept_of(request))
    if name is None:
        names = (formats.by_name(name).media_type for name in negotiation.GRAPH_NAMES)
        raise Refusal(406, f"available formats: {', '.join(names)}")
    parts = f"{explorer_of(request).page_digest} {request.url} {name}"
    pages, tag = explorer_of(request).page_cache, f'"{hashlib.sha256(parts.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "public, max-age=60"}
    if negotiation.unchanged(tag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    reply = pages.get(tag)
    if reply is None:
        reply = Reply(200, name, "", formats.graph(make(), formats.by_name(name)))
        pages.put(tag, reply)
    return Response(reply.body, media_type=formats.by_name(name).media_type, headers=headers)


def graph(triples: list[ox.Triple], name: str) -> Response:
    """Answer with a graph in a named format."""
    format = formats.by_name(name)
    return Response(formats.graph(triples, format), media_type=format.media_type)


def bounded(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
    """List the quads of one graph; raises Refusal if there are too many to be sorted and sent at once."""
    found = list(islice(store.quads_for_pattern(None, None, None, graph), MOST + 1))
    if len(found) > MOST:
        raise Refusal(
            503, f"this graph has more than {MOST} triples; query a part of it at /sparql, or use `oewg export`"
        )
    return found


def stored(request: Request) -> Response:
    """Answer the Graph Store Protocol: `?default` or `?graph=IRI`; 404 for an unknown graph."""
    chosen, store = request.query_params, explorer_of(request).store
    if ("default" in chosen) == ("graph" in chosen):
        raise Refusal(400, "name one graph: ?default or ?graph=IRI")
    iri = chosen.get("graph", RESOLVED)
    if terms.valid_iri(iri) is None:
        raise Refusal(400, "this is not the IRI of a graph; use ?graph=IRI")
    name = ox.DefaultGraph() if iri == RESOLVED else ox.NamedNode(iri)
    if isinstance(name, ox.NamedNode) and not store.contains_named_graph(name):
        raise Refusal(404, "no such graph")
    return negotiated(request, lambda: [quad.triple for quad in bounded(store, name)])


def service(request: Request) -> Response:
    """Describe the endpoint (SPARQL 1.1 Service Description): languages, formats, default and named graphs."""

    def described() -> list[ox.Triple]:
        graphs = [name for name in explorer_of(request).store.named_graphs() if isinstance(name, ox.NamedNode)]
        endpoint = request.url_for("sparql_route")
        text = texts.filled("service.ttl", endpoint=endpoint, graphs=sorted(graphs, key=str))
        return [quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]

    return negotiated(request, described)
