"""Run queries (`Question`) over a store in this process: refuse them, answer (`Reply`, readable as rows), or stop at a maximum size."""

import hashlib
import io
import logging
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import pyoxigraph as ox

from oewg_kg import formats
from oewg_kg.errors import LimitError, OewgError, from_syntax_error
from oewg_kg.formats import Format, UnwritableError
from oewg_kg.query_analysis import mistyped
from oewg_kg.safety import query_guard
from oewg_kg.serve.workers import sandbox
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASE, PREFIXES, RESOLVED

LOG = logging.getLogger("oewg.serve")
Rows = tuple[list[str], list[tuple[Term | None, ...]]]  # names of columns, rows
FAULT = "internal error; it has been logged"


@dataclass(frozen=True)
class Question:
    """One query with its dataset (None: the query's own), the formats accepted for solutions and graphs, and whether it is our own."""

    query: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    solutions: str | None
    graph: str | None
    saved: bool = False

    def etag(self, fingerprint: str) -> str:
        """Make the ETag of the answer: the graph does not change while it is served, so the question decides."""
        settings = map(repr, (self.default_graphs, self.named_graphs, self.solutions, self.graph))
        texts = [fingerprint, self.query, *settings]
        return '"' + hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32] + '"'


@dataclass(frozen=True)
class Reply:
    """The answer to a query: an HTTP status, the format or a message, and the bytes."""

    status: int
    format: str | None
    message: str
    body: bytes

    def rows(self) -> Rows:
        """Read an answer in JSON or N-Triples as columns and rows; the answer to an ASK is one row."""
        if self.format == "ntriples":
            quads = ox.parse(self.body, format=ox.RdfFormat.N_TRIPLES)
            return ["subject", "predicate", "object"], [tuple(quad.triple) for quad in quads]
        results = ox.parse_query_results(self.body, format=ox.QueryResultsFormat.JSON)
        if isinstance(results, ox.QuerySolutions):
            return [variable.value for variable in results.variables], [tuple(row) for row in results]
        return ["pattern matches"], [(ox.Literal("yes" if results else "no"),)]


class Engine(Protocol):
    """What answers queries."""

    def ask(self, question: Question) -> Reply:
        """Answer one query."""


class BoundedBuffer(io.BytesIO):
    """A buffer that refuses to grow past a number of bytes."""

    def __init__(self, most_bytes: int) -> None:
        """Store the limit in bytes."""
        super().__init__()
        self.most_bytes = most_bytes

    def write(self, data: Any) -> int:
        """Write, or raise LimitError beyond the limit."""
        if self.tell() + len(data) > self.most_bytes:
            message = f"the answer is larger than {self.most_bytes >> 20} MiB"
            raise LimitError(message, advice="ask for less, or add LIMIT")
        return super().write(data)


@dataclass(frozen=True)
class StoreEngine:
    """A store in this process; one on disk opens its `tables` when it first reads them."""

    store: ox.Store
    most_bytes: int
    tables: int = 0
    query_terms: set[str] = field(default_factory=set)  # terms that queries have named

    def ask(self, question: Question) -> Reply:
        """Answer one query."""
        try:
            query_guard.check(question.query)
            with sandbox.forbid_opening(self.tables):
                results = self._run_query(question)
                is_graph = isinstance(results, ox.QueryTriples)
                format = question.graph if is_graph else question.solutions
                if format is None:
                    result_kind = "a graph" if is_graph else "rows"
                    message = f"this query returns {result_kind}, which none of the requested formats can represent"
                    return _refusal(406, message)
                body = _serialize(results, formats.by_name(format), BoundedBuffer(self.most_bytes))
                return Reply(200, format, self._hints(question, format, body), body)
        except UnwritableError as error:
            return _refusal(406, str(error))
        except LimitError as error:
            return _refusal(503 if "larger" in error.what else 400, str(error))
        except OewgError as error:
            return _refusal(400, str(error))
        except (ValueError, RuntimeError) as error:
            return _refusal(400, " ".join(str(error).split())[:500])
        except MemoryError:
            return _refusal(503, "the query needs too much memory; ask for less")
        except BaseException:  # anything else, including a panic of the engine, is a fault, and ends this worker
            LOG.exception("a fault at %r", question.query)
            return _refusal(500, FAULT)

    def _run_query(self, question: Question) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Run a query; relative IRIs are resolved against our base, and the resolved view may be named explicitly as the default graph."""
        dataset: dict[str, Any] = {}
        if question.default_graphs is not None:
            iris = question.default_graphs
            dataset["default_graph"] = [ox.DefaultGraph() if iri == RESOLVED else ox.NamedNode(iri) for iri in iris]
            dataset["named_graphs"] = question.named_graphs and list(map(ox.NamedNode, question.named_graphs))
        try:
            return self.store.query(question.query, base_iri=BASE, prefixes=PREFIXES, **dataset)
        except SyntaxError as error:
            raise from_syntax_error(error, "query", text=question.query, prefixes=PREFIXES) from error

    @cached_property
    def is_empty(self) -> bool:
        """Return whether the store is empty, without asking its length, for which the engine counts every quad."""
        return next(self.store.quads_for_pattern(None, None, None, None), None) is None

    def _hints(self, question: Question, format: str, body: bytes) -> str:
        """List what may be mistyped in an answered query, one message per line; "" if all data are in another engine."""
        if question.saved or self.is_empty:
            return ""
        no_results = question.default_graphs is None and mistyped.is_empty(body, formats.by_name(format))
        return "\n".join(mistyped.of(self.store, question.query, no_results, self.query_terms))


def _refusal(status: int, message: str) -> Reply:
    return Reply(status, None, message, b"")


def _serialize(results: Any, format: Format, buffer: BoundedBuffer) -> bytes:
    """Serialize an answer; raises LimitError if it is too large, UnwritableError if the format cannot represent it."""
    try:
        results.serialize(buffer, format=format.rdf or format.results)
    except OSError as error:  # a worker opens no file
        raise UnwritableError(format) from error
    return formats.with_type_keyword(buffer.getvalue(), format)
