"""Collect what happened when, for the timeline of a process, of an actor or of all: sessions, drafts, resolutions, contributions."""

from operator import itemgetter

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.serve.lookups import Explorer
from oewg_kg.serve.pages.figures import Moment
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

CANCELLED, HELD = PREFIXES["status"] + "cancelled", PREFIXES["status"] + "held"
DATE, VOTED_ON = PREFIXES["dcterms"] + "date", OEWG + "recordedVoteOn"
ACTED = {"coHostedBy": "side events", "chairedBy": "meetings chaired", "consulted": "consulted at"}
VOTES = {
    "voterInFavor": "voted in favour",
    "voterAgainst": "voted against",
    "voterAbstaining": "abstained",
    "voterNotVoting": "did not vote",
}


def of_all(explorer: Explorer) -> list[Moment]:
    """Collect sessions, meetings and drafts of the processes that have any, and the resolutions that set them up."""
    processes = [p for p in explorer.members(OEWG + "Process") if _events(explorer, p)]
    found = [m for process in processes for m in resolutions(explorer, process)]
    unique = {m.iri: m for m in found}
    return [*unique.values(), *(m for process in processes for m in _process(explorer, process, short=True))]


def processes(explorer: Explorer) -> list[str]:
    """List the processes with at least one date."""
    return [one for one in explorer.members(OEWG + "Process") if of_process(explorer, one)]


def of_process(explorer: Explorer, process: str) -> list[Moment]:
    """Collect the events and drafts of a process, and the resolutions that set it up."""
    return [*resolutions(explorer, process), *_process(explorer, process, short=False)]


def _subjects(explorer: Explorer, predicate: str, value: str) -> list[str]:
    quads = explorer.quads(None, predicate, ox.NamedNode(value))
    return sorted(quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode))


def _events(explorer: Explorer, process: str) -> list[str]:
    events = set(explorer.members(OEWG + "Event"))
    return [one for one in _subjects(explorer, OEWG + "ofProcess", process) if one in events]


def _process(explorer: Explorer, process: str, short: bool) -> list[Moment]:
    name = explorer.label(process)[0].replace("Open-ended Working Group", "OEWG")
    name = name.replace("Group of Governmental Experts", "GGE")
    found = []
    for iri in _events(explorer, process):
        kinds = explorer.values(iri, RDF_TYPE)
        side = OEWG + "SideEvent" in kinds
        if side and short:
            continue
        session = OEWG + "Session" in kinds
        lane = name if short else "sessions" if session else "side events" if side else "meetings"
        if short and not session:
            lane = f"{name}: meetings"
        moment = of_event(explorer, iri, lane)
        if moment:
            found.append(moment)
    drafts = set(explorer.members(OEWG + "Draft"))
    for iri in _subjects(explorer, OEWG + "ofProcess", process):
        moment = _dated(explorer, iri, f"{name}: drafts" if short else "drafts") if iri in drafts else None
        if moment:
            found.append(moment)
    ranks = ("meetings", "side events", "drafts")
    return sorted(found, key=lambda m: (next((n for n, r in enumerate(ranks, 1) if m.lane.endswith(r)), 0), m.start))


def of_event(explorer: Explorer, iri: str, lane: str) -> Moment | None:
    """Place an event by its held days, else by its planned ones; None if no page gives a day."""
    one = {name: explorer.values(iri, OEWG + name) for name in ("heldStart", "heldEnd", "plannedStart", "plannedEnd")}
    held, planned = one["heldStart"][:1], one["plannedStart"][:1]
    if not held and not planned:
        return None
    status = explorer.values(iri, OEWG + "status")
    start, end = (held, one["heldEnd"][-1:]) if held else (planned, one["plannedEnd"][-1:])
    moved = planned[0] if held and planned and planned[0] != held[0] else ""
    sign = "cancelled" if CANCELLED in status else "held" if held or HELD in status else "planned"
    words = ", ".join(explorer.label(one)[0] for one in status) or ("held" if held else "planned")
    title = f"{explorer.label(iri)[0]}: {words}, {start[0]} to {(end or start)[0]}"
    if moved:
        words = f"held, moved from {moved}"
        title += f", moved from {moved}"
    lines = explorer_lines(explorer, iri, OEWG + ("heldStart" if held else "plannedStart"))
    return Moment(iri, lane, start[0], (end or start)[0], sign, title, words, lines, moved)


