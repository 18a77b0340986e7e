"""The page of all terms that `make docs-ontology` writes: whole, the same each time, and its links lead somewhere."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from conftest import ROOT
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import OEWG

SCRIPT = ROOT / "docs" / "ontology.py"


def written(file: Path, seed: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": seed}
    subprocess.run(
        [sys.executable, SCRIPT, file], check=True, capture_output=True, cwd=ROOT, env=environment, timeout=120
    )
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("page") / "ontology.html", "1")


def test_the_page_is_the_same_each_time(page: str, tmp_path: Path) -> None:
    assert written(tmp_path / "again.html", "2") == page


def test_each_term_of_ours_has_its_place_on_the_page(page: str, kg: KnowledgeGraph) -> None:
    rows = kg.query("""SELECT DISTINCT ?term WHERE { ?term rdfs:isDefinedBy <https://w3id.org/oewg-kg/ontology> }""")
    names = {str(row["term"]).removeprefix(OEWG) for row in rows}  # type: ignore[union-attr]
    anchors = re.findall(r'<h3 id="([^"]+)"', page)
    assert len(names) > 150
    assert set(anchors) == names and len(anchors) == len(names)


def test_links_inside_the_page_lead_somewhere_and_nothing_is_loaded(page: str) -> None:
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert not sorted(set(re.findall(r'href="#([^"]+)"', page)) - set(anchors))
    assert not re.search(r"<script|<link|<img|src=", page)


def test_each_class_is_drawn_in_one_part(page: str, kg: KnowledgeGraph) -> None:
    drawings = [ET.fromstring(text) for text in re.findall(r"<svg viewBox.*?</svg>", page, re.DOTALL)]
    text = SCRIPT.read_text(encoding="utf-8")
    parts = re.findall(r'^    "[^"]+": "([A-Za-z ]+)",$', text, re.MULTILINE)
    named = [name for part in parts for name in part.split()]
    rows = kg.query("SELECT DISTINCT ?class WHERE { ?class a owl:Class FILTER STRSTARTS(STR(?class), STR(oewg:)) }")
    assert len(drawings) == len(parts) == 7
    assert sorted(named) == sorted(str(row["class"]).removeprefix(OEWG) for row in rows), (  # type: ignore[union-attr]
        "put each class into one part of PARTS in docs/ontology.py"
    )
    assert all(len(list(drawing.iter("rect"))) > 1 for drawing in drawings)
