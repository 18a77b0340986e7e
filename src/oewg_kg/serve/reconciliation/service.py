"""The routes of the Reconciliation Service API 0.2: manifest, queries, suggestions, data extension."""

import json
from collections.abc import Collection
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from oewg_kg import __version__, terms, texts
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.reconciliation import candidates, messages
from oewg_kg.serve.reconciliation.catalog import Catalog
from oewg_kg.vocabulary import BASES

DEFAULT_SUGGESTED, MOST_SUGGESTED = 20, 100


def catalog_of(request: Request) -> Catalog:
    """Return the catalog of the graph."""
    return explorer_of(request).cached("catalog", Catalog)


def reconcile(request: Request) -> Response:
    """Answer the endpoint of 0.2: the manifest, or a batch of queries or a data extension, by GET or as a form."""
    fields = sparql.fields_of(request.url.query.encode())
    if request.method == "POST":
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/x-www-form-urlencoded":
            raise Refusal(415, "send a form with a field named queries or extend")
        fields += sparql.fields_of(sparql.body_of(request))
    queries = [(field_name, json_text) for field_name, json_text in fields if field_name in ("queries", "extend")]
    if not queries and request.method != "POST":
        return manifest(request)
    if len(queries) != 1:
        raise Refusal(400, f"expected one field named queries or extend, got {len(queries)}")
    field_name, json_text = queries[0]
    respond = match_batch if field_name == "queries" else messages.extend_data
    return JSONResponse(respond(catalog_of(request), messages.parse_json(json_text, field_name)))


def match_batch(catalog: Catalog, batch_part: messages.RequestPart) -> dict[str, Any]:
    """Answer a query batch (0.2, 4.2)."""
    queries = messages.read_batch(catalog, batch_part)
    codes = candidates.column_of_codes(catalog, filter(None, queries.values()))
    results = {}
    for key, query in queries.items():
        scored = candidates.find_candidates(catalog, query, codes) if query else []
        results[key] = {"result": [messages.write_candidate(catalog, candidate) for candidate in scored]}
    return results


def manifest(request: Request) -> Response:
    """Describe the service (0.2, 3.1)."""
    catalog, endpoint = catalog_of(request), str(request.url_for("reconcile"))
    manifest_json = texts.filled(
        "reconciliation.json",
        endpoint=endpoint,
        site=endpoint.removesuffix("reconcile"),
        title=catalog.explorer.identity.title,
        identifiers=BASES[-1],
        version=__version__,
        types=[messages.write_type(catalog, type_iri) for type_iri in catalog.usual_types()],
        most=messages.MOST_QUERIES,
        kinds=list(messages.WRITERS),
        contents=messages.CELL_CONTENTS,
    )
    return JSONResponse(json.loads(manifest_json))


def _suggestion_kind(request: Request) -> str:
    """Read which kind of suggestion a path names."""
    kind = str(request.path_params["kind"])
    if kind not in messages.WRITERS:
        raise HTTPException(404)
    return kind


def suggest(request: Request) -> Response:
    """Answer with entities, properties or types whose names begin with a text; without a text with all of them, part by part."""
    catalog, prefix = catalog_of(request), request.query_params.get("prefix", "")[: candidates.LONGEST_NAME]
    limit = messages.RequestPart(request.query_params.get("limit"), "limit").limit(DEFAULT_SUGGESTED, MOST_SUGGESTED)
    cursor = request.query_params.get("cursor", "0")
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise Refusal(400, "cursor: expected an integer")
    kind, type_text = _suggestion_kind(request), request.query_params.get("type", "")
    iris = _offered_iris(catalog, kind, catalog.type_of(type_text) if type_text else "")
    suggested = catalog.complete_names(iris, prefix)[int(cursor) : int(cursor) + limit]
    entries: list[dict[str, Any]] = [messages.WRITERS[kind](catalog, iri) for iri in suggested]
    if kind == "entity":
        for entry in entries:
            types = catalog.types_of(entry["id"])[:2]
            entry["notable"] = [messages.write_type(catalog, type_iri) for type_iri in types]
    return JSONResponse({"result": entries})


def _offered_iris(catalog: Catalog, kind: str, type_iri: str) -> Collection[str]:
    """List the entities or properties of a type, or the types."""
    if kind == "type":
        return catalog.types
    return catalog.members(type_iri) if kind == "entity" else catalog.properties(type_iri)


def flyout(request: Request) -> Response:
    """Answer with a short description of an entity, property or type (0.2, 6.5)."""
    catalog, identifier = catalog_of(request), request.query_params.get("id", "")
    kind = _suggestion_kind(request)
    iri = catalog.expand_type(identifier) if kind == "type" else terms.expand(identifier) or identifier
    if iri not in _offered_iris(catalog, kind, ""):
        raise HTTPException(404)
    entry = messages.WRITERS[kind](catalog, iri)
    html = Markup("<p><strong>{}</strong></p><p>{}</p>").format(entry["name"], entry.get("description", ""))
    return JSONResponse({"id": identifier, "html": str(html)})


def propose(request: Request) -> Response:
    """Propose properties that entities of a type have (0.2, 7.2)."""
    catalog, named_type = catalog_of(request), request.query_params.get("type", "")
    most = request.query_params.get("limit")
    limit = messages.RequestPart(most, "limit").limit(1000, 1000)
    properties = catalog.properties(catalog.type_of(named_type) if named_type else "")[:limit]
    proposal: dict[str, Any] = {"properties": [messages.describe_property(catalog, iri) for iri in properties]}
    return JSONResponse(proposal | ({"type": named_type} if named_type else {}) | ({"limit": limit} if most else {}))


ROUTES = [
    Route("/reconcile", reconcile, methods=["GET", "HEAD", "POST"], name="reconcile"),
    Route("/reconcile/extend/propose", propose),
    Route("/reconcile/suggest/{kind}", suggest),
    Route("/reconcile/flyout/{kind}", flyout),
]
