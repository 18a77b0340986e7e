"""Collect what happened when, for the timeline of a process, of an actor or of all: sessions, drafts, resolutions, contributions."""

from dataclasses import replace
from operator import attrgetter, itemgetter

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.serve.lookups import Explorer
from oewg_kg.serve.pages.figures import Moment
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

CANCELLED, HELD = PREFIXES["status"] + "cancelled", PREFIXES["status"] + "held"
DATE, VOTED_ON = PREFIXES["dcterms"] + "date", OEWG + "recordedVoteOn"
LANES = ("sessions", "meetings", "side events", "drafts")
KINDS = {"Session": "sessions", "SideEvent": "side events", "Event": "meetings", "Draft": "drafts"}
ACTED = {"coHostedBy": "side events", "chairedBy": "meetings chaired", "consulted": "consulted at"}
VOTES = {
    "voterInFavor": ("voted in favour", "votes in favour"),
    "voterAgainst": ("voted against", "votes against"),
    "voterAbstaining": ("abstained", "other votes"),
    "voterNotVoting": ("did not vote", "other votes"),
}


def of_all(explorer: Explorer) -> list[Moment]:
    """Collect sessions, meetings and drafts of the processes that have any, and the resolutions that set them up."""
    events = set(explorer.subjects(RDF_TYPE, OEWG + "Event"))
    members = explorer.members(OEWG + "Process")
    chosen = [one for one in members if not events.isdisjoint(explorer.subjects(OEWG + "ofProcess", one))]
    adopted = {moment.iri: moment for process in chosen for moment in resolutions(explorer, process)}
    return [*adopted.values(), *(moment for process in chosen for moment in _inside(explorer, process, short=True))]


def processes(explorer: Explorer) -> list[str]:
    """List the processes with at least one date."""
    return [one for one in explorer.members(OEWG + "Process") if of_process(explorer, one)]


def of_process(explorer: Explorer, process: str) -> list[Moment]:
    """Collect the events and drafts of a process, and the resolutions that set it up."""
    return [*resolutions(explorer, process), *_inside(explorer, process, short=False)]


def _inside(explorer: Explorer, process: str, short: bool) -> list[Moment]:
    """Place what belongs to a process, lane by lane; `short`: without side events, and lanes have the name of the process."""
    name = explorer.label(process)[0].replace("Open-ended Working Group", "OEWG")
    name = name.replace("Group of Governmental Experts", "GGE")
    found: dict[str, list[Moment]] = {lane: [] for lane in LANES}
    for iri in explorer.subjects(OEWG + "ofProcess", process):
        kinds = explorer.values(iri, RDF_TYPE)
        lane = next((lane for kind, lane in KINDS.items() if OEWG + kind in kinds), "")
        if lane and not (short and lane == "side events"):
            place = _dated if lane == "drafts" else of_event
            shown = lane if not short else name if lane == "sessions" else f"{name}: {lane}"
            moment = place(explorer, iri, shown)
            found[lane] += [moment] if moment else []
    return [moment for moments in found.values() for moment in sorted(moments, key=attrgetter("start"))]


def of_event(explorer: Explorer, iri: str, lane: str) -> Moment | None:
    """Place an event by its held days, else by its planned ones; None if no page gives a day."""
    held, planned = (explorer.values(iri, OEWG + name) for name in ("heldStart", "plannedStart"))
    if not held and not planned:
        return None
    way, start = "held" if held else "planned", (held or planned)[0]
    end = (explorer.values(iri, f"{OEWG}{way}End") or [start])[-1]
    status = explorer.values(iri, OEWG + "status")
    sign = "cancelled" if CANCELLED in status else "held" if HELD in status else way
    words = ", ".join(explorer.label(one)[0] for one in status) or way
    words += " (planned days)" if sign == "held" != way else ""
    title = f"{explorer.label(iri)[0]}: {words}, {start} to {end}"
    moment = Moment(iri, lane, start, end, sign, title, words, lines(explorer, iri, f"{OEWG}{way}Start"))
    moved = planned[0] if held and planned else start
    if moved == start:
        return moment
    return replace(moment, title=f"{title}, moved from {moved}", status=f"held, moved from {moved}", moved_from=moved)


