"""How every step grows from the real data to ten million quads: writes `scale.md`. By hand: the largest size takes an hour and 16 GiB.

Not for comparing engines. Each step runs in a process of its own, in the order in which a user meets it; a step that needs more than its
limit of time or memory is ended and named, and the steps that stand on it are left out.
"""

import argparse
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox

import multiply
import servers
import timing
from oewg_kg import build, mappings, paths
from oewg_kg import dataset as datasets
from oewg_kg.evidence import decisions
from oewg_kg.inference import infer
from oewg_kg.shacl import validate

HERE = Path(__file__).parent
SECONDS, QUERY_SECONDS, MEMORY = 3600, 60, 16 << 30
STEPS = (
    "bulk load into memory",
    "bulk load onto disk",
    "build: read the sources",
    "build: resolve",
    "build: infer",
    "build: write the snapshot",
    "read the snapshot into memory",
    "validate: copy to rdflib",
    "validate: pyshacl",
    "validate: checks",
    "`oewg export -f nquads`",
    "`oewg export -f turtle`",
    "make the store on disk, in the first command after a build",
    "open the store on disk, in each later command",
)
Taken = dict[str, tuple[float, float]]  # step -> seconds, peak memory of the process so far in MiB


class Clock:
    """Seconds and peak memory of steps, told as they end, so that what was done is known when a later one is stopped."""

    def step(self, name: str, run: Callable[[], object]) -> object:
        """Run one step and print what it took."""
        begin = time.process_time()
        result = run()
        seconds = time.process_time() - begin
        print(json.dumps([name, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]), flush=True)
        return result


def bulk_memory(root: Path, clock: Clock) -> None:
    """Load the finished quads into memory, by nothing but pyoxigraph: the measure of a build."""
    store = ox.Store()
    clock.step(STEPS[0], lambda: store.bulk_load(path=paths.find(str(root)).snapshot, format=ox.RdfFormat.N_QUADS))


def bulk_disk(root: Path, clock: Clock) -> None:
    """Load the finished quads onto disk and leave the store there for the questions."""
    shutil.rmtree(root / "store", ignore_errors=True)
    store = ox.Store(str(root / "store"))
    clock.step(STEPS[1], lambda: store.bulk_load(path=paths.find(str(root)).snapshot, format=ox.RdfFormat.N_QUADS))
    store.optimize()
    store.flush()


def built(root: Path, clock: Clock) -> None:
    """Build as `oewg build` does, step by step."""
    place = paths.find(str(root))
    data = clock.step(STEPS[2], lambda: datasets.load(place))
    assert isinstance(data, datasets.Dataset)
    mappings.add(data, place)
    clock.step(STEPS[3], lambda: decisions.resolve(data))
    clock.step(STEPS[4], lambda: infer.close(data, place.rules))
    clock.step(STEPS[5], lambda: build.write(data, build.fingerprint(place), place.snapshot))


def validated(root: Path, clock: Clock) -> None:
    """Validate as `oewg validate` does, step by step."""
    place = paths.find(str(root))
    data = build.load(place)
    clock.step(STEPS[9], lambda: validate.checks(data, place.queries / "checks"))
    shapes = datasets.to_rdflib(validate.move_targets(validate.shapes_graph(place.shapes)))
    graph = clock.step(STEPS[7], lambda: datasets.to_rdflib(datasets.default_graph(data)))
    clock.step(STEPS[8], lambda: validate.run_pyshacl(graph, shapes))  # type: ignore[arg-type]


def opened(root: Path, clock: Clock) -> None:
    """Open the graph as commands do: into memory, and as a store on disk, which the first command makes."""
    place = paths.find(str(root))
    clock.step(STEPS[6], lambda: build.load(place))
    for step in STEPS[12:]:
        clock.step(step, lambda: build.opened(place))


