"""The second computation of questions on lists and drafts: who stands there, who does not, and how often."""

import datetime
from collections.abc import Iterable

from recount import Facts, Rows, by_author, gathered, on, recount, seats

ROLES = ("oewg:submittedBy", "oewg:country", "oewg:coHostedBy", "oewg:supportedBy", "oewg:holder")
PARTS = {
    "oewg:submittedBy": "author",
    "oewg:initiatedBy": "initiative",
    "oewg:inNameOf": "in its name",
    "oewg:coHostedBy": "co-host",
    "oewg:supportedBy": "support",
    "oewg:chairedBy": "chair",
    "oewg:ofState": "post",
}
NO_LIST = "no list of Member States covers this draft"


def entries(facts: Facts, list: str, actor_class: str) -> Rows:
    """Give each actor of the class that has an entry in a list, with the lines that say so."""
    return gathered(
        ((actor,), facts.lines(one, role, actor))
        for one in facts.where("oewg:listedIn", list)
        for role in ROLES
        for actor in facts.of(one, role) & facts.all(actor_class)
    )


def of_class(facts: Facts, actor_class: str) -> set[str]:
    """Gather the actors of a class; a joint group of civil society counts as a stakeholder."""
    groups = facts.all("oewg:AuthorGroup") & facts.where("oewg:classifiedAs", "kind:civil-society-group")
    return facts.all(actor_class) | (groups if actor_class == "oewg:Stakeholder" else set())


def numbered(facts: Facts, contributions: set[str], actor_class: str) -> Iterable[tuple[str, str, set[str]]]:
    """Iterate over authors of the class, the number of their contributions among these, and the lines."""
    for (actor,), lines in by_author(facts, contributions).items():
        if actor in of_class(facts, actor_class):
            yield actor, str(len(contributions & facts.where("oewg:submittedBy", actor))), lines


def covering(facts: Facts, draft: str) -> dict[str, set[str]]:
    """Give the lists of Member States that cover a draft, with the lines that say so."""
    found = facts.where("oewg:covers", draft) & facts.where("oewg:coversKind", "kind:member-state")
    return {one: facts.lines(one, "oewg:covers", draft) for one in found}


def named(facts: Facts, *things: str, itself: bool = False) -> set[str]:
    """Gather the states named on the pages that mention a part of a process of some things, or with `itself` the things."""
    processes = {process for thing in things for process in facts.of(thing, "oewg:ofProcess")}
    lines = {
        line
        for process in processes
        for part in facts.where("oewg:ofProcess", process)
        for line in facts.lines(part, "oewg:ofProcess", process)
    }
    lines |= {line for thing in things if itself for line in facts.lines(thing, "rdf:type", "oewg:List")}
    pages = {line.partition(":")[0] for line in lines}
    return {
        state
        for state in facts.all("oewg:State")
        for name in facts.of(state, "oewg:nameInSource")
        if pages & {line.partition(":")[0] for line in facts.lines(state, "oewg:nameInSource", name)}
    }


@recount("actors-counted-in-lists", "list", "actors")
def actors_counted_in_lists(facts: Facts, process: str, actor_class: str) -> Rows:
    rows: Rows = {}
    for one in facts.where("oewg:ofProcess", process) & facts.all("oewg:List"):
        found = {actor for (actor,) in entries(facts, one, "oewg:Actor")} & of_class(facts, actor_class)
        if found:
            rows[one, str(len(found))] = facts.lines(one, "rdf:type", "oewg:List")
    return rows


@recount("actors-in-both-lists", "actor")
def actors_in_both_lists(facts: Facts, first: str, second: str, actor_class: str) -> Rows:
    one, other = (entries(facts, list, actor_class) for list in (first, second))
    return {row: one[row] | other[row] for row in one.keys() & other.keys()}


@recount("actors-in-either-list", "actor")
def actors_in_either_list(facts: Facts, first: str, second: str, actor_class: str) -> Rows:
    return gathered(row for list in {first, second} for row in entries(facts, list, actor_class).items())


@recount("list-actor-matrix", "actor", "list", "contributions")
def list_actor_matrix(facts: Facts, process: str, actor_class: str) -> Rows:
    return {
        (actor, one, number): lines
        for one in facts.where("oewg:ofProcess", process) & facts.all("oewg:List")
        for actor, number, lines in numbered(facts, facts.where("oewg:listedIn", one), actor_class)
    }


