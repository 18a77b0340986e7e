"""Which share of damage to the data the build, the shapes and the checks notice: `python tests/helpers/mutations.py`.

Takes a fixed sample of the triples that the lines state, and deletes or damages each: an IRI becomes one that nothing
describes, a date moves out of its order or loses its datatype, a literal becomes empty. The whole graph is then resolved,
closed and validated anew, with all shapes and checks; a mutation counts as noticed when something is found that was not found
before. To spare time, mutations that cannot share a finding are tried together, and each finding is given to the one whose
neighborhood holds its focus node.

Left out: damage to the ontology, to data/actors and the other files beside the lines, to a line's name, and damage that keeps to
the forms and to the number of triples, such as another state in place of the right one, or one triple taken out where another
comes in: only a second reading of the page finds that.
"""

import datetime
import hashlib
import logging
import sys
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import dataset as datasets
from oewg_kg import paths, terms
from oewg_kg.evidence import decisions
from oewg_kg.inference import infer
from oewg_kg.paths import Root
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import OEWG, PREF_LABEL, PREFIXES, RDF_TYPE

SAMPLE = 320
COUNT = "triples-lost-or-added-violation"
ROOT = Path(__file__).parents[2]
DATE = ox.NamedNode(PREFIXES["xsd"] + "date")
PAIRS = [("heldStart", "heldEnd"), ("plannedStart", "plannedEnd"), ("earliestDate", "latestDate")]
PAIRS += [("activeEarliest", "activeLatest"), ("adoptedEarliest", "adoptedLatest")]
ENDS = {OEWG + last: (OEWG + first, -1) for first, last in PAIRS}
STARTS = {OEWG + first: (OEWG + last, 1) for first, last in PAIRS}


@dataclass(frozen=True)
class Mutation:
    """One triple of a line, what takes its place (nothing when it is deleted), and what was done to it, in words."""

    before: ox.Quad
    after: ox.Quad | None
    kind: str


@dataclass(frozen=True)
class Outcome:
    """What noticed a mutation: names of shapes and checks, or "the build"; `kept` when the answers still have the triple.

    Then another line says the same, or it follows from what is left.
    """

    mutation: Mutation
    noticed_by: tuple[str, ...]
    kept: bool


def digest(quad: ox.Quad) -> bytes:
    return hashlib.sha256(str(quad).encode()).digest()


def sample(store: ox.Store, size: int) -> list[ox.Quad]:
    """The triples of lines with the smallest digests: the same ones as long as the data is the same."""
    lines = (quad for quad in store if "#L" in str(quad.graph_name) and "/source/" in str(quad.graph_name))
    return sorted(lines, key=digest)[:size]


def mutation(store: ox.Store, quad: ox.Quad) -> Mutation:
    """Delete every second triple and damage the others, as their digest says."""
    choice = digest(quad)[-1]
    if choice % 2:
        return Mutation(quad, None, "deleted")
    value, kind = damaged(store, quad, choice)
    return Mutation(quad, ox.Quad(quad.subject, quad.predicate, value, quad.graph_name), kind)


def damaged(store: ox.Store, quad: ox.Quad, choice: int) -> tuple[ox.NamedNode | ox.Literal, str]:
    value = quad.object
    if isinstance(value, ox.NamedNode):
        return ox.NamedNode(value.value + "-damaged"), "IRI that nothing describes"
    assert isinstance(value, ox.Literal)
    if value.datatype == DATE and choice % 4:
        return ox.Literal(value.value), "date without its datatype"
    if value.datatype == DATE:
        other, days = (ENDS | STARTS).get(quad.predicate.value, ("", -400))
        found = next(store.quads_for_pattern(quad.subject, ox.NamedNode(other), None), None) if other else None
        near = found.object if found else value
        assert isinstance(near, ox.Literal)
        day = datetime.date.fromisoformat(near.value) + datetime.timedelta(days)
        return ox.Literal(day.isoformat(), datatype=DATE), "date out of its order"
    if value.language:
        return ox.Literal("", language=value.language), "empty literal"
    return ox.Literal("", datatype=value.datatype), "empty literal"


def neighborhood(store: ox.Store, change: Mutation) -> set[str]:
    """The terms at which a finding about a mutation can show."""
    quad = change.before
    near = {quad.subject, quad.graph_name}
    if change.after and isinstance(change.after.object, ox.NamedNode):
        near.add(change.after.object)
    if quad.predicate.value in {RDF_TYPE, PREF_LABEL, OEWG + "ofProcess", OEWG + "subEventOf"} or str(
        quad.object
    ).endswith("#date>"):
        near |= {found.subject for found in store.quads_for_pattern(None, None, quad.subject)}
    if quad.predicate.value == OEWG + "ofProcess":  # what an event has of its session, and a contribution of that event
        events = [one for one in near if isinstance(one, ox.NamedNode)]
        near |= {found.subject for one in events for found in store.quads_for_pattern(None, None, one)}
    if quad.predicate.value == OEWG + "ordinal":  # a gap shows at the next of the series
        assert isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal)
        near.add(ox.NamedNode(f"{quad.subject.value.rpartition('-')[0]}-{int(quad.object.value) + 1}"))
    if isinstance(quad.object, ox.NamedNode):
        pointing = {found.subject for found in store.quads_for_pattern(None, quad.predicate, quad.object)}
        near |= {quad.object} if len(pointing) < 3 else set()
    return {terms.compact(term.value) for term in near if isinstance(term, ox.NamedNode)}


