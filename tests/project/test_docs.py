"""The documentation: what it shows is what the program gives, and nothing of the program is left out."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import external
from conftest import ROOT
from oewg_kg.cli import COMMANDS

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
R_OUTPUT = ["States on both drafts: 31", "Of these, with comments on both: 5"]
# Statements of states on the Zero Draft, in the table of kinds by draft.
R_TABLE = r"^statement +37$"


def test_the_pages_are_there():
    expected = {
        "cite.md",
        "commands.md",
        "cookbook.md",
        "export.md",
        "glossary.md",
        "limits.md",
        "model.md",
        "tutorial.md",
    }
    assert {page.name for page in DOCS.glob("*.md")} >= expected


@pytest.mark.slow
def test_what_the_pages_show_is_what_the_program_gives():
    external.module("cogapp", "cogapp")
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "--diff", *map(str, (page.relative_to(ROOT) for page in PAGES))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"run make docs\n{done.stdout}{done.stderr}"


@pytest.mark.slow
def test_the_notebook_shows_what_its_cells_give():
    external.module("pandas", "pandas")
    done = subprocess.run(
        [sys.executable, str(DOCS / "shown.py"), "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_command_is_explained():
    reference = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^## oewg (\S+)$", reference, re.MULTILINE) == list(COMMANDS)


def test_every_command_is_in_the_table():
    reference = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[`oewg (\S+)`\]\(#oewg-\1\) \| \S.+\. \|$", reference, re.MULTILINE) == list(COMMANDS)


def test_the_readme_is_short_and_names_each_page():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.split()) <= 1200
    sources = (ROOT / "data" / "sources.ttl").read_text(encoding="utf-8")
    names = re.findall(r"^source:(\S+) a oewg:Source", sources, re.MULTILINE)
    assert re.findall(r"^\| `p\d+` `(\S+)` \|", readme, re.MULTILINE) == names != []


def test_the_counts_of_lines_agree_everywhere():
    data = ROOT / "data"
    printed = map(int, re.findall(r"oewg:lineCount (\d+)", (data / "sources.ttl").read_text("utf-8")))
    table = re.findall(
        r"^\| `p\d+` `(\S+)` \| (\d+) \((\d+)\) \|", (data / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert [int(count) for _, count, _ in table] == list(printed) != []
    for name, _, count in table:
        lines = (data / "sources" / f"{name}.lines.ttl").read_text(encoding="utf-8")
        assert lines.count(" a oewg:SourceLine") == int(count), f"{name}: correct its row in data/README.md"
    every, with_text = (sum(int(row[column]) for row in table) for column in (1, 2))
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    assert f"the pages have {every} lines, of which {with_text} have text" in glossary


def test_the_glossary_has_ten_terms_and_the_pages_for_readers_link_to_it():
    assert len(re.findall(r"^\d+\. \*\*", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)) == 10
    readers = [ROOT / "README.md", DOCS / "tutorial.md", DOCS / "limits.md", DOCS / "cite.md"]
    assert [page.name for page in readers if "glossary.md)" not in page.read_text("utf-8")] == []


def test_the_tutorial_has_ten_steps_and_each_shows_something():
    steps = re.split(r"^## \d+\. ", (DOCS / "tutorial.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(steps) == 10
    assert [step.partition("\n")[0] for step in steps if "[[[cog" not in step] == []


def test_the_cookbook_has_fifteen_recipes_and_each_is_run():
    recipes = re.split(r"^## \d+\. ", (DOCS / "cookbook.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(recipes) == 15
    assert [text.partition("\n")[0] for text in recipes if "```sparql" not in text or "cog answer(" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_query_and_each_python_block_is_run(page: Path):
    text = page.read_text(encoding="utf-8")
    after = re.findall(r"^```(sparql|python)\n.*?^```\n(.*?)(?=^```|\Z)", text, re.DOTALL | re.MULTILINE)
    mark = {"sparql": "[[[cog answer(", "python": "[[[cog python("}
    assert [below[:60] for language, below in after if mark[language] not in below] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_of_a_page_is_broken(page: Path):
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_no_page_names_a_folder_of_the_machine_that_made_it():
    shown = [*PAGES, DOCS / "notebook.ipynb"]
    assert [page.name for page in shown if re.search(r"/(home|work|tmp|root|Users)/", page.read_text("utf-8"))] == []


@pytest.mark.slow
def test_the_script_in_r_gives_what_it_says(tmp_path: Path):
    rscript = external.program("Rscript", "--no-install-recommends r-base-core")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [rscript, "--vanilla", str(DOCS / "analysis.R")],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = [line.strip() for line in done.stdout.splitlines()]
    assert [line for line in R_OUTPUT if line not in told] == [], done.stdout
    assert re.search(R_TABLE, "\n".join(told), re.MULTILINE), done.stdout
    assert "library(" not in (DOCS / "analysis.R").read_text(encoding="utf-8"), "base R is enough"
