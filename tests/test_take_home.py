"""From `pip install` to a spreadsheet, a footnote, a Gephi file and a JSON-LD document: the README's commands, opened elsewhere."""

import csv
import re
import shlex
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest

from conftest import OEWG, ROOT
from export import programs
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, PREFIXES

# Who proposed wording: Iran, Israel and the Russian Federation.
PROPOSALS = {PREFIXES["p1"] + number for number in ("47", "50", "62")}


@pytest.fixture(scope="module")
def section() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return readme.partition("\n## From pip install to ")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def taken(section: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run the four commands of the README as they stand there; give what each wrote, standard output as a file."""
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


def test_libreoffice_opens_the_spreadsheet(taken: dict[str, Path], section: str, tmp_path: Path) -> None:
    file = taken["spreadsheet"] / "contributions.csv"
    shown = programs.spreadsheet(tmp_path, file)
    with file.open(encoding="utf-8", newline="") as lines:
        written = list(csv.reader(lines))
    assert f"{len(shown)} tables/contributions.csv" in section
    # The columns of labels and IRIs; what is printed as "June 2020", and dates and truth values, Calc shows in its own way.
    kept = [at for at, name in enumerate(written[0]) if not re.search(r"[dD]ate|InSource|Stated", name)]
    assert len(kept) > 15
    assert [[row[at] for at in kept] for row in shown] == [[row[at] for at in kept] for row in written]


def test_pandas_opens_the_spreadsheet(taken: dict[str, Path]) -> None:
    frame = programs.module("pandas", "pandas").read_csv(taken["spreadsheet"] / "contributions.csv")
    given = frame[frame["submittedByLabel"] == "Estonia"]
    assert len(given) == 3
    assert given["lines"].str.startswith(BASE + "source/").all(), "each row cites its lines"


def test_pandoc_opens_the_footnotes(taken: dict[str, Path], kg: KnowledgeGraph) -> None:
    text = taken["footnote"].read_text(encoding="utf-8")
    html = programs.pandoc(text, "-f", "markdown", "-t", "html", "--wrap=none")
    assert len(re.findall(r'class="footnote-ref"', html)) == 3
    assert set(re.findall(r'href="(https[^"]+)"', html)) == PROPOSALS
    assert all(ox.NamedNode(line) in set(kg.dataset.store.named_graphs()) for line in PROPOSALS)


def test_gephi_lite_reads_the_networks(taken: dict[str, Path], section: str) -> None:
    told = re.search(r"^\$ grep -c '<edge ' networks/(\S+)\n(\d+)$", section, re.MULTILINE)
    assert told
    found = programs.node("networks.js", taken["Gephi file"] / told[1])
    network = programs.module("networkx", "networkx").read_gexf(taken["Gephi file"] / told[1])
    assert found.count(BASE + "state/EST") > 1
    assert len(network.edges) == int(told[2])


def test_jsonld_js_opens_the_document(taken: dict[str, Path]) -> None:
    quads = programs.node("canonical.js", taken["JSON-LD document"])
    name = ox.Literal("Estonia", language="en")
    found = set(ox.parse(input=quads, format=ox.RdfFormat.N_QUADS))
    assert ox.Quad(ox.NamedNode(PREFIXES["state"] + "EST"), ox.NamedNode(PREFIXES["skos"] + "prefLabel"), name) in found
    assert len(found) > 300
