"""The OpenAPI 3.1 description, by `texts/openapi.json`: fixed routes, and one path for each saved question."""

import json
import re
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oewg_kg import __version__, query, terms, texts
from oewg_kg.query import Parameter, SavedQuery
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.reconciliation.catalog import Catalog

MOST_CHOICES = 300


def openapi(request: Request) -> Response:
    """Answer with the description; the server is the path prefix that the client sees."""
    explorer = explorer_of(request)
    catalog, choices = explorer.cached("catalog", Catalog), _choices(explorer)
    text = texts.filled(
        "openapi.json",
        version=__version__,
        prefix=request.scope.get("root_path") or "/",
        questions=list(explorer.questions.values()),
        described=_described,
        parameter=partial(_parameter, choices),
        types=list(map(terms.compact, catalog.types)),
        properties=list(map(terms.compact, catalog.properties(""))),
        choices=choices,
    )
    return JSONResponse(json.loads(text))


def _described(saved: SavedQuery) -> str:
    """Write what a question counts, and its other readings."""
    readings = [
        f"{one.phrase}: {', '.join(f'{name}={value}' for name, value in one.values.items())}." for one in saved.readings
    ]
    return "\n\n".join([f"Counted: {saved.definition}.", *readings])


def _choices(explorer: Explorer) -> dict[str, list[str]]:
    """List the choices of parameters as CURIEs where they are not too many, by the name of a schema that many questions share."""
    found = {}
    for one in (one for saved in explorer.questions.values() for one in saved.parameters if one.type == "iri"):
        if _schema(one) not in found:
            found[_schema(one)] = sorted(map(terms.compact, query.choices(explorer.store, one)))
    return {name: curies for name, curies in found.items() if 0 < len(curies) < MOST_CHOICES}


def _schema(one: Parameter) -> str:
    return "choices-" + "-".join(re.split("[^a-zA-Z0-9]+", one.choices))


def _parameter(choices: dict[str, list[str]], one: Parameter) -> dict[str, Any]:
    """Describe a parameter of a question: its choices, and its default."""
    default: object = int(saved_question.default(one)) if one.type == "integer" else saved_question.default(one)
    if one.type == "iri":
        means = f"{one.means or one.name}; an IRI, a short name (CURIE) or a label of: {one.choices}"
        schema: dict[str, Any] = {"type": "string"}
        if _schema(one) in choices:
            schema = {"$ref": f"#/components/schemas/{_schema(one)}"}
    else:
        means = one.means or one.name
        number: dict[str, Any] = {"type": "integer", "minimum": 0}
        plain = {"integer": number, "date": {"type": "string", "format": "date"}}
        schema = plain.get(one.type, {"type": "string"}) | ({"enum": list(one.words)} if one.words else {})
    return {"name": one.name, "in": "query", "description": means, "schema": schema | {"default": default}}
