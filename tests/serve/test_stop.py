"""How `oewg serve` ends, what it logs, and that a worker that dies takes no question with it but its own."""

import contextlib
import http.client
import itertools
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.serve.app import Application
from oewg_kg.serve.http.connection import Request
from oewg_kg.serve.workers.evaluate import Question, StoreEngine
from oewg_kg.serve.workers.limits import Settings
from oewg_kg.serve.workers.worker import IDLE_LIMIT
from served import FORM, PATIENCE, Answer, serving, until

pytestmark = pytest.mark.slow

ENDLESS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p . ?q ?r ?s FILTER (?a != ?q) }"
)
Record = Callable[[str, object], None]
TERMINATE = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])


@TERMINATE
def test_a_signal_ends_it_though_a_query_runs(mini: Path, tmp_path: Path, number: int) -> None:
    """One asks what never ends, one sends its body slowly, one nothing at all; all end with the server, and soon."""
    told: list[Answer] = []
    with serving(tmp_path, "--seconds", "600", "--workers", "1", root=mini) as server:
        asking = threading.Thread(target=lambda: told.append(server.ask(ENDLESS)))
        asking.start()
        until(lambda: len(server.workers()) > 1, "no other worker begins while one takes long")
        with server.open() as slow, server.open():
            slow.sendall(b"HEAD /cite HTTP/1.1\r\nHost: localhost\r\n\r\n")  # who is answered once has been let in
            assert slow.recv(1000).startswith(b"HTTP/1.1 200 ")
            slow.sendall(b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n")
            slow.sendall(b"Content-Length: 100\r\n\r\nA")
            assert len(server.workers()) <= 3
            assert server.stop(number) == 0, "a minute is enough, where the query would take ten"
            assert slow.recv(1000).startswith(b"HTTP/1.1 503 ")
        asking.join()
        assert (told[0].status, told[0].text, told[0].headers["retry-after"]) == (503, "the server is stopping\n", "5")
        until(lambda: not server.workers(), "a worker outlives the server")
        assert "Traceback" not in "\n".join(server.logged)
        assert "Aborted" not in "\n".join(server.logged)


def test_a_server_that_is_killed_leaves_no_worker(mini: Path, tmp_path: Path, record_property: Record) -> None:
    """A worker that answers is the last to end: when its time is up."""
    with serving(tmp_path, "--seconds", "2", "--workers", "1", root=mini) as server:
        end = threading.Event()

        def ask() -> None:
            while not end.is_set():  # on a slow machine it may be stopped before others have begun
                with contextlib.suppress(OSError, http.client.HTTPException):
                    server.ask(ENDLESS)

        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: len(server.workers()) > 1, "no other worker begins while one takes long")
        family = server.workers()
        end.set()
        server.stop(signal.SIGKILL)
        asking.join()
        until(lambda: not server.workers(), "a worker outlives the server")
        record_property("figure", f"{len(family)} processes, while a query ran that never ends")


@pytest.mark.parametrize("option", [(), ("--log-queries",)])
def test_a_request_is_one_line_and_a_query_is_logged_only_when_asked_for(
    mini: Path, tmp_path: Path, option: tuple[str, ...]
) -> None:
    with serving(tmp_path, "--workers", "1", *option, root=mini) as server:
        server.ask("ASK { }\n# secret")
        server.say("POST", "/sparql", FORM, urlencode({"query": "ASK { # secret\n}"}))
        server.say("GET", "/state/EST%0AGET%20/forged%20200")
        server.say("GET", "/search?q=secret")
        lines = server.logged
    assert sum("secret" in line for line in lines) == (2 if option else 0)
    # Workers that begin and end have lines too, and so have the questions whether the server is there.
    told = [line for line in lines if re.match("[A-Z]+ ", line) and "secret" not in line]
    requests = [line.split()[:3] for line in told if " /cite " not in line]
    assert requests == [
        ["GET", "/sparql", "200"],
        ["POST", "/sparql", "200"],
        ["GET", "/state/EST%0AGET%20/forged%20200", "404"],
        ["GET", "/search", "200"],
    ]


KILLED, CLIENTS = 20, 4  # a worker that waits, begins or answers; one of two, and in every fifth attack all
OWN = "503 the query needed too much memory or was nested too deeply; ask for less"


