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

SECONDS = 60
MOST = 1 << 30
IDLE = 8
SOMEWHERE = "http://localhost"  # urllib computes the digest for a URL, of which only the path counts
Row = tuple[Term | None, ...]
BUSY = (429, 503, 504)
AGENT = f"oewg-kg/{__version__} ({BASE})"
BOOLEAN = re.compile(rb'("datatype": "[^"]*XMLSchema#boolean", "value": )"([01])"')
AS_RESULTS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/sparql-results+json"}


class BadAnswerError(StorageError):
    """A response of the endpoint that does not answer the query."""


@dataclass(frozen=True)
class Solution:
    """One solution of a SELECT, as in pyoxigraph: terms by variable, or in order."""

    places: Mapping[str, int]
    terms: Row

    def __getitem__(self, name: str) -> Term | None:
        """Return the term of a variable."""
        return self.terms[self.places[name]]

    def __iter__(self) -> Iterator[Term | None]:
        """Iterate over the terms."""
        return iter(self.terms)


class Solutions(list[Solution]):
    """All solutions of a SELECT, in memory, with its variables."""

    def __init__(self, names: list[str], rows: list[Row]) -> None:
        """Store the rows with the names of their variables."""
        places = {name: place for place, name in enumerate(names)}
        super().__init__(Solution(places, row) for row in rows)
        self.variables = [ox.Variable(name) for name in names]


def split(url: str) -> urllib.parse.SplitResult:
    """Read the URL of a server; raises UsageError if it is not http or https, or contains a user name or password."""
    if "@" in re.sub(r"\A[^:/?#]*:?/*", "", url).partition("/")[0].partition("?")[0]:
        what = "the URL contains a user name or password, which errors and logs would show"
        raise UsageError(what, advice="remove them, and log in with `oewg publish --auth-from-env`")
    try:
        parts = urllib.parse.urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and url.isascii() and url.split() == [url]
        valid = valid and parts.port != 0
    except ValueError:
        valid = None
    if not valid:
        raise UsageError(f"{url!r} is not a valid server URL", advice="use an http or https URL")
    return parts


class Login:
    """A user name and password, sent as the server requires: Basic (RFC 7617), or Digest (RFC 7616)."""

    def __init__(self, user: str, password: str) -> None:
        """Begin without a challenge: a password is only sent to a server that asks for it."""
        known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        known.add_password(None, SOMEWHERE, user, password)
        self.basic = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.digests, self.challenge = urllib.request.AbstractDigestAuthHandler(known), ""

    def header(self, method: str, target: str) -> dict[str, str]:
        """Answer the last challenge before it is repeated: a server may close the connection in the middle of a large body."""
        kind, _, rest = self.challenge.partition(" ")
        if kind.lower() != "digest":
            return {"Authorization": self.basic} if kind.lower() == "basic" else {}
        challenge = urllib.request.parse_keqv_list(urllib.request.parse_http_list(rest))
        path = urllib.parse.urlunsplit(("", "", *urllib.parse.urlsplit(target)[2:]))
        request = urllib.request.Request(SOMEWHERE + path, method=method)
        return {"Authorization": f"Digest {self.digests.get_authorization(request, challenge)}"}


