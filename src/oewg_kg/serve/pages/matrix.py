"""The page with the matrix: who submitted what kind of text about which draft, in which phase, or in which list."""

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import rendering, table
from oewg_kg.serve.pages.presentation import View
from oewg_kg.vocabulary import OEWG

COLUMNS = {"drafts": "drafts", "phases": "phases", "lists": "lists on the pages"}


def matrix(request: Request) -> Response:
    """Answer with the matrix: an actor in each row, and in each cell what it submitted about a draft, in a phase or in a list."""
    explorer, view = explorer_of(request), View.of(request)
    kind = request.query_params.get("columns") or "drafts"
    if kind not in COLUMNS:
        raise HTTPException(404)
    cells: dict[str, dict[str, list[str]]] = {}
    columns: dict[str, None] = {}
    for row in table.listed(request, f"matrix-{kind}").rows:
        actor, column, contribution = map(terms.text_of, row)
        columns[column] = None
        if actor:
            cells.setdefault(actor, {}).setdefault(column, []).append(contribution)
    actors = sorted(cells, key=lambda a: (terms.folded(view.label(a)), a))
    named = explorer.once("words", words)
    rows = [
        table.Row(
            (
                (table.Cell(ox.NamedNode(actor)),),
                *(
                    tuple(
                        table.Cell(ox.NamedNode(one), named.get(one, "contribution"))
                        for one in sorted(cells[actor].get(column, ()))
                    )
                    for column in columns
                ),
            )
        )
        for actor in actors
    ]
    made = table.of(request, f"Contributions by actor and {COLUMNS[kind]}", ["actor", *map(view.label, columns)], rows)
    return table.file(request, made, f"contributions-by-{kind}") or rendering.page(
        request, "matrix.html", kind=kind, kinds=COLUMNS, table=made
    )


def words(explorer: Explorer) -> dict[str, str]:
    """Find the short name of each contribution: its label in the source, with its kind if that is only a number; else its kind."""
    found = {}
    for quad in explorer.quads(None, OEWG + "kind", None):
        found[terms.text_of(quad.subject)] = explorer.label(terms.text_of(quad.object))[0]
    printed: dict[str, str] = {}
    for quad in explorer.quads(None, OEWG + "labelInSource", None):
        subject, text = terms.text_of(quad.subject), terms.text_of(quad.object)
        printed[subject] = min(printed.get(subject, text), text)
    return found | {
        one: f"{found.get(one, '')} {text}".strip() if text.isdigit() else text for one, text in printed.items()
    }
