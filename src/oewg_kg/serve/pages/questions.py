"""The pages of saved questions: the list; and for each a form, the answer with sources, other ways to count, and downloads."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oewg_kg import formats, query, tables, terms
from oewg_kg.answers import citations, former_names, readings
from oewg_kg.answers.readings import Asked
from oewg_kg.errors import UsageError
from oewg_kg.export import questions as examples
from oewg_kg.measures import classes, participation, pictures
from oewg_kg.query import Parameter, QueryResult, SavedQuery
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import charts, listings, records, rendering, table
from oewg_kg.serve.pages import things as entities
from oewg_kg.serve.pages.presentation import View
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, RDF_TYPE

ENDS = (".guarded.csv", ".csv", ".json", ".svg", ".footnotes.md", ".ttl", ".rq", *citations.FILES)
RESULTS = "application/sparql-results+json"
GUARDED = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Answer:
    """An answer: all rows, the table of those chosen in the address, why there are none, the sentence of a measure."""

    asked: Asked
    result: QueryResult
    table: table.Table
    why: str
    measure: str

    @property
    def file(self) -> str:
        """Name files after the question and its values."""
        return self.asked.file + ("_filtered" if self.table.filter else "")

    @property
    def chosen(self) -> QueryResult:
        """Choose the rows of the table, in its order."""
        rows = self.table.chosen
        return QueryResult(self.result.columns, tuple(row.answer for row in rows), tuple(row.cited for row in rows))

    def cited(self, explorer: Explorer) -> dict[str, str]:
        """Cite the answer with its values and its filter."""
        address = self.table.address().rstrip("?")
        return citations.page(
            self.table.caption, f"{explorer.identity.base}questions/{self.asked.saved.name}{address}", explorer.places
        )


def question(request: Request) -> Response:
    """Answer a question as a page, or as the download that the suffix names; wrong values are reported on the page, with 400."""
    explorer, name = explorer_of(request), request.path_params["name"]
    end = next((end for end in ENDS if name.endswith(end)), "")
    stem = name.removesuffix(end)
    if stem not in explorer.questions and explorer.frozen:
        raise HTTPException(404)
    saved = explorer.questions.get(stem)
    if saved is None:
        moved, today = former_names.find(explorer.root.queries, stem, request.query_params)
        if moved.reaches:
            raise HTTPException(404)
        return RedirectResponse(f"{moved.name}{end}?{urlencode(today)}", 301)
    if not end and rendering.wanted(request) != "html":
        return records.record(request, examples.QUESTIONS + stem)
    values: dict[str, str] = {}
    by = request.query_params.get("by", "")
    try:
        values = saved_question.given(request, bool(end))
        bindings = query.bind(explorer.dataset, saved, values)
    except UsageError as error:
        if end:
            raise
        return rendering.page(
            request, "question.html", 400, answer=None, problem=str(error), **_form(explorer, saved, values, by)
        )
    if end == ".rq":
        file = readings.asked(explorer.store, saved, bindings).file
        return rendering.file(file + end, query.with_values(saved, bindings), "application/sparql-query")
    answer = _answer(request, saved, bindings, by)
    if end:
        return _taken(request, answer, bindings, end)
    return table.answer(
        request,
        answer.table,
        answer.file,
        "question.html",
        **_form(explorer, saved, values, by),
        problem="",
        answer=answer,
        cited=answer.cited(explorer),
        counted=tables.row_count(answer.result.columns, answer.result.rows),
        things=len(things(answer.chosen)),
        chart=charts.chart(View.of(request), answer.result),
        readings=readings.others(
            explorer.dataset, saved, values, answer.result, partial(saved_question.answer, request, saved)
        ),
        notes=saved_question.notes(request, saved, bindings, answer.result),
        sparql=query.with_values(saved, bindings),
    )


def _answer(request: Request, saved: SavedQuery, bindings: dict[str, Term], by: str) -> Answer:
    """Answer a question, and lay out the answer; `by` counts its states by a class."""
    explorer, view = explorer_of(request), View.of(request)
    asked = readings.asked(explorer.store, saved, bindings)
    result = saved_question.answer(request, saved, bindings)
    (why, _), measure = saved_question.why(request, saved, bindings, result), ""
    if by:
        measured = participation.of(explorer.dataset, explorer.root.queries, saved, bindings, result, by)
        result, measure = measured.result, measured.sentence
    headings, rows, proven = table.joined(view, result)
    headings, rows = with_drafts(request, asked, headings, rows)
    return Answer(asked, result, table.Table(request, asked.title, headings, rows, proven), why, measure)


def _taken(request: Request, answer: Answer, bindings: dict[str, Term], end: str) -> Response:
    """Write the chosen rows of an answer as the file that the suffix names."""
    explorer, asked, measure = explorer_of(request), answer.asked, answer.measure
    if end in citations.FILES:
        return rendering.file(answer.file + end, answer.cited(explorer)[end], citations.FILES[end])
    if end == ".svg":
        drawn = pictures.bars(asked.heading, answer.result, [measure or asked.definition])
        return rendering.file(answer.file + end, drawn, "image/svg+xml")
    part, told, following = saved_question.part(request, answer.chosen)
    if end == ".json":
        told |= {"reason": answer.why} if answer.why else {}
        told |= {"measure": measure} if measure else {}
        told |= {"filter": answer.table.filter} if answer.table.filter else {}
        notes = saved_question.notes(request, asked.saved, bindings, answer.chosen)
        text = saved_question.written(asked, part, told | {"decisions": [vars(note) for note in notes]})
        response = rendering.file(answer.file + end, text, RESULTS)
    elif end == ".footnotes.md":
        rows = answer.table.chosen[told["offset"] : told["offset"] + told["shown"]]
        response = rendering.file(answer.file + end, footnotes(View.of(request), answer, rows), "text/markdown")
    else:
        response = download(explorer, answer.file + end, part, end)
    response.headers.update({"Link": f'<{following}>; rel="next"'} if following else {})
    return response


def _form(explorer: Explorer, saved: SavedQuery, values: dict[str, str], by: str) -> dict[str, Any]:
    names = {key: one.name for one in saved.parameters for key in (one.name, one.variable)}
    given = {names[key]: text for key, text in values.items() if key in names}
    fields = [(one, *_field(explorer, one, given.get(one.name, one.term.value))) for one in saved.parameters]
    return {
        "saved": saved,
        "values": given,
        "fields": fields,
        "by": by,
        "classes": classes.names(explorer.root.queries),
    }


def _field(explorer: Explorer, parameter: Parameter, value: str) -> tuple[str, list[tuple[str, str]]]:
    """Find what a field of the form shows, and its choices as (value, label), sorted by label."""
    if parameter.type != "iri":
        return value, []
    names = query.choices(explorer.store, parameter)
    wanted = terms.expand(value)
    if wanted not in names:
        folded = terms.folded(value)
        wanted = next((iri for iri, known in names.items() if folded in map(terms.folded, known)), wanted)
    listed = sorted((label[0], terms.compact(iri)) for iri, label in names.items())
    chosen = terms.compact(wanted) if wanted else value
    if chosen not in {curie for _, curie in listed}:
        listed.insert(0, (value, chosen))
    return chosen, [(curie, label) for label, curie in listed]


def with_drafts(
    request: Request, asked: Asked, headings: list[str], rows: list[table.Row]
) -> tuple[list[str], list[table.Row]]:
    """Add to each actor its contributions to each of the two drafts that a question compares."""
    view = View.of(request)
    drafts = [terms.text_of(term) for name, term in asked.terms.items() if name in ("first", "second")]
    if (
        not drafts
        or "matrix-drafts" not in view.explorer.listings
        or not all(OEWG + "Draft" in view.explorer.values(one, RDF_TYPE) for one in drafts)
    ):
        return headings, rows
    _, given = listings.contributions(request, "drafts")
    names = [view.label(draft).removesuffix(" report").removesuffix(" substantive") for draft in drafts]
    made = []
    for row in rows:
        actor = terms.text_of(row.cells[0][0].term)
        added = [given.get((actor, draft), ()) for draft in drafts]
        made.append(replace(row, cells=(row.cells[0], *added, *row.cells[1:])))
    return [*headings[:1], *names, *headings[1:]], made


def things(result: QueryResult) -> list[str]:
    """List the entities in the first column of an answer, each once; none if it contains anything else."""
    named = [row[0].value for row in result.rows if isinstance(row[0], ox.NamedNode)]
    return list(dict.fromkeys(named)) if len(named) == len(result.rows) else []


def footnotes(view: View, answer: Answer, rows: list[table.Row]) -> str:
    """Write rows of an answer as text, with all columns of the page and a footnote for each line."""
    above = answer.asked.preface.replace(answer.asked.title, answer.table.caption, 1)
    if answer.why:
        return f"{above}No rows: {answer.why}.\n"
    told = [" — ".join(filter(None, (table.text_of(view, cells) for cells in row.cells))) for row in rows]
    return above + citations.footnotes(told, [row.cited for row in rows], view.explorer.places)


def download(explorer: Explorer, name: str, result: QueryResult, end: str) -> Response:
    """Write an answer as a file: exact CSV, CSV for spreadsheets, or its entities as Turtle."""
    if end == ".ttl":
        if not things(result):
            raise HTTPException(404)
        triples = [triple for iri in things(result) for triple in entities.triples(explorer, iri)]
        return rendering.file(name, formats.graph(triples, formats.by_name("turtle")).decode(), "text/turtle")
    names, cells = tables.for_machines(result.columns, result.rows, result.citations)
    if end == ".guarded.csv":
        # Excel recognizes UTF-8 by this mark; the exact CSV has none.
        names, cells = ["\ufeff" + names[0], *names[1:], "guarded"], [guarded(names, row) for row in cells]
    return rendering.file(name, tables.write_csv(names, cells), "text/csv")


def guarded(names: list[str], row: list[str]) -> list[str]:
    """Put an apostrophe before cells that a spreadsheet would read as a formula; the last cell names the columns changed."""
    risky = [name for name, text in zip(names, row, strict=True) if text.startswith(GUARDED)]
    return [*(f"'{text}" if text.startswith(GUARDED) else text for text in row), " ".join(risky)]
