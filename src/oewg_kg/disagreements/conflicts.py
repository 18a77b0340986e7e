"""The register of conflicting claims, and the saved questions whose answers would change if another claim were right."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pyoxigraph as ox

from oewg_kg import query, terms
from oewg_kg.dataset import Dataset, own_query, select
from oewg_kg.evidence import decisions
from oewg_kg.evidence.decisions import DecidedClaim
from oewg_kg.inference import infer
from oewg_kg.paths import Root
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.query_analysis import properties
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES

REASONS = [PREFIXES["kind"] + name for name in ("contested", "superseded", "misprint", "imprecise", "reading")]
READING = REASONS[-1]


@dataclass(frozen=True)
class Variant(DecidedClaim):
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
    for claim in decisions.decided_claims(store):
        variants.setdefault(claim.decision.value, []).append(Variant(**vars(claim)))
    conflicts = {}
    for row in select(store, own_query("decisions")):
        iri, kind, why = (terms.text_of(row[column]) for column in ("decision", "reason", "why"))
        label, reason = (terms.label(store, concept) or "" for concept in (iri, kind))
        lines = sorted(terms.values(store, row["decision"], OEWG + "aboutLine"), key=terms.line_order)
        sources = tuple(terms.values(store, row["decision"], PREFIXES["dcterms"] + "source"))
        conflicts[iri] = Conflict(iri, label, kind, reason, why, tuple(variants.get(iri, ())), tuple(lines), sources)
    return sorted(conflicts.values(), key=_sort_key)


def _sort_key(conflict: Conflict) -> tuple[bool, int, str]:
    aside = any(variant.aside for variant in conflict.variants)
    return not aside, REASONS.index(conflict.kind) if conflict.kind in REASONS else len(REASONS), conflict.decision


def with_text(dataset: Dataset, conflicts: Iterable[Conflict], text: str) -> list[Conflict]:
    """Choose the decisions that contain a text, in any spelling: in their name or that of an entity they concern or their lines name."""
    store, spelling = dataset.store, terms.folded(text)

    def all_names(conflict: Conflict) -> Iterable[str]:
        yield from (conflict.label, conflict.reason, terms.compact(conflict.decision))
        quads = [variant.quad for variant in conflict.variants]
        for line in () if conflict.variants else map(ox.NamedNode, conflict.lines):
            quads += store.quads_for_pattern(None, None, None, line)
        for entity in {term for quad in quads for term in (quad.subject, quad.object)}:
            if isinstance(entity, ox.NamedNode):
                yield from (*terms.names_of(store, entity), terms.compact(entity.value))

    return [conflict for conflict in conflicts if any(spelling in terms.folded(name) for name in all_names(conflict))]


def consequences(
    root: Root, dataset: Dataset, conflicts: Iterable[Conflict], show_step: Callable[[str], None] = lambda step: None
) -> list[Conflict]:
    """For each claim set aside, find the questions whose answers would change if it and the others of its line were right."""
    graph = AlternativeGraph(root, dataset)
    compared = []
    for conflict in conflicts:
        changes = {}
        for line in {variant.quad.graph_name for variant in conflict.variants if variant.quad in graph.aside}:
            show_step(f"recomputing the answers as if line {terms.line_name(terms.text_of(line))} were right")
            winners = {variant.quad for variant in conflict.variants if variant.quad.graph_name == line} & graph.aside
            subjects = {quad.subject for quad in winners}
            preferred = {variant.quad for variant in conflict.variants if variant.relation == decisions.PREFERS}
            losers = {quad for quad in preferred if quad.subject in subjects and quad.graph_name != line}
            changes[line] = graph.changed_answers(winners, losers)
        variants = (
            replace(variant, changes=changes[variant.quad.graph_name]) if variant.quad in graph.aside else variant
            for variant in conflict.variants
        )
        compared.append(replace(conflict, variants=tuple(variants)))
    return compared


class AlternativeGraph:
    """The graph as if other claims were right: a copy of the resolved view, inferred again for each case and then restored."""

    def __init__(self, root: Root, dataset: Dataset) -> None:
        """Copy what is stated, and resolve it as the decisions say."""
        self.actual, self.aside, self.rules = dataset, decisions.set_aside(dataset), infer.rules(root.rules)
        questions = query.load(root.queries).values()
        self.questions = [(saved, properties.visible_properties(saved.text)) for saved in questions]
        self.usual_answers: dict[str, QueryResult] = {}
        self.dataset = Dataset(ox.Store(), dataset.files)
        derived = (ox.DefaultGraph(), ox.NamedNode(INFERRED))
        self.dataset.store.extend([quad for quad in dataset.store if quad.graph_name not in derived])
        decisions.fill_default_graph(self.dataset, self.aside)

    def changed_answers(self, winners: set[ox.Quad], losers: set[ox.Quad]) -> tuple[str, ...]:
        """Name the questions whose answers change when some claims that are set aside are used, and others are not."""
        decisions.restate_claims(self.dataset, winners | losers, (self.aside - winners) | losers)
        infer.entail(self.dataset, self.rules)
        pattern = (None, None, None, ox.NamedNode(INFERRED))
        before, after = (set(graph.store.quads_for_pattern(*pattern)) for graph in (self.actual, self.dataset))
        changed = {quad.predicate.value for quad in winners | losers | (before ^ after)}
        affected = [saved for saved, read in self.questions if read is None or read & changed]
        names = tuple(
            saved.name for saved in affected if query.run(self.dataset, saved, {}) != self._usual_answer(saved)
        )
        self.dataset.store.clear_graph(ox.NamedNode(INFERRED))
        for quad in after:
            self.dataset.store.remove(ox.Quad(*quad.triple))
        decisions.restate_claims(self.dataset, winners | losers, self.aside)
        return names

    def _usual_answer(self, saved: SavedQuery) -> QueryResult:
        if saved.name not in self.usual_answers:
            self.usual_answers[saved.name] = query.run(self.actual, saved, {})
        return self.usual_answers[saved.name]