class Endpoint:
    """An endpoint, with a time limit for each complete answer, a size limit in bytes, and connections to reuse."""

    def __init__(self, url: str, seconds: float, most: int = MOST, login: Login | None = None) -> None:
        """Read a URL; raises UsageError as `split` does."""
        parts = split(url)
        self.host, self.port = parts.hostname, parts.port
        self.url, self.seconds, self.most, self.login = url, seconds, most, login
        self.target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        self.kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        # As urllib does: the proxy named in the environment, which gets the full URL, or opens a tunnel for https.
        proxy = urllib.request.getproxies().get(parts.scheme)
        self.proxy = urllib.parse.urlsplit(proxy) if proxy and not urllib.request.proxy_bypass(str(self.host)) else None
        if self.proxy and parts.scheme == "http":
            self.target = url
        self.idle: list[http.client.HTTPConnection] = []
        self.status, self.headers = 0, http.client.HTTPMessage()  # of the last answer

    def __del__(self) -> None:
        """Close the idle connections."""
        for connection in getattr(self, "idle", ()):
            connection.close()

    def post(self, body: bytes | None, headers: dict[str, str]) -> bytes:
        """POST a body, or GET for None; return the complete answer. Raises ParseError, LimitError, StorageError; else BadAnswerError."""
        return self.send("GET" if body is None else "POST", body, headers)

    def send(self, method: str, body: bytes | None, headers: dict[str, str], query: str = "") -> bytes:
        """Send a request, with a query after the URL; log in if the server asks. Raises as `post` does."""
        target = f"{self.target}{'&' if '?' in self.target else '?'}{query}" if query else self.target
        if self.login is None:
            return self._sent(method, target, body, headers)
        try:
            return self._sent(method, target, body, headers | self.login.header(method, target))
        except BadAnswerError:
            if self.status != 401:
                raise
            challenges = map(str, self.headers.get_all("WWW-Authenticate", [""]))
            self.login.challenge = min(challenges, key=lambda one: not one.lower().startswith("digest"))
        return self._sent(method, target, body, headers | self.login.header(method, target))

    def _sent(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        end, self.status = time.monotonic() + self.seconds, 0
        while True:
            used = self.idle.pop() if self.idle else None
            connection = used or self._connection()
            late = threading.Event()
            try:
                with self._watched(connection, end - time.monotonic(), late):
                    connection.request(method, target, body, {**headers, "User-Agent": AGENT})
                    return self._answer(connection, late)
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                if late.is_set() or isinstance(error, TimeoutError):
                    advice = "ask for less data"
                    raise LateError(f"no answer within {self.seconds:g} s", self.url, advice) from error
                # A server may close an idle connection at any time; only a new one shows whether the server is there.
                if used and isinstance(error, ConnectionError):
                    continue
                advice = f"check the URL ({getattr(error, 'strerror', None) or error or type(error).__name__})"
                raise StorageError("the endpoint cannot be reached", self.url, advice) from error

    def _connection(self) -> http.client.HTTPConnection:
        if self.proxy is None:
            return self.kind(str(self.host), self.port, timeout=self.seconds)
        made = self.kind(str(self.proxy.hostname), self.proxy.port, timeout=self.seconds)
        if self.kind is http.client.HTTPSConnection:
            made.set_tunnel(str(self.host), self.port)
        return made

    @contextlib.contextmanager
    def _watched(self, connection: http.client.HTTPConnection, seconds: float, late: threading.Event) -> Iterator[None]:
        """End a connection whose answer is not complete in time; a socket's own timeout restarts with each byte."""
        if connection.sock is None:
            connection.connect()
        sock = connection.sock

        def end() -> None:
            late.set()
            with contextlib.suppress(OSError):
                # Not the method of an SSLSocket, which would break the connection for the thread that reads it.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

        timer = threading.Timer(max(seconds, 0), end)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _answer(self, connection: http.client.HTTPConnection, late: threading.Event) -> bytes:
        answer = connection.getresponse()
        self.status, self.headers, done = answer.status, answer.headers, 200 <= answer.status < 300
        content = answer.read(self.most + 1 if done else 400)
        if late.is_set():
            raise TimeoutError
        if done and answer.length and len(content) <= self.most:
            raise http.client.IncompleteRead(b"", answer.length)
        if answer.isclosed() and connection.sock is not None and len(self.idle) < IDLE:
            self.idle.append(connection)
        else:
            answer.close()
            connection.close()
        if len(content) > self.most:
            raise LimitError(f"the answer is larger than {self.most >> 20} MiB", self.url, "ask for less data")
        if not done:
            kind = ParseError if answer.status == 400 else StorageError if answer.status in BUSY else BadAnswerError
            raise kind(f"the endpoint returned status {answer.status}", self.url, content.decode("utf-8", "replace"))
        return content


def query(endpoint: str, text: str, chosen: Format | None) -> bytes:
    """POST a query (SPARQL 1.1 Protocol 2.1.3) after our prefixes; raises UsageError for an invalid URL, and as `Endpoint.post` does."""
    accepted = (
        chosen.media_type
        if chosen
        else ", ".join(["text/csv", "text/turtle;q=0.9", *(f"{f.media_type};q=0.5" for f in FORMATS)])
    )
    headers = {"Content-Type": "application/sparql-query; charset=utf-8", "Accept": accepted}
    return Endpoint(endpoint, SECONDS, MOST).post(declared(text).encode(), headers)


def select(endpoint: str, text: str) -> tuple[list[str], list[Row]]:
    """Ask a SELECT over the published dataset; return variables and solutions. Raises as `query` does."""
    return solutions(endpoint, fields(declared(text)))


def fields(text: str) -> list[tuple[str, str]]:
    """Write the form for a query over the published dataset, with its resolved view as the default graph."""
    if graph_names.says("GRAPH", query_guard.blanked(text)):
        return [("query", graph_names.over_resolved(text))]
    return [("query", text), ("default-graph-uri", RESOLVED)]


def solutions(endpoint: str | Endpoint, form: list[tuple[str, str]]) -> tuple[list[str], list[Row]]:
    """POST a SELECT as a form (SPARQL 1.1 Protocol 2.1.2); return variables and solutions. Raises as `query` does."""
    asked = Endpoint(endpoint, SECONDS, MOST) if isinstance(endpoint, str) else endpoint
    content = true_or_false(asked.post(urllib.parse.urlencode(form).encode(), AS_RESULTS))
    try:
        found = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
        if isinstance(found, ox.QuerySolutions):
            return [variable.value for variable in found.variables], [tuple(row) for row in found]
    except (SyntaxError, ValueError) as error:
        raise BadAnswerError("the answer is not valid SPARQL results JSON", asked.url, str(error)) from error
    raise BadAnswerError("the answer to a SELECT query is not a table", asked.url)


def true_or_false(content: bytes) -> bytes:
    """Write the booleans of results JSON as true and false: Virtuoso 7.2.5 writes 1 and 0."""
    return BOOLEAN.sub(lambda found: found[1] + (b'"true"' if found[2] == b"1" else b'"false"'), content)


def declared(text: str) -> str:
    """Put our prefixes before a query; it may declare them again (SPARQL 1.1, 4.1.1), and its declarations take precedence."""
    return "".join(f"PREFIX {prefix}: <{namespace}> " for prefix, namespace in PREFIXES.items()) + text