@recount("draft-actor-matrix", "actor", "draft", "contributions")
def draft_actor_matrix(facts: Facts, work: str, actor_class: str) -> Rows:
    return {
        (actor, draft, number): lines
        for draft in facts.where("oewg:versionOf", work) & facts.all("oewg:Draft")
        for actor, number, lines in numbered(facts, facts.where("oewg:addresses", draft), actor_class)
    }


@recount("actors-on-draft", "actor", "contributions")
def actors_on_draft(facts: Facts, draft: str, kind: str, actor_class: str) -> Rows:
    return {(actor, number): lines for actor, number, lines in numbered(facts, on(facts, draft, kind), actor_class)}


@recount("contributions-in-list", "contribution", "actor", "from", "to")
def contributions_in_list(facts: Facts, list: str) -> Rows:
    dates = (("dcterms:date", "oewg:earliestDate"), ("dcterms:date", "oewg:latestDate"))
    return {
        (one, actor, *(facts.first(one, *ways) for ways in dates)): facts.lines(one, "oewg:submittedBy", actor)
        for one in facts.where("oewg:listedIn", list)
        for actor in facts.of(one, "oewg:submittedBy")
    }


@recount("contributions-of-actor", "contribution", "part", "target")
def contributions_of_actor(facts: Facts, actor: str) -> Rows:
    found = [
        ((one, part), facts.lines(one, role, actor)) for role, part in PARTS.items() for one in facts.where(role, actor)
    ]
    for one in facts.where("oewg:submittedBy", actor):
        found += [
            ((annex, "annex"), facts.lines(one, "oewg:hasAttachment", annex))
            for annex in facts.of(one, "oewg:hasAttachment")
        ]
    return gathered(
        ((*row, target), lines) for row, lines in found for target in facts.of(row[0], "oewg:addresses") or {""}
    )


@recount("entries-that-are-not-states", "contribution", "actor")
def entries_that_are_not_states(facts: Facts, list: str) -> Rows:
    return {
        (one, actor): facts.lines(one, "oewg:submittedBy", actor)
        for one in facts.where("oewg:listedIn", list)
        for actor in facts.of(one, "oewg:submittedBy") - facts.all("oewg:State")
        if "kind:member-state" in facts.of(list, "oewg:coversKind")
    }


@recount("states-not-in-list", "actor")
def states_not_in_list(facts: Facts, list: str) -> Rows:
    standing = {
        state
        for (actor,) in entries(facts, list, "oewg:Actor")
        for state in ({actor} | facts.of(actor, "oewg:organOf")) & facts.all("oewg:State")
    }
    return {
        (one,): facts.lines(list, "rdf:type", "oewg:List")
        for one in named(facts, list, itself=True) - standing
        if standing
    }


@recount("states-not-on-draft", "actor", "notListedIn", "notListedInLabel")
def states_not_on_draft(facts: Facts, draft: str) -> Rows:
    return {
        (one, list, label): lines
        for one in named(facts, draft)
        if not facts.where("oewg:submittedBy", one) & facts.where("oewg:addresses", draft)
        for list, label, lines in looked_in(facts, draft)
    }


def looked_in(facts: Facts, draft: str) -> list[tuple[str, str, set[str]]]:
    """List where somebody is not found: each covering list, or that there is none, with the lines."""
    lists = covering(facts, draft)
    own = facts.lines(draft, "rdf:type", "oewg:Draft")
    return [(one, facts.labels[one], lines) for one, lines in lists.items()] or [("", NO_LIST, own)]


@recount("states-on-neither-draft", "actor", "draft", "notListedIn", "notListedInLabel")
def states_on_neither_draft(facts: Facts, first: str, second: str) -> Rows:
    addressed = facts.where("oewg:addresses", first) | facts.where("oewg:addresses", second)
    return {
        (one, draft, list, label): lines
        for one in named(facts, first, second)
        if not facts.where("oewg:submittedBy", one) & addressed
        for draft in {first, second}
        for list, label, lines in looked_in(facts, draft)
    }


@recount("gge-countries-not-on-draft", "country", "notListedIn")
def gge_countries_not_on_draft(facts: Facts, draft: str) -> Rows:
    return {
        (country, list): lines | facts.lines(list, "oewg:covers", draft)
        for (country,), lines in seats(facts).items()
        if not facts.where("oewg:submittedBy", country) & facts.where("oewg:addresses", draft)
        for list in covering(facts, draft) or {""}
    }


