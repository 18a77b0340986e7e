"""Find an entity, a source line or a property by any of its names, and similar names for what has none."""

import re
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import UnknownNameError, UsageError, did_you_mean
from oewg_kg.evidence.claims import LABELS, PRINTED
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE, local, own

FIND = "use `oewg search` (a source line is written as p1:62)"


@dataclass(frozen=True)
class Match:
    """A thing found by one of its names or by words about it: the name that matched, how well (0 to 1), and its kind on request."""

    iri: str
    label: str
    matched: str
    score: float
    kind: str = ""


def names(store: ox.Store) -> dict[str, set[str]]:
    """Collect every name of every thing: labels, alternatives, notations, and each form that a page prints."""
    found: dict[str, set[str]] = {}
    for predicate in [*LABELS, *PRINTED]:
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                found.setdefault(quad.subject.value, set()).add(quad.object.value)
    return found


def search(dataset: Dataset, text: str, most: int = 20, called: dict[str, set[str]] | None = None) -> list[Match]:
    """Find things by their names in any spelling, best first: exact name, beginning, all words, then near spellings.

    Names collected earlier (by `names`) may be passed as `called`.
    """
    wanted = terms.folded(text)
    found = []
    for iri, known in (called or names(dataset.store)).items():
        # Of names that match equally well, one in Latin letters is shown.
        score, _, name = max((_score(wanted, terms.folded(n)), n.isascii(), n) for n in known)
        if score > 0 and not iri.startswith(PREFIXES["sh"]):
            found.append((score, iri, name))
    found.sort(key=lambda hit: (-hit[0], len(hit[2]), hit[1]))
    return [Match(iri, terms.name(dataset.store, iri), name, round(score, 2)) for score, iri, name in found[:most]]


def nearest(dataset: Dataset, text: str, most: int = 3) -> list[Match]:
    """Find our entities whose names are most similar to a text, if they are similar enough to be meant."""
    known = {terms.folded(name): iri for iri, found in names(dataset.store).items() for name in found if own(iri)}
    near = terms.nearest(terms.folded(text), sorted(known))[:most]
    return [Match(known[name], terms.name(dataset.store, known[name]), name, 0.0) for name in near]


def _score(wanted: str, name: str) -> float:
    if not wanted or not name:
        return 0.0
    if wanted == name:
        return 1.0
    if name.startswith(wanted + " "):
        return 0.9
    if set(wanted.split()) <= set(name.split()):
        return 0.8
    if wanted in name:
        return 0.6
    if abs(len(wanted) - len(name)) >= 4:
        return 0.0
    import difflib  # here: who asks a question looks for no name

    ratio = difflib.SequenceMatcher(None, wanted, name).ratio()
    return ratio * 0.6 if ratio > 0.8 else 0.0


def resolve_name(dataset: Dataset, text: str) -> ox.NamedNode:
    """Read an IRI, a CURIE, a source line or any name of a single entity; raises UsageError with suggestions."""
    iri = terms.expand(text)
    if iri is not None:
        node = ox.NamedNode(terms.current(dataset.store, iri))
        ends = ((node, None, None, None), (None, None, node, None), (None, None, None, node))
        if any(True for end in ends for _ in dataset.store.quads_for_pattern(*end)):
            return node
        raise UnknownNameError(f"{text} is not in this dataset", advice=FIND)
    line = _line_called(dataset.store, text)
    if line is not None:
        return line
    wanted = terms.folded(text)
    exact = sorted(iri for iri, known in names(dataset.store).items() if wanted in map(terms.folded, known))
    things = [iri for iri in exact if not local(iri).startswith(terms.NAMESAKES)] or exact
    if len(things) == 1:
        return ox.NamedNode(things[0])
    if things:
        raise UsageError(f"{text!r} is ambiguous", advice="choose one of " + ", ".join(map(terms.compact, things[:8])))
    near = [terms.label_and_curie(match.iri, match.label) for match in search(dataset, text, 3)]
    raise UnknownNameError(f"no name matches {text!r}", advice=did_you_mean(near, FIND))


def property_called(dataset: Dataset, text: str) -> ox.NamedNode:
    """Read a property as IRI, CURIE, local name or label; raises UsageError with the nearest names."""
    iri = terms.expand(text)
    used = {terms.text_of(row["p"]) for row in select(dataset.store, "SELECT DISTINCT ?p WHERE { ?s ?p ?o }")}
    known = {terms.folded(name): p for p in sorted(used) for name in (_local(p), terms.label(dataset.store, p) or "")}
    found = iri if iri in used else known.get(terms.folded(text))
    if found is None:
        near = {terms.compact(known[name]): None for name in terms.nearest(terms.folded(_local(iri or text)), known)}
        advice = did_you_mean(list(near), "see `oewg show` for the properties of an entity")
        raise UsageError(f"unknown property {text!r}", advice=advice)
    return ox.NamedNode(found)


def _local(iri: str) -> str:
    return re.split("[#/]", iri)[-1]


def _line_called(store: ox.Store, text: str) -> ox.NamedNode | None:
    """Read a source line in the forms that citations use: `oewg-2019-2021 62`, `oewg-2019-2021, line 62`, `001:62`."""
    parts = re.fullmatch(r"([\w-]+?)(?:, line |[: ])\s*([0-9]{1,9})", text.strip())
    if not parts:
        return None
    for page in terms.things(store, RDF_TYPE, OEWG + "Source"):
        notations = terms.values(store, ox.NamedNode(page), PREFIXES["skos"] + "notation")
        graph = ox.NamedNode(f"{page}#L{int(parts[2])}")
        if parts[1] in (page.rpartition("/")[2], *notations) and store.contains_named_graph(graph):
            return graph
    return None
