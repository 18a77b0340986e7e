"""Material that tests read and that we do not distribute: where it is, by an environment variable, else in ../shared."""

import os
from pathlib import Path

import pytest

from conftest import ROOT

# variable -> the folder of ../shared, what it holds
KINDS = {
    "OEWG_PAGES": ("seeds", "the texts of the pages that the expected answers were read from"),
    "OEWG_REFERENCE": ("reference", "the tables from which data/reference was made"),
    "OEWG_STANDARDS": ("standards", "test cases of standards: w3c-rdf-tests, reconciliation-0.2, pyshacl"),
}


def folder(variable: str, *parts: str) -> Path:
    """Find a folder of a kind of material, which may not exist."""
    return Path(os.environ.get(variable) or ROOT.parent / "shared" / KINDS[variable][0], *parts)


def reason(variable: str, what: str) -> str:
    """Say what is missing and which variable names its place."""
    return f"{what} is not here: set {variable} (see CONTRIBUTING.md)"


def needed(variable: str, path: Path, what: str) -> Path:
    """Return a path, or skip the test."""
    if not path.exists():
        pytest.skip(reason(variable, what))
    return path


def cases(found: list[str], count: int) -> list[str]:
    """Return the names of cases, or as many placeholders, so that a run without them counts what it skipped."""
    return found or [f"case {number}" for number in range(1, count + 1)]