@recount("groups-on-only-one-draft", "actor", "draft", "notListedIn")
def groups_on_only_one_draft(facts: Facts, first: str, second: str) -> Rows:
    rows: Rows = {}
    for draft, missing in {(first, second), (second, first)}:
        silent = by_author(facts, facts.where("oewg:addresses", draft), "oewg:StateGroup")
        for (group,), lines in silent.items():
            if not facts.where("oewg:submittedBy", group) & facts.where("oewg:addresses", missing):
                for list in covering(facts, missing) or {""}:
                    rows[group, draft, list] = lines | facts.lines(list, "oewg:covers", missing)
    return rows


@recount("states-on-only-one-draft", "actor", "draft")
def states_on_only_one_draft(facts: Facts, first: str, second: str, kind: str, actor_class: str) -> Rows:
    rows: Rows = {}
    for draft, missing in {(first, second), (second, first)}:
        absent = by_author(facts, on(facts, missing, kind))
        for (actor,), lines in by_author(facts, on(facts, draft, kind), actor_class).items():
            if (actor,) not in absent and actor not in facts.all("oewg:AuthorGroup"):
                side = "oewg:Stakeholder" if actor in facts.all("oewg:Stakeholder") else "oewg:StateActor"
                kinds = (
                    {"kind:member-state"} if side == "oewg:StateActor" else {"kind:igo", "kind:ngo", "kind:igo-or-ngo"}
                )
                lists = {one for one in facts.where("oewg:covers", missing) if facts.of(one, "oewg:coversKind") & kinds}
                where = set().union(*(facts.lines(one, "oewg:covers", missing) for one in lists))
                rows[actor, draft] = lines | (where if actor in facts.all(side) else set())
    return rows


@recount("mandate-items", "item", "ordinal", "topic")
def mandate_items(facts: Facts, process: str) -> Rows:
    return {
        (one, facts.first(one, "oewg:ordinal"), topic): facts.lines(one, "oewg:provisionOf", process)
        for one in facts.where("oewg:provisionOf", process) - facts.all("oewg:Modality")
        for topic in facts.of(one, "dcterms:subject") or {""}
    }


@recount("officers-of-process", "post", "holder")
def officers_of_process(facts: Facts, process: str) -> Rows:
    return {
        (post, holder): facts.lines(tenure, "oewg:holder", holder)
        for post in facts.where("oewg:postIn", process)
        for tenure in facts.where("oewg:heldPost", post)
        for holder in facts.of(tenure, "oewg:holder")
    }


@recount("claims-of-decision", "role", "thing", "property", "value")
def claims_of_decision(facts: Facts, decision: str) -> Rows:
    roles = {"oewg:prefers": "preferred", "oewg:setsAside": "set aside", "oewg:keeps": "kept"}
    rows: Rows = {}
    for way, role in roles.items():
        for claim in facts.of(decision, way):
            ends = (facts.first(claim, f"rdf:{end}") for end in ("subject", "predicate", "object"))
            rows.setdefault((role, *ends), set()).update(facts.of(claim, "oewg:statedIn"))
    return rows


@recount("draft-lineage", "draft", "date", "previous", "days")
def draft_lineage(facts: Facts, work: str) -> Rows:
    rows: Rows = {}
    for draft in facts.where("oewg:versionOf", work):
        day = facts.first(draft, "dcterms:date")
        lines = facts.lines(draft, "dcterms:date", day) or facts.lines(draft, "oewg:versionOf", work)
        for previous in facts.of(draft, "prov:wasRevisionOf") or {""}:
            before = facts.first(previous, "dcterms:date")
            days = (
                (datetime.date.fromisoformat(day) - datetime.date.fromisoformat(before)).days if day and before else ""
            )
            rows[draft, day, previous, str(days)] = lines | facts.lines(draft, "prov:wasRevisionOf", previous)
    return rows


@recount("adoption-dates-by-line", "from", "to")
def adoption_dates_by_line(facts: Facts, resolution: str) -> Rows:
    found = []
    for (subject, predicate, value), lines in facts.stated.items():
        if subject == resolution and predicate in ("oewg:adoptedOn", "oewg:adoptedEarliest"):
            for line in lines:
                ends = [
                    v
                    for (s, p, v), at in facts.stated.items()
                    if (s, p) == (resolution, "oewg:adoptedLatest") and line in at
                ]
                symbol = any(
                    (s, p) == (resolution, "oewg:symbol") and line in at for (s, p, _), at in facts.stated.items()
                )
                found += [((value, end), {line}) for end in ends or [value] if symbol]
    return gathered(found)
