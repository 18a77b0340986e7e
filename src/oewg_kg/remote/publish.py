"""Publish the dataset to an external server (Graph Store Protocol, SPARQL Update), or as N-Quads for its bulk loader.

Every graph is replaced, so that publishing again ends in the same state.
"""

import http.client
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from oewg_kg import files, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import StorageError, UsageError
from oewg_kg.remote import client as remote
from oewg_kg.remote import graph_names
from oewg_kg.vocabulary import BASE, PUBLISHED

SECONDS = 120
BATCH = 500
NOT_FOUND, NO_SUCH_SERVICE = 404, (404, 405, 501)
TURTLE, UPDATE = (
    {"Content-Type": f"{media_type}; charset=utf-8"} for media_type in ("text/turtle", "application/sparql-update")
)
NOT_STORED = "check the URL, and whether you may write there"
# Where servers that take updates at one address are asked: Oxigraph and Fuseki, RDF4J and GraphDB.
ASKED_AT = {"update": "/query", "statements": ""}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MARKED = f"SELECT ?mark {{ GRAPH <{PUBLISHED}> {{ <{BASE}> <{graph_names.IDENTIFIER.value}> ?mark }} }}"
Tell = Callable[[int, int], None]
Headers = Mapping[str, str]
ASKED = {"Accept": "text/turtle"}


@dataclass(frozen=True)
class Server:
    """Where to publish: an endpoint of SPARQL Update or a Graph Store (either may be empty), and who asks (user and password)."""

    update: str
    graph_store: str
    user: str = ""
    password: str = ""

    def open(self) -> urllib.request.OpenerDirector:
        """Make what sends requests, with Basic or Digest authentication where the server asks for it."""
        known = urllib.request.HTTPPasswordMgrWithPriorAuth()
        for url in filter(None, (self.update, self.graph_store)):
            remote.split(url)
            known.add_password(None, url, self.user, self.password)
        logins = [RememberedDigest(known), urllib.request.HTTPBasicAuthHandler(known)] if self.user else []
        opener = urllib.request.build_opener(Staying, *logins)
        for url in filter(None, (self.update, self.graph_store and addressed(self.graph_store, BASE))):
            # Only how to log in matters of the answer: it must be known before anything large is sent.
            try:
                request(opener, url, "GET")
            except StorageError as error:
                if getattr(error.__cause__, "code", 0) == 401:
                    raise
        return opener

    def exposed(self) -> list[str]:
        """List the other hosts to which a password would go readable by all in between: by http, where they ask for Basic."""
        urls = [remote.split(url) for url in (self.update, self.graph_store) if url and self.user]
        return [str(url.hostname) for url in urls if url.scheme == "http" and url.hostname not in LOOPBACK]


