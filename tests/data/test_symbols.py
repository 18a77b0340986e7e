"""Each reader of document symbols agrees with symbols.csv, whose grammar is that of https://research.un.org/en/docs/symbols.

To add a symbol: one line in symbols.csv; an empty kind is any document.
"""

import csv
import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from oewg_kg import dataset as datasets
from oewg_kg import terms
from oewg_kg.evidence import decisions
from oewg_kg.shacl import validate
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE
from oewg_kg.votes import importer

ROOT = Path(__file__).parents[2]
CASES = list(csv.DictReader((ROOT / "tests" / "symbols.csv").read_text(encoding="utf-8").splitlines()))
GENERAL_ASSEMBLY = re.compile(r"(A/RES/|[0-9]{1,3}/|E?S-|.*[(](S-)?[IVXL]+[)])")


def name(symbol: str) -> str:
    """The IRI of a resolution: its symbol in small letters, joined by hyphens; numbers alone are of the General Assembly."""
    numbers = re.sub(r"[^a-z0-9]+", "-", symbol.rpartition("RES/")[2].lower()).strip("-")
    organ = symbol.rpartition("RES/")[0].replace("/", "-").lower() or "a-"
    return f"{PREFIXES['document']}{organ}res-{numbers}"


def planted(cases: list[dict[str, str]], said: str = "symbol") -> datasets.Dataset:
    """Documents with their class or kind and their symbol, as a line states them."""
    line = ox.NamedNode(PREFIXES["source"] + "oewg-2019-2021#L1")
    kinds = {"": (RDF_TYPE, OEWG + "Document"), "resolution": (RDF_TYPE, OEWG + "Resolution")}
    store = ox.Store()
    for case in cases:
        thing = ox.NamedNode(name(case["symbol"]))
        own = kinds.get(case["kind"], (OEWG + "kind", PREFIXES["kind"] + case["kind"]))
        for predicate, value in (kinds[""], own):
            store.add(ox.Quad(thing, ox.NamedNode(predicate), ox.NamedNode(value), line))
        store.add(ox.Quad(thing, ox.NamedNode(OEWG + said), ox.Literal(case["symbol"]), line))
    dataset = datasets.Dataset(store, {})
    decisions.resolve(dataset)
    return dataset


@cache
def refused(said: str) -> dict[tuple[str, str], set[str]]:
    """What shapes and checks say about the symbol of each case; those with one name are tried one after the other."""
    rounds: list[dict[str, dict[str, str]]] = []
    for case in CASES:
        free = next((cases for cases in rounds if name(case["symbol"]) not in cases), None)
        if free is None:
            rounds.append(free := {})
        free[name(case["symbol"])] = case
    verdicts: dict[tuple[str, str], set[str]] = {}
    for cases in rounds:
        dataset = planted(list(cases.values()), said)
        found = [*validate.report(dataset, ROOT / "shapes", every_shape=False).results]
        found += validate.checks(dataset, ROOT / "queries" / "checks")
        for iri, case in cases.items():
            own = {r.shape for r in found if r.focus == terms.compact(iri)}
            verdicts[case["symbol"], case["kind"]] = {
                shape for shape in own if "symbol" in shape or shape == "shape:resolution"
            }
    return verdicts


def test_the_table_holds_both_and_each_kind() -> None:
    assert len({case["symbol"] + case["kind"] for case in CASES}) == len(CASES)
    assert {(case["kind"], case["valid"]) for case in CASES} == {
        (kind, valid) for kind in ("resolution", "draft-resolution", "") for valid in ("yes", "no")
    }
    assert all(case["note"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['symbol']} {case['kind']}")
def test_shapes_and_checks_take_valid_symbols_and_no_others(case: dict[str, str]) -> None:
    found = refused("symbol")[case["symbol"], case["kind"]]
    assert bool(found) == (case["valid"] == "no"), found


def test_the_official_symbol_begins_with_the_organ() -> None:
    for case in (case for case in CASES if case["valid"] == "yes"):
        short = re.match(r"[0-9]|E?S-", case["symbol"])
        assert ("shape:document-official-symbol" in refused("officialSymbol")[case["symbol"], case["kind"]]) == bool(
            short
        ), case


def test_imported_votes_find_each_resolution_of_the_general_assembly() -> None:
    own = [c for c in CASES if c["kind"] == "resolution" and c["valid"] == "yes" and c["symbol"].startswith("A/RES/")]
    assert len(own) >= 8
    for case in own:
        assert importer.iris_by_symbol(planted([case]).store) == {case["symbol"]: name(case["symbol"])}
        assert importer.official_symbol(case["symbol"]) == case["symbol"]


def test_conflicts_take_each_form_of_the_general_assembly() -> None:
    query = (ROOT / "queries" / "conflict-candidates" / "symbols.rq").read_text(encoding="utf-8")
    for case in (case for case in CASES if case["kind"] == "resolution" and case["valid"] == "yes"):
        odd = {row["oddity"].value for row in planted([case]).store.query(query)}
        ours = bool(GENERAL_ASSEMBLY.match(case["symbol"]))
        assert ("not a symbol of a resolution of the General Assembly" in odd) != ours, case
