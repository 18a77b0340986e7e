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
from oewg_kg.answers.readings import QuestionWording
from oewg_kg.errors import UsageError
from oewg_kg.export import questions as examples
from oewg_kg.measures import classes, participation, pictures
from oewg_kg.query import Parameter, QueryResult, SavedQuery
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import charts, entity_page, listings, records, rendering, table
from oewg_kg.serve.pages.presentation import View
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, RDF_TYPE

DOWNLOAD_SUFFIXES = (".guarded.csv", ".csv", ".json", ".svg", ".footnotes.md", ".ttl", ".rq", *citations.FILES)
RESULTS_JSON = "application/sparql-results+json"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Answer:
    """An answer: all rows, the table of those chosen in the address, why there are none, the sentence of a measure."""

    question: QuestionWording
    result: QueryResult
    table: table.Table
    empty_reason: str
    measure: str

    @property
    def file_name(self) -> str:
        """Name files after the question and its values."""
        return self.question.file + ("_filtered" if self.table.filter_text else "")

    @property
    def selected_result(self) -> QueryResult:
        """Choose the rows of the table, in its order."""
        rows = self.table.selected_rows
        return QueryResult(self.result.columns, tuple(row.solution for row in rows), tuple(row.sources for row in rows))

    def citation(self, explorer: Explorer) -> dict[str, str]:
        """Cite the answer with its values and its filter."""
        path = f"questions/{self.question.saved.name}{self.table.address().rstrip('?')}"
        return citations.cite_page(self.table.caption, explorer.identity.base + path, explorer.places)


def question_page(request: Request) -> Response:
    """Answer a question as a page, or as the download that the suffix names; wrong values are reported on the page, with 400."""
    explorer, file_name = explorer_of(request), request.path_params["name"]
    suffix = next((suffix for suffix in DOWNLOAD_SUFFIXES if file_name.endswith(suffix)), "")
    stem = file_name.removesuffix(suffix)
    if stem not in explorer.questions and explorer.frozen:
        raise HTTPException(404)
    saved = explorer.questions.get(stem)
    if saved is None:
        renamed, present_values = former_names.find(explorer.root.queries, stem, request.query_params)
        if renamed.reaches:
            raise HTTPException(404)
        return RedirectResponse(f"{renamed.name}{suffix}?{urlencode(present_values)}", 301)
    if not suffix and rendering.negotiated_format(request) != "html":
        return records.record_page(request, examples.QUESTIONS + stem)
    values: dict[str, str] = {}
    by_class = request.query_params.get("by", "")
    try:
        values = saved_question.read_parameters(request, bool(suffix))
        bindings = query.bind(explorer.dataset, saved, values)
    except UsageError as error:
        if suffix:
            raise
        form = _form_values(explorer, saved, values, by_class)
        return rendering.page(request, "question.html", 400, answer=None, problem=str(error), **form)
    sparql = query.with_values(saved, bindings)
    if suffix == ".rq":
        file_name = readings.question_wording(explorer.store, saved, bindings).file + suffix
        return rendering.download(file_name, sparql, "application/sparql-query")
    answer = _answer_question(request, saved, bindings, by_class)
    if suffix:
        return _answer_download(request, answer, bindings, suffix)
    return table.respond(
        request,
        answer.table,
        answer.file_name,
        "question.html",
        **_form_values(explorer, saved, values, by_class),
        problem="",
        answer=answer,
        citation=answer.citation(explorer),
        counted=tables.row_count(answer.result.columns, answer.result.rows),
        entity_count=len(listed_entities(answer.selected_result)),
        chart=charts.chart(View.of(request), answer.result),
        readings=readings.other_readings(
            explorer.dataset, saved, values, answer.result, partial(saved_question.answer, request, saved)
        ),
        notes=saved_question.notes(request, saved, bindings, answer.result),
        sparql=sparql,
    )


def _answer_question(request: Request, saved: SavedQuery, bindings: dict[str, Term], by_class: str) -> Answer:
    """Answer a question, and lay out the answer; `by_class` counts its states by a class."""
    explorer, view = explorer_of(request), View.of(request)
    question = readings.question_wording(explorer.store, saved, bindings)
    result = saved_question.answer(request, saved, bindings)
    (empty_reason, _), measure = saved_question.why_empty(request, saved, bindings, result), ""
    if by_class:
        counts = participation.class_counts(explorer.dataset, explorer.root.queries, saved, bindings, result, by_class)
        result, measure = counts.result, counts.sentence
    headings, rows, source_heading = table.answer_rows(view, result)
    headings, rows = add_draft_columns(request, question, headings, rows)
    answer_table = table.Table(request, question.title, headings, rows, source_heading)
    return Answer(question, result, answer_table, empty_reason, measure)


def _answer_download(request: Request, answer: Answer, bindings: dict[str, Term], suffix: str) -> Response:
    """Write the chosen rows of an answer as the file that the suffix names."""
    explorer, question, file_name = explorer_of(request), answer.question, answer.file_name + suffix
    if suffix in citations.FILES:
        return rendering.download(file_name, answer.citation(explorer)[suffix], citations.FILES[suffix])
    if suffix == ".svg":
        svg = pictures.draw_bars(question.heading, answer.result, [answer.measure or question.definition])
        return rendering.download(file_name, svg, "image/svg+xml")
    page, metadata, next_page = saved_question.cut_rows(request, answer.selected_result)
    if suffix == ".json":
        extra = {"reason": answer.empty_reason, "measure": answer.measure, "filter": answer.table.filter_text}
        metadata |= {key: text for key, text in extra.items() if text}
        notes = saved_question.notes(request, question.saved, bindings, answer.selected_result)
        results = saved_question.answer_json(question, page, metadata | {"decisions": [vars(note) for note in notes]})
        response = rendering.download(file_name, results, RESULTS_JSON)
    elif suffix == ".footnotes.md":
        rows = answer.table.selected_rows[metadata["offset"] : metadata["offset"] + metadata["shown"]]
        response = rendering.download(file_name, footnote_text(View.of(request), answer, rows), "text/markdown")
    else:
        response = _result_download(explorer, file_name, page, suffix)
    response.headers.update({"Link": f'<{next_page}>; rel="next"'} if next_page else {})
    return response


