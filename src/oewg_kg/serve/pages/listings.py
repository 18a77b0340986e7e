"""The pages that list things: states, stakeholders, drafts, votes, each the answer to a query in `queries/pages`."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import tables
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.pages import rendering, table
from oewg_kg.serve.pages.presentation import View


def listing(request: Request) -> Response:
    """Answer with the things that the path names, as a table and as the file that `as=` names."""
    explorer, view = explorer_of(request), View.of(request)
    saved = explorer.listings.get(request.url.path.rpartition("/")[2])
    if saved is None:
        raise HTTPException(404)
    result = saved_question.answer(request, saved, {})
    headings, rows = table.joined(view, result)
    proven = tables.cited_heading(result.citations) if any(result.citations) else ""
    if view.language != "en":
        rows.sort(key=lambda row: table.text_of(view, row.cells[0]))
    made = table.of(request, saved.summary, headings, rows, proven, 250)
    asked = [explorer.questions[name] for name in saved.tags if name in explorer.questions]
    return table.file(request, made, saved.name) or rendering.page(
        request, "listing.html", saved=saved, table=made, asked=asked
    )
