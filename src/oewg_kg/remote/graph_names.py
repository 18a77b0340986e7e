"""How the dataset is stored in an external engine: names of its graphs, a mark that it is complete, rewritten queries.

The default graph is stored under the name of the resolved view, because an engine's own default graph may be the union of all (Virtuoso);
blank nodes get IRIs, because a query cannot name a blank node.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import pyoxigraph as ox

from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError
from oewg_kg.safety import query_guard
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASE, GENID, PREFIXES, PUBLISHED, RESOLVED

T = TypeVar("T", bound=Term | ox.DefaultGraph | None)
IDENTIFIER, EXTENT, FILE = (ox.NamedNode(PREFIXES["dcterms"] + name) for name in ("identifier", "extent", "source"))
# With NOT IN, Virtuoso 7.2.5 fails on some of the saved questions (SQ200: stack overflow in cost model).
OTHERS = f"%s != <{RESOLVED}> && %s != <{PUBLISHED}>"
GRAPH = re.compile(r"(?<![?$\w])GRAPH\s+([?$]\w+)\s*\{", re.IGNORECASE)


def graphs(dataset: Dataset) -> list[str]:
    """List what is published: the resolved view, then every named graph."""
    named_graphs = sorted(graph.value for graph in dataset.store.named_graphs() if isinstance(graph, ox.NamedNode))
    return [RESOLVED, *named_graphs]


def triples(dataset: Dataset, graph: str) -> list[ox.Triple]:
    """List the triples that are published under a name, in order, with IRIs for blank nodes."""
    graph_name = ox.DefaultGraph() if graph == RESOLVED else ox.NamedNode(graph)
    quads = dataset.store.quads_for_pattern(None, None, None, graph_name)
    return sorted(
        (ox.Triple(skolemized(quad.subject), quad.predicate, skolemized(quad.object)) for quad in quads), key=str
    )


def contents(dataset: Dataset) -> Iterator[tuple[str, list[ox.Triple]]]:
    """Iterate over graphs and triples in the order of sending: the mark (digest and count) is removed first and written last."""
    digest, count = hashlib.sha256(), 0
    yield PUBLISHED, []
    for name in graphs(dataset):
        graph_triples = triples(dataset, name)
        digest.update(f"<{name}>\n".encode())
        digest.update("".join(f"{triple}\n" for triple in graph_triples).encode())
        count += len(graph_triples)
        yield name, graph_triples
    dataset_iri = ox.NamedNode(BASE)
    extent = ox.Literal(str(count), datatype=ox.NamedNode(PREFIXES["xsd"] + "integer"))
    mark = [ox.Triple(dataset_iri, IDENTIFIER, ox.Literal(digest.hexdigest())), ox.Triple(dataset_iri, EXTENT, extent)]
    files = [
        ox.Triple(ox.NamedNode(graph), FILE, ox.Literal(file))
        for graph, file in sorted(dataset.files.items())
        if "#" not in graph
    ]
    yield PUBLISHED, [*mark, *files]


def skolemized(term: T) -> T | ox.NamedNode:
    """Replace a blank node by an IRI of its own (RDF 1.1 Concepts 3.5, Skolemization), and the default graph by its name."""
    if isinstance(term, ox.DefaultGraph):
        return ox.NamedNode(RESOLVED)
    return ox.NamedNode(GENID + term.value) if isinstance(term, ox.BlankNode) else term


def deskolemized(term: T) -> T | ox.BlankNode:
    """Turn such an IRI back into its blank node."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(GENID):
        return ox.BlankNode(term.value.removeprefix(GENID))
    return term


def has_keyword(words: str, code: str) -> bool:
    """Return whether the code of a query has a keyword, or one of several separated by bars."""
    return bool(re.search(rf"(?<![?$\w])(?:{words})(?![\w:])", code, re.IGNORECASE))


def over_named(text: str, names: Iterable[str]) -> str:
    """Restrict `GRAPH ?name` to some named graphs: Virtuoso uses all of them, whatever the request names."""
    listed = ", ".join(f"<{name}>" for name in names)
    return "".join(_filtered(text, (0, len(text)), f"%s IN ({listed})"))


def over_resolved(text: str) -> str:
    """Match the pattern of a query in the resolved view, and `GRAPH ?name` in the other graphs; raises UsageError."""
    code = query_guard.blanked(text)
    start, end = _group(code, 0)
    if re.search(r"(?<![?$\w])CONSTRUCT\s*\Z", code[:start], re.IGNORECASE):  # its template
        start, end = _group(code, end + 1)
    outside = code[:start] + code[end:]
    if has_keyword("EXISTS|DESCRIBE", outside):
        advice = "use CONSTRUCT, and EXISTS inside WHERE"
        what = "a query with GRAPH cannot use DESCRIBE, or EXISTS outside WHERE, on an endpoint"
        raise UsageError(what, advice=advice)
    inside = _filtered(text, (start + 1, end), OTHERS)
    return "".join([text[: start + 1], f" GRAPH <{RESOLVED}> {{ ", *inside, " } ", text[end:]])


def _filtered(text: str, span: tuple[int, int], condition: str) -> Iterator[str]:
    """Put a filter before each `GRAPH ?name` in a part of a query."""
    copied = span[0]
    for graph_clause in GRAPH.finditer(query_guard.blanked(text), *span):
        yield f"{text[copied : graph_clause.start()]}FILTER ({condition.replace('%s', graph_clause[1])}) "
        copied = graph_clause.start()
    yield text[copied : span[1]]


def _group(code: str, start: int) -> tuple[int, int]:
    """Find the braces of the first group outside round brackets."""
    open_brackets = 0
    for bracket in re.finditer(r"[(){]", code[start:]):
        if bracket[0] == "{" and not open_brackets:
            begin = start + bracket.start()
            return begin, query_guard.closing(code, begin + 1)
        open_brackets += {"(": 1, ")": -1}.get(bracket[0], 0)
    raise UsageError("the braces of this query do not match", advice="check them")