def _form_values(explorer: Explorer, saved: SavedQuery, typed_values: dict[str, str], by_class: str) -> dict[str, Any]:
    parameters = {key: parameter for parameter in saved.parameters for key in (parameter.name, parameter.variable)}
    entered = {parameters[key].name: entry for key, entry in typed_values.items() if key in parameters}
    field_values = {parameter: entered.get(parameter.name, parameter.term.value) for parameter in saved.parameters}
    return {
        "saved": saved,
        "values": entered,
        "fields": [(parameter, *_form_field(explorer, parameter, entry)) for parameter, entry in field_values.items()],
        "by": by_class,
        "classes": classes.class_names(explorer.root.queries),
    }


def _form_field(explorer: Explorer, parameter: Parameter, value: str) -> tuple[str, list[tuple[str, str]]]:
    """Find what a field of the form shows, and its choices as (value, label), sorted by label."""
    if parameter.type != "iri":
        return value, []
    names_of = query.choices(explorer.store, parameter)
    chosen_iri = terms.expand(value)
    if chosen_iri not in names_of:
        folded = terms.folded(value)
        named = (iri for iri, choice_names in names_of.items() if folded in map(terms.folded, choice_names))
        chosen_iri = next(named, chosen_iri)
    choices = sorted((choice_names[0], terms.compact(iri)) for iri, choice_names in names_of.items())
    chosen_curie = terms.compact(chosen_iri) if chosen_iri else value
    if chosen_curie not in {curie for _, curie in choices}:
        choices.insert(0, (value, chosen_curie))
    return chosen_curie, [(curie, label) for label, curie in choices]


def add_draft_columns(
    request: Request, question: QuestionWording, headings: list[str], rows: list[table.Row]
) -> tuple[list[str], list[table.Row]]:
    """Add to each actor its contributions to each of the two drafts that a question compares."""
    view = View.of(request)
    drafts = [terms.text_of(term) for name, term in question.terms.items() if name in ("first", "second")]
    if (
        not drafts
        or "matrix-drafts" not in view.explorer.listings
        or not all(OEWG + "Draft" in view.explorer.values(draft, RDF_TYPE) for draft in drafts)
    ):
        return headings, rows
    _, cells = listings.contributions(request, "drafts")
    draft_headings = [view.label(draft).removesuffix(" report").removesuffix(" substantive") for draft in drafts]
    extended_rows = []
    for row in rows:
        actor = terms.text_of(row.cells[0][0].term)
        draft_cells = [cells.get((actor, draft), ()) for draft in drafts]
        extended_rows.append(replace(row, cells=(row.cells[0], *draft_cells, *row.cells[1:])))
    return [*headings[:1], *draft_headings, *headings[1:]], extended_rows


def listed_entities(result: QueryResult) -> list[str]:
    """List the entities in the first column of an answer, each once; none if it contains anything else."""
    iris = [row[0].value for row in result.rows if isinstance(row[0], ox.NamedNode)]
    return list(dict.fromkeys(iris)) if len(iris) == len(result.rows) else []


def footnote_text(view: View, answer: Answer, rows: list[table.Row]) -> str:
    """Write rows of an answer as text, with all columns of the page and a footnote for each line."""
    preface = answer.question.preface.replace(answer.question.title, answer.table.caption, 1)
    if answer.empty_reason:
        return f"{preface}No rows: {answer.empty_reason}.\n"
    sentences = [" — ".join(filter(None, (table.cell_text(view, cells) for cells in row.cells))) for row in rows]
    return preface + citations.footnotes(sentences, [row.sources for row in rows], view.explorer.places)


def _result_download(explorer: Explorer, file_name: str, result: QueryResult, suffix: str) -> Response:
    """Write an answer as a file: exact CSV, CSV for spreadsheets, or its entities as Turtle."""
    if suffix == ".ttl":
        if not listed_entities(result):
            raise HTTPException(404)
        triples = [triple for iri in listed_entities(result) for triple in entity_page.entity_triples(explorer, iri)]
        return rendering.download(file_name, formats.graph(triples, formats.by_name("turtle")).decode(), "text/turtle")
    headings, rows = tables.for_machines(result.columns, result.rows, result.citations)
    if suffix == ".guarded.csv":
        # Excel recognizes UTF-8 by this mark; the exact CSV has none.
        rows = [guard_formulas(headings, row) for row in rows]
        headings = ["\ufeff" + headings[0], *headings[1:], "guarded"]
    return rendering.download(file_name, tables.write_csv(headings, rows), "text/csv")


def guard_formulas(columns: list[str], row: list[str]) -> list[str]:
    """Put an apostrophe before cells that a spreadsheet would read as a formula; the last cell names the columns changed."""
    guarded_columns = [column for column, cell in zip(columns, row, strict=True) if cell.startswith(FORMULA_STARTS)]
    return [*(f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row), " ".join(guarded_columns)]
