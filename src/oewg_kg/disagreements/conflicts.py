"""The register of conflicting claims, and the saved questions whose answers would change if another claim were right."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pyoxigraph as ox

from oewg_kg import query, terms
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.evidence import decisions
from oewg_kg.evidence.decisions import Decided
from oewg_kg.inference import infer
from oewg_kg.paths import Root
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.query_analysis import properties
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES

REASONS = [PREFIXES["kind"] + name for name in ("contested", "superseded", "misprint", "imprecise", "reading")]
READING = REASONS[-1]


@dataclass(frozen=True)
class Variant(Decided):
    """One of several conflicting claims, and the questions whose answers would change if it were right (None if the answers use it)."""

    changes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Conflict:
    """One decision: what it is about, why (`kind` is an IRI, `reason` its label), its variants, the lines concerned, external sources."""

    decision: str
    label: str
    kind: str
    reason: str
    why: str
    variants: tuple[Variant, ...]
    lines: tuple[str, ...]
    sources: tuple[str, ...]


def register(dataset: Dataset) -> list[Conflict]:
    """List all decisions with their variants: first those that set a claim aside, then by kind of reason and IRI."""
    store = dataset.store
    variants: dict[str, list[Variant]] = {}
    for one in decisions.claims(store):
        variants.setdefault(one.decision.value, []).append(Variant(**vars(one)))
    found = {}
    for row in select(store, own_query("decisions")):
        iri, kind = terms.text_of(row["decision"]), terms.text_of(row["reason"])
        lines = sorted(terms.values(store, row["decision"], OEWG + "aboutLine"), key=terms.line_order)
        sources = terms.values(store, row["decision"], PREFIXES["dcterms"] + "source")
        about = (iri, terms.label(store, iri) or "", kind, terms.label(store, kind) or "", terms.text_of(row["why"]))
        found[iri] = Conflict(*about, tuple(variants.get(iri, ())), tuple(lines), tuple(sources))
    return sorted(found.values(), key=_weight)


def _weight(conflict: Conflict) -> tuple[bool, int, str]:
    aside = any(variant.aside for variant in conflict.variants)
    return not aside, REASONS.index(conflict.kind) if conflict.kind in REASONS else len(REASONS), conflict.decision


def about(dataset: Dataset, conflicts: Iterable[Conflict], text: str) -> list[Conflict]:
    """Choose the decisions that contain a text, in any spelling: in their name or that of an entity they concern or their lines name."""
    store, wanted = dataset.store, terms.folded(text)

    def names(conflict: Conflict) -> Iterable[str]:
        yield from (conflict.label, conflict.reason, terms.compact(conflict.decision))
        lines = () if conflict.variants else map(ox.NamedNode, conflict.lines)
        stated = [quad for line in lines for quad in store.quads_for_pattern(None, None, None, line)]
        for thing in {
            end for quad in (*(v.quad for v in conflict.variants), *stated) for end in (quad.subject, quad.object)
        }:
            if isinstance(thing, ox.NamedNode):
                yield from (*terms.names_of(store, thing), terms.compact(thing.value))

    return [one for one in conflicts if any(wanted in terms.folded(name) for name in names(one))]


def consequences(
    root: Root, dataset: Dataset, conflicts: Iterable[Conflict], tell: Callable[[str], None] = lambda step: None
) -> list[Conflict]:
    """For each claim set aside, find the questions whose answers would change if it and the others of its line were right."""
    world = World(root, dataset)
    answered = []
    for conflict in conflicts:
        changes = {}
        for line in {variant.quad.graph_name for variant in conflict.variants if variant.quad in world.aside}:
            tell(f"recomputing the answers as if line {terms.line_name(terms.text_of(line))} were right")
            winners = {variant.quad for variant in conflict.variants if variant.quad.graph_name == line} & world.aside
            things = {quad.subject for quad in winners}
            preferred = {variant.quad for variant in conflict.variants if variant.relation == decisions.PREFERS}
            losers = {quad for quad in preferred if quad.subject in things and quad.graph_name != line}
            changes[line] = world.changes(winners, losers)
        variants = (
            replace(variant, changes=changes[variant.quad.graph_name]) if variant.quad in world.aside else variant
            for variant in conflict.variants
        )
        answered.append(replace(conflict, variants=tuple(variants)))
    return answered


class World:
    """The graph as if other claims were right: a copy of the resolved view, inferred again for each case and then restored."""

    def __init__(self, root: Root, dataset: Dataset) -> None:
        """Copy what is stated, and resolve it as the decisions say."""
        self.now, self.aside, self.rules = dataset, decisions.set_aside(dataset), infer.rules(root.rules)
        self.questions = [(one, properties.visible_properties(one.text)) for one in query.load(root.queries).values()]
        self.answers: dict[str, QueryResult] = {}
        self.other = Dataset(ox.Store(), dataset.files)
        derived = (ox.DefaultGraph(), ox.NamedNode(INFERRED))
        self.other.store.extend([quad for quad in dataset.store if quad.graph_name not in derived])
        decisions.fill(self.other, self.aside)

    def changes(self, winners: set[ox.Quad], losers: set[ox.Quad]) -> tuple[str, ...]:
        """Name the questions whose answers change when some claims that are set aside are used, and others are not."""
        decisions.restate(self.other, winners | losers, (self.aside - winners) | losers)
        infer.entail(self.other, self.rules)
        pattern = (None, None, None, ox.NamedNode(INFERRED))
        entailed, then = (set(one.store.quads_for_pattern(*pattern)) for one in (self.now, self.other))
        changed = {quad.predicate.value for quad in winners | losers | (entailed ^ then)}
        seeing = [one for one, seen in self.questions if seen is None or seen & changed]
        found = tuple(one.name for one in seeing if query.run(self.other, one, {}) != self._answer(one))
        self.other.store.clear_graph(ox.NamedNode(INFERRED))
        for quad in then:
            self.other.store.remove(ox.Quad(*quad.triple))
        decisions.restate(self.other, winners | losers, self.aside)
        return found

    def _answer(self, saved: SavedQuery) -> QueryResult:
        if saved.name not in self.answers:
            self.answers[saved.name] = query.run(self.now, saved, {})
        return self.answers[saved.name]
