"""The matrix: who submitted what kind of text about which draft, in which phase, or in which list."""

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import table
from oewg_kg.serve.pages.presentation import View
from oewg_kg.vocabulary import OEWG

COLUMNS = {"drafts": "drafts", "phases": "phases", "lists": "lists on the pages"}


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
    named = explorer_of(request).once("words", words)
    columns, cells = dict[str, None](), dict[tuple[str, str], tuple[table.Cell, ...]]()
    for row in saved_question.listed(request, f"matrix-{kind}").rows:
        actor, column, one = map(terms.text_of, row)
        columns[column] = None
        if actor:
            cell = table.Cell(ox.NamedNode(one), named.get(one, "contribution"))
            cells[actor, column] = (*cells.get((actor, column), ()), cell)
    return list(columns), cells


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
