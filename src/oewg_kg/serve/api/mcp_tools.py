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
from oewg_kg.serve.api.mcp_reply import MOST_ROWS, TABLE, Told
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.pages import entity_page
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.workers.evaluate import Question
from oewg_kg.terms import Term

NEGATED = re.compile(r"\bNOT\s+(?:EXISTS|IN)\b|\bMINUS\b|!\s*BOUND", re.IGNORECASE)
Row = Sequence[Term | str | None]
EXTERNAL = "Rows without lines come from external data; the tool why names the source of each"
KINDS = {"string": str, "integer": int, "object": dict}


def call(request: Request, name: str, given: object) -> dict[str, Any]:
    """Call a tool; a question that cannot be answered gets a reply that says so and cannot be mistaken for an empty answer."""
    try:
        told = TOOLS[name](request, _checked(name, given))
    except (OewgError, Refusal) as error:
        near = [error.advice] if isinstance(error, OewgError) and error.advice else []
        told = Told(f"{name}: not answered", "nothing", empty.NO_ANSWER, reason=str(error), nearest=near)
    return mcp_reply.result(explorer_of(request), told)


def _checked(name: str, given: object) -> dict[str, Any]:
    """Check the arguments of a tool by its schema; raises UsageError."""
    tool = TABLE["tools"][name]
    fields: dict[str, dict[str, Any]] = tool["properties"]

    def fits(field: str, value: Any) -> bool:
        about = fields.get(field, {"type": ""})
        right = type(value) is KINDS.get(about["type"])
        return right and (value >= 0 if isinstance(value, int) else len(value) <= about.get("maxLength", len(value)))

    if isinstance(given, dict) and set(tool["required"]) <= set(given) and all(map(fits, given, given.values())):
        return given
    needed = (f"{one} ({about['type']}{', required' * (one in tool['required'])})" for one, about in fields.items())
    raise UsageError("the arguments are not valid, or one of them is too long", advice=f"use {', '.join(needed)}")


def _written(
    tool: str, given: Mapping[str, Any], rows: Sequence[Row], cited: Iterable[Iterable[str]] = (), **more: Any
) -> Told:
    """Write the result of a tool in the words of the table."""
    about = TABLE["tools"][tool]["reply"]
    parameters, kind = {key: str(value) for key, value in given.items()}, about["absence"][not rows]
    found = _result(about["columns"], rows, cited)
    stated = kind != empty.LISTED or all(found.citations)
    known = {"reason": about["empty"] * (not rows) if stated else EXTERNAL, "start": given.get("start", 0)}
    asked = about["asked"].format(**parameters)
    return Told(asked, about["definition"], kind, found, parameters=parameters, **known | more)


def _result(columns: Sequence[str], rows: Iterable[Row], cited: Iterable[Iterable[str]]) -> QueryResult:
    """Make an answer from rows of terms and texts, each with the source lines that it cites."""
    found = tuple(tuple(ox.Literal(one) if isinstance(one, str) else one for one in row) for row in rows)
    lines = tuple(tuple(sorted({one for one in row if "#L" in one}, key=terms.line_order)) for row in cited)
    return QueryResult(tuple(columns), found, lines or ((),) * len(found))


def questions(request: Request, given: Mapping[str, Any]) -> Told:
    """Find the saved questions that a text may mean; if there are none, say what the dataset does not contain."""
    explorer = explorer_of(request)
    found = explorer.finder.find(given["text"])
    limits = " ".join(texts.read("limits.md").replace("- ", "").replace("*", "").split())
    rows = []
    for one in found.offers:
        if saved := explorer.questions.get(one.name):
            values = {p: one.values.get(p.name, saved_question.default(p)) for p in saved.parameters}
            parameters = "; ".join(
                f"{p.name} ({p.means}; {p.choices or p.type}) = {value}" for p, value in values.items()
            )
            rows.append((one.name, one.title, saved.definition, parameters))
    reason = f"{found.missing + '. ' if found.missing else ''}Not in this dataset: {limits}"
    commands = [one.command for one in found.offers if one.name not in explorer.questions]
    return _written("questions", given, rows, reason=reason, nearest=commands)


