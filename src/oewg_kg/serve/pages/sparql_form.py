"""SPARQL in a browser: the form for a query with its editor's completions, and the result as a page."""

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

MAX_ROWS, ROWS_PER_PAGE, MAX_TRIPLES = 2000, 100, 400
PROPERTY_CLASSES = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
UNCOMPLETED_NAMESPACES = tuple(PREFIXES[name] for name in ("claim", "membership", "graph", "decision", "source"))


@dataclass(frozen=True)
class BrowserResult:
    """A result as a page shows it: columns and rows of a SELECT, yes or no for an ASK, or a graph as Turtle; the total number; hints."""

    columns: list[str]
    rows: list[list[Term | None]]
    count: int
    ask_answer: str = ""
    turtle: str = ""
    hints: tuple[str, ...] = ()


def browser_response(request: Request, pairs: list[tuple[str, str]]) -> Response | None:
    """Answer a browser with a page, given the fields of the address; None for a client of the SPARQL protocol."""
    fields = dict(pairs)
    names_format = bool(sparql.format_words(pairs))
    if fields.get("format", "").lower() != "html" and (names_format or not rendering.prefers_html(request)):
        return None
    explorer = explorer_of(request)
    if request.method != "POST" and "query" not in fields:
        return rendering.cached(sparql_page)(request)
    try:
        question = replace(sparql.read_question(request, pairs), solutions="json", graph="ntriples")
        reply = explorer.endpoint.ask(question)
    except Refusal as refusal:
        response = _form_page(request, fields.get("query", ""), problem=refusal.message, status=refusal.status)
        response.headers.update(refusal.headers)
        return response

    def result_page(request: Request) -> Response:
        result = replace(read_reply(reply), hints=tuple(reply.message.splitlines()))
        return _form_page(request, question.query, result)

    return (result_page if request.method == "POST" else rendering.cached(result_page))(request)


def sparql_page(request: Request) -> Response:
    """Answer with the empty form, or with a saved question in it and its parameters from the address."""
    explorer, parameters = explorer_of(request), request.query_params
    saved = explorer.questions.get(parameters.get("saved", ""))
    if saved is None:
        problem = f"no question {parameters['saved']!r}" if parameters.get("saved") else ""
        return _form_page(request, WORDS["sparql"]["example"], problem=problem, status=404 if problem else 200)
    page_fields = {*saved_question.PAGE_FIELDS, "saved"}
    entered = {key: text for key, text in parameters.items() if text and key not in page_fields}
    try:
        return _form_page(request, query.with_values(saved, query.bind(explorer.dataset, saved, entered)))
    except UsageError as error:
        return _form_page(request, saved.text, problem=str(error), status=400)


def _form_page(
    request: Request, query_text: str, result: BrowserResult | None = None, problem: str = "", status: int = 200
) -> Response:
    result_table = None
    if result and result.columns:
        rows = [table.row(*row) for row in result.rows]
        result_table = table.Table(request, "Result of the query", result.columns, rows, step=ROWS_PER_PAGE)
    values = {"text": query_text, "result": result, "problem": problem}
    response = table.respond(request, result_table, "result", "sparql.html", status, **values)
    response.headers["Vary"] = rendering.VARY
    return response


def completions(request: Request) -> Response:
    """Answer with the completions of the editor: our prefixes; and as (CURIE, label) the classes and properties, or the entities."""
    explorer = explorer_of(request)
    properties = {quad.predicate.value for quad in explorer.quads(None, None, None)}
    classes = set(explorer.class_sizes) | set(explorer.instances(PREFIXES["owl"] + "Class"))
    properties |= {iri for class_name in PROPERTY_CLASSES for iri in explorer.instances(PREFIXES["owl"] + class_name)}
    if request.url.path.endswith("things.json"):
        entities = {iri for iri in explorer.labels if own(iri) and not iri.startswith(UNCOMPLETED_NAMESPACES)}
        return JSONResponse(_labeled_curies(explorer, entities - classes - properties))
    completions = {"bases": BASES, "prefixes": PREFIXES, "classes": _labeled_curies(explorer, classes)}
    return JSONResponse(completions | {"properties": _labeled_curies(explorer, properties)})


def _labeled_curies(explorer: Explorer, iris: set[str]) -> list[tuple[str, str]]:
    """List terms by CURIE and label, our own first, without terms that have no CURIE."""
    curies = [(not own(iri), terms.compact(iri), explorer.label(iri)[0]) for iri in iris]
    return [(curie, label) for _, curie, label in sorted(curies) if not curie.startswith("<")]


def read_reply(reply: Reply) -> BrowserResult:
    """Read the reply of a worker: results JSON, or N-Triples, which are shown as Turtle; only as much as is shown."""
    if reply.format != "json":
        lines = reply.body.splitlines(keepends=True)
        quads = ox.parse(b"".join(lines[:MAX_TRIPLES]), format=ox.RdfFormat.N_TRIPLES)
        prefixes = {name: iri for name, iri in PREFIXES.items() if f"<{iri}".encode() in reply.body}
        triples = sorted((ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads), key=str)
        turtle = (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b"").decode()
        return BrowserResult([], [], len(lines), turtle=turtle)
    results = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QueryBoolean):
        return BrowserResult([], [], 1, ask_answer="yes" if results else "no")
    columns = [variable.value for variable in results.variables]
    rows = [[solution[column] for column in columns] for solution in islice(results, MAX_ROWS)]
    return BrowserResult(columns, rows, len(rows) + sum(1 for _ in results))
