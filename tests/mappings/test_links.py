"""Mappings to other data sets: valid SSSOM, each with a reason, none for look-alikes, none invented."""

import csv
import importlib.util
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

import external
from conftest import ROOT
from oewg_kg import build, terms
from oewg_kg import mappings as link
from oewg_kg.dataset import Dataset
from oewg_kg.errors import ParseError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.mappings import Mapping
from oewg_kg.paths import Root
from oewg_kg.vocabulary import BASE, PREFIXES

TABLES = sorted((ROOT / "data" / "links").glob("*.sssom.tsv"))
NAMES = ["groups", "observers", "ontology", "organs", "resolutions", "stakeholders", "states", "un-bodies", "values"]
EXACT = PREFIXES["skos"] + "exactMatch"
WIKIDATA, ROR = "http://www.wikidata.org/entity/Q", "https://ror.org/"
HEAD = """#curie_map:
#  state: "https://w3id.org/oewg-kg/state/"
#  skos: http://www.w3.org/2004/02/skos/core#
#  wd: http://www.wikidata.org/entity/
#  semapv: https://w3id.org/semapv/vocab/
#license: https://creativecommons.org/licenses/by/4.0/
"""
COLUMNS = "subject_id\tpredicate_id\tpredicate_modifier\tobject_id\tmapping_justification\n"
GOOD = "state:EST\tskos:exactMatch\t\twd:Q191\tsemapv:ManualMappingCuration\n"


def read(path: Path) -> list[Mapping]:
    return link.read(path, path.relative_to(ROOT).as_posix()).mappings


def rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def mappings() -> list[Mapping]:
    return [mapping for path in TABLES for mapping in read(path)]


def test_the_tables_are_there(mappings: list[Mapping]) -> None:
    assert [path.name.removesuffix(link.ENDING) for path in TABLES] == NAMES
    assert len(mappings) == 1027
    assert sum(mapping.negated for mapping in mappings) == 26


@pytest.mark.parametrize("path", TABLES, ids=NAMES)
def test_each_row_says_what_why_how_sure_and_by_whom(path: Path, kg: KnowledgeGraph) -> None:
    labels = {mapping.subject: terms.name(kg.dataset.store, mapping.subject) for mapping in read(path)}
    for row, mapping in zip(rows(path), read(path), strict=True):
        place = f"{path.name}:{mapping.line}"
        assert row["subject_label"] == labels[mapping.subject], f"{place}: the label is that of the graph"
        assert row["object_label"] and row["author_label"] and row["comment"], (
            f"{place}: say what, who, and from which source"
        )
        assert mapping.justification.startswith("https://w3id.org/semapv/vocab/"), f"{place}: a justification of semapv"
        assert 0.5 < float(row["confidence"]) < 1, f"{place}: a confidence below 1"
        assert row["object_source"].startswith("web:")


@pytest.mark.parametrize("path", TABLES, ids=NAMES)
def test_rows_are_sorted_and_none_comes_twice(path: Path) -> None:
    keys = [
        tuple(row[c] for c in ("subject_id", "predicate_id", "predicate_modifier", "object_id")) for row in rows(path)
    ]
    assert keys == sorted(keys) and len(set(keys)) == len(keys)


def test_what_is_mapped_is_in_the_graph(mappings: list[Mapping], kg: KnowledgeGraph) -> None:
    known = {
        quad.subject.value
        for quad in kg.dataset.store.quads_for_pattern(None, ox.NamedNode(PREFIXES["rdf"] + "type"), None)
        if isinstance(quad.subject, ox.NamedNode)
    }
    assert not sorted({mapping.subject for mapping in mappings} - known), "these subjects are nothing in the graph"


def test_no_two_things_are_exactly_the_same_outside_thing(mappings: list[Mapping]) -> None:
    counts = Counter(mapping.object for mapping in mappings if mapping.predicate == EXACT and not mapping.negated)
    assert not [target for target, count in counts.items() if count > 1]


def test_each_state_is_exactly_one_thing_of_wikidata(mappings: list[Mapping]) -> None:
    states = Counter(
        m.subject
        for m in mappings
        if m.predicate == EXACT and m.object.startswith(WIKIDATA) and m.subject.startswith(PREFIXES["state"])
    )
    assert len(states) == 193 and set(states.values()) == {1}


def test_a_look_alike_is_not_a_match(mappings: list[Mapping], kg: KnowledgeGraph) -> None:
    apart = {(m.subject, m.object) for m in mappings if m.negated}
    assert (terms.expand("organ:aucil"), WIKIDATA + "2362881") in apart
    assert (terms.expand("stakeholder:orf-america"), ROR + "0228dbh09") in apart
    assert not apart & {(m.subject, m.object) for m in mappings if not m.negated}
    for subject, target in apart:
        assert not list(kg.dataset.store.quads_for_pattern(ox.NamedNode(subject), None, ox.NamedNode(target))), (
            "a row with Not makes no triple"
        )