def resolutions(explorer: Explorer, process: str) -> list[Moment]:
    """Place the resolutions that set up, renewed or endorsed something of a process."""
    tied = {one for name in ("established", "renewed") for one in explorer.subjects(OEWG + name, process)}
    return [moment for iri in sorted(tied) if (moment := adoption(explorer, iri, "resolutions"))]


def adoption(explorer: Explorer, iri: str, lane: str) -> Moment | None:
    """Place a resolution by its adoption date on the pages, else by its final vote."""
    dated = [(iri, OEWG + "adoptedOn", "adopted"), (iri, OEWG + "adoptedInterval", "adopted in this period")]
    dated += [(call, VOTED_ON, "vote recorded") for call in explorer.values(iri, OEWG + "finalVote")]
    return _placed(explorer, iri, lane, "vote", dated)


def _dated(explorer: Explorer, iri: str, lane: str) -> Moment | None:
    """Place a text by its date."""
    dated = [(iri, DATE, "date of the text"), (iri, OEWG + "dateInterval", "within this period")]
    return _placed(explorer, iri, lane, "text", dated)


def _placed(explorer: Explorer, iri: str, lane: str, sign: str, told: list[tuple[str, str, str]]) -> Moment | None:
    """Place an entity by the first of several (entity, property, words) that has a day or an interval."""
    for thing, name, words in told:
        if spans := explorer.values(thing, name):
            start, end = narrowest(spans)
            days = start if start == end else f"between {start} and {end}"
            title = f"{explorer.label(iri)[0]}: {words}, {days}"
            return Moment(iri, lane, start, end, sign, title, words, lines(explorer, thing, name))
    return None


def narrowest(spans: list[str]) -> tuple[str, str]:
    """Choose the innermost of several nested days or intervals; return its first and last day."""
    ends = [(start, end or start) for start, _, end in (span.partition("/") for span in spans)]
    return max(sorted(ends, key=itemgetter(1)), key=itemgetter(0))


def of_actor(explorer: Explorer, actor: str) -> tuple[list[Moment], list[str]]:
    """Collect what an actor submitted, hosted and voted on; also list its contributions without a date."""
    contributions = {iri: _contribution(explorer, iri) for iri in explorer.subjects(OEWG + "submittedBy", actor)}
    found = [moment for moment in contributions.values() if moment]
    for name, lane in ACTED.items():
        found += [m for iri in explorer.subjects(OEWG + name, actor) if (m := of_event(explorer, iri, lane))]
    for name, (words, lane) in VOTES.items():
        for call in explorer.subjects(OEWG + name, actor):
            for day in explorer.values(call, VOTED_ON)[:1]:
                iri = (explorer.values(call, OEWG + "finalVoteOn") or [call])[0]
                title = f"{words}: {explorer.label(iri)[0]}, {day}"
                cited = lines(explorer, call, OEWG + name, actor)
                found.append(Moment(iri, lane, day, day, "vote", title, words, cited))
    return found, [iri for iri, moment in contributions.items() if moment is None]


def _contribution(explorer: Explorer, iri: str) -> Moment | None:
    """Place a contribution by its date, else by the event at which it was made."""
    moment, events = _dated(explorer, iri, "contributions"), explorer.values(iri, OEWG + "ofEvent")
    at = of_event(explorer, events[0], "contributions") if events and not moment else None
    if not at:
        return moment
    title = f"{explorer.label(iri)[0]}, at an event on {at.start}"
    cited = lines(explorer, iri, OEWG + "submittedBy")
    return Moment(iri, "contributions", at.start, at.end, "text", title, "at an event on these dates", cited)


def lines(explorer: Explorer, iri: str, predicate: str, value: str | None = None) -> tuple[str, ...]:
    """Find the lines, files or records that state a property of a thing."""
    wanted = ox.NamedNode(value) if value else None
    quads = explorer.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), wanted)
    graphs = {q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)}
    return tuple(sorted({explorer.places.proof(iri, graph, predicate) for graph in graphs}, key=terms.line_order))
