"""Serve the saved questions as JSON: the list, an answer or part of it."""

import json
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import tables, terms
from oewg_kg.answers.readings import Asked
from oewg_kg.errors import UsageError
from oewg_kg.export import questions as examples
from oewg_kg.query import Parameter, QueryResult, SavedQuery
from oewg_kg.serve.api import graph_store
from oewg_kg.serve.lookups import explorer_of

# What an address may contain besides the parameters of a question.
OURS = {"lang", "start", "limit", "offset", "by", "sort", "match", "only", "as", "members"}


def given(request: Request, empty: bool) -> dict[str, str]:
    """Read the parameters of a question from an address; an empty field of a form counts as not given unless `empty`.

    Raises UsageError for one that is given twice.
    """
    pairs = [(name, text) for name, text in request.query_params.multi_items() if (text or empty) and name not in OURS]
    values = dict(pairs)
    if len(values) < len(pairs):
        twice = next(name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1)
        raise UsageError(f"parameter {twice!r} is given twice", advice="give each parameter once")
    return values


def part(request: Request, result: QueryResult) -> tuple[QueryResult, dict[str, Any], str]:
    """Cut an answer to `limit` rows from `offset`, say so, and give the address of the next rows ("" if there are none).

    Raises UsageError for invalid numbers.
    """
    offset, limit = _number(request, "offset", 0), _number(request, "limit", len(result.rows))
    end = offset + limit
    rows = QueryResult(result.columns, result.rows[offset:end], result.citations[offset:end])
    told = {
        "rows": len(result.rows),
        "offset": offset,
        "shown": len(rows.rows),
        "cut": len(rows.rows) < len(result.rows),
    }
    following = dict(request.query_params) | {"offset": str(end)}
    return rows, told, f"?{urlencode(following)}" if limit and end < len(result.rows) else ""


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(
            f'{text[:60]!r} is not a valid value for "{name}"', advice="use a non-negative integer such as 100"
        )
    return int(text)


def written(asked: Asked, result: QueryResult, told: dict[str, Any]) -> str:
    """Write an answer as SPARQL results JSON, with the question, and the lines that support each row."""
    return tables.write_json(result.columns, result.rows, result.citations, asked.about() | told)


def listing(request: Request) -> Response:
    """Answer with all questions: its title, parameters and other ways to count."""
    explorer = explorer_of(request)
    described = [_question(saved) for saved in explorer.questions.values()]
    return Response(json.dumps({"questions": described}, ensure_ascii=False), media_type="application/json")


def _question(saved: SavedQuery) -> dict[str, Any]:
    return {
        "name": saved.name,
        "summary": saved.summary,
        "definition": saved.definition,
        "tags": saved.tags,
        "parameters": [_parameter(one) for one in saved.parameters],
        "readings": [{"name": one.name, "parameters": one.values} for one in saved.readings if not one.see],
        "see": [{"name": one.name, "parameters": one.values} for one in saved.readings if one.see],
        "answer": f"questions/{saved.name}.json",
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described = {
        "name": parameter.name,
        "type": parameter.type,
        "default": default(parameter),
        "means": parameter.means,
    }
    if parameter.type == "iri":
        described["choices"] = parameter.choices
    return described


def default(parameter: Parameter) -> str:
    """Write the default of a parameter as in an address: a CURIE, or plain text."""
    term = parameter.term
    return terms.compact(term.value) if isinstance(term, ox.NamedNode) else term.value


def published(request: Request) -> Response:
    """Answer with the questions as RDF."""
    explorer = explorer_of(request)
    endpoint, rows = str(request.url_for("sparql_route")), f"{request.url_for('questions')}/"

    def described() -> list[ox.Triple]:
        return examples.triples(explorer.questions.values(), rows, endpoint)

    return graph_store.serialized(request, described, explorer.mark)
