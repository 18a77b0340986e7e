"""Behind the nginx, the HAProxy and the Caddy of Debian, set up with the very lines of docs/public.md."""

import contextlib
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from test_public import AMBIGUOUS, SMUGGLED, all_of

from conftest import ROOT
from external import missing
from served import JSON, PATIENCE, Server, serving, until
from servers import free_port

pytestmark = pytest.mark.slow

NAMED = ("--host-name", "kg.example.org")
EVERYTHING = "/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o }"})


def lines(language: str) -> str:
    """Take the block of a language out of the documentation."""
    found = re.search(rf"```{language}\n(.*?)```", (ROOT / "docs" / "public.md").read_text(), re.DOTALL)
    assert found
    return found[1]


def nginx(folder: Path, port: int, behind: list[int]) -> list[str]:
    """Write nginx's lines for a port without TLS; return its command."""
    inside = lines("nginx").replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    inside = re.sub(r" *ssl_certificate.*\n", "", inside)
    inside = inside.replace("server 127.0.0.1:8765;", " ".join(f"server 127.0.0.1:{one};" for one in behind))
    places = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""
    whole = f"{user}daemon off; pid {folder}/pid; error_log {folder}/errors;\nevents {{}}\nhttp {{ access_log off; {places}\n{inside} }}"
    (folder / "nginx.conf").write_text(whole)
    return ["nginx", "-p", str(folder), "-e", f"{folder}/errors", "-c", f"{folder}/nginx.conf"]


def haproxy(folder: Path, port: int, behind: list[int]) -> list[str]:
    """Write HAProxy's lines for a port without TLS; return its command."""
    inside = re.sub(r"bind :443 ssl .*", f"bind 127.0.0.1:{port}", lines("haproxy"))
    one = next(line for line in inside.splitlines() if "127.0.0.1:8765" in line)
    many = [one.replace("one", f"s{at}").replace("8765", str(each)) for at, each in enumerate(behind)]
    (folder / "haproxy.cfg").write_text(inside.replace(one, "\n".join(many)) + "    option redispatch\n")
    return ["haproxy", "-f", f"{folder}/haproxy.cfg"]


def caddy(folder: Path, port: int, behind: list[int]) -> list[str]:
    """Write Caddy's lines for a port without TLS; return its command."""
    inside = lines("caddy").replace("127.0.0.1:8765", " ".join(f"127.0.0.1:{one}" for one in behind))
    inside = inside.replace("kg.example.org {", f"http://kg.example.org:{port} {{\n    bind 127.0.0.1")
    options = f"    admin off\n    auto_https off\n    storage file_system {folder}/storage\n"
    (folder / "Caddyfile").write_text(inside.replace("{\n", "{\n" + options, 1))
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]


PROXIES: dict[str, Callable[[Path, int, list[int]], list[str]]] = {"nginx": nginx, "haproxy": haproxy, "caddy": caddy}
# Debian's Caddy has no limit of the rate.
LIMITING = ["nginx", "haproxy"]


def often(text: str) -> str:
    """Let one address ask as often as the tests do."""
    return text.replace("rate=20r/s", "rate=2000r/s").replace("burst=60", "burst=2000").replace("gt 200", "gt 20000")


@contextlib.contextmanager
def proxied(name: str, folder: Path, *servers: Server, change: Callable[[str], str] = often) -> Iterator[Server]:
    """Start a proxy in front of servers; give it as if it were one of them."""
    if shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin") is None:
        pytest.skip(f"NOT TRIED: there is no {name} (apt-get install nginx-light haproxy caddy)")
    place, port = folder / name, free_port()
    place.mkdir()
    command = PROXIES[name](place, port, [server.port for server in servers])
    settings = Path(command[-1])
    settings.write_text(change(settings.read_text()))
    command[0] = str(shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin"))
    log = place / "log"
    with log.open("wb") as told:
        process = subprocess.Popen(command, stderr=told, env=os.environ | {"XDG_CONFIG_HOME": str(place)})
    try:
        front = replace(servers[0], port=port)
        until(lambda: process.poll() is not None or front.available(), f"{name} does not answer")
        assert process.poll() is None, log.read_text()
        yield front
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("behind"), *NAMED, "--workers", "2") as server:
        yield server


