"""The pages with pictures: the map of states, the network of actors that acted together, timelines."""

from functools import cache
from urllib.parse import quote

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oewg_kg import terms
from oewg_kg.query import QueryResult
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import figures, rendering, table
from oewg_kg.serve.pages import timeline as moments
from oewg_kg.serve.pages.presentation import WORDS, View
from oewg_kg.serve.pages.things import has_timeline
from oewg_kg.vocabulary import OEWG, PREFIXES

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
        table.Row((_cell(iri), _text(iri.rpartition("/")[2]), _text(shades[iri][2])), cited[iri])
        for iri in states
        if iri in shades
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


def _cell(*iris: str) -> tuple[table.Cell, ...]:
    return tuple(table.Cell(ox.NamedNode(iri)) for iri in iris)


def _text(text: str) -> tuple[table.Cell, ...]:
    return (table.Cell(ox.Literal(text)),)


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


def network(request: Request) -> Response:
    """Answer with the network of side events and joint contributions, and the table behind it."""
    explorer, view = explorer_of(request), View.of(request)
    found = saved_question.listed(request, "network")
    pairs = [(terms.text_of(event), terms.text_of(actor)) for event, actor in found.rows]
    label = {iri: view.label(iri) for pair in pairs for iri in pair}
    actors: dict[str, list[str]] = {}
    cited: dict[str, dict[str, None]] = {}
    for (event, actor), lines in sorted(zip(pairs, found.citations, strict=True), key=lambda one: label[one[0][1]]):
        actors.setdefault(event, []).append(actor)
        cited.setdefault(event, {}).update(dict.fromkeys(lines))
    picture = figures.network(actors, label)
    numbers = _numbers(explorer, [spot.iri for spot in picture.inner])
    rows = [
        table.Row((_text(numbers[event]), _cell(event), _cell(*actors[event])), tuple(cited[event]))
        for event in sorted(actors, key=lambda event: (len(numbers[event]), numbers[event]))
    ]
    title = explorer.listings["network"].summary
    made = table.Table(request, title, ["no.", "event or contribution", "actors"], rows, "source lines")
    return table.answer(request, made, "network", "network.html", picture=picture, numbers=numbers)


def _numbers(explorer: Explorer, events: list[str]) -> dict[str, str]:
    """Label each side event by its number on the source page, and other entries by letters."""
    given = {iri: "".join(explorer.values(iri, OEWG + "ordinal")[:1]) for iri in events}
    letters = iter("abcdefghijklmnopqrstuvwxyz" * 9)
    return {iri: number or next(letters) for iri, number in given.items()}


def timeline(request: Request) -> Response:
    """Answer with the timeline of a process or an actor, or of all processes if the path names none."""
    explorer, path = explorer_of(request), request.path_params.get("path", "")
    title, iri, undated = "The processes, their sessions, drafts and resolutions", "", list[str]()
    if not path:
        found = moments.of_all(explorer)
    else:
        iri = explorer.of_path(path if "/" in path else f"process/{path}")
        if (moved := terms.current(explorer.store, iri)) != iri:
            return RedirectResponse(quote(moved.rpartition("/")[2]), 301)
        if not explorer.known(iri) or not has_timeline(explorer, iri):
            raise HTTPException(404)
        title = f"Timeline of {explorer.label(iri)[0]}"
        if iri.startswith(PREFIXES["process"]):
            found = moments.of_process(explorer, iri)
        else:
            found, undated = moments.of_actor(explorer, iri)
    others = explorer.once("processes", moments.processes)
    picture = found and figures.Timeline(title, found)
    return rendering.page(request, "timeline.html", iri=iri, picture=picture, undated=undated, processes=others)
