"""Publish the dataset to an external server (Graph Store Protocol, SPARQL Update), or as N-Quads for its bulk loader."""

import os
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import files, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError, StorageError, UsageError
from oewg_kg.remote import client as remote
from oewg_kg.remote import graph_names
from oewg_kg.remote.client import Endpoint, Login
from oewg_kg.vocabulary import BASE, PUBLISHED

TIME_LIMIT = 120
BATCH = 500
NOT_FOUND, NO_SUCH_SERVICE = 404, (404, 405, 501)
TURTLE = {"Content-Type": "text/turtle; charset=utf-8"}
UPDATE = {"Content-Type": "application/sparql-update; charset=utf-8"}
NOT_STORED = "check the URL and your permission to write there"
# The addresses of queries, for servers with a separate one for updates: Oxigraph and Fuseki, RDF4J and GraphDB.
QUERY_PATHS = {"update": "/query", "statements": ""}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MARK_QUERY = f"SELECT ?mark {{ GRAPH <{PUBLISHED}> {{ <{BASE}> <{graph_names.IDENTIFIER.value}> ?mark }} }}"
Tell = Callable[[int, int], None]
ACCEPT_TURTLE = {"Accept": "text/turtle"}


@dataclass(frozen=True)
class Server:
    """Where to publish: an endpoint of SPARQL Update or a Graph Store (either may be empty), and a user with a password."""

    update: str
    graph_store: str
    user: str = ""
    password: str = ""

    def endpoint(self, url: str) -> Endpoint:
        """Prepare to ask at one of the URLs; raises UsageError if it is invalid."""
        return Endpoint(url, TIME_LIMIT, login=Login(self.user, self.password) if self.user else None)

    def exposed(self) -> list[str]:
        """List the other hosts to which a password would be sent unencrypted: over http, if they ask for Basic."""
        urls = [remote.split_url(url) for url in (self.update, self.graph_store) if url and self.user]
        return [str(url.hostname) for url in urls if url.scheme == "http" and url.hostname not in LOOPBACK]


def user_from_environment() -> tuple[str, str]:
    """Read OEWG_USER and OEWG_PASSWORD; raises UsageError if one is missing."""
    login = os.environ.get("OEWG_USER", ""), os.environ.get("OEWG_PASSWORD", "")
    if not all(login):
        raise UsageError("OEWG_USER or OEWG_PASSWORD is not set in the environment", advice="set both")
    return login


def publish(dataset: Dataset, server: Server, tell: Tell = lambda done, size: None) -> tuple[int, int, bool]:
    """Replace every graph on a server; return graphs, triples, whether the mark was read back; raises UsageError, StorageError."""
    if not server.graph_store and not server.update:
        raise UsageError("no server given", advice="use --endpoint URL or --graph-store URL")
    stores, updates = (server.endpoint(url) if url else None for url in (server.graph_store, server.update))
    for endpoint, graph in ((stores, BASE), (updates, "")):
        if endpoint:
            _log_in(endpoint, graph)
    size = len(graph_names.graphs(dataset))
    count = 0
    triples: list[ox.Triple] = []
    for graphs_sent, (name, triples) in enumerate(graph_names.contents(dataset)):
        tell(min(graphs_sent, size), size)
        try:
            if stores:
                # N-Triples are Turtle, and every server reads text/turtle; not every one reads application/n-triples.
                body = bytes(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")
                request(stores, "PUT", body, TURTLE, name)
        except StorageError:
            if graphs_sent or not updates or stores is None or stores.status not in NO_SUCH_SERVICE:
                raise
            stores = None
        if stores is None and updates:
            update_graph(updates, name, triples)
        count += len(triples) if name != PUBLISHED else 0
    tell(size, size)
    mark = terms.text_of(triples[0].object)  # it comes last
    return size, count, mark_in_graph_store(stores, mark) if stores else mark_in_endpoint(server, mark)


def _log_in(endpoint: Endpoint, graph: str) -> None:
    """Find out how to log in before anything large is sent; raises StorageError if that fails, or there is no answer."""
    try:
        request(endpoint, "GET", graph=graph)
    except StorageError:
        if endpoint.status in (0, 401):
            raise


def mark_in_graph_store(stores: Endpoint, mark: str) -> bool:
    """Read the mark back from a Graph Store; False if reading is not allowed. Raises StorageError if it is missing."""
    try:
        content = request(stores, "GET", graph=PUBLISHED)
        marks = {terms.text_of(quad.object) for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)}
    except StorageError:
        if stores.status != NOT_FOUND:
            return False
        marks = set()
    except (SyntaxError, ValueError) as error:
        raise StorageError("the server accepted the data but does not return them", stores.url, NOT_STORED) from error
    if mark not in marks:
        raise StorageError("the server accepted the data but did not store them", stores.url, NOT_STORED)
    return True