def exported(root: Path, clock: Clock) -> None:
    """Export as the command does, the opening of the snapshot included."""
    for step, name in ((STEPS[10], "nquads"), (STEPS[11], "turtle")):
        done = timing.run((timing.oewg(), "--root", root, "export", "-f", name, "-o", root / "exported"))
        if done.status:
            sys.exit(done.errors.decode())
        print(json.dumps([step, done.processor, done.peak]), flush=True)


PARTS = (built, bulk_memory, bulk_disk, opened, exported, validated)


def ask(root: Path, skip: Iterable[str]) -> None:
    """Ask each saved query on the store on disk, once cold in this process and once more; print what the second took."""
    store = ox.Store.read_only(str(root / "store"))
    for file in sorted(paths.find(str(root)).queries.glob("*.rq")):
        if file.stem in skip:
            continue
        print(json.dumps([file.stem, None]), flush=True)
        taken = []
        for _ in range(2):
            begin = time.process_time()
            count = sum(1 for _ in store.query(file.read_text(encoding="utf-8")))  # type: ignore[union-attr]
            taken.append(time.process_time() - begin)
        print(json.dumps([file.stem, min(taken), count]), flush=True)


def part(name: str, root: Path) -> Taken:
    """Run the steps of one part in a process; what it did not tell has not ended."""
    with tempfile.TemporaryFile("w+") as told:
        command = [sys.executable, __file__, "--part", name, str(root)]
        process = subprocess.Popen(command, stdout=told, env=timing.ENVIRONMENT)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        told.seek(0)
        return {step: (seconds, peak) for step, seconds, peak in map(json.loads, told)}


def questions(root: Path) -> dict[str, float | None]:
    """Ask every question; one that takes longer than a minute ends the process and is None."""
    found: dict[str, float | None] = {}
    while True:
        with tempfile.TemporaryFile("w+") as told:
            command = [sys.executable, __file__, "--ask", str(root), *found]
            process = subprocess.Popen(command, stdout=told, env=timing.ENVIRONMENT)
            lines, changed = 0, time.monotonic()
            while process.poll() is None and time.monotonic() - changed < 2 * QUERY_SECONDS:
                time.sleep(0.1)
                told.seek(0)
                if (now := told.read().count("\n")) > lines:
                    lines, changed = now, time.monotonic()
            process.kill()
            process.wait()
            told.seek(0)
            for line in told:
                name, seconds, *_ = json.loads(line)
                found[name] = seconds
            if process.returncode == 0 or not lines:
                return found


def served(root: Path) -> tuple[float, float]:
    """Start `oewg serve`; return the seconds to its first answer, and the memory of all its processes in MiB."""
    begin = time.perf_counter()
    with servers.oewg(root, "--seconds", "60") as server:
        seconds = time.perf_counter() - begin
        pages = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[2]) == os.getpgid(server.process):
                    pages += int((stat.parent / "statm").read_text().split()[1])
            except OSError:
                continue
        return seconds, pages * os.sysconf("SC_PAGESIZE") / 2**20


def measure(times: int, work: Path) -> dict[str, object]:
    """Do everything at one size."""
    root = multiply.multiply(times, work / f"root-{times}")
    taken: Taken = {}
    for one in PARTS:
        taken |= part(one.__name__, root)
        print(f"{times}: {one.__name__} {taken}", file=sys.stderr)
    found: dict[str, object] = {
        "times": times,
        "taken": taken,
        "quads": timing.count_quads(root / "build" / "snapshot.nq"),
    }
    found["questions"] = questions(root)
    found["served"] = (math.nan, math.nan)
    # The server and the process that forks its workers hold the graph each: too much memory would stop more than this.
    if 2 * taken.get(STEPS[6], (0, math.inf))[1] * 2**20 < MEMORY:
        try:
            found["served"] = served(root)
        except SystemExit as error:
            print(f"{times}: {error}", file=sys.stderr)
    shutil.rmtree(root)
    return found


