"""The shapes, their fixtures, and the real data against them."""

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

import oewg_kg
from ask_rdflib import oxigraph_term
from conftest import DATA, ROOT
from oewg_kg import dataset as datasets
from oewg_kg import terms
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import INFERRED, PREFIXES, RDF_TYPE, declarations

FOLDERS = sorted(path.name for path in (ROOT / "tests" / "shapes").iterdir())
SH, SKOS = rdflib.Namespace(PREFIXES["sh"]), rdflib.Namespace(PREFIXES["skos"])
BLOCK = declarations().splitlines()
FILES, SHAPES, PROPERTY_SHAPES, FIXTURES = 43, 63, 385, 941
# Entities of every class may have it.
OTHER_LOCAL_NAME = PREFIXES["oewg"] + "otherLocalName"
# No page has been captured twice so far.
ONLY_NEW_CAPTURES = {"source-revision-of", "source-line-carried-over-from"}
# No page of ours prints honorifics in a list; pages of monitors do.
ONLY_OTHER_PAGES = {"list-honorific-in-source"}
CONSTRAINTS = {
    "nodeKind": "NodeKind",
    "pattern": "Pattern",
    "minCount": "MinCount",
    "maxCount": "MaxCount",
    "class": "Class",
    "datatype": "Datatype",
    "uniqueLang": "UniqueLang",
    "languageIn": "LanguageIn",
    "minLength": "MinLength",
    "minInclusive": "MinInclusive",
    "maxInclusive": "MaxInclusive",
    "in": "In",
    "or": "Or",
}
ABOUT = {
    "path",
    "name",
    "description",
    "message",
    "severity",
    "property",
    "targetClass",
    "targetSubjectsOf",
    "targetObjectsOf",
}


def quads_of(name: str) -> list[ox.Quad]:
    return datasets.parse(ROOT / "shapes" / f"{name}.ttl", f"shapes/{name}.ttl")


def fixtures(name: str) -> list[Path]:
    return sorted((ROOT / "tests" / "shapes" / name).glob("*.ttl"))


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    words = [line.removeprefix("# expects: ").split(" ") for line in lines if line.startswith("# expects: ")]
    return [" ".join([terms.compact(row[0][1:-1]) if row[0].startswith("<") else row[0], *row[1:]]) for row in words]


def results(report: rdflib.Graph) -> list[str]:
    """Each result as `focus path shape component`, like the first line of a fixture."""
    rows = []
    for node in report.subjects(rdflib.RDF.type, SH.ValidationResult):
        parts = [
            report.value(node, SH[part])
            for part in ("focusNode", "resultPath", "sourceShape", "sourceConstraintComponent")
        ]
        row = [
            "_:thing" if isinstance(part, rdflib.BNode) else terms.compact(str(part)) if part else "-" for part in parts
        ]
        rows.append(" ".join(row))
    return sorted(rows)


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return datasets.to_rdflib(validate.shapes_graph(ROOT / "shapes"))


@pytest.fixture(scope="module")
def graph() -> datasets.Dataset:
    return oewg_kg.load(str(DATA)).dataset


@pytest.fixture(scope="module")
def report(graph: datasets.Dataset) -> validate.ValidationReport:
    return validate.report(graph, ROOT / "shapes")


def test_as_many_files_shapes_and_fixtures_as_expected(shapes: rdflib.Graph) -> None:
    files = sorted(path.stem for path in (ROOT / "shapes").glob("*.ttl"))
    assert files == FOLDERS, "each shape file has a folder of fixtures of the same name"
    counts = (
        len(files),
        len(set(shapes.subjects(rdflib.RDF.type, SH.NodeShape))),
        len(set(shapes.subjects(rdflib.RDF.type, SH.PropertyShape))),
        sum(len(fixtures(name)) for name in FOLDERS),
    )
    assert counts == (FILES, SHAPES, PROPERTY_SHAPES, FIXTURES), "correct the numbers in this test if you added some"


def test_each_class_has_a_shape_file_of_its_name() -> None:
    ontology = datasets.parse(ROOT / "ontology" / "oewg.ttl", "ontology/oewg.ttl")
    classes = {
        quad.subject.value
        for quad in ontology
        if quad.predicate.value == RDF_TYPE
        and quad.object == ox.NamedNode(PREFIXES["owl"] + "Class")
        and not quad.subject.value.startswith(PREFIXES["rdf"])
    }
    assert len(classes) >= 30
    for iri in classes:
        name = iri.rpartition("#")[2]
        kebab = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()
        target = ox.Quad(ox.NamedNode(PREFIXES["shape"] + kebab), ox.NamedNode(SH.targetClass), ox.NamedNode(iri))
        assert target in quads_of(kebab), f"shapes/{kebab}.ttl has a shape with sh:targetClass {terms.compact(iri)}"


@pytest.mark.parametrize("name", FOLDERS)
def test_prefixes_of_examples_are_those_of_the_table(name: str, kg: KnowledgeGraph) -> None:
    lines = (ROOT / "shapes" / f"{name}.ttl").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("# ") for line in lines[:2]), "two lines say what the file is and how to add to it"
    for path in fixtures(name):
        own = [line for line in path.read_text(encoding="utf-8").splitlines() if line.upper().startswith("PREFIX")]
        assert set(own) <= {*BLOCK, *declarations(*PREFIXES).splitlines()}, f"{path.name}: only prefixes of the table"


