"""A root of one's own: the page that walks through it does what it says, under a base that is not ours."""

import csv
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from conftest import OEWG, ROOT
from explorer import client_of
from oewg_kg import paths
from oewg_kg.knowledge_graph import load
from oewg_kg.vocabulary import BASE

TEXT = (ROOT / "docs" / "own-root.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
FILLED = re.findall(r"^\| (\d+) \| (\w+) \| ([^|]+) \|$", TEXT, re.MULTILINE)
HERS = "https://example.org/lights/"


def fill(file: Path, cells: list[tuple[str, str, str]]) -> None:
    """Write cells into a table, as a person would; a line of "" is every line."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for line, column, value in cells:
        chosen = [row for row in rows if line in ("", row["line"])]
        assert chosen, f"{file.name} has no row for line {line}"
        for row in chosen:
            row[column] = value
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Type each command of the page in a new folder, and fill in the tables where it says so."""
    folder = tmp_path_factory.mktemp("own")
    (page,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
    (folder / "lights.txt").write_text(page, encoding="utf-8")
    told = {}
    for command in COMMANDS:
        if "--headings" in command:
            fill(folder / "headings.csv", FILLED)
        if "--accept" in command:
            fill(folder / "draft.csv", [("", "accept", "yes")])
        done = subprocess.run(
            [OEWG, *shlex.split(command)[1:]], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        told[command] = done.stdout
    return folder, told


@pytest.mark.slow
def test_the_page_about_a_root_of_ones_own_does_what_it_says(walked: tuple[Path, dict[str, str]]) -> None:
    folder, told = walked
    assert len(told) == 15 and len(FILLED) == 3
    (validated,) = [text for command, text in told.items() if "validate" in command]
    assert "conforms: 0 violations" in validated
    (cited,) = [text for command, text in told.items() if "--cite" in command]
    assert [row.rpartition(",")[2] for row in cited.split()[1:] if row.startswith(HERS)] or "#L7" in cited
    (notes,) = [text for command, text in told.items() if "footnotes" in command]
    assert (
        f"“Working Group on Harbour Lights”, line 7; recorded in Harbour lights at the United Nations, version 0.1, <{HERS}source/"
        in notes
    )
    assert "oewg-kg" not in notes.replace("w3id.org/oewg-kg", "")
    head = (folder / "lights.trig").read_text(encoding="utf-8")
    assert (
        head.startswith(f"# Harbour lights at the United Nations. {HERS}\n")
        and f"PREFIX p1: <{HERS}source/working-group#L>" in head
    )
    assert "\np1:7 {" in head
    name = "harbour-lights-at-the-united-nations"
    assert (folder / "lights-release" / f"{name}-0.1.tar.gz").exists()
    files = [path.name for path in (folder / "lights-release" / f"{name}-0.1").rglob("*")]
    assert {f"{name}.trig", f"{name}.db"} <= set(files) and not [file for file in files if file.startswith("oewg-kg")]
    (described,) = (folder / "lights-release").glob("*/dataset.ttl")
    assert f"\n<{HERS}release/0.1> a dcat:Dataset" in described.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_site_of_such_a_root_bears_its_title_and_finds_its_things(walked: tuple[Path, dict[str, str]]) -> None:
    kg = load(str(walked[0] / "lights"))
    root = paths.find(str(walked[0] / "lights"))
    client = client_of(root, kg.dataset, base_url="http://localhost", headers={"accept": "text/html"})
    home = client.get("/").text
    assert "<h1>Harbour lights at the United Nations</h1>" in home and "taken from 1 web pages" not in home
    assert "Zero Draft of the report" in client.get("/source/working-group").text
    assert "oewg-kg, version" not in client.get("/cite").text
    (thing,) = kg.query('SELECT ?d { ?d skos:prefLabel "Zero Draft of the report"@en }').column("d")  # type: ignore[union-attr]
    assert str(thing).startswith(HERS)
    assert client.get("/" + str(thing).removeprefix(HERS)).status_code == 200
    assert "Austria" in client.get("/state/AUT").text
    told = client.get(
        "/sparql",
        params={"query": "SELECT ?o { GRAPH p1:7 { ?s oewg:submittedBy ?o } }"},
        headers={"accept": "text/csv"},
    )
    assert f"{BASE}state/AUT" in told.text
