"""What the documentation shows is what the program prints: runs a command and writes it with its output.

Called from the marked parts of README.md by `cog` (make docs); `make check` compares.
"""

import shlex
import subprocess
import sys
from pathlib import Path

import cog

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


def console(command: str, first: int | None = None) -> None:
    """Write a command and its output as a console block; only the first lines of it when a number is given."""
    lines = _output(command).splitlines()
    cut = [f"... ({len(lines) - first} more lines)"] if first is not None and len(lines) > first else []
    cog.outl("\n".join(["```console", f"$ {command}", *lines[:first], *cut, "```"]))


def markdown(command: str) -> None:
    """Write a command, then its output as the Markdown that it is."""
    cog.outl(f"```console\n$ {command}\n```\n\n{_output(command)}")


def number(command: str, key: str) -> str:
    """Return one value from the JSON that a command prints."""
    import json

    found = json.loads(_output(command))
    for part in key.split("."):
        found = found[part]
    return f"{found:,}" if isinstance(found, int) else str(found)


def _output(command: str) -> str:
    words = shlex.split(command)
    done = subprocess.run([str(BIN / words[0]), *words[1:]], capture_output=True, text=True, cwd=ROOT, check=False)
    return done.stdout.rstrip() or done.stderr.rstrip()
