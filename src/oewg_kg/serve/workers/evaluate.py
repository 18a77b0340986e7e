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

    def tag(self, fingerprint: str) -> str:
        """Make the ETag of the answer: the graph does not change while it is served, so the question decides."""
        parts = [
            fingerprint,
            self.query,
            *map(repr, (self.default_graphs, self.named_graphs, self.solutions, self.graph)),
        ]
        return '"' + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32] + '"'


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
        found = ox.parse_query_results(self.body, format=ox.QueryResultsFormat.JSON)
        if isinstance(found, ox.QuerySolutions):
            return [variable.value for variable in found.variables], [tuple(row) for row in found]
        return ["pattern matches"], [(ox.Literal("yes" if found else "no"),)]


class Engine(Protocol):
    """What answers queries."""

    def ask(self, question: Question) -> Reply:
        """Answer one query."""


class Bounded(io.BytesIO):
    """A buffer that refuses to grow past a number of bytes."""

    def __init__(self, most: int) -> None:
        """Store the limit in bytes."""
        super().__init__()
        self.most = most

    def write(self, data: Any) -> int:
        """Write, or raise LimitError beyond the limit."""
        if self.tell() + len(data) > self.most:
            raise LimitError(f"the answer is larger than {self.most >> 20} MiB", advice="ask for less, or add LIMIT")
        return super().write(data)


@dataclass(frozen=True)
class StoreEngine:
    """A store in this process; one on disk opens its `tables` when it first reads them."""

    store: ox.Store
    most: int
    tables: int = 0
    held: set[str] = field(default_factory=set)  # terms that queries have named

    def ask(self, question: Question) -> Reply:
        """Answer one query."""
        try:
            query_guard.check(question.query)
            with sandbox.nothing_opened(self.tables):
                found = self._run(question)
                is_graph = isinstance(found, ox.QueryTriples)
                format = question.graph if is_graph else question.solutions
                if format is None:
                    kind = "a graph" if is_graph else "rows"
                    return _refused(
                        406, f"this query returns {kind}, which none of the requested formats can represent"
                    )
                body = _written(found, formats.by_name(format), Bounded(self.most))
                return Reply(200, format, self._hints(question, format, body), body)
        except UnwritableError as error:
            return _refused(406, str(error))
        except LimitError as error:
            return _refused(503 if "larger" in error.what else 400, str(error))
        except OewgError as error:
            return _refused(400, str(error))
        except (ValueError, RuntimeError) as error:
            return _refused(400, " ".join(str(error).split())[:500])
        except MemoryError:
            return _refused(503, "the query needs too much memory; ask for less")
        except BaseException:  # anything else, including a panic of the engine, is a fault, and ends this worker
            LOG.exception("a fault at %r", question.query)
            return _refused(500, FAULT)

    def _run(self, question: Question) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Run a query; relative IRIs are resolved against our base, and the resolved view may be named explicitly as the default graph."""
        chosen: dict[str, Any] = {}
        if question.default_graphs is not None:
            default = [ox.DefaultGraph() if iri == RESOLVED else ox.NamedNode(iri) for iri in question.default_graphs]
            named = question.named_graphs
            chosen = {"default_graph": default, "named_graphs": named and [ox.NamedNode(iri) for iri in named]}
        try:
            return self.store.query(question.query, base_iri=BASE, prefixes=PREFIXES, **chosen)
        except SyntaxError as error:
            raise from_syntax_error(error, "query", text=question.query, prefixes=PREFIXES) from error

    @cached_property
    def bare(self) -> bool:
        """Return whether the store is empty, without asking its length, for which the engine counts every quad."""
        return next(self.store.quads_for_pattern(None, None, None, None), None) is None

    def _hints(self, question: Question, format: str, body: bytes) -> str:
        """List what may be mistyped in an answered query, one message per line; "" if all data are in another engine."""
        if question.saved or self.bare:
            return ""
        empty = question.default_graphs is None and mistyped.is_empty(body, formats.by_name(format))
        return "\n".join(mistyped.of(self.store, question.query, empty, self.held))


def _refused(status: int, message: str) -> Reply:
    return Reply(status, None, message, b"")


def _written(found: Any, format: Format, buffer: Bounded) -> bytes:
    """Serialize an answer; raises LimitError if it is too large, UnwritableError if the format cannot represent it."""
    try:
        found.serialize(buffer, format=format.rdf or format.results)
    except OSError as error:  # a worker opens no file
        raise UnwritableError(format) from error
    return formats.with_type_keyword(buffer.getvalue(), format)
