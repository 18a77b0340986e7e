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
SCHEMAS: dict[str, Any] = {"integer": {"type": "integer", "minimum": 0}, "date": {"type": "string", "format": "date"}}


def openapi(request: Request) -> Response:
    """Answer with the description; the server is the path prefix that the client sees."""
    explorer = explorer_of(request)
    catalog, choices = explorer.cached("catalog", Catalog), _choices_by_schema(explorer)
    document = texts.filled(
        "openapi.json",
        version=__version__,
        prefix=request.scope.get("root_path") or "/",
        questions=list(explorer.questions.values()),
        described=_describe_question,
        parameter=partial(_describe_parameter, choices),
        types=list(map(terms.compact, catalog.types)),
        properties=list(map(terms.compact, catalog.properties(""))),
        choices=choices,
    )
    return JSONResponse(json.loads(document))


def _describe_question(saved: SavedQuery) -> str:
    """Write what a question counts, and its other readings."""
    paragraphs = [f"Counted: {saved.definition}."]
    for reading in saved.readings:
        paragraphs.append(f"{reading.phrase}: {', '.join(map('='.join, reading.values.items()))}.")
    return "\n\n".join(paragraphs)


def _choices_by_schema(explorer: Explorer) -> dict[str, list[str]]:
    """List the choices of parameters as CURIEs where they are not too many, by the name of a schema that many questions share."""
    parameters = [p for saved in explorer.questions.values() for p in saved.parameters if p.type == "iri"]
    by_schema = {_schema_name(parameter): parameter for parameter in parameters}
    choices = {schema: sorted(map(terms.compact, query.choices(explorer.store, p))) for schema, p in by_schema.items()}
    return {schema: curies for schema, curies in choices.items() if 0 < len(curies) < MOST_CHOICES}


def _schema_name(parameter: Parameter) -> str:
    return "choices-" + "-".join(re.split("[^a-zA-Z0-9]+", parameter.choices))


def _describe_parameter(choices: dict[str, list[str]], parameter: Parameter) -> dict[str, Any]:
    """Describe a parameter of a question: its choices, and its default."""
    default, description = saved_question.default_text(parameter), parameter.means or parameter.name
    schema: dict[str, Any] = SCHEMAS.get(parameter.type, {"type": "string"})
    if parameter.type == "iri":
        description += f"; an IRI, a short name (CURIE) or a label of: {parameter.choices}"
        if _schema_name(parameter) in choices:
            schema = {"$ref": f"#/components/schemas/{_schema_name(parameter)}"}
    elif parameter.words:
        schema = schema | {"enum": list(parameter.words)}
    schema = schema | {"default": int(default) if parameter.type == "integer" else default}
    return {"name": parameter.name, "in": "query", "description": description, "schema": schema}
