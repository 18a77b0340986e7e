"""An HTTP client for SPARQL servers: login, proxy, reused connections, a time limit for each complete answer; no redirects."""

import base64
import contextlib
import http.client
import re
import socket
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg.errors import LateError, LimitError, ParseError, StorageError, UsageError
from oewg_kg.formats import FORMATS, Format
from oewg_kg.remote import graph_names
from oewg_kg.safety import query_guard
from oewg_kg.terms import Term
from oewg_kg.version import __version__
from oewg_kg.vocabulary import BASE, PREFIXES, RESOLVED

TIME_LIMIT = 60
SIZE_LIMIT = 1 << 30
MOST_IDLE = 8
SOMEWHERE = "http://localhost"  # urllib computes the digest for a URL, of which only the path counts
Row = tuple[Term | None, ...]
BUSY = (429, 503, 504)
USER_AGENT = f"oewg-kg/{__version__} ({BASE})"
BOOLEAN = re.compile(rb'("datatype": "[^"]*XMLSchema#boolean", "value": )"([01])"')
AS_RESULTS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/sparql-results+json"}


class BadAnswerError(StorageError):
    """A response of the endpoint that does not answer the query."""


@dataclass(frozen=True)
class Solution:
    """One solution of a SELECT, as in pyoxigraph: terms by variable, or in order."""

    positions: Mapping[str, int]
    terms: Row

    def __getitem__(self, name: str) -> Term | None:
        """Return the term of a variable."""
        return self.terms[self.positions[name]]

    def __iter__(self) -> Iterator[Term | None]:
        """Iterate over the terms."""
        return iter(self.terms)


class Solutions(list[Solution]):
    """All solutions of a SELECT, in memory, with its variables."""

    def __init__(self, names: list[str], rows: list[Row]) -> None:
        """Store the rows with the names of their variables."""
        positions = {name: position for position, name in enumerate(names)}
        super().__init__(Solution(positions, row) for row in rows)
        self.variables = [ox.Variable(name) for name in names]


def split_url(url: str) -> urllib.parse.SplitResult:
    """Read the URL of a server; raises UsageError if it is not http or https, or contains a user name or password."""
    if "@" in re.sub(r"\A[^:/?#]*:?/*", "", url).partition("/")[0].partition("?")[0]:
        what = "the URL contains a user name or password, which errors and logs would show"
        raise UsageError(what, advice="remove them, and log in with `oewg publish --auth-from-env`")
    try:
        url_parts = urllib.parse.urlsplit(url)
        valid = url_parts.scheme in ("http", "https") and url_parts.hostname and url.isascii() and url.split() == [url]
        valid = valid and url_parts.port != 0
    except ValueError:
        valid = None
    if not valid:
        raise UsageError(f"{url!r} is not a valid server URL", advice="use an http or https URL")
    return url_parts


class Login:
    """A user name and password, sent as the server requires: Basic (RFC 7617), or Digest (RFC 7616)."""

    def __init__(self, user: str, password: str) -> None:
        """Begin without a challenge: a password is only sent to a server that asks for it."""
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, SOMEWHERE, user, password)
        self.basic = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.digests, self.challenge = urllib.request.AbstractDigestAuthHandler(passwords), ""

    def header(self, method: str, target: str) -> dict[str, str]:
        """Answer the last challenge before it is repeated: a server may close the connection in the middle of a large body."""
        scheme, _, parameters = self.challenge.partition(" ")
        if scheme.lower() != "digest":
            return {"Authorization": self.basic} if scheme.lower() == "basic" else {}
        challenge = urllib.request.parse_keqv_list(urllib.request.parse_http_list(parameters))
        path = urllib.parse.urlunsplit(("", "", *urllib.parse.urlsplit(target)[2:]))
        request = urllib.request.Request(SOMEWHERE + path, method=method)
        return {"Authorization": f"Digest {self.digests.get_authorization(request, challenge)}"}


