"""Engines of other people, started for a test and ended after it: Oxigraph's server (PyPI) and Virtuoso (Debian).

The benchmarks start them in the same way (`servers`). Where one is missing its tests are skipped, but never in continuous
integration (CI is set).
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import programs
import servers
from external import missing, outside
from oewg_kg.remote.publish import Server

PASSWORD = "not-a-secret"


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
        user, password = (servers.USER, PASSWORD) if self.name == "virtuoso" else ("", "")
        urls = (self.update, "") if way == "update" else ("", self.graph_store)
        return Server(*urls, user, password)


def program(name: str) -> str:
    """Find a program, or skip the test."""
    outside()
    try:
        return programs.found(name)
    except programs.Missing as reason:
        missing(name, str(reason))
        raise


@contextmanager
def oxigraph(folder: Path, port: int = 0) -> Iterator[Running]:
    """Start Oxigraph's server over a folder, which it finds as it was left."""
    address = f"127.0.0.1:{port or servers.free_port()}"
    command, url = (program("oxigraph"), "serve", "--location", folder, "--bind", address), f"http://{address}"
    with servers.started(command, url) as process:
        yield Running("oxigraph", f"{url}/query", f"{url}/update", f"{url}/store", process)


@contextmanager
def virtuoso(folder: Path, rows: int = 1_000_000) -> Iterator[Running]:
    """Start Virtuoso in a folder, with a number of rows at which it cuts every answer."""
    for name in ("virtuoso-t", "isql-vt"):
        program(name)
    with servers.virtuoso_empty(folder, folder, rows) as one:
        one.run(f"user_set_password('{servers.USER}', '{PASSWORD}');")
        query, update, graph_store = f"{one.url}/sparql", f"{one.url}/sparql-auth", f"{one.url}/sparql-graph-crud-auth"
        yield Running("virtuoso", query, update, graph_store, one.process)
