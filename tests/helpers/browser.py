"""A real browser before a real server: Debian's Chromium, driven by Playwright, and `oewg serve` as a process of its own.

The fixtures are there for every test: `real` (the server), `site` (its address), `visit` (opens a page of it),
`chromium` (the browser itself).
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from external import missing, module, outside
from served import PATIENCE, Server, serving

# The one without windows takes two thirds of the processor time of the other.
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium") or ""
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
Browser = Any
Visit = Callable[..., Any]


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the real graph to all tests that only ask."""
    with serving(tmp_path_factory.mktemp("real"), "--workers", "1") as server:
        yield server


@pytest.fixture(scope="session")
def site(real: Server) -> str:
    """Give the address of the home page of the real graph, without a slash at its end."""
    return real.address


# Of a module and no longer: as long as it runs, Playwright keeps an event loop in this thread, and others want one too.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the browser."""
    outside()
    playwright = module("playwright.sync_api", "playwright")
    if not Path(CHROMIUM).is_file():
        missing("chromium", "apt-get install chromium-headless-shell")
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
            page = window(chromium, width, **options)
            contexts.callback(page.context.close)
            watch(page, site, faults)
            answer = page.goto(site + path)
            assert answer.status == status, f"{path} answers {answer.status}"
            return page

        yield visit
    assert not faults, "\n".join(faults)


def window(chromium: Browser, width: int = 1440, **options: object) -> Any:
    """Open an empty page in a context of its own, with options of `new_context`."""
    page = chromium.new_context(viewport={"width": width, "height": 900}, **options).new_page()
    page.set_default_timeout(PATIENCE * 1000)
    return page


def watch(page: Any, site: str, faults: list[str]) -> None:
    """Write down what a page complains of on its console, its errors, and each request to another host than its site's."""
    page.on("console", lambda told: faults.extend(complaint(told)))
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on(
        "request", lambda asked: faults.extend([] if asked.url.startswith((site, "data:", "blob:")) else [asked.url])
    )


def complaint(told: Any) -> list[str]:
    """Write what a page complains of; a browser says so too when the page itself is an error that we answered on purpose."""
    of_itself = told.text.startswith("Failed to load resource") and told.location["url"] == told.page.url
    return [f"{told.page.url}: {told.text}"] if told.type in ("error", "warning") and not of_itself else []
