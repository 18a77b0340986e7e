"""Workers that are started from nothing, as on Windows and macOS; and that no module needs at import what those systems lack.

More of it: `OEWG_SPAWN=1 pytest tests/serve`.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from served import Server, serving, until

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OEWG_SPAWN", "1")
    with serving(tmp_path, "--workers", "1", "--seconds", "3") as running:  # the first page takes a third of one
        yield running


def test_workers_started_from_nothing_answer_are_stopped_and_are_replaced(server: Server) -> None:
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in server.workers()]
    assert commands and all(b"oewg_kg.serve.launch" in command for command in commands)
    assert server.ask("ASK { ?s ?p ?o }").status == 200
    assert server.say("GET", "/", {"Accept": "text/html"}).status == 200
    stopped = server.ask(ENDLESS)
    assert (stopped.status, stopped.headers["retry-after"]) == (503, "5")
    assert "took too long" in stopped.text
    for pid in server.workers():
        os.kill(pid, signal.SIGKILL)
    until(lambda: server.ask("ASK { ?s ?p ?o }").status == 200, "no worker comes back")
    until(lambda: len(server.workers()) >= 2, "a worker is missing")
    assert server.stop() == 0
    assert not server.workers()


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
assert launch.SPAWN
"""


def test_no_module_needs_at_import_what_other_systems_lack() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(ROOT / "src" / "oewg_kg")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