def batches(store: ox.Store, changes: list[Mutation]) -> list[list[tuple[Mutation, set[str]]]]:
    """Group mutations so that within a group no two neighborhoods meet."""
    groups: list[tuple[set[str], list[tuple[Mutation, set[str]]]]] = []
    for change in changes:
        near = neighborhood(store, change)
        for taken, group in groups:
            if not taken & near:
                taken |= near
                group.append((change, near))
                break
        else:
            groups.append((set(near), [(change, near)]))
    return [group for _, group in groups]


def findings(dataset: datasets.Dataset, root: Root) -> set[tuple[str, ...]]:
    report = validate.report(dataset, root.shapes)
    found = [*report.results, *validate.checks(dataset, root.queries / "checks")]
    return {(r.focus, r.shape, r.path, r.value, r.message) for r in found}


def mutated(stated: datasets.Dataset, root: Root, changes: list[Mutation]) -> datasets.Dataset:
    """Build the graph from what is stated, less the triples before, with those after."""
    gone = {change.before for change in changes}
    store = ox.Store()
    store.bulk_extend(quad for quad in stated.store if quad not in gone)
    store.extend([change.after for change in changes if change.after])
    dataset = datasets.Dataset(store, stated.files)
    decisions.resolve(dataset)
    infer.close(dataset, root.rules)
    return dataset


@cache
def run(size: int = SAMPLE) -> tuple[Outcome, ...]:
    """Try a sample of mutations; raises ValueError when a finding belongs to none of them."""
    root = paths.find(str(ROOT))
    stated = datasets.load(root)
    claimed = {one.quad for one in decisions.decided_claims(stated.store)}
    changes = [mutation(stated.store, quad) for quad in sample(stated.store, size)]
    # a decision about a claim that its line no longer makes stops the build (test_decisions.py)
    outcomes = [Outcome(change, ("the build",), kept=False) for change in changes if change.before in claimed]
    whole = mutated(stated, root, [])
    usual = findings(whole, root)
    for group in batches(whole.store, [change for change in changes if change.before not in claimed]):
        dataset = mutated(stated, root, [change for change, _ in group])
        new = findings(dataset, root) - usual
        for change, near in group:
            own = {found for found in new if found[0] in near}
            new -= own
            kept = ox.Quad(*change.before.triple) in dataset.store
            outcomes.append(Outcome(change, tuple(sorted({found[1] for found in own})), kept))
        if new:
            raise ValueError(f"findings outside every neighborhood: {sorted(new)[:3]}")
    return tuple(outcomes)


def share(outcomes: list[Outcome]) -> float:
    return 100 * sum(1 for outcome in outcomes if outcome.noticed_by) / len(outcomes)


def otherwise(outcomes: list[Outcome]) -> list[Outcome]:
    """What would be noticed if the numbers of triples were not recorded."""
    return [replace(o, noticed_by=tuple(name for name in o.noticed_by if name != COUNT)) for o in outcomes]


def told(outcomes: tuple[Outcome, ...]) -> str:
    """The report: the share in all and by kind of damage, and what slips through."""
    lost = [o for o in outcomes if not o.kept]
    lines = [f"{len(outcomes)} mutations, {share(list(outcomes)):.1f} % noticed"]
    lines.append(f"{len(lost)} took a triple from the answers, {share(lost):.1f} % noticed")
    for words, own in (("", list(outcomes)), (", of those that took a triple from the answers", lost)):
        lines.append(f"without the recorded numbers of triples{words}: {share(otherwise(own)):.1f} %")
    for kind in sorted({o.mutation.kind for o in outcomes}):
        own = [o for o in outcomes if o.mutation.kind == kind]
        lines.append(f"{kind}: {share(own):.1f} % of {len(own)}")
    build = sum(o.noticed_by == ("the build",) for o in outcomes)
    lines.append(f"noticed by the build, because a decision cites the triple: {build}")
    slipped = [o for o in otherwise(list(outcomes)) if not o.noticed_by]
    lines.append(
        f"by these numbers alone, and nothing lost, as another line or an inference says the same: {sum(o.kept for o in slipped)}"
    )
    counts = Counter((o.mutation.kind, terms.compact(o.mutation.before.predicate.value)) for o in slipped if not o.kept)
    lines += [f"by these numbers alone: {number} times {what}, {kind}" for (kind, what), number in counts.most_common()]
    return "\n".join(lines)


if __name__ == "__main__":
    logging.getLogger("rdflib.term").setLevel(
        logging.CRITICAL
    )  # it tells of each ill-typed literal, which are meant here
    sys.stdout.write(told(run()) + "\n")
