"""How `oewg import votes` takes time and memory, and grows, beside the plainest bulk load of the same quads from an N-Quads file.

Not for questions over the votes. The data are not here: name their folder (un_votes.csv or .csv.gz, un_roll_calls.csv) as the argument or
in OEWG_VOTES. The import reads, checks and resolves each row; the plain load is given quads that are finished.
"""

import argparse
import gzip
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import multiply
import timing

ROOT = Path(__file__).parents[1]
LOAD = "import sys, pyoxigraph as ox; s = ox.Store(sys.argv[2]); s.bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_QUADS); s.flush()"
WRITE = """
import sys, pyoxigraph as ox
from oewg_kg import paths
from oewg_kg.votes import store as imports
found = imports.find_import(paths.find(sys.argv[1]))
store = ox.Store.read_only(str(found.folder))
store.dump(open(sys.argv[2], "wb"), ox.RdfFormat.N_QUADS)
"""


def part(source: Path, share: float, target: Path) -> int:
    """Write the first part of the votes as a plain file; return the number of rows."""
    opened = gzip.open if source.suffix == ".gz" else open
    with opened(source, "rb") as lines:
        all_lines = lines.readlines()
    rows = round((len(all_lines) - 1) * share)
    target.write_bytes(b"".join(all_lines[: rows + 1]))
    return rows


def checkout(folder: Path) -> Path:
    """Copy what the command reads, with its snapshot, so that only the import is timed."""
    multiply.multiply(1, folder)
    done = timing.run((timing.oewg(), "--root", folder, "build"))
    if done.status:
        sys.exit(done.errors.decode())
    return folder


def told(runs: list[timing.Run]) -> str:
    """Write the median of seconds and of peak memory."""
    for run in runs:
        if run.status:
            sys.exit(run.errors.decode())
    return (
        f"{statistics.median(run.seconds for run in runs):.1f} s, {statistics.median(run.peak for run in runs):.0f} MiB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("OEWG_VOTES"), help="the folder of the voting data")
    parser.add_argument(
        "--shares", type=float, nargs="+", default=[0.1, 0.5, 1.0], help="parts of the rows (0.1 0.5 1)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run (3)")
    given = parser.parse_args()
    if not given.folder:
        print("no voting data: name their folder as the argument or in OEWG_VOTES; nothing is timed")
        return
    data = Path(given.folder)
    source = next(path for path in (data / "un_votes.csv.gz", data / "un_votes.csv") if path.exists())
    print(timing.machine())
    rows = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        root = checkout(place / "root")
        for share in given.shares:
            votes, quads, store = place / "votes.csv", place / "votes.nq", place / "store"
            count = part(source, share, votes)
            command = (
                timing.oewg(),
                "--root",
                root,
                "import",
                "votes",
                votes,
                "--roll-calls",
                data / "un_roll_calls.csv",
            )
            imported, loaded = [], []
            for _ in range(given.rounds):
                shutil.rmtree(root / "build" / "with", ignore_errors=True)
                imported.append(timing.run(command))
                if not quads.exists():
                    timing.run((sys.executable, "-c", WRITE, root, quads))
                shutil.rmtree(store, ignore_errors=True)
                loaded.append(timing.run((sys.executable, "-c", LOAD, quads, store)))
            times = statistics.median(run.seconds for run in imported) / statistics.median(
                run.seconds for run in loaded
            )
            size = timing.count_quads(quads)
            rows.append((f"{share:.0%}", f"{count}", f"{size}", told(imported), told(loaded), f"{times:.2f}"))
            quads.unlink()
    print(timing.table(["part", "votes", "quads", "oewg import votes", "plain bulk load", "times"], rows))


if __name__ == "__main__":
    main()
