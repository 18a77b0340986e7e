"""Data under any namespace is held to the core of the shapes, and to no rule of our house."""

import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib

from conftest import Run
from explorer import client_of
from oewg_kg import dataset as datasets
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.release import build as release
from oewg_kg.safety import blank_nodes
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import BASE, PREFIXES

ROOT = Path(__file__).parents[2]
GOOD, BAD = ROOT / "tests" / "core" / "five-things.ttl", ROOT / "tests" / "core" / "invalid.ttl"
SH = rdflib.Namespace(PREFIXES["sh"])
EX = "https://example.org/talks/"
# What is wrong in invalid.ttl: its comments and SHACL say so.
MISTAKES = {
    ("Violation", "unnamed", "skos:prefLabel"),
    ("Violation", "meeting", "oewg:heldStart"),
    ("Violation", "meeting", "oewg:plannedStart"),
    ("Violation", "meeting", "oewg:plannedEnd"),
    ("Violation", "list", "oewg:covers"),
    ("Info", "group", "oewg:activeErliest"),
}


@pytest.fixture  # pyshacl adds to the shapes it is given: each test has its own
def core() -> rdflib.Graph:
    return datasets.to_rdflib(validate.read_shapes(ROOT / "shapes", "core"))


def findings(oewg: Run, *args: str) -> set[tuple[str, str, str]]:
    rows = json.loads(oewg("validate", *args, "-f", "json", root=ROOT).stdout)["results"]
    return {(r["severity"], r["focus"].strip("<>").removeprefix(EX), r["path"]) for r in rows}


@pytest.mark.slow
def test_good_things_of_another_namespace_conform_to_the_core(oewg: Run) -> None:
    told = oewg("validate", "--core", str(GOOD), "-f", "json", root=ROOT)
    assert (told.exit_code, json.loads(told.stdout)["conforms"]) == (0, True)
    assert {result["severity"] for result in json.loads(told.stdout)["results"]} <= {"Warning"}
    house = [row for row in findings(oewg, str(GOOD)) if row[0] == "Violation"]
    assert {name for _, name, _ in house} >= {"group", "meeting", "paper", "statement", "ruritania"}


@pytest.mark.slow
def test_mistakes_are_found_and_a_misspelt_property_is_a_note(oewg: Run) -> None:
    assert findings(oewg, "--core", str(BAD)) == MISTAKES
    run = oewg("validate", "--core", str(BAD), root=ROOT)
    assert run.exit_code == 1
    assert "does not conform: 5 violations, 0 warnings, 1 note" in run.stdout


@pytest.mark.parametrize(("file", "conforms"), [(GOOD, True), (BAD, False)])
def test_pyshacl_alone_says_the_same(core: rdflib.Graph, file: Path, conforms: bool) -> None:
    ontology = rdflib.Graph().parse(ROOT / "ontology" / "oewg.ttl")
    data = rdflib.Graph().parse(file)
    found, report, text = pyshacl.validate(
        data, shacl_graph=core, ont_graph=ontology, inference="rdfs", allow_warnings=True
    )
    assert found == conforms, text
    wrong = {str(node).removeprefix(EX) for node in report.objects(None, SH.focusNode)}
    assert conforms or wrong == {name for severity, name, _ in MISTAKES if severity == "Violation"}


def test_a_release_has_the_core_and_the_closed_variant_as_files(kg: KnowledgeGraph, core: rdflib.Graph) -> None:
    made = {file.path: file.content for file in release._texts(kg.root)}
    published = rdflib.Graph().parse(data=made["shapes/any-namespace/core.ttl"], format="turtle")
    assert len(published) == len(core)
    closed = rdflib.Graph().parse(data=made["shapes/any-namespace/closed.ttl"], format="turtle")
    _, report, _ = pyshacl.validate(rdflib.Graph().parse(BAD), shacl_graph=closed, allow_infos=True)
    paths = {str(path) for path in report.objects(None, SH.resultPath)}
    assert paths == {PREFIXES["oewg"] + "activeErliest"}


def test_both_files_are_what_our_shapes_make_of_them() -> None:
    code = (
        "import sys; sys.path.insert(0, 'docs'); import any_namespace, json; print(json.dumps(any_namespace.files()))"
    )
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT, timeout=120)
    for name, text in json.loads(made.stdout).items():
        written = (ROOT / "shapes" / "any-namespace" / name).read_text(encoding="utf-8")
        ours, theirs = (ox.parse(one, format=ox.RdfFormat.TURTLE) for one in (written, text))
        assert set(blank_nodes.canonical(ours)) == set(blank_nodes.canonical(theirs)), (
            "shapes/ changed: run `make docs`"
        )


@pytest.mark.slow
def test_our_own_data_conforms_to_the_core(kg: KnowledgeGraph) -> None:
    found = validate.report(kg.dataset, ROOT / "shapes", every_shape=False, core=True)
    assert [r for r in found.results if r.severity == "Violation"] == []


def test_our_own_lines_have_no_misspelt_property(kg: KnowledgeGraph) -> None:
    lines = [quad for quad in kg.dataset.store if "/source/" in str(quad.graph_name) and "#L" in str(quad.graph_name)]
    assert len(lines) > 4000
    assert not validate.misspelt(kg.dataset, ROOT / "shapes", lines)


def test_the_core_has_no_rule_of_the_house_and_an_order_for_forms(core: rdflib.Graph) -> None:
    assert not [value for value in core.objects(None, SH.pattern) if str(value).startswith("^" + BASE)]
    listed = set(core.objects(None, SH.property))
    assert len(listed) > 250
    for shape in listed:
        assert len(list(core.objects(shape, SH.order))) == 1, shape
        assert len(list(core.objects(shape, SH.group))) == 1, shape
    groups = set(core.objects(None, SH.group))
    assert groups == set(core.subjects(rdflib.RDF.type, SH.PropertyGroup))
    assert all(core.value(group, rdflib.RDFS.label) for group in groups)
    assert len({str(value) for _, value in core.subject_objects(SH.lessThanOrEquals)}) == 9


def test_ontology_and_void_declare_what_the_name_of_a_graph_denotes(kg: KnowledgeGraph) -> None:
    (declared,) = kg.query("SELECT ?note { oewg:SourceLine skos:scopeNote ?note }")
    assert "denotes the line" in declared["note"]
    told = client_of(kg.root, kg.dataset).get("/.well-known/void", headers={"Accept": "text/turtle"})
    void = rdflib.Graph().parse(data=told.text)
    assert {str(note) for note in void.objects(None, rdflib.SKOS.scopeNote)} == {declared["note"]}
