"""The code that a fingerprint digests is the code that runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from oewg_kg import paths

LOADED = """
import sys
import oewg_kg  # loads the version, whatever else is loaded
before = set(sys.modules)
import {module}
ours = [m.__file__ for name, m in sys.modules.items() if name.startswith("oewg_kg.") and name not in before]
print(*sorted(file for file in ours if file), sep="\\n")
"""


@pytest.mark.parametrize(
    ("module", "packages"),
    [("build", ["safety"]), ("votes.importer", ["reconcile", "safety", "texts", "votes"]), ("serve.app", ["*"])],
)
def test_a_fingerprint_names_every_module_that_is_loaded(module: str, packages: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(module=f"oewg_kg.{module}")], capture_output=True, text=True, check=True
    )
    loaded = {Path(line) for line in done.stdout.splitlines()}
    found = paths.code_of(*packages)
    assert len(loaded) > 5
    missing = loaded - set(found)
    assert not missing, f"loaded, and unknown to the fingerprint: {missing}"
    assert found == sorted(set(found))


def test_a_module_that_is_not_imported_is_not_part_of_it() -> None:
    assert paths.PACKAGE / "cli" / "terminal.py" not in paths.code_of("safety")


def test_the_templates_of_what_is_imported_are_part_of_it() -> None:
    assert {"import.ttl.jinja", "roll-calls.ttl.jinja"} <= {path.name for path in paths.code_of("votes")}
