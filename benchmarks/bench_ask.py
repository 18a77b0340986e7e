"""The flagship question from a cold process: `oewg ask`, beside the same query over the same quads in other engines.

Not for growth (`bench_growth.py`). An engine that is not installed, or that gives a different answer, is named with what
happened.
"""

import argparse
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import multiply
import programs
import timing

QUESTION = "states-on-both-drafts"
STATE = re.compile(rb"https://w3id\.org/oewg-kg/state/([A-Z]{3})\b")
BASELINE = "import sys, click, pyoxigraph as ox; ox.Store().bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_QUADS)"
OPENED = "import sys, click, pyoxigraph as ox; ox.Store.read_only(sys.argv[1])"
RDFLIB = """
import sys, rdflib
dataset = rdflib.Dataset()
dataset.parse(sys.argv[1], format="nquads")
sys.stdout.buffer.write(dataset.query(open(sys.argv[2], encoding="utf-8").read()).serialize(format="csv"))
"""


@dataclass(frozen=True)
class Engine:
    """A way to answer: its name, how to ask it, how to learn its version, and, without a command, why it is left out."""

    name: str
    command: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    without: str = ""


def engines(work: Path, root: Path) -> Iterator[Engine]:
    """Prepare every engine over the snapshot of a root; stores are loaded here, outside the time."""
    quads, query = str(root / "build" / "snapshot.nq"), str(root / "queries" / f"{QUESTION}.rq")
    yield Engine("`oewg ask`", (timing.oewg(), "--root", str(root), "ask", QUESTION), (timing.oewg(), "--version"))
    yield native(work, quads, query)
    yield from jena(work, quads, query)
    rdflib_version = (sys.executable, "-c", "import rdflib; print(rdflib.__version__)")
    yield Engine(
        "rdflib: a Python process with `Dataset`", (sys.executable, "-c", RDFLIB, quads, query), rdflib_version
    )
    yield external("rdflib's `sparqlquery`", "sparqlquery", ("-qf", query, quads))
    yield external(
        "Comunica's `comunica-sparql-file`",
        "comunica-sparql-file",
        (quads, "-f", query, "-t", "text/csv"),
    )
    yield external(
        "`roqet`",
        "roqet",
        ("-q", "-i", "sparql", "-r", "csv", "-F", "nquads", "-D", quads, query),
    )


def external(name: str, program: str, arguments: tuple[str, ...]) -> Engine:
    """Find a program that reads the file itself."""
    try:
        place = programs.found(program)
    except programs.Missing as missing:
        return Engine(name, without=str(missing))
    return Engine(name, (place, *arguments), (place, "--version"))


def native(work: Path, quads: str, query: str) -> Engine:
    """Load a store for the native binary of Oxigraph."""
    name = "`oxigraph query`, the native binary, store already loaded"
    try:
        program = programs.found("oxigraph")
    except programs.Missing as missing:
        return Engine(name, without=str(missing))
    store = str(work / "oxigraph")
    for step in (("load", "--location", store, "--file", quads), ("optimize", "--location", store)):
        timing.run((program, *step))
    return Engine(
        name,
        (program, "query", "--location", store, "--query-file", query, "--results-format", "csv"),
        (program, "--version"),
    )


def jena(work: Path, quads: str, query: str) -> Iterator[Engine]:
    """Find Jena's commands: over the file, and over a TDB2 store already loaded."""
    names = ("Jena `arq`", "Jena `tdb2.tdbquery`, store already loaded")
    try:
        java, classes = programs.found("java"), programs.jena_classes(work)
    except programs.Missing as missing:
        yield from (Engine(name, without=str(missing)) for name in names)
        return
    version = (java, "-cp", classes, "arq.arq", "--version")
    yield Engine(
        names[0], (java, "-cp", classes, "arq.arq", "--data", quads, "--query", query, "--results", "csv"), version
    )
    store = str(work / "tdb2")
    timing.run((java, "-cp", classes, "tdb2.tdbloader", "--loc", store, quads))
    yield Engine(
        names[1], (java, "-cp", classes, "tdb2.tdbquery", "--loc", store, "--query", query, "--results", "csv"), version
    )