def test_workers_killed_again_and_again_lose_no_question_but_their_own(tmp_path: Path, record_property: Record) -> None:
    """Each client asks what has one right answer; now and then all workers are killed at once.

    Between two attacks a question is answered, and they go on until one was lost with its own worker.
    """
    numbers, end = itertools.count(), threading.Event()
    told: Counter[str] = Counter()
    killed = attacks = 0
    with serving(tmp_path, "--workers", "2") as server:

        def ask() -> None:
            while not end.is_set():
                number = next(numbers)
                try:
                    answer = server.ask(
                        f"SELECT ({number} AS ?n) (COUNT(DISTINCT ?s) AS ?states) {{ ?s a oewg:State . ?o oewg:submittedBy ?s }}"
                    )
                except (http.client.HTTPException, ConnectionError):
                    # Killed as it began to send: a 503 could follow its answer, so the connection is only closed.
                    told[OWN] += 1
                    continue
                if answer.status != 200:
                    told[f"{answer.status} {answer.text.strip()}"] += 1
                    continue
                row = answer.bindings[0]
                right = row["n"]["value"] == str(number) and row["states"]["value"] == states
                told["right" if right else "wrong"] += 1

        found = server.ask("SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a oewg:State . ?o oewg:submittedBy ?s }")
        states = found.bindings[0]["n"]["value"]
        clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        chosen = random.Random(1)
        while attacks < KILLED or (not told[OWN] and attacks < 50 * KILLED):
            before = told["right"]
            until(lambda: 2 <= len(server.workers()) <= 4, "a worker is missing")
            until(lambda: told["right"] > before, "nobody is answered")  # noqa: B023
            workers = server.workers()
            victims = workers if attacks % 5 == 4 else [chosen.choice(workers)]
            for pid in victims:
                with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
            until(lambda: not set(victims) & set(server.workers()), "a killed process lives")  # noqa: B023
            attacks += 1
        until(lambda: 2 <= len(server.workers()) <= 4, "a worker is missing")
        end.set()
        for client in clients:
            client.join()
        assert server.process.poll() is None
        reported = [line for line in server.logged if re.fullmatch(r"worker \d+ ended \(signal 9\)", line)]
    assert 0 < len(reported) <= killed
    # One of which a worker had read a part when it was killed may be asked again.
    told[OWN] += told.pop("503 all workers are busy; try again later", 0)
    assert set(told) <= {"right", OWN}, told
    assert told["right"] >= KILLED
    assert 0 < told[OWN] <= killed
    lost = f"{told['right']} questions answered rightly, {told[OWN]} lost with their own worker, none wrong"
    record_property("figure", f"{killed} processes killed in {attacks} attacks, {CLIENTS} clients: {lost}")


def test_the_first_workers_are_replaced_by_prepared_ones_and_no_request_is_lost(tmp_path: Path) -> None:
    """One client keeps its connection, one opens a new one for each request; both ask without a break until none of the first is left."""
    with serving(tmp_path, "--workers", "2") as server:
        first, told = set(server.workers()), Counter[int]()
        assert len(first) >= 2
        with contextlib.ExitStack() as stack:
            get, last = stack.enter_context(server.staying()), time.monotonic()

            def ask() -> bool:
                nonlocal get, last
                before, last = last, time.monotonic()
                try:
                    told[get("/cite").status] += 1
                except (
                    http.client.HTTPException,
                    ConnectionError,
                ):  # on a slow machine it may have been idle for too long
                    assert time.monotonic() - before > IDLE_LIMIT, "a request is lost"
                    get = stack.enter_context(server.staying())
                told[server.ask("ASK {}").status] += 1
                return not first & set(server.workers())

            # What is prepared before takes a slow machine minutes.
            until(ask, "the first workers are still there", 10 * PATIENCE)
            until(lambda: 2 <= len(server.workers()) <= 4 and ask(), "a worker is missing, or too many are there")
        assert not [line for line in server.logged if line.startswith("worker ")], "a planned end is not for the user"
    assert set(told) == {200}


def test_an_answer_that_is_cut_off_is_shorter_than_it_says(mini: Path, tmp_path: Path) -> None:
    """Nobody takes a part for the whole when its worker is killed while the client reads."""
    with serving(tmp_path, "--workers", "1", root=mini) as server, server.open() as channel:
        # More than the buffers of both systems hold, and less than an answer may have.
        query = urlencode({"query": "SELECT * { ?s ?p ?o . ?a ?b ?c . ?d ?e ?f } LIMIT 35000"})
        channel.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        begun = channel.recv(1000)
        for pid in server.workers():
            with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
                os.kill(pid, signal.SIGKILL)
        head, _, body = (begun + b"".join(iter(lambda: channel.recv(1 << 16), b""))).partition(b"\r\n\r\n")
        said = re.search(rb"content-length: (\d+)", head)
        assert head.startswith(b"HTTP/1.1 200 ")
        assert said and 0 < len(body) < int(said[1]) > 16 << 20


def test_a_fault_in_a_worker_is_reported_as_one_and_noted(caplog: pytest.LogCaptureFixture) -> None:
    """A graph that is named by a number is one that no engine understands, as any other fault of the program."""
    engine, odd = StoreEngine(ox.Store(), 1 << 20), Question("ASK {}", (7,), None, "json", "turtle")  # type: ignore[arg-type]
    fault, answer = engine.ask(odd), engine.ask(replace(odd, default_graphs=None))
    assert (fault.status, fault.message) == (500, "internal error; it has been logged")
    assert "TypeError" in caplog.text
    assert (answer.status, b"true" in answer.body) == (200, True)


def test_a_fault_of_a_page_is_one_line_for_the_client_and_the_worker_goes_on(
    kg: KnowledgeGraph, caplog: pytest.LogCaptureFixture
) -> None:
    application = Application(kg.root, kg.dataset, "x", Settings())
    application.routes.state.explorer.cached("catalog", lambda explorer: None)  # what the page needs is not there

    def get(target: bytes) -> tuple[int, bytes]:
        request = Request("GET", target, "1.1", [(b"host", b"localhost")], keep_alive=True)
        response = application.respond(("127.0.0.1", 80), request, ("127.0.0.1", 1))
        return response.status_code, bytes(response.body)

    assert get(b"/reconcile") == (500, b"internal error; it has been logged\n")
    assert "Traceback" in caplog.text
    assert get(b"/sparql?query=ASK%7B%7D")[0] == 200
