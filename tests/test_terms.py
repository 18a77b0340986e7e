"""Terms are written for people and read back from what people write."""

from pathlib import Path

import pyoxigraph as ox
import pytest

import oewg_kg
from oewg_kg import terms
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, PREFIXES


def test_every_prefix_is_written_and_read_back(kg: KnowledgeGraph) -> None:
    assert PREFIXES.keys() >= {"oewg", "state", "xsd", "p0", "p4"}
    for prefix, namespace in PREFIXES.items():
        assert terms.compact(f"{namespace}1") == f"{prefix}:1"
        assert terms.expand(f"{prefix}:1") == f"{namespace}1"


def test_two_roots_open_at_once_each_read_their_own_short_names(kg: KnowledgeGraph, checkout: Path) -> None:
    sources = checkout / "data" / "sources.ttl"
    text = (
        sources.read_text(encoding="utf-8").replace('Prefix "p3"', 'Prefix "p31"').replace('Prefix "p1"', 'Prefix "p3"')
    )
    sources.write_text(text.replace('Prefix "p31"', 'Prefix "p1"'), encoding="utf-8")
    other = oewg_kg.load(str(checkout))
    line = "SELECT ?number { p1:32 oewg:lineNumber ?number ; oewg:ofSource ?source FILTER (STRENDS(STR(?source), 'monitor')) }"
    assert [len(one.query(line)) for one in (kg, other, kg)] == [0, 1, 0]  # type: ignore[arg-type]


def test_no_two_prefixes_share_a_namespace() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("state:EST", BASE + "state/EST"),
        (" state:EST ", BASE + "state/EST"),
        ("p1:33", BASE + "source/oewg-2019-2021#L33"),
        ("https://example.org/a", "https://example.org/a"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("<urn:example:a>", "urn:example:a"),
        ("Zero Draft", None),
        ("nowhere:EST", None),
        ("https://example.org/a b", None),
        ("http://%zz", None),
        ("http://[", None),
        ("<http://[>", None),
        ("<state:EST", None),
        ("<>", None),
        ("state:a>b", None),
        ("state://x", None),
        ("", None),
        ("Iran: proposal", None),
    ],
)
def test_an_iri_or_curie_is_read(text: str, iri: str | None) -> None:
    if text == "state://x":  # no CURIE; an IRI of its own scheme
        assert terms.expand(text) == text
    else:
        assert terms.expand(text) == iri


@pytest.mark.parametrize("iri", ["https://example.org/a", BASE + "state/", BASE + "state/a b", BASE + "state/a."])
def test_an_iri_that_no_curie_fits_is_in_angle_brackets(iri: str) -> None:
    assert terms.compact(iri) == f"<{iri}>"


def test_the_longest_namespace_is_chosen() -> None:
    assert terms.compact(BASE + "source/oewg-2019-2021#L5") == "p1:5"
    assert terms.compact(BASE + "source/oewg-2019-2021") == "source:oewg-2019-2021"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I.R. Iran", "i r iran"),
        ("Türkiye", "TURKIYE"),
        ("TÜRKİYE", "türkiye"),
        ("Türkiye", "Türkiye"),  # the second is written with a combining mark
        ("Kırgızistan", "kirgizistan"),
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("  Zero   Draft ", "zero draft"),
        ("Non-Aligned", "non aligned"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_of_one_name_are_the_same_when_folded(one: str, other: str) -> None:
    assert terms.folded(one) == terms.folded(other)


def test_names_in_other_scripts_stay_apart() -> None:
    assert terms.folded("Россия") != terms.folded("Китай")
    assert terms.folded("中国")
    assert terms.folded("...") == ""


def test_a_label_is_the_english_preferred_one(mini_kg: KnowledgeGraph) -> None:
    assert terms.label(mini_kg.dataset.store, BASE + "state/TUR") == "Türkiye"
    assert terms.label(mini_kg.dataset.store, PREFIXES["oewg"] + "submittedBy") == "submitted by"
    assert terms.label(mini_kg.dataset.store, BASE + "state/XXX") is None
    assert terms.name(mini_kg.dataset.store, BASE + "state/XXX") == "state:XXX"


def test_lines_are_ordered_by_number() -> None:
    lines = [BASE + f"source/oewg-2019-2021#L{n}" for n in (10, 9, 100)] + [BASE + "graph/data/works"]
    assert [terms.line_name(line) for line in sorted(lines, key=terms.line_order)] == [
        "data/works",
        "oewg-2019-2021, line 9",
        "oewg-2019-2021, line 10",
        "oewg-2019-2021, line 100",
    ]


def test_plain_text_of_a_term() -> None:
    assert terms.text_of(None) == ""
    assert terms.text_of(ox.Literal("5", datatype=ox.NamedNode(PREFIXES["xsd"] + "integer"))) == "5"
    assert terms.text_of(ox.NamedNode("http://a/b")) == "http://a/b"
