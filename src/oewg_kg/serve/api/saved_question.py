"""Have the engine answer a saved question for a request, under the limits for every query, with its notes and reasons."""

from collections.abc import Sequence

import pyoxigraph as ox
from starlette.requests import Request

from oewg_kg import query
from oewg_kg.answers import decision_notes, empty, readings
from oewg_kg.answers.decision_notes import Note
from oewg_kg.answers.readings import OtherReading
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.protocol.sparql import asked
from oewg_kg.serve.workers.evaluate import Question, Reply
from oewg_kg.terms import Term
from oewg_kg.vocabulary import RESOLVED

Table = tuple[list[str], list[tuple[Term | None, ...]]]


def answer(request: Request, saved: SavedQuery, bindings: dict[str, Term]) -> QueryResult:
    """Answer a question; raises Refusal if it exceeds a limit. Static pages have no workers."""
    explorer = explorer_of(request)
    return explorer.answer(saved, bindings) if explorer.frozen else _answer(request, saved, bindings, None)


def notes(request: Request, saved: SavedQuery, bindings: dict[str, Term], given: QueryResult) -> list[Note]:
    """List the decisions on which an answer depends; with another engine, only those that the answer shows."""
    explorer = explorer_of(request)
    if explorer.frozen:
        return decision_notes.notes(explorer.dataset, saved, bindings, given)

    def ask(lines: Sequence[str]) -> QueryResult:
        local = isinstance(explorer.store, ox.Store)
        return _answer(request, saved, bindings, (RESOLVED, *lines)) if local else given

    return decision_notes.judged(explorer.store, saved, bindings, given, ask)


def _answer(
    request: Request, saved: SavedQuery, bindings: dict[str, Term], graphs: tuple[str, ...] | None
) -> QueryResult:
    """Have a worker answer, with the given graphs, if any, as the default graph."""
    return query.collect(saved, *_found(request, query.with_values(saved, bindings), graphs))


def reason(request: Request, saved: SavedQuery, bindings: dict[str, Term], result: QueryResult) -> str:
    """Return why an answer has no rows, as `empty.reason` does."""
    return "" if result.rows else why(request, saved, bindings)[0]


def why(request: Request, saved: SavedQuery, bindings: dict[str, Term]) -> tuple[str, bool]:
    """Find why an answer has no rows, as `empty.found` does."""
    explorer = explorer_of(request)
    matches = None if explorer.frozen else lambda text: bool(_found(request, text)[1])
    return empty.found(explorer.dataset, saved, bindings, matches)


def _found(request: Request, text: str, graphs: tuple[str, ...] | None = None) -> Table:
    """Have the engine answer one of our own queries."""
    return table(replied(request, Question(text, graphs, None, "json", None, saved=True)))


def replied(request: Request, question: Question) -> Reply:
    """Have the engine answer a query; raises Refusal."""
    site = request.app.state.site
    return asked(site.engine, site.answers, question, question.tag(site.fingerprint))


def table(reply: Reply) -> Table:
    """Read a reply in JSON or N-Triples as columns and rows; the reply to an ASK is one row."""
    if reply.format == "ntriples":
        quads = ox.parse(reply.body, format=ox.RdfFormat.N_TRIPLES)
        return ["subject", "predicate", "object"], [tuple(quad.triple) for quad in quads]
    found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QuerySolutions):
        return [variable.value for variable in found.variables], [tuple(row) for row in found]
    return ["pattern matches"], [(ox.Literal("yes" if found else "no"),)]


def others(request: Request, saved: SavedQuery, values: dict[str, str], given: QueryResult) -> list[OtherReading]:
    """Answer a question's other ways to count, as `readings.others` does."""
    dataset = explorer_of(request).dataset
    return readings.others(dataset, saved, values, given, lambda bindings: answer(request, saved, bindings))
