"""One page more: it is added as CONTRIBUTING says, and the tests pass on a root that has it, for none counts the pages."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import DATA, ROOT
from oewg_kg.cli import main
from oewg_kg.knowledge_graph import load

PAGE = """Open-ended Working Group on Harbour Lights 2031

First substantive session (10-12 March 2031)
- Zero Draft of the report (3 February 2031) [EN]

Written comments of Member States on the Zero Draft
- Austria [comments EN] [proposal, 14 March 2031]
- Egypt [comments]
"""
# A few of each kind; the whole suite is run on the checkout, and the test above validates the root.
CHOSEN = [
    *(
        "tests/data/test_data.py",
        "tests/evidence/test_claims.py",
        "tests/test_terms.py",
        "tests/answers/test_answers.py",
    ),
    *(
        "tests/data/test_checks.py",
        "tests/serve/test_pages.py::test_each_page_says_what_it_should",
        "tests/cli/test_cli.py::test_info_counts_classes_and_pages",
    ),
]


def do(root: Path, *words: str) -> str:
    """Run a command on a root in this process; it must succeed."""
    done = CliRunner().invoke(main, ["--root", str(root), *words])
    assert done.exit_code == 0, f"{words}: {done.output}"
    return done.output


def fill(file: Path, **cells: str) -> None:
    """Write cells into a table: those of a line as `line_column`, those of every line as `column`."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for row in rows:
        for name, value in cells.items():
            line, _, column = name.partition("_") if name.startswith("L") else ("", "", name)
            if line in ("", f"L{row['line']}"):
                row[column] = value
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def six(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Add an invented page to a copy of the root."""
    folder = tmp_path_factory.mktemp("page")
    page, heads, rows = folder / "lights.txt", folder / "headings.csv", folder / "draft.csv"
    page.write_bytes(PAGE.replace("\n", "\r\n").encode())
    do(checkout, "source", "add", str(page), "--name", "lights", "--title", "Harbour lights")
    do(checkout, "draft", str(page), "-o", str(heads))
    fill(heads, L1_process="process:lights-2031", L6_default_kind="comments", L6_listed_as="member-state")
    do(checkout, "draft", str(page), "--headings", str(heads), "-o", str(rows))
    fill(rows, accept="yes")
    do(checkout, "draft", "--accept", str(rows))
    assert "facts not recorded: none" in do(checkout, "coverage", str(page))
    do(checkout, "coverage", str(page), "--record")
    return checkout


@pytest.mark.slow
def test_the_new_page_has_the_next_short_name_everywhere(six: Path) -> None:
    kg = load(str(six))
    number = len(list((DATA / "data" / "sources").glob("*.trig")))
    short = f"p{number}"
    found = kg.query(f"SELECT ?actor {{ GRAPH {short}:7 {{ ?thing oewg:submittedBy ?actor }} }}")
    assert [row["actor"].rpartition("/")[2] for row in found] == ["AUT", "AUT"]  # type: ignore[union-attr]
    assert "Austria" in do(six, "show", f"{short}:7")
    assert f"\n{short}:7 {{\n" in do(six, "export", "-f", "trig")
    assert "conforms: 0 violations" in do(six, "validate")


@pytest.mark.slow
def test_the_tests_pass_on_a_root_with_a_page_more(six: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *CHOSEN]
    env = os.environ | {"OEWG_TEST_ROOT": str(six), "PYTEST_DEBUG_TEMPROOT": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
