"""The timeline of a process, of an actor or of all processes: what `queries/pages` finds, each thing placed by its dates."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oewg_kg import terms
from oewg_kg.serve.api import saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import rendering
from oewg_kg.vocabulary import OEWG, RDF_TYPE, iris, own

WIDTH, LANE, NARROW = 1000, 34, 12
LETTER = 6.4  # the width of a letter in pixels
QUERY, TITLE = "timeline-processes", "The processes, their sessions, drafts and resolutions"
ACTED = iris("oewg:submittedBy oewg:coHostedBy oewg:chairedBy oewg:consulted")
EVENTS = ("sessions", "meetings", "side events")
LANES = ["resolutions", "contributions", *EVENTS, "drafts", "meetings chaired", "consulted at"]
LANES += ["votes in favour", "votes against", "other votes"]


class Stated(NamedTuple):
    """A day or an interval that lines state for a thing, with its sign and words on the timeline."""

    sign: str
    words: str
    days: str
    lines: tuple[str, ...]


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


def timeline(request: Request) -> Response:
    """Answer with the timeline of a process or an actor, or of all processes if the path names none."""
    explorer, path = explorer_of(request), request.path_params.get("path", "")
    processes = of_processes(request)
    if not path:
        return rendering.page(
            request, "timeline.html", iri="", picture=overview(request), undated=[], processes=list(processes)
        )
    iri = explorer.iri_of_path(path if "/" in path else f"process/{path}")
    if (moved := terms.current(explorer.store, iri)) != iri:
        return RedirectResponse(quote(moved.rpartition("/")[2]), 301)
    if not explorer.has_iri(iri) or not exists(explorer, iri):
        raise HTTPException(404)
    found = processes.get(iri) or [moment for _, moment in _found(request, "timeline-actor", iri)]
    placed = {moment.iri for moment in found}
    undated = [one for one in explorer.subjects(OEWG + "submittedBy", iri) if one not in placed]
    picture = found and Timeline(f"Timeline of {explorer.label(iri)[0]}", found)
    return rendering.page(
        request, "timeline.html", iri=iri, picture=picture, undated=undated, processes=list(processes)
    )


def exists(explorer: Explorer, iri: str) -> bool:
    """Return whether an entity has a timeline: a process, or an actor that did more than vote."""
    if QUERY not in explorer.listings or not own(iri):
        return False
    kinds = explorer.values(iri, RDF_TYPE)
    acted = OEWG + "Actor" in kinds and any(explorer.subjects(name, iri) for name in ACTED)
    return acted or OEWG + "Process" in kinds


def overview(request: Request) -> Timeline | None:
    """Place sessions, meetings and drafts of the processes that have events, and the resolutions that set them up; None without any."""
    explorer = explorer_of(request)
    adopted, inside = dict[str, Moment](), list[Moment]()
    for process, moments in of_processes(request).items():
        if not any(moment.lane in EVENTS for moment in moments):
            continue
        name = explorer.label(process)[0].replace("Open-ended Working Group", "OEWG")
        name = name.replace("Group of Governmental Experts", "GGE")
        adopted |= {moment.iri: moment for moment in moments if moment.lane == "resolutions"}
        inside += [
            replace(moment, lane=name if moment.lane == "sessions" else f"{name}: {moment.lane}")
            for moment in moments
            if moment.lane not in ("resolutions", "side events")
        ]
    return Timeline(TITLE, [*adopted.values(), *inside]) if inside else None


def of_processes(request: Request) -> dict[str, list[Moment]]:
    """Find the moments of each process that has any, lane by lane; processes by label."""

    def found(explorer: Explorer) -> dict[str, list[Moment]]:
        moments = _found(request, QUERY) if QUERY in explorer.listings else []
        processes = sorted({process for process, _ in moments}, key=lambda iri: (explorer.label(iri)[0], iri))
        return {process: [moment for of, moment in moments if of == process] for process in processes}

    return explorer_of(request).cached("timelines", found)


def _found(request: Request, query: str, iri: str = "") -> list[tuple[str, Moment]]:
    """Answer a query of `queries/pages`, and place each thing by the first of its dates: (process or actor, moment), lane by lane."""
    result = saved_question.listed(request, query, iri)
    things: dict[tuple[str, ...], list[Stated]] = {}
    for row, lines in zip(result.rows, result.citations, strict=True):
        of, lane, thing, sign, words, days = map(terms.text_of, row)
        things.setdefault((of, lane, thing), []).append(Stated(sign, words, days, lines))
    found = [(of, _placed(explorer_of(request), lane, thing, stated)) for (of, lane, thing), stated in things.items()]
    return sorted(found, key=lambda one: (LANES.index(one[1].lane), one[1].start))


def _placed(explorer: Explorer, lane: str, iri: str, stated: Sequence[Stated]) -> Moment:
    """Place a thing by what is stated first, and write its title; an event with another day after that was moved."""
    label, (sign, words, *_) = explorer.label(iri)[0], stated[0]
    first = [one for one in stated if (one.sign, one.words) == (sign, words)]
    start, end = narrowest([one.days for one in first])
    lines = tuple(sorted({line for one in first for line in one.lines}, key=terms.line_order))
    moved, days = "", start if start == end else f"between {start} and {end}"
    if sign not in ("text", "vote"):
        title = f"{label}: {words}, {start} to {end}"
        moved = next((one.days[:10] for one in stated if one not in first and one.days[:10] != start), "")
    elif words.startswith("at an event"):
        title = f"{label}, at an event on {start}"
    elif sign == "vote" and lane != "resolutions":
        title = f"{words}: {label}, {days}"
    else:
        title = f"{label}: {words}, {days}"
    if moved:
        title, words = f"{title}, moved from {moved}", f"held, moved from {moved}"
    return Moment(iri, lane, start, end, sign, title, words, lines, moved)


def narrowest(spans: list[str]) -> tuple[str, str]:
    """Choose the innermost of several nested days or intervals; return its first and last day."""
    ends = [(start, end or start) for start, _, end in (span.partition("/") for span in spans)]
    return max(sorted(ends, key=itemgetter(1)), key=itemgetter(0))
