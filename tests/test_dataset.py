"""Files become named graphs: a line's graph comes from one file, a syntax error has a place, terms survive the bridge."""

from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from ask_rdflib import oxigraph_term
from oewg_kg import build, dataset, paths
from oewg_kg.errors import OewgError, ParseError, StorageError, UsageError
from oewg_kg.vocabulary import BASE, PREFIXES

XSD = PREFIXES["xsd"]


def load(folder: Path) -> dataset.Dataset:
    return dataset.load(paths.find(str(folder)))


def put(folder: Path, name: str, text: str | bytes) -> None:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text.encode() if isinstance(text, str) else text)


def test_a_line_is_a_graph_and_knows_its_file(mini: Path) -> None:
    found = load(mini)
    line = ox.NamedNode(PREFIXES["source"] + "oewg-2019-2021#L2")
    assert found.files[line.value] == "data/sources/oewg-2019-2021.trig"
    assert len(list(found.store.quads_for_pattern(None, None, None, line))) == 6
    assert not list(dataset.default_graph(found)), "the resolved view is made later"


def test_a_turtle_file_is_a_graph_of_its_own(mini: Path) -> None:
    found = load(mini)
    assert found.files[BASE + "graph/data/actors/actors"] == "data/actors/actors.ttl"


@pytest.mark.parametrize("name", ["two words.ttl", "with{brackets}.ttl", "naïve %zz.ttl", 'say"so".ttl', "a.b.ttl"])
def test_a_file_may_have_any_name(name: str, mini: Path) -> None:
    put(mini, f"data/{name}", "<http://a/a> <http://a/b> <http://a/c> .")
    assert f"data/{name}" in load(mini).files.values()


def test_a_line_is_transcribed_in_one_file_only(mini: Path) -> None:
    put(mini, "data/z.trig", f"<{PREFIXES['p1']}2> {{ <http://a/a> <http://a/b> 1 }}")
    with pytest.raises(
        ParseError, match=r"data/z\.trig: graph <.*#L2> is also in data/sources/oewg-2019-2021\.trig; record"
    ):
        load(mini)


def test_a_triple_outside_every_line_is_refused(mini: Path) -> None:
    put(mini, "data/z.trig", "<http://a/a> <http://a/b> 1 .")
    with pytest.raises(ParseError, match=r"data/z\.trig: .*<http://a/a> is not in any named graph; move it into"):
        load(mini)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<http://a/a> <http://a/b> 1", ":1:"),
        ("<http://a/a>\n  <http://a/b> nowhere:x .", ":2:"),
        ("\n\n<http://a/a> <http://a/b> 'open .", ":3:"),
        ("<http://a/a> <http://a/b> <http://%zz> .", ":1:"),
        ('<http://a/a> <http://a/b> "é" .'.encode("latin-1"), ":1:"),
        (b"\x00\xff", ":1:"),
    ],
)
def test_a_syntax_error_names_file_line_and_column(text: str | bytes, place: str, mini: Path) -> None:
    put(mini, "data/wrong.ttl", text)
    with pytest.raises(ParseError) as error:
        load(mini)
    assert error.value.where.startswith(f"data/wrong.ttl{place}")
    assert error.value.where.rpartition(":")[2].isdigit()


@pytest.mark.parametrize("text", ["", "# nothing but a comment", "\r\n<http://a/a> <http://a/b> 1 .\r\n"])
def test_an_empty_file_and_other_line_ends_are_valid(text: str, mini: Path) -> None:
    put(mini, "data/more.ttl", text)
    load(mini)


def test_blank_nodes_have_the_same_labels_each_time(mini: Path) -> None:
    one, other = ({str(q) for q in load(mini).store if isinstance(q.subject, ox.BlankNode)} for _ in range(2))
    assert one == other
    assert len(one) >= 6


def test_blank_nodes_inside_triple_terms_have_the_same_labels_each_time(tmp_path: Path) -> None:
    place = tmp_path / "a.ttl"
    place.write_text("<http://a/s> <http://a/p> <<( _:mine <http://a/p> <http://a/o> )>> .")
    one, other = ({str(quad.object) for quad in dataset.read([place]).store} for _ in range(2))
    assert one == other
    assert len(one) == 1
    assert "mine" not in one.pop()


