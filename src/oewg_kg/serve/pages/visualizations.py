"""The pages with pictures: the map of states, the network of actors that acted together, timelines."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oewg_kg import terms
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import figures, rendering, table
from oewg_kg.serve.pages import timeline as moments
from oewg_kg.serve.pages.presentation import View
from oewg_kg.serve.pages.things import has_timeline
from oewg_kg.serve.pages.tile_map import squares
from oewg_kg.vocabulary import OEWG, PREFIXES

STATE = PREFIXES["state"]
# For each value on a map: its color class, its sign, and words for the legend. Numbers are shaded by size.
SIGNS = {
    "in favour": ("yes", "+", "in favour"),
    "against": ("no", "−", "against"),
    "abstaining": ("part", "○", "abstaining"),
    "not voting": ("none", "·", "not voting"),
    "country of an expert": ("yes", "●", "country of an expert"),
    "current or former member": ("yes", "●", "current or former member"),
}
WITHOUT = {
    "contributions": ("map-contributions", "States by number of contributions"),
    "gge": ("map-experts", "Countries of the experts of the GGE 2019-2021"),
}
SHADES = (("yes", "4+", "four or more contributions"), ("mid", "2", "two or three"), ("part", "1", "one"))


@dataclass(frozen=True)
class Square:
    """One state on the map: its position, its color class, its sign, and what both mean in words."""

    iri: str
    code: str
    x: int
    y: int
    color: str
    sign: str
    told: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """What the map shows: its name and, for each state, color, sign, words and sources."""

    title: str
    legend: tuple[tuple[str, str, str], ...]
    states: Mapping[str, tuple[str, str, str, tuple[str, ...]]]


def world(request: Request) -> Response:
    """Answer with the map of squares: who contributed, who has a GGE seat, a group's members, or a vote; and the table."""
    explorer, view = explorer_of(request), View.of(request)
    show = request.query_params.get("show") or "contributions"
    layer = _layer(request, explorer, show)
    places = squares()
    found = []
    for iri in explorer.members(OEWG + "State"):
        code = iri.removeprefix(STATE)
        if code in places:
            color, sign, words, lines = layer.states.get(iri, ("", "", "", ()))
            x, y = places[code]
            found.append(Square(iri, code, x, y, color, sign, words, lines))
    found.sort(key=lambda square: (view.label(square.iri), square.code))
    width = max((x for x, _ in places.values()), default=0) + 1
    height = max((y for _, y in places.values()), default=0) + 1
    resolutions = {terms.text_of(quad.subject) for quad in explorer.quads(None, OEWG + "finalVote", None)}
    rows = [
        table.Row((_cell(s.iri), (table.Cell(ox.Literal(s.code)),), (table.Cell(ox.Literal(s.told)),)), s.lines)
        for s in found
        if s.told
    ]
    made = table.of(request, layer.title, ["state", "code", "shown"], rows, "sources")
    return table.file(request, made, "map") or rendering.page(
        request,
        "map.html",
        table=made,
        layer=layer,
        squares=found,
        width=width,
        height=height,
        show=show,
        choices={
            "Contributions to a draft": [
                (explorer.label(iri)[0], terms.compact(iri)) for iri in explorer.members(OEWG + "Draft")
            ],
            "Members": [(label, curie) for label, curie in explorer.once("groups", table.groups)],
            "Votes": sorted((explorer.label(iri)[0], terms.compact(iri)) for iri in resolutions),
        },
    )


def _cell(*iris: str) -> tuple[table.Cell, ...]:
    return tuple(table.Cell(ox.NamedNode(iri)) for iri in iris)


def _layer(request: Request, explorer: Explorer, show: str) -> Layer:
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
    result = table.listed(request, query, iri)
    if query == "map-members" and not result.rows:
        raise HTTPException(404)
    states = {}
    for (state, value), lines in zip(result.rows, result.citations, strict=True):
        text = terms.text_of(value)
        color, sign, words = SIGNS.get(text) or _shade(int(text))
        states[terms.text_of(state)] = (color, sign, words, lines)
    used = {words for _, _, words, _ in states.values()}
    legend = tuple(one for one in SIGNS.values() if one[2] in used) or SHADES
    return Layer(title, legend, states)


def _shade(count: int) -> tuple[str, str, str]:
    return SHADES[0 if count > 3 else 1 if count > 1 else 2][0], str(count), f"{count} contribution{'s' * (count > 1)}"


def network(request: Request) -> Response:
    """Answer with the network of side events and joint contributions, and the table behind it."""
    explorer, view = explorer_of(request), View.of(request)
    found = table.listed(request, "network")
    pairs = [(terms.text_of(event), terms.text_of(actor)) for event, actor in found.rows]
    label = {iri: view.label(iri) for pair in pairs for iri in pair}
    actors: dict[str, list[str]] = {}
    cited: dict[str, dict[str, None]] = {}
    for (event, actor), lines in sorted(zip(pairs, found.citations, strict=True), key=lambda one: label[one[0][1]]):
        actors.setdefault(event, []).append(actor)
        cited.setdefault(event, {}).update(dict.fromkeys(lines))
    picture = figures.network(pairs, label)
    numbers = _numbers(explorer, [spot.iri for spot in picture.inner])
    listed = [
        table.Row(((table.Cell(ox.Literal(numbers[event])),), _cell(event), _cell(*actors[event])), tuple(cited[event]))
        for event in sorted(actors, key=lambda event: (len(numbers[event]), numbers[event]))
    ]
    title = explorer.listings["network"].summary
    made = table.of(request, title, ["no.", "event or contribution", "actors"], listed, "source lines")
    return table.file(request, made, "network") or rendering.page(
        request, "network.html", picture=picture, table=made, numbers=numbers
    )


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
    picture = figures.timeline(title, found)
    return rendering.page(request, "timeline.html", iri=iri, picture=picture, undated=undated, processes=others)
