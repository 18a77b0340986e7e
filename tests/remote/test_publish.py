"""Publishing to real servers: the whole dataset goes in, is read back and compared triple for triple, and answers the same questions.

`engines` starts them.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

import engines
from conftest import ROOT
from engines import Running
from listening import Quiet, listening
from oewg_kg import query
from oewg_kg.cli import main
from oewg_kg.dataset import Dataset
from oewg_kg.errors import StorageError, UsageError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.remote import client as remote
from oewg_kg.remote import graph_names, publish
from oewg_kg.remote.publish import Server
from oewg_kg.vocabulary import BASE, PUBLISHED, RESOLVED
from servers import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with engines.oxigraph(tmp_path_factory.mktemp("oxigraph")) as running:
        yield running


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with engines.virtuoso(tmp_path_factory.mktemp("virtuoso")) as running:
        yield running


@pytest.fixture(params=["oxigraph", "virtuoso"])
def running(request: pytest.FixtureRequest) -> Running:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Running)
    return found


def read_back(running: Running, *graphs: str) -> list[set[ox.Triple]]:
    """Read graphs from a server by the Graph Store Protocol."""
    stores = running.server("graph store").endpoint(running.graph_store)
    found = [publish.request(stores, "GET", graph=graph) for graph in graphs]
    return [{quad.triple for quad in ox.parse(one, format=ox.RdfFormat.TURTLE)} for one in found]


@pytest.fixture(scope="module")
def published() -> set[str]:
    """Note which engines hold the real dataset."""
    return set()


@pytest.fixture
def full(running: Running, kg: KnowledgeGraph, published: set[str]) -> Running:
    """Give an engine that holds the real dataset, published once."""
    if running.name not in published:
        publish.publish(kg.dataset, running.server("graph store"))
        published.add(running.name)
    return running


@pytest.mark.parametrize("way", ["update", "graph store"])
def test_every_graph_is_read_back_triple_for_triple(
    running: Running, way: str, kg: KnowledgeGraph, published: set[str]
) -> None:
    names = graph_names.graphs(kg.dataset)
    assert publish.publish(kg.dataset, running.server(way)) == (len(names), len(kg.dataset.store), True)
    published.add(running.name)
    count = len(names)
    assert count > 600 and RESOLVED in names
    for name, back in zip(names, read_back(running, *names), strict=True):
        own = ox.DefaultGraph() if name == RESOLVED else ox.NamedNode(name)
        here = {quad.triple for quad in kg.dataset.store.quads_for_pattern(None, None, None, own)}
        there = {ox.Triple(*map(graph_names.deskolemized, triple)) for triple in back}
        assert there == here, f"{name}: {list(there - here)[:3]} instead of {list(here - there)[:3]}"


def test_the_mark_comes_last_and_is_the_same_for_the_same_graph(mini_kg: KnowledgeGraph) -> None:
    found = list(graph_names.contents(mini_kg.dataset))
    assert [name for name, _ in found] == [PUBLISHED, *graph_names.graphs(mini_kg.dataset), PUBLISHED]
    assert len(found) > 10 and found[0] == (PUBLISHED, []) and found == list(graph_names.contents(mini_kg.dataset))
    mini_kg.dataset.store.add(ox.Quad(*(ox.NamedNode(BASE + name) for name in "spog")))
    assert found[-1] != list(graph_names.contents(mini_kg.dataset))[-1]


def test_every_saved_question_has_the_same_rows_on_a_server(full: Running, kg: KnowledgeGraph) -> None:
    assert len(kg.questions) >= 113
    for name, saved in kg.questions.items():
        here = query.run(kg.dataset, saved, {})
        there = query.collect(saved, *remote.select(full.query, query.with_values(saved, {})))
        wanted = dict(zip(here.rows, here.citations, strict=True))
        assert dict(zip(there.rows, there.citations, strict=True)) == wanted, name


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["--root", str(ROOT), "ask", "contributions-of-actor", "--cite", "-f", "csv", *arguments]
    )


def test_ask_at_an_endpoint_with_a_parameter(full: Running) -> None:
    there, here = ask("-p", "actor=state:EST", "--endpoint", full.query), ask("-p", "actor=state:EST")
    assert there.exit_code == 0, there.output
    assert len(here.stdout.splitlines()) > 3
    assert sorted(there.stdout.splitlines()) == sorted(here.stdout.splitlines()) != sorted(ask().stdout.splitlines())


def test_the_command_says_what_it_sent(oxigraph: Running, mini: Path, published: set[str]) -> None:
    published.discard(oxigraph.name)
    urls = ["--endpoint", oxigraph.update, "--graph-store", oxigraph.graph_store]
    result = CliRunner().invoke(main, ["--root", str(mini), "publish", *urls])
    assert result.exit_code == 0, result.output
    assert " graphs, " in result.stdout and RESOLVED in result.stdout


@pytest.mark.parametrize("way", ["graph store", "update"])
def test_publishing_again_replaces_and_awkward_values_arrive_as_they_are(
    running: Running, way: str, published: set[str]
) -> None:
    published.discard(running.name)
    subject, predicate, graph = (ox.NamedNode(BASE + name) for name in ("x/é", "x/p", "graph/awkward"))
    values = ['a "b" \\ \n\r\t c', "'''", "}} ; DROP ALL", "中文 é 🙂", "", " two  spaces "]
    literals = [ox.Literal(value) for value in values] + [
        ox.Literal("x", language="en"),
        ox.Literal("2020-01-01", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")),
    ]
    first, second = ox.Store(), ox.Store()
    first.add(ox.Quad(subject, predicate, ox.Literal("before"), graph))
    second.extend([ox.Quad(subject, predicate, literal, graph) for literal in literals])
    for store in (first, second, second):
        publish.publish(Dataset(store, {}), running.server(way))
    assert read_back(running, graph.value) == [{ox.Triple(subject, predicate, literal) for literal in literals}]


def test_update_is_used_where_the_server_has_no_graph_store(oxigraph: Running, published: set[str]) -> None:
    published.discard(oxigraph.name)
    store = ox.Store()
    store.add(ox.Quad(*(ox.NamedNode(BASE + name) for name in ("x/s", "x/p", "x/o", "graph/by-update"))))
    publish.publish(
        Dataset(store, {}), Server(oxigraph.update, oxigraph.graph_store.replace("/store", "/no-such-service"))
    )
    assert [len(found) for found in read_back(oxigraph, BASE + "graph/by-update")] == [1]


def test_virtuoso_refuses_without_a_password_and_the_error_says_what_to_do(
    virtuoso: Running, kg: KnowledgeGraph
) -> None:
    with pytest.raises(StorageError, match=r"401.*--auth-from-env"):
        publish.publish(kg.dataset, Server("", virtuoso.graph_store))


class Away(Quiet):
    """Sends every write to a login page, which any GET gets with 200."""

    status = 302

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.send_header("Location", "/login")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_POST

    def do_GET(self) -> None:
        self.answer(200, b"<html><form>who are you?</form></html>")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Welcoming(Away):
    """Answers everything with 200 and a page."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    do_PUT = do_POST


