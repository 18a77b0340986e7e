"""A request that came before gets the same answer from memory; one that differs in a byte, or comes in pieces, is asked anew.

The server is a real process, and the requests are raw bytes on sockets.
"""

import re
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from oewg_kg.serve.http.connection import Connection, Request, response_chunks
from oewg_kg.serve.http.response_cache import ResponseCache
from oewg_kg.serve.protocol.sparql import AnswerCache
from oewg_kg.serve.workers.evaluate import Reply
from served import Server, serving, until

QUERY = "/sparql?query=SELECT%20(COUNT(*)%20AS%20?n)%20WHERE%20%7B%20?s%20?p%20?o%20%7D"


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


@pytest.mark.slow
def test_requests_in_pieces_and_several_at_once_are_answered_one_by_one(server: Server) -> None:
    csv, xml = (request_of(server, QUERY, f"Accept: {kind}") for kind in ("text/csv", "application/sparql-results+xml"))
    with server.open() as connection:
        connection.sendall(csv)
        whole = answer(connection)
        connection.sendall(csv[:30])
        time.sleep(0.3)  # so that the parts come one by one; where they do not, the answer is the same
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
    # The workers of those who went away are stopped and replaced.
    until(lambda: server.available(QUERY), "nobody is answered any more")
    assert server.process.poll() is None


def asked(number: int, *headers: tuple[bytes, bytes]) -> Request:
    return Request("GET", b"/", "1.1", list(headers), True, raw=b"GET /%d HTTP/1.1\r\n\r\n" % number)


def test_only_public_answers_are_kept_and_only_while_they_are_fresh() -> None:
    now = 0.0
    cache = ResponseCache(4000, lambda: now)

    def kept(request: Request, control: bytes, body: bytes = b"x") -> bool:
        headers = [(b"cache-control", control)] if control else []
        cache.put(request, headers, response_chunks(request, 200, headers, body), "/")
        return cache.get(request.raw or b"") is not None

    assert kept(asked(0), b"public, max-age=60")
    for number, control in enumerate((b"", b"public, max-age=0", b"private, max-age=60", b"no-store"), 1):
        assert not kept(asked(number), control)
    assert not kept(asked(5), b"public, max-age=60", b"x" * 600), "an answer of more than an eighth is not kept"
    for number, name in enumerate((b"cookie", b"authorization", b"range", b"cache-control"), 6):
        assert not kept(asked(number, (name, b"x")), b"public, max-age=60")
    for number in range(100, 200):
        assert kept(asked(number), b"public, max-age=60")
        assert cache.responses.currsize <= 4000
    assert cache.get(asked(100).raw or b"") is None
    found = cache.get(asked(199).raw or b"")
    assert found is not None and b"".join(found.chunks).endswith(b"\r\n\r\nx")
    now = 59.0
    assert cache.get(asked(199).raw or b"") is found, "with the date of then, which says how old it is"
    now = 61.0
    assert cache.get(asked(199).raw or b"") is None


def test_an_answer_that_took_long_is_there_for_other_workers(tmp_path: Path) -> None:
    one, other = AnswerCache(folder=tmp_path), AnswerCache(folder=tmp_path)
    one.put("slow", Reply(200, "text/html", "", b"made with care"), seconds=1.0)
    one.put("soon", Reply(200, "text/html", "", b"made at once"), seconds=0.01)
    assert other.get("slow") == one.get("slow") == Reply(200, "text/html", "", b"made with care")
    assert one.get("soon") and other.get("soon") is None
    for number in range(100):
        one.put(f"slow {number}", Reply(200, "text/html", "", b""), seconds=1.0)
    assert len(list(tmp_path.iterdir())) == 64
    assert other.get("slow 99") and other.get("slow 1") is None, "the oldest are left out"


def test_an_answer_is_kept_in_memory_though_its_folder_is_gone(tmp_path: Path) -> None:
    answers = AnswerCache(folder=tmp_path / "gone")
    answers.put("slow", Reply(200, "text/html", "", b"made with care"), seconds=1.0)
    assert answers.get("slow") == Reply(200, "text/html", "", b"made with care")
    assert answers.get("never asked") is None


def test_answers_without_a_body_take_room_too() -> None:
    answers = AnswerCache(most_bytes=10_000)
    for number in range(1000):
        answers.put(str(number), Reply(200, "text/html", "", b""))
    assert answers.get("999") and answers.get("0") is None


class WithoutSendmsg:
    """A socket as Windows has it."""

    def __init__(self, one: socket.socket) -> None:
        self.one = one

    def send(self, data: bytes) -> int:
        return self.one.send(data)


def test_an_answer_in_several_parts_is_sent_where_sockets_send_one_at_a_time() -> None:
    here, there = socket.socketpair()
    with here, there:
        connection = Connection(cast("socket.socket", WithoutSendmsg(here)), 1, ("127.0.0.1", 1), 0.0)
        connection.send([b"head ", b"", b"body"])
        assert there.recv(100) == b"head body"
        assert not connection.outgoing and not connection.unsent


@pytest.mark.slow
def test_links_to_the_description_name_the_host_that_was_asked(real: Server) -> None:
    """A page is kept by its address without the host, but its links (RFC 8288) are those of the host."""
    for host in ("localhost", "127.0.0.1", "localhost"):
        home = real.say("GET", "/", {"Host": f"{host}:{real.port}", "Accept": "text/html"})
        described = re.findall(r'<([^>]*)>; rel="describedby"', home.headers["link"])
        assert described and all(one.startswith(f"http://{host}:{real.port}/release/") for one in described)


def test_a_page_is_compressed_only_for_who_accepts_it(real: Server) -> None:
    """A weight of nought says that a coding is not acceptable (RFC 9110, 12.4.2)."""
    for accepted, coding in (
        ("gzip", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.0, br", None),
    ):
        found = real.say("GET", "/cite", {"Accept": "text/html", "Accept-Encoding": accepted})
        assert found.headers.get("content-encoding") == coding, accepted
