"""Feeds parsers with bytes that atheris makes, guided by the lines they reach.

`python tests/helpers/guided.py header FOLDER -max_total_time=60`: what is found and said is in FOLDER, below the name of the target.
Several targets, with commas between, are fed one after another, each in a copy of this process, so that the modules are
instrumented once. It ends with 1 when one of them does not end with 0.
"""

import os
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["oewg_kg"]):
    import fuzz


def fuzzed(target: str, folder: Path, options: list[str]) -> int:
    """Feed a target in a process of its own; return its exit code."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    with (folder / target / "log").open("wb") as log:
        os.dup2(log.fileno(), 2)
    os.chdir(folder / target)
    atheris.Setup([sys.argv[0], *options, str(folder / target / "corpus")], lambda data: fuzz.feed(target, data))
    atheris.Fuzz()
    os._exit(0)  # not reached: it ends the process


def main() -> None:
    targets, folder, *options = sys.argv[1:]
    for target in targets.split(","):
        (Path(folder) / target / "corpus").mkdir(parents=True, exist_ok=True)
    sys.exit(any([fuzzed(target, Path(folder), options) for target in targets.split(",")]))


if __name__ == "__main__":
    main()
