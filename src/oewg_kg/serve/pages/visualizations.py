"""The pages of pictures: the map of states, the network of actors that acted together, timelines."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oewg_kg import terms
from oewg_kg.dataset import select
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import figures, matrix, rendering, table
from oewg_kg.serve.pages import timeline as moments
from oewg_kg.serve.pages.presentation import View
from oewg_kg.serve.pages.things import has_timeline
from oewg_kg.serve.pages.tile_map import squares
from oewg_kg.vocabulary import OEWG, PREFIXES

STATE = PREFIXES["state"]
SIGNS = {"voterInFavor": ("yes", "+", "in favour"), "voterAgainst": ("no", "−", "against")}
SIGNS |= {"voterAbstaining": ("part", "○", "abstaining"), "voterNotVoting": ("none", "·", "not voting")}


@dataclass(frozen=True)
class Square:
    """One state on the map: its place, the class of its color, its sign, and in words what both mean."""

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
    """What the map shows: its name and, for each state, color, sign, words and places that say so."""

    title: str
    legend: tuple[tuple[str, str, str], ...]
    states: Mapping[str, tuple[str, str, str, tuple[str, ...]]]


def world(request: Request) -> Response:
    """Answer with the map of squares: who contributed, who has a GGE seat, a group's members, or a vote; and the table."""
    explorer, view = explorer_of(request), View.of(request)
    show = request.query_params.get("show") or "contributions"
    layer = _layer(explorer, show)
    places = squares()
    found = []
    for iri in explorer.members(OEWG + "State"):
        code = iri.removeprefix(STATE)
        if code in places:
            color, sign, told, lines = layer.states.get(iri, ("", "", "", ()))
            x, y = places[code]
            found.append(Square(iri, code, x, y, color, sign, told, lines))
    found.sort(key=lambda square: (view.label(square.iri), square.code))
    width = max((x for x, _ in places.values()), default=0) + 1
    height = max((y for _, y in places.values()), default=0) + 1
    resolutions = {terms.text_of(quad.subject) for quad in explorer.quads(None, OEWG + "finalVote", None)}
    drafts = explorer.members(OEWG + "Draft")
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
            "Contributions to a draft": [(explorer.label(iri)[0], terms.compact(iri)) for iri in drafts],
            "Members": [(label, curie) for label, curie, _ in sorted(matrix.groups(explorer))],
            "Votes": sorted((explorer.label(iri)[0], terms.compact(iri)) for iri in resolutions),
        },
    )


def _cell(*iris: str) -> tuple[table.Cell, ...]:
    return tuple(table.Cell(ox.NamedNode(iri)) for iri in iris)


def _layer(explorer: Explorer, show: str) -> Layer:
    if show == "contributions":
        return _contributions(explorer, "")
    if show == "gge":
        seats = {}
        for quad in explorer.quads(None, OEWG + "country", None):
            lines = moments.explorer_lines(explorer, terms.text_of(quad.subject), OEWG + "country")
            seats[terms.text_of(quad.object)] = ("yes", "●", "country of an expert", lines)
        return Layer("Countries of the experts of the GGE 2019-2021", (("yes", "●", "country of an expert"),), seats)
    iri = terms.expand(show) or ""
    if not explorer.known(iri):
        raise HTTPException(404)
    name = explorer.label(iri)[0]
    members = matrix.members(explorer, iri)
    if members:
        told = {one: ("yes", "●", "current or former member", lines) for one, lines in members.items()}
        return Layer(f"Members of {name}", (("yes", "●", "current or former member"),), told)
    if iri in explorer.members(OEWG + "Draft"):
        return _contributions(explorer, iri)
    states = {}
    for call, (predicate, (color, sign, words)) in product(explorer.values(iri, OEWG + "finalVote"), SIGNS.items()):
        for state in explorer.values(call, OEWG + predicate):
            states[state] = (color, sign, words, moments.explorer_lines(explorer, call, OEWG + predicate, state))
    if not states:
        raise HTTPException(404)
    return Layer(f"The vote on {name}", tuple(SIGNS.values()), states)


