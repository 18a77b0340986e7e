"""Run queries over an external engine: check them here, send them under the same limits, read the answer before passing it on."""

import logging
import urllib.parse

import pyoxigraph as ox

from oewg_kg import formats
from oewg_kg.dataset import Dataset
from oewg_kg.errors import LateError, LimitError, OewgError, ParseError, StorageError, UsageError
from oewg_kg.remote import client as remote
from oewg_kg.remote import graph_names
from oewg_kg.remote import store as remote_store
from oewg_kg.remote.client import BadAnswerError, Endpoint
from oewg_kg.remote.store import RemoteStore, UnpublishedError
from oewg_kg.safety import query_guard
from oewg_kg.serve.workers.evaluate import Question, Reply, StoreEngine
from oewg_kg.serve.workers.limits import Limits
from oewg_kg.vocabulary import BASE

LOG = logging.getLogger("oewg.serve")
NO_GRAPH = BASE + "graph/none"
GRAPH_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/turtle"}


class RemoteEngine:
    """An external engine, behind a check here.

    An empty local store refuses what would be refused over a local graph, in the same words. An engine may understand more than
    SPARQL 1.1 (Virtuoso: files, other servers), and nothing of that kind gets past the check.
    """

    def __init__(self, store: RemoteStore, limits: Limits) -> None:
        """Store the dataset of the engine."""
        self.store, self.limits = store, limits
        self.endpoint = Endpoint(store.endpoint.url, limits.engine_seconds, limits.answer)
        self.checker = StoreEngine(ox.Store(), limits.answer)

    def new_release(self, seconds: float) -> Dataset | None:
        """Return a new release, or None if there is none; while one is being published, no query is sent for some seconds.

        Raises OewgError if the engine cannot be reached.
        """
        try:
            if self.store.read_mark()[0] == self.store.mark:
                return None
        except UnpublishedError as error:
            self.store.pause(error, seconds)
            raise
        except (LimitError, StorageError) as error:
            self.store.pause(error, remote_store.PAUSE)
            raise
        dataset = remote_store.open_published(self.endpoint.url, self.limits.engine_seconds)
        self.store = remote_store.store_of(dataset) or self.store
        return dataset

    def ask(self, question: Question) -> Reply:
        """Check a query, then ask the engine; a failure of the engine is 502, 503 or 504 (RFC 9110 15.6.3 to 15.6.5)."""
        verdict = self.checker.ask(question)
        if verdict.status != 200:
            return verdict
        format = str(verdict.format)
        try:
            self.store.refuse_while_failing()
            form = self._query_form(question)
            is_graph = formats.by_name(format).rdf is not None
            headers = GRAPH_HEADERS if is_graph else remote.AS_RESULTS
            content = self.endpoint.post(urllib.parse.urlencode(form).encode(), headers)
            rewrite = self._rewrite_graph if is_graph else self._rewrite_results
            return Reply(200, format, "", rewrite(content, format))
        except formats.UnwritableError as error:
            return Reply(406, None, str(error), b"")
        except OewgError as error:
            status, message = failure_status(error)
            return Reply(status, None, message, b"")

    def _query_form(self, question: Question) -> list[tuple[str, str]]:
        """Write the form to post: the dataset that the request names (our graphs only), else the published one."""
        query_text = f"BASE <{BASE}> {remote.with_prefixes(question.query)}"
        if graph_names.has_keyword("FROM", query_guard.blanked(query_text)):
            raise UsageError(
                "FROM is not supported when the data are in another engine",
                advice="use the parameter default-graph-uri",
            )
        if question.default_graphs is None:
            return remote.query_form(query_text)
        default_graphs = list(filter(self.store.holds, question.default_graphs)) or [NO_GRAPH]
        named_graphs = list(filter(self.store.holds, question.named_graphs or ())) or [NO_GRAPH]
        fields = [("default-graph-uri", name) for name in default_graphs]
        fields += [("named-graph-uri", name) for name in named_graphs]
        return [("query", graph_names.over_named(query_text, named_graphs)), *fields]

    def _rewrite_results(self, content: bytes, format: str) -> bytes:
        """Read results JSON and write it in a format of ours."""
        try:
            content = remote.true_or_false(_as_boolean(content))
            results = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
            output = results.serialize(format=formats.by_name(format).results)
            # Writing uses up the first reading.
            results = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
            count = sum(1 for _ in results) if self.store.cut and isinstance(results, ox.QuerySolutions) else 0
        except (SyntaxError, ValueError) as error:
            raise BadAnswerError("the answer is not valid SPARQL results JSON", self.endpoint.url) from error
        self.store.refuse_cut(count)
        return bytes(output or b"")

    def _rewrite_graph(self, content: bytes, format: str) -> bytes:
        """Read Turtle and write it in a format of ours."""
        try:
            triples = {quad.triple for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)}
        except (SyntaxError, ValueError) as error:
            raise BadAnswerError("the answer is not valid Turtle", self.endpoint.url) from error
        self.store.refuse_cut(len(triples))
        return formats.graph(triples, formats.by_name(format))


def _as_boolean(content: bytes) -> bytes:
    """Write the answer to an ASK by the standard: Virtuoso 7.2.5 gives one solution of `__ASK_RETVAL`, 0 or 1."""
    if b'"__ASK_RETVAL"' not in content[:200]:
        return content
    results = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    ((value,),) = results if isinstance(results, ox.QuerySolutions) else ((None,),)
    answer = b"true" if isinstance(value, ox.Literal) and value.value == "1" else b"false"
    return b'{"head": {}, "boolean": %s}' % answer


def failure_status(error: OewgError) -> tuple[int, str]:
    """Report a failure by status and one line, without the engine's address or message; log everything."""
    if isinstance(error, UsageError):
        return 400, str(error)
    LOG.warning("the engine: %s", error)
    if isinstance(error, ParseError):
        return 400, f"the engine behind this website rejected the query: {error.what}: {error.advice}"[:500]
    status = 502 if isinstance(error, BadAnswerError) else 503 if isinstance(error, StorageError) else 504
    if isinstance(error, LimitError) and not isinstance(error, LateError):
        return 503, f"{error.what}; {error.advice}"
    return status, f"the engine behind this website: {error.what}; try again later"
