"""The order of subjects, properties and values in written files (`order.toml`), so that they read well and never vary."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.vocabulary import OEWG, RDF_TYPE, iris

ORDER_LISTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
CLASSES, BEFORE, AFTER = (iris(ORDER_LISTS[name]) for name in ("classes", "before", "after"))
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
    *words_and_numbers, last_word = NUMBERS.split(text)
    return (*zip(words_and_numbers[::2], map(int, words_and_numbers[1::2]), strict=True), (last_word, -1))


def term_order(term: object) -> tuple[int, Natural, str]:
    """Order values: IRIs, then blank nodes, then literals, each by their text, English first; numbers inside by value."""
    term_rank = 0 if isinstance(term, ox.NamedNode) else 1 if isinstance(term, ox.BlankNode) else 2
    text = terms.text_of(term)
    if isinstance(term, ox.Literal):
        language = term.language or ""
        return (term_rank, (("" if language == "en" else language, -1), (text, -1)), str(term))
    return (term_rank, natural(text), str(term))


def predicate_order(predicate: str) -> tuple[int, str]:
    """Order properties: what, who, where, about, unknown ones, text, dates, language, sources."""
    return (PREDICATE_RANK.get(predicate, len(BEFORE)), terms.compact(predicate))


def classes(quads: Iterable[ox.Quad]) -> Mapping[str, str]:
    """Choose for each subject, as `str(term)`, the one class under which it is written."""
    stated_classes: dict[str, set[str]] = {}
    for quad in quads:
        if quad.predicate.value == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            stated_classes.setdefault(str(quad.subject), set()).add(quad.object.value)
    return {subject: min(class_iris, key=class_order) for subject, class_iris in stated_classes.items()}


def class_order(class_iri: str) -> tuple[int, int, str]:
    """Order classes as CLASSES has them, then others of our ontology, then the rest; subjects without a class come last."""
    if not class_iri:
        return (len(CLASSES) + 1, 0, "")
    if class_iri in CLASS_RANK:
        return (CLASS_RANK[class_iri], 0, class_iri)
    return (CLASS_RANK[OEWG + "SourceLine"] + 1 if class_iri.startswith(OEWG) else len(CLASSES), 1, class_iri)


def _value_order(quad: ox.Quad) -> tuple[tuple[int, int, str], tuple[int, Natural, str]]:
    """Order the values of one property: classes by `class_order`, anything else by `term_order`."""
    if quad.predicate.value == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
        return (class_order(quad.object.value), term_order(quad.object))
    return ((0, 0, ""), term_order(quad.object))


def by_subject(quads: Iterable[ox.Quad]) -> dict[Subject, Facts]:
    """Gather quads by subject and predicate, predicates and values in order; subjects unsorted."""
    all_quads = list(quads)
    ranks = {predicate: predicate_order(predicate) for predicate in {quad.predicate.value for quad in all_quads}}
    facts: dict[Subject, Facts] = {}
    for quad in sorted(all_quads, key=lambda q: (ranks[q.predicate.value], _value_order(q))):
        if not isinstance(quad.subject, ox.Triple):
            facts.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad)
    return facts


def entities(quads: Iterable[ox.Quad], class_of: Mapping[str, str], first: str = "") -> list[Entity]:
    """List the subjects of quads, each with its class and its facts: one that is to come first, then by class and name."""
    unsorted = [(subject, class_of.get(str(subject), ""), facts) for subject, facts in by_subject(quads).items()]
    in_order = sorted(unsorted, key=lambda entity: (class_order(entity[1]), term_order(entity[0])))
    return sorted(in_order, key=lambda entity: terms.text_of(entity[0]) != first)