def ask(request: Request, given: Mapping[str, Any]) -> Told:
    """Answer a saved question with everything that its page says about the answer."""
    explorer, name = explorer_of(request), given["question"]
    values = {str(key): str(value) for key, value in given.get("parameters", {}).items()}
    saved, values = former_names.find(explorer.root.queries, name, values)
    bindings = query.bind(explorer.dataset, saved, values)
    asked = readings.asked(explorer.store, saved, bindings)
    found = saved_question.answer(request, saved, bindings)
    notes = saved_question.notes(request, saved, bindings, found)
    why = saved_question.why(request, saved, bindings, found)
    # External data and imported votes have no receipts: nobody could check them against the release.
    own = explorer.endpoint.fingerprint == explorer.cached("own", lambda one: build.fingerprint(one.root))
    receipt = receipts.sealed(explorer.root, explorer.dataset, saved, bindings, found, notes) if own else {}
    return Told(
        asked.title,
        asked.definition,
        empty.kind(explorer.dataset, saved, bindings, len(found.rows), why),
        found,
        why[0] or ("" if all(found.citations) else EXTERNAL),
        {key: terms.text_of(term) for key, term in asked.terms.items()},
        [vars(note) | {"note": str(note)} for note in notes],
        [
            {"name": one.phrase, "rows": one.rows, "parameters": ", ".join(f"{k} = {v}" for k, v in one.values.items())}
            for one in readings.others(
                explorer.dataset, saved, values, found, partial(saved_question.answer, request, saved)
            )
        ],
        start=given.get("start", 0),
        receipt={key: receipt[key] for key in ("question", "parameters", "release", "engine", "digest") if receipt},
    )


def find(request: Request, given: Mapping[str, Any]) -> Told:
    """Look up a name; similar spellings are rows if they are close enough, else suggestions."""
    explorer, name = explorer_of(request), given["name"]
    rows, cited = [], []
    for one in by_name.search(explorer.dataset, name):
        kind = next(iter(explorer.classes(one.iri)), "")
        rows.append((ox.NamedNode(one.iri), one.label, explorer.label(kind)[0] if kind else "", one.matched))
        graphs = {graph for fact in explorer.facts(ox.NamedNode(one.iri)) for graph in fact.graphs}
        cited.append(sorted((graph for graph in graphs if "#L" in graph), key=terms.line_order)[:3])
    near = [] if rows else by_name.nearest(explorer.dataset, name)
    return _written("find", given, rows, cited, nearest=[f"{one.label} ({terms.compact(one.iri)})" for one in near])


def why(request: Request, given: Mapping[str, Any]) -> Told:
    """List the facts about an entity with their lines; for inferred facts, the lines they follow from."""
    explorer, wanted = explorer_of(request), given.get("predicate")
    thing = by_name.resolve_name(explorer.dataset, given["subject"])
    chosen = by_name.resolve_property(explorer.dataset, wanted).value if wanted else ""
    rows, cited = [], []
    for fact in explorer.facts(thing):
        if chosen in ("", fact.predicate):
            places = {"a source line" if "#L" in one else explorer.dataset.files.get(one, one) for one in fact.graphs}
            fates = dict.fromkeys(f"{fate} by {terms.compact(decision)}" for fate, decision, _ in fact.decisions)
            where = "inferred" if fact.inferred else "; ".join(sorted(places))
            rows.append((ox.NamedNode(fact.predicate), fact.value, where, "; ".join(fates)))
            cited.append((*fact.graphs, *entity_page.inferred_from(explorer, fact)))
    name = f"{explorer.label(thing.value)[0]} ({terms.compact(thing.value)})"
    return _written("why", {**given, "subject": name}, rows, cited)


def contested(request: Request, given: Mapping[str, Any]) -> Told:
    """List the editorial decisions about an entity, one row for each claim."""
    explorer, text = explorer_of(request), given.get("text", "")
    found = conflicts.about(explorer.dataset, explorer.conflict_register, text) if text else explorer.conflict_register
    claims = [(one.label, claim.quad, claim.fate) for one in found for claim in one.variants]
    rows = [(label, quad.subject, quad.predicate, quad.object, fate) for label, quad, fate in claims]
    cited = [[terms.text_of(quad.graph_name)] for _, quad, _ in claims]
    aside = [
        {"decision": one.decision, "lines": one.lines, "note": f"{one.label} ({one.reason}): {one.why}"}
        for one in found[:MOST_ROWS]
    ]
    return _written("conflicts", {**given, "text": text or "all"}, rows, cited, aside=aside)


def run(request: Request, given: Mapping[str, Any]) -> Told:
    """Run a query under the rules and limits of the endpoint; the lines are those named in its rows."""
    text = given["sparql"]
    if sparql.UPDATE.match(text):
        raise Refusal(403, "updates are not accepted: the data are read-only")
    reply = explorer_of(request).endpoint.ask(Question(text, None, None, "json", "ntriples"))
    columns, rows = reply.rows()
    cited = [[t.value for t in row if isinstance(t, ox.NamedNode) and "/source/" in t.value] for row in rows]
    found = _result(columns, rows, cited)
    named = any(found.citations)
    kind = empty.LISTED if named and not NEGATED.search(text) else empty.OPEN
    lacking = "" if named else "No row names its source line: add GRAPH ?line { ... } to see where it is stated"
    reason = "; ".join(filter(None, [lacking, reply.message.replace("\n", "; ")]))
    definition = "what the query says; no definition of this dataset applies"
    return Told("A SPARQL query", definition, kind, found, reason, {"sparql": text})


TOOLS: dict[str, Callable[[Request, Mapping[str, Any]], Told]] = {
    "questions": questions,
    "ask": ask,
    "find": find,
    "why": why,
    "conflicts": contested,
    "query": run,
}
