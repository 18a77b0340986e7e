"""The page of the network: actors on a circle, tied to the side events they co-hosted and their joint contributions; and its table."""

import cmath
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import terms
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import explorer_of
from oewg_kg.serve.pages import table
from oewg_kg.serve.pages.presentation import View
from oewg_kg.vocabulary import OEWG

ACTOR_RADIUS, EVENT_RADIUS = 270.0, 150.0  # the circles of the actors and of the events
LETTER_WIDTH = 6.4  # the width of a letter in pixels


def network_page(request: Request) -> Response:
    """Answer with the network of side events and joint contributions, and the table behind it."""
    explorer, view = explorer_of(request), View.of(request)
    result = saved_question.listed(request, "network")
    pairs = [(terms.text_of(event), terms.text_of(actor)) for event, actor in result.rows]
    labels = {iri: view.label(iri) for pair in pairs for iri in pair}
    actors_of_event: dict[str, list[str]] = {}
    lines_of_event: dict[str, dict[str, None]] = {}
    for (event, actor), lines in sorted(zip(pairs, result.citations, strict=True), key=lambda tie: labels[tie[0][1]]):
        actors_of_event.setdefault(event, []).append(actor)
        lines_of_event.setdefault(event, {}).update(dict.fromkeys(lines))
    picture = Network.of(actors_of_event, labels)
    # Side events have their number on the source page, and other entries letters.
    letters = iter("abcdefghijklmnopqrstuvwxyz" * 9)
    numbers = {
        node.iri: "".join(explorer.values(node.iri, OEWG + "ordinal")[:1]) or next(letters) for node in picture.events
    }
    rows = [
        table.row(numbers[event], [event], actors_of_event[event], sources=tuple(lines_of_event[event]))
        for event in sorted(actors_of_event, key=lambda event: (len(numbers[event]), numbers[event]))
    ]
    title = explorer.listings["network"].summary
    event_table = table.Table(request, title, ["no.", "event or contribution", "actors"], rows, "source lines")
    return table.respond(request, event_table, "network", "network.html", picture=picture, numbers=numbers)


@dataclass(frozen=True)
class Node:
    """One node of a network: its position, and how its name is rotated."""

    iri: str
    x: float
    y: float
    rotation: float
    anchor: str

    @classmethod
    def on_circle(cls, iri: str, angle: float, radius: float) -> "Node":
        """Put a node on a circle, its name legible from below."""
        point, left = cmath.rect(radius, angle), math.cos(angle) < 0
        rotation = math.degrees(angle) % 360 - (180 if left else 0)
        return cls(iri, round(point.real, 1), round(point.imag, 1), round(rotation, 1), "end" if left else "start")


@dataclass(frozen=True)
class Network:
    """Actors on a circle, their joint events on a circle inside it, and a line for each participation; the box is x, y, width, height."""

    box: tuple[int, int, int, int]
    actors: tuple[Node, ...]
    events: tuple[Node, ...]
    ties: tuple[tuple[float, float, float, float], ...]

    @classmethod
    def of(cls, tied_actors: Mapping[str, Sequence[str]], labels: Mapping[str, str]) -> "Network":
        """Lay out the actors of each event: actors ordered so that partners are close, events in the middle of their actors."""
        actors = list(dict.fromkeys(actor for event in sorted(tied_actors) for actor in tied_actors[event]))
        angles = {actor: math.tau * index / len(actors) for index, actor in enumerate(actors)}
        phase = {event: cmath.phase(sum(cmath.rect(1, angles[a]) for a in tied)) for event, tied in tied_actors.items()}
        events = sorted(tied_actors, key=lambda event: (phase[event], event))
        actor_nodes = {actor: Node.on_circle(actor, angle, ACTOR_RADIUS) for actor, angle in angles.items()}
        event_nodes = {
            event: Node.on_circle(event, phase[events[0]] + math.tau * index / len(events), EVENT_RADIUS)
            for index, event in enumerate(events)
        }
        ties = [
            (event_nodes[event].x, event_nodes[event].y, actor_nodes[actor].x, actor_nodes[actor].y)
            for event in sorted(tied_actors)
            for actor in sorted(set(tied_actors[event]))
        ]
        # The names go outward from the circle.
        lengths = {actor: LETTER_WIDTH * len(labels[actor]) for actor in actors}
        ends = [cmath.rect(ACTOR_RADIUS + 24 + lengths[actor], angles[actor]) for actor in actors] or [0j]
        left, right = math.floor(min(end.real for end in ends)), math.ceil(max(end.real for end in ends))
        top, bottom = math.floor(min(end.imag for end in ends)), math.ceil(max(end.imag for end in ends))
        box = (left, top, right - left, bottom - top)
        return cls(box, tuple(actor_nodes.values()), tuple(event_nodes.values()), tuple(ties))
