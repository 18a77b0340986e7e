"""A saved question asked over the web: answered by a worker, under the limits that hold for every query.

Not for binding its parameters: `query` does that.
"""

import pyoxigraph as ox
from anyio import from_thread
from starlette.requests import Request

from oewg_kg import query, readings
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.readings import OtherReading
from oewg_kg.serve.pool import Reply
from oewg_kg.serve.sparql import Question, Refusal
from oewg_kg.serve.view import explorer_of
from oewg_kg.terms import Term


def answer(request: Request, saved: SavedQuery, bindings: dict[str, Term]) -> QueryResult:
    """Answer a question from a thread of the server; raises Refusal when it takes too much. Frozen pages have no workers."""
    explorer = explorer_of(request)
    if explorer.frozen:
        return query.run(explorer.dataset, saved, bindings)
    question = Question(query.with_values(saved, bindings), None, None, "json", None, saved=True)
    reply = from_thread.run(_asked, request, question)
    found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QuerySolutions)
    return query.collect(saved, [variable.value for variable in found.variables], [tuple(row) for row in found])


async def _asked(request: Request, question: Question) -> Reply:
    site = request.app.state.site
    tag = question.tag(site.fingerprint)
    reply: Reply = site.answers.get(tag) or await site.pool.ask(question.request())
    if reply.status != 200:
        raise Refusal(reply.status, reply.message, {"Retry-After": "5"} if reply.status >= 502 else None)
    site.answers.put(tag, reply)
    return reply


def others(request: Request, saved: SavedQuery, values: dict[str, str], given: QueryResult) -> list[OtherReading]:
    """Answer the other readings of a question, as `readings.others` does."""
    dataset = explorer_of(request).dataset
    return [
        readings.beside(reading, merged, answer(request, saved, query.bind(dataset, saved, merged)), given)
        for reading, merged in readings.unasked(dataset, saved, values)
    ]
