"""An endpoint of somebody else: the right question in the right format, and each failure told in one line."""

import socket
import threading
from collections.abc import Iterator

import pytest

from conftest import Start, one_line
from listening import Endpoint, playing
from oewg_kg import formats
from oewg_kg.errors import LimitError, OewgError, ParseError, StorageError, UsageError
from oewg_kg.remote import client as remote
from oewg_kg.vocabulary import PREFIXES

CSV = b"s\r\nhttp://example.org/a\r\n"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with playing(lambda body: CSV) as plays:
        yield plays


@pytest.fixture
def rude() -> Iterator[tuple[str, list[bytes]]]:
    """Answer each connection with some bytes at once, whatever was asked, and hang up."""
    says: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    one, _ = server.accept()
                except OSError:
                    return
                with one:
                    one.settimeout(60)
                    if says:
                        one.recv(65536)
                        one.sendall(says[0])
                    else:
                        one.recv(10)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", says
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_query_is_posted_with_our_prefixes_before_it(endpoint: Endpoint) -> None:
    text = "PREFIX state: <http://example.org/> SELECT ?s { ?s ?p 'Türkiye' }"
    assert remote.query(endpoint.url, text, None) == CSV
    path, headers, asked = endpoint.asked[0]
    assert path == "/sparql"
    assert headers["Content-Type"] == "application/sparql-query; charset=utf-8"
    assert asked.endswith(text), "what the query declares itself comes later and holds"
    assert f"PREFIX oewg: <{PREFIXES['oewg']}> " in asked
    assert "\n" not in asked, "line numbers in an error of the endpoint are those of the query"


@pytest.mark.parametrize("name", [f.name for f in formats.FORMATS])
def test_the_media_type_of_the_chosen_format_is_asked_for(name: str, endpoint: Endpoint) -> None:
    chosen = formats.by_name(name)
    remote.query(endpoint.url, "ASK {}", chosen)
    assert endpoint.asked[0][1]["Accept"] == chosen.media_type


def test_without_a_choice_csv_or_turtle_is_preferred(endpoint: Endpoint) -> None:
    remote.query(endpoint.url, "ASK {}", None)
    accepted = endpoint.asked[0][1]["Accept"]
    assert accepted.startswith("text/csv, text/turtle;q=0.9, ")
    assert all(f.media_type in accepted for f in formats.FORMATS)


def test_a_query_that_the_endpoint_refuses_is_the_querys_fault(endpoint: Endpoint) -> None:
    endpoint.status, endpoint.content = 400, b"line 1:\n  no such prefix" + b"x" * 5000
    with pytest.raises(ParseError, match=r"the endpoint returned status 400; line 1: no such prefix") as error:
        remote.query(endpoint.url, "ASK {}", None)
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("status", [301, 403, 404, 406, 500, 503])
def test_another_refusal_is_the_endpoints(status: int, endpoint: Endpoint) -> None:
    endpoint.status, endpoint.content = status, b"\xff not text"
    with pytest.raises(StorageError, match=f"the endpoint returned status {status}"):
        remote.query(endpoint.url, "ASK {}", None)


def test_an_endpoint_that_does_not_answer_in_time_is_reported(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint.wait.clear()
    monkeypatch.setattr(remote, "TIME_LIMIT", 0.2)
    with pytest.raises(LimitError, match=r"no answer within 0\.2 s; ask for less data"):
        remote.query(endpoint.url, "ASK {}", None)


def test_an_answer_cut_short_is_not_an_answer(endpoint: Endpoint) -> None:
    endpoint.length = 1000
    with pytest.raises(StorageError, match="cannot be reached"):
        remote.query(endpoint.url, "ASK {}", None)


@pytest.mark.parametrize("says", [b"", b"hello\r\n", b"\x00\xff\r\n\r\n"])
def test_what_is_not_http_is_reported(says: bytes, rude: tuple[str, list[bytes]]) -> None:
    url, answers = rude
    answers.append(says)
    with pytest.raises(StorageError, match=r"the endpoint cannot be reached; check the URL \(.*\)"):
        remote.query(url, "ASK {}", None)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(StorageError, match=r"the endpoint cannot be reached; check the URL \(.*refused\)"):
        remote.query(f"http://127.0.0.1:{port}/", "ASK {}", None)


@pytest.mark.parametrize(
    "url",
    ["", "nowhere", "file:///etc/passwd", "ftp://127.0.0.1/", "http://[", "http://a:b/", "http://a b/", "http://a/é"],
)
def test_what_is_not_an_http_url_is_reported(url: str) -> None:
    with pytest.raises(UsageError, match=r"is not a valid server URL; use an http or https URL"):
        remote.query(url, "ASK {}", None)


def test_a_url_without_a_host_is_reported() -> None:
    with pytest.raises(OewgError):
        remote.query("http://", "ASK {}", None)


def test_the_command_hands_the_answer_on_and_opens_no_graph(
    endpoint: Endpoint, oewg_process: Start, mini: object
) -> None:
    done = oewg_process("query", "-q", "SELECT ?s {}", "--endpoint", endpoint.url)
    assert (done.returncode, done.stdout, done.stderr) == (0, CSV, b"")
    assert not (mini / "build").exists()  # type: ignore[operator]
    endpoint.status = 500
    done = oewg_process("query", "-q", "SELECT ?s {}", "--endpoint", endpoint.url)
    assert done.returncode == 5
    assert "returned status 500" in one_line(done.stderr.decode())


def test_an_endpoint_that_hangs_up_on_a_long_query_is_reported(
    rude: tuple[str, list[bytes]], oewg_process: Start
) -> None:
    """A closed connection must not end the program as a closed pipe does, without a word."""
    done = oewg_process("query", "-", "--endpoint", rude[0], input=b"ASK {} #" + b"x" * 20_000_000)
    assert done.returncode == 5
    assert "cannot be reached" in one_line(done.stderr.decode())
