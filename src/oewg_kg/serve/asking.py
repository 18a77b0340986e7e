"""A saved question asked over the web: answered by the engine, under the limits that hold for every query.

Not for binding its parameters: `query` does that.
"""

import pyoxigraph as ox
from starlette.requests import Request

from oewg_kg import query, readings
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.readings import OtherReading
from oewg_kg.serve.sparql import Question, asked
from oewg_kg.serve.view import explorer_of
from oewg_kg.terms import Term


def answer(request: Request, saved: SavedQuery, bindings: dict[str, Term]) -> QueryResult:
    """Answer a question; raises Refusal when it takes too much. Frozen pages have no workers."""
    explorer = explorer_of(request)
    if explorer.frozen:
        return query.run(explorer.dataset, saved, bindings)
    question = Question(query.with_values(saved, bindings), None, None, "json", None)
    site = request.app.state.site
    reply = asked(site.engine, site.answers, question, question.tag(site.fingerprint))
    found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
    assert isinstance(found, ox.QuerySolutions)
    return query.collect(saved, [variable.value for variable in found.variables], [tuple(row) for row in found])


def others(request: Request, saved: SavedQuery, values: dict[str, str], given: QueryResult) -> list[OtherReading]:
    """Answer the other readings of a question, as `readings.others` does."""
    dataset = explorer_of(request).dataset
    return [
        readings.beside(reading, merged, answer(request, saved, query.bind(dataset, saved, merged)), given)
        for reading, merged in readings.unasked(dataset, saved, values)
    ]
