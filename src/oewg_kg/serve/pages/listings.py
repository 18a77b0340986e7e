"""The pages that list states, stakeholders, drafts or votes, the matrix of contributions (by `queries/pages`), and the comparison."""

from functools import partial
from itertools import compress

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.errors import UsageError
from oewg_kg.measures import comparison, pictures
from oewg_kg.query import QueryResult
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.pages import rendering, table
from oewg_kg.serve.pages.presentation import View
from oewg_kg.serve.pages.table import Cells

MATRIX_COLUMNS = {"drafts": "drafts", "phases": "stages of the negotiations", "lists": "lists on the pages"}


def listing_page(request: Request) -> Response:
    """Answer with the list that the path names, as a table or as the file that `as=` names."""
    explorer, view = explorer_of(request), View.of(request)
    saved = explorer.listings.get(request.url.path.rpartition("/")[2])
    if saved is None:
        raise HTTPException(404)
    result = saved_question.listed(request, saved.name)
    headings, rows, source_heading = table.answer_rows(view, result)
    if view.language != "en":
        rows.sort(key=lambda row: table.cell_text(view, row.cells[0]))
    listing_table = table.Table(request, saved.summary, headings, rows, source_heading, 250)
    questions = [explorer.questions[name] for name in saved.tags if name in explorer.questions]
    return table.respond(request, listing_table, saved.name, "listing.html", saved=saved, questions=questions)


def compare_page(request: Request) -> Response:
    """Answer with two to four actors side by side; `actor=` is given for each, as a name, CURIE or IRI."""
    explorer, view = explorer_of(request), View.of(request)
    if comparison.QUESTION not in explorer.questions:
        raise HTTPException(404)
    actors = [text.strip() for text in request.query_params.getlist("actor") if text.strip()] or comparison.EXAMPLE
    iris = map(terms.expand, actors)
    actor_names = [(iri and terms.label(explorer.store, iri)) or actor for actor, iri in zip(actors, iris, strict=True)]
    problem, actor_table, differ = "", None, bool(request.query_params.get("differ"))
    if len(actors) != 1:  # a link from the page of an actor names one, and the reader adds the others
        try:
            ask = partial(saved_question.answer, request)
            compared = comparison.of(explorer.dataset, explorer.root.queries, actors, ask)
        except UsageError as error:
            problem = str(error)
        else:
            result = _differing(compared.result) if differ else compared.result
            if request.query_params.get("as") == "svg":
                svg = pictures.comparison(result, compared.sentence)
                return rendering.download("compare.svg", svg, "image/svg+xml")
            headings, rows, _ = table.answer_rows(view, result)
            title = " and ".join([", ".join(headings[2:-1]), headings[-1]])
            actor_table = table.Table(request, title, headings, rows, "sources", 250)
    values = {"names": actor_names, "problem": problem, "differ": differ}
    return table.respond(request, actor_table, "compare", "compare.html", 400 if problem else 200, **values)


def _differing(result: QueryResult) -> QueryResult:
    """Choose the rows in which the actors differ."""
    differs = [len(set(row[3:])) > 1 for row in result.rows]
    rows, lines = compress(result.rows, differs), compress(result.citations, differs)
    return QueryResult(result.columns, tuple(rows), tuple(lines))


def matrix_page(request: Request) -> Response:
    """Answer with the matrix: an actor in each row, and in each cell what it submitted about a draft, in a phase or in a list."""
    view, column_kind = View.of(request), request.query_params.get("columns") or "drafts"
    if column_kind not in MATRIX_COLUMNS:
        raise HTTPException(404)
    columns, cells = contributions(request, column_kind)
    actors = sorted({actor for actor, _ in cells}, key=lambda actor: (terms.folded(view.label(actor)), actor))
    rows = [
        table.Row(((table.Cell(ox.NamedNode(actor)),), *(cells.get((actor, column), ()) for column in columns)))
        for actor in actors
    ]
    title = f"Contributions by actor and {MATRIX_COLUMNS[column_kind]}"
    matrix_table = table.Table(request, title, ["actor", *map(view.label, columns)], rows)
    file_name = f"contributions-by-{column_kind}"
    return table.respond(request, matrix_table, file_name, "matrix.html", kind=column_kind, kinds=MATRIX_COLUMNS)


def contributions(request: Request, column_kind: str) -> tuple[list[str], dict[tuple[str, str], Cells]]:
    """Find what each actor submitted about each draft, in each phase or in each list: the columns, and the cells by actor and column."""
    rows = [map(terms.text_of, row) for row in saved_question.listed(request, "contributions").rows]
    labels = {contribution: contribution_label(kind, printed_name) for contribution, kind, printed_name in rows}
    columns, cells = dict[str, None](), dict[tuple[str, str], Cells]()
    for row in saved_question.listed(request, f"matrix-{column_kind}").rows:
        actor, column, contribution = map(terms.text_of, row)
        columns[column] = None
        if actor:
            cell = table.Cell(ox.NamedNode(contribution), labels.get(contribution, "contribution"))
            cells[actor, column] = (*cells.get((actor, column), ()), cell)
    return list(columns), cells


def contribution_label(kind: str, printed_name: str) -> str:
    """Name a contribution in a cell: as its line prints it, after its kind if that is only a number; else by its kind."""
    return f"{kind} {printed_name}" if printed_name.isdigit() else printed_name or kind