def _contributions(explorer: Explorer, draft: str) -> Layer:
    """Count the contributions of each state: on one draft where one is named, else all."""
    on_draft = (
        {quad.subject for quad in explorer.quads(None, OEWG + "addresses", ox.NamedNode(draft))} if draft else set()
    )
    counts: dict[str, set[str]] = {}
    lines: dict[str, set[str]] = {}
    for quad in explorer.store.quads_for_pattern(None, ox.NamedNode(OEWG + "submittedBy"), None):
        actor = terms.text_of(quad.object)
        if not actor.startswith(STATE) or (draft and quad.subject not in on_draft):
            continue
        if isinstance(quad.graph_name, ox.NamedNode):
            lines.setdefault(actor, set()).add(quad.graph_name.value)
        else:
            counts.setdefault(actor, set()).add(terms.text_of(quad.subject))
    states = {}
    for actor, given in counts.items():
        color = "yes" if len(given) > 3 else "mid" if len(given) > 1 else "part"
        told = f"{len(given)} contribution{'s' if len(given) > 1 else ''}"
        states[actor] = (color, str(len(given)), told, tuple(sorted(lines.get(actor, ()), key=terms.line_order)))
    legend = (("yes", "4+", "four or more contributions"), ("mid", "2", "two or three"), ("part", "1", "one"))
    title = (
        f"Contributions of states to the {explorer.label(draft)[0]}" if draft else "States by number of contributions"
    )
    return Layer(title, legend, states)


NETWORK = f"""SELECT DISTINCT ?event ?actor ?line WHERE {{
    {{ ?event <{OEWG}coHostedBy> ?actor GRAPH ?line {{ ?event <{OEWG}coHostedBy> ?actor }} }}
    UNION
    {{ ?event <{OEWG}submittedBy> ?actor , ?other FILTER (?actor != ?other)
       GRAPH ?line {{ ?event <{OEWG}submittedBy> ?actor }} }}
}}"""


def network(request: Request) -> Response:
    """Answer with the network of side events and joint contributions, and the table behind it."""
    explorer, view = explorer_of(request), View.of(request)
    proof: dict[tuple[str, str], list[str]] = {}
    for row in select(explorer.store, NETWORK):
        pair = (terms.text_of(row["event"]), terms.text_of(row["actor"]))
        proof.setdefault(pair, []).append(terms.text_of(row["line"]))
    label = {iri: view.label(iri) for pair in proof for iri in pair}
    rows: dict[str, list[tuple[str, list[str]]]] = {}
    for (event, actor), lines in sorted(proof.items(), key=lambda item: (item[0][0], label[item[0][1]])):
        rows.setdefault(event, []).append((actor, sorted(lines, key=terms.line_order)))
    picture = figures.network(list(proof), label)
    numbers = _numbers(explorer, [spot.iri for spot in picture.inner])
    listed = [
        table.Row(
            ((table.Cell(ox.Literal(numbers[event])),), _cell(event), _cell(*(actor for actor, _ in actors))),
            tuple(dict.fromkeys(line for _, lines in actors for line in lines)),
        )
        for event, actors in sorted(rows.items(), key=lambda row: (len(numbers[row[0]]), numbers[row[0]]))
    ]
    title = "Side events and joint contributions, and their hosts or authors"
    made = table.of(request, title, ["no.", "event or contribution", "actors"], listed, "source lines")
    return table.file(request, made, "network") or rendering.page(
        request, "network.html", picture=picture, table=made, numbers=numbers
    )


def _numbers(explorer: Explorer, events: list[str]) -> dict[str, str]:
    """Give each side event the number that its page gives it, and letters to what has none."""
    given = {iri: "".join(explorer.values(iri, OEWG + "ordinal")[:1]) for iri in events}
    letters = iter("abcdefghijklmnopqrstuvwxyz" * 9)
    return {iri: number or next(letters) for iri, number in given.items()}


def processes(request: Request) -> Response:
    """Answer with all processes on one timeline."""
    explorer = explorer_of(request)
    found = [one for one in explorer.members(OEWG + "Process") if moments.of_process(explorer, one)]
    picture = figures.timeline("The processes, their sessions, drafts and resolutions", moments.of_all(explorer))
    return rendering.page(request, "timeline.html", iri="", picture=picture, undated=[], processes=found)


def timeline(request: Request) -> Response:
    """Answer with the timeline of a process, or of an actor."""
    explorer, path = explorer_of(request), request.path_params["path"]
    iri = explorer.of_path(path if "/" in path else f"process/{path}")
    if (moved := terms.current(explorer.store, iri)) != iri:
        return RedirectResponse(quote(moved.rpartition("/")[2]), 301)
    if not explorer.known(iri) or not has_timeline(explorer, iri):
        raise HTTPException(404)
    undated: list[str] = []
    processes: list[str] = []
    if iri.startswith(PREFIXES["process"]):
        found = moments.of_process(explorer, iri)
        processes = [one for one in explorer.members(OEWG + "Process") if moments.of_process(explorer, one)]
    else:
        found, undated = moments.of_actor(explorer, iri)
    picture = figures.timeline(f"Timeline of {explorer.label(iri)[0]}", found)
    return rendering.page(request, "timeline.html", iri=iri, picture=picture, undated=undated, processes=processes)
