"""The page of a timeline (of a process, an actor, or all processes): entries in lanes on an axis of dates, found by `queries/pages`."""

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

AXIS_WIDTH, LANE_HEIGHT, SPAN_WIDTH = 1000, 34, 12
LETTER_WIDTH = 6.4  # the width of a letter in pixels
PROCESS_QUERY, OVERVIEW_TITLE = "timeline-processes", "The processes, their sessions, drafts and resolutions"
ACTOR_PROPERTIES = iris("oewg:submittedBy oewg:coHostedBy oewg:chairedBy oewg:consulted")
EVENT_LANES = ("sessions", "meetings", "side events")
LANES = ["resolutions", "contributions", *EVENT_LANES, "drafts", "meetings chaired", "consulted at"]
LANES += ["votes in favour", "votes against", "other votes"]


class StatedDate(NamedTuple):
    """A day or an interval that lines state for an entity, with its sign and words on the timeline."""

    sign: str
    words: str
    days: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class TimelineEntry:
    """An entity on the timeline: its lane, first and last day, sign, and its text in the table."""

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
    """Entries on one axis of time, lane by lane in order of first appearance."""

    def __init__(self, title: str, entries: Sequence[TimelineEntry]) -> None:
        """Choose the scale."""
        self.title, self.width = title, AXIS_WIDTH
        lanes = dict.fromkeys(entry.lane for entry in entries)
        self.lanes = {lane: [entry for entry in entries if entry.lane == lane] for lane in lanes}
        self.rows = sorted(entries, key=lambda entry: (entry.start, entry.end, entry.title))
        self.height = 36 + len(self.lanes) * LANE_HEIGHT - LANE_HEIGHT // 2 + 4
        # a phone shows little but the names of wide lanes
        self.left = round(20 + LETTER_WIDTH * max(map(len, self.lanes)))
        days = [_day_number(date) for entry in entries for date in (entry.start, entry.end, entry.moved_from) if date]
        self._first_day, self._last_day = max(min(days) - 20, 1), max(days) + 30
        self._day_span = max(self._last_day - self._first_day, 60)

    def x(self, date: str) -> float:
        """Place a date (`2020-04-27`) between left and right."""
        share = (_day_number(date) - self._first_day) / self._day_span
        return round(self.left + share * (AXIS_WIDTH - self.left - SPAN_WIDTH), 1)

    @property
    def years(self) -> list[tuple[float, int]]:
        """List the years that are marked, each with its x coordinate."""
        first, last = (datetime.date.fromordinal(day).year for day in (self._first_day, self._last_day))
        interval = 1 if last - first <= 14 else 5
        new_years = [(f"{year}-01-01", year) for year in range(first + 1, last + 1) if year % interval == 0]
        return [(self.x(day), year) for day, year in new_years if _day_number(day) < self._first_day + self._day_span]

    @property
    def signs(self) -> set[str]:
        """Collect the symbols that a legend has to explain."""
        moved = {"moved" for entry in self.rows if entry.moved_from}
        inexact = [entry for entry in self.rows if entry.sign in ("text", "vote")]
        spans = {"span" for entry in inexact if self.x(entry.end) - self.x(entry.start) > SPAN_WIDTH}
        return {entry.sign for entry in self.rows} | moved | spans


def _day_number(date: str) -> int:
    """Count the days from year 1 to a date."""
    return datetime.date.fromisoformat(date[:10]).toordinal()


def timeline_page(request: Request) -> Response:
    """Answer with the timeline of a process or an actor, or of all processes if the path names none."""
    explorer, path = explorer_of(request), request.path_params.get("path", "")
    by_process = process_entries(request)
    processes = list(by_process)
    if not path:
        picture = processes_overview(request)
        return rendering.page(request, "timeline.html", iri="", picture=picture, undated=[], processes=processes)
    iri = explorer.iri_of_path(path if "/" in path else f"process/{path}")
    if (moved := terms.current(explorer.store, iri)) != iri:
        return RedirectResponse(quote(moved.rpartition("/")[2]), 301)
    if not explorer.has_iri(iri) or not has_timeline(explorer, iri):
        raise HTTPException(404)
    entries = by_process.get(iri) or [entry for _, entry in _dated_entries(request, "timeline-actor", iri)]
    undated = sorted({*explorer.subjects(OEWG + "submittedBy", iri)} - {entry.iri for entry in entries})
    picture = Timeline(f"Timeline of {explorer.label(iri)[0]}", entries) if entries else None
    return rendering.page(request, "timeline.html", iri=iri, picture=picture, undated=undated, processes=processes)


