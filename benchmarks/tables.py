"""Runs what is timed and puts each table into `README.md`, between the marks of its script: `python benchmarks/tables.py [NAME...]`.

Not for what is timed. What a script prints stands in the README as it is, the machine and the versions first.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
README = HERE / "README.md"
ONCE = ["--rounds", "1"]
SHORT = {
    "bench_serve": [*ONCE, "--seconds", "2"],
    "bench_growth": [*ONCE, "--sizes", "1"],
    "bench_stores": [*ONCE, "--sizes", "1"],
    "bench_faults": [],
}
SCRIPTS = sorted(path.stem for path in HERE.glob("bench_*.py"))


def placed(text: str, name: str, table: str) -> str:
    """Put a table between the marks of a script; exits when there are none."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(found.findall(text)) != 1:
        sys.exit(f"README.md has no marks, or several, for {name}: {begin}{end}")
    return found.sub(lambda _: begin + table.strip() + "\n" + end, text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*SCRIPTS, []], help="which (all)")
    parser.add_argument(
        "--quick", action="store_true", help="one short round of each, to see that all works; README.md stays as it is"
    )
    given = parser.parse_args()
    for name in given.names or SCRIPTS:
        print(f"# {name}", flush=True)
        options = SHORT.get(name, ONCE) if given.quick else []
        done = subprocess.run(
            [sys.executable, str(HERE / f"{name}.py"), *options], stdout=subprocess.PIPE, text=True, check=False
        )
        print(done.stdout, flush=True)
        if done.returncode:
            sys.exit(f"{name} ended with {done.returncode}")
        if not given.quick:
            README.write_text(placed(README.read_text(encoding="utf-8"), name, done.stdout), encoding="utf-8")


if __name__ == "__main__":
    main()
