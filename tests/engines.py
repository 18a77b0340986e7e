"""Engines of other people, started for a test and ended after it: Oxigraph's server (PyPI) and Virtuoso (Debian).

Where one is missing its tests are skipped, but never in continuous integration (CI is set).
"""

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from export.programs import missing
from oewg_kg.publish import Server

USER, PASSWORD = "dba", "not-a-secret"
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
NumberOfBuffers = 20000
MaxDirtyBuffers = 10000
[HTTPServer]
ServerPort = {http}
ServerThreads = 4
ServerThreadSize = 1000000
[SPARQL]
ResultSetMaxRows = {rows}
"""


@dataclass(frozen=True)
class Running:
    """A server that runs: where to ask, to update, and its Graph Store."""

    name: str
    query: str
    update: str
    graph_store: str
    process: subprocess.Popen[bytes]

    def server(self, way: str) -> Server:
        """Say where to publish, by one way only."""
        user, password = (USER, PASSWORD) if self.name == "virtuoso" else ("", "")
        urls = (self.update, "") if way == "update" else ("", self.graph_store)
        return Server(*urls, user, password)


def program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if not found:
        missing(name, f"install {package}")
    return str(found)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, f"the server ended: {process.returncode}"
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"no server at {url}")


@contextmanager
def oxigraph(folder: Path, port: int = 0) -> Iterator[Running]:
    """Start Oxigraph's server over a folder, which it finds as it was left."""
    command = program("oxigraph", "oxigraph from PyPI")
    url = f"http://127.0.0.1:{port or free_port()}"
    process = subprocess.Popen(
        [command, "serve", "--location", str(folder), "--bind", url.removeprefix("http://")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(url, process)
        yield Running("oxigraph", f"{url}/query", f"{url}/update", f"{url}/store", process)
    finally:
        process.kill()
        process.wait()


@contextmanager
def virtuoso(folder: Path, rows: int = 1_000_000) -> Iterator[Running]:
    """Start Virtuoso in a folder, with a number of rows at which it cuts every answer."""
    server, client = (program(name, "virtuoso-opensource-7-bin from Debian") for name in ("virtuoso-t", "isql-vt"))
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(folder=folder, sql=sql, http=http, rows=rows))
    process = subprocess.Popen(
        [server, "-f", "-c", str(folder / "virtuoso.ini")],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{http}"
        wait_for(f"{url}/sparql", process)
        change = f"exec=user_set_password('dba', '{PASSWORD}');"
        subprocess.run([client, f"127.0.0.1:{sql}", "dba", "dba", change], check=True, capture_output=True)
        yield Running("virtuoso", f"{url}/sparql", f"{url}/sparql-auth", f"{url}/sparql-graph-crud-auth", process)
    finally:
        process.kill()
        process.wait()
