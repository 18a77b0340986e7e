"""Read the published dataset in an external engine with the methods of a local store: asks for similar entities together, and caches."""

import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

import pyoxigraph as ox
from cachetools import LRUCache

from oewg_kg import identity
from oewg_kg.dataset import Dataset
from oewg_kg.errors import LimitError, OewgError, ParseError, StorageError
from oewg_kg.remote import client as remote
from oewg_kg.remote import graph_names
from oewg_kg.remote.client import BadAnswerError, Endpoint, Row, Solutions
from oewg_kg.terms import Term
from oewg_kg.vocabulary import PUBLISHED, RESOLVED, own

Graph = ox.NamedNode | ox.DefaultGraph
QuadPattern = tuple[Term | None, ox.NamedNode | None, Term | None, Graph | None]
VARIABLES = ("?s", "?p", "?o", "?g")
SUBJECT, PREDICATE, OBJECT, GRAPH = range(4)
# The most quads in memory (a few hundred bytes each), rows in one request, rows of a pattern, and rows for a copy of everything.
MOST_CACHED, ROWS, MOST_ROWS, MOST_COPIED = 500_000, 20_000, 2_000_000, 500_000
# Few entities are asked for together; of many, first one and then this many. Larger answers make no family; too many are forgotten.
FEW_MEMBERS, MOST_TOGETHER, LARGEST_FAMILY, MOST_FAMILIES = 32, 256, 5_000, 100_000
PAUSE = 1.0


@dataclass
class Family:
    """Entities that came in one answer, and the patterns already requested for one of them."""

    members: list[ox.NamedNode]
    patterns: set[QuadPattern] = field(default_factory=set)


class UnpublishedError(StorageError):
    """The engine holds no published dataset, or an incomplete one."""


