"""The whole dataset into a server of somebody else, graph by graph, by the Graph Store Protocol or by SPARQL Update.

Not for asking it: `remote` does that. The default graph goes under the name of the resolved view, since a server's own default graph
may be the union of all (Virtuoso). Every graph is replaced, so that publishing again ends in the same state.
"""

import http.client
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyoxigraph as ox

from oewg_kg.dataset import Dataset
from oewg_kg.errors import StorageError, UsageError
from oewg_kg.vocabulary import BASE, RESOLVED

SECONDS = 120
BATCH = 500
NO_SUCH_SERVICE = (404, 405, 501)
Tell = Callable[[int, int], None]


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
            if not url.startswith(("http://", "https://")):
                raise UsageError(f"no URL of a server: {url!r}", advice="give an http or https URL")
            known.add_password(None, url, self.user, self.password)
        logins = [RememberedDigest(known), urllib.request.HTTPBasicAuthHandler(known)] if self.user else []
        opener = urllib.request.build_opener(*logins)
        for url in filter(None, (self.update, self.graph_store and addressed(self.graph_store, BASE))):
            # Only how to log in matters of the answer: it must be known before anything large is sent.
            try:
                request(opener, url, "GET")
            except StorageError as error:
                if getattr(error.__cause__, "code", 0) == 401:
                    raise
        return opener


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
        raise UsageError("no OEWG_USER and OEWG_PASSWORD in the environment", advice="set both")
    return found


def graphs(dataset: Dataset) -> list[str]:
    """List what is published: the resolved view, then every named graph."""
    named = sorted(graph.value for graph in dataset.store.named_graphs() if isinstance(graph, ox.NamedNode))
    return [RESOLVED, *named]


def triples(dataset: Dataset, graph: str) -> Iterator[ox.Triple]:
    """Iterate over the triples that are published under a name."""
    own = ox.DefaultGraph() if graph == RESOLVED else ox.NamedNode(graph)
    return (quad.triple for quad in dataset.store.quads_for_pattern(None, None, None, own))


def publish(dataset: Dataset, server: Server, tell: Tell = lambda done, size: None) -> tuple[int, int]:
    """Replace every graph of the dataset on a server; return the numbers of graphs and of triples.

    Raises UsageError without a server, StorageError when it cannot be reached or refuses; what was sent till then stays there.
    """
    if not server.graph_store and not server.update:
        raise UsageError("no server to publish to", advice="--endpoint URL or --graph-store URL")
    opener, send = server.open(), put_graph if server.graph_store else update_graph
    names = graphs(dataset)
    count = 0
    for done, name in enumerate(names):
        tell(done, len(names))
        found = sorted(triples(dataset, name), key=str)
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
        count += len(found)
    tell(len(names), len(names))
    return len(names), count


def addressed(store: str, graph: str) -> str:
    """Address a graph in a Graph Store (SPARQL 1.1 Graph Store HTTP Protocol 4.2)."""
    return f"{store}{'&' if '?' in store else '?'}graph={urllib.parse.quote(graph, safe='')}"


def put_graph(opener: urllib.request.OpenerDirector, server: Server, name: str, found: list[ox.Triple]) -> None:
    """Replace one graph by PUT (Graph Store HTTP Protocol 5.3)."""
    body = bytes(ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b"")
    # N-Triples are Turtle, and every server reads text/turtle; not every one reads application/n-triples.
    request(opener, addressed(server.graph_store, name), "PUT", body, "text/turtle; charset=utf-8")


def update_graph(opener: urllib.request.OpenerDirector, server: Server, name: str, found: list[ox.Triple]) -> None:
    """Replace one graph by DROP and INSERT DATA (SPARQL 1.1 Update 3.1.1, 3.2.2), a few hundred triples at a time.

    Triples that share a blank node go together: a blank node means another one in each request (SPARQL 1.1 Update 4.2.1).
    """
    opening = f"DROP SILENT GRAPH <{name}> ;\n"
    for part in parts(found):
        lines = "".join(f"{triple} .\n" for triple in part)
        # Virtuoso 7 refuses blank nodes in INSERT DATA; an INSERT with an empty pattern makes the same triples (SPARQL 1.1 Update 3.1.3).
        insert, where = ("INSERT", " WHERE { }") if "_:" in lines else ("INSERT DATA", "")
        body = f"{opening}{insert} {{ GRAPH <{name}> {{\n{lines}}} }}{where}"
        request(opener, server.update, "POST", body.encode(), "application/sparql-update; charset=utf-8")
        opening = ""
    if opening:
        request(
            opener, server.update, "POST", opening.rstrip(" ;\n").encode(), "application/sparql-update; charset=utf-8"
        )


def parts(found: Iterable[ox.Triple]) -> Iterator[tuple[ox.Triple, ...]]:
    """Split triples into parts of a few hundred; all with blank nodes make one part."""
    all_found = list(found)
    blank = [t for t in all_found if isinstance(t.subject, ox.BlankNode) or isinstance(t.object, ox.BlankNode)]
    if blank:
        yield tuple(blank)
    held = set(blank)
    rest = (triple for triple in all_found if triple not in held)
    while part := tuple(islice(rest, BATCH)):
        yield part


def request(
    opener: urllib.request.OpenerDirector, url: str, method: str, body: bytes | None = None, media_type: str = ""
) -> bytes:
    """Send one request; raises StorageError with what the server says."""
    headers = {"User-Agent": "oewg-kg"} | ({"Content-Type": media_type} if media_type else {"Accept": "text/turtle"})
    try:
        with opener.open(urllib.request.Request(url, body, headers, method=method), timeout=SECONDS) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        says = error.read(300).decode("utf-8", "replace")
        advice = "set OEWG_USER and OEWG_PASSWORD and give --auth-from-env" if error.code in (401, 403) else ""
        raise StorageError(f"the server answers {error.code} to {method}: {says}", url, advice) from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise StorageError(
            f"the server cannot be reached: {getattr(error, 'reason', error)}", url, "check the URL"
        ) from error
