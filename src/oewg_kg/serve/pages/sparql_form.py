"""SPARQL in a browser: a plain form, and the result of a query as a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oewg_kg import query, terms
from oewg_kg.errors import UsageError
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import rendering, table
from oewg_kg.serve.pages.presentation import WORDS
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.workers.evaluate import Reply
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASES, PREFIXES, own

SHOWN, STEP, TRIPLES = 2000, 100, 400
PROPERTIES = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
UNCOMPLETED = tuple(PREFIXES[name] for name in ("claim", "membership", "graph", "decision", "source"))


@dataclass(frozen=True)
class Result:
    """A result as read: columns and rows of a SELECT, the word of an ASK, or the text of a graph; and the total number."""

    columns: list[str]
    rows: list[list[Term | None]]
    count: int
    word: str = ""
    text: str = ""


def respond(request: Request, pairs: list[tuple[str, str]]) -> Response | None:
    """Answer a browser with a page, given the fields of the address; None for a client of the SPARQL protocol."""
    asked = dict(pairs)
    if not (asked.get("format", "").lower() == "html" or _bare(request, pairs)):
        return None
    explorer = explorer_of(request)
    if request.method != "POST" and "query" not in asked:
        return rendering.kept(form)(request)
    try:
        question = replace(sparql.read_question(request, pairs), solutions="json", graph="ntriples")
        reply = explorer.endpoint.ask(question)
    except Refusal as refusal:
        response = _page(request, asked.get("query", ""), problem=refusal.message, status=refusal.status)
        response.headers.update(refusal.headers)
        return response

    def shown(request: Request) -> Response:
        return _page(request, question.query, read(reply), reply.message.splitlines())

    return (shown if request.method == "POST" else rendering.kept(shown))(request)


def _bare(request: Request, pairs: list[tuple[str, str]]) -> bool:
    """Return whether the request is from a browser and names no format."""
    return rendering.wants_html(request) and not sparql.format_words(pairs)


def form(request: Request) -> Response:
    """Answer with the empty form, or with a saved question in it and its parameters from the address."""
    explorer, asked = explorer_of(request), request.query_params
    saved = explorer.questions.get(asked.get("saved", ""))
    if saved is None:
        unknown = f"no question {asked['saved']!r}" if asked.get("saved") else ""
        return _page(request, WORDS["sparql"]["example"], problem=unknown, status=404 if unknown else 200)
    values = {key: text for key, text in asked.items() if text and key not in (*saved_question.PAGE_FIELDS, "saved")}
    try:
        return _page(request, query.with_values(saved, query.bind(explorer.dataset, saved, values)))
    except UsageError as error:
        return _page(request, saved.text, problem=str(error), status=400)


def _page(
    request: Request,
    text: str,
    result: Result | None = None,
    hints: Sequence[str] = (),
    problem: str = "",
    status: int = 200,
) -> Response:
    made = None
    if result and result.columns:
        rows = [table.row(*row) for row in result.rows]
        made = table.Table(request, "Result of the query", result.columns, rows, step=STEP)
    response = table.answer(
        request,
        made,
        "result",
        "sparql.html",
        status,
        text=text,
        result=result,
        problem=problem,
        hints=hints,
    )
    response.headers["Vary"] = rendering.VARY
    return response


def completions(request: Request) -> Response:
    """Answer with the completions of the editor: our prefixes; and as (CURIE, label) the classes and properties, or the entities."""
    explorer = explorer_of(request)
    properties = {quad.predicate.value for quad in explorer.quads(None, None, None)}
    classes = set(explorer.sizes) | set(explorer.members(PREFIXES["owl"] + "Class"))
    properties |= {iri for name in PROPERTIES for iri in explorer.members(PREFIXES["owl"] + name)}
    if request.url.path.endswith("things.json"):
        things = {iri for iri in explorer.names if own(iri) and not iri.startswith(UNCOMPLETED)}
        return JSONResponse(_known(explorer, things - classes - properties))
    known = {"bases": BASES, "prefixes": PREFIXES, "classes": _known(explorer, classes)}
    return JSONResponse(known | {"properties": _known(explorer, properties)})


def _known(explorer: Explorer, iris: set[str]) -> list[tuple[str, str]]:
    """List terms by CURIE and label, our own first, without terms that have no CURIE."""
    curies = [(not own(iri), terms.compact(iri), explorer.label(iri)[0]) for iri in iris]
    return [(curie, label) for _, curie, label in sorted(curies) if not curie.startswith("<")]


def read(reply: Reply) -> Result:
    """Read what a worker wrote: results JSON, or N-Triples, which are shown as Turtle; only as much as is shown."""
    if reply.format != "json":
        lines = reply.body.splitlines(keepends=True)
        quads = ox.parse(b"".join(lines[:TRIPLES]), format=ox.RdfFormat.N_TRIPLES)
        used = {name: space for name, space in PREFIXES.items() if f"<{space}".encode() in reply.body}
        triples = sorted((ox.Triple(q.subject, q.predicate, q.object) for q in quads), key=str)
        text = (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=used) or b"").decode()
        return Result([], [], len(lines), text=text)
    found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QueryBoolean):
        return Result([], [], 1, word="yes" if found else "no")
    columns = [variable.value for variable in found.variables]
    rows = [[solution[name] for name in columns] for solution in islice(found, SHOWN)]
    return Result(columns, rows, len(rows) + sum(1 for _ in found))
