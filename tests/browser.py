"""A real browser before a real server: Debian's Chromium, driven by Playwright, and `oewg serve` as a process of its own.

The fixtures are there for every test: `site` (an address), `visit` (opens a page of it), `chromium` (the browser itself).
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import OEWG, ROOT
from export.programs import missing, module

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
# What starts no service of the browser's own: no update, no sync, no first run, no connection but to the server asked.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60
Browser = Any
Visit = Callable[..., Any]


@contextlib.contextmanager
def serving(*options: str, root: Path = ROOT) -> Iterator[str]:
    """Serve with `oewg serve` on a free port of loopback; give the address of the home page, without a slash at its end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [str(OEWG), "--root", str(root), "serve", "--port", str(port), "--workers", "1", *options]
    with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(f"{address}/cite"):
                if process.poll() is not None:
                    log.seek(0)
                    pytest.fail(f"oewg serve ended with {process.returncode}: {log.read()[-2000:]}")
                assert time.monotonic() < deadline, "oewg serve does not answer"
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()


def answers(address: str) -> bool:
    """Tell whether a server answers there."""
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the real graph."""
    with serving() as address:
        yield address


# Of a module and no longer: as long as it runs, Playwright keeps an event loop in this thread, and others want one too.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    playwright = module("playwright.sync_api", "playwright")
    if not Path(CHROMIUM).exists():
        missing("chromium", "apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Visit]:
    """Open a page of the site: `visit("/questions", width=360, color_scheme="dark")`; other options as of `new_context`.

    It has to answer with `status`. What a page complains of on its console, and each request to another host, fails the test
    at its end.
    """
    faults: list[str] = []
    with contextlib.ExitStack() as contexts:

        def visit(path: str, width: int = 1440, status: int = 200, **options: object) -> Any:
            context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
            contexts.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE * 1000)
            page.on("console", lambda told: faults.extend(complaint(told)))
            page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
            page.on(
                "request",
                lambda asked: faults.extend([] if asked.url.startswith((site, "data:", "blob:")) else [asked.url]),
            )
            answer = page.goto(site + path)
            assert answer.status == status, f"{path} answers {answer.status}"
            return page

        yield visit
    assert not faults, "\n".join(faults)


def complaint(told: Any) -> list[str]:
    """Write what a page complains of; a browser says so too when the page itself is an error that we answered on purpose."""
    of_itself = told.text.startswith("Failed to load resource") and told.location["url"] == told.page.url
    return [f"{told.page.url}: {told.text}"] if told.type in ("error", "warning") and not of_itself else []