def has_timeline(explorer: Explorer, iri: str) -> bool:
    """Return whether an entity has a timeline: a process, or an actor that did more than vote."""
    if PROCESS_QUERY not in explorer.listings or not own(iri):
        return False
    classes = explorer.values(iri, RDF_TYPE)
    acted = OEWG + "Actor" in classes and any(explorer.subjects(predicate, iri) for predicate in ACTOR_PROPERTIES)
    return acted or OEWG + "Process" in classes


def processes_overview(request: Request) -> Timeline | None:
    """Place sessions, meetings and drafts of the processes that have events, and the resolutions that set them up; None without any."""
    explorer = explorer_of(request)
    resolutions, in_lanes = dict[str, TimelineEntry](), list[TimelineEntry]()
    for process, entries in process_entries(request).items():
        if not any(entry.lane in EVENT_LANES for entry in entries):
            continue
        short_label = explorer.label(process)[0].replace("Open-ended Working Group", "OEWG")
        short_label = short_label.replace("Group of Governmental Experts", "GGE")
        resolutions |= {entry.iri: entry for entry in entries if entry.lane == "resolutions"}
        in_lanes += [
            replace(entry, lane=short_label if entry.lane == "sessions" else f"{short_label}: {entry.lane}")
            for entry in entries
            if entry.lane not in ("resolutions", "side events")
        ]
    return Timeline(OVERVIEW_TITLE, [*resolutions.values(), *in_lanes]) if in_lanes else None


def process_entries(request: Request) -> dict[str, list[TimelineEntry]]:
    """Find the timeline entries of each process that has any, lane by lane; processes by label."""

    def by_process(explorer: Explorer) -> dict[str, list[TimelineEntry]]:
        entries = _dated_entries(request, PROCESS_QUERY) if PROCESS_QUERY in explorer.listings else []
        processes = sorted({process for process, _ in entries}, key=lambda iri: (explorer.label(iri)[0], iri))
        return {process: [entry for owner, entry in entries if owner == process] for process in processes}

    return explorer_of(request).cached("timelines", by_process)


def _dated_entries(request: Request, query: str, iri: str = "") -> list[tuple[str, TimelineEntry]]:
    """Answer a query of `queries/pages`, and place each entity by the first of its dates: (process or actor, entry), lane by lane."""
    result = saved_question.listed(request, query, iri)
    stated_dates: dict[tuple[str, ...], list[StatedDate]] = {}
    for row, lines in zip(result.rows, result.citations, strict=True):
        owner, lane, entity, sign, words, days = map(terms.text_of, row)
        stated_dates.setdefault((owner, lane, entity), []).append(StatedDate(sign, words, days, lines))
    explorer = explorer_of(request)
    entries = [(owner, _entry(explorer, lane, entity, dates)) for (owner, lane, entity), dates in stated_dates.items()]
    return sorted(entries, key=lambda owner_entry: (LANES.index(owner_entry[1].lane), owner_entry[1].start))


def _entry(explorer: Explorer, lane: str, iri: str, dates: Sequence[StatedDate]) -> TimelineEntry:
    """Place an entity by what is stated first, and write its title; an event with another day after that was moved."""
    label, (sign, words, *_) = explorer.label(iri)[0], dates[0]
    first_dates = [date for date in dates if (date.sign, date.words) == (sign, words)]
    start, end = innermost_interval([date.days for date in first_dates])
    lines = tuple(sorted({line for date in first_dates for line in date.lines}, key=terms.line_order))
    moved, days = "", start if start == end else f"between {start} and {end}"
    if sign not in ("text", "vote"):
        title = f"{label}: {words}, {start} to {end}"
        moved = next((date.days[:10] for date in dates if date not in first_dates and date.days[:10] != start), "")
    elif words.startswith("at an event"):
        title = f"{label}, at an event on {start}"
    elif sign == "vote" and lane != "resolutions":
        title = f"{words}: {label}, {days}"
    else:
        title = f"{label}: {words}, {days}"
    if moved:
        title, words = f"{title}, moved from {moved}", f"held, moved from {moved}"
    return TimelineEntry(iri, lane, start, end, sign, title, words, lines, moved)


def innermost_interval(intervals: list[str]) -> tuple[str, str]:
    """Choose the innermost of several nested days or intervals; return its first and last day."""
    days = [(start, end or start) for start, _, end in (interval.partition("/") for interval in intervals)]
    return max(sorted(days, key=itemgetter(1)), key=itemgetter(0))
