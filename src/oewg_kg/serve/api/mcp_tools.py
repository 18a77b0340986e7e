"""The six tools for assistants, all read-only."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyoxigraph as ox
from starlette.requests import Request

from oewg_kg import build, conflicts, evidence, query, terms, texts
from oewg_kg.answers import absence, readings, receipts
from oewg_kg.errors import OewgError, UsageError
from oewg_kg.query import SavedQuery
from oewg_kg.serve.api import mcp_reply, saved_question
from oewg_kg.serve.api.mcp_reply import MOST_ROWS, TABLE, Told
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.workers.evaluate import Question
from oewg_kg.terms import Term
from oewg_kg.vocabulary import INFERRED

SUGGESTED = re.compile(r"(?:did you mean|choose one of|use one of:?|choose, for example,) (.+?)\??$")
NEGATED = re.compile(r"\bNOT\s+(?:EXISTS|IN)\b|\bMINUS\b|!\s*BOUND", re.IGNORECASE)
KINDS = {"string": str, "integer": int, "object": dict}
CONSTRUCTED = ("subject", "predicate", "object")


def call(request: Request, name: str, given: object) -> dict[str, Any]:
    """Call a tool; what cannot be answered is a reply too, which says so and never reads as an empty answer."""
    explorer, digest = explorer_of(request), request.app.state.site.fingerprint
    try:
        told = TOOLS[name](request, _checked(name, given))
    except (OewgError, Refusal) as error:
        told = Told(
            f"{name}: not answered", "nothing", absence.NO_ANSWER, reason=str(error), nearest=_suggested(str(error))
        )
    return mcp_reply.result(explorer, told, digest)


def _suggested(error: str) -> list[str]:
    """Read from an error what was probably meant."""
    found = SUGGESTED.search(error)
    text = found[1] if found else ""
    return re.findall(r'"[^"]*" \([^)]*\)', text) or [one for one in re.split(r",? or |, ", text) if one]


def _checked(name: str, given: object) -> dict[str, Any]:
    """Check the arguments of a tool by its schema; raises UsageError."""
    tool = TABLE["tools"][name]
    fields: dict[str, dict[str, Any]] = tool["properties"]

    def fits(field: str, value: object) -> bool:
        about = fields.get(field, {"type": ""})
        large = isinstance(value, str) and len(value) > about.get("maxLength", len(value))
        return type(value) is KINDS.get(about["type"]) and not large and not (isinstance(value, int) and value < 0)

    if isinstance(given, dict) and set(tool["required"]) <= set(given) and all(map(fits, given, given.values())):
        return given
    needed = ", ".join(
        f"{one} ({about['type']}{', required' * (one in tool['required'])})" for one, about in fields.items()
    )
    raise UsageError("these are not valid arguments of this tool, or one is too long", advice=f"use {needed}")


def questions(request: Request, given: Mapping[str, Any]) -> Told:
    """Find the saved questions that words may mean; what none asks is said with what the dataset does not hold."""
    explorer, text = explorer_of(request), given["text"]
    found = explorer.finder.find(text)
    offered = [(one, explorer.questions[one.name]) for one in found.offers if one.name in explorer.questions]
    limits = " ".join(texts.read("limits.md").replace("- ", "").replace("*", "").split())
    cells = [(one.name, one.title, saved.definition, _parameters(saved, one.values)) for one, saved in offered]
    return Told(
        f"Saved questions for: {text}",
        "saved questions that fit the words, best first; none of them is an answer yet: use `ask`",
        absence.OPEN if offered else absence.NOT_COVERED,
        ("question", "asks", "counted", "parameters"),
        [[ox.Literal(cell) for cell in row] for row in cells],
        [()] * len(cells),
        parameters={"text": text},
        reason=f"{found.missing + '. ' if found.missing else ''}Not in this dataset: {limits}",
        nearest=[one.command for one in found.offers if one.name not in explorer.questions],
    )


def _parameters(saved: SavedQuery, meant: Mapping[str, str]) -> str:
    return "; ".join(
        f"{one.name} ({one.choices or one.type}) = {meant.get(one.name, one.default)}" for one in saved.parameters
    )


def ask(request: Request, given: Mapping[str, Any]) -> Told:
    """Answer a saved question with all that its page says of the answer."""
    explorer, name = explorer_of(request), given["question"]
    saved = explorer.questions.get(name) or query.find(explorer.root.queries, name)
    values = {str(key): str(value) for key, value in given.get("parameters", {}).items()}
    bindings = query.bind(explorer.dataset, saved, values)
    asked = readings.asked(explorer.store, saved, bindings)
    found = saved_question.answer(request, saved, bindings)
    notes = saved_question.notes(request, saved, bindings, found)
    why = ("", False) if found.rows else saved_question.why(request, saved, bindings)
    # Data of others, and votes beside the graph, have no receipts: nobody could check them against the release.
    own = request.app.state.site.fingerprint == explorer.once("own", lambda one: build.fingerprint(one.root))
    receipt = receipts.sealed(explorer.root, explorer.dataset, saved, bindings, found, notes) if own else {}
    external = (
        "Rows without lines come from external data; `why` names the source of each" if not all(found.citations) else ""
    )
    return Told(
        asked.title,
        asked.definition,
        absence.of(explorer.dataset, saved, bindings, len(found.rows), why),
        found.columns,
        found.rows,
        found.citations,
        why[0] or external,
        {key: terms.text_of(term) for key, term in asked.terms.items()},
        [{**vars(note), "note": str(note)} for note in notes],
        [
            {"name": one.phrase, "rows": one.rows, "parameters": ", ".join(f"{k} = {v}" for k, v in one.values.items())}
            for one in saved_question.others(request, saved, values, found)
        ],
        start=given.get("start", 0),
        receipt={name: receipt[name] for name in ("question", "parameters", "release", "engine", "digest") if receipt},
    )


def find(request: Request, given: Mapping[str, Any]) -> Told:
    """Look a name up; near spellings are rows only where they are near enough to be meant, else suggestions."""
    explorer, name = explorer_of(request), given["name"]
    found = evidence.search(explorer.dataset, name)
    kinds = [explorer.kinds(one.iri)[:1] for one in found]
    near = [] if found else evidence.nearest(explorer.dataset, name)
    return Told(
        f"Things called: {name}",
        "things with a name, code or symbol like this, in any spelling on a page; best first",
        absence.LISTED if found else absence.NOT_COVERED,
        ("thing", "label", "class", "matched"),
        [
            [
                ox.NamedNode(one.iri),
                ox.Literal(one.label),
                ox.Literal(explorer.label(kind[0])[0] if kind else ""),
                ox.Literal(one.matched),
            ]
            for one, kind in zip(found, kinds, strict=True)
        ],
        [_naming(explorer, one.iri) for one in found],
        "" if found else "No name in this dataset is similar",
        {"name": name},
        nearest=[f"{one.label} ({terms.compact(one.iri)})" for one in near],
    )


def _naming(explorer: Explorer, iri: str) -> list[str]:
    """List the first lines that state something of a thing."""
    quads = explorer.store.quads_for_pattern(ox.NamedNode(iri), None, None)
    lines = {terms.text_of(quad.graph_name) for quad in quads if "#L" in terms.text_of(quad.graph_name)}
    return sorted(lines, key=terms.line_order)[:3]


def why(request: Request, given: Mapping[str, Any]) -> Told:
    """List the claims about a thing; of what was inferred, the lines that it follows from."""
    explorer = explorer_of(request)
    thing = evidence.resolve_name(explorer.dataset, given["subject"])
    wanted = given.get("predicate")
    found = evidence.claims(
        explorer.dataset, thing, evidence.property_called(explorer.dataset, wanted) if wanted else None
    )
    lines, rows = [], []
    for claim in found:
        behind = {claim.graph} if claim.graph != INFERRED else _behind(explorer, claim)
        lines.append(sorted((line for line in behind if "#L" in line), key=terms.line_order))
        stated = "inferred" if claim.graph == INFERRED else "a source line" if "#L" in claim.graph else claim.file
        fate = ox.Literal(f"{claim.fate}: {claim.reason}") if claim.fate else None
        rows.append([claim.predicate, claim.object, ox.Literal(stated), fate])
    return Told(
        f"What is stated about {explorer.label(thing.value)[0]} ({terms.compact(thing.value)})",
        "claims of the source pages and the external data, those that a decision sets aside included",
        absence.LISTED if found else absence.NOT_STATED,
        ("property", "value", "stated in", "editorial decision"),
        rows,
        lines,
        "" if found else "No source states such a fact",
        {key: str(value) for key, value in given.items()},
        start=given.get("start", 0),
    )


def _behind(explorer: Explorer, claim: evidence.Claim) -> set[str]:
    if explorer.derivations is None or not isinstance(claim.subject, ox.NamedNode):
        return set()
    return set(explorer.derivations.behind(ox.Triple(claim.subject, claim.predicate, claim.object)))


def contested(request: Request, given: Mapping[str, Any]) -> Told:
    """List the editorial decisions about a thing, one row for each claim."""
    explorer, text = explorer_of(request), given.get("text", "")
    found = conflicts.about(explorer.dataset, explorer.register, text) if text else explorer.register
    claims = [(one, claim) for one in found for claim in one.variants]
    return Told(
        f"Conflicts between the pages{f' about: {text}' if text else ''}",
        "claims of the source pages on which the editors decided; a decision is theirs, not one of the United Nations",
        absence.LISTED if found else absence.NONE_OF_THESE,
        ("about", "thing", "property", "claim", "fate"),
        [
            (ox.Literal(one.label), claim.quad.subject, claim.quad.predicate, claim.quad.object, ox.Literal(claim.fate))
            for one, claim in claims
        ],
        [[terms.text_of(claim.quad.graph_name)] for _, claim in claims],
        "" if found else "No editorial decision is about this, which does not mean that the pages agree",
        {"text": text},
        [
            {"decision": one.decision, "lines": one.lines, "note": f"{one.label} ({one.reason}): {one.why}"}
            for one in found[:MOST_ROWS]
        ],
        start=given.get("start", 0),
    )


def run(request: Request, given: Mapping[str, Any]) -> Told:
    """Run a query under the rules and limits of the endpoint; lines are those that its rows name."""
    text = given["sparql"]
    if sparql.UPDATE.match(text):
        raise Refusal(403, "updates are not accepted: the data are read-only")
    site, question = request.app.state.site, Question(text, None, None, "json", "ntriples")
    reply = sparql.asked(site.engine, site.answers, question, question.tag(site.fingerprint))
    columns: Sequence[str] = CONSTRUCTED
    if reply.format == "ntriples":
        rows: list[tuple[Term | None, ...]] = [
            (q.subject, q.predicate, q.object) for q in ox.parse(reply.body, format=ox.RdfFormat.N_TRIPLES)
        ]
    else:
        found = ox.parse_query_results(reply.body, format=ox.QueryResultsFormat.JSON)
        if isinstance(found, ox.QuerySolutions):
            columns, rows = [one.value for one in found.variables], [tuple(row) for row in found]
        else:
            columns, rows = ["pattern matches"], [(ox.Literal("yes" if found else "no"),)]
    cited = [
        sorted(
            {t.value for t in row if isinstance(t, ox.NamedNode) and "/source/" in t.value and "#L" in t.value},
            key=terms.line_order,
        )
        for row in rows
    ]
    lacking = "" if any(cited) else "No row names its source line: add GRAPH ?line { ... } to see where it is stated"
    return Told(
        "A SPARQL query",
        "what the query says; no definition of this dataset applies",
        absence.LISTED if any(cited) and not NEGATED.search(text) else absence.OPEN,
        columns,
        rows,
        cited,
        "; ".join(filter(None, [lacking, reply.message.replace("\n", "; ")])),
        {"sparql": text},
    )


TOOLS: dict[str, Callable[[Request, Mapping[str, Any]], Told]] = {
    "questions": questions,
    "ask": ask,
    "find": find,
    "why": why,
    "conflicts": contested,
    "query": run,
}
