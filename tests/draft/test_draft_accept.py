"""Accepted rows become graphs of the page, in the repository's own form; nothing is merged unseen."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from oewg_kg import dataset
from oewg_kg.cli import main
from oewg_kg.draft import table
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import BASE, OEWG, declarations

pytestmark = pytest.mark.slow

PAGE = Path(__file__).with_name("page-d.txt")
SOURCE = f"{BASE}source/cables"


def run(root: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "draft", *args])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a root without our pages, which is validated in a fifth of the time; test_sixth_page accepts rows next to them."""
    folder = tmp_path_factory.mktemp("cables") / "root"
    made = CliRunner().invoke(main, ["init", str(folder), "--empty", "--title", "Cables"])
    assert made.exit_code == 0, made.output
    return folder


@pytest.fixture(scope="module")
def added(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], list[Row]]:
    """Add the page to the root, and draft it, once; return the files that this wrote, and the rows."""
    told = CliRunner().invoke(
        main, ["--root", str(checkout), "source", "add", str(PAGE), "--name", "cables", "--title", "Invented page"]
    )
    assert told.exit_code == 0, told.output
    folder = tmp_path_factory.mktemp("draft")
    heads, rows = folder / "headings.csv", folder / "draft.csv"
    assert run(checkout, str(PAGE), "-o", str(heads)).exit_code == 0
    told = run(checkout, str(PAGE), "--headings", str(heads), "-o", str(rows))
    assert told.exit_code == 0, told.output
    found = [replace(row, process="process:cables") if row.kind == "process" else row for row in table.read(rows)]
    sources = checkout / "data" / "sources"
    return {str(path): path.read_text(encoding="utf-8") for path in sources.glob("cables.*")}, found


@pytest.fixture
def drafted(checkout: Path, added: tuple[dict[str, str], list[Row]]) -> list[Row]:
    """Put the files of the page back as they were before any row was accepted."""
    for path in (checkout / "data" / "sources").glob("cables.*"):
        path.unlink()
    for name, text in added[0].items():
        Path(name).write_text(text, encoding="utf-8")
    return added[1]


def accepted(rows: Iterable[Row], lines: range, file: Path) -> str:
    """Write a table in which some lines are accepted."""
    given = [replace(row, accept="yes") if row.line in lines else row for row in rows]
    file.write_text(table.write(given, None), encoding="utf-8")
    return str(file)


def test_a_second_run_adds_the_rest_and_leaves_what_is_there(
    checkout: Path, drafted: list[Row], tmp_path: Path
) -> None:
    place = checkout / "data" / "sources" / "cables.trig"
    told = run(checkout, "--accept", accepted(drafted, range(1, 17), tmp_path / "a.csv"))
    first = place.read_text(encoding="utf-8")
    assert "still to be decided" in told.output  # of the draft of a convention the kind is open
    drafted = [replace(row, kind="draft-report") if row.kind == "?" else row for row in drafted]
    drafted = [replace(row, note="another note") if row.line == 1 else row for row in drafted]
    told = run(checkout, "--accept", accepted(drafted, range(1, 21), tmp_path / "b.csv"))
    second = place.read_text(encoding="utf-8")
    assert re.search(r"already recorded: [1-9]", told.output)
    assert first.split("{", 1)[1].split("\n}", 1)[0] in second
    assert "another note" not in second
    numbers = [int(number) for number in re.findall(r"^p1:(\d+) \{$", second, re.MULTILINE)]
    assert numbers == sorted(set(numbers))
    assert {16, 17, 18} <= set(numbers)
    graph = ox.NamedNode(f"{SOURCE}#L17")
    store = ox.Store()
    store.load(second.encode(), format=ox.RdfFormat.TRIG)
    actors = {
        quad.object.value for quad in store.quads_for_pattern(None, ox.NamedNode(OEWG + "submittedBy"), None, graph)
    }
    assert actors == {f"{BASE}state/ATG"}
    assert len(list(store.quads_for_pattern(None, None, ox.NamedNode(OEWG + "Contribution"), graph))) == 2
    third = run(checkout, "--accept", accepted(drafted, range(1, 21), tmp_path / "c.csv"))
    assert third.output.startswith("lines") or "0 lines written" in third.output
    assert place.read_text(encoding="utf-8") == second


def test_what_is_written_is_laid_out_as_the_files_of_the_repository(
    checkout: Path, drafted: list[Row], tmp_path: Path
) -> None:
    run(checkout, "--accept", accepted(drafted, range(1, 3), tmp_path / "a.csv"))
    text = (checkout / "data" / "sources" / "cables.trig").read_text(encoding="utf-8")
    assert declarations("p1") in text and text.count("PREFIX ") == declarations("p1").count("PREFIX ")
    assert "\n\np1:2 {\n" in text and "\n    process:cables a oewg:Process ;\n        skos:prefLabel " in text
    assert dataset.parse(checkout / "data" / "sources" / "cables.trig", "data/sources/cables.trig")


def test_an_open_question_a_new_actor_and_an_unknown_answer_stop_their_line(
    checkout: Path, drafted: list[Row], tmp_path: Path
) -> None:
    rows = [replace(row, accept="yes" if row.line != 16 else "perhaps") for row in drafted]
    file = tmp_path / "a.csv"
    file.write_text(table.write(rows, None), encoding="utf-8")
    told = run(checkout, "--accept", str(file))
    assert told.exit_code == 1
    assert "BRICS is a new actor; write its class" in told.output
    assert "contains 'perhaps'" in told.output
    assert "still to be decided: kind" in told.output
    text = (checkout / "data" / "sources" / "cables.trig").read_text(encoding="utf-8")
    assert "BRICS" not in text
    assert "p1:16 {" not in text


def test_an_address_is_refused_even_when_a_person_put_it_in(checkout: Path, drafted: list[Row], tmp_path: Path) -> None:
    rows = [replace(row, label_in_source="ask jo@harbour.example") if row.line == 18 else row for row in drafted]
    told = run(checkout, "--accept", accepted(rows, range(1, 19), tmp_path / "a.csv"))
    assert "contains an address" in told.output
    assert "harbour.example" not in (checkout / "data" / "sources" / "cables.trig").read_text(encoding="utf-8")


def test_a_page_that_is_not_declared_is_refused_in_one_line(checkout: Path, drafted: list[Row], tmp_path: Path) -> None:
    elsewhere = [replace(row, source="elsewhere") for row in drafted]
    told = run(checkout, "--accept", accepted(elsewhere, range(1, 3), tmp_path / "a.csv"))
    assert told.exit_code == 2
    assert told.output.count("\n") == 1
    assert "must name a page of this dataset" in told.output