class RemoteStore:
    """The reading methods of pyoxigraph's Store, answered by an engine; after a failure all fail for a second, so that none pile up."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Read the mark of what is published; raises StorageError if there is none."""
        self.endpoint = endpoint
        self._lock = threading.Lock()
        self._cache: LRUCache[QuadPattern, list[ox.Quad]] = LRUCache(MOST_CACHED, lambda quads: len(quads) + 1)
        self._families: dict[Term, Family] = {}
        self._failure: tuple[float, OewgError] | None = None
        self._named_graphs: list[ox.NamedNode] | None = None
        self.mark, self.size, self.files = self.read_mark()
        probe_rows = min(ROWS, self.size)
        count = len(self._ask(f"SELECT ?s WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }} LIMIT {probe_rows}")[1])
        # Virtuoso silently cuts answers at its ResultSetMaxRows; None if no such limit is known.
        self.cut = count if count < probe_rows else None

    def read_mark(self) -> tuple[str, int, dict[str, str]]:
        """Read the mark: the digest of the dataset, its number of quads, and the files of its graphs; raises UnpublishedError."""
        mark_query = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{PUBLISHED}> {{ ?s ?p ?o }} }}"
        _, rows = remote.solutions(self.endpoint, [("query", mark_query)])
        facts = [(s.value, p, o.value) for s, p, o in rows if isinstance(s, ox.NamedNode) and isinstance(o, ox.Literal)]
        mark = {p: text for _, p, text in facts}
        if graph_names.IDENTIFIER not in mark or not mark.get(graph_names.EXTENT, "").isdigit():
            advice = "load it with `oewg publish`, and wait until the upload is complete"
            what = "this endpoint does not contain a complete published dataset"
            raise UnpublishedError(what, self.endpoint.url, advice)
        files = {graph: file for graph, p, file in facts if p == graph_names.FILE}
        return mark[graph_names.IDENTIFIER], int(mark[graph_names.EXTENT]), files

    # What readers use of a Store

    def quads_for_pattern(
        self, subject: Term | None, predicate: ox.NamedNode | None, value: Term | None, graph_name: Graph | None = None
    ) -> Iterator[ox.Quad]:
        """Find quads; for a subject, all of its quads are requested."""
        pattern: QuadPattern = (subject, predicate, value, graph_name)
        if subject is None:
            return iter(self._quads(pattern))
        return (
            quad
            for quad in self._quads((subject, None, None, None))
            if all(sought in (None, term) for sought, term in zip(pattern, quad, strict=True))
        )

    def query(self, query: str) -> Solutions:
        """Answer a SELECT."""
        variables, rows = self._solutions(remote.query_form(remote.with_prefixes(query)))
        self.refuse_cut(len(rows))
        self._introduce(rows)
        return Solutions(variables, rows)

    def named_graphs(self) -> Iterator[ox.NamedNode]:
        """Iterate over the named graphs of the dataset."""
        if self._named_graphs is None:
            others = f"FILTER (?g != <{RESOLVED}>)"
            rows = self._all_rows(f"{{ SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} {others} }} }}", "?g")
            graphs = (graph for (graph,) in rows if isinstance(graph, ox.NamedNode))
            self._named_graphs = [graph for graph in graphs if self.holds(graph.value)]
        return iter(self._named_graphs)

    def contains_named_graph(self, graph_name: ox.NamedNode) -> bool:
        """Return whether the dataset has a named graph."""
        return any(True for _ in self.quads_for_pattern(None, None, None, graph_name))

    def __len__(self) -> int:
        """Return the number of quads that were published."""
        return self.size

    def __contains__(self, quad: ox.Quad) -> bool:
        """Return whether the dataset has a quad."""
        return quad in self.quads_for_pattern(quad.subject, None, None)

    def __iter__(self) -> Iterator[ox.Quad]:
        """Iterate over all quads, for a copy; raises LimitError if there are too many."""
        if self.size > MOST_COPIED:
            what, advice = f"{self.size} quads are too many to copy", f"at most {MOST_COPIED} can be copied"
            raise LimitError(what, self.endpoint.url, advice)
        return iter(self._quads((None, None, None, None)))

    # For callers that query the engine themselves

    def holds(self, graph: str) -> bool:
        """Return whether a graph belongs to the dataset: an engine may have others."""
        return (own(graph) and graph != PUBLISHED) or graph in self.files

    def refuse_cut(self, count: int) -> None:
        """Raise LimitError if an answer has as many rows as the engine's maximum: there may have been more."""
        if self.cut is not None and count >= self.cut:
            raise LimitError(f"the endpoint returns at most {self.cut} rows", self.endpoint.url, "ask for less data")

    def pause(self, error: OewgError, seconds: float) -> None:
        """Send no request for some seconds, and raise this error instead."""
        self._failure = (time.monotonic() + seconds, error)

    def refuse_while_failing(self) -> None:
        """Raise the last error again if the engine has just failed."""
        failure = self._failure
        if failure and time.monotonic() < failure[0]:
            raise type(failure[1])(failure[1].what, failure[1].where, failure[1].advice)

    # How they are answered

    def _quads(self, pattern: QuadPattern) -> list[ox.Quad]:
        with self._lock:
            cached = self._cache.get(pattern)
            if cached is not None:
                return cached
            position, entities = self._entities_together(pattern)
        ends = [
            name if term is None or (entities and index == position) else str(graph_names.skolemized(term))
            for index, (name, term) in enumerate(zip(VARIABLES, pattern, strict=True))
        ]
        entity_iris = " ".join(str(graph_names.skolemized(entity)) for entity in entities)
        values = f"VALUES {VARIABLES[position]} {{ {entity_iris} }} " if entities else ""
        subject, predicate, value, graph = ends
        variables = " ".join(end for end in ends if end in VARIABLES)
        rows = self._all_rows(f"{{ {values}GRAPH {graph} {{ {subject} {predicate} {value} }} }}", variables)
        answers: dict[QuadPattern, list[ox.Quad]] = {_with(pattern, position, entity): [] for entity in entities}
        answers.setdefault(pattern, [])
        for row in rows:
            row_terms = iter(row)
            terms = [next(row_terms) if end in VARIABLES else term for end, term in zip(ends, pattern, strict=True)]
            name = terms[GRAPH]
            if isinstance(name, ox.NamedNode) and name.value == RESOLVED:
                terms[GRAPH] = ox.DefaultGraph()
            elif isinstance(name, ox.NamedNode) and not self.holds(name.value):
                continue
            quads = answers[_with(pattern, position, terms[position]) if entities else pattern]
            quads.append(ox.Quad(*cast("list[object]", terms)))  # type: ignore[arg-type]
        with self._lock:
            self._cache.update({key: quads for key, quads in answers.items() if len(quads) < MOST_CACHED // 4})
        self._introduce(rows)
        return answers[pattern]

    def _entities_together(self, pattern: QuadPattern) -> tuple[int, list[Term]]:
        """Choose the position of the entity that a pattern is about, and the entities to ask about together; none: only this one."""
        subject, predicate, value, _ = pattern
        position = SUBJECT if subject is not None else GRAPH if predicate is value is None else OBJECT
        entity = pattern[position]
        if not isinstance(entity, ox.NamedNode | ox.BlankNode) or (position == OBJECT and predicate is None):
            return position, []
        family = self._families.get(entity)
        if family is None:
            return position, [entity]
        # Only graphs of lines are requested together: others may be large.
        siblings = [member for member in family.members if position != GRAPH or "#" in member.value or member == entity]
        pattern_shape = _with(pattern, position, None)
        size = MOST_TOGETHER if pattern_shape in family.patterns or len(siblings) <= FEW_MEMBERS else 1
        family.patterns.add(pattern_shape)
        start = siblings.index(cast("ox.NamedNode", entity))
        ring: list[Term] = [*siblings[start:], *siblings[:start]]
        return position, [sibling for sibling in ring if _with(pattern, position, sibling) not in self._cache][:size]

    def _introduce(self, rows: Iterable[Row]) -> None:
        """Remember that these entities came together."""
        members = list(dict.fromkeys(term for row in rows for term in row if isinstance(term, ox.NamedNode)))
        if 1 < len(members) <= LARGEST_FAMILY:
            family = Family(members)
            with self._lock:
                if len(self._families) > MOST_FAMILIES:
                    self._families.clear()
                self._families.update(dict.fromkeys(members, family))

    def _all_rows(self, where: str, variables: str) -> list[Row]:
        """Ask for distinct solutions, in as many parts as the engine needs; raises LimitError if there are too many."""
        step = self.cut or ROWS
        rows = self._ask(f"SELECT {variables} WHERE {where} LIMIT {step}")[1]
        if len(rows) < step:
            return rows
        ((count,),) = self._ask(f"SELECT (COUNT(*) AS ?n) WHERE {where}")[1]
        size = int(count.value) if isinstance(count, ox.Literal) else 0
        if size > MOST_ROWS:
            raise LimitError(f"{size} rows are too many to read", self.endpoint.url, f"ask for at most {MOST_ROWS}")
        all_rows = dict.fromkeys(rows)
        for offset in range(step, size, step):
            all_rows |= dict.fromkeys(self._ask(f"SELECT {variables} WHERE {where} LIMIT {step} OFFSET {offset}")[1])
        if len(all_rows) != size:
            raise BadAnswerError(f"the endpoint counted {size} rows but returned {len(all_rows)}", self.endpoint.url)
        return list(all_rows)

    def _ask(self, query: str) -> tuple[list[str], list[Row]]:
        return self._solutions([("query", query)])

    def _solutions(self, form: list[tuple[str, str]]) -> tuple[list[str], list[Row]]:
        """Run a SELECT; if the engine failed a moment ago, fail in the same way."""
        self.refuse_while_failing()
        try:
            variables, rows = remote.solutions(self.endpoint, form)
        except ParseError as error:
            raise BadAnswerError(error.what, error.where) from error
        except (LimitError, StorageError) as error:
            self.pause(error, PAUSE)
            raise
        return variables, [tuple(map(graph_names.deskolemized, row)) for row in rows]


def _with(pattern: QuadPattern, position: int, entity: object) -> QuadPattern:
    """Replace the entity in a pattern."""
    return cast("QuadPattern", (*pattern[:position], entity, *pattern[position + 1 :]))


def store_of(dataset: Dataset) -> RemoteStore | None:
    """Return the store of a dataset in another engine, None if it is local."""
    store: object = dataset.store
    return store if isinstance(store, RemoteStore) else None


def open_published(url: str, seconds: float) -> Dataset:
    """Open the dataset published in an engine, with a time limit for each answer; raises UsageError, StorageError if there is none."""
    store = RemoteStore(Endpoint(url, seconds, 64 << 20))
    # pyoxigraph's Store is final and has no protocol; readers of a dataset use only the methods above.
    dataset = Dataset(cast("ox.Store", store), store.files)
    identity.adopt(dataset.store)
    return dataset
