"""Compute where things are in a picture: bars, marks and lanes of a timeline, the circle of a network. Templates draw them."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, LANE, NARROW = 1000, 34, 12
LETTER = 6.4  # the width of a letter in pixels


@dataclass(frozen=True)
class Bar:
    """One bar: its label, and its parts from left to right as (which series, number, x, width), in pixels."""

    label: str
    parts: tuple[tuple[int, int, float, float], ...]


@dataclass(frozen=True)
class Bars:
    """A bar for each row; with several series the parts of a bar are side by side, in the order of the names."""

    title: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    height: int


def bars(title: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> Bars:
    """Lay out horizontal bars of (label, one number for each series)."""
    longest = max((sum(numbers) for _, numbers in rows), default=1) or 1
    found = []
    for label, numbers in rows:
        ends = [round(300 * sum(numbers[:at]) / longest, 1) for at in range(len(numbers) + 1)]
        parts = [(at, n, ends[at], round(ends[at + 1] - ends[at], 1)) for at, n in enumerate(numbers) if n]
        found.append(Bar(label, tuple(parts)))
    return Bars(title, tuple(series), tuple(found), 22 * len(rows) + 4)


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


@dataclass(frozen=True)
class Mark:
    """A moment as drawn."""

    iri: str
    x: float
    width: float
    sign: str
    title: str
    moved_from: float | None


@dataclass(frozen=True)
class Lane:
    """One line of a timeline."""

    name: str
    y: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Timeline:
    """A timeline as drawn, and the same as rows."""

    title: str
    width: int
    height: int
    left: int
    years: tuple[tuple[float, int], ...]
    lanes: tuple[Lane, ...]
    rows: tuple[Moment, ...]

    @property
    def signs(self) -> set[str]:
        """Collect the symbols that a legend has to explain."""
        marks = [mark for lane in self.lanes for mark in lane.marks]
        moved = {"moved"} if any(mark.moved_from for mark in marks) else set()
        wide = any(mark.width > NARROW and mark.sign in ("text", "vote") for mark in marks)
        return {mark.sign for mark in marks} | moved | ({"span"} if wide else set())


def day(text: str) -> int:
    """Count the days from year 1 to a date (`2020-04-27`)."""
    return datetime.date.fromisoformat(text[:10]).toordinal()


def timeline(title: str, moments: Sequence[Moment]) -> Timeline | None:
    """Lay out moments on one axis of time, lane by lane in order of first appearance; None if there are no moments."""
    if not moments:
        return None
    days = [day(text) for m in moments for text in (m.start, m.end, m.moved_from) if text]
    first, last = min(days), max(days)
    start = datetime.date.fromordinal(max(first - 20, 1)).toordinal()
    span = max(last + 30 - start, 60)
    left = round(20 + LETTER * max(len(m.lane) for m in moments))  # a phone shows little but the names of wide lanes

    def place(text: str) -> float:
        return round(left + (day(text) - start) / span * (WIDTH - left - NARROW), 1)

    from_year, to_year = datetime.date.fromordinal(start).year, datetime.date.fromordinal(last + 30).year
    every = 1 if to_year - from_year <= 14 else 5
    years = [
        (place(f"{year}-01-01"), year)
        for year in range(from_year + 1, to_year + 1)
        if year % every == 0 and day(f"{year}-01-01") < start + span
    ]
    lanes = []
    for number, name in enumerate(dict.fromkeys(m.lane for m in moments)):
        marks = [
            Mark(
                m.iri,
                place(m.start),
                round(place(m.end) - place(m.start), 1),
                m.sign,
                m.title,
                place(m.moved_from) if m.moved_from else None,
            )
            for m in moments
            if m.lane == name
        ]
        lanes.append(Lane(name, 36 + number * LANE, tuple(marks)))
    ordered = sorted(moments, key=lambda m: (m.start, m.end, m.title))
    height = 36 + len(lanes) * LANE - LANE // 2 + 4
    return Timeline(title, WIDTH, height, left, tuple(years), tuple(lanes), tuple(ordered))


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


def network(pairs: Sequence[tuple[str, str]], label: dict[str, str]) -> Network:
    """Lay out (event, actor) pairs: actors ordered so that partners are close, events in the middle of their actors."""
    far, near = 270.0, 150.0
    together: dict[str, list[str]] = {}
    for event, actor in pairs:
        together.setdefault(event, []).append(actor)
    order = list(
        dict.fromkeys(a for event in sorted(together) for a in sorted(together[event], key=lambda a: label[a]))
    )
    angles = {actor: 2 * math.pi * at / max(len(order), 1) for at, actor in enumerate(order)}
    wishes = {
        event: math.atan2(sum(math.sin(angles[a]) for a in actors), sum(math.cos(angles[a]) for a in actors))
        for event, actors in together.items()
    }
    events = sorted(together, key=lambda event: (wishes[event], event))
    shift = wishes[events[0]] if events else 0.0
    inside = {event: shift + 2 * math.pi * at / len(events) for at, event in enumerate(events)}

    def spot(iri: str, angle: float, radius: float) -> Spot:
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        left = math.cos(angle) < 0
        turn = math.degrees(angle) % 360 - (180 if left else 0)
        return Spot(iri, round(x, 1), round(y, 1), round(turn, 1), "end" if left else "start")

    outer = {actor: spot(actor, angle, far) for actor, angle in angles.items()}
    inner = {event: spot(event, angle, near) for event, angle in inside.items()}
    ties = [(inner[e].x, inner[e].y, outer[a].x, outer[a].y) for e, a in sorted(set(pairs))]
    return Network(_box(outer, angles, label), tuple(outer.values()), tuple(inner.values()), tuple(ties))


def _box(outer: dict[str, Spot], angles: dict[str, float], label: dict[str, str]) -> tuple[int, int, int, int]:
    """Find the smallest box around the circle and the names outside it: x, y, width, height."""
    ends = [(0.0, 0.0)]
    for actor, spot in outer.items():
        out = 24 + LETTER * len(label[actor])
        ends.append((spot.x + out * math.cos(angles[actor]), spot.y + out * math.sin(angles[actor])))
    ends = ends[1:] or ends
    left, top = math.floor(min(x for x, _ in ends)), math.floor(min(y for _, y in ends))
    right, bottom = math.ceil(max(x for x, _ in ends)), math.ceil(max(y for _, y in ends))
    return left, top, right - left, bottom - top
