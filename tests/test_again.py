"""A request that came before gets the same answer from memory; one that differs in a byte, or comes in pieces, is asked anew.

The server is a real process, and the requests are raw bytes on sockets.
"""

import re
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from oewg_kg.serve.again import Memory

from served import Server, serving

QUERY = "/sparql?query=SELECT%20(COUNT(*)%20AS%20?n)%20WHERE%20%7B%20?s%20?p%20?o%20%7D"
GIVEN = b"HTTP/1.1 200 OK\r\ndate: then\r\ncache-control: public, max-age=%d\r\n\r\n%s"


def request_of(server: Server, target: str, *headers: str) -> bytes:
    lines = [f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", *headers]
    return "".join(line + "\r\n" for line in [*lines, ""]).encode()


def answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read one answer: its head without the date, and its body."""
    found = b""
    while b"\r\n\r\n" not in found:
        part = connection.recv(1)
        assert part, f"closed after {found!r}"
        found += part
    size = int(re.search(rb"content-length: (\d+)", found)[1])  # type: ignore[index]
    body = b""
    while len(body) < size:
        body += connection.recv(size - len(body))
    return re.sub(rb"\r\ndate: [^\r]*", b"", found), body


@pytest.fixture
def server(mini: Path, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, "--workers", "1", root=mini) as running:
        yield running


def test_the_same_request_gets_the_same_answer_and_is_logged_each_time(server: Server) -> None:
    request = request_of(server, QUERY, "Accept: text/csv")
    with server.open() as one, server.open() as other:
        answers = []
        for connection in (one, one, other, one):
            connection.sendall(request)
            answers.append(answer(connection))
    assert answers[0][0].startswith(b"HTTP/1.1 200") and answers[0][1].startswith(b"n\r\n")
    assert answers == answers[:1] * 4
    assert server.log.read_text().count("GET /sparql 200") == 4


def test_whatever_differs_is_asked_anew(server: Server) -> None:
    with server.open() as connection:
        found = {}
        for accept in ("text/csv", "application/sparql-results+xml", "text/csv"):
            connection.sendall(request_of(server, QUERY, f"Accept: {accept}"))
            found[accept] = answer(connection)[1]
        assert found["text/csv"].startswith(b"n\r\n") and found["application/sparql-results+xml"].startswith(b"<?xml")
        connection.sendall(request_of(server, QUERY, "Accept: text/csv").replace(b"127.0.0.1", b"evil.example"))
        assert answer(connection)[0].startswith(b"HTTP/1.1 400")


def test_requests_in_pieces_and_several_at_once_are_answered_one_by_one(server: Server) -> None:
    csv, xml = (request_of(server, QUERY, f"Accept: {kind}") for kind in ("text/csv", "application/sparql-results+xml"))
    with server.open() as connection:
        connection.sendall(csv)
        whole = answer(connection)
        connection.sendall(csv[:30])
        time.sleep(0.3)
        connection.sendall(csv[30:])
        assert answer(connection) == whole
        connection.sendall(csv + xml + csv)
        assert [answer(connection)[1][:5] for _ in range(3)] == [whole[1][:5], b"<?xml", whole[1][:5]]
        # The first half of a head, and then what by itself would be a known request: a header of no meaning, not a request.
        connection.sendall(b"GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        time.sleep(0.3)
        connection.sendall(csv)
        assert connection.recv(12) in (b"HTTP/1.1 404", b"HTTP/1.1 400")


def test_clients_that_go_away_do_not_end_the_server(server: Server) -> None:
    request = request_of(server, QUERY, "Accept: text/csv")
    for times in (1, 30) * 20:
        with server.open() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(request * times)
    for _ in range(100):  # the workers of those who went away are stopped and replaced
        with server.open() as connection:
            connection.sendall(request)
            found = answer(connection)[0]
        if found.startswith(b"HTTP/1.1 200"):
            break
        time.sleep(0.2)
    assert found.startswith(b"HTTP/1.1 200")
    assert server.process.poll() is None


def test_only_whole_public_answers_are_kept_and_only_while_they_are_fresh() -> None:
    memory = Memory(most=1000)
    for number, told in enumerate(
        (GIVEN % (0, b""), GIVEN.replace(b"200", b"404") % (60, b""), b"HTTP/1.1 200 OK\r\n\r\n")
    ):
        memory.put(b"GET /%d HTTP/1.1" % number, told)
        assert memory.get(b"GET /%d HTTP/1.1" % number) is None
    memory.put(b"GET /long HTTP/1.1", GIVEN % (60, b"x" * 200))
    assert memory.get(b"GET /long HTTP/1.1") is None
    for number in range(100):
        memory.put(b"GET /%d HTTP/1.1" % number, GIVEN % (60, b"x"))
        assert memory.kept.size <= 1000
    assert memory.get(b"GET /0 HTTP/1.1") is None
    kept = memory.get(b"GET /99 HTTP/1.1")
    assert kept is not None and kept.rest.endswith(b"\r\n\r\nx") and b"then" not in kept.head + kept.rest