def test_each_property_shape_says_what_it_is_for(shapes: rdflib.Graph) -> None:
    for shape in shapes.subjects(rdflib.RDF.type, SH.PropertyShape):
        for part in (SH.path, SH.name, SH.description, SH.message, SKOS.example):
            assert len(list(shapes.objects(shape, part))) == 1, f"{shape} has exactly one {part}"
    for shape in shapes.subjects(SH.property):
        assert shapes.value(shape, rdflib.RDFS.label), f"{shape} has an rdfs:label"
        for own in shapes.objects(shape, SH.property):
            assert str(own).startswith(f"{shape}-"), f"{own} is named after {shape}"


def test_shapes_have_names_and_only_constraints_that_the_tests_know(shapes: rdflib.Graph) -> None:
    known = set(CONSTRAINTS) | ABOUT
    for subject, predicate, _ in shapes:
        if predicate not in {rdflib.RDF.first, rdflib.RDF.rest}:
            assert isinstance(subject, rdflib.URIRef), f"a shape without a name has {predicate}"
        if predicate.startswith(str(SH)):
            assert predicate.removeprefix(str(SH)) in known, (
                f"{subject}: core constraints only, and each with a fixture"
            )


@pytest.mark.parametrize("name", FOLDERS)
def test_fixtures_yield_exactly_what_their_first_lines_say(name: str, kg: KnowledgeGraph) -> None:
    """One run for each class: no two fixtures share a focus node, so the results of each are its own."""
    together, wanted, seen = rdflib.Graph(), [], set()
    for path in fixtures(name):
        assert path.name.startswith(("valid-", "invalid-"))
        assert bool(expected(path)) == path.name.startswith("invalid-"), f"{path.name}: a first line '# expects: ...'"
        own = {line.split(" ")[0] for line in expected(path)} - {"_:thing"}
        assert not own & seen, f"{path.name}: a focus node of its own"
        seen |= own
        wanted += expected(path)
        together += datasets.to_rdflib(datasets.parse(path, path.name))
    flat = datasets.to_rdflib(validate.move_targets(quads_of(name)))
    assert results(validate.run_pyshacl(together, flat)) == sorted(wanted)


def test_each_constraint_of_each_shape_has_a_fixture_that_violates_it(shapes: rdflib.Graph) -> None:
    violated = {tuple(line.split(" ")[2:]) for name in FOLDERS for path in fixtures(name) for line in expected(path)}
    stated = {
        (terms.compact(str(shape)), f"sh:{component}ConstraintComponent")
        for name, component in CONSTRAINTS.items()
        for shape in shapes.subjects(SH[name])
    }
    assert len(stated) > 500
    assert stated - violated == set(), "write an invalid fixture for each of these"
    assert violated - stated == set(), "no shape states these"


def test_moving_targets_changes_no_result() -> None:
    for name in ("deadline", "side-event", "state"):
        quads = quads_of(name)
        flat = datasets.to_rdflib(validate.move_targets(quads))
        assert not set(flat.subjects(SH.property))
        together = rdflib.Graph()
        for path in fixtures(name):
            together += datasets.to_rdflib(datasets.parse(path, path.name))
        assert results(validate.run_pyshacl(together, flat)) == results(
            validate.run_pyshacl(together, datasets.to_rdflib(quads))
        )


def test_each_shape_matches_focus_nodes_of_the_real_data(report: validate.ValidationReport) -> None:
    assert len(report.matched) == SHAPES
    assert [shape for shape, count in report.matched.items() if not count] == []


def test_the_real_data_conforms(report: validate.ValidationReport) -> None:
    found = [f"{r.file} {r.focus} {r.path}: {r.message}" for r in report.results if r.severity == "Violation"]
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_the_report_is_the_same_each_time(graph: datasets.Dataset, report: validate.ValidationReport) -> None:
    again = validate.report(graph, ROOT / "shapes")
    assert validate.turtle(again.graph) == validate.turtle(report.graph)
    assert "sh:conforms true" in validate.turtle(report.graph)


def test_each_example_is_in_the_real_data(shapes: rdflib.Graph, graph: datasets.Dataset) -> None:
    default = ox.DefaultGraph()
    for shape in shapes.subjects(rdflib.RDF.type, SH.PropertyShape):
        path = oxigraph_term(shapes.value(shape, SH.path))
        value = oxigraph_term(shapes.value(shape, SKOS.example))
        found = next(graph.store.quads_for_pattern(None, path, value, default), None)
        if str(shape).rpartition("/")[2] in ONLY_NEW_CAPTURES | ONLY_OTHER_PAGES:
            assert not found, "a page of ours has it now: take the example from it, and the shape out of the exceptions"
        else:
            assert found, f"{shape}: {value} is no {path} in the data; take an example that is"


def test_each_property_in_the_real_data_has_a_shape(shapes: rdflib.Graph, graph: datasets.Dataset) -> None:
    described: dict[str, set[str]] = {}
    for shape, kind in shapes.subject_objects(SH.targetClass):
        described[str(kind)] = {str(shapes.value(own, SH.path)) for own in shapes.objects(shape, SH.property)}
    types: dict[str, set[str]] = {}
    for quad in graph.store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None, ox.DefaultGraph()):
        types.setdefault(terms.text_of(quad.subject), set()).add(terms.text_of(quad.object))
    missing: Counter[str] = Counter()
    for quad in graph.store:
        own = types.get(terms.text_of(quad.subject), set()) & described.keys()
        stated = isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value != INFERRED
        if isinstance(quad.object, ox.BlankNode):
            continue  # a list, as of a property chain: no example could name it
        if (
            own
            and stated
            and quad.predicate.value not in {RDF_TYPE, OTHER_LOCAL_NAME}.union(*(described[kind] for kind in own))
        ):
            kinds = ", ".join(sorted(map(terms.compact, own)))
            missing[f"{terms.compact(quad.predicate.value)} on {kinds}"] += 1
    assert not missing, f"no shape describes {dict(missing)}: add a property shape, or correct the data"
