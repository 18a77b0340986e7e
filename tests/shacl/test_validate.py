"""SHACL means what SHACL says for shapes of strangers too, literals are judged as written, and nobody sees a traceback."""

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner

import material
from conftest import ROOT, Run, one_line
from oewg_kg import dataset
from oewg_kg.cli import main
from oewg_kg.errors import ParseError
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import PREFIXES

SH = rdflib.Namespace(PREFIXES["sh"])
HEAD = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix oewg: <https://w3id.org/oewg-kg/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
NAME = "sh:property [ sh:path ex:name ; sh:minCount 1 ]"
# Shapes, data, and the focus nodes that SHACL finds at fault.
MEANING = {
    "closed, the listed property is allowed (4.8.1)": (
        f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:closed true ; {NAME} .",
        "ex:a ex:name 1 .",
        [],
    ),
    "closed, another is not": (
        f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:closed true ; {NAME} .",
        "ex:a ex:name 1 ; ex:other 2 .",
        ["a"],
    ),
    "disjoint among the siblings of one shape (4.7.3)": (
        """ex:S a sh:NodeShape ; sh:targetNode ex:hand ;
            sh:property [ sh:path ex:digit ; sh:qualifiedValueShape [ sh:class ex:Thumb ] ;
                sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1 ] ;
            sh:property [ sh:path ex:digit ; sh:qualifiedValueShape [ sh:class ex:Finger ] ;
                sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1 ] .""",
        "ex:hand ex:digit ex:one . ex:one a ex:Thumb , ex:Finger .",
        ["hand", "hand"],
    ),
    "a property of the values of a property (2.3.1)": (
        f"ex:P a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:knows ; {NAME} .",
        "ex:a ex:knows ex:b . ex:b ex:other 1 .",
        ["b"],
    ),
    "a class that is a shape, with a node as target too (2.1.3.3)": (
        f"ex:C a sh:NodeShape , rdfs:Class ; sh:targetNode ex:a ; {NAME} .",
        "ex:b a ex:C .",
        ["a", "b"],
    ),
    "a shape deactivated (2.1.7)": (
        f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:deactivated true ; {NAME} .",
        "ex:a ex:other 1 .",
        [],
    ),
    "a listed shape deactivated": (
        """ex:S a sh:NodeShape ; sh:targetNode ex:a ;
            sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:deactivated true ] .""",
        "ex:a ex:other 1 .",
        [],
    ),
    "a shape that another uses (4.7.1)": (
        f"""ex:S a sh:NodeShape ; sh:targetNode ex:a ; {NAME} .
        ex:T a sh:NodeShape ; sh:targetNode ex:b ; sh:not ex:S .""",
        "ex:b ex:name 1 .",
        ["a", "b"],
    ),
    "one property shape in two lists": (
        """ex:P a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 .
        ex:S a sh:NodeShape ; sh:targetNode ex:a , ex:b ; sh:property ex:P .
        ex:T a sh:NodeShape ; sh:targetNode ex:b , ex:c ; sh:property ex:P .""",
        "ex:a ex:other 1 .",
        ["a", "b", "b", "c"],
    ),
    "as ours are": (
        f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:IRI ; {NAME} .",
        "ex:a a ex:C .",
        ["a"],
    ),
}


def parsed(text: str, folder: Path, name: str) -> list[ox.Quad]:
    place = folder / f"{name}.ttl"
    place.write_text(HEAD + text, encoding="utf-8")
    return dataset.parse(place, place.name)


def judged(data: Iterable[ox.Quad], shapes: Iterable[ox.Quad]) -> Counter[tuple[str, ...]]:
    """Count the results by all that SHACL says of them, blank nodes left out."""
    parts = ("focusNode", "resultPath", "value", "sourceConstraintComponent", "sourceShape", "resultSeverity")
    with dataset.quiet():
        try:
            found = validate.run_pyshacl(dataset.to_rdflib(data), dataset.to_rdflib(shapes))
        except ParseError as error:
            return Counter([(str(error),)])
    nodes = found.subjects(rdflib.RDF.type, SH.ValidationResult)
    values = ([found.value(node, SH[part]) for part in parts] for node in nodes)
    return Counter(tuple("_:" if isinstance(value, rdflib.BNode) else str(value) for value in row) for row in values)


