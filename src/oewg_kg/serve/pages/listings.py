"""The pages that list things (states, stakeholders, drafts, votes), each by a query in `queries/pages`; and the comparison of actors."""

from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import tables, terms
from oewg_kg.errors import UsageError
from oewg_kg.measures import comparison, pictures
from oewg_kg.query import QueryResult
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.pages import rendering, table
from oewg_kg.serve.pages.presentation import View


def listing(request: Request) -> Response:
    """Answer with the list that the path names, as a table or as the file that `as=` names."""
    explorer, view = explorer_of(request), View.of(request)
    saved = explorer.listings.get(request.url.path.rpartition("/")[2])
    if saved is None:
        raise HTTPException(404)
    result = table.listed(request, saved.name)
    headings, rows = table.joined(view, result)
    proven = tables.cited_heading(result.citations) if any(result.citations) else ""
    if view.language != "en":
        rows.sort(key=lambda row: table.text_of(view, row.cells[0]))
    made = table.of(request, saved.summary, headings, rows, proven, 250)
    asked = [explorer.questions[name] for name in saved.tags if name in explorer.questions]
    return table.file(request, made, saved.name) or rendering.page(
        request, "listing.html", saved=saved, table=made, asked=asked
    )


def compare(request: Request) -> Response:
    """Answer with two to four actors side by side; `actor=` is given for each, as a name, CURIE or IRI."""
    explorer, view = explorer_of(request), View.of(request)
    if comparison.QUESTION not in explorer.questions:
        raise HTTPException(404)
    given = [text.strip() for text in request.query_params.getlist("actor") if text.strip()]
    iris = [terms.expand(text) or "" for text in given]
    names = [
        (explorer.known(iri) and terms.label(explorer.store, iri)) or text
        for text, iri in zip(given, iris, strict=True)
    ]
    problem, made, differ = "", None, bool(request.query_params.get("differ"))
    if len(given) != 1:  # a link from the page of an actor names one, and the reader adds the others
        try:
            ask = partial(saved_question.answer, request)
            found = comparison.of(explorer.dataset, explorer.root.queries, given or comparison.EXAMPLE, ask)
        except UsageError as error:
            problem = str(error)
        else:
            result = _differing(found.result) if differ else found.result
            if request.query_params.get("as") == "svg":
                drawn = pictures.comparison(result, found.sentence)
                return rendering.file("compare.svg", drawn, "image/svg+xml")
            headings, rows = table.joined(view, result)
            made = table.of(request, ", ".join(headings[2:]), headings, rows, "sources", 250)
    return (made and table.file(request, made, "compare")) or rendering.page(
        request, "compare.html", 400 if problem else 200, names=names, problem=problem, table=made, differ=differ
    )


def _differing(result: QueryResult) -> QueryResult:
    """Choose the rows in which the actors differ."""
    at = [number for number, row in enumerate(result.rows) if len(set(row[3:])) > 1]
    return QueryResult(result.columns, tuple(result.rows[n] for n in at), tuple(result.citations[n] for n in at))
