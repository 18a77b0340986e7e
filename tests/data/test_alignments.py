"""Terms of ours beside those of other vocabularies: each outside term exists, and nothing new follows from a comparison."""

import csv
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from conftest import ROOT
from oewg_kg import mappings, terms
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.mappings import Mapping
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES

TABLE = ROOT / "data" / "links" / "ontology.sssom.tsv"
LISTS = sorted((ROOT / "tests" / "vocabularies").glob("*.txt"))
NAMES = ["bibo", "dcterms", "eli-dl", "frbr", "lode", "org", "prov", "schema", "skos", "undo"]
SKOS = PREFIXES["skos"]
MATCHES = {SKOS + f"{kind}Match" for kind in ("close", "broad", "narrow", "related")}
DECLARED = {
    PREFIXES["owl"] + name
    for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")
}


def listed(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def capital(iri: str) -> bool:
    return iri.replace("#", "/").rpartition("/")[2][0].isupper()


@pytest.fixture(scope="module")
def known() -> set[str]:
    return {term for path in LISTS for term in listed(path)}


@pytest.fixture(scope="module")
def alignments() -> list[Mapping]:
    return mappings.read(TABLE, TABLE.relative_to(ROOT).as_posix()).mappings


def test_each_list_of_terms_names_its_source_and_holds_the_terms_of_one_vocabulary() -> None:
    assert [path.stem for path in LISTS] == NAMES
    for path in LISTS:
        head, found = path.read_text(encoding="utf-8").splitlines()[:2], listed(path)
        assert head[0].startswith("# Terms of ") and head[1].startswith("# Source: "), (
            f"{path.name}: what, and from where"
        )
        assert found and found == sorted(set(found)), f"{path.name}: sorted, none twice"
        spaces = {term[: term.replace("#", "/").rindex("/") + 1] for term in found}
        assert len(spaces) == 1, f"{path.name}: one namespace"


def test_as_many_alignments_as_expected(alignments: list[Mapping]) -> None:
    assert len(alignments) == 124 and sum(mapping.negated for mapping in alignments) == 3
    spaces = Counter(path.stem for m in alignments for path in LISTS if m.object in set(listed(path)))
    assert set(spaces) == set(NAMES) - {"skos"}, (
        "each vocabulary of the lists is compared with ours; SKOS is used as it is"
    )


def test_each_outside_term_exists_in_its_vocabulary(alignments: list[Mapping], known: set[str]) -> None:
    missing = sorted({mapping.object for mapping in alignments} - known)
    assert not missing, (
        "correct the spelling, or add the term to its list in tests/vocabularies from a copy of the vocabulary"
    )


def test_each_reused_term_exists_in_its_vocabulary(kg: KnowledgeGraph, known: set[str]) -> None:
    spaces = {PREFIXES[name] for name in ("dcterms", "org", "prov", "skos")}
    used = {
        end.value
        for quad in kg.dataset.store
        for end in (quad.predicate, quad.object)
        if isinstance(end, ox.NamedNode) and any(end.value.startswith(space) for space in spaces)
    }
    assert len(used) > 20
    assert not sorted(used - known), "no such term in this vocabulary: correct the spelling"


def test_each_alignment_is_of_a_term_that_the_ontology_declares(alignments: list[Mapping], kg: KnowledgeGraph) -> None:
    kind = ox.NamedNode(PREFIXES["rdf"] + "type")
    for mapping in alignments:
        kinds = {
            terms.text_of(q.object)
            for q in kg.dataset.store.quads_for_pattern(ox.NamedNode(mapping.subject), kind, None)
        }
        assert mapping.subject.startswith(OEWG) and kinds & DECLARED, f"line {mapping.line}: no term of our ontology"


def test_classes_are_compared_with_classes_and_properties_with_properties(alignments: list[Mapping]) -> None:
    for mapping in alignments:
        assert capital(mapping.subject) == capital(mapping.object), f"line {mapping.line}: a class beside a property"


def test_alignments_are_matches_and_a_look_alike_is_none(alignments: list[Mapping]) -> None:
    assert {m.predicate for m in alignments if not m.negated} == MATCHES
    assert {m.predicate for m in alignments if m.negated} == {SKOS + "exactMatch"}


def test_no_two_terms_are_compared_twice(alignments: list[Mapping]) -> None:
    counts = Counter((mapping.subject, mapping.object) for mapping in alignments)
    assert not [pair for pair, count in counts.items() if count > 1], "one row for two terms"


def test_each_reason_is_a_reason(alignments: list[Mapping]) -> None:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == len(alignments)
    for row in rows:
        assert len(row["comment"].split()) >= 3, f"{row['subject_id']} and {row['object_id']}: say why in the comment"


def test_nothing_is_inferred_from_an_alignment(alignments: list[Mapping], kg: KnowledgeGraph) -> None:
    outside = {mapping.object for mapping in alignments}
    graph = ox.NamedNode(INFERRED)
    reused = {
        terms.text_of(q.subject)
        for q in kg.dataset.store.quads_for_pattern(None, ox.NamedNode(PREFIXES["rdfs"] + "label"), None)
    }
    found = [
        quad
        for quad in kg.dataset.store.quads_for_pattern(None, None, None, graph)
        for end in (quad.predicate, quad.object)
        if isinstance(end, ox.NamedNode) and end.value in outside - reused
    ]
    assert not found, "an alignment is a skos match, never rdfs:subClassOf or owl:equivalentClass"