def named(engine: Engine) -> str:
    """Name an engine with the version that it tells, where it tells one."""
    told = timing.run(engine.version)
    number = re.search(r"\d+\.\d+[\w.]*", (told.output + told.errors).decode(errors="replace"))
    return f"{engine.name} ({number[0]})" if number else engine.name


def complaint(run: timing.Run) -> str:
    """Pick from what an engine wrote the line that says why it gave nothing."""
    lines = [line.strip() for line in run.errors.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"(?i)\berror|exception", line)]
    return re.sub(r"(?:file://)?/\S*/", "", (telling or lines or ["nothing written"])[-1]).replace("|", "\\|")[:200]


def sorted_out(candidates: Iterator[Engine]) -> tuple[dict[str, Engine], int, list[tuple[str, str]]]:
    """Ask each engine once: those that give the states that `oewg ask` gives, how many these are, and what the others did."""
    expected: set[bytes] = set()
    same, others = {}, []
    for engine in candidates:
        if not engine.command:
            others.append((engine.name, f"not installed: {engine.without}"))
            continue
        run = timing.run(engine.command)
        states = set(STATE.findall(run.output))
        expected = expected or states
        if not expected:
            sys.exit(f"oewg ask gave no state: {complaint(run)}")
        if states == expected:
            same[named(engine)] = engine
        else:
            gave = f"another answer, {len(states)} states" if states else "no answer"
            others.append((named(engine), f"{gave}: {complaint(run)}"))
    return same, len(expected), others


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="how often each is run (15)")
    rounds = parser.parse_args().rounds
    print(timing.machine())
    with tempfile.TemporaryDirectory() as folder:
        root = multiply.multiply(1, Path(folder) / "root")
        timing.run((timing.oewg(), "--root", root, "build"))
        quads = root / "build" / "snapshot.nq"
        same, states, others = sorted_out(engines(Path(folder), root))
        baseline = "**baseline: Python that imports click and pyoxigraph and loads the quads**"
        terminal = "`oewg ask --cite -f table`: with source lines and other ways to count"
        commands: dict[str, tuple[str, ...]] = {baseline: (sys.executable, "-c", BASELINE, str(quads))}
        commands["Python that does nothing"] = (sys.executable, "-c", "pass")
        (store,) = (root / "build" / "opened").glob("graph-*")
        opened = "Python that imports click and pyoxigraph and opens the store of `oewg`, read-only"
        commands[opened] = (sys.executable, "-c", OPENED, str(store))
        for flag in ("--version", "--help"):
            commands[f"`oewg {flag}`"] = (timing.oewg(), flag)
        commands[terminal] = (timing.oewg(), "--root", str(root), "ask", QUESTION, "--cite", "-f", "table")
        commands |= {name: engine.command for name, engine in same.items()}
        runs = timing.in_turn(commands, rounds)
        rows = []
        for name, of_one in runs.items():
            ratios = [one.seconds / base.seconds for one, base in zip(of_one, runs[baseline], strict=True)]
            passed, worked = ([1000 * one.seconds for one in of_one], [1000 * one.processor for one in of_one])
            cells = (
                name,
                timing.spread(ratios, "{:.2f}".format),
                *(timing.spread(ms, "{:.0f}".format) for ms in (passed, worked)),
            )
            rows.append((statistics.median(ratios), cells))
        print(
            f"`{QUESTION}.rq` over {timing.count_quads(quads)} quads, {rounds} alternating runs of each; median (quartiles)."
        )
        print(f"All that answer give the same {states} states.\n")
        print(
            timing.table(
                ["cold process", "times the baseline", "ms", "processor time, ms"],
                [cells for _, cells in sorted(rows)],
            )
        )
        if others:
            print(timing.table(["not timed", "what happened"], others))


if __name__ == "__main__":
    main()
