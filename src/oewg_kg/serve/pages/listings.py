"""The pages that list things (states, stakeholders, drafts, votes, the matrix), by queries in `queries/pages`; and the comparison."""

from functools import partial

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

COLUMNS = {"drafts": "drafts", "phases": "stages of the negotiations", "lists": "lists on the pages"}  # of the matrix


def listing(request: Request) -> Response:
    """Answer with the list that the path names, as a table or as the file that `as=` names."""
    explorer, view = explorer_of(request), View.of(request)
    saved = explorer.listings.get(request.url.path.rpartition("/")[2])
    if saved is None:
        raise HTTPException(404)
    result = saved_question.listed(request, saved.name)
    headings, rows, proven = table.joined(view, result)
    if view.language != "en":
        rows.sort(key=lambda row: table.text_of(view, row.cells[0]))
    made = table.Table(request, saved.summary, headings, rows, proven, 250)
    asked = [explorer.questions[name] for name in saved.tags if name in explorer.questions]
    return table.answer(request, made, saved.name, "listing.html", saved=saved, asked=asked)


def compare(request: Request) -> Response:
    """Answer with two to four actors side by side; `actor=` is given for each, as a name, CURIE or IRI."""
    explorer, view = explorer_of(request), View.of(request)
    if comparison.QUESTION not in explorer.questions:
        raise HTTPException(404)
    given = [text.strip() for text in request.query_params.getlist("actor") if text.strip()] or comparison.EXAMPLE
    iris = map(terms.expand, given)
    names = [(iri and terms.label(explorer.store, iri)) or text for text, iri in zip(given, iris, strict=True)]
    problem, made, differ = "", None, bool(request.query_params.get("differ"))
    if len(given) != 1:  # a link from the page of an actor names one, and the reader adds the others
        try:
            ask = partial(saved_question.answer, request)
            found = comparison.of(explorer.dataset, explorer.root.queries, given, ask)
        except UsageError as error:
            problem = str(error)
        else:
            result = _differing(found.result) if differ else found.result
            if request.query_params.get("as") == "svg":
                drawn = pictures.comparison(result, found.sentence)
                return rendering.file("compare.svg", drawn, "image/svg+xml")
            headings, rows, _ = table.joined(view, result)
            compared = " and ".join([", ".join(headings[2:-1]), headings[-1]])
            made = table.Table(request, compared, headings, rows, "sources", 250)
    status = 400 if problem else 200
    return table.answer(request, made, "compare", "compare.html", status, names=names, problem=problem, differ=differ)


def _differing(result: QueryResult) -> QueryResult:
    """Choose the rows in which the actors differ."""
    at = [number for number, row in enumerate(result.rows) if len(set(row[3:])) > 1]
    return QueryResult(result.columns, tuple(result.rows[n] for n in at), tuple(result.citations[n] for n in at))


def matrix(request: Request) -> Response:
    """Answer with the matrix: an actor in each row, and in each cell what it submitted about a draft, in a phase or in a list."""
    view, kind = View.of(request), request.query_params.get("columns") or "drafts"
    if kind not in COLUMNS:
        raise HTTPException(404)
    columns, given = contributions(request, kind)
    actors = sorted({actor for actor, _ in given}, key=lambda actor: (terms.folded(view.label(actor)), actor))
    rows = [
        table.Row(((table.Cell(ox.NamedNode(actor)),), *(given.get((actor, column), ()) for column in columns)))
        for actor in actors
    ]
    title = f"Contributions by actor and {COLUMNS[kind]}"
    made = table.Table(request, title, ["actor", *map(view.label, columns)], rows)
    return table.answer(request, made, f"contributions-by-{kind}", "matrix.html", kind=kind, kinds=COLUMNS)


def contributions(request: Request, kind: str) -> tuple[list[str], dict[tuple[str, str], tuple[table.Cell, ...]]]:
    """Find what each actor submitted about each draft, in each phase or in each list: the columns, and the cells by actor and column."""
    rows = saved_question.listed(request, "contributions").rows
    names = {one: called(of_kind, printed) for one, of_kind, printed in (map(terms.text_of, row) for row in rows)}
    columns, cells = dict[str, None](), dict[tuple[str, str], tuple[table.Cell, ...]]()
    for row in saved_question.listed(request, f"matrix-{kind}").rows:
        actor, column, one = map(terms.text_of, row)
        columns[column] = None
        if actor:
            cell = table.Cell(ox.NamedNode(one), names.get(one, "contribution"))
            cells[actor, column] = (*cells.get((actor, column), ()), cell)
    return list(columns), cells


def called(kind: str, printed: str) -> str:
    """Name a contribution in a cell: as its line prints it, after its kind if that is only a number; else by its kind."""
    return f"{kind} {printed}" if printed.isdigit() else printed or kind
