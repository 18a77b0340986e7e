"""The pages of saved questions: the list, and for each question its answer with sources, other ways to count, and downloads."""

import shlex
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import formats, query, tables, terms
from oewg_kg.answers import citations, readings
from oewg_kg.answers.readings import Asked
from oewg_kg.errors import UsageError
from oewg_kg.export import questions as examples
from oewg_kg.measures import classes, participation, pictures
from oewg_kg.query import Parameter, QueryResult, SavedQuery
from oewg_kg.serve.api import rest, saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import charts, matrix, records, rendering, table
from oewg_kg.serve.pages import things as entities
from oewg_kg.serve.pages.presentation import View
from oewg_kg.vocabulary import OEWG, RDF_TYPE

ENDS = (".guarded.csv", ".csv", ".json", ".svg", ".footnotes.md", ".ttl", ".rq")
RESULTS = "application/sparql-results+json"
GUARDED = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Field:
    """One parameter as a field of a form: its value, and its choices as (value, label), sorted by label."""

    parameter: Parameter
    value: str
    choices: tuple[tuple[str, str], ...]


def questions(request: Request) -> Response:
    """Answer with the list of questions, by tag."""
    explorer = explorer_of(request)
    return rendering.page(request, "questions.html", tags=by_tag(explorer), count=len(explorer.questions))


def by_tag(explorer: Explorer) -> dict[str, list[SavedQuery]]:
    """Group the questions by their first tag, the largest group first."""
    found: dict[str, list[SavedQuery]] = {}
    for saved in explorer.questions.values():
        found.setdefault(saved.tags[0] if saved.tags else "other", []).append(saved)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0].casefold())))


def question(request: Request) -> Response:
    """Answer a question as a page, or as the download that the suffix names; wrong values are reported on the page, with 400."""
    explorer, name = explorer_of(request), request.path_params["name"]
    end = next((end for end in ENDS if name.endswith(end)), "")
    stem = name.removesuffix(end)
    if stem not in explorer.questions and explorer.frozen:
        raise HTTPException(404)
    saved = explorer.questions.get(stem) or query.find(explorer.root.queries, stem)
    if not end and rendering.wanted(request) != "html":
        return records.record(request, examples.QUESTIONS + stem)
    values: dict[str, str] = {}
    by = request.query_params.get("by", "")
    try:
        values = rest.given(request, bool(end))
        bindings = query.bind(explorer.dataset, saved, values)
    except UsageError as error:
        if end:
            raise
        return rendering.page(
            request, "question.html", 400, asked=None, problem=str(error), **_form(explorer, saved, values, by)
        )
    asked = readings.asked(explorer.store, saved, bindings)
    if end == ".rq":
        return _file(asked.file + end, query.with_values(saved, bindings), "application/sparql-query")
    result = saved_question.answer(request, saved, bindings)
    why = saved_question.reason(request, saved, bindings, result)
    measure = ""
    if by:
        measured = participation.of(explorer.dataset, explorer.root.queries, saved, bindings, result, by)
        result, measure = measured.result, measured.sentence
    if end == ".svg":
        return _file(
            asked.file + end, pictures.bars(asked.heading, result, [measure or asked.definition]), "image/svg+xml"
        )
    if end:
        part, told, following = rest.part(request, result)
        told |= {"reason": why} if why else {}
        told |= {"measure": measure} if measure else {}
        if end == ".json":
            told |= {"decisions": [vars(note) for note in saved_question.notes(request, saved, bindings, result)]}
        text = rest.written(asked, part, told) if end == ".json" else ""
        response = _file(asked.file + end, text, RESULTS) if text else download(explorer, asked, part, end, why)
        response.headers.update({"Link": f'<{following}>; rel="next"'} if following else {})
        return response
    view, notes = View.of(request), saved_question.notes(request, saved, bindings, result)
    headings, rows = table.joined(view, result)
    headings, rows = with_drafts(view, asked, headings, rows)
    proven = tables.cited_heading(result.citations) if any(result.citations) else ""
    made = table.of(request, asked.title, headings, rows, proven)
    return table.file(request, made, asked.file) or rendering.page(
        request,
        "question.html",
        **_form(explorer, saved, values, by),
        problem="",
        asked=asked,
        table=made,
        counted=tables.counted(result.columns, result.rows),
        why=why,
        measure=measure,
        things=len(things(result)),
        chart=charts.chart(explorer, result),
        readings=saved_question.others(request, saved, values, result),
        notes=notes,
        flagged={line for note in notes for line in note.lines},
        sparql=query.with_values(saved, bindings),
        command=command(saved, values),
        python=python(saved, values),
    )


def _form(explorer: Explorer, saved: SavedQuery, values: dict[str, str], by: str) -> dict[str, Any]:
    names = {key: one.name for one in saved.parameters for key in (one.name, one.variable)}
    given = {names[key]: text for key, text in values.items() if key in names}
    fields = [_field(explorer, p, given) for p in saved.parameters]
    return {
        "saved": saved,
        "values": given,
        "fields": fields,
        "by": by,
        "classes": classes.names(explorer.root.queries),
    }


