"""The engines that are asked: how each gets the exported dataset and the saved queries, and gives its solutions.

Not for comparing them (`same_answers.py`).
"""

import contextlib
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pyoxigraph as ox
import rdflib

import ask_rdflib
import programs
import servers
import timing
from ask_rdflib import Solutions
from oewg_kg import query
from oewg_kg.errors import OewgError
from oewg_kg.query import SavedQuery
from oewg_kg.remote import client as remote

HERE = Path(__file__).parent
SECONDS = 60  # of the processor


@dataclass(frozen=True)
class Work:
    """What an engine is given: the exported dataset as N-Quads, the folder of queries, and a folder of its own."""

    data: Path
    queries: Path
    folder: Path

    def questions(self) -> dict[str, SavedQuery]:
        """Read the saved queries."""
        return query.load(self.queries)


def by_pyoxigraph(work: Work) -> dict[str, Solutions | str]:
    """Ask the library that the project itself uses."""
    store = ox.Store()
    store.bulk_load(path=work.data, format=ox.RdfFormat.N_QUADS)
    return {name: _solutions(store.query(saved.text)) for name, saved in work.questions().items()}


def by_oxigraph(work: Work) -> dict[str, Solutions | str]:
    """Ask Oxigraph's own server over HTTP."""
    with servers.oxigraph(work.data, work.folder) as server:
        return _asked(work, lambda saved: remote.solutions(server.url, [("query", saved.text)]))


def by_virtuoso(work: Work) -> dict[str, Solutions | str]:
    """Ask Virtuoso as `oewg ask --endpoint` does."""
    with servers.virtuoso(work.data, work.folder) as server:
        return _asked(work, lambda saved: remote.select(server.url, saved.text))


def by_rdflib(work: Work) -> dict[str, Solutions | str]:
    """Ask rdflib in this process, with the helps of `ask_rdflib`."""
    whole = rdflib.Dataset()
    whole.parse(work.data, format="nquads")

    def ask(saved: SavedQuery) -> Solutions:
        return ask_rdflib.answer(whole, saved, {one.variable: one.term for one in saved.parameters})

    return _asked(work, ask)


def by_jena(work: Work) -> dict[str, Solutions | str]:
    """Ask Jena's ARQ, all questions in one Java process."""
    java, classes = programs.found("java"), programs.jena_classes(work.folder)
    return _written(work, (java, "-XX:+UseSerialGC", "-cp", classes, HERE / "ask_jena.java"))


def by_comunica(work: Work) -> dict[str, Solutions | str]:
    """Ask Comunica over a store of N3.js, all questions in one Node process."""
    programs.comunica()
    return _written(work, (programs.found("node"), "--max-old-space-size=4096", HERE / "ask_comunica.mjs"))


def _solutions(found: object) -> Solutions:
    assert isinstance(found, ox.QuerySolutions)
    return [variable.value for variable in found.variables], [tuple(solution) for solution in found]


def _asked(work: Work, ask: Callable[[SavedQuery], Solutions]) -> dict[str, Solutions | str]:
    """Ask each question; what is refused or takes too long is told instead."""
    answers: dict[str, Solutions | str] = {}
    for name, saved in work.questions().items():
        try:
            with _at_most(SECONDS):
                answers[name] = ask(saved)
        except (OewgError, TimeoutError) as error:
            answers[name] = str(error) or f"no answer within {SECONDS} s"
    return answers


@contextlib.contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"no answer within {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _written(work: Work, command: tuple[str | Path, ...]) -> dict[str, Solutions | str]:
    """Run a program that writes NAME.srj or NAME.error for each question, and read these."""
    out = work.folder / "out"
    out.mkdir()
    done = subprocess.run([*map(str, command), str(work.data), str(work.queries), str(out)], capture_output=True)
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    answers: dict[str, Solutions | str] = {file.stem: file.read_text() for file in out.glob("*.error")}
    for file in out.glob("*.srj"):
        answers[file.stem] = _solutions(ox.parse_query_results(file.read_bytes(), format=ox.QueryResultsFormat.JSON))
    return answers


def _jena_version() -> str:
    with tempfile.TemporaryDirectory() as folder:
        done = timing.run((programs.found("java"), "-cp", programs.jena_classes(Path(folder)), "arq.arq", "--version"))
    number = re.search(r"\d+\.\d+[\w.]*", (done.output + done.errors).decode(errors="replace"))
    return number[0] if number else "version unknown"


def _comunica_version() -> str:
    package = programs.comunica() / "node_modules" / "@comunica" / "query-sparql-rdfjs" / "package.json"
    number = re.search(r'"version": "([^"]+)"', package.read_text(encoding="utf-8"))
    return number[1] if number else "version unknown"


@dataclass(frozen=True)
class Engine:
    """An engine: how it is asked, as a function and in words, and how to learn its version."""

    ask: Callable[[Work], dict[str, Solutions | str]]
    how: str
    version: Callable[[], str]


ENGINES = {
    "pyoxigraph": Engine(
        by_pyoxigraph, "in memory; the measure for all others", lambda: metadata.version("pyoxigraph")
    ),
    "rdflib": Engine(
        by_rdflib,
        "`rdflib.Dataset`, parameters bound by `initBindings`, triples of a pattern taken in a better order (`ask_rdflib.py`)",
        lambda: metadata.version("rdflib"),
    ),
    "Jena": Engine(by_jena, "ARQ on a dataset in memory, one Java process", _jena_version),
    "Comunica": Engine(by_comunica, "on a store of N3.js, one Node process", _comunica_version),
    "Oxigraph's server": Engine(
        by_oxigraph, "on-disk store, over HTTP", lambda: servers.version(programs.found("oxigraph"))
    ),
    "Virtuoso": Engine(
        by_virtuoso,
        "over HTTP as `oewg ask --endpoint` does: the default graph has a name, and `GRAPH` leaves it out",
        lambda: servers.version(programs.found("virtuoso-t"), "-?"),
    ),
}