class Forgetful(Welcoming):
    """A Graph Store that takes everything and holds nothing."""

    def do_GET(self) -> None:
        self.answer(200, b"")


class Losing(Welcoming):
    """A Graph Store that takes everything and knows no graph; and an endpoint that answers a question with another one's answer."""

    def do_GET(self) -> None:
        self.answer(404, b"no such graph")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(
            200, b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "y"}}]}}'
        )

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, b"")


class Mute(Away):
    """Takes updates, and answers no question."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(400 if body.startswith(b"query=") else 204, b"")


class Guarded(Away):
    """A Graph Store that asks everybody for Basic authentication (RFC 7617), and counts what it was sent without."""

    asked: ClassVar[list[tuple[str, bool]]] = []
    held: ClassVar[dict[str, bytes]] = {}

    def known(self) -> bool:
        wanted = "Basic " + base64.b64encode(b"ann:se:cret").decode()
        known = self.headers["Authorization"] == wanted
        self.asked.append((self.command, known))
        if not known:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="graphs"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        return known

    def do_GET(self) -> None:
        if self.known():
            self.answer(200, self.held.get(self.path, b""))

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.known():
            self.held[self.path] = body
            self.answer(204, b"")


def test_a_password_is_sent_to_a_server_that_asks_for_it_and_no_graph_is_sent_before(
    mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OEWG_USER", "ann")
    monkeypatch.setenv("OEWG_PASSWORD", "se:cret")
    with listening(Guarded) as address:
        command = ["--root", str(mini), "publish", "--graph-store", f"{address}/graphs", "--auth-from-env"]
        result = CliRunner().invoke(main, command)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        asked = list(Guarded.asked)
        monkeypatch.setenv("OEWG_PASSWORD", "wrong")
        result = CliRunner().invoke(main, command)
    assert asked[0] == ("GET", False) and all(known for _, known in asked[1:]) and ("PUT", True) in asked
    assert result.exit_code == 5 and "401" in result.stderr and "wrong" not in result.output
    assert ("PUT", False) not in Guarded.asked


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("way", ["--endpoint", "--graph-store"])
def test_a_write_that_is_sent_elsewhere_is_not_stored_and_reported(status: int, way: str, mini: Path) -> None:
    with listening(type("Sending", (Away,), {"status": status})) as address:
        result = CliRunner().invoke(main, ["--root", str(mini), "publish", way, f"{address}/update"])
    assert (result.exit_code, result.stdout) == (5, "")
    assert f"the server returned status {status} for " in result.stderr and "it redirects to /login" in result.stderr


@pytest.mark.parametrize(
    ("kind", "way", "told"),
    [
        (Welcoming, "--endpoint", "this URL is not a SPARQL endpoint"),
        (Welcoming, "--graph-store", "the server accepted the data but does not return them"),
        (Forgetful, "--endpoint", "this URL is not a SPARQL endpoint"),
        (Forgetful, "--graph-store", "the server accepted the data but did not store them"),
        (Losing, "--graph-store", "the server accepted the data but did not store them"),
        (Losing, "--endpoint", "the server accepted the data but did not store them"),
    ],
)
def test_what_is_not_read_back_is_not_published(kind: type[Away], way: str, told: str, mini: Path) -> None:
    with listening(kind) as address:
        result = CliRunner().invoke(main, ["--root", str(mini), "publish", way, f"{address}/update"])
    assert (result.exit_code, result.stdout) == (5, "")
    assert told in result.stderr


def test_a_server_that_is_not_asked_is_named_as_such(mini: Path) -> None:
    with listening(Mute) as address:
        result = CliRunner().invoke(main, ["--root", str(mini), "publish", "--endpoint", f"{address}/update"])
    assert result.exit_code == 0 and " graphs, " in result.stdout
    assert "the upload could not be checked" in result.stderr


@pytest.mark.parametrize(
    "url",
    ["http://ann:secret@127.0.0.1:9/x", "https://secret@a.example/", "ftp://ann:secret@a/", "http://ann:secret@[x/"],
)
@pytest.mark.parametrize(
    "command", ["publish --endpoint", "publish --graph-store", "serve --endpoint", "ask adoptions --endpoint"]
)
def test_a_password_in_an_address_is_refused_and_not_shown(url: str, command: str, mini: Path) -> None:
    result = CliRunner().invoke(main, ["--root", str(mini), *command.split(), url])
    assert (result.exit_code, "--auth-from-env" in result.output) == (2, True), result.output
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("url", "warned"), [("http://0.0.0.0:9/x", True), ("http://127.0.0.1:9/x", False), ("https://0.0.0.0:9/x", False)]
)
def test_a_password_that_would_go_unencrypted_to_another_host_is_warned_of(
    url: str, warned: bool, mini: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OEWG_USER", "ann")
    monkeypatch.setenv("OEWG_PASSWORD", "secret")
    result = CliRunner().invoke(main, ["--root", str(mini), "publish", "--endpoint", url, "--auth-from-env"])
    assert result.exit_code == 5
    assert ("the password would be sent to 0.0.0.0 unencrypted; use https" in result.stderr) is warned
    assert "secret" not in result.output


def test_wrong_use_is_reported(kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OEWG_USER", raising=False)
    for arguments in ([], ["--endpoint", "ftp://x"], ["--endpoint", "http://127.0.0.1:9/x", "--auth-from-env"]):
        assert CliRunner().invoke(main, ["--root", str(ROOT), "publish", *arguments]).exit_code == 2
    with pytest.raises(StorageError, match="cannot be reached"):
        publish.publish(kg.dataset, Server(f"http://127.0.0.1:{free_port()}/update", ""))
    with pytest.raises(UsageError):
        publish.user_from_environment()


def test_parameters_are_put_in_as_serialized_terms(kg: KnowledgeGraph) -> None:
    saved = kg.questions["contributions-of-actor"]
    text = query.with_values(saved, {"actor": ox.Literal('x" } UNION { \\ \n')})
    assert r'VALUES ?actor { "x\" } UNION { \\ \n" }' in text
