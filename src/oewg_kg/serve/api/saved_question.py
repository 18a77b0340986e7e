"""Answer a saved question over HTTP, in the engine and under the limits for every query."""

from collections.abc import Sequence

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request

from oewg_kg import query
from oewg_kg.answers import decision_notes, empty
from oewg_kg.answers.decision_notes import Note
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.workers.evaluate import Question, Reply
from oewg_kg.terms import Term
from oewg_kg.vocabulary import RESOLVED

Table = tuple[list[str], list[tuple[Term | None, ...]]]


def answer(request: Request, saved: SavedQuery, bindings: dict[str, Term], lines: Sequence[str] = ()) -> QueryResult:
    """Answer a question, with what some lines state in addition to the resolved view; raises Refusal if it exceeds a limit."""
    graphs = (RESOLVED, *lines) if lines else None
    return query.collect(saved, *_found(request, query.with_values(saved, bindings), graphs))


def listed(request: Request, name: str, value: str = "") -> QueryResult:
    """Answer a query of `queries/pages`, its parameter with an IRI where one is given."""
    saved = explorer_of(request).listings.get(name)
    if saved is None:  # a root with other queries
        raise HTTPException(404)
    return answer(request, saved, {p.variable: ox.NamedNode(value) for p in saved.parameters if value})


def notes(request: Request, saved: SavedQuery, bindings: dict[str, Term], given: QueryResult) -> list[Note]:
    """Note the decisions on which an answer depends; over another engine only those that the answer shows."""
    store = explorer_of(request).store

    def ask(lines: Sequence[str]) -> QueryResult:
        return answer(request, saved, bindings, lines) if isinstance(store, ox.Store) else given

    return decision_notes.judged(store, saved, bindings, given, ask)


def why(request: Request, saved: SavedQuery, bindings: dict[str, Term], given: QueryResult) -> tuple[str, bool]:
    """Find why an answer has no rows, as `empty.found` does; ("", False) for one that has."""
    if given.rows:
        return "", False
    return empty.found(explorer_of(request).dataset, saved, bindings, lambda text: bool(_found(request, text)[1]))


def _found(request: Request, text: str, graphs: tuple[str, ...] | None = None) -> Table:
    """Have the engine answer one of our own queries."""
    return table(explorer_of(request).endpoint.ask(Question(text, graphs, None, "json", None, saved=True)))


def table(reply: Reply) -> Table:
    """Read a reply in JSON or N-Triples as columns and rows; that of an ASK is one row."""
    if reply.format == "ntriples":
        quads = ox.parse(reply.body, format=ox.RdfFormat.N_TRIPLES)
        return ["subject", "predicate", "object"], [tuple(quad.triple) for quad in quads]
    found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QuerySolutions):
        return [variable.value for variable in found.variables], [tuple(row) for row in found]
    return ["pattern matches"], [(ox.Literal("yes" if found else "no"),)]