class Staying(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: urllib would turn a write into a GET, and take the page that it then gets for success."""

    def redirect_request(self, *args: Any) -> None:
        """Leave the answer as the error that it is here."""


class RememberedDigest(urllib.request.HTTPDigestAuthHandler):
    """Digest authentication that answers a challenge it has seen with the first request, as RFC 7616 3.3 allows.

    urllib waits to be asked each time, and a server that asks (Virtuoso) closes the connection in the middle of a large body.
    """

    def __init__(self, known: urllib.request.HTTPPasswordMgr) -> None:
        """Begin without a challenge."""
        super().__init__(known)
        self.challenge: dict[str, str] = {}

    def retry_http_digest_auth(self, req: urllib.request.Request, auth: str) -> Any:
        """Remember the challenge, then answer it."""
        self.challenge = urllib.request.parse_keqv_list(urllib.request.parse_http_list(auth.partition(" ")[2]))
        return super().retry_http_digest_auth(req, auth)

    def http_request(self, req: urllib.request.Request) -> urllib.request.Request:
        """Put the answer to the remembered challenge into a request."""
        answer = self.get_authorization(req, self.challenge) if self.challenge else None
        if answer and not req.has_header(self.auth_header):
            req.add_unredirected_header(self.auth_header, f"Digest {answer}")
        return req

    https_request = http_request


def user_from_environment() -> tuple[str, str]:
    """Read OEWG_USER and OEWG_PASSWORD; raises UsageError when one is missing."""
    found = os.environ.get("OEWG_USER", ""), os.environ.get("OEWG_PASSWORD", "")
    if not all(found):
        raise UsageError("OEWG_USER or OEWG_PASSWORD is not set in the environment", advice="set both")
    return found


def publish(dataset: Dataset, server: Server, tell: Tell = lambda done, size: None) -> tuple[int, int, bool]:
    """Replace every graph on a server; return graphs, triples, whether the mark was read back; raises UsageError, StorageError."""
    if not server.graph_store and not server.update:
        raise UsageError("no server given", advice="use --endpoint URL or --graph-store URL")
    opener, send = server.open(), put_graph if server.graph_store else update_graph
    size = len(graph_names.graphs(dataset))
    count = 0
    found: list[ox.Triple] = []
    for done, (name, found) in enumerate(graph_names.contents(dataset)):
        tell(min(done, size), size)
        try:
            send(opener, server, name, found)
        except StorageError as error:
            if (
                done
                or not server.update
                or send is update_graph
                or getattr(error.__cause__, "code", 0) not in NO_SUCH_SERVICE
            ):
                raise
            send = update_graph
            send(opener, server, name, found)
        count += len(found) if name != PUBLISHED else 0
    tell(size, size)
    mark = terms.text_of(found[0].object)  # it comes last
    return size, count, (held if send is put_graph else answered)(opener, server, mark)


def held(opener: urllib.request.OpenerDirector, server: Server, mark: str) -> bool:
    """Read the mark back from a Graph Store; False when it lets nobody read. Raises StorageError when it is not there."""
    url = addressed(server.graph_store, PUBLISHED)
    try:
        content = request(opener, url, "GET")
        found = {terms.text_of(quad.object) for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)}
    except StorageError as error:
        if getattr(error.__cause__, "code", 0) != NOT_FOUND:
            return False
        found = set()
    except (SyntaxError, ValueError) as error:
        raise StorageError("the server accepted the data but does not return them", url, NOT_STORED) from error
    if mark not in found:
        raise StorageError("the server accepted the data but does not contain them", url, NOT_STORED)
    return True


def answered(opener: urllib.request.OpenerDirector, server: Server, mark: str) -> bool:
    """Ask for the mark where updates went, or at the address next to it; False when neither is asked. Raises as `held` does."""
    beside = re.sub(r"/(update|statements)(?=\Z|\?)", lambda found: ASKED_AT[found[1]], server.update)
    body = urllib.parse.urlencode({"query": MARKED}).encode()
    for url in dict.fromkeys((server.update, beside)):
        try:
            content = request(opener, url, "POST", body, remote.AS_RESULTS)
            rows = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
            found = {terms.text_of(term) for row in rows for term in row} if isinstance(rows, ox.QuerySolutions) else ()
        except StorageError:  # it takes updates alone
            continue
        except (SyntaxError, ValueError) as error:
            if url != server.update:
                continue
            raise StorageError("this URL is not a SPARQL endpoint", url, NOT_STORED) from error
        if mark not in found:
            raise StorageError("the server accepted the data but does not contain them", url, NOT_STORED)
        return True
    return False


def write(dataset: Dataset, place: Path) -> tuple[int, int]:
    """Write what would be published as N-Quads for a bulk loader; return numbers of graphs and triples. Raises StorageError."""
    count = 0
    with files.replacing(place) as file:
        for name, found in graph_names.contents(dataset):
            file.write("".join(f"{triple} <{name}> .\n" for triple in found).encode())
            count += len(found) if name != PUBLISHED else 0
    return len(graph_names.graphs(dataset)), count


def addressed(store: str, graph: str) -> str:
    """Address a graph in a Graph Store (SPARQL 1.1 Graph Store HTTP Protocol 4.2)."""
    return f"{store}{'&' if '?' in store else '?'}graph={urllib.parse.quote(graph, safe='')}"


def put_graph(opener: urllib.request.OpenerDirector, server: Server, name: str, found: list[ox.Triple]) -> None:
    """Replace one graph by PUT (Graph Store HTTP Protocol 5.3)."""
    body = bytes(ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b"")
    # N-Triples are Turtle, and every server reads text/turtle; not every one reads application/n-triples.
    request(opener, addressed(server.graph_store, name), "PUT", body, TURTLE)


def update_graph(opener: urllib.request.OpenerDirector, server: Server, name: str, found: list[ox.Triple]) -> None:
    """Replace one graph by DROP and INSERT DATA (SPARQL 1.1 Update 3.1.1, 3.2.2), a few hundred triples at a time."""
    opening = f"DROP SILENT GRAPH <{name}> ;\n"
    rest = iter(found)
    while part := tuple(islice(rest, BATCH)):
        lines = "".join(f"{triple} .\n" for triple in part)
        body = f"{opening}INSERT DATA {{ GRAPH <{name}> {{\n{lines}}} }}"
        request(opener, server.update, "POST", body.encode(), UPDATE)
        opening = ""
    if opening:
        request(opener, server.update, "POST", opening.rstrip(" ;\n").encode(), UPDATE)


def request(
    opener: urllib.request.OpenerDirector, url: str, method: str, body: bytes | None = None, headers: Headers = ASKED
) -> bytes:
    """Send one request; raises StorageError with what the server says."""
    headers = {"User-Agent": "oewg-kg", **headers}
    try:
        with opener.open(urllib.request.Request(url, body, headers, method=method), timeout=SECONDS) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            says = error.read(300).decode("utf-8", "replace")
            there = error.headers.get("Location", "")
        advice = "set OEWG_USER and OEWG_PASSWORD and use --auth-from-env" if error.code in (401, 403) else ""
        if there:
            advice = f"it points to {there[:200]}: use that URL if it is the right one"
        raise StorageError(f"the server answered {error.code} to {method}: {says}", url, advice) from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise StorageError(
            f"the server cannot be reached: {getattr(error, 'reason', error)}", url, "check the URL"
        ) from error