@pytest.mark.parametrize("name", MEANING)
def test_shapes_keep_their_meaning(name: str, tmp_path: Path) -> None:
    shapes, data, expected = MEANING[name]
    found = judged(parsed(data, tmp_path, "data"), validate.move_targets(parsed(shapes, tmp_path, "shapes")))
    assert sorted(row[0].removeprefix("http://example.org/") for row in found.elements()) == expected


def test_the_shapes_of_the_project_are_rewritten_with_the_same_results(tmp_path: Path) -> None:
    shapes = validate.shapes_graph(ROOT / "shapes")
    left = [quad for quad in validate.move_targets(shapes) if quad.predicate.value == str(SH.property)]
    assert len(left) < 20, "validation takes four times as long when most lists stay"
    data = [
        quad
        for path in sorted((ROOT / "tests" / "shapes").glob("*/*.ttl"))[::5]
        for quad in dataset.parse(path, str(path))
    ]
    found = judged(data, shapes)
    assert found == judged(data, validate.move_targets(shapes))
    assert found.total() > 200


SUITE = material.folder("OEWG_STANDARDS", "pyshacl")


@pytest.mark.skipif(
    not SUITE.is_dir(), reason=material.reason("OEWG_STANDARDS", "pyshacl, the folder test/resources of pySHACL")
)
def test_the_test_suites_of_w3c_and_dash_are_judged_as_pyshacl_judges_them() -> None:
    """Their files hold data and shapes together; what asks for SPARQL or JavaScript is judged the same as well, or refused the same."""
    files = sorted(SUITE.rglob("*.ttl"))
    assert len([path for path in files if "core" in path.parts]) >= 200
    for path in files:
        quads = [quad for quad in dataset.parse(path, path.name) if quad.predicate.value not in validate.INERT_TERMS]
        assert judged(quads, quads) == judged(quads, validate.move_targets(quads)), path


WRONG = {
    "a shorter type": ('oewg:memberCount "012"^^xsd:short', "oewg:memberCount"),
    "a number without type": ('oewg:memberCount "12"', "oewg:memberCount"),
    "no number": ('oewg:memberCount "twelve"^^xsd:integer', "oewg:memberCount"),
}
IRIS = ["urn:example:org", "tag:example.org,2020:org", "mailto:nobody@example.org"]
ORGANIZATION = 'a oewg:Stakeholder , oewg:Actor ; skos:prefLabel "My org"@en ; '


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, str]], str]:
    """Validate a file of one's own with the data, once: organizations with wrong literals, and states named by all kinds of IRIs."""
    folder = tmp_path_factory.mktemp("own")
    wrong = [f"ex:org-{at} {ORGANIZATION} {text} .\n" for at, (text, _) in enumerate(WRONG.values())]
    parsed("".join([*wrong, *(f"<{iri}> a oewg:State .\n" for iri in IRIS)]), folder, "own")
    file = str(folder / "own.ttl")
    done = CliRunner().invoke(main, ["--root", str(ROOT), "validate", file, "-f", "json"])
    return file, json.loads(done.stdout)["results"], done.stderr


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.slow
def test_a_literal_is_judged_as_written_and_only_by_us(name: str, own: tuple[str, list[dict[str, str]], str]) -> None:
    focus = f"<http://example.org/org-{list(WRONG).index(name)}>"
    assert WRONG[name][1] in {result["path"] for result in own[1] if result["focus"] == focus}
    assert own[2] == ""


@pytest.mark.parametrize("iri", IRIS)
@pytest.mark.slow
def test_a_thing_is_named_by_any_iri(iri: str, own: tuple[str, list[dict[str, str]], str]) -> None:
    named = [r for r in own[1] if not r["focus"].startswith("<http://example.org/org-")]
    assert {(r["focus"], r["file"]) for r in named} == {(f"<{one}>", own[0]) for one in IRIS}


def test_a_literal_of_the_sources_is_judged_as_written(oewg: Run, mini: Path) -> None:
    shutil.copytree(ROOT / "shapes", mini / "shapes", dirs_exist_ok=True)
    parsed(f"ex:org {ORGANIZATION}" + 'oewg:memberCount "012"^^xsd:short .', mini / "data", "own")
    found = json.loads(oewg("validate", "-f", "json", root=mini).stdout)["results"]
    assert [r["value"] for r in found if r["path"] == "oewg:memberCount"] == ["012"]


