"""Warn of mistakes in a query: terms that the graph does not contain, patterns without a match."""

import contextlib
import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from oewg_kg import terms
from oewg_kg.errors import either
from oewg_kg.formats import Format
from oewg_kg.query_analysis.triple_patterns import Pattern, Token, patterns, tokens
from oewg_kg.vocabulary import BASES, BY_LENGTH, GENID, PREFIXES, PUBLISHED, RESOLVED, own

MOST = 3  # hints of one kind
MOST_LOOKED_FOR = 10  # unknown terms
MOST_PATTERNS = 200
LONGEST = 1 << 16  # characters; longer queries were written by a program
INSIDE = 90.0  # the similarity, out of 100, of a name that contains the words among others
UNKNOWN = "the graph has no"
NEVER_HELD = (PREFIXES["xsd"], GENID, RESOLVED, PUBLISHED)
NAMES = f"""SELECT DISTINCT ?term ?name {{ ?term a ?class FILTER (STRSTARTS(STR(?term), "%s"))
    OPTIONAL {{ ?term <{PREFIXES["skos"]}prefLabel>|<{PREFIXES["skos"]}altLabel>|<{PREFIXES["rdfs"]}label> ?name }} }}"""
USED = """SELECT DISTINCT ?term { { ?s ?term ?o } UNION { ?s a ?term } FILTER (STRSTARTS(STR(?term), "%s")) }"""


def of(store: ox.Store, text: str, empty: bool, held: set[str] | None = None) -> list[str]:
    """List the terms of our namespaces that a store does not contain; if the answer is `empty`, also patterns without a match.

    Terms known to be `held` are not looked up, and those found are added to them.
    """
    if len(text) > LONGEST:
        return []
    read = list(tokens(text))
    hints = [_unknown(store, iri) for iri in _unheld(store, read, set() if held is None else held)]
    if empty and not any(token.word == "FROM" for token in read):
        hints += [f"nothing matches {one.shown}" for one in _unmatched(store, patterns(read))]
    return hints


def is_empty(answer: bytes, format: Format) -> bool:
    """Return whether an answer has no rows or triples, or is false."""
    if format.name == "json" and answer.endswith((b"}]}}", b'"bindings":[]}}')):
        return not answer.endswith(b"}]}}")
    if format.name in ("csv", "tsv"):
        return answer.count(b"\n") < 2 and answer.strip() != b"true"
    with contextlib.suppress(SyntaxError, ValueError):  # triple terms in a format that has none
        if format.rdf:
            return next(iter(ox.parse(answer, format=format.rdf)), None) is None
        found = ox.parse_query_results(answer, format=format.results)
        return not found if isinstance(found, ox.QueryBoolean) else next(iter(found), None) is None
    return False


def _unheld(store: ox.Store, read: Iterable[Token], held: set[str]) -> list[str]:
    """List the first terms that the store does not contain; of external vocabularies only those similar to one in use."""
    found: dict[str, bool] = {}
    for token in read:
        iri = token.iri
        if not iri or not token.asked or iri in held or iri in found or not _expected(iri):
            continue
        if _held(store, iri):
            held.add(iri)
        else:
            found[iri] = own(iri) or bool(_near(store, iri, 80))
        if len(found) == MOST_LOOKED_FOR:
            break
    return [iri for iri in found if found[iri]][:MOST]


def _expected(iri: str) -> bool:
    """Return whether an IRI is in a namespace that the graph uses, and so would be in the graph."""
    return (
        iri.startswith((*BASES, *PREFIXES.values())) and not iri.startswith(NEVER_HELD) and iri not in PREFIXES.values()
    )


def _held(store: ox.Store, iri: str) -> bool:
    node = ox.NamedNode(iri)
    places: list[tuple[ox.NamedNode | None, ox.NamedNode | None, ox.NamedNode | None]]
    places = [(node, None, None), (None, node, None), (None, None, node)]
    return store.contains_named_graph(node) or any(
        any(True for _ in store.quads_for_pattern(*place, None)) for place in places
    )


def _unknown(store: ox.Store, iri: str) -> str:
    near = [
        f"{terms.compact(one)}{f' ({name})' if (name := terms.label(store, one)) else ''}" for one in _near(store, iri)
    ]
    advice = f"; did you mean {either(near)}?" if near else ""
    return f"{UNKNOWN} {terms.compact(iri)}{advice}"


def _near(store: ox.Store, iri: str, least: int = 60) -> list[str]:
    """List the terms of the same namespace, else of all of ours, that are spelt most like a term, or have a name like its local name."""
    spaces = [space for _, space in BY_LENGTH if iri.startswith(space)][:1]
    wanted = _folded(iri)
    for space in [*spaces, *BASES] if own(iri) else spaces:
        known: dict[str, str] = {}
        for term, name in _names(store, space):
            known.setdefault(_folded(term), term)
            known.setdefault(terms.folded(name), term)
        near = {key: score for key, score, _ in process.extract(wanted, known.keys(), scorer=fuzz.ratio, limit=4)}
        near |= {key: INSIDE for key in known if wanted and f" {wanted} " in f" {key} " and near.get(key, 0) < INSIDE}
        best = max([least, *near.values()]) - 10
        chosen = sorted(
            (key for key in near if near[key] >= max(best, least)), key=lambda key: (-near[key], len(key), key)
        )
        if chosen:
            return list(dict.fromkeys(known[key] for key in chosen))[:2]
    return []


def _names(store: ox.Store, space: str) -> Iterator[tuple[str, str]]:
    found = store.query((NAMES if own(space) else USED) % space)
    for row in found if isinstance(found, ox.QuerySolutions) else ():
        term, name = [*row, None][:2]
        if isinstance(term, ox.NamedNode):
            yield term.value, terms.text_of(name)


def _folded(iri: str) -> str:
    """Reduce the local name of an IRI to words: `StateGroup` and `state-group` are alike."""
    local = re.split("[#/]", iri)[-1]
    return terms.folded(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local))


def _unmatched(store: ox.Store, found: Iterable[Pattern]) -> list[Pattern]:
    """List the first patterns that alone have no match."""
    without = []
    for one in list(dict.fromkeys(found))[:MOST_PATTERNS]:
        triple = " ".join(one.triple)
        ask = f"ASK {{ GRAPH {one.graph} {{ {triple} }} }}" if one.graph else f"ASK {{ {triple} }}"
        with contextlib.suppress(SyntaxError):  # SPARQL 1.2, which is read as something else here
            without += [] if store.query(ask) else [one]
        if len(without) == MOST:
            break
    return without
