"""What the tests share: the real knowledge graph, opened once, and a small world of two pages that a test may change."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import external
import oewg_kg
from oewg_kg import vocabulary
from oewg_kg.knowledge_graph import KnowledgeGraph

ROOT = Path(__file__).parents[1]
# The root whose data are tested: a copy with a page more has to pass too.
DATA = Path(os.environ.get("OEWG_TEST_ROOT") or ROOT)
OEWG = Path(sys.executable).with_name("oewg")
# Files of tests that take a minute of CPU time or half of one, the longest first.
LONGEST = (
    "test_serve_endpoint.py",
    "test_engines.py",
    "test_accessibility.py",
    "test_site.py",
    "test_package.py",
    "test_attacks.py",
    "test_fair.py",
    "test_export.py",
    "test_pages.py",
    "test_mutations.py",
)
Run = Callable[..., Result]
Start = Callable[..., subprocess.CompletedProcess[bytes]]
pytest_plugins = ["browser", "skips"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Build the snapshot of the checkout once, before workers of pytest-xdist read it."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        oewg_kg.load(str(DATA))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let only tests that are marked for it start programs of others."""
    external.slow = item.get_closest_marker("slow") is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, then the other slow ones, so that no worker is left with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    first = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (first.get(item.path.name, len(first)), item.path not in slow))


def declared() -> Iterator[None]:
    """Put back the prefixes that an opened root declared."""
    base = vocabulary.BASES[-1]
    pages = {name: space for name, space in vocabulary.PREFIXES.items() if space.endswith("#L")}
    yield
    vocabulary.declare(base, pages)


@pytest.fixture(autouse=True, scope="module")
def _declared_in_module(kg: KnowledgeGraph) -> Iterator[None]:
    """Put back what was declared before the module: the prefixes of `kg`, which is open from the beginning."""
    yield from declared()


@pytest.fixture(autouse=True)
def _declared_in_test() -> Iterator[None]:
    yield from declared()


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take out what the surroundings would add, and put back what the command line does to a closed pipe."""
    monkeypatch.delenv("OEWG_ROOT", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    # A command run in this process, perhaps by a fixture of a module, lets a closed pipe end the process: here it would end the worker.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


@pytest.fixture(scope="session")
def whole() -> KnowledgeGraph:
    """Open the real graph, with all its pages."""
    return oewg_kg.load(str(DATA))


@pytest.fixture(scope="session")
def kg(whole: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """Open the graph of the pages from which the expected answers were read; pages added since are left out."""
    read = set((ROOT / "tests" / "answers" / "PAGES").read_text(encoding="utf-8").split())
    later = {path.stem for path in (DATA / "data" / "sources").glob("*.trig")} - read
    if not later:
        return whole
    folder = tmp_path_factory.mktemp("read")
    for name in ("ontology", "data", "queries", "shapes"):
        shutil.copytree(DATA / name, folder / name)
    sources = folder / "data" / "sources.ttl"
    blocks = sources.read_text(encoding="utf-8").split("\n\n")
    kept = [block for block in blocks if not block.startswith(tuple(f"source:{name} " for name in later))]
    sources.write_text("\n\n".join(kept).rstrip() + "\n", encoding="utf-8")
    for name in later:
        (folder / "data" / "sources" / f"{name}.trig").unlink()
        (folder / "data" / "sources" / f"{name}.lines.ttl").unlink()
    return oewg_kg.load(str(folder))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what a build reads of the real graph to a place that a module may change and damage."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("ontology", "data", "queries", "shapes"):
        shutil.copytree(DATA / name, folder / name)
    return folder


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    """Copy the small world, with the real inference rules, to a folder of this test's own."""
    return small_world(tmp_path / "mini")


def small_world(folder: Path) -> Path:
    """Copy the small world, with the real inference rules, to a folder."""
    shutil.copytree(ROOT / "tests" / "mini", folder, ignore=shutil.ignore_patterns("build"))
    shutil.copytree(ROOT / "queries" / "rules", folder / "queries" / "rules")
    return folder


@pytest.fixture
def mini_kg(mini: Path) -> KnowledgeGraph:
    """Open the small world."""
    return oewg_kg.load(str(mini))


@pytest.fixture
def oewg(mini: Path) -> Run:
    """Run a command on the small world in this process."""
    from oewg_kg.cli import main  # here, so that a fault of the command line fails the tests of the command line only

    def run(*args: str, root: Path = mini, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, ["--root", str(root), *args], input=stdin)

    return run


@pytest.fixture
def oewg_process(mini: Path) -> Start:
    """Run a command on the small world as a process of its own."""

    def run(*args: str | bytes, root: Path = mini, **options: object) -> subprocess.CompletedProcess[bytes]:
        extra = options.pop("env", {})
        command: list[str | bytes] = [str(OEWG), "--root", str(root), *args]
        return subprocess.run(command, capture_output=True, check=False, env=os.environ | extra, **options)  # type: ignore[call-overload,no-any-return,operator]

    return run


@pytest.fixture
def canary() -> Iterator[str]:
    """Listen at an address that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        with pytest.raises(BlockingIOError):
            listening.accept()


def one_line(text: str) -> str:
    """Return the only line of an error's text; fails when there are more, fewer, or a traceback."""
    lines = text.splitlines()
    assert len(lines) == 1, f"an error is one line, and this is {len(lines)}:\n{text}"
    assert lines[0].startswith("oewg: ")
    return lines[0]
