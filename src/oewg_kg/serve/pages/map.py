"""The map: one square for each state, shaded by its contributions, or by its place in a group or a vote; and the table behind it."""

from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.query import QueryResult
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import table
from oewg_kg.serve.pages.presentation import WORDS, View
from oewg_kg.vocabulary import OEWG

WITHOUT = {
    "contributions": ("map-contributions", "States by number of contributions"),
    "gge": ("map-experts", "Countries of the experts of the GGE 2019-2021"),
}
# What a map shows of a state: its color class, its sign, and words.
Shade = tuple[str, str, str]


def world(request: Request) -> Response:
    """Answer with the map of squares: who contributed, who has a GGE seat, a group's members, or a vote; and the table."""
    explorer, view = explorer_of(request), View.of(request)
    show = request.query_params.get("show") or "contributions"
    title, result = _shown(request, explorer, show)
    shades = {terms.text_of(state): _shade(terms.text_of(value)) for state, value in result.rows}
    cited = {terms.text_of(row[0]): lines for row, lines in zip(result.rows, result.citations, strict=True)}
    places = {
        iri: place for iri in explorer.members(OEWG + "State") if (place := squares().get(iri.rpartition("/")[2]))
    }
    states = sorted(places, key=lambda iri: (view.label(iri), iri))
    rows = [
        table.row([iri], iri.rpartition("/")[2], shades[iri][2], cited=cited[iri]) for iri in states if iri in shades
    ]
    values = {shade for shade in shades.values() if not shade[1].isdigit()}
    resolutions = {terms.text_of(quad.subject) for quad in explorer.quads(None, OEWG + "finalVote", None)}
    return table.answer(
        request,
        table.Table(request, title, ["state", "code", "shown"], rows, "sources"),
        "map",
        "map.html",
        title=title,
        legend=[_shade(value) for value in WORDS["map"]["values"] if _shade(value) in values]
        or [tuple(shade) for _, *shade in WORDS["map"]["numbers"]],
        squares={iri: (*places[iri], *shades.get(iri, ("", "", ""))) for iri in states},
        width=max((x for x, _ in squares().values()), default=0) + 1,
        height=max((y for _, y in squares().values()), default=0) + 1,
        show=show,
        choices={
            "Contributions to a draft": [
                (explorer.label(iri)[0], terms.compact(iri)) for iri in explorer.members(OEWG + "Draft")
            ],
            "Members": explorer.once("groups", table.groups),
            "Votes": sorted((explorer.label(iri)[0], terms.compact(iri)) for iri in resolutions),
        },
    )


@cache
def squares() -> dict[str, tuple[int, int]]:
    """Read the map as code (ISO 3166-1 alpha-3) -> column and row, counted from 0."""
    rows = WORDS["map"]["squares"].split()
    codes = {row[at : at + 3]: (at // 3, y) for y, row in enumerate(rows) for at in range(0, len(row), 3)}
    return {code: position for code, position in codes.items() if code != "___"}


def _shown(request: Request, explorer: Explorer, show: str) -> tuple[str, QueryResult]:
    """Answer the query of `queries/pages` for what is shown: `contributions`, `gge`, a draft, a group, or a resolution."""
    iri = "" if show in WITHOUT else terms.expand(show) or ""
    if show in WITHOUT:
        query, title = WITHOUT[show]
    elif not explorer.known(iri):
        raise HTTPException(404)
    elif iri in explorer.members(OEWG + "Draft"):
        query, title = "map-contributions", f"Contributions of states to the {explorer.label(iri)[0]}"
    elif explorer.values(iri, OEWG + "finalVote"):
        query, title = "map-votes", f"The vote on {explorer.label(iri)[0]}"
    else:
        query, title = "map-members", f"Members of {explorer.label(iri)[0]}"
    result = saved_question.listed(request, query, iri)
    if query == "map-members" and not result.rows:
        raise HTTPException(404)
    return title, result


def _shade(value: str) -> Shade:
    """Choose how a value is shown; numbers are shaded by their size."""
    if not value.isdigit():
        color, sign = WORDS["map"]["values"][value].split()
        return color, sign, value
    color = next(color for least, color, _, _ in WORDS["map"]["numbers"] if int(value) >= least)
    return color, value, f"{value} contribution{'s' * (value != '1')}"
