"""Compute where things are in a picture: dates and lanes of a timeline, the circle of a network. Templates draw them."""

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, LANE, NARROW = 1000, 34, 12
LETTER = 6.4  # the width of a letter in pixels


@dataclass(frozen=True)
class Moment:
    """An entry with a date: its lane, first and last day, sign, and its text in the table."""

    iri: str
    lane: str
    start: str
    end: str
    sign: str
    title: str
    status: str
    lines: tuple[str, ...]
    moved_from: str = ""


class Timeline:
    """Moments on one axis of time, lane by lane in order of first appearance."""

    def __init__(self, title: str, moments: Sequence[Moment]) -> None:
        """Choose the scale."""
        self.title, self.width = title, WIDTH
        self.lanes = {name: [m for m in moments if m.lane == name] for name in dict.fromkeys(m.lane for m in moments)}
        self.rows = sorted(moments, key=lambda m: (m.start, m.end, m.title))
        self.height = 36 + len(self.lanes) * LANE - LANE // 2 + 4
        self.left = round(20 + LETTER * max(map(len, self.lanes)))  # a phone shows little but the names of wide lanes
        days = [_day(text) for m in moments for text in (m.start, m.end, m.moved_from) if text]
        self._start, self._end = max(min(days) - 20, 1), max(days) + 30
        self._span = max(self._end - self._start, 60)

    def x(self, text: str) -> float:
        """Place a date (`2020-04-27`) between left and right."""
        return round(self.left + (_day(text) - self._start) / self._span * (WIDTH - self.left - NARROW), 1)

    @property
    def years(self) -> list[tuple[float, int]]:
        """List the years that are marked, each with its place."""
        first, last = (datetime.date.fromordinal(day).year for day in (self._start, self._end))
        every = 1 if last - first <= 14 else 5
        marked = [year for year in range(first + 1, last + 1) if year % every == 0]
        return [(self.x(f"{y}-01-01"), y) for y in marked if _day(f"{y}-01-01") < self._start + self._span]

    @property
    def signs(self) -> set[str]:
        """Collect the symbols that a legend has to explain."""
        moved = {"moved"} if any(m.moved_from for m in self.rows) else set()
        long = [m for m in self.rows if m.sign in ("text", "vote") and self.x(m.end) - self.x(m.start) > NARROW]
        return {m.sign for m in self.rows} | moved | ({"span"} if long else set())


def _day(text: str) -> int:
    """Count the days from year 1 to a date."""
    return datetime.date.fromisoformat(text[:10]).toordinal()


@dataclass(frozen=True)
class Spot:
    """One node of a network: its position, and how its name is rotated."""

    iri: str
    x: float
    y: float
    turn: float
    anchor: str


@dataclass(frozen=True)
class Network:
    """Actors on a circle, their joint events on a circle inside it, and a line for each participation."""

    box: tuple[int, int, int, int]
    outer: tuple[Spot, ...]
    inner: tuple[Spot, ...]
    ties: tuple[tuple[float, float, float, float], ...]


def network(together: Mapping[str, Sequence[str]], label: Mapping[str, str]) -> Network:
    """Lay out the actors of each event: actors ordered so that partners are close, events in the middle of their actors."""
    far, near = 270.0, 150.0
    order = list(dict.fromkeys(actor for event in sorted(together) for actor in together[event]))
    angles = {actor: 2 * math.pi * at / len(order) for at, actor in enumerate(order)}
    wishes = {
        event: math.atan2(sum(math.sin(angles[a]) for a in actors), sum(math.cos(angles[a]) for a in actors))
        for event, actors in together.items()
    }
    events = sorted(together, key=lambda event: (wishes[event], event))
    inside = {event: wishes[events[0]] + 2 * math.pi * at / len(events) for at, event in enumerate(events)}

    def spot(iri: str, angle: float, radius: float) -> Spot:
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        left = math.cos(angle) < 0
        turn = math.degrees(angle) % 360 - (180 if left else 0)
        return Spot(iri, round(x, 1), round(y, 1), round(turn, 1), "end" if left else "start")

    outer = {actor: spot(actor, angle, far) for actor, angle in angles.items()}
    inner = {event: spot(event, angle, near) for event, angle in inside.items()}
    ties = [
        (inner[event].x, inner[event].y, outer[actor].x, outer[actor].y)
        for event in sorted(together)
        for actor in sorted(set(together[event]))
    ]
    return Network(_box(outer, angles, label), tuple(outer.values()), tuple(inner.values()), tuple(ties))


def _box(outer: Mapping[str, Spot], angles: Mapping[str, float], label: Mapping[str, str]) -> tuple[int, int, int, int]:
    """Find the smallest box around the circle and the names outside it: x, y, width, height."""
    ends = []
    for actor, spot in outer.items():
        out = 24 + LETTER * len(label[actor])
        ends.append((spot.x + out * math.cos(angles[actor]), spot.y + out * math.sin(angles[actor])))
    across, down = zip(*(ends or [(0.0, 0.0)]), strict=True)
    left, top = math.floor(min(across)), math.floor(min(down))
    return left, top, math.ceil(max(across)) - left, math.ceil(max(down)) - top