def mark_in_endpoint(server: Server, mark: str) -> bool:
    """Query the mark at the address of updates, or the one next to it; False if neither answers queries. Raises as `held` does."""
    query_url = re.sub(r"/(update|statements)(?=\Z|\?)", lambda path: QUERY_PATHS[path[1]], server.update)
    for url in dict.fromkeys((server.update, query_url)):
        endpoint = server.endpoint(url)
        try:
            _, rows = remote.solutions(endpoint, [("query", MARK_QUERY)])
        except (ParseError, StorageError) as error:  # it accepts only updates, or is not an endpoint
            if endpoint.status != 200 or url != server.update:
                continue
            raise StorageError("this URL is not a SPARQL endpoint", url, NOT_STORED) from error
        if mark not in {terms.text_of(term) for row in rows for term in row}:
            raise StorageError("the server accepted the data but did not store them", url, NOT_STORED)
        return True
    return False


def write(dataset: Dataset, path: Path) -> tuple[int, int]:
    """Write what would be published as N-Quads for a bulk loader; return the numbers of graphs and triples. Raises StorageError."""
    count = 0
    with files.replacing(path) as file:
        for name, triples in graph_names.contents(dataset):
            file.write("".join(f"{triple} <{name}> .\n" for triple in triples).encode())
            count += len(triples) if name != PUBLISHED else 0
    return len(graph_names.graphs(dataset)), count


def update_graph(updates: Endpoint, name: str, triples: list[ox.Triple]) -> None:
    """Replace one graph by DROP and INSERT DATA (SPARQL 1.1 Update 3.1.1, 3.2.2), a few hundred triples at a time."""
    opening = f"DROP SILENT GRAPH <{name}> ;\n"
    remaining = iter(triples)
    while batch := tuple(islice(remaining, BATCH)):
        lines = "".join(f"{triple} .\n" for triple in batch)
        body = f"{opening}INSERT DATA {{ GRAPH <{name}> {{\n{lines}}} }}"
        request(updates, "POST", body.encode(), UPDATE)
        opening = ""
    if opening:
        request(updates, "POST", opening.rstrip(" ;\n").encode(), UPDATE)


def request(
    endpoint: Endpoint, method: str, body: bytes | None = None, headers: dict[str, str] = ACCEPT_TURTLE, graph: str = ""
) -> bytes:
    """Send one request, about a graph if one is named (Graph Store HTTP Protocol 4.2); raises StorageError with its message."""
    try:
        return endpoint.send(method, body, headers, f"graph={urllib.parse.quote(graph, safe='')}" if graph else "")
    except (ParseError, StorageError) as error:
        if not endpoint.status:
            raise
        advice = "set OEWG_USER and OEWG_PASSWORD and use --auth-from-env" if endpoint.status in (401, 403) else ""
        if redirect := str(endpoint.headers.get("Location", "")):
            advice = f"it redirects to {redirect[:200]}: use that URL if it is correct"
        what = f"the server returned status {endpoint.status} for {method}: {error.advice[:300]}"
        raise StorageError(what, endpoint.url, advice) from error