class Endpoint:
    """An endpoint, with a time limit for each complete answer, a size limit in bytes, and connections to reuse."""

    def __init__(self, url: str, seconds: float, size_limit: int = SIZE_LIMIT, login: Login | None = None) -> None:
        """Read a URL; raises UsageError as `split_url` does."""
        url_parts = split_url(url)
        self.host, self.port = url_parts.hostname, url_parts.port
        self.url, self.seconds, self.size_limit, self.login = url, seconds, size_limit, login
        self.target = urllib.parse.urlunsplit(("", "", url_parts.path or "/", url_parts.query, ""))
        is_https = url_parts.scheme == "https"
        self.connection_class = http.client.HTTPSConnection if is_https else http.client.HTTPConnection
        # As urllib does: the proxy named in the environment, which gets the full URL, or opens a tunnel for https.
        proxy = urllib.request.getproxies().get(url_parts.scheme)
        self.proxy = urllib.parse.urlsplit(proxy) if proxy and not urllib.request.proxy_bypass(str(self.host)) else None
        if self.proxy and not is_https:
            self.target = url
        self.idle_connections: list[http.client.HTTPConnection] = []
        self.status, self.headers = 0, http.client.HTTPMessage()  # of the last answer

    def __del__(self) -> None:
        """Close the idle connections."""
        for connection in getattr(self, "idle_connections", ()):
            connection.close()

    def post(self, body: bytes | None, headers: dict[str, str]) -> bytes:
        """POST a body, or GET for None; return the complete answer. Raises ParseError, LimitError, StorageError; else BadAnswerError."""
        return self.send("GET" if body is None else "POST", body, headers)

    def send(self, method: str, body: bytes | None, headers: dict[str, str], query: str = "") -> bytes:
        """Send a request, with a query after the URL; log in if the server asks. Raises as `post` does."""
        target = f"{self.target}{'&' if '?' in self.target else '?'}{query}" if query else self.target
        if self.login is None:
            return self._send_once(method, target, body, headers)
        try:
            return self._send_once(method, target, body, headers | self.login.header(method, target))
        except BadAnswerError:
            if self.status != 401:
                raise
            challenges = map(str, self.headers.get_all("WWW-Authenticate", [""]))
            self.login.challenge = min(challenges, key=lambda challenge: not challenge.lower().startswith("digest"))
        return self._send_once(method, target, body, headers | self.login.header(method, target))

    def _send_once(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        deadline, self.status = time.monotonic() + self.seconds, 0
        while True:
            reused = self.idle_connections.pop() if self.idle_connections else None
            connection = reused or self._new_connection()
            late = threading.Event()
            try:
                with self._timed(connection, deadline - time.monotonic(), late):
                    connection.request(method, target, body, {**headers, "User-Agent": USER_AGENT})
                    return self._read_response(connection, late)
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                if late.is_set() or isinstance(error, TimeoutError):
                    advice = "ask for less data"
                    raise LateError(f"no answer within {self.seconds:g} s", self.url, advice) from error
                # A server may close an idle connection at any time; only a new one shows whether the server is there.
                if reused and isinstance(error, ConnectionError):
                    continue
                advice = f"check the URL ({getattr(error, 'strerror', None) or error or type(error).__name__})"
                raise StorageError("the endpoint cannot be reached", self.url, advice) from error

    def _new_connection(self) -> http.client.HTTPConnection:
        if self.proxy is None:
            return self.connection_class(str(self.host), self.port, timeout=self.seconds)
        tunnel = self.connection_class(str(self.proxy.hostname), self.proxy.port, timeout=self.seconds)
        if self.connection_class is http.client.HTTPSConnection:
            tunnel.set_tunnel(str(self.host), self.port)
        return tunnel

    @contextlib.contextmanager
    def _timed(self, connection: http.client.HTTPConnection, seconds: float, late: threading.Event) -> Iterator[None]:
        """End a connection whose answer is not complete in time; a socket's own timeout restarts with each byte."""
        if connection.sock is None:
            connection.connect()
        sock = connection.sock

        def shut_down() -> None:
            late.set()
            with contextlib.suppress(OSError):
                # Not the method of an SSLSocket, which would break the connection for the thread that reads it.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

        timer = threading.Timer(max(seconds, 0), shut_down)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _read_response(self, connection: http.client.HTTPConnection, late: threading.Event) -> bytes:
        response = connection.getresponse()
        self.status, self.headers, succeeded = response.status, response.headers, 200 <= response.status < 300
        content = response.read(self.size_limit + 1 if succeeded else 400)
        if late.is_set():
            raise TimeoutError
        if succeeded and response.length and len(content) <= self.size_limit:
            raise http.client.IncompleteRead(b"", response.length)
        if response.isclosed() and connection.sock is not None and len(self.idle_connections) < MOST_IDLE:
            self.idle_connections.append(connection)
        else:
            response.close()
            connection.close()
        if len(content) > self.size_limit:
            raise LimitError(f"the answer is larger than {self.size_limit >> 20} MiB", self.url, "ask for less data")
        if not succeeded:
            status, advice = response.status, content.decode("utf-8", "replace")
            error_class = ParseError if status == 400 else StorageError if status in BUSY else BadAnswerError
            raise error_class(f"the endpoint returned status {status}", self.url, advice)
        return content


def query(endpoint: str, text: str, chosen: Format | None) -> bytes:
    """POST a query (SPARQL 1.1 Protocol 2.1.3) after our prefixes; raises UsageError for an invalid URL, and as `Endpoint.post` does."""
    any_format = ", ".join(["text/csv", "text/turtle;q=0.9", *(f"{f.media_type};q=0.5" for f in FORMATS)])
    accepted = chosen.media_type if chosen else any_format
    headers = {"Content-Type": "application/sparql-query; charset=utf-8", "Accept": accepted}
    return Endpoint(endpoint, TIME_LIMIT, SIZE_LIMIT).post(with_prefixes(text).encode(), headers)


def select(endpoint: str, text: str) -> tuple[list[str], list[Row]]:
    """Ask a SELECT over the published dataset; return variables and solutions. Raises as `query` does."""
    return solutions(endpoint, query_form(with_prefixes(text)))


def query_form(text: str) -> list[tuple[str, str]]:
    """Write the form for a query over the published dataset, with its resolved view as the default graph."""
    if graph_names.has_keyword("GRAPH", query_guard.blanked(text)):
        return [("query", graph_names.over_resolved(text))]
    return [("query", text), ("default-graph-uri", RESOLVED)]


def solutions(endpoint: str | Endpoint, form: list[tuple[str, str]]) -> tuple[list[str], list[Row]]:
    """POST a SELECT as a form (SPARQL 1.1 Protocol 2.1.2); return variables and solutions. Raises as `query` does."""
    server = Endpoint(endpoint, TIME_LIMIT, SIZE_LIMIT) if isinstance(endpoint, str) else endpoint
    content = true_or_false(server.post(urllib.parse.urlencode(form).encode(), AS_RESULTS))
    try:
        results = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
        if isinstance(results, ox.QuerySolutions):
            return [variable.value for variable in results.variables], [tuple(row) for row in results]
    except (SyntaxError, ValueError) as error:
        raise BadAnswerError("the answer is not valid SPARQL results JSON", server.url, str(error)) from error
    raise BadAnswerError("the answer to a SELECT query is not a table", server.url)


def true_or_false(content: bytes) -> bytes:
    """Write the booleans of results JSON as true and false: Virtuoso 7.2.5 writes 1 and 0."""
    return BOOLEAN.sub(lambda boolean: boolean[1] + (b'"true"' if boolean[2] == b"1" else b'"false"'), content)


def with_prefixes(text: str) -> str:
    """Put our prefixes before a query; it may declare them again (SPARQL 1.1, 4.1.1), and its declarations take precedence."""
    return "".join(f"PREFIX {prefix}: <{namespace}> " for prefix, namespace in PREFIXES.items()) + text
