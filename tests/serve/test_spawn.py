"""Workers that are started from nothing, as on Windows and macOS; and that no module needs at import what those systems lack.

More of it: `OEWG_SPAWN=1 pytest tests/serve`.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from served import Server, serving, until

pytestmark = pytest.mark.slow

ENDLESS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p . ?q ?r ?s FILTER (?a != ?q) }"
)


@pytest.fixture
def server(mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OEWG_SPAWN", "1")
    with serving(tmp_path, "--workers", "1", "--seconds", "3", root=mini) as running:
        yield running


def test_workers_started_from_nothing_answer_are_stopped_and_are_replaced(server: Server) -> None:
    until(lambda: begun_anew(server.workers()), "a worker is a copy of the front process")
    until(lambda: server.ask("ASK { ?s ?p ?o }").status == 200, "no query is answered")
    # On a slow machine its first page may take longer than a query may.
    until(lambda: server.say("GET", "/", {"Accept": "text/html"}).status == 200, "no page is answered")
    stopped = server.ask(ENDLESS)
    assert (stopped.status, stopped.headers["retry-after"]) == (503, "5")
    assert "took too long" in stopped.text
    for pid in server.workers():
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            os.kill(pid, signal.SIGKILL)
    until(lambda: server.ask("ASK { ?s ?p ?o }").status == 200, "no worker comes back")
    until(lambda: len(server.workers()) >= 2, "a worker is missing")
    assert server.stop() == 0
    assert not server.workers()


def begun_anew(pids: list[int]) -> bool:
    """Return whether processes run a program of their own: between its start and that, one is shown as its parent."""
    try:
        return bool(pids) and all(b"serve.launch" in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids)
    except OSError:  # one has ended meanwhile
        return False


BARE = """
import importlib, pathlib, sys
import os, signal, socket, select, asyncio, subprocess, http.client  # what Python itself imports, as it is there
for module, names in {
    os: ["fork", "setpriority", "sysconf", "pread", "PRIO_PROCESS"],
    socket: ["send_fds", "recv_fds", "AF_UNIX"],
    signal: ["SIGPIPE", "SIGALRM", "setitimer", "ITIMER_REAL"],
    select: ["poll", "epoll", "POLLRDHUP"],
}.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
for name in ("resource", "fcntl", "pwd", "grp", "termios"):
    sys.modules[name] = None
source = pathlib.Path(sys.argv[1])
for path in sorted(source.rglob("*.py")):
    name = ".".join(path.relative_to(source.parent).with_suffix("").parts).removesuffix(".__init__")
    if not name.endswith("__main__"):
        importlib.import_module(name)
from oewg_kg.serve import launch
assert launch.SPAWNS_WORKERS
"""


def test_no_module_needs_at_import_what_other_systems_lack() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(ROOT / "src" / "oewg_kg")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
