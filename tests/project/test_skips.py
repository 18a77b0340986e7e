"""A run says what it skipped and what that needs; in continuous integration only what cannot be installed is skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

pytestmark = pytest.mark.slow
SKIPPING = """
import pytest

@pytest.mark.parametrize("number", range(3))
def test_reads(number):
    pytest.skip("the text of a page is not here: set OEWG_PAGES (see CONTRIBUTING.md)")

def test_of_the_machine():
    pytest.skip("this machine has no other Python 3.11 or newer")
"""
INSTALL = """
@pytest.mark.skipif(True, reason="biber is not here: apt-get install biber")
def test_installs():
    pass
"""


def run(folder: Path, text: str, *options: str, **environment: str) -> tuple[int, str]:
    """Run tests of a text by themselves, with what reports skips."""
    (folder / "test_made.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_XDIST_WORKER")}
    path = os.pathsep.join(map(str, (ROOT / "tests" / "helpers", ROOT / "src")))
    done = subprocess.run(
        # Of the plugins that are installed only the one that is meant: to load all takes most of the time.
        [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-p", "skips", *options, "test_made.py"],
        cwd=folder,
        env=env
        | {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_DEBUG_TEMPROOT": str(folder)}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_each_kind_of_skip_is_a_line_with_what_it_needs(tmp_path: Path, options: tuple[str, ...]) -> None:
    code, told = run(tmp_path, SKIPPING + INSTALL, *options)
    assert code == 0
    assert "5 tests NOT RUN" in told
    assert "    3 need: set OEWG_PAGES (see CONTRIBUTING.md)\n" in told
    assert "    1 need: apt-get install biber\n" in told


@pytest.mark.parametrize(("text", "expected"), [(SKIPPING, 0), (SKIPPING + INSTALL, 1)], ids=["excused", "to install"])
@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_in_continuous_integration_what_can_be_installed_is_not_skipped(
    tmp_path: Path, text: str, expected: int, options: tuple[str, ...]
) -> None:
    code, told = run(tmp_path, text, *options, CI="true")
    assert code == expected, told
    assert ("these skips fail the run" in told) == bool(expected)


def test_a_run_without_skips_says_nothing_of_them(tmp_path: Path) -> None:
    code, told = run(tmp_path, "def test_passes():\n    pass\n", CI="true")
    assert (code, "NOT RUN" in told) == (0, False)
