"""Answers computed a second time, in plain Python over the quads: no SPARQL, and nothing of what the queries are made of.

To add one: a function named after the question, with its parameters, that gives each row with the lines that prove it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

import pyoxigraph as ox

from oewg_kg import terms

Rows = dict[tuple[str, ...], set[str]]
RECOUNTS: dict[str, tuple[tuple[str, ...], Callable[..., Rows]]] = {}
VOTES = {
    "oewg:voterInFavor": "yes",
    "oewg:voterAgainst": "no",
    "oewg:voterAbstaining": "abstained",
    "oewg:voterNotVoting": "did not vote",
}
REGIONS = ("group:african-group", "group:asia-pacific-group", "group:EEG", "group:GRULAC", "group:WEOG")


class Facts:
    """The default graph as two tables, and for each triple the lines of the pages that state it; terms are CURIEs or plain text."""

    def __init__(self, store: ox.Store) -> None:
        self.out: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.into: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.stated: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self.about: dict[str, set[str]] = defaultdict(set)
        self.labels: dict[str, str] = {}
        named = []
        for quad in store.quads_for_pattern(None, None, None, None):
            subject, predicate, value = map(plain, (quad.subject, quad.predicate, quad.object))
            if isinstance(quad.graph_name, ox.DefaultGraph):
                self.out[subject, predicate].add(value)
                self.into[predicate, value].add(subject)
                if (
                    predicate == "skos:prefLabel"
                    and isinstance(quad.object, ox.Literal)
                    and quad.object.language == "en"
                ):
                    self.labels[subject] = value
            else:
                named.append((subject, predicate, value, plain(quad.graph_name)))
        pages = self.into["rdf:type", "oewg:SourceLine"]
        for subject, predicate, value, line in named:
            if line in pages:
                self.stated[subject, predicate, value].add(line)
                self.about[subject].add(line)

    def of(self, subject: str, *predicates: str) -> set[str]:
        """Gather the values of any of the properties."""
        return set().union(*(self.out.get((subject, predicate), set()) for predicate in predicates))

    def first(self, subject: str, *predicates: str) -> str:
        """Give the value of the first property that has one, or nothing."""
        return next((min(found) for one in predicates if (found := self.of(subject, one))), "")

    def where(self, predicate: str, value: str) -> set[str]:
        """Gather what has a value."""
        return self.into.get((predicate, value), set())

    def all(self, kind: str) -> set[str]:
        """Gather the members of a class."""
        return self.where("rdf:type", kind)

    def lines(self, subject: str, predicate: str, value: str) -> set[str]:
        """Gather the lines that state a triple."""
        return set(self.stated.get((subject, predicate, value), set()))

    def within(self, concept: str) -> set[str]:
        """Gather a concept and all that are narrower."""
        found, new = {concept}, {concept}
        while new := {one for wide in new for one in self.where("skos:broader", wide)} - found:
            found |= new
        return found

    def of_kind(self, kind: str) -> set[str]:
        """Gather the things of a kind or of a narrower one."""
        return set().union(*(self.where("oewg:kind", one) for one in self.within(kind)))


def plain(term: object) -> str:
    return terms.compact(term.value) if isinstance(term, ox.NamedNode) else terms.text_of(term)


def recount(name: str, *columns: str) -> Callable[[Callable[..., Rows]], Callable[..., Rows]]:
    """Note a function as the second computation of a question, with the columns that it gives."""

    def note(function: Callable[..., Rows]) -> Callable[..., Rows]:
        RECOUNTS[name] = columns, function
        return function

    return note


def gathered(found: Iterable[tuple[tuple[str, ...], set[str]]]) -> Rows:
    """Join the lines of equal rows."""
    rows: Rows = {}
    for row, lines in found:
        rows.setdefault(row, set()).update(lines)
    return rows


def by_author(facts: Facts, contributions: Iterable[str], actor_class: str = "oewg:Actor") -> Rows:
    """Give each author of the class, with the lines that name it as one."""
    return gathered(
        ((actor,), facts.lines(one, "oewg:submittedBy", actor))
        for one in contributions
        for actor in facts.of(one, "oewg:submittedBy") & facts.all(actor_class)
    )


def on(facts: Facts, draft: str, kind: str = "kind:contribution") -> set[str]:
    return facts.where("oewg:addresses", draft) & facts.of_kind(kind)


@recount("states-on-both-drafts", "actor")
def states_on_both_drafts(facts: Facts, first: str, second: str, kind: str, actor_class: str) -> Rows:
    one, other = (by_author(facts, on(facts, draft, kind), actor_class) for draft in (first, second))
    return {row: one[row] | other[row] for row in one.keys() & other.keys()}


@recount("how-commenters-voted", "actor", "vote")
def how_commenters_voted(facts: Facts, first: str, second: str, resolution: str, kind: str) -> Rows:
    both = states_on_both_drafts(facts, first, second, kind, "oewg:State")
    if not facts.where("oewg:finalVoteOn", resolution):
        return {}
    return {
        (actor, vote(facts, resolution, actor)): lines | record(facts, resolution) for (actor,), lines in both.items()
    }


def vote(facts: Facts, resolution: str, state: str) -> str:
    return next((word for way, word in VOTES.items() if state in voters(facts, resolution, way)), "")


def voters(facts: Facts, resolution: str, way: str) -> set[str]:
    return {state for call in facts.where("oewg:finalVoteOn", resolution) for state in facts.of(call, way)}


def record(facts: Facts, resolution: str) -> set[str]:
    """Give the page of the record of a vote, by its number."""
    calls = facts.where("oewg:finalVoteOn", resolution)
    return {
        f"<https://digitallibrary.un.org/record/{one}>" for call in calls for one in facts.of(call, "oewg:votingRecord")
    }


@recount("contribution-and-vote", "actor", "contribution", "vote")
def contribution_and_vote(facts: Facts, draft: str, resolution: str) -> Rows:
    return gathered(
        ((state, one, vote(facts, resolution, state)), lines | record(facts, resolution))
        for one in facts.where("oewg:addresses", draft)
        for (state,), lines in by_author(facts, [one], "oewg:State").items()
        if facts.where("oewg:finalVoteOn", resolution)
    )


@recount("states-on-draft-without-kind", "actor", "contribution")
def states_on_draft_without_kind(facts: Facts, draft: str, kind: str) -> Rows:
    having = by_author(facts, on(facts, draft, kind))
    return gathered(
        ((state, one), lines)
        for one in facts.where("oewg:addresses", draft)
        for (state,), lines in by_author(facts, [one], "oewg:State").items()
        if (state,) not in having
    )


def seats(facts: Facts) -> Rows:
    """Give the countries of the experts of 2019-2021."""
    return gathered(
        ((country,), facts.lines(seat, "oewg:country", country))
        for seat in facts.all("oewg:ExpertSeat") & facts.where("oewg:ofProcess", "process:ict-gge-2019-2021")
        for country in facts.of(seat, "oewg:country")
    )


@recount("states-on-draft-without-gge-seat", "actor")
def states_on_draft_without_gge_seat(facts: Facts, draft: str) -> Rows:
    found = by_author(facts, facts.where("oewg:addresses", draft), "oewg:State")
    return {row: lines for row, lines in found.items() if row not in seats(facts)}


@recount("gge-countries-on-draft", "country")
def gge_countries_on_draft(facts: Facts, draft: str) -> Rows:
    found, sitting = by_author(facts, facts.where("oewg:addresses", draft)), seats(facts)
    return {row: found[row] | sitting[row] for row in found.keys() & sitting.keys()}


@recount("groups-on-drafts", "actor", "draft", "contributions")
def groups_on_drafts(facts: Facts, first: str, second: str, kind: str) -> Rows:
    rows: Rows = {}
    for draft in {first, second}:
        for (group,), lines in by_author(facts, on(facts, draft, kind), "oewg:StateGroup").items():
            number = len(on(facts, draft, kind) & facts.where("oewg:submittedBy", group))
            rows[group, draft, str(number)] = lines
    return rows


@recount("contributions-on-draft", "contribution", "actor", "type")
def contributions_on_draft(facts: Facts, draft: str) -> Rows:
    return {
        (one, actor, kind): facts.lines(one, "oewg:addresses", draft)
        for one in facts.where("oewg:addresses", draft)
        for actor in facts.of(one, "oewg:submittedBy")
        for kind in facts.of(one, "oewg:kind")
    }


@recount("text-proposals", "contribution", "actor", "target")
def text_proposals(facts: Facts, kind: str) -> Rows:
    return {
        (one, actor, target): facts.lines(one, "oewg:submittedBy", actor)
        for one in facts.of_kind(kind) & facts.all("oewg:Contribution")
        for actor in facts.of(one, "oewg:submittedBy")
        for target in facts.of(one, "oewg:addresses")
    }


@recount("contributions-outside-rounds", "contribution", "actor", "from", "to")
def contributions_outside_rounds(facts: Facts, list: str) -> Rows:
    rounds = [
        (facts.first(one, "oewg:heldStart"), facts.first(one, "oewg:heldEnd"))
        for one in facts.of_kind("kind:informal-round")
    ]
    rows: Rows = {}
    for one in facts.where("oewg:listedIn", list) & facts.all("oewg:Contribution"):
        begin, end = (
            facts.first(one, "dcterms:date", "oewg:earliestDate"),
            facts.first(one, "dcterms:date", "oewg:latestDate"),
        )
        if begin and not any(start <= end and begin <= until for start, until in rounds if start):
            for actor in facts.of(one, "oewg:submittedBy"):
                rows[one, actor, begin, end] = facts.lines(one, "oewg:submittedBy", actor)
    return rows


@recount("states-with-working-papers", "actor", "papers")
def states_with_working_papers(facts: Facts, list: str, actor_class: str) -> Rows:
    alone = {one for one in facts.where("oewg:listedIn", list) if len(facts.of(one, "oewg:submittedBy")) == 1}
    return {
        (actor, str(len(alone & facts.where("oewg:submittedBy", actor)))): lines
        for (actor,), lines in by_author(facts, alone, actor_class).items()
    }


@recount("list-entries-in-several-languages", "contribution", "actor", "language")
def list_entries_in_several_languages(facts: Facts, list: str) -> Rows:
    return {
        (one, actor, language): facts.lines(one, "dcterms:language", language)
        for one in facts.where("oewg:listedIn", list) & facts.all("oewg:Contribution")
        for actor in facts.of(one, "oewg:submittedBy")
        for language in facts.of(one, "dcterms:language")
        if len(facts.of(one, "dcterms:language")) > 1
    }


@recount("documents-of-event", "document", "date")
def documents_of_event(facts: Facts, event: str) -> Rows:
    return gathered(
        ((one, facts.first(one, "dcterms:date")), facts.lines(one, way, event))
        for way in ("oewg:ofEvent", "oewg:adoptedAt")
        for one in facts.where(way, event) & facts.all("oewg:Document")
    )


@recount("documents-without-date", "document")
def documents_without_date(facts: Facts, kind: str) -> Rows:
    dates = ("dcterms:date", "oewg:earliestDate", "oewg:adoptedOn", "oewg:adoptedEarliest")
    return {
        (one,): set().union(*(facts.lines(one, "rdf:type", a) for a in facts.of(one, "rdf:type")))
        for one in facts.of_kind(kind) & facts.all("oewg:Document")
        if not facts.of(one, *dates) and not facts.where("oewg:finalVoteOn", one)
    }


@recount("documents-with-issuer-not-stated", "document")
def documents_with_issuer_not_stated(facts: Facts, kind: str) -> Rows:
    silent = facts.where("oewg:issuedBy", "oewg:SubmitterNotStated")
    return {
        (one,): facts.lines(one, "oewg:issuedBy", "oewg:SubmitterNotStated") for one in facts.of_kind(kind) & silent
    }


@recount("documents-on-several-pages", "thing", "pages")
def documents_on_several_pages(facts: Facts, **values: str) -> Rows:
    rows: Rows = {}
    for one in facts.all(values["class"]) & facts.labels.keys():
        pages = {line.partition(":")[0] for line in facts.about[one]}
        if len(pages) > 1:
            rows[one, str(len(pages))] = facts.about[one]
    return rows


@recount("provisions-of-document", "provision", "ordinal", "text")
def provisions_of_document(facts: Facts, document: str) -> Rows:
    return {
        (one, facts.first(one, "oewg:ordinal"), text): facts.lines(one, "oewg:provisionOf", document)
        for one in facts.where("oewg:provisionOf", document)
        for text in facts.of(one, "dcterms:description")
    }


@recount("modalities-by-addressee", "modality", "ordinal")
def modalities_by_addressee(facts: Facts, addressee: str) -> Rows:
    return gathered(
        ((one, facts.first(one, "oewg:ordinal")), facts.lines(one, "oewg:appliesTo", kind))
        for kind in facts.within(addressee)
        for one in facts.where("oewg:appliesTo", kind) & facts.all("oewg:Modality")
        if "list:oewg2-modalities" in facts.of(one, "oewg:listedIn")
    )


@recount("modalities", "modality", "ordinal")
def modalities(facts: Facts, list: str) -> Rows:
    return {
        (one, facts.first(one, "oewg:ordinal")): facts.lines(one, "oewg:listedIn", list)
        for one in facts.where("oewg:listedIn", list) & facts.all("oewg:Modality")
    }


@recount("periods-by-line", "from", "to")
def periods_by_line(facts: Facts, process: str) -> Rows:
    printed: dict[str, dict[str, str]] = defaultdict(dict)
    for (subject, predicate, value), lines in facts.stated.items():
        if subject == process and predicate in ("oewg:activeEarliest", "oewg:activeLatest"):
            for line in lines:
                printed[line][predicate] = value
    return gathered(
        ((days.get("oewg:activeEarliest", ""), days.get("oewg:activeLatest", "")), {line})
        for line, days in printed.items()
    )


@recount("voted-against-and-took-part", "state", "how")
def voted_against_and_took_part(facts: Facts, resolution: str, process: str) -> Rows:
    ways = {"oewg:submittedBy": "contribution", "oewg:coHostedBy": "side event", "oewg:country": "expert seat"}
    listed = {one for list in facts.where("oewg:ofProcess", process) for one in facts.where("oewg:listedIn", list)}
    return gathered(
        ((state, how), facts.lines(one, way, actor) | record(facts, resolution))
        for state in voters(facts, resolution, "oewg:voterAgainst")
        for actor in {state} | facts.where("oewg:organOf", state)
        for way, how in ways.items()
        for one in facts.where(way, actor) & listed
    )


@recount("votes-by-regional-group", "group", "yes", "no", "abstained", "notVoting")
def votes_by_regional_group(facts: Facts, resolution: str) -> Rows:
    rows: Rows = {}
    for group in REGIONS:
        members = {s for one in facts.where("org:organization", group) for s in facts.of(one, "org:member")}
        counts = [str(len(members & voters(facts, resolution, way))) for way in VOTES]
        if set(counts) != {"0"}:
            rows[(group, *counts)] = record(facts, resolution)
    return rows


def side_events(facts: Facts, session: str) -> set[str]:
    return facts.where("oewg:subEventOf", session) & facts.all("oewg:SideEvent")


def naming(facts: Facts, session: str, event: str, way: str) -> set[str]:
    """Gather the lines that print something of an event, or where none does those that name it."""
    found = set().union(*(facts.lines(event, way, value) for value in facts.of(event, way)))
    return found or facts.lines(event, "oewg:subEventOf", session)


@recount("side-events", "event", "ordinal", "title", "date", "startTime", "endTime")
def all_side_events(facts: Facts, session: str) -> Rows:
    told = ("oewg:ordinal", "dcterms:title", "oewg:plannedStart", "oewg:startTime", "oewg:endTime")
    return {
        (one, *(facts.first(one, way) for way in told)): facts.lines(one, "oewg:subEventOf", session)
        | naming(facts, session, one, "oewg:startTime")
        for one in side_events(facts, session)
    }


@recount("side-event-modes", "event", "ordinal", "how")
def side_event_modes(facts: Facts, session: str) -> Rows:
    rows: Rows = {}
    for one in side_events(facts, session):
        mode = facts.first(one, "oewg:mode")
        way = "oewg:mode" if mode else "oewg:startTime"
        rows[one, facts.first(one, "oewg:ordinal"), facts.labels.get(mode, "not stated")] = naming(
            facts, session, one, way
        )
    return rows


@recount("side-event-registration", "event", "registration")
def side_event_registration(facts: Facts, session: str) -> Rows:
    return {
        (one, value): naming(facts, session, one, "oewg:registration")
        for one in side_events(facts, session)
        for value in facts.of(one, "oewg:registration") or {""}
    }


@recount("side-event-venues", "event", "place")
def side_event_venues(facts: Facts, session: str) -> Rows:
    return {
        (one, place): facts.lines(one, "oewg:place", place) or facts.lines(one, "oewg:subEventOf", session)
        for one in side_events(facts, session)
        for place in facts.of(one, "oewg:place") or {""}
    }


@recount("side-events-by-day", "date", "events")
def side_events_by_day(facts: Facts, session: str) -> Rows:
    days = defaultdict(set)
    for one in side_events(facts, session):
        days[facts.first(one, "oewg:plannedStart", "oewg:heldStart")].add(one)
    return {
        (day, str(len(events))): set().union(*(naming(facts, session, one, "oewg:plannedStart") for one in events))
        for day, events in days.items()
    }


@recount("side-events-that-clash", "first", "second", "date")
def side_events_that_clash(facts: Facts, session: str) -> Rows:
    def span(one: str) -> tuple[str, str]:
        start = facts.first(one, "oewg:startTime")
        return start, facts.first(one, "oewg:endTime") or start + "~"

    timed = [one for one in side_events(facts, session) if facts.of(one, "oewg:plannedStart") and span(one)[0]]
    rows: Rows = {}
    for one in timed:
        for other in timed:
            day = facts.first(one, "oewg:plannedStart")
            earlier = int(facts.first(one, "oewg:ordinal")) < int(facts.first(other, "oewg:ordinal"))
            meet = span(one)[0] < span(other)[1] and span(other)[0] < span(one)[1]
            if earlier and meet and day == facts.first(other, "oewg:plannedStart"):
                rows[one, other, day] = naming(facts, session, one, "oewg:startTime") | naming(
                    facts, session, other, "oewg:startTime"
                )
    return rows


@recount("co-hosts", "event", "actor")
def co_hosts(facts: Facts, session: str, actor_class: str) -> Rows:
    return {
        (one, host): facts.lines(one, "oewg:coHostedBy", host)
        for one in side_events(facts, session)
        for host in facts.of(one, "oewg:coHostedBy") & facts.all(actor_class)
    }


@recount("states-that-co-host", "state", "event", "through")
def states_that_co_host(facts: Facts, session: str) -> Rows:
    rows: Rows = {}
    for one in side_events(facts, session):
        for host in facts.of(one, "oewg:coHostedBy"):
            for state in ({host} | facts.of(host, "oewg:organOf")) & facts.all("oewg:State"):
                rows[state, one, "" if host == state else host] = facts.lines(one, "oewg:coHostedBy", host)
    return rows


@recount("statements-at-event", "contribution", "actor")
def statements_at_event(facts: Facts, event: str) -> Rows:
    events, new = {event}, {event}
    while new := {one for whole in new for one in facts.where("oewg:subEventOf", whole)} - events:
        events |= new
    return {
        (one, actor): facts.lines(one, "oewg:submittedBy", actor)
        for at in events
        for one in facts.where("oewg:ofEvent", at) & facts.all("oewg:Contribution")
        for actor in facts.of(one, "oewg:submittedBy")
    }


@recount("texts-in-language", "text")
def texts_in_language(facts: Facts, language: str) -> Rows:
    return {
        (one,): facts.lines(one, "dcterms:language", language)
        for one in facts.where("dcterms:language", language) & facts.labels.keys()
    }


@recount("things-on-topic", "thing", "class")
def things_on_topic(facts: Facts, topic: str) -> Rows:
    return {
        (one, kind): facts.lines(one, "dcterms:subject", topic)
        for kind in ("oewg:Document", "oewg:Contribution", "oewg:Event")
        for one in facts.where("dcterms:subject", topic) & facts.all(kind)
    }


@recount("names-of-actor", "name")
def names_of_actor(facts: Facts, actor: str) -> Rows:
    return {(name,): facts.lines(actor, "oewg:nameInSource", name) for name in facts.of(actor, "oewg:nameInSource")}


@recount("actors-named-on-one-page", "actor", "source")
def actors_named_on_one_page(facts: Facts, actor_class: str) -> Rows:
    rows: Rows = {}
    for one in facts.all(actor_class):
        lines = set().union(*(names_of_actor(facts, one).values()))
        sources = {facts.first(line, "oewg:ofSource") for line in lines}
        if len(sources) == 1:
            rows[one, sources.pop()] = lines
    return rows


@recount("expert-seats", "seat", "country")
def expert_seats(facts: Facts, process: str) -> Rows:
    return {
        (seat, country): facts.lines(seat, "oewg:country", country)
        for seat in facts.where("oewg:ofProcess", process) & facts.all("oewg:ExpertSeat")
        for country in facts.of(seat, "oewg:country")
    }


@recount("letters-of-chair", "letter", "date")
def letters_of_chair(facts: Facts, chair: str) -> Rows:
    return {
        (one, facts.first(one, "dcterms:date")): facts.lines(one, "oewg:issuedBy", chair)
        for one in facts.where("oewg:issuedBy", chair) & facts.of_kind("kind:letter")
    }


@recount("informal-rounds", "round", "start", "topic")
def informal_rounds(facts: Facts, process: str) -> Rows:
    rows: Rows = {}
    for one in facts.of_kind("kind:informal-round") & facts.where("oewg:ofProcess", process):
        start = facts.first(one, "oewg:heldStart")
        for topic in facts.of(one, "dcterms:subject") or {""}:
            rows[one, start, topic] = facts.lines(one, "oewg:heldStart", start) | facts.lines(
                one, "dcterms:subject", topic
            )
    return rows


@recount("lines-under-heading", "item")
def lines_under_heading(facts: Facts, heading: str) -> Rows:
    return {(line,): {line} for line in facts.where("oewg:underHeading", heading)}


@recount("decisions-about-line", "decision")
def decisions_about_line(facts: Facts, about: str) -> Rows:
    return {(one,): {about} for one in facts.where("oewg:aboutLine", about) & facts.all("oewg:Decision")}
