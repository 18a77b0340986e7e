"""How often each pair of states voted the same way, as a table, network or matrix; a vote is a bit of an integer."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyoxigraph as ox

from oewg_kg import query, terms, texts
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.errors import UsageError
from oewg_kg.export.networks import Network
from oewg_kg.measures import Measure, decimal, participation
from oewg_kg.query import QueryResult
from oewg_kg.vocabulary import PREFIXES

VOTE_PROPERTIES = ("voterInFavor", "voterAgainst", "voterAbstaining")
RULES = {
    "apart": "an abstention counts as agreeing only with another abstention",
    "half": "an abstention counts as half an agreement with yes and half an agreement with no",
    "left-out": "votes on which either of the two abstained are left out",
}
COLUMNS = ("first", "firstLabel", "second", "secondLabel", "agreement", "n")
LEGIBLE = 60  # the most states in a legible matrix
VoteBits = tuple[int, int, int]


@dataclass(frozen=True)
class Rule:
    """How to count: first and last day, the least number of common votes, and how abstentions count (`RULES`)."""

    since: str = ""
    until: str = ""
    least: int = 5
    abstentions: str = "apart"


def votes_by_state(dataset: Dataset, rule: Rule) -> tuple[dict[str, VoteBits], list[str]]:
    """Read for each Member State the votes in which it voted yes, no or abstained, a bit for each; and the days of all.

    Several records of the final vote on one resolution count as one; it is left out for a state on which they differ.
    """
    days: dict[str, str] = {}
    bit_numbers: dict[str, int] = {}
    for row in select(dataset.store, own_query("votes-in-order")):
        roll_call, resolution, day = (terms.text_of(row[column]) for column in ("call", "text", "day"))
        if rule.since <= day <= (rule.until or "9999"):
            days.setdefault(resolution, day)
            bit_numbers[roll_call] = bit_numbers[resolution] = bit_numbers.get(resolution, len(days) - 1)
    bits_by_state: dict[str, list[int]] = {}
    voters_query = own_query("voters-of-each-vote")
    for vote, vote_property in enumerate(VOTE_PROPERTIES):
        cast: defaultdict[str, bytearray] = defaultdict(lambda: bytearray(len(days) // 8 + 1))
        for row in select(dataset.store, voters_query.replace("?way", f"oewg:{vote_property}")):
            bit = bit_numbers.get(terms.text_of(row["call"]))
            if bit is not None:
                for state in terms.text_of(row["states"]).split():
                    cast[state][bit // 8] |= 1 << bit % 8
        for state, vote_bits in cast.items():
            if state.startswith(PREFIXES["state"]):
                bits_by_state.setdefault(state, [0, 0, 0])[vote] = int.from_bytes(vote_bits, "little")
    certain = {state: _drop_contradictions(*bits) for state, bits in sorted(bits_by_state.items())}
    return certain, list(days.values())


def _drop_contradictions(yes: int, no: int, abstained: int) -> VoteBits:
    certain = ~(yes & no | yes & abstained | no & abstained)
    return yes & certain, no & certain, abstained & certain


def count_agreement(first: VoteBits, second: VoteBits, abstentions: str) -> tuple[float, int]:
    """Count on how many resolutions two states agree, and how many both voted on, by a rule for abstentions."""
    agreeing = [(bits & other_bits).bit_count() for bits, other_bits in zip(first, second, strict=True)]
    both_decided = ((first[0] | first[1]) & (second[0] | second[1])).bit_count()
    if abstentions == "left-out":
        return agreeing[0] + agreeing[1], both_decided
    both_voted = ((first[0] | first[1] | first[2]) & (second[0] | second[1] | second[2])).bit_count()
    return sum(agreeing) + (both_voted - both_decided - agreeing[2]) / 2 * (abstentions == "half"), both_voted


def compare_states(dataset: Dataset, states: Sequence[str], rule: Rule) -> Measure:
    """Compare all pairs of states, or those named among themselves; of one state with all others. Raises UsageError."""
    if rule.abstentions not in RULES:
        advice = f"use one of: {', '.join(RULES)}"
        raise UsageError(f"unknown rule for abstentions: {rule.abstentions!r}", advice=advice)
    parameter = query.Parameter("state", "iri", "", "oewg:State")
    state_names = query.choices(dataset.store, parameter)
    votes, days = votes_by_state(dataset, rule)
    if not days:
        period = f"from {rule.since or 'the beginning'} to {rule.until or 'the end'}"
        raise UsageError(f"the data contain no votes {period}", advice="choose other dates")
    state_iris = list(dict.fromkeys(query.find_choice(dataset, parameter, state).value for state in states))
    if without_votes := [iri for iri in state_iris if iri not in votes]:
        raise UsageError(f"the data contain no votes by {state_names[without_votes[0]][0]}", advice="leave it out")
    state_pairs: Iterator[tuple[str, str]] = combinations(state_iris or votes, 2)
    if len(state_iris) == 1:
        state_pairs = ((state_iris[0], second) for second in votes if second != state_iris[0])
    compared, few = [], 0
    for first, second in state_pairs:
        agreeing, n = count_agreement(votes[first], votes[second], rule.abstentions)
        if n < max(rule.least, 1):
            few += 1
        else:
            compared.append((-agreeing / n, -n, state_names[first][0], state_names[second][0], first, second))
    rows = []
    for share, n, label, other_label, first, second in sorted(compared):
        pair = (ox.NamedNode(first), ox.Literal(label), ox.NamedNode(second), ox.Literal(other_label))
        rows.append((*pair, decimal(-share), ox.Literal(-n)))
    other_rules = ", ".join(name for name in RULES if name != rule.abstentions)
    sentence = (
        f"{len(days)} General Assembly votes from {min(days)} to {max(days)}; {len(votes)} Member States "
        "voted on at least one. n: votes in which both took part; not voting counts as missing. "
        f"Rule: {RULES[rule.abstentions]}; other rules: {other_rules}. Pairs left out because n is below {rule.least}: {few}."
    )
    return Measure(QueryResult(COLUMNS, tuple(rows), ((),) * len(rows)), sentence)


def network(measure: Measure, classes: Mapping[str, Mapping[str, str]]) -> Network:
    """Make a network of states with their classes; the weight of an edge is the agreement in thousandths."""
    states, edges = {}, {}
    for first, first_label, second, second_label, share, n in (map(terms.text_of, row) for row in measure.result.rows):
        states[first], states[second] = (first_label, "state"), (second_label, "state")
        edges[first, second] = (round(float(share) * 1000), n)
    return Network("Agreement in votes, in thousandths", "votes", states, classes, edges)


def matrix(measure: Measure) -> str:
    """Draw the agreement of some states as a matrix, by code; raises UsageError if there are too many to be legible."""
    cells = []
    for first, _, second, _, share, n in (map(terms.text_of, row) for row in measure.result.rows):
        first_code, second_code = first[-3:], second[-3:]
        cells += [(first_code, second_code, share, n), (second_code, first_code, share, n)]
    codes = sorted({first_code for first_code, *_ in cells})
    if not 2 <= len(codes) <= LEGIBLE:
        raise UsageError(f"a matrix of {len(codes)} states would not be legible", advice=f"name 2 to {LEGIBLE} states")
    positions = {code: position for position, code in enumerate(codes)}
    notes = textwrap.wrap(measure.sentence, 20 + len(codes) * 8)
    return texts.filled(
        "measures/matrix.svg.jinja",
        title="Agreement in votes",
        codes=codes,
        cells=sorted(cells),
        positions=positions,
        notes=notes,
        few=participation.FEW_STATES,
    )