@pytest.mark.parametrize("names", [("a.ttl", "b.ttl"), ("a.nt", "b.nt"), ("a.ttl", "a.nt"), ("a.trig", "b.nq")])
def test_blank_nodes_of_two_files_are_two(names: tuple[str, str], tmp_path: Path) -> None:
    """RDF 1.1 Semantics, 4.1: graphs are merged with their blank nodes kept apart, whatever their labels."""
    texts = ("_:b0 <http://a/name> 'Ann' .", "_:b0 <http://a/age> '5' .")
    for name, text in zip(names, texts, strict=True):
        put(tmp_path, name, text.replace("'", '"'))
    alone = build.files_alone(tmp_path / name for name in names)
    assert len(list(dataset.default_graph(alone))) == 2
    assert not list(dataset.select(alone.store, "SELECT * { ?x <http://a/name> ?name ; <http://a/age> ?age }"))


@pytest.mark.parametrize("text", ["[] <http://a/name> 'Ann' .", "<http://a/g> { _:b <http://a/name> 'Ann' }"])
def test_a_blank_node_of_a_file_beside_the_graph_is_none_of_the_graph(text: str, mini: Path, tmp_path: Path) -> None:
    name = "own.trig" if "{" in text else "own.ttl"
    put(mini, "data/more.ttl", "_:b <http://a/age> '5' . [] <http://a/age> '6' .")
    put(tmp_path, name, text)
    both, own = build.with_external_files(paths.find(str(mini)), [tmp_path / name])
    assert len(own) == 1
    assert not list(dataset.select(both.store, "SELECT * { ?x <http://a/name> ?name ; <http://a/age> ?age }"))
    assert len(list(dataset.select(both.store, "SELECT * { ?x <http://a/name>|<http://a/age> ?any }"))) == 3


def test_blank_nodes_of_two_sources_of_a_root_are_two(mini: Path) -> None:
    put(mini, "data/one.ttl", "_:b <http://a/name> 'Ann' .")
    put(mini, "data/two.ttl", "_:b <http://a/age> '5' .")
    found, _ = build.build(paths.find(str(mini)))
    assert not list(dataset.select(found.store, "SELECT * { ?x <http://a/name> ?name ; <http://a/age> ?age }"))
    assert len(list(dataset.select(found.store, "SELECT * { ?x <http://a/name>|<http://a/age> ?any }"))) == 2


def test_one_node_of_a_file_stays_one_in_all_its_graphs(tmp_path: Path) -> None:
    put(tmp_path, "a.trig", "<http://a/g> { _:b <http://a/name> 'Ann' } <http://a/h> { _:b <http://a/age> '5' }")
    alone = build.files_alone([tmp_path / "a.trig"])
    assert len(list(dataset.select(alone.store, "SELECT * { ?x <http://a/name> ?name ; <http://a/age> ?age }"))) == 1


def test_a_file_that_is_not_there_or_of_no_known_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere\.ttl"):
        dataset.read([tmp_path / "nowhere.ttl"])
    with pytest.raises(UsageError, match="unknown RDF format"):
        dataset.read([tmp_path / "table.xlsx"])
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(OewgError):
        dataset.read([tmp_path / "folder.ttl"])


@pytest.mark.parametrize(
    "term",
    [
        ox.NamedNode("http://a/é"),
        ox.BlankNode("b1"),
        ox.Literal("plain"),
        ox.Literal("Türkiye", language="en"),
        ox.Literal("Türkiye", language="pt-br"),
        ox.Literal("007", datatype=ox.NamedNode(XSD + "integer")),
        ox.Literal("2021-02-30", datatype=ox.NamedNode(XSD + "date")),
        ox.Literal("1.50", datatype=ox.NamedNode(XSD + "decimal")),
        ox.Literal('two\nlines "quoted" \\'),
        ox.Literal(""),
    ],
)
@pytest.mark.filterwarnings("ignore")  # rdflib warns of the date that is none
def test_a_term_crosses_to_rdflib_and_back_unchanged(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> None:
    assert oxigraph_term(dataset.rdflib_term(term)) == term


def test_what_is_not_a_term_is_refused() -> None:
    with pytest.raises(TypeError):
        dataset.rdflib_term("text")
    with pytest.raises(TypeError):
        oxigraph_term("text")


def test_the_copy_for_rdflib_has_every_triple_and_our_prefixes(mini: Path) -> None:
    quads = list(load(mini).store)
    copy = dataset.to_rdflib(quads)
    assert len(copy) == len({(q.subject, q.predicate, q.object) for q in quads})
    assert dict(copy.namespaces())["oewg"] == rdflib.URIRef(PREFIXES["oewg"])


def test_a_select_is_expected() -> None:
    with pytest.raises(SyntaxError):
        dataset.select(ox.Store(), "ASK {}")
