"""The routes of the Reconciliation Service API 0.2: manifest, queries, suggestions, previews, data extension."""

import json
from collections.abc import Collection
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oewg_kg import __version__, terms
from oewg_kg.serve import middleware
from oewg_kg.serve.pages import rendering
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.reconciliation import candidates
from oewg_kg.serve.reconciliation import messages as exchange
from oewg_kg.serve.reconciliation.catalog import Catalog
from oewg_kg.vocabulary import BASES, OEWG

SUGGESTED, MOST_SUGGESTED = 20, 100
WIDTH, HEIGHT = 420, 240
# Other sites show previews in frames.
FRAMED = {"Content-Security-Policy": middleware.POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")}
KINDS = ("entity", "property", "type")


def catalog_of(request: Request) -> Catalog:
    """Return the catalog of the graph."""
    found: Catalog = request.app.state.catalog
    return found


def answered(data: object) -> Response:
    """Answer with JSON."""
    return Response(json.dumps(data, ensure_ascii=False), media_type="application/json")


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
    return answered(answer(catalog_of(request), exchange.parsed(text, name)))


def matched(catalog: Catalog, data: exchange.Part) -> dict[str, Any]:
    """Answer a query batch (0.2, 4.2)."""
    queries = exchange.batch(catalog, data)
    codes = candidates.column_of_codes(catalog, filter(None, queries.values()))
    results = {key: candidates.find(catalog, query, codes) if query else [] for key, query in queries.items()}
    return {key: {"result": [exchange.candidate(catalog, one) for one in found]} for key, found in results.items()}


def manifest(request: Request) -> Response:
    """Describe the service (0.2, 3.1)."""
    catalog, endpoint = catalog_of(request), str(request.url_for("reconcile"))
    suggest = {
        kind: {
            "service_url": endpoint,
            "service_path": f"/suggest/{kind}",
            "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
        }
        for kind in KINDS
    }
    choices = [{"value": value, "name": name} for value, name in exchange.CONTENTS.items()]
    limit = {"name": "limit", "label": "Limit", "type": "number", "default": 0}
    content = {"name": "content", "label": "Content", "type": "select", "default": "value", "choices": choices}
    entry = {
        "versions": ["0.2"],
        "name": catalog.explorer.identity.title,
        "identifierSpace": BASES[-1],
        "schemaSpace": OEWG,
        "documentation": f"{request.url_for('downloads')}#programs",
        "logo": str(request.url_for("static", name="mark.svg")),
        "serviceVersion": __version__,
        "defaultTypes": [exchange.named(catalog, kind) for kind in catalog.usual()],
        "batchSize": exchange.MOST_QUERIES,
        "view": {"url": str(request.url_for("thing")) + "?iri={{id}}"},
        "suggest": suggest,
        "preview": {"url": f"{endpoint}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "extend": {
            "propose_properties": {"service_url": endpoint, "service_path": "/extend/propose"},
            "property_settings": [
                limit | {"help_text": "Maximum number of values for each row (0 for all)"},
                content | {"help_text": "What the cells contain"},
            ],
        },
    }
    return answered(entry)


def kind_of(request: Request) -> str:
    """Read which kind of suggestion a path names."""
    kind = str(request.path_params["kind"])
    if kind not in KINDS:
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
    write = {"entity": _thing, "property": exchange.property_of, "type": exchange.kind_of}[kind]
    return answered({"result": [write(catalog, iri) for iri in part]})


def _offered(catalog: Catalog, kind: str, within: str) -> Collection[str]:
    """List the entities or properties of a type, or the types."""
    if kind == "type":
        return catalog.types
    return catalog.members(within) if kind == "entity" else catalog.properties(within)


def _thing(catalog: Catalog, iri: str) -> dict[str, Any]:
    return {**exchange.entity(catalog, iri), "notable": [exchange.named(catalog, k) for k in catalog.types_of(iri)[:2]]}


def flyout(request: Request) -> Response:
    """Answer with a short description of an entity, property or type (0.2, 6.5)."""
    catalog, given = catalog_of(request), request.query_params.get("id", "")
    kind = kind_of(request)
    iri = catalog.meant_type(given) if kind == "type" else terms.expand(given) or given
    if iri not in _offered(catalog, kind, ""):
        raise HTTPException(404)
    entry = {"entity": exchange.entity, "property": exchange.property_of, "type": exchange.kind_of}[kind](catalog, iri)
    html = Markup("<p><strong>{}</strong></p><p>{}</p>").format(entry["name"], entry.get("description", ""))
    return answered({"id": given, "html": str(html)})


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
    return answered(proposal | ({"type": kind} if kind else {}) | ({"limit": limit} if asked else {}))


ROUTES = [
    Route("/reconcile", reconcile, methods=["GET", "HEAD", "POST"], name="reconcile"),
    Route("/reconcile/extend/propose", propose),
    Route("/reconcile/preview", preview),
    Route("/reconcile/suggest/{kind}", suggest),
    Route("/reconcile/flyout/{kind}", flyout),
]
