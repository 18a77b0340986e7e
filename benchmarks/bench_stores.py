"""What a command should open: the store on disk, read-only, or the N-Quads file into memory.

Not for other engines (`bench_ask.py`). Each way opens the quads in a new process, asks the flagship question once, then twenty times.
`--warm` asks every saved question of both, ten times each, and tells what the store on disk loses on each.
"""

import argparse
import hashlib
import itertools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import multiply
import timing

QUESTION = "states-on-both-drafts"
WARM = 20
WAYS = {
    "store": "on-disk store, read-only",
    "sealed": "on-disk store, checksums read, as `oewg ask` opens it",
    "memory": "N-Quads into memory",
    "checked": "N-Quads into memory, digest checked, as commands of many questions open it",
}


def measure(way: str, place: Path, query: str) -> dict[str, float]:
    """Open and ask in this process; return milliseconds of opening, the first query, and the median of the queries after it."""
    import pyoxigraph as ox

    start = time.perf_counter()
    if way == "store":
        store = ox.Store.read_only(str(place))
    elif way == "sealed":
        from oewg_kg import ondisk

        dataset = ondisk.opened(place)
        store = dataset.store if dataset else sys.exit("the store is damaged")
    elif way == "memory":
        store = ox.Store()
        store.bulk_load(path=place, format=ox.RdfFormat.N_QUADS)
    else:
        store = ox.Store()
        content = place.read_bytes()
        hashlib.sha256(content).hexdigest()
        store.bulk_load(content, format=ox.RdfFormat.N_QUADS)
    times = [start, time.perf_counter()]
    for _ in range(1 + WARM):
        if not list(store.query(query)):
            sys.exit("the question has no answer here")
        times.append(time.perf_counter())
    taken = [(end - begin) * 1000 for begin, end in itertools.pairwise(times)]
    return {"open": taken[0], "first": taken[1], "warm": statistics.median(taken[2:])}


def write_store(snapshot: Path, place: Path) -> None:
    """Load a snapshot into an on-disk store and optimize it."""
    import pyoxigraph as ox

    store = ox.Store(str(place))
    store.bulk_load(path=snapshot, format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    from oewg_kg import ondisk

    ondisk.seal(place, {})


def warm(root: Path) -> None:
    """Ask every question of the store on disk and of memory in this process, and print what the store on disk loses."""
    from oewg_kg import build, paths, query

    place = paths.find(str(root))
    ways = {"disk": build.opened(place), "memory": build.load(place)}
    rows = []
    for saved in query.load(place.queries).values():
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(10):
            for way, dataset in ways.items():
                begin = time.process_time()
                query.run(dataset, saved, {})
                taken[way].append((time.process_time() - begin) * 1000)
        disk, memory = (statistics.median(taken[way]) for way in ("disk", "memory"))
        rows.append((disk / memory, saved.name, disk, memory))
    rows.sort(reverse=True)
    ratios = [row[0] for row in rows]
    print(
        f"{len(rows)} questions, milliseconds of the processor, on disk against memory: {timing.spread(ratios, '{:.2f}'.format)} times, ",
        end="",
    )
    print(f"together {sum(row[2] for row in rows):.0f} ms against {sum(row[3] for row in rows):.0f} ms.\n")
    cells = [(name, f"{ratio:.2f}", f"{disk:.1f}", f"{memory:.1f}") for ratio, name, disk, memory in rows]
    print(timing.table(["question", "times", "on disk, ms", "in memory, ms"], cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2, 4, 8], help="times the real data (1 2 4 8)")
    parser.add_argument("--rounds", type=int, default=7, help="processes for each way and size (7)")
    parser.add_argument("--warm", action="store_true", help="compare every saved question instead, at today's size")
    parser.add_argument("--one", nargs=3, metavar=("WAY", "PLACE", "QUERY"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        way, place, query = given.one
        if way == "write":
            write_store(Path(place), Path(query))
        else:
            print(json.dumps(measure(way, Path(place), Path(query).read_text(encoding="utf-8"))))
        return
    print(timing.machine())
    if given.warm:
        with tempfile.TemporaryDirectory() as folder:
            root = multiply.multiply(1, Path(folder) / "root")
            timing.run((timing.oewg(), "--root", root, "build"))
            warm(root)
        return
    rows = []
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = multiply.multiply(size, Path(folder) / "root")
            timing.run((timing.oewg(), "--root", root, "build"))
            snapshot, store = root / "build" / "snapshot.nq", Path(folder) / "store"
            query = root / "queries" / f"{QUESTION}.rq"
            this = (sys.executable, __file__, "--one")
            timing.run((*this, "write", snapshot, store))
            bytes_of = {
                "store": sum(file.stat().st_size for file in store.rglob("*")),
                "memory": snapshot.stat().st_size,
            }
            places = {"store": store, "sealed": store, "memory": snapshot, "checked": snapshot}
            runs = timing.in_turn({way: (*this, way, places[way], query) for way in WAYS}, given.rounds)
            for way, of_one in runs.items():
                told = [json.loads(run.output) for run in of_one]
                middle = {name: statistics.median(one[name] for one in told) for name in told[0]}
                cold = statistics.median(one["open"] + one["first"] for one in told)
                cells = [f"{number:.1f}" for number in (middle["open"], middle["first"], cold, middle["warm"])]
                peak = statistics.median(run.peak for run in of_one)
                megabytes = bytes_of["store" if way == "sealed" else "memory" if way == "checked" else way] / 1e6
                rows.append(
                    (str(size), str(timing.count_quads(snapshot)), WAYS[way], *cells, f"{peak:.0f}", f"{megabytes:.1f}")
                )
    headings = [
        "times the data",
        "quads",
        "way",
        "open, ms",
        "first query, ms",
        "both, ms",
        "warm query, ms",
        "peak, MiB",
        "on disk, MB",
    ]
    print(timing.table(headings, rows))


if __name__ == "__main__":
    main()
