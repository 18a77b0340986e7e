"""Classes of states, each a partition of all Member States: regions, income, members of a group, expert seats, votes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import dataset, query, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.query import SavedQuery
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PREFIXES

SCHEMES = {
    "m49-region": ("m49-regions", "region of M49", "in no region"),
    "m49-subregion": ("m49-subregions", "subregion of M49", "in no subregion"),
    "ldc": ("ldc-states", "least developed countries", "not a least developed country"),
    "lldc": ("lldc-states", "landlocked developing countries", "not a landlocked developing country"),
    "sids": ("sids-states", "small island developing States", "not a small island developing State"),
}
UN_GROUPS = ("African Group", "Asia-Pacific Group", "Eastern European Group", "GRULAC", "WEOG")
NO_GROUP = "in no regional group"
MOST = 20  # symbols in an error
YES_NO = ("yes", "no", "abstained", "did not vote")
KNOWN = (*SCHEMES, "un-group", "income", "group:NAME", "gge", "vote:SYMBOL", "any with @DATE")


@dataclass(frozen=True)
class State:
    """A Member State: its English name, day of admission ("" where sources differ), whether a page names it, and its classes by scheme."""

    label: str
    admitted: str
    named: bool
    classes: dict[str, str]


@dataclass(frozen=True)
class Classes:
    """A partition of the states: what it is, the day for which it holds, its classes in order, and the class of each state."""

    title: str
    day: str
    order: tuple[str, ...]
    of: dict[str, str]


def states(graph: Dataset) -> dict[str, State]:
    """Read all Member States by IRI."""
    found: dict[str, State] = {}
    for row in dataset.select(graph.store, dataset.own_query("member-states")):
        state = found.setdefault(
            terms.text_of(row["state"]),
            State(
                terms.text_of(row["label"]), terms.text_of(row["admitted"]), terms.text_of(row["named"]) == "true", {}
            ),
        )
        if row["class"]:
            state.classes[terms.text_of(row["scheme"]).rpartition("/")[2]] = terms.text_of(row["classLabel"])
    return found


def read(graph: Dataset, folder: Path, text: str, day: str) -> Classes:
    """Read a class of states as it is written, `NAME`, `NAME:VALUE`, either with `@DATE`; raises UsageError with what there is.

    `day` is that of the question, used where none is written; `folder` holds the saved questions.
    """
    what, at, given = text.strip().partition("@")
    if at and not terms.is_date(given):
        raise UsageError(f"{given!r} is not a valid date", text, "write CLASS@YYYY-MM-DD")
    name, _, value = what.partition(":")
    reader = READERS.get(name.casefold())
    if name.casefold() in SCHEMES and not value:
        scheme, title, otherwise = SCHEMES[name.casefold()]
        return _scheme(graph, scheme, title, otherwise, given or day)
    if not reader:
        advice = terms.did_you_mean(name.casefold(), [*SCHEMES, *READERS], f"use one of: {', '.join(KNOWN)}")
        raise UsageError(f"there is no class of states {text!r}", advice=advice)
    return reader(graph, folder, value, given or day)


def _scheme(graph: Dataset, scheme: str, title: str, otherwise: str, day: str) -> Classes:
    of = {iri: one.classes.get(scheme, otherwise) for iri, one in states(graph).items()}
    concepts = graph.store.quads_for_pattern(
        ox.NamedNode(PREFIXES["scheme"] + scheme),
        ox.NamedNode(PREFIXES["skos"] + "hasTopConcept"),
        None,
        ox.DefaultGraph(),
    )
    order = [terms.name(graph.store, terms.text_of(quad.object)) for quad in concepts]
    if not order:
        raise UsageError(f"no {title} is held", scheme, f"use one of: {', '.join(KNOWN)}")
    return Classes(title, day, _with_rest(sorted(order), otherwise, of), of)


def _with_rest(order: list[str], otherwise: str, of: dict[str, str]) -> tuple[str, ...]:
    return tuple([*order, *([otherwise] if otherwise in of.values() else [])])


def _income(graph: Dataset, folder: Path, value: str, day: str) -> Classes:
    """Classify by the fiscal year of the World Bank that has the day; it begins on 1 July of the year before."""
    year = int(day[2:4]) + (day[5:7] >= "07")
    try:
        return _scheme(graph, f"income-fy{year:02}", f"income class of FY{year:02}", "without an income class", day)
    except UsageError as error:
        raise UsageError(
            f"no income classes are held for {day}", "", "use income@DATE from 2018-07-01 to 2026-06-30"
        ) from error


def _un_group(graph: Dataset, folder: Path, value: str, day: str) -> Classes:
    of = dict.fromkeys(states(graph), NO_GROUP)
    order = []
    for group in UN_GROUPS:
        members = _group(graph, folder, group, day)
        label = members.title.removeprefix("member of ")
        order.append(label)
        of |= {iri: label for iri, standing in members.of.items() if standing != "not a member"}
    return Classes("regional group of the United Nations, by present lists", day, _with_rest(order, NO_GROUP, of), of)


def _group(graph: Dataset, folder: Path, value: str, day: str) -> Classes:
    saved = query.find(folder, "group-members-at-date")
    value = (
        f"group:{value}" if terms.expand(f"group:{value}") in query.choices(graph.store, saved.parameters[0]) else value
    )
    result, bindings = _asked(graph, saved, group=value, day=day)
    of = dict.fromkeys(states(graph), "not a member")
    of |= {terms.text_of(row[0]): terms.text_of(row[result.columns.index("standing")]) for row in result.rows}
    label = terms.name(graph.store, terms.text_of(bindings["group"]))
    if not result.rows:
        raise UsageError(
            f"no state is known to have been a member of {label} on {day}", advice="choose another date with @DATE"
        )
    return Classes(
        f"member of {label}", day, ("member", "not a member", "not decided")[: 2 + ("not decided" in of.values())], of
    )


def _gge(graph: Dataset, folder: Path, value: str, day: str) -> Classes:
    saved = query.find(folder, "expert-seats")
    result, bindings = _asked(
        graph, saved, **({"process": f"process:gge-{value}" if value[:1].isdigit() else value} if value else {})
    )
    label = terms.name(graph.store, terms.text_of(bindings.get("process", saved.parameters[0].term)))
    if not result.rows:
        raise UsageError(f"no page lists the seats of {label}", advice="see `oewg ask announced-and-listed-seats`")
    of = dict.fromkeys(states(graph), "no seat")
    of |= {terms.text_of(row[result.columns.index("country")]): "expert seat" for row in result.rows}
    return Classes(f"seat in the {label}", day, ("expert seat", "no seat"), of)


def _vote(graph: Dataset, folder: Path, value: str, day: str) -> Classes:
    saved = query.find(folder, "votes-by-regional-group")
    symbol = value.upper().removeprefix("A/RES/").replace("/", "-")
    try:
        bound = query.bind(graph, saved, {"resolution": f"document:res-{symbol}" if symbol[:1].isdigit() else value})
    except UsageError as error:
        held = [row["symbol"] for row in dataset.select(graph.store, dataset.own_query("resolutions-with-votes"))]
        advice = (
            f"use one of {len(held)}: {', '.join(map(terms.text_of, held[:MOST]))}{', ...' if len(held) > MOST else ''}"
        )
        raise UsageError(f"no vote on {value!r} is held", advice=advice) from error
    text = dataset.given(dataset.own_query("votes-of-resolution"), bound)
    rows = list(dataset.select(graph.store, text))
    label = terms.name(graph.store, terms.text_of(bound["resolution"]))
    if not rows:
        raise UsageError(f"no recorded vote on {label} is held", advice="see `oewg ask votes-of-state` for those held")
    of = dict.fromkeys(states(graph), "no vote recorded")
    of |= {iri: terms.text_of(row["vote"]) for row in rows if (iri := terms.text_of(row["state"])) in of}
    return Classes(
        f"vote on {label}", terms.text_of(rows[0]["day"]), _with_rest(list(YES_NO), "no vote recorded", of), of
    )


def _asked(graph: Dataset, saved: SavedQuery, **values: str) -> tuple[query.QueryResult, dict[str, Term]]:
    bindings = query.bind(graph, saved, values)
    return query.run(graph, saved, bindings), bindings


READERS: dict[str, Callable[[Dataset, Path, str, str], Classes]] = {
    "un-group": _un_group,
    "income": _income,
    "group": _group,
    "gge": _gge,
    "vote": _vote,
}
