"""The matrix: who submitted what kind of text on which draft, in which phase, or in which list."""

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.dataset import select
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import rendering, table, timeline
from oewg_kg.serve.pages.presentation import View
from oewg_kg.vocabulary import OEWG, PREFIXES

COLUMNS = {"drafts": "drafts", "phases": "phases", "lists": "lists on the pages"}
ORG, RDFS = PREFIXES["org"], PREFIXES["rdfs"]
NOT_STATED = OEWG + "TargetNotStated"
CELLS = {
    "drafts": f"""SELECT DISTINCT ?actor ?column ?contribution WHERE {{
    ?contribution <{OEWG}submittedBy> ?actor ; <{OEWG}addresses> ?column . ?column a <{OEWG}Draft> }}""",
    "phases": f"""SELECT DISTINCT ?actor ?column ?contribution WHERE {{
    ?contribution <{OEWG}submittedBy> ?actor .
    OPTIONAL {{ ?contribution <{OEWG}addresses> ?draft . ?draft a <{OEWG}Draft> }}
    OPTIONAL {{ ?contribution <{OEWG}ofEvent> ?event }}
    OPTIONAL {{ ?contribution <{OEWG}listedIn> ?list }}
    BIND (COALESCE(?draft, ?event, ?list) AS ?column) FILTER (BOUND(?column)) }}""",
    "lists": f"""SELECT DISTINCT ?actor ?column ?contribution WHERE {{
    ?contribution <{OEWG}submittedBy> ?actor ; <{OEWG}listedIn> ?column }}""",
}
ORDER = f"""SELECT ?column (MIN(?one) AS ?date) WHERE {{
    {{ ?column a <{OEWG}Draft> OPTIONAL {{ ?column <{PREFIXES["dcterms"]}date> ?one }} }}
    UNION {{ ?column a <{OEWG}Event> ; <{OEWG}heldStart>|<{OEWG}plannedStart> ?one }} }} GROUP BY ?column"""


def matrix(request: Request) -> Response:
    """Answer with the matrix: an actor in each row, and in each cell what it gave on a draft, in a phase or in a list."""
    explorer, view = explorer_of(request), View.of(request)
    kind = request.query_params.get("columns") or "drafts"
    if kind not in COLUMNS:
        raise HTTPException(404)
    cells: dict[str, dict[str, list[str]]] = {}
    for row in select(explorer.store, CELLS[kind]):
        actor, column, contribution = (terms.text_of(row[name]) for name in ("actor", "column", "contribution"))
        cells.setdefault(actor, {}).setdefault(column, []).append(contribution)
    actors = sorted(cells, key=lambda a: (terms.folded(view.label(a)), a))
    columns, named = _columns(explorer, kind, {column for actor in actors for column in cells[actor]}), words(explorer)
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
        request, "matrix.html", kind=kind, kinds=COLUMNS, table=made, unstated=_unstated(explorer, actors)
    )


def _columns(explorer: Explorer, kind: str, used: set[str]) -> list[str]:
    """Order the columns: drafts and events by their first day, then what has none; of drafts also those without any cell."""
    days = {row["column"].value: terms.text_of(row["date"]) for row in select(explorer.store, ORDER)}
    shown = used | set(explorer.members(OEWG + "Draft")) if kind == "drafts" else used
    lists = set(explorer.members(OEWG + "List"))
    return sorted(shown, key=lambda iri: (days.get(iri) or "9999", iri in lists, explorer.label(iri)[0], iri))


def groups(explorer: Explorer) -> list[tuple[str, str, str]]:
    """List the groups whose members are known: label, CURIE, IRI."""
    found = {terms.text_of(quad.object) for quad in explorer.quads(None, ORG + "organization", None)}
    found |= {terms.text_of(quad.subject) for quad in explorer.quads(None, ORG + "hasMember", None)}
    return [(explorer.label(iri)[0], terms.compact(iri), iri) for iri in found]


def members(explorer: Explorer, group: str) -> dict[str, tuple[str, ...]]:
    """Find who is, or was at some time, a member of a group, and the graphs that state it."""
    found = {}
    for member in explorer.values(group, ORG + "hasMember"):
        found[member] = timeline.explorer_lines(explorer, group, ORG + "hasMember", member)
    for quad in explorer.quads(None, ORG + "organization", ox.NamedNode(group)):
        membership = terms.text_of(quad.subject)
        for member in explorer.values(membership, ORG + "member"):
            found[member] = timeline.explorer_lines(explorer, membership, ORG + "member")
    return found


def words(explorer: Explorer) -> dict[str, str]:
    """Find the short name of each contribution: its label in the source, with its kind where that is a mere number; else its kind."""
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


def _unstated(explorer: Explorer, actors: list[str]) -> int:
    """Count the contributions of these actors that name no document."""
    silent = {
        terms.text_of(quad.subject) for quad in explorer.quads(None, OEWG + "addresses", ox.NamedNode(NOT_STATED))
    }
    wanted = set(actors)
    return sum(
        1
        for quad in explorer.quads(None, OEWG + "submittedBy", None)
        if terms.text_of(quad.subject) in silent and terms.text_of(quad.object) in wanted
    )
