"""The register of contested facts, and which saved questions would answer otherwise if another variant won.

Not for deciding: the decisions stand in `data/decisions.ttl`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import pyoxigraph as ox

from oewg_kg import infer, query, resolve, terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.paths import Root
from oewg_kg.query import QueryResult, SavedQuery
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES

REGISTER = f"""
SELECT ?decision ?reason ?why ?relation ?claim ?s ?p ?o ?line WHERE {{
    ?decision a <{OEWG}Decision> ; <{OEWG}reason> ?reason ; <{PREFIXES["rdfs"]}comment> ?why .
    OPTIONAL {{
        VALUES ?relation {{ <{OEWG}prefers> <{OEWG}setsAside> <{OEWG}keeps> }}
        ?decision ?relation ?claim .
        ?claim <{PREFIXES["rdf"]}subject> ?s ; <{PREFIXES["rdf"]}predicate> ?p ; <{PREFIXES["rdf"]}object> ?o ;
            <{OEWG}statedIn> ?line .
    }}
}} ORDER BY ?decision ?claim ?line"""


PREFERS = "prefers"
REASONS = ("contested", "superseded", "misprint", "imprecise", "reading")


@dataclass(frozen=True)
class Variant:
    """One claim in a contest: its quad, whether the answers use it, and the questions that would change if it won or lost."""

    claim: str
    quad: ox.Quad
    fate: str
    changes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Conflict:
    """One decision: what it is about, why it was taken, its variants, the lines it reads, and outside sources."""

    decision: str
    label: str
    reason: str
    why: str
    variants: tuple[Variant, ...]
    lines: tuple[str, ...]
    sources: tuple[str, ...]


def register(dataset: Dataset) -> list[Conflict]:
    """List all decisions with their variants: first those that set a claim aside, then by kind of reason and IRI."""
    store = dataset.store
    found: dict[str, Conflict] = {}
    for row in select(store, REGISTER):
        iri = terms.text_of(row["decision"])
        conflict = found.get(iri) or _conflict(store, row)
        if row["claim"] is not None:
            fate = terms.label(store, terms.text_of(row["relation"])) or ""
            quad = ox.Quad(row["s"], row["p"], row["o"], row["line"])
            conflict = replace(
                conflict, variants=(*conflict.variants, Variant(terms.text_of(row["claim"]), quad, fate))
            )
        found[iri] = conflict
    return sorted(found.values(), key=_weight)


def _weight(conflict: Conflict) -> tuple[bool, int, str]:
    aside = any(variant.fate == "sets aside" for variant in conflict.variants)
    return not aside, REASONS.index(conflict.reason) if conflict.reason in REASONS else len(REASONS), conflict.decision


def _conflict(store: ox.Store, row: ox.QuerySolution) -> Conflict:
    iri = terms.text_of(row["decision"])
    lines = sorted(_values(store, iri, OEWG + "aboutLine"), key=terms.line_order)
    sources = sorted(_values(store, iri, PREFIXES["dcterms"] + "source"))
    reason = terms.label(store, terms.text_of(row["reason"])) or ""
    return Conflict(
        iri, terms.label(store, iri) or "", reason, terms.text_of(row["why"]), (), tuple(lines), tuple(sources)
    )


def _values(store: ox.Store, subject: str, predicate: str) -> set[str]:
    found = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None, ox.DefaultGraph())
    return {terms.text_of(quad.object) for quad in found}


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
            preferred = {variant.quad for variant in conflict.variants if variant.fate == PREFERS}
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