@pytest.mark.filterwarnings("ignore::oewg_kg.errors.QueryWarning")  # the answer is meant to be empty
def test_mappings_are_matches_and_merge_nothing(mappings: list[Mapping], kg: KnowledgeGraph) -> None:
    matches = {PREFIXES["skos"] + f"{kind}Match" for kind in ("close", "broad", "narrow", "related")}
    assert {mapping.predicate for mapping in mappings} == {EXACT, PREFIXES["rdfs"] + "seeAlso", *matches}
    assert kg.query("ASK { ?a owl:sameAs ?b }") is False


def test_each_table_is_a_named_graph(mappings: list[Mapping], kg: KnowledgeGraph) -> None:
    graphs = {name: f"{BASE}graph/data/links/{name}" for name in NAMES}
    counts = {
        name: len(list(kg.dataset.store.quads_for_pattern(None, None, None, ox.NamedNode(graph))))
        for name, graph in graphs.items()
    }
    assert sum(counts.values()) == sum(not mapping.negated for mapping in mappings)
    assert all(kg.dataset.files[graph] == f"data/links/{name}{link.ENDING}" for name, graph in graphs.items())


def test_what_has_no_confirmed_mapping_has_none(kg: KnowledgeGraph) -> None:
    found = kg.query("SELECT ?s ?where WHERE { ?s oewg:noConfirmedMapping ?where }")
    assert not isinstance(found, bool | list)
    missing = {(str(row["s"]), str(row["where"])) for row in found}
    assert len(missing) == 116
    spaces = {"Wikidata": WIKIDATA, "ROR": ROR, "UN thesaurus (UNBIS)": "http://metadata.un.org/thesaurus/"}
    for subject, where in missing:
        matches = kg.dataset.store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(EXACT), None)
        assert not [quad for quad in matches if terms.text_of(quad.object).startswith(spaces[where])], (
            f"{subject} has a match in {where}: take the value out"
        )


# The command `sssom validate` for each table, in one process: most of the time goes into starting it.
VALIDATED = """
import sys
from sssom.cli import main
for path in sys.argv[1:]:
    print(path, flush=True)
    main(["validate", path], standalone_mode=False)
"""


@pytest.mark.slow
def test_the_validator_of_the_sssom_community_accepts_each_table(tmp_path: Path) -> None:
    if importlib.util.find_spec("sssom") is None:
        external.missing("sssom", "pip install sssom")
    command = [sys.executable, "-c", VALIDATED, *TABLES]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path)
    # It leaves out rows that it cannot read with a message and the exit code 0, so it has to be silent too.
    assert (done.returncode, done.stdout.splitlines()) == (0, [str(path) for path in TABLES])


def add(folder: Path, text: str) -> Dataset:
    (folder / "data" / "links").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "links" / "mini.sssom.tsv").write_text(text, encoding="utf-8")
    dataset = Dataset(ox.Store(), {})
    link.add(dataset, Root(folder, folder / "snapshot.nq"))
    return dataset


def test_a_row_becomes_one_triple_in_the_graph_of_its_table(tmp_path: Path) -> None:
    store = add(tmp_path, HEAD + COLUMNS + GOOD).store
    (quad,) = store
    assert (terms.text_of(quad.subject), quad.predicate.value) == (BASE + "state/EST", EXACT)
    assert (terms.text_of(quad.object), terms.text_of(quad.graph_name)) == (
        WIKIDATA + "191",
        BASE + "graph/data/links/mini",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + COLUMNS + GOOD.replace("wd:", "other:"), "mini.sssom.tsv:8:1"),
        (HEAD + COLUMNS + GOOD + GOOD.replace("\t\t", "\tNope\t"), "mini.sssom.tsv:9:1"),
        (HEAD + COLUMNS + GOOD.replace("wd:Q191", "wd:Q 1"), "is not a CURIE with a known prefix"),
        (HEAD + COLUMNS + "state:EST\n", "predicate_id"),
        (HEAD + COLUMNS.replace("object_id", "object") + GOOD, "the column object_id is missing"),
        (HEAD, "the column subject_id is missing"),
        (COLUMNS + GOOD, "curie_map"),
    ],
)
def test_a_faulty_table_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ParseError, match=message.replace(".", r"\.")):
        add(tmp_path, text)


def test_a_table_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    add(tmp_path, HEAD + COLUMNS + GOOD)
    (tmp_path / "data" / "links" / "mini.sssom.tsv").write_bytes(b"#curie_map:\n\xe9")
    with pytest.raises(ParseError, match="UTF-8"):
        link.add(Dataset(ox.Store(), {}), Root(tmp_path, tmp_path / "snapshot.nq"))


def test_a_changed_table_makes_the_snapshot_stale(tmp_path: Path) -> None:
    for folder in ("ontology", "queries"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    root = Root(tmp_path, tmp_path / "snapshot.nq")
    before = build.fingerprint(root)
    add(tmp_path, HEAD + COLUMNS + GOOD)
    assert build.fingerprint(root) != before
