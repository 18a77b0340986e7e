"""The register of contested facts, and which saved questions would answer otherwise if another variant won.

Not for deciding: the decisions stand in `data/decisions.ttl`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pyoxigraph as ox

from oewg_kg import decided, infer, query, resolve, terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.decided import Decided
from oewg_kg.paths import Root
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES

REGISTER = f"""
SELECT ?decision ?reason ?why WHERE {{
    ?decision a <{OEWG}Decision> ; <{OEWG}reason> ?reason ; <{PREFIXES["rdfs"]}comment> ?why .
}} ORDER BY ?decision ?reason ?why"""
REASONS = [PREFIXES["kind"] + name for name in ("contested", "superseded", "misprint", "imprecise", "reading")]
READING = REASONS[-1]


@dataclass(frozen=True)
class Variant(Decided):
    """One claim in a contest, and the questions that would change if it won; None where the answers use it."""

    changes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Conflict:
    """One decision: what it is about, why (`kind` is an IRI, `reason` its label), its variants, the lines it reads, outside sources."""

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
    for one in decided.claims(store):
        variants.setdefault(one.decision.value, []).append(Variant(**vars(one)))
    found = {terms.text_of(row["decision"]): row for row in select(store, REGISTER)}
    return sorted((_conflict(store, row, variants.get(iri, [])) for iri, row in found.items()), key=_weight)


def _weight(conflict: Conflict) -> tuple[bool, int, str]:
    aside = any(variant.aside for variant in conflict.variants)
    return not aside, REASONS.index(conflict.kind) if conflict.kind in REASONS else len(REASONS), conflict.decision


def _conflict(store: ox.Store, row: ox.QuerySolution, variants: list[Variant]) -> Conflict:
    iri = terms.text_of(row["decision"])
    lines = sorted(_values(store, iri, OEWG + "aboutLine"), key=terms.line_order)
    sources = sorted(_values(store, iri, PREFIXES["dcterms"] + "source"))
    kind = terms.text_of(row["reason"])
    about = (iri, terms.label(store, iri) or "", kind, terms.label(store, kind) or "", terms.text_of(row["why"]))
    return Conflict(*about, tuple(variants), tuple(lines), tuple(sources))


def _values(store: ox.Store, subject: str, predicate: str) -> set[str]:
    found = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None, ox.DefaultGraph())
    return {terms.text_of(quad.object) for quad in found}


def about(dataset: Dataset, conflicts: Iterable[Conflict], text: str) -> list[Conflict]:
    """Choose the decisions whose name, or the name of a thing decided on, contains a text in any spelling."""
    store, wanted = dataset.store, terms.folded(text)

    def names(conflict: Conflict) -> Iterable[str]:
        yield from (conflict.label, conflict.reason, terms.compact(conflict.decision))
        for thing in {end for v in conflict.variants for end in (v.quad.subject, v.quad.object)}:
            if isinstance(thing, ox.NamedNode):
                yield from (*query.names_of(store, thing), terms.compact(thing.value))

    return [one for one in conflicts if any(wanted in terms.folded(name) for name in names(one))]


def consequences(
    root: Root, dataset: Dataset, conflicts: Iterable[Conflict], tell: Callable[[str], None] = lambda step: None
) -> list[Conflict]:
    """Compute, for each variant that is set aside, the saved questions that would answer otherwise if it won.

    What one line tells wins together: its claims of the decision are used, and the preferred ones of other lines about
    the same thing are not. For each such world the graph is resolved and closed anew, and every saved question is
    asked with its defaults. Variants that are used have None.
    """
    questions = list(query.load(root.queries).values())
    named = (quad for quad in dataset.store if isinstance(quad.graph_name, ox.NamedNode))
    stated = [quad for quad in named if terms.text_of(quad.graph_name) != INFERRED]
    aside = resolve.set_aside(dataset)
    now = _answers(dataset, questions)
    told = []
    for conflict in conflicts:
        changes = {}
        for line in {variant.quad.graph_name for variant in conflict.variants if variant.quad in aside}:
            tell(f"asking every question as if {terms.line_name(terms.text_of(line))} were right")
            winners = {variant.quad for variant in conflict.variants if variant.quad.graph_name == line} & aside
            things = {quad.subject for quad in winners}
            preferred = {variant.quad for variant in conflict.variants if variant.relation == decided.PREFERS}
            losers = {quad for quad in preferred if quad.subject in things and quad.graph_name != line}
            other_world = Dataset(ox.Store(), dataset.files)
            other_world.store.extend(stated)
            resolve.fill(other_world, (aside - winners) | losers)
            infer.close(other_world, root.rules)
            then = _answers(other_world, questions)
            changes[line] = tuple(name for name in now if now[name] != then[name])
        variants = (
            replace(variant, changes=changes[variant.quad.graph_name]) if variant.quad in aside else variant
            for variant in conflict.variants
        )
        told.append(replace(conflict, variants=tuple(variants)))
    return told


def _answers(dataset: Dataset, questions: Iterable[SavedQuery]) -> dict[str, QueryResult]:
    return {saved.name: query.run(dataset, saved, {}) for saved in questions}
