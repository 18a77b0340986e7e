"""The tools for assistants (`questions`, `ask`, `find`, `why`, `conflicts`, `query`): what each accepts, asks and replies."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import pyoxigraph as ox
from starlette.requests import Request

from oewg_kg import build, query, terms, texts
from oewg_kg.answers import empty, former_names, readings, receipts
from oewg_kg.disagreements import conflicts
from oewg_kg.errors import OewgError, UsageError
from oewg_kg.find import by_name
from oewg_kg.query import QueryResult
from oewg_kg.serve.api import mcp_reply, saved_question
from oewg_kg.serve.api.mcp_reply import MCP_TEXTS, MOST_ROWS, ToolAnswer
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.workers.evaluate import Question
from oewg_kg.terms import Term

NEGATION = re.compile(r"\bNOT\s+(?:EXISTS|IN)\b|\bMINUS\b|!\s*BOUND", re.IGNORECASE)
Arguments = Mapping[str, Any]
CellRow = Sequence[Term | str | None]
EXTERNAL_ROWS = "Rows without lines come from external data; the tool why names the source of each"
JSON_TYPES = {"string": str, "integer": int, "object": dict}


def call_tool(request: Request, tool_name: str, arguments: object) -> dict[str, Any]:
    """Call a tool; a question that cannot be answered gets a reply that says so and cannot be mistaken for an empty answer."""
    try:
        answer = TOOLS[tool_name](request, _check_arguments(tool_name, arguments))
    except (OewgError, Refusal) as error:
        advice = [error.advice] if isinstance(error, OewgError) and error.advice else []
        question = f"{tool_name}: not answered"
        answer = ToolAnswer(question, "nothing", empty.NO_ANSWER, reason=str(error), suggestions=advice)
    return mcp_reply.tool_result(explorer_of(request), answer)


def _check_arguments(tool_name: str, arguments: object) -> dict[str, Any]:
    """Check the arguments of a tool by its schema; raises UsageError."""
    properties, required = MCP_TEXTS["tools"][tool_name]["properties"], set(MCP_TEXTS["tools"][tool_name]["required"])

    def fits(key: str, value: Any) -> bool:
        schema = properties.get(key, {"type": ""})
        typed = type(value) is JSON_TYPES.get(schema["type"])
        return typed and (value >= 0 if isinstance(value, int) else len(value) <= schema.get("maxLength", len(value)))

    if isinstance(arguments, dict) and required <= set(arguments) and all(map(fits, arguments, arguments.values())):
        return arguments
    usage = (f"{key} ({schema['type']}{', required' * (key in required)})" for key, schema in properties.items())
    raise UsageError("the arguments are not valid, or one of them is too long", advice=f"use {', '.join(usage)}")


def _tool_answer(
    tool: str, arguments: Arguments, rows: Sequence[CellRow], citations: Iterable[Iterable[str]] = (), **fields: Any
) -> ToolAnswer:
    """Write the result of a tool in the words of the table."""
    wording = MCP_TEXTS["tools"][tool]["reply"]
    parameters, absence = {key: str(value) for key, value in arguments.items()}, wording["absence"][not rows]
    result = _query_result(wording["columns"], rows, citations)
    reason = wording["empty"] * (not rows)
    if absence == empty.LISTED and not all(result.citations):
        reason = EXTERNAL_ROWS
    usual = {"reason": reason, "parameters": parameters, "start": arguments.get("start", 0)}
    question = wording["asked"].format(**parameters)
    return ToolAnswer(question, wording["definition"], absence, result, **usual | fields)


def _query_result(columns: Sequence[str], rows: Iterable[CellRow], citations: Iterable[Iterable[str]]) -> QueryResult:
    """Make an answer from rows of terms and texts, each with the source lines that it cites."""
    cells = tuple(tuple(ox.Literal(cell) if isinstance(cell, str) else cell for cell in row) for row in rows)
    lines = tuple(tuple(sorted({iri for iri in graphs if "#L" in iri}, key=terms.line_order)) for graphs in citations)
    return QueryResult(tuple(columns), cells, lines or ((),) * len(cells))


def find_questions(request: Request, arguments: Arguments) -> ToolAnswer:
    """Find the saved questions that a text may mean; if there are none, say what the dataset does not contain."""
    explorer = explorer_of(request)
    suggested = explorer.finder.find(arguments["text"])
    limits = " ".join(texts.read("limits.md").replace("- ", "").replace("*", "").split())
    rows = []
    for offer in suggested.offers:
        if saved := explorer.questions.get(offer.name):
            values = {p.name: saved_question.default_text(p) for p in saved.parameters} | offer.values
            parameters = [f"{p.name} ({p.means}; {p.choices or p.type}) = {values[p.name]}" for p in saved.parameters]
            rows.append((offer.name, offer.title, saved.definition, "; ".join(parameters)))
    reason = f"{suggested.missing + '. ' if suggested.missing else ''}Not in this dataset: {limits}"
    commands = [offer.command for offer in suggested.offers if offer.name not in explorer.questions]
    return _tool_answer("questions", arguments, rows, reason=reason, suggestions=commands)


def ask_question(request: Request, arguments: Arguments) -> ToolAnswer:
    """Answer a saved question with everything that its page says about the answer."""
    explorer, question_name = explorer_of(request), arguments["question"]
    parameters = {str(key): str(value) for key, value in arguments.get("parameters", {}).items()}
    saved, parameters = former_names.find(explorer.root.queries, question_name, parameters)
    bindings = query.bind(explorer.dataset, saved, parameters)
    reading = readings.question_wording(explorer.store, saved, bindings)
    answer = partial(saved_question.answer, request, saved)
    result = answer(bindings)
    notes = saved_question.notes(request, saved, bindings, result)
    empty_reason = saved_question.why_empty(request, saved, bindings, result)
    # External data and imported votes have no receipts: nobody could check them against the release.
    published = explorer.endpoint.fingerprint == explorer.cached("own", lambda _: build.fingerprint(explorer.root))
    receipt = receipts.seal(explorer.root, explorer.dataset, saved, bindings, result, notes) if published else {}
    return ToolAnswer(
        reading.title,
        reading.definition,
        empty.absence_class(explorer.dataset, saved, bindings, len(result.rows), empty_reason),
        result,
        empty_reason[0] or ("" if all(result.citations) else EXTERNAL_ROWS),
        {key: terms.text_of(term) for key, term in reading.terms.items()},
        [vars(note) | {"note": str(note)} for note in notes],
        [
            {"name": other.phrase, "rows": other.rows, "parameters": ", ".join(map(" = ".join, other.values.items()))}
            for other in readings.other_readings(explorer.dataset, saved, parameters, result, answer)
        ],
        start=arguments.get("start", 0),
        receipt={key: receipt[key] for key in ("question", "parameters", "release", "engine", "digest") if receipt},
    )


def find_name(request: Request, arguments: Arguments) -> ToolAnswer:
    """Look up a name; similar spellings are rows if they are close enough, else suggestions."""
    explorer, name = explorer_of(request), arguments["name"]
    rows, citations = [], []
    for match in by_name.search(explorer.dataset, name):
        entity, class_labels = ox.NamedNode(match.iri), [explorer.label(iri)[0] for iri in explorer.classes(match.iri)]
        rows.append((entity, match.label, "".join(class_labels[:1]), match.matched))
        graphs = {graph for fact in explorer.facts(entity) for graph in fact.graphs}
        citations.append(sorted((graph for graph in graphs if "#L" in graph), key=terms.line_order)[:3])
    similar = [] if rows else by_name.nearest(explorer.dataset, name)
    suggestions = [f"{match.label} ({terms.compact(match.iri)})" for match in similar]
    return _tool_answer("find", arguments, rows, citations, suggestions=suggestions)


def list_facts(request: Request, arguments: Arguments) -> ToolAnswer:
    """List the facts about an entity with their lines; for inferred facts, the lines they follow from."""
    explorer, property_name = explorer_of(request), arguments.get("predicate")
    entity = by_name.resolve_name(explorer.dataset, arguments["subject"])
    predicate = by_name.resolve_property(explorer.dataset, property_name).value if property_name else ""
    rows, citations, files = [], [], explorer.dataset.files
    for fact in explorer.facts(entity):
        if predicate in ("", fact.predicate):
            origins = {"a source line" if "#L" in graph else files.get(graph, graph) for graph in fact.graphs}
            fates = dict.fromkeys(f"{fate} by {terms.compact(decision)}" for fate, decision, _ in fact.decisions)
            origin = "inferred" if fact.inferred else "; ".join(sorted(origins))
            rows.append((ox.NamedNode(fact.predicate), fact.value, origin, "; ".join(fates)))
            citations.append((*fact.graphs, *explorer.inferred_from(fact)))
    subject = f"{explorer.label(entity.value)[0]} ({terms.compact(entity.value)})"
    return _tool_answer("why", {**arguments, "subject": subject}, rows, citations)


def list_conflicts(request: Request, arguments: Arguments) -> ToolAnswer:
    """List the editorial decisions about an entity, one row for each claim."""
    explorer, text = explorer_of(request), arguments.get("text", "")
    register = explorer.conflict_register
    disagreements = conflicts.with_text(explorer.dataset, register, text) if text else register
    claims = [(conflict.label, claim.quad, claim.fate) for conflict in disagreements for claim in conflict.variants]
    rows = [(label, quad.subject, quad.predicate, quad.object, fate) for label, quad, fate in claims]
    citations = [[terms.text_of(quad.graph_name)] for _, quad, _ in claims]
    decisions = [
        {"decision": entry.decision, "lines": entry.lines, "note": f"{entry.label} ({entry.reason}): {entry.why}"}
        for entry in disagreements[:MOST_ROWS]
    ]
    return _tool_answer("conflicts", {**arguments, "text": text or "all"}, rows, citations, decisions=decisions)


def run_query(request: Request, arguments: Arguments) -> ToolAnswer:
    """Run a query under the rules and limits of the endpoint; the lines are those named in its rows."""
    sparql_text = arguments["sparql"]
    if sparql.UPDATE_KEYWORD.match(sparql_text):
        raise Refusal(403, "updates are not accepted: the data are read-only")
    reply = explorer_of(request).endpoint.ask(Question(sparql_text, None, None, "json", "ntriples"))
    columns, rows = reply.rows()
    citations = [[t.value for t in row if isinstance(t, ox.NamedNode) and "/source/" in t.value] for row in rows]
    result = _query_result(columns, rows, citations)
    cites_lines = any(result.citations)
    absence = empty.LISTED if cites_lines and not NEGATION.search(sparql_text) else empty.OPEN
    advice = "" if cites_lines else "No row names its source line: add GRAPH ?line { ... } to see where it is stated"
    reason = "; ".join(filter(None, [advice, reply.message.replace("\n", "; ")]))
    definition = "what the query says; no definition of this dataset applies"
    return ToolAnswer("A SPARQL query", definition, absence, result, reason, {"sparql": sparql_text})


TOOLS: dict[str, Callable[[Request, Arguments], ToolAnswer]] = {
    "questions": find_questions,
    "ask": ask_question,
    "find": find_name,
    "why": list_facts,
    "conflicts": list_conflicts,
    "query": run_query,
}
