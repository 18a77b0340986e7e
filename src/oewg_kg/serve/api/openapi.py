"""The OpenAPI 3.1 description: fixed routes, and one path for each saved question.

The fixed routes are in `templates/openapi.json`.
"""

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import __version__, query, terms
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.serve.api import rest
from oewg_kg.serve.lookups import HERE, Explorer, explorer_of
from oewg_kg.serve.reconciliation.catalog import Catalog

MOST_CHOICES = 300
RESPONSES = "#/components/responses/"


def openapi(request: Request) -> Response:
    """Answer with the description; the server is the path prefix that the client sees."""
    catalog: Catalog = request.app.state.catalog
    described = describe(explorer_of(request), catalog, request.scope.get("root_path", ""))
    return Response(json.dumps(described, ensure_ascii=False), media_type="application/json")


def describe(explorer: Explorer, catalog: Catalog, prefix: str) -> dict[str, Any]:
    """Make the description: the fixed routes, the questions, and the choices of their parameters."""
    document: dict[str, Any] = json.loads((HERE / "templates" / "openapi.json").read_text(encoding="utf-8"))
    document["info"]["version"] = __version__
    document["servers"] = [{"url": prefix or "/"}]
    schemas = document["components"]["schemas"]
    schemas |= {
        "QuestionName": {"type": "string", "enum": list(explorer.questions)},
        "Type": {"type": "string", "enum": [terms.compact(kind) for kind in catalog.types]},
        "Property": {"type": "string", "enum": [terms.compact(iri) for iri in catalog.properties("")]},
    }
    for saved in explorer.questions.values():
        document["paths"][f"/questions/{saved.name}.json"] = {"get": operation(explorer, saved, schemas)}
    return document


def operation(explorer: Explorer, saved: SavedQuery, schemas: dict[str, Any]) -> dict[str, Any]:
    """Describe a question; lists of choices go into the schemas, since many questions share them."""
    readings = [
        f"{one.phrase}: {', '.join(f'{name}={value}' for name, value in one.values.items())}." for one in saved.readings
    ]
    ours = [{"$ref": f"#/components/parameters/{name}"} for name in ("limit", "offset", "by")]
    return {
        "operationId": saved.name,
        "tags": ["questions"],
        "summary": saved.summary,
        "description": "\n\n".join([f"Counted: {saved.definition}.", *readings]),
        "parameters": [parameter(explorer, one, schemas) for one in saved.parameters] + ours,
        "responses": {
            "200": {
                "description": "The rows, each with its source lines",
                "content": {"application/sparql-results+json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
            },
            "400": {"$ref": f"{RESPONSES}Wrong"},
            "503": {"$ref": f"{RESPONSES}Busy"},
        },
    }


def parameter(explorer: Explorer, one: Parameter, schemas: dict[str, Any]) -> dict[str, Any]:
    """Describe a parameter of a question: its choices as CURIEs unless there are too many, and its default."""
    described: dict[str, Any] = {"name": one.name, "in": "query", "description": one.means or one.name}
    if one.type != "iri":
        plain = {"integer": {"type": "integer"}, "date": {"type": "string", "format": "date"}}
        value: object = int(rest.default(one)) if one.type == "integer" else rest.default(one)
        words = {"enum": list(one.words)} if one.words else {}
        return described | {"schema": {**plain.get(one.type, {"type": "string"}), **words, "default": value}}
    described["description"] += f"; an IRI, a short name (CURIE) or a label of: {one.choices}"
    curies = sorted(map(terms.compact, query.choices(explorer.store, one)))
    if not 0 < len(curies) < MOST_CHOICES:
        return described | {"schema": {"type": "string", "default": rest.default(one)}}
    name = "choices-" + "-".join(re.split("[^a-zA-Z0-9]+", one.choices))
    schemas[name] = {"type": "string", "enum": curies}
    return described | {"schema": {"$ref": f"#/components/schemas/{name}", "default": rest.default(one)}}
