"""SPARQL in a browser: a plain form, and the result of a query as a page.

Not for the protocol: `sparql` reads requests, and a worker answers them.
"""

import json
from dataclasses import dataclass, replace

import pyoxigraph as ox
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import query
from oewg_kg.errors import OewgError
from oewg_kg.serve import questions, rendering, sparql
from oewg_kg.serve.explorer import Explorer
from oewg_kg.serve.pool import Pool
from oewg_kg.serve.sparql import Answers, Refusal
from oewg_kg.serve.view import explorer_of
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

SHOWN, TRIPLES = 200, 400
EXAMPLE = """SELECT ?actor ?contribution
WHERE {
    ?contribution oewg:submittedBy ?actor ;
        oewg:addresses document:oewg1-zero-draft .
}
ORDER BY ?actor
LIMIT 20"""


@dataclass(frozen=True)
class Table:
    """A result as shown: columns and rows of a SELECT, or a word of an ASK, or the text of a graph; and how many in all."""

    columns: list[str]
    rows: list[list[Term | None]]
    count: int
    word: str = ""
    text: str = ""


async def respond(request: Request, pool: Pool, answers: Answers) -> Response | None:
    """Answer a browser with a page; None when the request is of a client of the protocol."""
    explorer = explorer_of(request)
    asked = request.query_params
    if request.method == "POST" or not (asked.get("format") == "html" or _bare(request)):
        return None
    if "query" not in asked:
        return await run_in_threadpool(form, request, explorer)
    try:
        question = replace(await sparql.read(request), solutions="json", graph="ntriples")
        tag = question.tag(explorer.mark)
        reply = answers.get(tag)
        if reply is None:
            reply = await sparql.unless_gone(request, pool, question)
    except Refusal as refusal:
        return _page(request, asked["query"], None, refusal.message, refusal.status)
    if reply.status != 200:
        return _page(request, asked["query"], None, reply.message, reply.status)
    answers.put(tag, reply)
    table = await run_in_threadpool(read, reply.format or "json", reply.body)
    return await run_in_threadpool(_page, request, asked["query"], table, "", 200)


def _bare(request: Request) -> bool:
    """Tell whether a browser asks and names no format."""
    return "format" not in request.query_params and rendering.wants_html(request)


def form(request: Request, explorer: Explorer) -> Response:
    """Answer with the empty form, or with a saved question in it, its parameters as the address has them."""
    asked = request.query_params
    saved = explorer.questions.get(asked.get("saved", ""))
    if saved is None:
        unknown = f"no question {asked['saved']!r}" if asked.get("saved") else ""
        return _page(request, EXAMPLE, None, unknown, 404 if unknown else 200)
    values = {key: text for key, text in asked.items() if text and key not in (*questions.OURS, "saved")}
    try:
        return _page(request, questions.text_with(saved, query.bind(explorer.dataset, saved, values)), None, "", 200)
    except OewgError as error:
        return _page(request, saved.text, None, str(error), 400)


def _page(request: Request, text: str, table: Table | None, problem: str, status: int) -> Response:
    saved = [(one.name, one.summary) for one in explorer_of(request).questions.values()]
    response = rendering.page(
        request, "sparql.html", status, text=text, table=table, problem=problem, saved=saved, prefixes=PREFIXES
    )
    response.headers["Vary"] = rendering.VARY
    return response


def read(format: str, body: bytes) -> Table:
    """Read what a worker wrote: results JSON, or N-Triples, which are shown as Turtle; only as much as is shown."""
    if format != "json":
        lines = body.splitlines(keepends=True)
        quads = ox.parse(b"".join(lines[:TRIPLES]), format=ox.RdfFormat.N_TRIPLES)
        used = {name: space for name, space in PREFIXES.items() if f"<{space}".encode() in body}
        triples = sorted((ox.Triple(q.subject, q.predicate, q.object) for q in quads), key=str)
        text = (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=used) or b"").decode()
        return Table([], [], len(lines), text=text)
    found = json.loads(body)
    if "boolean" in found:
        return Table([], [], 1, word="yes" if found["boolean"] else "no")
    columns, bindings = found["head"]["vars"], found["results"]["bindings"]
    rows = [[_term(binding.get(name)) for name in columns] for binding in bindings[:SHOWN]]
    return Table(columns, rows, len(bindings))


def _term(value: dict[str, object] | None) -> Term | None:
    """Read a term of SPARQL results JSON."""
    if value is None:
        return None
    text = str(value.get("value", ""))
    if value.get("type") == "uri":
        return ox.NamedNode(text)
    if value.get("type") == "bnode":
        return ox.BlankNode(text)
    if "xml:lang" in value:
        return ox.Literal(text, language=str(value["xml:lang"]))
    return ox.Literal(text)
