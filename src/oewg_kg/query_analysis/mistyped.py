"""Warn of mistakes in a query: terms that the graph does not contain, with the most similar ones, and patterns without a match."""

import contextlib
import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from rapidfuzz import fuzz, process

from oewg_kg import terms
from oewg_kg.errors import either
from oewg_kg.formats import Format
from oewg_kg.query_analysis.triple_patterns import Token, TriplePattern, patterns, tokens
from oewg_kg.vocabulary import BASES, BY_LENGTH, GENID, PREFIXES, PUBLISHED, RESOLVED, own

MOST_HINTS = 3  # hints of one kind
MOST_LOOKUPS = 10  # unknown terms
MOST_PATTERNS = 200
LONGEST_QUERY = 1 << 16  # characters; longer queries were written by a program
CONTAINED_SCORE = 90.0  # the similarity, out of 100, of a name that contains the words among others
UNKNOWN = "the graph has no"
NEVER_IN_GRAPH = (PREFIXES["xsd"], GENID, RESOLVED, PUBLISHED)
NAMED_TERMS = f"""SELECT DISTINCT ?term ?name {{ ?term a ?class FILTER (STRSTARTS(STR(?term), "%s"))
    OPTIONAL {{ ?term <{PREFIXES["skos"]}prefLabel>|<{PREFIXES["skos"]}altLabel>|<{PREFIXES["rdfs"]}label> ?name }} }}"""
USED_TERMS = """SELECT DISTINCT ?term { { ?s ?term ?o } UNION { ?s a ?term } FILTER (STRSTARTS(STR(?term), "%s")) }"""


def of(store: ox.Store, text: str, empty: bool, known_terms: set[str] | None = None) -> list[str]:
    """List the terms of our namespaces that a store does not contain; if the answer is `empty`, also patterns without a match.

    Terms in `known_terms` are not looked up, and those found are added to them.
    """
    if len(text) > LONGEST_QUERY:
        return []
    query_tokens = list(tokens(text))
    missing_terms = _missing_terms(store, query_tokens, set() if known_terms is None else known_terms)
    hints = [_missing_term_hint(store, iri) for iri in missing_terms]
    if empty and not any(token.word == "FROM" for token in query_tokens):
        hints += [f"nothing matches {pattern.text}" for pattern in _unmatched_patterns(store, patterns(query_tokens))]
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
        results = ox.parse_query_results(answer, format=format.results)
        return not results if isinstance(results, ox.QueryBoolean) else next(iter(results), None) is None
    return False


def _missing_terms(store: ox.Store, query_tokens: Iterable[Token], known_terms: set[str]) -> list[str]:
    """List the first terms that the store does not contain; of external vocabularies only those similar to one in use."""
    is_reported: dict[str, bool] = {}
    for token in query_tokens:
        iri = token.iri
        if not iri or not token.must_exist or iri in known_terms or iri in is_reported or not _in_used_namespace(iri):
            continue
        if _contains(store, iri):
            known_terms.add(iri)
        else:
            is_reported[iri] = own(iri) or bool(_similar_terms(store, iri, 80))
        if len(is_reported) == MOST_LOOKUPS:
            break
    return [iri for iri in is_reported if is_reported[iri]][:MOST_HINTS]


def _in_used_namespace(iri: str) -> bool:
    """Return whether an IRI is in a namespace that the graph uses, and so would be in the graph."""
    if iri.startswith(NEVER_IN_GRAPH) or iri in PREFIXES.values():
        return False
    return iri.startswith((*BASES, *PREFIXES.values()))


def _contains(store: ox.Store, iri: str) -> bool:
    node = ox.NamedNode(iri)
    patterns: list[tuple[ox.NamedNode | None, ox.NamedNode | None, ox.NamedNode | None]]
    patterns = [(node, None, None), (None, node, None), (None, None, node)]
    return store.contains_named_graph(node) or any(
        any(True for _ in store.quads_for_pattern(*pattern, None)) for pattern in patterns
    )


def _missing_term_hint(store: ox.Store, iri: str) -> str:
    labels = {terms.compact(term): terms.label(store, term) for term in _similar_terms(store, iri)}
    suggestions = [f"{curie} ({label})" if label else curie for curie, label in labels.items()]
    advice = f"; did you mean {either(suggestions)}?" if suggestions else ""
    return f"{UNKNOWN} {terms.compact(iri)}{advice}"


def _similar_terms(store: ox.Store, iri: str, least: int = 60) -> list[str]:
    """List the terms of the same namespace, else of all of ours, that are spelt most like a term, or have a name like its local name."""
    namespaces = [namespace for _, namespace in BY_LENGTH if iri.startswith(namespace)][:1]
    words = _local_words(iri)
    for namespace in [*namespaces, *BASES] if own(iri) else namespaces:
        term_of_name: dict[str, str] = {}
        for term, name in _terms_with_names(store, namespace):
            term_of_name.setdefault(_local_words(term), term)
            term_of_name.setdefault(terms.folded(name), term)
        nearest = process.extract(words, term_of_name.keys(), scorer=fuzz.ratio, limit=4)
        scores = {name: score for name, score, _ in nearest}
        containing = [name for name in term_of_name if words and f" {words} " in f" {name} "]
        scores |= {name: max(CONTAINED_SCORE, scores.get(name, 0)) for name in containing}
        threshold = max(least, max(scores.values(), default=0) - 10)
        similar = [name for name in scores if scores[name] >= threshold]
        similar.sort(key=lambda name: (-scores[name], len(name), name))
        if similar:
            return list(dict.fromkeys(term_of_name[name] for name in similar))[:2]
    return []


def _terms_with_names(store: ox.Store, namespace: str) -> Iterator[tuple[str, str]]:
    rows = store.query((NAMED_TERMS if own(namespace) else USED_TERMS) % namespace)
    for row in rows if isinstance(rows, ox.QuerySolutions) else ():
        term, name = [*row, None][:2]
        if isinstance(term, ox.NamedNode):
            yield term.value, terms.text_of(name)


def _local_words(iri: str) -> str:
    """Reduce the local name of an IRI to words: `StateGroup` and `state-group` are alike."""
    local_name = re.split("[#/]", iri)[-1]
    return terms.folded(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local_name))


def _unmatched_patterns(store: ox.Store, patterns: Iterable[TriplePattern]) -> list[TriplePattern]:
    """List the first patterns that alone have no match."""
    unmatched = []
    for pattern in list(dict.fromkeys(patterns))[:MOST_PATTERNS]:
        triple = " ".join(pattern.triple)
        ask = f"ASK {{ GRAPH {pattern.graph} {{ {triple} }} }}" if pattern.graph else f"ASK {{ {triple} }}"
        with contextlib.suppress(SyntaxError):  # SPARQL 1.2, which is read as something else here
            unmatched += [] if store.query(ask) else [pattern]
        if len(unmatched) == MOST_HINTS:
            break
    return unmatched
