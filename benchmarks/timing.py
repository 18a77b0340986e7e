"""How a program is timed: whole processes in turn, their seconds and peak memory, and Markdown tables of these.

Not for what is timed.
"""

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

# Programs are installed with their bytecode: a variable that forbids writing it would have every start compile the sources again.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "OEWG_ROOT")
}


@dataclass(frozen=True)
class Run:
    """One process from start to end: seconds, those of the processor, peak memory in MiB, what it wrote and its exit status."""

    seconds: float
    processor: float
    peak: float
    output: bytes
    errors: bytes
    status: int


def run(command: Sequence[str | Path]) -> Run:
    """Run a command to its end. A child's peak memory counts this process's own until it starts, so import nothing large here."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=ENVIRONMENT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
        output.seek(0)
        errors.seek(0)
        return Run(seconds, usage.ru_utime + usage.ru_stime, peak, output.read(), errors.read(), process.returncode)


def in_turn(commands: Mapping[str, Sequence[str | Path]], rounds: int) -> dict[str, list[Run]]:
    """Run every command once in each round, another one first each time, so that a busy minute falls on all alike."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    names = list(commands)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            runs[name].append(run(commands[name]))
    return runs


def spread(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Write the median and, in brackets, the lower and upper quartile; a single value stands alone."""
    if len(values) < 2:
        return write(values[0])
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return f"{write(median)} ({write(lower)}-{write(upper)})"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = ["| " + " | ".join(cells) + " |" for cells in [headings, ["---"] * len(headings), *rows]]
    return "\n".join(lines) + "\n"


def oewg() -> str:
    """Find the installed command: `OEWG`, else beside this Python, else on the PATH."""
    beside = Path(sys.executable).with_name("oewg")
    found = os.environ.get("OEWG") or (str(beside) if beside.exists() else shutil.which("oewg"))
    if not found:
        sys.exit("no command oewg here: pip install -e . first, or name it in OEWG")
    return found


def count_quads(snapshot: Path) -> int:
    """Count the quads of an N-Quads file, its comments left out."""
    with snapshot.open("rb") as lines:
        return sum(1 for line in lines if not line.startswith(b"#"))


def machine() -> str:
    """Name the machine and the versions on which a table depends."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")] or [
        platform.processor()
    ]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("pyoxigraph", "rdflib", "pyshacl", "click"))
    hardware = f"{platform.system()} {platform.machine()}, {os.cpu_count()} x {names[0]}, load at the start {os.getloadavg()[0]:.1f}"
    return f"{hardware}; Python {platform.python_version()}, {versions}\n"
