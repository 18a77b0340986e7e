"""Find an entity, a source line or a property by any of its names or codes, and suggest similar names for a text that is none."""

import re
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset, select
from oewg_kg.errors import UnknownNameError, UsageError, did_you_mean
from oewg_kg.evidence.claims import LABELS, PRINTED
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE, local, own

SEARCH_ADVICE = "use `oewg search` (a source line is written as p1:62)"


@dataclass(frozen=True)
class Match:
    """An entity found by a name or by words about it: the name that matched, how well (0 to 1), and its class on request."""

    iri: str
    label: str
    matched: str
    score: float
    kind: str = ""


def all_names(store: ox.Store) -> dict[str, set[str]]:
    """Collect every name of every entity: labels, alternatives, notations, and each form that a page prints."""
    names_by_iri: dict[str, set[str]] = {}
    for predicate in [*LABELS, *PRINTED]:
        for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), None):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                names_by_iri.setdefault(quad.subject.value, set()).add(quad.object.value)
    return names_by_iri


def search(dataset: Dataset, text: str, most: int = 20, names_by_iri: dict[str, set[str]] | None = None) -> list[Match]:
    """Find entities by name in any spelling (of `all_names`, if given), best first: exact, beginning, all words, near spellings."""
    folded = terms.folded(text)
    scored = []
    for iri, names in (names_by_iri or all_names(dataset.store)).items():
        # Of names that match equally well, one in Latin letters is shown.
        score, _, name = max((_score(folded, terms.folded(name)), name.isascii(), name) for name in names)
        if score > 0 and not iri.startswith(PREFIXES["sh"]):
            scored.append((score, iri, name))
    scored.sort(key=lambda match: (-match[0], len(match[2]), match[1]))
    return [Match(iri, terms.name(dataset.store, iri), name, round(score, 2)) for score, iri, name in scored[:most]]


def nearest(dataset: Dataset, text: str, most: int = 3) -> list[Match]:
    """Find our entities whose names are most similar to a text, if they are similar enough to be meant."""
    by_name = {terms.folded(name): iri for iri, names in all_names(dataset.store).items() for name in names if own(iri)}
    similar = terms.nearest(terms.folded(text), sorted(by_name))[:most]
    return [Match(by_name[name], terms.name(dataset.store, by_name[name]), name, 0.0) for name in similar]


def _score(text: str, name: str) -> float:
    if not text or not name:
        return 0.0
    if text == name:
        return 1.0
    if name.startswith(text + " "):
        return 0.9
    if set(text.split()) <= set(name.split()):
        return 0.8
    if text in name:
        return 0.6
    if abs(len(text) - len(name)) >= 4:
        return 0.0
    import difflib  # here: `ask` needs it only for a name with a typing error

    ratio = difflib.SequenceMatcher(None, text, name).ratio()
    return ratio * 0.6 if ratio > 0.8 else 0.0


def resolve_name(dataset: Dataset, text: str) -> ox.NamedNode:
    """Read an IRI, a CURIE, a source line or any name of a single entity; raises UsageError with suggestions."""
    iri = terms.expand(text)
    if iri is not None:
        node = ox.NamedNode(terms.current(dataset.store, iri))
        ends = ((node, None, None, None), (None, None, node, None), (None, None, None, node))
        if any(True for end in ends for _ in dataset.store.quads_for_pattern(*end)):
            return node
        raise UnknownNameError(f"{text} is not in this dataset", advice=SEARCH_ADVICE)
    line = _line_cited(dataset.store, text)
    if line is not None:
        return line
    folded = terms.folded(text)
    exact = sorted(iri for iri, forms in all_names(dataset.store).items() if folded in map(terms.folded, forms))
    iris = [iri for iri in exact if not local(iri).startswith(terms.NAMESAKES)] or exact
    if len(iris) == 1:
        return ox.NamedNode(iris[0])
    if iris:
        raise UsageError(f"{text!r} is ambiguous", advice="choose one of " + ", ".join(map(terms.compact, iris[:8])))
    similar = [terms.label_and_curie(match.iri, match.label) for match in search(dataset, text, 3)]
    raise UnknownNameError(f"no name matches {text!r}", advice=did_you_mean(similar, SEARCH_ADVICE))


def resolve_property(dataset: Dataset, text: str) -> ox.NamedNode:
    """Read a property as IRI, CURIE, local name or label; raises UsageError with the nearest names."""
    iri = terms.expand(text)
    used = {terms.text_of(row["p"]) for row in select(dataset.store, "SELECT DISTINCT ?p WHERE { ?s ?p ?o }")}
    names = {iri: (_local(iri), terms.label(dataset.store, iri) or "") for iri in sorted(used)}
    by_name = {terms.folded(name): property_iri for property_iri in names for name in names[property_iri]}
    property_iri = iri if iri in used else by_name.get(terms.folded(text))
    if property_iri is None:
        similar = [by_name[name] for name in terms.nearest(terms.folded(_local(iri or text)), by_name)]
        curies = list(dict.fromkeys(map(terms.compact, similar)))
        advice = did_you_mean(curies, "see `oewg show` for the properties of an entity")
        raise UsageError(f"unknown property {text!r}", advice=advice)
    return ox.NamedNode(property_iri)


def _local(iri: str) -> str:
    return re.split("[#/]", iri)[-1]


def _line_cited(store: ox.Store, text: str) -> ox.NamedNode | None:
    """Read a source line in the forms that citations use: `oewg-2019-2021 62`, `oewg-2019-2021, line 62`, `001:62`."""
    citation = re.fullmatch(r"([\w-]+?)(?:, line |[: ])\s*([0-9]{1,9})", text.strip())
    if not citation:
        return None
    for page in terms.things(store, RDF_TYPE, OEWG + "Source"):
        notations = terms.values(store, ox.NamedNode(page), PREFIXES["skos"] + "notation")
        graph = ox.NamedNode(f"{page}#L{int(citation[2])}")
        if citation[1] in (page.rpartition("/")[2], *notations) and store.contains_named_graph(graph):
            return graph
    return None
