"""The network of actors that hosted side events together or contributed jointly: the page, and where everything is on it."""

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

FAR, NEAR = 270.0, 150.0  # the circles of the actors and of the events
LETTER = 6.4  # the width of a letter in pixels


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
    picture = Network.of(actors, label)
    # Side events have their number on the source page, and other entries letters.
    letters = iter("abcdefghijklmnopqrstuvwxyz" * 9)
    numbers = {
        spot.iri: "".join(explorer.values(spot.iri, OEWG + "ordinal")[:1]) or next(letters) for spot in picture.inner
    }
    rows = [
        table.row(numbers[event], [event], actors[event], cited=tuple(cited[event]))
        for event in sorted(actors, key=lambda event: (len(numbers[event]), numbers[event]))
    ]
    title = explorer.listings["network"].summary
    made = table.Table(request, title, ["no.", "event or contribution", "actors"], rows, "source lines")
    return table.answer(request, made, "network", "network.html", picture=picture, numbers=numbers)


@dataclass(frozen=True)
class Spot:
    """One node of a network: its position, and how its name is rotated."""

    iri: str
    x: float
    y: float
    turn: float
    anchor: str

    @classmethod
    def at(cls, iri: str, angle: float, radius: float) -> "Spot":
        """Put a node on a circle, its name legible from below."""
        place, left = cmath.rect(radius, angle), math.cos(angle) < 0
        turn = math.degrees(angle) % 360 - (180 if left else 0)
        return cls(iri, round(place.real, 1), round(place.imag, 1), round(turn, 1), "end" if left else "start")


@dataclass(frozen=True)
class Network:
    """Actors on a circle, their joint events on a circle inside it, and a line for each participation; the box is x, y, width, height."""

    box: tuple[int, int, int, int]
    outer: tuple[Spot, ...]
    inner: tuple[Spot, ...]
    ties: tuple[tuple[float, float, float, float], ...]

    @classmethod
    def of(cls, together: Mapping[str, Sequence[str]], label: Mapping[str, str]) -> "Network":
        """Lay out the actors of each event: actors ordered so that partners are close, events in the middle of their actors."""
        order = list(dict.fromkeys(actor for event in sorted(together) for actor in together[event]))
        angles = {actor: math.tau * at / len(order) for at, actor in enumerate(order)}
        middle = {e: cmath.phase(sum(cmath.rect(1, angles[a]) for a in actors)) for e, actors in together.items()}
        events = sorted(together, key=lambda event: (middle[event], event))
        outer = {actor: Spot.at(actor, angle, FAR) for actor, angle in angles.items()}
        inner = {
            event: Spot.at(event, middle[events[0]] + math.tau * at / len(events), NEAR)
            for at, event in enumerate(events)
        }
        ties = [
            (inner[event].x, inner[event].y, outer[actor].x, outer[actor].y)
            for event in sorted(together)
            for actor in sorted(set(together[event]))
        ]
        # The names go outward from the circle.
        ends = [cmath.rect(FAR + 24 + LETTER * len(label[actor]), angle) for actor, angle in angles.items()] or [0j]
        left, right = math.floor(min(end.real for end in ends)), math.ceil(max(end.real for end in ends))
        top, bottom = math.floor(min(end.imag for end in ends)), math.ceil(max(end.imag for end in ends))
        box = (left, top, right - left, bottom - top)
        return cls(box, tuple(outer.values()), tuple(inner.values()), tuple(ties))