def test_literals_are_put_back_as_written_and_nothing_else_changes(tmp_path: Path) -> None:
    literals = '"012"^^xsd:short , 1.50 , "2020-01-01+00:00"^^xsd:date , "24:00:00"^^xsd:time , "x" , "x"@en , ex:o , 7'
    given = parsed(f"ex:s ex:p {literals} . [] ex:q 1.0 .", tmp_path, "own")
    store = ox.Store()
    store.extend(given)
    assert set(store) != set(given)
    assert set(validate.as_written(store, given)) == set(given)
    assert set(validate.as_written(store, [])) == set(store)
    store.remove(next(iter(store.quads_for_pattern(None, None, ox.Literal("x")))))
    assert len(validate.as_written(store, given)) == len(given) - 1, "what is not in the view does not come back"


BAD_SHAPES = {
    "a path that is none": "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path 1 ; sh:minCount 1 ] .",
    "two paths": "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:p , ex:q ; sh:minCount 1 ] .",
    "no number": 'ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:minCount "x" ] .',
    "no list": "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:or ex:T .",
    "no pattern": 'ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:pattern "(" .',
    "itself": "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:node ex:S .",
    "itself by a path": "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:node ex:S ] .",
    "an endless path": """ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path _:l ; sh:minCount 1 ] .
        _:l rdf:first ex:p ; rdf:rest _:l .""",
    "a component of its own": """ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ;
            sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK {}" ] .
        ex:S a sh:NodeShape ; sh:targetNode ex:a ; ex:most 1 .""",
    "a triple term": "ex:S a sh:NodeShape ; sh:targetNode ex:a ; ex:note <<( ex:a ex:b ex:c )>> .",
    "a date among times": """ex:S a sh:NodeShape ; sh:targetNode ex:a ;
        sh:property [ sh:path ex:p ; sh:minInclusive "2020-01-01T00:00:00Z"^^xsd:dateTime ] .""",
    "less than another kind": "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:lessThan ex:q ] .",
}


@pytest.mark.parametrize("name", BAD_SHAPES)
def test_shapes_that_cannot_be_run_give_one_line(name: str, oewg: Run, mini: Path) -> None:
    (mini / "shapes").mkdir(exist_ok=True)
    parsed(BAD_SHAPES[name], mini / "shapes", "own")
    parsed(
        'ex:a ex:p ex:a , "2020-02-30"^^xsd:date , "2020-01-01"^^xsd:date , 1 ; ex:q "2020-01-01T00:00:00"^^xsd:dateTime , "x" .',
        mini / "data",
        "own",
    )
    done = oewg("validate", root=mini)
    if done.exit_code > 1:
        assert one_line(done.stderr).startswith("oewg: shapes: pyshacl cannot run the shapes: ")
        assert done.exit_code == ParseError.exit_code
    else:
        assert done.stderr == ""
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_triple_term_is_not_validated_and_the_answer_says_so(oewg: Run, tmp_path: Path) -> None:
    parsed("ex:a ex:p <<( ex:a ex:b ex:c )>> .", tmp_path, "own")
    (found,) = json.loads(oewg("validate", str(tmp_path / "own.ttl"), "-f", "json").stdout)["results"]
    assert (found["severity"], found["path"]) == ("Warning", "<http://example.org/p>")
    assert "triple term (RDF 1.2) is not validated" in found["message"]


@pytest.mark.parametrize("name", ["a-meeting", "z-meeting"])
def test_an_event_of_your_own_that_is_there_already_is_found_whatever_its_name(
    oewg: Run, mini: Path, name: str, tmp_path: Path
) -> None:
    check = "event-transcribed-twice-violation"
    shutil.copy(ROOT / "queries" / "checks" / f"{check}.rq", mini / "queries" / "checks")
    for place, event in ((mini / "data" / "there.ttl", "meeting"), (tmp_path / "mine.ttl", name)):
        text = f"""@prefix oewg: <{PREFIXES["oewg"]}> . @prefix xsd: <{PREFIXES["xsd"]}> .
        <{PREFIXES["event"]}{event}> oewg:ofProcess <{PREFIXES["process"]}one> ; oewg:kind <{PREFIXES["kind"]}one> ;
            oewg:heldStart "2020-02-10"^^xsd:date ; oewg:heldEnd "2020-02-14"^^xsd:date ."""
        place.write_text(text, encoding="utf-8")
    done = oewg("validate", str(tmp_path / "mine.ttl"), "-f", "json")
    assert done.exit_code == 1
    assert [one["shape"] for one in json.loads(done.stdout)["results"]] == [check]
