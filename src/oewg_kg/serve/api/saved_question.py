"""Saved questions over HTTP: have the engine answer one that the caller has bound, under the limits of all queries; list them."""

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
from oewg_kg.answers.readings import QuestionWording
from oewg_kg.errors import UsageError
from oewg_kg.export import questions as examples
from oewg_kg.query import Parameter, QueryResult, SavedQuery
from oewg_kg.serve.api import graph_store
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.workers.evaluate import Question, Rows
from oewg_kg.terms import Term
from oewg_kg.vocabulary import RESOLVED

# What an address may contain besides the parameters of a question.
OURS = {"lang", "start", "limit", "offset", "by", "sort", "match", "only", "as", "members"}


def answer(request: Request, saved: SavedQuery, bindings: dict[str, Term], lines: Sequence[str] = ()) -> QueryResult:
    """Answer a question, with what some lines state in addition to the resolved view; raises Refusal if it exceeds a limit."""
    graphs = (RESOLVED, *lines) if lines else None
    return query.collect(saved, *_found(request, query.with_values(saved, bindings), graphs))


def listed(request: Request, name: str, value: str = "") -> QueryResult:
    """Answer a query of `queries/pages`, with an IRI for its parameter if one is given."""
    saved = explorer_of(request).listings.get(name)
    if saved is None:  # a root with other queries
        raise HTTPException(404)
    return answer(request, saved, {p.variable: ox.NamedNode(value) for p in saved.parameters if value})


def notes(request: Request, saved: SavedQuery, bindings: dict[str, Term], given: QueryResult) -> list[Note]:
    """List the decisions on which an answer depends; with another engine, only those that the answer shows."""
    store = explorer_of(request).store

    def ask(lines: Sequence[str]) -> QueryResult:
        return answer(request, saved, bindings, lines) if isinstance(store, ox.Store) else given

    return decision_notes.judged(store, saved, bindings, given, ask)


def why(request: Request, saved: SavedQuery, bindings: dict[str, Term], given: QueryResult) -> tuple[str, bool]:
    """Find why an answer has no rows, as `empty.absence` does; ("", False) for one that has."""
    if given.rows:
        return "", False
    return empty.absence(explorer_of(request).dataset, saved, bindings, lambda text: bool(_found(request, text)[1]))


def _found(request: Request, text: str, graphs: tuple[str, ...] | None = None) -> Rows:
    """Have the engine answer one of our own queries."""
    return explorer_of(request).endpoint.ask(Question(text, graphs, None, "json", None, saved=True)).rows()


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


def written(asked: QuestionWording, result: QueryResult, told: dict[str, Any]) -> str:
    """Write an answer as SPARQL results JSON, with the question, and the lines that support each row."""
    return tables.write_json(result.columns, result.rows, result.citations, asked.about() | told)


def listing(request: Request) -> Response:
    """Answer with all questions: its title, parameters and other ways to count."""
    text = texts.filled("questions.json", questions=list(explorer_of(request).questions.values()), default=default)
    return JSONResponse(json.loads(text))


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

    return graph_store.negotiated(request, described)
