"""A spreadsheet, a footnote, a Gephi file and a JSON-LD document: the four commands of docs/export.md, opened elsewhere."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest

import external
from conftest import OEWG, ROOT
from oewg_kg.export import tables as export_tables
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, PREFIXES

pytestmark = pytest.mark.slow

# Who proposed wording: Iran, Israel and the Russian Federation.
PROPOSALS = {PREFIXES["source"] + "oewg-2019-2021#L" + number for number in ("47", "50", "62")}


@pytest.fixture(scope="module")
def section() -> str:
    page = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    return page.partition("\n## Four commands\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def taken(section: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run the four commands as the page shows them; return what each wrote, standard output as a file."""
    folder = tmp_path_factory.mktemp("home")
    commands = re.findall(r"^\$ oewg (.+)$", section, re.MULTILINE)
    places = []
    for number, command in enumerate(commands):
        words = shlex.split(command)
        done = subprocess.run([OEWG, "--root", ROOT, *words], cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        if "-o" not in words:
            (folder / f"{number}.txt").write_bytes(done.stdout)
        places.append(folder / (words[words.index("-o") + 1] if "-o" in words else f"{number}.txt"))
    return dict(zip(("spreadsheet", "footnote", "Gephi file", "JSON-LD document"), places, strict=True))


def test_libreoffice_opens_the_spreadsheet_and_changes_nothing(
    taken: dict[str, Path], kg: KnowledgeGraph, tmp_path: Path
) -> None:
    shown = external.workbook(tmp_path, taken["spreadsheet"])
    tables = export_tables.load(kg.dataset, ROOT / "queries" / "tables")
    assert shown.keys() == {*tables, "notes"} and len(tables) > 15
    for name, table in tables.items():
        names = [column.name for column in table.columns]
        assert shown[name] == [names, *([as_shown(cell) for cell in row] for row in table.rows)], name
    assert ["NA", "516"] in [row[2:4] for row in shown["states"]], "Namibia"
    assert "June 2020" in {
        cell for row in shown["deadlines"] + shown["contributions"] + shown["documents"] for cell in row
    }
    assert any("iso2" in row[0] for row in shown["notes"])


def as_shown(cell: object) -> str:
    if isinstance(cell, tuple):
        return "; ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in cell)
    return str(cell).upper() if isinstance(cell, bool) else "" if cell is None else str(cell)


@pytest.mark.parametrize("engine", ["openpyxl", "calamine"])
def test_pandas_opens_the_spreadsheet(taken: dict[str, Path], engine: str) -> None:
    pandas = external.module("pandas", "pandas")
    frames = pandas.read_excel(taken["spreadsheet"], None, engine=engine)
    given = frames["contributions"][frames["contributions"]["submittedByLabel"] == "Estonia"]
    assert len(given) == 3
    assert given["lines"].str.startswith(BASE + "source/").all(), "each row cites its lines"
    assert frames["states"].set_index("code").loc["NAM", "admittedOn"].date().isoformat() == "1990-04-23"
    told = frames["notes"]["note"][1]
    assert "read_excel(file, dtype=str, keep_default_na=False)" in told
    states = pandas.read_excel(taken["spreadsheet"], "states", engine=engine, dtype=str, keep_default_na=False)
    states = states.set_index("code")
    assert (states.loc["NAM", "iso2"], states.loc["AFG", "m49"]) == ("NA", "004")
    assert frames["contributions"]["targetStated"].dtype == bool


def test_the_headings_of_the_spreadsheet_stay_in_view(taken: dict[str, Path]) -> None:
    book = external.module("openpyxl", "openpyxl").load_workbook(taken["spreadsheet"])
    assert all(sheet.freeze_panes == "A2" for sheet in book) and book.sheetnames[-1] == "notes"


def test_pandas_and_r_read_the_tables_as_the_metadata_say(tmp_path: Path) -> None:
    """Without a word, both take `NA`, the code of Namibia, for no value, and `004` for a number."""
    subprocess.run([OEWG, "--root", ROOT, "export", "-f", "csv", "-o", tmp_path / "tables"], check=True)
    told = json.loads((tmp_path / "tables" / "csv-metadata.json").read_text(encoding="utf-8"))["dc:description"]
    pandas = external.module("pandas", "pandas")
    states = pandas.read_csv(tmp_path / "tables" / "states.csv", dtype=str, keep_default_na=False).set_index("code")
    assert "read_csv(file, dtype=str, keep_default_na=False)" in told
    assert (states.loc["NAM", "iso2"], states.loc["AFG", "m49"]) == ("NA", "004")
    reading = "read.csv(file, colClasses = 'character', na.strings = '', encoding = 'UTF-8')"
    assert reading in told
    script = f"file <- 'tables/states.csv'; s <- {reading}; cat(s$iso2[s$code == 'NAM'], s$m49[s$code == 'AFG'])"
    found = external.program("Rscript", "r-base-core")
    done = subprocess.run([found, "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "NA 004"


def test_pandoc_opens_the_footnotes(taken: dict[str, Path], kg: KnowledgeGraph) -> None:
    text = taken["footnote"].read_text(encoding="utf-8")
    html = external.pandoc(text, "-f", "markdown", "-t", "html", "--wrap=none")
    assert len(re.findall(r'class="footnote-ref"', html)) == 3
    found = set(re.findall(r'href="(https[^"]+)"', html))
    assert {link for link in found if link.startswith(PREFIXES["source"])} == PROPOSALS
    page = "https://disarmament.unoda.org/open-ended-working-group#:~:text="
    assert len(found - PROPOSALS) == 3 and all(link.startswith(page) for link in found - PROPOSALS)
    assert all(ox.NamedNode(line) in set(kg.dataset.store.named_graphs()) for line in PROPOSALS)


def test_gephi_lite_reads_the_networks(taken: dict[str, Path], section: str) -> None:
    told = re.search(r"^\$ grep -c '<edge ' networks/(\S+)\n(\d+)$", section, re.MULTILINE)
    assert told
    found = external.node("networks.js", taken["Gephi file"] / told[1])
    network = external.module("networkx", "networkx").read_gexf(taken["Gephi file"] / told[1])
    assert found.count(BASE + "state/EST") > 1
    assert len(network.edges) == int(told[2])


def test_jsonld_js_opens_the_document(taken: dict[str, Path]) -> None:
    quads = external.node("canonical.js", taken["JSON-LD document"])
    name = ox.Literal("Estonia", language="en")
    found = set(ox.parse(input=quads, format=ox.RdfFormat.N_QUADS))
    assert ox.Quad(ox.NamedNode(PREFIXES["state"] + "EST"), ox.NamedNode(PREFIXES["skos"] + "prefLabel"), name) in found
    assert len(found) > 300