def _field(explorer: Explorer, parameter: Parameter, values: dict[str, str]) -> Field:
    value = values.get(parameter.name, parameter.term.value)
    if parameter.type != "iri":
        return Field(parameter, value, ())
    names = query.choices(explorer.store, parameter)
    wanted = terms.expand(value)
    if wanted not in names:
        folded = terms.folded(value)
        wanted = next((iri for iri, known in names.items() if folded in map(terms.folded, known)), wanted)
    listed = sorted((label[0], terms.compact(iri)) for iri, label in names.items())
    chosen = terms.compact(wanted) if wanted else value
    if chosen not in {curie for _, curie in listed}:
        listed.insert(0, (value, chosen))
    return Field(parameter, chosen, tuple((curie, label) for label, curie in listed))


def with_drafts(
    view: View, asked: Asked, headings: list[str], rows: list[table.Row]
) -> tuple[list[str], list[table.Row]]:
    """Add to each actor its contributions to each of the two drafts that a question compares."""
    drafts = [terms.text_of(term) for name, term in asked.terms.items() if name in ("first", "second")]
    if not drafts or not all(OEWG + "Draft" in view.explorer.values(one, RDF_TYPE) for one in drafts):
        return headings, rows
    words, columns = matrix.words(view.explorer), []
    for draft in drafts:
        given: dict[str, list[table.Cell]] = {}
        for quad in view.explorer.quads(None, OEWG + "addresses", ox.NamedNode(draft)):
            one = terms.text_of(quad.subject)
            cell = table.Cell(ox.NamedNode(one), words.get(one, "contribution"))
            for actor in view.explorer.values(one, OEWG + "submittedBy"):
                given.setdefault(actor, []).append(cell)
        columns.append({actor: tuple(sorted(cells, key=lambda c: c.label)) for actor, cells in given.items()})
    names = [f"on the {view.label(draft)}".removesuffix(" report").removesuffix(" substantive") for draft in drafts]
    return [*headings[:1], *names, *headings[1:]], [
        table.Row(
            (row.cells[0], *(c.get(terms.text_of(row.cells[0][0].term), ()) for c in columns), *row.cells[1:]),
            row.cited,
        )
        for row in rows
    ]


def command(saved: SavedQuery, values: dict[str, str]) -> str:
    """Write the question as a command line."""
    options = "".join(f" -p {shlex.quote(f'{name}={value}')}" for name, value in values.items())
    return f"oewg ask {saved.name}{options} --cite"


def python(saved: SavedQuery, values: dict[str, str]) -> str:
    """Write the question as Python."""
    options = "".join(f", {saved.parameter(name).variable}={value!r}" for name, value in values.items())
    return f'import oewg_kg\n\nanswer = oewg_kg.load().ask("{saved.name}"{options})'


def things(result: QueryResult) -> list[str]:
    """List the entities in the first column of an answer, each once; none if it contains anything else."""
    named = [row[0].value for row in result.rows if isinstance(row[0], ox.NamedNode)]
    return list(dict.fromkeys(named)) if len(named) == len(result.rows) else []


def download(explorer: Explorer, asked: Asked, result: QueryResult, end: str, why: str = "") -> Response:
    """Write an answer as a file: exact CSV, CSV for spreadsheets, text with footnotes, or its things as Turtle."""
    name = asked.file + end
    if end == ".ttl":
        if not things(result):
            raise HTTPException(404)
        triples = [triple for iri in things(result) for triple in entities.triples(explorer, iri)]
        return _file(name, formats.graph(triples, formats.by_name("turtle")).decode(), "text/turtle")
    if end == ".footnotes.md":
        labels = terms.labels(explorer.store, tables.iris(result.columns, result.rows))
        _, cells = tables.for_people(result.columns, result.rows, None, labels)
        paragraphs = [" — ".join(filter(None, row)) for row in cells]
        notes = citations.footnotes(paragraphs, result.citations, explorer.places)
        return _file(name, asked.preface + (f"No rows: {why}.\n" if why else notes), "text/markdown")
    names, cells = tables.for_machines(result.columns, result.rows, result.citations)
    if end == ".guarded.csv":
        # Excel knows UTF-8 by this mark; the exact CSV has none.
        names, cells = ["\ufeff" + names[0], *names[1:], "guarded"], [guarded(names, row) for row in cells]
    return _file(name, tables.write_csv(names, cells), "text/csv")


def guarded(names: list[str], row: list[str]) -> list[str]:
    """Put an apostrophe before cells that a spreadsheet would read as a formula; the last cell names their columns."""
    risky = [name for name, text in zip(names, row, strict=True) if text.startswith(GUARDED)]
    return [*(f"'{text}" if text.startswith(GUARDED) else text for text in row), " ".join(risky)]


def _file(name: str, text: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(text, headers=headers, media_type=f"{media_type}; charset=utf-8")
