"""The routes of the Reconciliation Service API 0.2: manifest, queries, suggestions, previews, data extension."""

import json
from collections.abc import Collection
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from oewg_kg import __version__, terms, texts
from oewg_kg.serve import middleware
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.pages import rendering
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.reconciliation import candidates
from oewg_kg.serve.reconciliation import messages as exchange
from oewg_kg.serve.reconciliation.catalog import Catalog
from oewg_kg.vocabulary import BASES

SUGGESTED, MOST_SUGGESTED = 20, 100
# Other sites show previews in frames.
FRAMED = {"Content-Security-Policy": middleware.CONTENT_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")}


def catalog_of(request: Request) -> Catalog:
    """Return the catalog of the graph."""
    return explorer_of(request).cached("catalog", Catalog)


def reconcile(request: Request) -> Response:
    """Answer the endpoint of 0.2: the manifest, or a batch of queries or a data extension, by GET or as a form."""
    fields = sparql.fields_of(request.url.query.encode())
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise Refusal(415, "send a form with a field named queries or extend")
        fields += sparql.fields_of(sparql.body_of(request))
    given = [(name, text) for name, text in fields if name in ("queries", "extend")]
    if not given and request.method != "POST":
        return manifest(request)
    if len(given) != 1:
        raise Refusal(400, f"expected one field named queries or extend, got {len(given)}")
    name, text = given[0]
    answer = matched if name == "queries" else exchange.extended
    return JSONResponse(answer(catalog_of(request), exchange.parsed(text, name)))


def matched(catalog: Catalog, data: exchange.Part) -> dict[str, Any]:
    """Answer a query batch (0.2, 4.2)."""
    queries = exchange.batch(catalog, data)
    codes = candidates.column_of_codes(catalog, filter(None, queries.values()))
    results = {key: candidates.find(catalog, query, codes) if query else [] for key, query in queries.items()}
    return {key: {"result": [exchange.candidate(catalog, one) for one in found]} for key, found in results.items()}


def manifest(request: Request) -> Response:
    """Describe the service (0.2, 3.1)."""
    catalog, endpoint = catalog_of(request), str(request.url_for("reconcile"))
    described = texts.filled(
        "reconciliation.json",
        endpoint=endpoint,
        site=endpoint.removesuffix("reconcile"),
        title=catalog.explorer.identity.title,
        identifiers=BASES[-1],
        version=__version__,
        types=[exchange.named(catalog, kind) for kind in catalog.usual()],
        most=exchange.MOST_QUERIES,
        kinds=list(exchange.WRITERS),
        contents=exchange.CONTENTS,
    )
    return JSONResponse(json.loads(described))


def kind_of(request: Request) -> str:
    """Read which kind of suggestion a path names."""
    kind = str(request.path_params["kind"])
    if kind not in exchange.WRITERS:
        raise HTTPException(404)
    return kind


def suggest(request: Request) -> Response:
    """Answer with entities, properties or types whose names begin with a text; without a text with all of them, part by part."""
    catalog, text = catalog_of(request), request.query_params.get("prefix", "")[: candidates.LONGEST]
    limit = exchange.Part(request.query_params.get("limit"), "limit").limit(SUGGESTED, MOST_SUGGESTED)
    skipped = request.query_params.get("cursor", "0")
    if not (skipped.isascii() and skipped.isdigit() and len(skipped) < 10):
        raise Refusal(400, "cursor: expected an integer")
    kind, within = kind_of(request), request.query_params.get("type", "")
    offered = _offered(catalog, kind, catalog.type_of(within) if within else "")
    part = catalog.beginning(offered, text)[int(skipped) : int(skipped) + limit]
    entries: list[dict[str, Any]] = [exchange.WRITERS[kind](catalog, iri) for iri in part]
    if kind == "entity":
        for entry in entries:
            entry["notable"] = [exchange.named(catalog, one) for one in catalog.types_of(entry["id"])[:2]]
    return JSONResponse({"result": entries})


def _offered(catalog: Catalog, kind: str, within: str) -> Collection[str]:
    """List the entities or properties of a type, or the types."""
    if kind == "type":
        return catalog.types
    return catalog.members(within) if kind == "entity" else catalog.properties(within)


def flyout(request: Request) -> Response:
    """Answer with a short description of an entity, property or type (0.2, 6.5)."""
    catalog, given = catalog_of(request), request.query_params.get("id", "")
    kind = kind_of(request)
    iri = catalog.meant_type(given) if kind == "type" else terms.expand(given) or given
    if iri not in _offered(catalog, kind, ""):
        raise HTTPException(404)
    entry = exchange.WRITERS[kind](catalog, iri)
    html = Markup("<p><strong>{}</strong></p><p>{}</p>").format(entry["name"], entry.get("description", ""))
    return JSONResponse({"id": given, "html": str(html)})


def preview(request: Request) -> Response:
    """Answer with a page about an entity, small enough for a frame (0.2, 5)."""
    catalog, given = catalog_of(request), request.query_params.get("id", "")
    iri = terms.expand(given) or given
    if iri not in catalog.things:
        raise HTTPException(404)
    entry = exchange.entity(catalog, iri)
    names = sorted({name for name in catalog.names(iri) if name != entry["name"]}, key=lambda name: (len(name), name))
    page = rendering.page(request, "preview.html", iri=iri, told=entry, names=names[:12])
    page.headers.update(FRAMED)
    return page


def propose(request: Request) -> Response:
    """Propose properties that entities of a type have (0.2, 7.2)."""
    catalog, kind = catalog_of(request), request.query_params.get("type", "")
    asked = request.query_params.get("limit")
    limit = exchange.Part(asked, "limit").limit(1000, 1000)
    properties = catalog.properties(catalog.type_of(kind) if kind else "")[:limit]
    proposal: dict[str, Any] = {"properties": [exchange.property_of(catalog, iri) for iri in properties]}
    return JSONResponse(proposal | ({"type": kind} if kind else {}) | ({"limit": limit} if asked else {}))


ROUTES = [
    Route("/reconcile", reconcile, methods=["GET", "HEAD", "POST"], name="reconcile"),
    Route("/reconcile/extend/propose", propose),
    Route("/reconcile/preview", preview),
    Route("/reconcile/suggest/{kind}", suggest),
    Route("/reconcile/flyout/{kind}", flyout),
]
