"""Footnotes, BibLaTeX and CSL-JSON: each names page, line and version, and what is cited is what the answer cites."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from oewg_kg import __version__, citations
from oewg_kg.cli import main

ROOT = Path(__file__).parent.parent
# The members that csl-data.json (Citation Style Language 1.0.2) allows and that are written here, with their types.
CSL = {"id": str, "type": str, "title": str, "container-title": str, "version": str, "note": str, "URL": str}


def written(*words: str) -> str:
    done = CliRunner().invoke(main, [*words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_footnotes_mark_each_row_and_note_each_line_once(kg) -> None:
    text = written("ask", "states-on-both-drafts", "-f", "footnotes")
    answer = kg.ask("states-on-both-drafts")
    cited = {line for lines in answer.citations for line in lines}
    marks, notes = re.findall(r"\[\^(\d+)\](?!:)", text), re.findall(r"^\[\^(\d+)\]: (.*)$", text, re.MULTILINE)
    assert len(notes) == len(cited) == 62
    assert set(marks) == {number for number, _ in notes}
    assert {re.search(r"<(.*)>", note)[1] for _, note in notes} == cited  # type: ignore[index]
    assert all(f"version {__version__}" in note and re.search(r"line \d+", note) for _, note in notes)
    assert text.startswith("Armenia[^1][^2]")


def test_bibtex_has_one_entry_for_each_line_with_balanced_braces() -> None:
    text = written("ask", "deadlines", "-f", "bibtex")
    keys = re.findall(r"^@online\{([^,]+),$", text, re.MULTILINE)
    assert keys == ["oewg-2019-2021-L124", "oewg-2019-2021-L125", "oewg-2021-2025-L186"]
    assert text.count("{") == text.count("}")


def test_csl_json_keeps_to_the_schema() -> None:
    items = json.loads(written("why", "state:IRN", "nameInSource", "-f", "csl-json"))
    assert [item["note"] for item in items] == ["line 47", "line 114", "line 149", "line 244"]
    for item in items:
        assert item["type"] == "webpage"
        assert {name: type(value) for name, value in item.items()} == CSL


@pytest.mark.parametrize("title", ["A & B", "100 % {x}", "a_b"])
def test_bibtex_escapes_what_tex_would_read(title: str) -> None:
    text = citations.bibtex(["http://x/source/p#L1"], {"http://x/source/p": title})
    assert not re.search(r"(?<!\\)[&%_](?=[^#]*\},$)", text.splitlines()[1])


def test_the_citation_file_has_the_version_of_the_package() -> None:
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
