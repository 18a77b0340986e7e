"""What a hostile world does to `oewg serve` in public: requests that two servers read differently, floods, answers that nobody reads.

The rows of the table of attacks are in test_attacks.py.
"""

import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from effort import in_proportion, seconds
from explorer import client_of
from oewg_kg.errors import OewgError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.safety import query_guard
from served import FORM, PATIENCE, Server, serving, until

HOST = b"Host: localhost\r\n"
SMUGGLED = b"GET /cite HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("public"), "--workers", "1") as running:
        yield running


def all_of(channel: socket.socket) -> bytes:
    """Read until the other side closes."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while part := channel.recv(1 << 16):
            found += part
    return found


# Requests that two servers read differently (RFC 9112, 11.2)

FORM_HEAD = b"POST /sparql HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = FORM_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
AMBIGUOUS = {
    "bare LF": b"GET / HTTP/1.1\nHost: localhost\n\n",
    "bare LF after a header": b"GET / HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n",
    "bare LF at the end": b"GET / HTTP/1.1\r\n" + HOST + b"\n",
    "bare CR in a value": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rContent-Length: 5\r\n\r\n",
    "length and coding": FORM_HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": FORM_HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": FORM_HEAD + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n",
    "a list of lengths": FORM_HEAD + b"Content-Length: 0, 40\r\n\r\n",
    "a length with a sign": FORM_HEAD + b"Content-Length: +0\r\n\r\n",
    "another coding": FORM_HEAD + b"Transfer-Encoding: identity\r\n\r\n",
    "chunked twice": FORM_HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": FORM_HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "a coding that looks so": FORM_HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "HTTP/1.0 in chunks": CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n",
    "a space before the colon": FORM_HEAD + b"Content-Length : 0\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n Content-Length: 40\r\n\r\n",
    "a chunk that ends in LF": CHUNKED + b"0\n\r\n",
    "an extension with LF": CHUNKED + b"1;a\nb\r\n0\r\n\r\n",
    "a chunk too long": CHUNKED + b"1\r\nabc0\r\n\r\n",
    "a size in another form": CHUNKED + b"0x0\r\n\r\n",
    "NUL": b"GET / HTTP/1.1\r\n" + HOST + b"X: \x00\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_what_two_servers_could_read_differently_is_refused_and_what_follows_not_read(
    server: Server, kind: str
) -> None:
    with server.open() as channel:
        channel.sendall(AMBIGUOUS[kind] + SMUGGLED)
        found = all_of(channel)
    assert re.match(rb"HTTP/1\.1 (400|505) ", found), found[:200]
    assert found.count(b"HTTP/1.1 ") == 1 and b"connection: close" in found


def test_a_kept_answer_is_that_of_the_request_that_the_parser_read(server: Server) -> None:
    """An earlier memory of answers read heads by itself, so that a victim could get the page of an attacker."""
    one = b"GET /cite HTTP/1.1\r\n" + HOST + b"X: a\nContent-Length: 60\r\n\r\n"
    for _ in range(3):
        with server.open() as channel:
            channel.sendall(one + SMUGGLED)
            assert all_of(channel).startswith(b"HTTP/1.1 400 ")
        with server.open() as channel:
            channel.sendall(SMUGGLED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert all_of(channel).startswith(b"HTTP/1.1 200 ")


# Floods

BATCH = urlencode({"queries": json.dumps({f"q{at}": {"query": f"Nowhere {at} " + "x" * 1000} for at in range(50)})})


def test_a_page_does_not_wait_long_behind_many_small_requests(server: Server, kg: KnowledgeGraph) -> None:
    """All of a crowd are answered, and a page among them; what the crowd asks takes about as much of the processor as a page."""
    assert 50_000 < len(BATCH) < 70_000
    statuses: list[int] = []

    def one(at: int) -> None:
        small = server.say("GET", f"/openapi.json?x={at}") if at % 2 else server.say("POST", "/reconcile", FORM, BATCH)
        statuses.append(small.status)

    crowd = [threading.Thread(target=one, args=(at,)) for at in range(60)]
    for thread in crowd:
        thread.start()
    assert server.say("GET", "/state/EST", {"Accept": "text/html"}).status in (200, 503)
    for thread in crowd:
        thread.join()
    assert len(statuses) == 60 and set(statuses) <= {200, 503}
    client = client_of(kg.root, kg.dataset, base_url="http://localhost", headers={"Accept": "text/html"})
    pages = iter(("/state/EST", "/state/FRA", "/state/IRN", "/state/BRA", "/state/IND"))
    for path in ("/openapi.json", "/state/AUS"):  # what is looked up once
        client.get(path)
    page = seconds(lambda: client.get(next(pages)))
    batch = seconds(lambda: client.post("/reconcile", content=BATCH, headers=FORM))
    described = seconds(lambda: client.get("/openapi.json?x=1"))
    assert batch < 10 * page and described < page, (page, batch, described)


# Answers that nobody reads, and connections without end


def memory(server: Server) -> int:
    """Add up the MiB that a server and its workers have to themselves."""
    found = 0
    for pid in [server.process.pid, *server.workers()]:
        with contextlib.suppress(OSError):
            found += int(re.search(r"Private_Dirty: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())[1])  # type: ignore[index]
    return found >> 10


@pytest.mark.slow
def test_answers_that_nobody_reads_take_bounded_memory(server: Server) -> None:
    """Thirty connections at a time ask for megabytes by 250 bytes and read nothing, until more was made than may be held."""
    # Of each process: MiB of what all share until a worker has read the graph. Of a worker: also those for slow readers, twice for
    # kept answers, and what an answer needs while it is made.
    copy = 72
    share = copy + 64 + 32 + 32 + 128
    size = len(server.ask("SELECT * { ?s ?p ?o }").body) >> 20
    before, start = memory(server), len(server.logged)
    workers = most = 0
    with contextlib.ExitStack() as stack:
        channels: list[socket.socket] = []

        def measured() -> bool:
            nonlocal workers, most
            waiting = len(channels) - len(select.select(channels, [], [], 0)[0])
            for _ in range(30 - waiting if len(channels) < 400 else 0):
                channels.append(stack.enter_context(server.open()))
                channels[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                query = urlencode({"query": f"SELECT * {{ ?s ?p ?o }} # {len(channels)}"})
                channels[-1].sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            workers, most = max(workers, len(server.workers())), max(most, memory(server) - before)
            made = size * sum(line.startswith("GET /sparql 200 ") for line in server.logged[start:])
            return made > 1.1 * (copy + share * workers)

        until(measured, "the queries of those who do not read are not answered", 10 * PATIENCE)
        assert most < copy + share * workers
    until(server.available, "it does not answer")


def test_one_connection_too_many_is_refused_and_its_place_is_free_again(server: Server) -> None:
    """As many are opened as it takes: on a slow machine the first, which ask nothing, are closed before there are too many."""
    with contextlib.ExitStack() as stack:
        waiting: list[socket.socket] = []
        told: list[bytes] = []

        def refused() -> bool:
            for _ in range(530 if not waiting else 20):
                waiting.append(stack.enter_context(server.open()))
            for channel in select.select(waiting, [], [], 0.2)[0]:
                waiting.remove(channel)
                with contextlib.suppress(ConnectionResetError):
                    told.append(channel.recv(1000))
            return sum(map(bool, told)) >= 18

        until(refused, "connections without end are taken")
        said = [one for one in told if one]
        assert all(b"503 Service Unavailable" in one and b"too many connections are open" in one for one in said)
    until(server.available, "the places are not free again")


def test_clients_that_are_gone_at_once_leave_nothing_behind(server: Server) -> None:
    for at in range(600):  # more than there are places
        with contextlib.suppress(OSError), server.open() as channel:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            channel.sendall(b"GET /cite HTTP/1.1\r\n" + (HOST + b"\r\n" if at % 2 else b""))
    until(server.available, "the places are not free again")


# What it needs while it runs


def test_nothing_in_the_temporary_folder_is_needed_once_it_runs(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    with serving(tmp_path, "--workers", "1", root=mini) as running:
        shutil.rmtree(folder)
        for _ in range(2):
            killed = set(running.workers())
            for pid in killed:
                with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
                    os.kill(pid, signal.SIGKILL)
            until(lambda: set(running.workers()) - killed, "no worker comes back")  # noqa: B023
            until(lambda: running.available("/sparql?query=ASK%7B%7D"), "no query is answered")
        assert running.stop() == 0


# Time that grows with the square of what strangers send

PIECES = [
    "VALUES ",
    "VALUES {",
    '"\\',
    "'''\\",
    "<a",
    "<a:",
    "?a:",
    "# ",
    "{[(",
    "\\\\",
    '"""\\"""',
    "SERVICE ",
    "<a #",
]


@pytest.mark.parametrize("piece", PIECES)
def test_the_guard_takes_time_in_proportion_to_the_query(piece: str) -> None:
    def check(times: int) -> None:
        with contextlib.suppress(OewgError):
            query_guard.check("SELECT * { " + piece * (times * 12_500 // len(piece)))

    assert in_proportion(check, 8)