def resolutions(explorer: Explorer, process: str) -> list[Moment]:
    """Place the resolutions that set up, renewed or endorsed something of a process."""
    found = []
    tied = {r for name in ("established", "renewed") for r in _subjects(explorer, OEWG + name, process)}
    for iri in sorted(tied):
        moment = adoption(explorer, iri, "resolutions")
        if moment:
            found.append(moment)
    return found


def adoption(explorer: Explorer, iri: str, lane: str) -> Moment | None:
    """Place a resolution by its adoption date on the pages, else by its final vote."""
    dated = [(iri, OEWG + "adoptedOn", "adopted"), (iri, OEWG + "adoptedInterval", "adopted in this period")]
    dated += [(call, VOTED_ON, "vote recorded") for call in explorer.values(iri, OEWG + "finalVote")]
    return _placed(explorer, iri, lane, "vote", dated)


def _dated(explorer: Explorer, iri: str, lane: str) -> Moment | None:
    dated = [(iri, DATE, "date of the text"), (iri, OEWG + "dateInterval", "within this period")]
    return _placed(explorer, iri, lane, "text", dated)


def _placed(explorer: Explorer, iri: str, lane: str, sign: str, told: list[tuple[str, str, str]]) -> Moment | None:
    """Place an entity by the first of several (entity, property, words) that has a day or an interval."""
    for thing, name, words in told:
        spans = explorer.values(thing, name)
        if spans:
            start, end = narrowest(spans)
            days = start if start == end else f"between {start} and {end}"
            title = f"{explorer.label(iri)[0]}: {words}, {days}"
            return Moment(iri, lane, start, end, sign, title, words, explorer_lines(explorer, thing, name))
    return None


def narrowest(spans: list[str]) -> tuple[str, str]:
    """Choose the innermost of several nested days or intervals; return its first and last day."""
    ends = [(start, end or start) for start, _, end in (span.partition("/") for span in spans)]
    return max(sorted(ends, key=itemgetter(1)), key=itemgetter(0))


def of_actor(explorer: Explorer, actor: str) -> tuple[list[Moment], list[str]]:
    """Collect what an actor submitted, hosted and voted on; also list its contributions without a date."""
    found, undated = [], []
    for iri in _subjects(explorer, OEWG + "submittedBy", actor):
        moment = _dated(explorer, iri, "contributions")
        events = explorer.values(iri, OEWG + "ofEvent")
        at = of_event(explorer, events[0], "contributions") if events and not moment else None
        if at:
            title = f"{explorer.label(iri)[0]}, at an event on {at.start}"
            lines = explorer_lines(explorer, iri, OEWG + "submittedBy")
            moment = Moment(iri, "contributions", at.start, at.end, "text", title, "at an event on these dates", lines)
        if moment:
            found.append(moment)
        else:
            undated.append(iri)
    for name, lane in ACTED.items():
        found += [m for iri in _subjects(explorer, OEWG + name, actor) if (m := of_event(explorer, iri, lane))]
    for name, words in VOTES.items():
        for call in _subjects(explorer, OEWG + name, actor):
            days = explorer.values(call, VOTED_ON)
            if days:
                iri = (explorer.values(call, OEWG + "finalVoteOn") or [call])[0]
                title = f"{words}: {explorer.label(iri)[0]}, {days[0]}"
                lines = explorer_lines(explorer, call, OEWG + name, actor)
                lane = {"voterInFavor": "votes in favour", "voterAgainst": "votes against"}.get(name, "other votes")
                found.append(Moment(iri, lane, days[0], days[0], "vote", title, words, lines))
    return found, undated


def explorer_lines(explorer: Explorer, iri: str, predicate: str, value: str | None = None) -> tuple[str, ...]:
    """Find the lines, files or records that state a property of a thing."""
    wanted = ox.NamedNode(value) if value else None
    quads = explorer.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), wanted)
    graphs = {q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)}
    return tuple(sorted({explorer.places.proof(iri, graph, predicate) for graph in graphs}, key=terms.line_order))
