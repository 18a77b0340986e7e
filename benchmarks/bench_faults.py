"""What goes wrong outside and what is left then: runs the tests that do the harm, and writes what each of them counted.

Not for judging: a test that fails says so in the table. Each test records its figure by `record_property("figure", ...)`.
"""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import timing

ROOT = Path(__file__).parents[1]
TESTS = (
    "project/test_faults.py",
    "serve/test_stop.py::test_a_server_that_is_killed_leaves_no_worker",
    "serve/test_stop.py::test_workers_killed_again_and_again_lose_no_question_but_their_own",
    "project/test_fuzz.py",
    "project/test_package.py::test_other_pythons_give_the_same_bytes",
)


def results(report: Path) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """Read the tests that recorded figures, cases of one test together: file and name, figures, outcomes other than passed."""
    found: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for case in ET.parse(report).iter("testcase"):
        figures = [one.get("value", "") for one in case.iter("property") if one.get("name") == "figure"]
        outcomes = [part.tag for part in case if part.tag in ("failure", "error", "skipped")]
        if figures or outcomes:
            name = (case.get("file", ""), case.get("name", "").partition("[")[0])
            told, bad = found.setdefault(name, ([], []))
            told += [one for one in figures if one not in told]
            bad += outcomes
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        tests = [str(ROOT / "tests" / name) for name in TESTS]
        # The family whose reports hold the properties of a test.
        asked = ["-q", "-o", "junit_family=xunit1", f"--junit-xml={report}"]
        command = [sys.executable, "-m", "pytest", *asked, *tests]
        subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=False)
        rows = [
            (
                name.removeprefix("test_").replace("_", " "),
                "; ".join(figures),
                ", ".join(bad) or "passed",
                f"`{file}`",
            )
            for (file, name), (figures, bad) in results(report).items()
        ]
    print(timing.machine())
    print(timing.table(["what holds", "figures", "", "test"], rows))


if __name__ == "__main__":
    main()
