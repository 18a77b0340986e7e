"""The checks, which return nothing on the real data and find what is planted in a small dataset; on both engines."""

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

import oewg_kg
from conftest import DATA, ROOT
from oewg_kg import dataset as datasets
from oewg_kg import terms
from oewg_kg.errors import ParseError
from oewg_kg.evidence import decisions
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import PREFIXES

CHECKS = sorted(path.stem.removesuffix("-violation") for path in (ROOT / "queries" / "checks").glob("*-violation.rq"))
NUMBER = 58


def text_of(name: str) -> str:
    return (ROOT / "queries" / "checks" / f"{name}-violation.rq").read_text(encoding="utf-8")


def planted(name: str) -> datasets.Dataset:
    dataset = datasets.read([ROOT / "tests" / "checks" / f"{name}.trig"])
    decisions.resolve(dataset)
    return dataset


def expected(name: str) -> list[str]:
    first = (ROOT / "tests" / "checks" / f"{name}.trig").read_text(encoding="utf-8").splitlines()[0]
    return first.removeprefix("# expects: ").split(" ")


def test_as_many_checks_and_datasets_as_expected() -> None:
    assert sorted(path.stem for path in (ROOT / "tests" / "checks").glob("*.trig")) == CHECKS
    assert len(CHECKS) == NUMBER, "correct the number in this test if you added a check and its dataset"


@pytest.mark.parametrize("name", CHECKS)
def test_check_says_what_it_is_for(name: str, kg: KnowledgeGraph) -> None:
    lines = text_of(name).splitlines()
    assert lines[0].startswith("#+ summary: ")
    own = [line for line in lines if line.startswith("PREFIX ")]
    assert own == sorted(own)
    assert set(own) <= {f"PREFIX {prefix}: <{namespace}>" for prefix, namespace in PREFIXES.items()}


@pytest.mark.parametrize("name", CHECKS)
def test_check_finds_what_is_planted_and_nothing_else(name: str) -> None:
    rows = list(planted(name).store.query(text_of(name)))
    assert [terms.compact(row["focus"].value) for row in rows] == expected(name)
    assert len(rows[0]["message"].value) > 20


# rdflib 7.6 warns of properties of its own that its query evaluation still reads (rdflib/plugins/sparql/evaluate.py)
@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Dataset.contexts is deprecated:DeprecationWarning")
@pytest.mark.parametrize("name", CHECKS)
def test_check_finds_the_same_on_rdflib(name: str) -> None:
    graph = rdflib.Dataset(default_union=False)
    for quad in planted(name).store:
        triple = tuple(datasets.rdflib_term(term) for term in quad.triple)
        named = isinstance(quad.graph_name, ox.NamedNode)
        target = graph.graph(rdflib.URIRef(quad.graph_name.value)) if named else graph.default_graph
        target.add(triple)
    rows = list(graph.query(text_of(name)))
    assert [terms.compact(str(row.focus)) for row in rows] == expected(name)


def test_the_real_data_passes_every_check() -> None:
    found = validate.checks(oewg_kg.load(str(DATA)).dataset, ROOT / "queries" / "checks")
    assert not found, "\n".join(f"{r.shape}: {r.file} {r.focus}: {r.message}" for r in found)


def test_a_thing_without_an_iri_is_reported_as_such(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(f"[] a <{PREFIXES['oewg']}Place> .", encoding="utf-8")
    dataset = datasets.read([tmp_path / "data.ttl"])
    decisions.resolve(dataset)
    found = validate.report(dataset, ROOT / "shapes", every_shape=False).results
    found += tuple(validate.checks(dataset, ROOT / "queries" / "checks"))
    assert {r.focus for r in found} == {"an entity without an IRI"}
    assert {"shape:place", "shape:place-pref-label", "no-english-label-violation"} <= {r.shape for r in found}


def test_a_finding_names_its_check_and_its_place(tmp_path: Path) -> None:
    found = validate.checks(planted("e-mail-address"), ROOT / "queries" / "checks")
    assert "e-mail-address-violation" in {r.shape for r in found}
    (tmp_path / "wrong-violation.rq").write_text("SELECT ?thing WHERE { ?thing ?p ?o }", encoding="utf-8")
    with pytest.raises(ParseError, match=r"a check must return \?focus and \?message"):
        validate.checks(planted("e-mail-address"), tmp_path)
    (tmp_path / "wrong-violation.rq").write_text("SELECT ?focus WHERE {", encoding="utf-8")
    with pytest.raises(ParseError, match=r"queries/checks/wrong-violation\.rq:1:"):
        validate.checks(planted("e-mail-address"), tmp_path)
