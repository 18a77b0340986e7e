"""Saved questions over HTTP: answer one under the limits of all queries, read its parameters, cut its rows, list all as JSON or RDF."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oewg_kg import query, tables, terms, texts
from oewg_kg.answers import decision_notes, empty
from oewg_kg.answers.decision_notes import Note
from oewg_kg.answers.readings import Asked
from oewg_kg.errors import UsageError
from oewg_kg.export import questions as examples
from oewg_kg.query import Parameter, QueryResult, SavedQuery
from oewg_kg.serve.api import graph_store
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.workers.evaluate import Question, Rows
from oewg_kg.terms import Term
from oewg_kg.vocabulary import RESOLVED

# What an address may contain besides the parameters of a question.
PAGE_FIELDS = {"lang", "start", "limit", "offset", "by", "sort", "match", "only", "as", "members"}


def answer(request: Request, saved: SavedQuery, bindings: dict[str, Term], lines: Sequence[str] = ()) -> QueryResult:
    """Answer a question, with what some lines state in addition to the resolved view; raises Refusal if it exceeds a limit."""
    graphs = (RESOLVED, *lines) if lines else None
    return query.collect(saved, *_ask_engine(request, query.with_values(saved, bindings), graphs))


def listed(request: Request, query_name: str, iri: str = "") -> QueryResult:
    """Answer a query of `queries/pages`, with an IRI for its parameter if one is given."""
    saved = explorer_of(request).listings.get(query_name)
    if saved is None:  # a root with other queries
        raise HTTPException(404)
    return answer(request, saved, {p.variable: ox.NamedNode(iri) for p in saved.parameters if iri})


def notes(request: Request, saved: SavedQuery, bindings: dict[str, Term], result: QueryResult) -> list[Note]:
    """List the decisions on which an answer depends; with another engine, only those that the answer shows."""
    store = explorer_of(request).store

    def answer_with_lines(lines: Sequence[str]) -> QueryResult:
        return answer(request, saved, bindings, lines) if isinstance(store, ox.Store) else result

    return decision_notes.judged(store, saved, bindings, result, answer_with_lines)


def why_empty(request: Request, saved: SavedQuery, bindings: dict[str, Term], result: QueryResult) -> tuple[str, bool]:
    """Find why an answer has no rows, as `empty.found` does; ("", False) for one that has."""
    if result.rows:
        return "", False
    dataset = explorer_of(request).dataset
    return empty.found(dataset, saved, bindings, lambda sparql_text: bool(_ask_engine(request, sparql_text)[1]))


def _ask_engine(request: Request, sparql_text: str, graphs: tuple[str, ...] | None = None) -> Rows:
    """Have the engine answer one of our own queries."""
    return explorer_of(request).endpoint.ask(Question(sparql_text, graphs, None, "json", None, saved=True)).rows()


def read_parameters(request: Request, keep_empty: bool) -> dict[str, str]:
    """Read the parameters of a question from an address; an empty field of a form counts as not given unless `keep_empty`.

    Raises UsageError for one that is given twice.
    """
    query_fields = [field for field in request.query_params.multi_items() if field[1] or keep_empty]
    fields = [field for field in query_fields if field[0] not in PAGE_FIELDS]
    parameters = dict(fields)
    if len(parameters) < len(fields):
        repeated = next(name for name, _ in fields if sum(name == other for other, _ in fields) > 1)
        raise UsageError(f"parameter {repeated!r} is given twice", advice="give each parameter once")
    return parameters


def cut_rows(request: Request, result: QueryResult) -> tuple[QueryResult, dict[str, Any], str]:
    """Cut an answer to `limit` rows from `offset`, say so, and give the address of the next rows ("" if there are none).

    Raises UsageError for invalid numbers.
    """
    offset, limit = _row_number(request, "offset", 0), _row_number(request, "limit", len(result.rows))
    end = offset + limit
    excerpt = QueryResult(result.columns, result.rows[offset:end], result.citations[offset:end])
    extent = {
        "rows": len(result.rows),
        "offset": offset,
        "shown": len(excerpt.rows),
        "cut": len(excerpt.rows) < len(result.rows),
    }
    next_page = dict(request.query_params) | {"offset": str(end)}
    return excerpt, extent, f"?{urlencode(next_page)}" if limit and end < len(result.rows) else ""


def _row_number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(
            f'{text[:60]!r} is not a valid value for "{name}"', advice="use a non-negative integer such as 100"
        )
    return int(text)


def answer_json(reading: Asked, result: QueryResult, extent: dict[str, Any]) -> str:
    """Write an answer as SPARQL results JSON, with the question, and the lines that support each row."""
    return tables.write_json(result.columns, result.rows, result.citations, reading.about() | extent)


def questions_as_json(request: Request) -> Response:
    """Answer with all questions, each with its title, parameters and other ways to count."""
    questions = list(explorer_of(request).questions.values())
    return JSONResponse(json.loads(texts.filled("questions.json", questions=questions, default=default_text)))


def default_text(parameter: Parameter) -> str:
    """Write the default of a parameter as in an address: a CURIE, or plain text."""
    term = parameter.term
    return terms.compact(term.value) if isinstance(term, ox.NamedNode) else term.value


def questions_as_rdf(request: Request) -> Response:
    """Answer with the questions as RDF."""
    questions = explorer_of(request).questions.values()
    endpoint, questions_url = str(request.url_for("sparql_route")), f"{request.url_for('questions')}/"
    return graph_store.negotiated(request, lambda: examples.triples(questions, questions_url, endpoint))
