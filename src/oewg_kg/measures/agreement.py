"""How often each pair of states voted the same way: each vote in the data, or imported, is a bit of an integer."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyoxigraph as ox

from oewg_kg import dataset, query, terms, texts
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.export.networks import Network
from oewg_kg.measures import Measured, decimal, participation
from oewg_kg.query import QueryResult
from oewg_kg.vocabulary import PREFIXES

WAYS = ("voterInFavor", "voterAgainst", "voterAbstaining")
RULES = {
    "apart": "an abstention counts as agreeing only with another abstention",
    "half": "an abstention counts as half an agreement with yes and half an agreement with no",
    "left-out": "votes on which either of the two abstained are left out",
}
COLUMNS = ("first", "firstLabel", "second", "secondLabel", "agreement", "n")
MOST = 60  # the most states in a legible matrix
Bits = tuple[int, int, int]


@dataclass(frozen=True)
class Rule:
    """How to count: first and last day, the least number of common votes, and how abstentions count (`RULES`)."""

    since: str = ""
    until: str = ""
    least: int = 5
    abstentions: str = "apart"


def votes(graph: Dataset, rule: Rule) -> tuple[dict[str, Bits], list[str]]:
    """Read for each Member State the votes in which it voted yes, no or abstained, a bit for each; and the days of all.

    Several records of the final vote on one resolution count as one; it is left out for a state on which they differ.
    """
    days: dict[str, str] = {}
    bit: dict[str, int] = {}
    for row in dataset.select(graph.store, dataset.own_query("votes-in-order")):
        call, text, day = (terms.text_of(row[name]) for name in ("call", "text", "day"))
        if rule.since <= day <= (rule.until or "9999"):
            days.setdefault(text, day)
            bit[call] = bit[text] = bit.get(text, len(days) - 1)
    found: dict[str, list[int]] = {}
    cast_as = dataset.own_query("voters-of-each-vote")
    for way, name in enumerate(WAYS):
        cast: defaultdict[str, bytearray] = defaultdict(lambda: bytearray(len(days) // 8 + 1))
        for row in dataset.select(graph.store, cast_as.replace("?way", f"oewg:{name}")):
            at = bit.get(terms.text_of(row["call"]))
            if at is not None:
                byte, sign = at // 8, 1 << at % 8
                for state in terms.text_of(row["states"]).split():
                    cast[state][byte] |= sign
        for state, bits in cast.items():
            if state.startswith(PREFIXES["state"]):
                found.setdefault(state, [0, 0, 0])[way] = int.from_bytes(bits, "little")
    return {state: _without_contested(*bits) for state, bits in sorted(found.items())}, list(days.values())


def _without_contested(yes: int, no: int, abstained: int) -> Bits:
    certain = ~(yes & no | yes & abstained | no & abstained)
    return yes & certain, no & certain, abstained & certain


def agree(one: Bits, other: Bits, abstentions: str) -> tuple[float, int]:
    """Count on how many resolutions two states agree, and how many both voted on, by a rule for abstentions."""
    same = [(a & b).bit_count() for a, b in zip(one, other, strict=True)]
    decided = ((one[0] | one[1]) & (other[0] | other[1])).bit_count()
    if abstentions == "left-out":
        return same[0] + same[1], decided
    both = ((one[0] | one[1] | one[2]) & (other[0] | other[1] | other[2])).bit_count()
    return sum(same) + (both - decided - same[2]) / 2 * (abstentions == "half"), both


def between(graph: Dataset, states: Sequence[str], rule: Rule) -> Measured:
    """Compare all pairs of states, or those named among themselves; of one state with all others. Raises UsageError."""
    if rule.abstentions not in RULES:
        raise UsageError(
            f"unknown rule for abstentions: {rule.abstentions!r}", advice=f"use one of: {', '.join(RULES)}"
        )
    parameter = query.Parameter("state", "iri", "", "oewg:State")
    known = query.choices(graph.store, parameter)
    cast, days = votes(graph, rule)
    if not days:
        raise UsageError(
            f"the data contain no votes from {rule.since or 'the beginning'} to {rule.until or 'the end'}",
            advice="choose other dates",
        )
    named = list(dict.fromkeys(query.find_choice(graph, parameter, text).value for text in states))
    if silent := [iri for iri in named if iri not in cast]:
        raise UsageError(f"the data contain no votes by {known[silent[0]][0]}", advice="leave it out")
    pairs: Iterator[tuple[str, str]] = combinations(named or cast, 2)
    if len(named) == 1:
        pairs = ((named[0], other) for other in cast if other != named[0])
    found, few = [], 0
    for one, other in pairs:
        same, n = agree(cast[one], cast[other], rule.abstentions)
        if n < max(rule.least, 1):
            few += 1
        else:
            found.append((-same / n, -n, known[one][0], known[other][0], one, other))
    rows = tuple(
        (ox.NamedNode(one), ox.Literal(label), ox.NamedNode(other), ox.Literal(name), decimal(-share), ox.Literal(-n))
        for share, n, label, name, one, other in sorted(found)
    )
    others = ", ".join(name for name in RULES if name != rule.abstentions)
    sentence = (
        f"{len(days)} General Assembly votes from {min(days)} to {max(days)}; {len(cast)} Member States "
        "voted on at least one. n: votes in which both took part; not voting counts as missing. "
        f"Rule: {RULES[rule.abstentions]}; other rules: {others}. Pairs left out because n is below {rule.least}: {few}."
    )
    return Measured(QueryResult(COLUMNS, rows, ((),) * len(rows)), sentence)


def network(found: Measured, classes: Mapping[str, Mapping[str, str]]) -> Network:
    """Make a network of states with their classes; the weight of an edge is the agreement in thousandths."""
    things, edges = {}, {}
    for first, label, second, name, share, n in (map(terms.text_of, row) for row in found.result.rows):
        things[first], things[second] = (label, "state"), (name, "state")
        edges[first, second] = (round(float(share) * 1000), n)
    return Network("Agreement in votes, in thousandths", "votes", things, classes, edges)


def matrix(found: Measured) -> str:
    """Draw the agreement of some states as a matrix, by code; raises UsageError if there are too many to be legible."""
    cells = []
    for first, _, second, _, share, n in (map(terms.text_of, row) for row in found.result.rows):
        a, b = first[-3:], second[-3:]
        cells += [(a, b, share, n), (b, a, share, n)]
    names = sorted({a for a, *_ in cells})
    if not 2 <= len(names) <= MOST:
        raise UsageError(f"a matrix of {len(names)} states would not be legible", advice=f"name 2 to {MOST} states")
    places = {name: at for at, name in enumerate(names)}
    notes = textwrap.wrap(found.sentence, 20 + len(names) * 8)
    return texts.filled(
        "measures/matrix.svg.jinja",
        title="Agreement in votes",
        names=names,
        cells=sorted(cells),
        places=places,
        notes=notes,
        few=participation.FEW,
    )
