"""Our server and those of other people: each started on a free port, for a benchmark over the same N-Quads, and ended.

Not for what they are asked, or how fast. The tests start engines with it too.
"""

import atexit
import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import programs
import timing
from oewg_kg.remote import client as remote
from oewg_kg.vocabulary import RESOLVED

USER, PASSWORD = "dba", "dba"
VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = {sql}
NumberOfBuffers = 60000
MaxDirtyBuffers = 40000
DirsAllowed = {reads}
[HTTPServer]
ServerPort = {http}
ServerThreads = 10
ServerThreadSize = 1000000
[SPARQL]
ResultSetMaxRows = {rows}
"""


@dataclass(frozen=True)
class Running:
    """A server that runs: its name and version, its endpoint, its process, and the form that asks it a query, the query last."""

    name: str
    url: str
    process: int
    form: Callable[[str], list[tuple[str, str]]] = lambda text: [("query", text)]


@dataclass(frozen=True)
class Virtuoso:
    """A Virtuoso that runs, empty: its process, its address, and its port for SQL."""

    process: subprocess.Popen[bytes]
    url: str
    sql: int

    def run(self, statement: str) -> None:
        """Have it run a statement of its SQL."""
        command = [programs.found("isql-vt"), f"127.0.0.1:{self.sql}", USER, PASSWORD, f"exec={statement}"]
        subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def oewg(root: Path, *options: str) -> Iterator[Running]:
    """Start `oewg serve`."""
    port = free_port()
    command = (timing.oewg(), "--root", root, "serve", "--port", port, *options)
    with started(command, f"http://127.0.0.1:{port}/sparql?query=ASK%7B%7D") as process:
        yield Running(f"`oewg serve` ({version(timing.oewg())})", f"http://127.0.0.1:{port}/sparql", process.pid)


@contextlib.contextmanager
def oxigraph(data: Path, folder: Path) -> Iterator[Running]:
    """Load an on-disk store and start Oxigraph's own server over it, read only."""
    program, store = programs.found("oxigraph"), folder / "store"
    for step in (("load", "--location", store, "--file", data), ("optimize", "--location", store)):
        timing.run((program, *step))
    with oxigraph_again(folder) as running:
        yield running


@contextlib.contextmanager
def oxigraph_again(folder: Path) -> Iterator[Running]:
    """Start Oxigraph's own server over a store that is already in the folder."""
    program, store, port = programs.found("oxigraph"), folder / "store", free_port()
    command = (program, "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}")
    with started(command, f"http://127.0.0.1:{port}/query?query=ASK%7B%7D") as process:
        name = f"Oxigraph's server ({version(program)})"
        yield Running(name, f"http://127.0.0.1:{port}/query", process.pid)


@contextlib.contextmanager
def virtuoso(data: Path, folder: Path) -> Iterator[Running]:
    """Start Virtuoso and load it; the default graph goes under a name, since Virtuoso's own is the union of all."""
    with virtuoso_empty(folder, data.parent) as server:
        server.run(f"DB.DBA.TTLP (file_to_string_output ('{data}'), '', '{RESOLVED}', 512);")
        name = f"Virtuoso ({version(programs.found('virtuoso-t'), '-?')})"
        yield Running(name, f"{server.url}/sparql", server.process.pid, lambda text: remote.query_form(text)[::-1])


@contextlib.contextmanager
def virtuoso_empty(folder: Path, reads: Path, rows: int = 1_000_000) -> Iterator[Virtuoso]:
    """Start Virtuoso in a folder, without data: where it may read files, and the number of rows at which it cuts every answer."""
    program, sql, http = programs.found("virtuoso-t"), free_port(), free_port()
    settings, url = folder / "virtuoso.ini", f"http://127.0.0.1:{http}"
    settings.write_text(VIRTUOSO.format(folder=folder, reads=reads, sql=sql, http=http, rows=rows))
    with started((program, "-f", "-c", settings), f"{url}/sparql") as process:
        yield Virtuoso(process, url, sql)


@contextlib.contextmanager
def rdflib_endpoint(data: Path, folder: Path) -> Iterator[Running]:
    """Start rdflib-endpoint, which reads the file into rdflib's memory."""
    program, port = programs.found("rdflib-endpoint"), free_port()
    command = (program, "serve", "--host", "127.0.0.1", "--port", port, data)
    with started(command, f"http://127.0.0.1:{port}/?query=ASK%7B%7D") as process:
        yield Running("rdflib-endpoint", f"http://127.0.0.1:{port}/", process.pid)


@contextlib.contextmanager
def started(command: tuple[object, ...], url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it answers, and end it and its children at the end."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=timing.ENVIRONMENT,
        start_new_session=True,
    )
    try:
        wait_for(url, process)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 600) -> None:
    """Wait until a URL answers something; exits when the server ends or says nothing."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if process.poll() is not None:
            sys.exit(f"the server ended with {process.returncode}: {process.args!r}")
        try:
            urllib.request.urlopen(url, timeout=30).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"no server at {url}")


# The last ports found, each with the socket that keeps it from others who look for one in the same way.
_kept: deque[socket.socket] = deque()


@atexit.register
def _close_all() -> None:
    for one in _kept:
        one.close()


def free_port() -> int:
    """Find a port of TCP that nobody uses, below those that systems give to clients.

    The port of UDP with the same number is kept for a while: nobody needs it, and no other process that asks here gets the number.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        mark = socket.socket(type=socket.SOCK_DGRAM)
        try:
            mark.bind(("127.0.0.1", port))
            with socket.socket() as free:
                free.bind(("127.0.0.1", port))
        except OSError:
            mark.close()
            continue
        _kept.append(mark)
        while len(_kept) > 50:
            _kept.popleft().close()
        return port


def version(program: str, option: str = "--version") -> str:
    """Ask a program for its version."""
    told = timing.run((program, option))
    number = re.search(r"\d+\.\d+[\w.]*", (told.output + told.errors).decode(errors="replace"))
    return number[0].rstrip(".") if number else "version unknown"


Start = Callable[[Path, Path], contextlib.AbstractContextManager[Running]]
