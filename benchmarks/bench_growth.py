"""How `oewg build`, `oewg validate` and an edit grow with the data, and which step takes the time.

Not for other engines (`bench_ask.py`). "Nothing cached" means that there is no snapshot; the program's bytecode is there, as
after any installation. Seconds are those of the processor: one thread does the work, so on an idle machine they are the
time that passes, and on a busy one they tell more.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import multiply
import timing

QUESTION = "states-on-both-drafts"
EDITED = "data/places.ttl"


def steps(folder: str) -> dict[str, float]:
    """Build and validate in this process, step by step; return the seconds of the processor for each step."""
    start = time.process_time()
    import pyshacl  # noqa: F401

    from oewg_kg import build, dataset, paths
    from oewg_kg.evidence import decisions
    from oewg_kg.inference import infer
    from oewg_kg.shacl import validate

    taken = {"import pyshacl": time.process_time() - start}

    def timed(name: str, step: Callable[[], Any]) -> Any:
        begin = time.process_time()
        result = step()
        taken[name] = time.process_time() - begin
        return result

    root = paths.find(folder)
    mark = timed("fingerprint", lambda: build.fingerprint(root))
    data = timed("load", lambda: dataset.load(root))
    timed("resolve", lambda: decisions.resolve(data))
    timed("infer", lambda: infer.close(data, root.rules))
    timed("write", lambda: build.write(data, mark, root.snapshot))
    timed("write the store on disk", lambda: build.keep_store(root, mark, data))
    timed("open the store on disk", lambda: build.opened(root))
    timed("read", lambda: build.read(root.snapshot, mark))
    graph = timed("default graph to rdflib", lambda: dataset.to_rdflib(dataset.default_graph(data)))
    shapes = timed("shapes", lambda: dataset.to_rdflib(validate.move_targets(validate.shapes_graph(root.shapes))))
    timed("pyshacl", lambda: validate.run_pyshacl(graph, shapes))
    timed("checks", lambda: validate.checks(data, root.queries / "checks"))
    slowest = {}
    for check in sorted((root.queries / "checks").glob("*.rq")):
        begin = time.process_time()
        list(data.store.query(check.read_text(encoding="utf-8")))
        slowest[check.stem] = time.process_time() - begin
    taken |= {f"of these {name}": slowest[name] for name in sorted(slowest, key=slowest.__getitem__)[-3:]}
    return taken


def edit(root: Path, number: int) -> None:
    """Add one triple to a source."""
    with (root / EDITED).open("a", encoding="utf-8") as file:
        file.write(f'\nplace:geneva <http://www.w3.org/2000/01/rdf-schema#comment> "edit {number}"@en .\n')


def measure(root: Path, rounds: int) -> dict[str, list[timing.Run]]:
    """Run every case in turn; an edit or a deletion of the snapshot comes before the run and is not timed."""
    snapshot = root / "build" / "snapshot.nq"
    runs: dict[str, list[timing.Run]] = {}

    def oewg(case: str, *arguments: str) -> None:
        run = timing.run((timing.oewg(), "--root", root, *arguments))
        if run.status != 0 and (run.status != 1 or arguments != ("validate",) or not snapshot.exists()):
            sys.exit(f"{case}: {run.errors.decode(errors='replace')}")
        runs.setdefault(case, []).append(run)

    for number in range(rounds):
        snapshot.unlink(missing_ok=True)
        oewg("`build`, nothing cached", "build")
        oewg("`ask`", "ask", QUESTION)
        edit(root, number)
        oewg("`ask` after an edit", "ask", QUESTION)
        oewg("`validate`", "validate")
        snapshot.unlink()
        oewg("`validate`, nothing cached", "validate")
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2, 4, 8], help="times the real data (1 2 4 8)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run at each size (3)")
    parser.add_argument("--steps", metavar="DIR", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.steps:
        print(json.dumps(steps(given.steps)))
        return
    print(timing.machine())
    cases: dict[str, dict[int, list[timing.Run]]] = {}
    parts: dict[str, dict[int, float]] = {}
    quads, said = {}, {}
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = multiply.multiply(size, Path(folder) / "root")
            for name, of_one in measure(root, given.rounds).items():
                cases.setdefault(name, {})[size] = of_one
            quads[size] = timing.count_quads(root / "build" / "snapshot.nq")
            said[size] = cases["`validate`"][size][-1].output.decode().strip().splitlines()[-1]
            told = [
                json.loads(timing.run((sys.executable, __file__, "--steps", folder + "/root")).output)
                for _ in range(given.rounds)
            ]
            for name in {name: 0 for one in told for name in one}:
                parts.setdefault(name, {})[size] = statistics.median(one[name] for one in told if name in one)
    first = given.sizes[0]
    headings = ["", *(f"{size} x, {quads[size]} quads" for size in given.sizes)]
    seconds = {
        n: {s: statistics.median(run.processor for run in runs) for s, runs in c.items()} for n, c in cases.items()
    }
    peaks = {n: {s: statistics.median(run.peak for run in runs) for s, runs in c.items()} for n, c in cases.items()}
    rows = [
        (name, *(f"{of[s]:.2f} s ({of[s] / of[first]:.1f} x), {peaks[name][s]:.0f} MiB" for s in given.sizes))
        for name, of in seconds.items()
    ]
    print(
        f"Complete processes, median of {given.rounds}: seconds of processor time (relative to the first column), peak memory.\n"
    )
    print(timing.table(headings, rows))
    print("Output of `oewg validate`: " + "; ".join(f"{size} x: {text}" for size, text in said.items()) + "\n")
    print("Steps inside one process: milliseconds of processor time.\n")
    steps_rows = [
        (name, *(f"{of[s] * 1000:.0f}" if s in of else "" for s in given.sizes)) for name, of in parts.items()
    ]
    print(timing.table(headings, steps_rows))


if __name__ == "__main__":
    main()