@pytest.fixture(params=list(PROXIES), scope="module")
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, behind: Server) -> Iterator[Server]:
    with proxied(request.param, tmp_path_factory.mktemp("proxy"), behind) as front:
        yield front


HOST = {"Host": "kg.example.org"}


def test_pages_queries_and_large_answers_come_through_unchanged(proxy: Server, behind: Server) -> None:
    for target in ("/state/EST", "/sparql?query=ASK%7B%7D", EVERYTHING):
        through, direct = (one.say("GET", target, HOST | {"Accept": JSON}) for one in (proxy, behind))
        assert (through.status, through.headers["etag"], through.body) == (200, direct.headers["etag"], direct.body)
    assert len(direct.body) > 1_000_000


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_nobody_gets_the_answer_to_a_request_that_was_smuggled(proxy: Server, kind: str) -> None:
    with proxy.open() as channel:
        smuggled = SMUGGLED.replace(b"/cite", b"/smuggled")
        channel.sendall((AMBIGUOUS[kind] + smuggled).replace(b"localhost", b"kg.example.org"))
        with contextlib.suppress(OSError):
            channel.shutdown(socket.SHUT_WR)
        all_of(channel)
    for _ in range(3):
        answer = proxy.say("GET", "/cite", HOST)
        assert (answer.status, b"/smuggled" in answer.body) == (200, False)


def test_slow_clients_keep_nobody_waiting(proxy: Server) -> None:
    """Others are answered while the slow ones still wait; those are cut off after ten seconds, so a slow machine may try again."""

    def answered_while_they_wait() -> bool:
        with contextlib.ExitStack() as stack:
            slow = [stack.enter_context(proxy.open()) for _ in range(15)]
            for channel in slow:
                channel.sendall(b"POST /sparql HTTP/1.1\r\nHost: kg.example.org\r\nContent-Length: 100\r\n\r\nA")
            assert [proxy.say("GET", "/cite", HOST).status for _ in range(5)] == [200] * 5
            return not select.select(slow, [], [], 0)[0]

    until(answered_while_they_wait, "others are answered only when the slow ones are gone")


def seldom(text: str) -> str:
    """Count over minutes what is counted over seconds, so that a slow machine asks too often as well."""
    return (
        text.replace("rate=20r/s", "rate=20r/m").replace("expire 30s", "expire 30m").replace("rate(10s)", "rate(10m)")
    )


@pytest.mark.parametrize("name", LIMITING)
def test_one_address_that_asks_too_often_is_refused(tmp_path: Path, behind: Server, name: str) -> None:
    with proxied(name, tmp_path, behind, change=seldom) as front:
        statuses = [front.say("GET", "/sparql?query=ASK%7B%7D", HOST).status for _ in range(400)]
    assert set(statuses) == {200, 429}


@pytest.mark.parametrize("name", list(PROXIES))
def test_servers_restart_one_after_the_other_and_no_request_is_lost(tmp_path: Path, mini: Path, name: str) -> None:
    options = (*NAMED, "--workers", "1")
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serving(tmp_path, *options, root=mini)) for _ in range(2)]
        front = stack.enter_context(proxied(name, tmp_path, *servers))
        statuses: list[int] = []
        end = threading.Event()

        def ask() -> None:
            while not end.wait(0.12):
                statuses.append(front.say("GET", f"/cite?x={len(statuses)}", HOST).status)

        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: len(statuses) > 5, "nobody is answered while both are there")
        assert servers[0].stop() == 0
        before = len(statuses)
        until(lambda: len(statuses) > before + 20, "nobody is answered when one has gone")
        end.set()
        asking.join()
    # Caddy may pass on the end of a connection that it was about to use again.
    lost = [status for status in statuses if status != 200]
    assert lost in ([], [502] if name == "caddy" else [])


def test_the_unit_for_systemd_is_one(tmp_path: Path) -> None:
    """Only what stands in it is looked at: nothing is started."""
    if not shutil.which("systemd-analyze"):
        missing("systemd-analyze", "apt install systemd")
        return
    unit = tmp_path / "oewg.service"
    unit.write_text(lines("ini").replace("/opt/oewg/bin/oewg", sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
