"""The order of subjects, properties and values in written files, so that they read well and never vary."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.vocabulary import OEWG, RDF_TYPE, iris

TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
CLASSES, BEFORE, AFTER = (iris(TABLE[name]) for name in ("classes", "before", "after"))
NUMBERS = re.compile(r"(\d+)")
Natural = tuple[tuple[str, int], ...]
Subject = ox.NamedNode | ox.BlankNode
Facts = dict[str, list[ox.Quad]]
Entity = tuple[Subject, str, Facts]

CLASS_RANK = {iri: rank for rank, iri in enumerate(CLASSES)}
PREDICATE_RANK = {iri: rank for rank, iri in enumerate(BEFORE)} | {
    iri: rank + len(BEFORE) + 1 for rank, iri in enumerate(AFTER)
}


def natural(text: str) -> Natural:
    """Make a key that orders the numbers inside a text by their value: `session-2` before `session-10`."""
    parts = NUMBERS.split(text)
    return tuple((part, int(parts[n + 1]) if n + 1 < len(parts) else -1) for n, part in enumerate(parts) if n % 2 == 0)


def term_order(term: object) -> tuple[int, Natural, str]:
    """Order values: IRIs, then blank nodes, then literals, each by their text, English first; numbers inside by value."""
    kind = 0 if isinstance(term, ox.NamedNode) else 1 if isinstance(term, ox.BlankNode) else 2
    text = terms.text_of(term)
    if isinstance(term, ox.Literal):
        language = term.language or ""
        return (kind, (("" if language == "en" else language, -1), (text, -1)), str(term))
    return (kind, natural(text), str(term))


def predicate_order(predicate: str) -> tuple[int, str]:
    """Order properties: what, who, where, about, unknown ones, text, dates, language, sources."""
    return (PREDICATE_RANK.get(predicate, len(BEFORE)), terms.compact(predicate))


def classes(quads: Iterable[ox.Quad]) -> Mapping[str, str]:
    """Choose for each subject, as `str(term)`, the one class under which it is written."""
    found: dict[str, set[str]] = {}
    for quad in quads:
        if quad.predicate.value == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            found.setdefault(str(quad.subject), set()).add(quad.object.value)
    return {subject: min(kinds, key=class_order) for subject, kinds in found.items()}


def class_order(kind: str) -> tuple[int, int, str]:
    """Order classes as CLASSES has them, then others of our ontology, then the rest; subjects without a class come last."""
    if not kind:
        return (len(CLASSES) + 1, 0, "")
    if kind in CLASS_RANK:
        return (CLASS_RANK[kind], 0, kind)
    return (CLASS_RANK[OEWG + "SourceLine"] + 1 if kind.startswith(OEWG) else len(CLASSES), 1, kind)


def _value_order(quad: ox.Quad) -> tuple[tuple[int, int, str], tuple[int, Natural, str]]:
    """Order the values of one property: classes by `class_order`, anything else by `term_order`."""
    kind = quad.object.value if quad.predicate.value == RDF_TYPE and isinstance(quad.object, ox.NamedNode) else None
    return (class_order(kind) if kind else (0, 0, ""), term_order(quad.object))


def by_subject(quads: Iterable[ox.Quad]) -> dict[Subject, Facts]:
    """Gather quads by subject and predicate, predicates and values in order; subjects unsorted."""
    everything = list(quads)
    ranks = {predicate: predicate_order(predicate) for predicate in {quad.predicate.value for quad in everything}}
    found: dict[Subject, Facts] = {}
    for quad in sorted(everything, key=lambda q: (ranks[q.predicate.value], _value_order(q))):
        if not isinstance(quad.subject, ox.Triple):
            found.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad)
    return found


def entities(quads: Iterable[ox.Quad], kinds: Mapping[str, str], first: str = "") -> list[Entity]:
    """List the subjects of quads, each with its class and its facts: one that is to come first, then by class and name."""
    found = by_subject(quads)
    order = {s: (terms.text_of(s) != first, class_order(kinds.get(str(s), "")), term_order(s)) for s in found}
    return [(subject, kinds.get(str(subject), ""), found[subject]) for subject in sorted(found, key=order.__getitem__)]
