"""`oewg serve` as a process of its own, and a client that says over the socket exactly what a test wants said."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from conftest import DATA, OEWG
from servers import free_port

PATIENCE = 60.0
JSON = "application/sparql-results+json"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers by small name, the body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def bindings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.body)["results"]["bindings"]
        return found


@dataclass(frozen=True)
class Server:
    """A server that runs: its process, where it listens, and the file of what it logs."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        """Give the address of the home page, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def logged(self) -> list[str]:
        return self.log.read_text().splitlines()

    def say(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | str | None = None
    ) -> Answer:
        """Send one request as it stands; nothing is added but Host and Content-Length."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, target, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(
                response.status, {name.lower(): text for name, text in response.getheaders()}, response.read()
            )
        finally:
            connection.close()

    @contextlib.contextmanager
    def staying(self) -> Iterator[Callable[[str], Answer]]:
        """Give what GETs pages over one connection, which one worker answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

        def get(target: str) -> Answer:
            connection.request("GET", target)
            response = connection.getresponse()
            headers = {name.lower(): text for name, text in response.getheaders()}
            return Answer(response.status, headers, response.read())

        try:
            yield get
        finally:
            connection.close()

    def by_each_worker(self, target: str) -> list[Answer]:
        """GET a page from every worker, of which those that idle get as many connections each."""
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(self.staying()) for _ in self.workers()]
            return [client(target) for client in clients]

    def ask(self, query: str, accept: str = JSON, **more: str) -> Answer:
        """Ask a query by GET."""
        return self.say("GET", "/sparql?" + urlencode({"query": query, **more}), {"Accept": accept})

    def open(self) -> socket.socket:
        """Open a bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def available(self, target: str = "/cite") -> bool:
        """Return whether a new connection is answered now, and neither refused nor cut off."""
        try:
            return self.say("GET", target).status < 500
        except (OSError, http.client.HTTPException):
            return False

    def workers(self) -> list[int]:
        """List the processes that the server began and that hold a socket: the one that makes slow pages beforehand has none."""
        found = []
        for place in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it ended meanwhile
                state, _, _, session = place.read_text().rpartition(")")[2].split()[:4]
                begun = state != "Z" and int(session) == self.process.pid != int(place.parent.name)
                if begun and holds_a_socket(place.parent / "fd"):
                    found.append(int(place.parent.name))
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop it by a signal; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def holds_a_socket(descriptors: Path) -> bool:
    """Return whether a process has a socket, besides what its parent gave it for its output."""
    for one in descriptors.iterdir():
        with contextlib.suppress(OSError):  # it was closed meanwhile
            if one.name not in ("1", "2") and str(one.readlink()).startswith("socket:"):
                return True
    return False


def processor(pid: int) -> float:
    """Return the seconds of the processor that a process took; 0 when it has ended."""
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serving(folder: Path, *options: str, root: Path = DATA) -> Iterator[Server]:
    """Serve on a free port of loopback, with the log in a folder.

    A request may take a minute, so that a slow machine answers it too; a test of what is stopped says when.
    """
    port = free_port()
    log = folder / f"serve-{port}.log"
    with log.open("wb") as errors:
        command = [str(OEWG), "--root", str(root), "serve", "--port", str(port), "--seconds", str(PATIENCE), *options]
        surroundings = os.environ | {"PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stderr=errors, env=surroundings, start_new_session=True)
    server = Server(process, port, log)
    try:
        until(lambda: process.poll() is not None or server.available(), "oewg serve does not answer")
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        if process.poll() is None:
            try:
                server.stop()
            finally:
                process.kill()


def until(true: Callable[[], object], message: str, patience: float = PATIENCE) -> None:
    """Wait until something is true; fail after some seconds, when only a fault can be the reason that it is not."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, message
        time.sleep(0.05)