def slope(sizes: list[float], values: list[float]) -> str:
    """Write the exponent of growth between the smallest and the largest size that a step reached."""
    if len(sizes) < 2 or not min(values) > 0 or math.isnan(values[-1]):
        return ""
    return f"{math.log(values[-1] / values[0]) / math.log(sizes[-1] / sizes[0]):.2f}"


def written(found: list[dict[str, object]]) -> str:
    """Write `scale.md`."""
    quads = [int(str(one["quads"])) for one in found]
    headings = ["step", *(f"{count:,} quads" for count in quads), "exponent of time"]
    rows = []
    for step in STEPS:
        cells, sizes, values = [], [], []
        for one, count in zip(found, quads, strict=True):
            taken = one["taken"].get(step)  # type: ignore[attr-defined]
            cells.append(f"{taken[0]:.2f} s, {taken[1]:.0f} MiB" if taken else "skipped")
            if taken:
                sizes.append(float(count))
                values.append(float(taken[0]))
        rows.append((step, *cells, slope(sizes, values)))
    serving = [one["served"] for one in found]
    rows.append(
        (
            "serve: to the first answer; memory of all processes",
            *(
                "skipped" if math.isnan(seconds) else f"{seconds:.1f} s, {memory:.0f} MiB"
                for seconds, memory in serving
            ),  # type: ignore[misc,has-type]
            slope([float(count) for count in quads], [float(one[0]) for one in serving]),  # type: ignore[index]
        )
    )
    asked: list[dict[str, float | None]] = [one["questions"] for one in found]  # type: ignore[misc]
    names = sorted(asked[-1], key=lambda name: -(asked[-1][name] or math.inf))
    lines = [
        "# Scale\n",
        "Computed by `python benchmarks/scale.py -o benchmarks/scale.md`; [README.md](README.md#scale) explains what it means.\n",
        timing.machine(),
        "Seconds of processor time (elapsed time for `serve`), and peak memory of the process up to the end of the step.",
        f"A step that takes more than {SECONDS // 60} minutes, or {MEMORY >> 30} GiB of memory, is skipped.\n",
        timing.table(headings, rows),
        "Saved questions on a store on disk, asked a second time:\n",
        timing.table(
            ["", *headings[1:-1]],
            [
                ("median", *(f"{1000 * statistics.median(_known(one)):.0f} ms" for one in asked)),
                ("worst", *(f"{max(_known(one)):.1f} s" for one in asked)),
                ("under 1 s", *(f"{sum(s < 1 for s in _known(one))} of {len(one)}" for one in asked)),
                ("more than a minute", *(str(sum(s is None for s in one.values())) for one in asked)),
            ],
        ),
        "The slowest questions at the largest size:\n",
        timing.table(
            headings,
            [
                (
                    f"`{name}`",
                    *("more than 60 s" if one[name] is None else f"{one[name]:.2f} s" for one in asked),
                    slope(
                        [float(q) for q, one in zip(quads, asked, strict=True) if one[name]],
                        [one[name] or 0.0 for one in asked if one[name]],
                    ),
                )
                for name in names[:25]
            ],
        ),
    ]
    return "\n".join(lines)


def _known(one: dict[str, float | None]) -> list[float]:
    return [QUERY_SECONDS if seconds is None else seconds for seconds in one.values()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[2, 24, 240], help="times the real data (2 24 240)")
    parser.add_argument("-o", type=Path, help="where to write; else it is printed")
    parser.add_argument("--work", type=Path, help="a folder with room (a temporary one)")
    parser.add_argument("--part", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--ask", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        next(one for one in PARTS if one.__name__ == given.part[0])(Path(given.part[1]), Clock())
        return
    if given.ask:
        ask(Path(given.ask[0]), given.ask[1:])
        return
    with tempfile.TemporaryDirectory(dir=given.work) as folder:
        found = []
        for times in given.sizes:
            found.append(measure(times, Path(folder)))
            text = written(found)
            if given.o:
                given.o.write_text(text, encoding="utf-8")
        if not given.o:
            print(text)


if __name__ == "__main__":
    main()
