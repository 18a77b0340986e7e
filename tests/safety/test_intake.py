"""RDF files of strangers: refused before a parser reads them, with the line, wherever a command reads one; nothing is fetched or run."""

import contextlib
import gzip
import itertools
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from conftest import OEWG, ROOT, Run, one_line
from effort import in_proportion
from oewg_kg import build, dataset
from oewg_kg.errors import LimitError, OewgError, ParseError
from oewg_kg.safety import rdf_guard
from oewg_kg.safety.rdf_guard import MAX_DEPTH

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://example.org/"'
XML = f'<?xml version="1.0"?>\nDOCTYPE<rdf:RDF {RDF}>\n<rdf:Description rdf:about="http://example.org/s"><e:p>VALUE</e:p></rdf:Description></rdf:RDF>'
LAUGHS = "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9))
TRIPLE = "<http://example.org/s> <http://example.org/p> "
DEEP = 3000


def xml(doctype: str = "", value: str = "x") -> str:
    return XML.replace("DOCTYPE", doctype).replace("VALUE", value)


def deep(opening: str, closing: str, start: str = "", end: str = "") -> str:
    return start + opening * DEEP + '"x"' + closing * DEEP + end


REFUSED = {
    "entities within entities.rdf": (
        xml(f'<!DOCTYPE rdf:RDF [<!ENTITY a "aaaaaaaaaa">{LAUGHS}]>', "&j;"),
        2,
        "DOCTYPE",
    ),
    "an entity in an entity.rdf": (xml('<!DOCTYPE rdf:RDF [<!ENTITY a "x"><!ENTITY b "&a;">]>', "&b;"), 2, "DOCTYPE"),
    "by its number.rdf": (xml('<!DOCTYPE rdf:RDF [<!ENTITY a "x"><!ENTITY b "&#38;a;">]>', "&b;"), 2, "DOCTYPE"),
    "markup as entity.rdf": (xml('<!DOCTYPE rdf:RDF [<!ENTITY a "<e:p/>">]>', "&a;"), 2, "DOCTYPE"),
    "parameter entity.rdf": (xml('<!DOCTYPE rdf:RDF [<!ENTITY % a "x"> %a;]>'), 2, "DOCTYPE"),
    "two doctypes.rdf": (xml('<!DOCTYPE rdf:RDF [<!ENTITY a "x">]>\n<!DOCTYPE rdf:RDF>', "&a;"), 3, "DOCTYPE"),
    "one long entity.rdf": (xml(f'<!DOCTYPE rdf:RDF [<!ENTITY a "{"x" * 9999}">]>', "&a;" * 9999), 2, "entities"),
    "an outside entity of a public name.rdf": (
        xml('<!DOCTYPE rdf:RDF [<!ENTITY a PUBLIC "x" "URL">]>', "&a;"),
        2,
        "DOCTYPE",
    ),
    "unknown encoding.rdf": (xml().replace("?>", ' encoding="unicode_escape"?>', 1), 1, "the encoding unicode_escape"),
    "another encoding than it says.rdf": (
        xml("", "\u0401").replace("?>", ' encoding="US-ASCII"?>', 1),
        3,
        "not US-ASCII",
    ),
    "small letters.rdf": (xml('<!doctype rdf:RDF [<!ENTITY a "x">]>', "&a;"), 2, "doctype"),
    "an outside entity.rdf": (xml('<!DOCTYPE rdf:RDF [<!ENTITY a SYSTEM "URL">]>', "&a;"), 2, "DOCTYPE"),
    "a file as entity.rdf": (xml('<!DOCTYPE rdf:RDF [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"), 2, "DOCTYPE"),
    "an outside subset.xml": (xml('<!DOCTYPE rdf:RDF SYSTEM "URL">'), 2, "DOCTYPE"),
    "in a comment.rdf": (xml('<!--><!DOCTYPE rdf:RDF [<!ENTITY a "x">]>-->', "&a;"), 2, "DOCTYPE"),
    "deep.rdf": (deep("<e:A><e:p>", "</e:p></e:A>", f"<rdf:RDF {RDF}>\n", "</rdf:RDF>"), 2, "nested too deeply"),
    "NUL.rdf": (xml("", "\0"), 3, "the file contains a NUL character"),
    "half a character.rdf": (xml("", "x").encode("utf-16") + b"\0", 3, "not UTF-16 text"),
    "a remote context.jsonld": ('{"@context":\n"URL"}', 2, "are not downloaded"),
    "one of several.jsonld": ('{"@context": [{}, {"a": "http://a/"},\n "URL"]}', 2, "are not downloaded"),
    "a file.jsonld": ('{"a": [{"@context":\n"file:///etc/passwd"}]}', 2, "are not downloaded"),
    "relative.jsonld": ('{"@context":\n"context.jsonld"}', 2, "are not downloaded"),
    "imported.jsonld": ('{"@context": {"@version": 1.1,\n"@import": "URL"}}', 2, "are not downloaded"),
    "scoped.jsonld": ('{"@context": {"a": {"@id": "http://a/",\n"@context": "URL"}}}', 2, "are not downloaded"),
    "written in escapes.jsonld": ('{"\\u0040context":\n"URL"}', 2, "are not downloaded"),
    "objects.jsonld": (deep('{"http://a/b":', "}"), 1, "nested too deeply"),
    "arrays.jsonld": (deep("[", "]"), 1, "nested too deeply"),
    "NUL.jsonld": ('{\n"a\0": 1}', 2, "the file contains a NUL character"),
    "surrogate.jsonld": (b'{\n"a\xed\xa0\x80": 1}', 2, "not UTF-8"),
    "no JSON.jsonld": ('{\n"a": }', 2, "not valid JSON"),
    "blank nodes.ttl": (deep("[ <http://a/b> ", "]", f"\n{TRIPLE}", " ."), 2, "nested too deeply"),
    "collections.ttl": (deep("(", ")", f"\n{TRIPLE}", " ."), 2, "nested too deeply"),
    "triple terms.ttl": (deep(f"<<( {TRIPLE}", ")>>", f"\n{TRIPLE}", " ."), 2, "nested too deeply"),
    "reified.ttl": (deep(f"<< {TRIPLE}", ">>", f"\n{TRIPLE}", " ."), 2, "nested too deeply"),
    "annotations.ttl": (deep("{| <http://a/b> 1 ", "|}", f"\n{TRIPLE} 1 ", " ."), 2, "nested too deeply"),
    "strings between.ttl": (
        deep("[ <http://a/b#]> \"]\", ']', ''']'''' , \"\"\"]\"\"\" ; a # ]\n ", "]", TRIPLE, " ."),
        MAX_DEPTH + 1,
        "nested too deeply",
    ),
    "never closed.ttl": (deep("[ <http://a/b> ", "", f"\n{TRIPLE}"), 2, "nested too deeply"),
    "named graphs.trig": (deep("[ <http://a/b> ", "]", f"\n<http://a/g> {{ {TRIPLE}", " }"), 2, "nested too deeply"),
    "triple terms.nt": (deep(f"<<( {TRIPLE}", ")>>", f"\n{TRIPLE}", " ."), 2, "nested too deeply"),
    "triple terms.nq": (deep(f"<<( {TRIPLE}", ")>>", f"\n{TRIPLE}", " ."), 2, "nested too deeply"),
    "NUL.ttl": (f'{TRIPLE} 1 .\n{TRIPLE} "a\0b" .', 2, "the file contains a NUL character"),
    "surrogate.ttl": (f'{TRIPLE} 1 .\n{TRIPLE} "a'.encode() + b'\xed\xa0\x80" .', 2, "not UTF-8"),
    "surrogate.nt": (f"{TRIPLE} <http://a/b> .\n{TRIPLE} ".encode() + b'"\xed\xa0\x80" .', 2, "not UTF-8"),
    "escaped surrogate.ttl": (f'{TRIPLE} 1 .\n{TRIPLE} "\\uD800" .', 2, "not a valid unicode character"),
    "UTF-16.ttl": (f"{TRIPLE} 1 .".encode("utf-16"), 1, "not UTF-8"),
}
ACCEPTED = {
    "plain.rdf": xml(),
    "byte-order mark.rdf": "\ufeff" + xml(),
    "comments and CDATA.rdf": xml("<!-- <a> -->", "<![CDATA[<a><b>]]>"),
    "flat.rdf": xml().replace("<e:p>x</e:p>", '<e:p e:q=">"/>' * (MAX_DEPTH * 2)),
    "a context of its own.jsonld": '{"@context": {"a": "http://example.org/"}, "@id": "a:s", "a:p": 1e5, "a:q": '
    + "1" * 5000
    + "}",
    "brackets in strings.jsonld": '{"@id": "http://example.org/s", "http://example.org/p": "' + "[{" * 500 + '\\""}',
    "brackets in strings.ttl": f'{TRIPLE} \'{"[(" * 500}\', """"{"{" * 500}""" . # {"(" * 500}',
    "beside.ttl": f"{TRIPLE} " + ", ".join(["[]", "( 1 )", "[ <http://a/b> ( [] ) ]"] * 500) + " .",
    "prefixes.ttl": "@prefix a: <http://a/#> . a:b\\'c\\(d a:e \"it's [\"@en, '\\'[', \"\\\\\" .",
    "quoted.trig": f"<http://a/g> {{ {TRIPLE} << {TRIPLE} 1 >> , <<( {TRIPLE} 1 )>> }}",
}


VALUE = "Côte d’Ivoire"
PROTEGE = """<!DOCTYPE rdf:RDF [
    <!ENTITY e "http://example.org/" > <!-- the namespace: <!ENTITY e "wrong"> -->
    <!ENTITY say 'a "b" &gt;' >
    <!ENTITY e "of two the first counts" >
]>
""".replace(" &gt;", " >")
AS_WRITTEN: dict[str, bytes] = {
    **{
        f"mark.{name}": b"\xef\xbb\xbf" + f'<http://example.org/s> <http://example.org/p> "{VALUE}" .'.encode()
        for name in (
            "ttl",
            "nt",
            "nq",
            "trig",
            "n3",
            "turtle",
            "TTL",
        )
    },
    "mark.jsonld": b"\xef\xbb\xbf"
    + json.dumps({"@id": "http://example.org/s", "http://example.org/p": VALUE}).encode(),
    "plain.json": json.dumps({"@id": "http://example.org/s", "http://example.org/p": VALUE}).encode(),
    "mark.rdf": b"\xef\xbb\xbf" + xml("", VALUE).encode(),
    "plain.owl": xml("", VALUE).encode(),
    "plain.xml": xml("", VALUE).encode(),
    "UTF-16.rdf": xml("", VALUE).replace("?>", ' encoding="UTF-16"?>', 1).encode("utf-16"),
    "UTF-16 without mark.rdf": xml("", VALUE).encode("utf-16-be"),
    "UTF-16 in words only.rdf": xml("", VALUE).replace("?>", ' encoding="UTF-16"?>', 1).encode(),
    "Windows.rdf": xml("", VALUE).replace("?>", " encoding='windows-1252' standalone='yes'?>", 1).encode("cp1252"),
    "Protégé.owl": xml(PROTEGE, VALUE).replace('about="http://example.org/s"', 'about="&e;s"').encode(),
    "packed.ttl.gz": gzip.compress(f'<http://example.org/s> <http://example.org/p> "{VALUE}" .'.encode()),
    "packed.rdf.gz": gzip.compress(xml("", VALUE).encode("utf-16")),
}


@pytest.mark.parametrize("name", AS_WRITTEN)
def test_a_file_of_any_encoding_that_it_names_is_read_as_written(tmp_path: Path, name: str) -> None:
    expected = ox.Triple(ox.NamedNode("http://example.org/s"), ox.NamedNode("http://example.org/p"), ox.Literal(VALUE))
    place = written(tmp_path, name, AS_WRITTEN[name])
    assert [quad.triple for quad in dataset.parse(place, name)] == [expected]
    assert {quad.triple for quad in build.files_alone([place]).store} == {expected}


def test_entities_stand_for_their_text_in_values_and_attributes_and_not_in_cdata(tmp_path: Path) -> None:
    for value, expected in (("&say; &e; &lt;", 'a "b" > http://example.org/ <'), ("<![CDATA[&e;]]>", "&e;")):
        content = xml(PROTEGE, value).replace("<e:p>", '<e:p rdf:datatype="&e;d">')
        (quad,) = dataset.parse(written(tmp_path, "a.owl", content), "a.owl")
        assert quad.object == ox.Literal(expected, datatype=ox.NamedNode("http://example.org/d"))


def test_a_line_after_a_doctype_has_its_number(tmp_path: Path) -> None:
    place = written(tmp_path, "a.owl", xml(PROTEGE, "x\n\0"))
    with pytest.raises(
        ParseError, match=rf"a\.owl:{place.read_text().count(chr(10)) + 1}:1: the file contains a NUL character"
    ):
        dataset.parse(place, "a.owl")


def test_a_file_is_read_in_the_format_of_its_name(oewg: Run, tmp_path: Path) -> None:
    place = written(tmp_path, "facts.owl", f"{TRIPLE} 1 .")
    assert one_line(oewg("validate", str(place)).stderr).startswith(f"oewg: {place}:1:")
    renamed = place.rename(place.with_suffix(".ttl"))
    assert oewg("validate", str(renamed)).exit_code == 0
    assert oewg("diff", str(renamed), str(renamed)).exit_code == 0


@pytest.mark.slow
def test_what_unpacks_without_end_or_is_cut_short_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"#" * (rdf_guard.MAX_UNPACKED + 1))
    assert len(packed) < 1 << 20
    for content, error, what in (
        (packed, LimitError, "decompresses to more than 256 MiB"),
        (gzip.compress(TRIPLE.encode() * 9)[:-9], ParseError, "the gzip data are damaged"),
        (b"\x1f\x8b\x08nothing packed", ParseError, "the gzip data are damaged"),
    ):
        place = written(tmp_path, "a.ttl.gz", content)
        with pytest.raises(error, match=what):
            build.files_alone([place])


def written(folder: Path, name: str, content: str | bytes, url: str = "") -> Path:
    place = folder / name
    place.write_bytes(content if isinstance(content, bytes) else content.replace("URL", url).encode())
    return place


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_would_do_harm_is_refused_with_its_line(tmp_path: Path, canary: str, name: str) -> None:
    content, line, reason = REFUSED[name]
    place = written(tmp_path, name, content, canary)
    with pytest.raises(OewgError) as caught:
        build.files_alone([place])
    assert isinstance(caught.value, ParseError | LimitError)
    assert caught.value.where.rpartition(":")[0] == f"{place}:{line}"
    assert reason in caught.value.what


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_valid_file_is_read(tmp_path: Path, name: str) -> None:
    assert dataset.parse(written(tmp_path, name, ACCEPTED[name]), name)


def test_depth_is_counted_to_the_level(tmp_path: Path) -> None:
    for depth, read in ((MAX_DEPTH, True), (MAX_DEPTH + 1, False)):
        place = written(tmp_path, "a.ttl", f"{TRIPLE} {'( ' * depth}{') ' * depth} .")
        if read:
            assert dataset.parse(place, "a.ttl")
        else:
            with pytest.raises(LimitError, match=f"a.ttl:1:.*nested too deeply; use at most {MAX_DEPTH} levels"):
                dataset.parse(place, "a.ttl")


UNITS = [
    '"',
    "'",
    "\\",
    "<",
    ">",
    "#",
    "\n",
    "/",
    "!--",
    "-->",
    "<!--",
    "?",
    "<?",
    "<![CDATA[",
    "]]>",
    "<a ",
    "/>",
    "{",
    "]",
    "&a;",
    "a",
]


@pytest.mark.parametrize("syntax", ["turtle", "jsonld", "rdfxml"])
@pytest.mark.slow
def test_twice_the_text_takes_twice_the_time(syntax: str) -> None:
    """Every unit of up to three signs, repeated: eight times as long may take eight times as long, not sixty-four times."""
    pattern = rdf_guard.SIGNS.get(syntax, rdf_guard.TURTLE)
    units = map("".join, itertools.chain(*(itertools.product(UNITS, repeat=size) for size in (1, 2, 3))))
    assert not [unit for unit in units if not in_proportion(lambda times: read(pattern, unit * times), 1000, 0.004)]  # noqa: B023


def read(pattern: re.Pattern[str], text: str) -> None:
    """Read a text, up to the depth at which a file would be refused."""
    depth = 0
    for match in pattern.finditer(text):
        depth += -1 if match[1] in rdf_guard.CLOSING else 1
        if depth > MAX_DEPTH:
            break


PARTS = ['"', "'", '"""', "\\", '\\"""', "<", "#", ">", '"\n', "<!--", "<![CDATA[", "<a ", "<a '", "<?", "( ) ", "[] "]


@pytest.mark.parametrize("name", ["a.ttl", "a.jsonld", "a.rdf"])
def test_what_never_ends_is_read_once_and_not_once_for_each_place(tmp_path: Path, name: str) -> None:
    def parse(times: int) -> None:
        with contextlib.suppress(OewgError):
            dataset.parse(written(tmp_path, name, part * times), name)

    for part in PARTS:
        assert in_proportion(parse, 12_500), part


def test_a_term_without_end_is_reported(tmp_path: Path) -> None:
    with pytest.raises(LimitError, match="a term is longer than 16 MiB"):
        dataset.parse(written(tmp_path, "a.nt", "<http://a/" + "a" * (20 << 20)), "a.nt")


@pytest.mark.parametrize("start", ["", "_:"])
def test_a_term_longer_than_a_parser_takes_enters_no_dataset(tmp_path: Path, start: str) -> None:
    """The store's own loader takes it, but no snapshot with it can be read again."""
    place = written(tmp_path, "a.ttl", f"<http://a/a> <http://a/b> '{start}{'x' * (17 << 20)}' .")
    with pytest.raises(LimitError, match=r"a\.ttl: a term is longer than 16 MiB"):
        build.files_alone([place])


COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "serve": lambda place: ["serve", "--data", str(place), "--port", "1"],
    "validate": lambda place: ["validate", str(place)],
    "diff": lambda place: ["diff", str(place), str(place)],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["entities within entities.rdf", "triple terms.nt", "a remote context.jsonld"])
@pytest.mark.slow
def test_every_command_that_reads_files_takes_this_care(tmp_path: Path, canary: str, command: str, name: str) -> None:
    """A process of little memory tells one line, and does not crash."""
    content, line, _ = REFUSED[name]
    place = written(tmp_path, name, content, canary)
    limited = ["sh", "-c", 'ulimit -v 1000000; exec "$@"', "sh", str(OEWG), "--root", str(ROOT)]
    done = subprocess.run([*limited, *COMMANDS[command](place)], capture_output=True, text=True, check=False)
    assert done.returncode in (ParseError.exit_code, LimitError.exit_code)
    assert one_line(done.stderr).startswith(f"oewg: {place}:{line}:")


SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix oewg: <https://w3id.org/oewg-kg/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<http://example.org/mine> a owl:Ontology ; owl:imports <URL> .
<http://example.org/shape> a sh:NodeShape ; sh:targetClass oewg:State , oewg:StateGroup ;
    sh:js [ sh:jsFunctionName "f" ; sh:jsLibrary <URL> ] ;
    sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT { $this a $this } WHERE { SERVICE <URL> { $this ?p ?o } }" ] ;
    sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { SERVICE <URL> { ?this ?p ?o } }" ] ;
    sh:sparql [ sh:select "SELECT $this { SERVICE <URL> { $this ?p ?o } }" ; sh:message "run" ] .
"""
INERT = ["owl:imports", "sh:js", "sh:rule", "sh:sparql", "sh:target"]


@pytest.mark.parametrize("where", ["data", "shapes"])
def test_validate_fetches_and_runs_nothing_and_says_so(
    oewg: Run, mini: Path, tmp_path: Path, canary: str, where: str
) -> None:
    folder = tmp_path if where == "data" else mini / "shapes"
    folder.mkdir(exist_ok=True)
    place = written(folder, "stranger.ttl", SHAPES, canary)
    found = json.loads(oewg("validate", *([str(place)] if where == "data" else []), "-f", "json").stdout)["results"]
    told = [
        result
        for result in found
        if re.search("is ignored|is not followed", result["message"]) and result["path"] in INERT
    ]
    assert sorted(result["path"] for result in told) == INERT
    assert {result["severity"] for result in told} == {"Warning"}
    assert {result["file"] for result in told} == {str(place) if where == "data" else "shapes"}
    assert not any(result["message"] == "run" for result in found)


def test_a_check_that_reaches_out_is_not_run(oewg: Run, mini: Path, canary: str) -> None:
    folder = mini / "queries" / "checks"
    folder.mkdir(exist_ok=True)
    query = f"SELECT ?focus ?message {{ SERVICE <{canary}> {{ ?focus ?p ?message }} }}"
    (folder / "stranger-violation.rq").write_text(query)
    done = oewg("validate")
    assert done.exit_code == 2
    assert "SERVICE is not allowed here" in one_line(done.stderr)


@pytest.mark.slow
def test_a_blank_node_of_a_stranger_is_judged_too(oewg: Run, tmp_path: Path) -> None:
    text = "[] a <https://w3id.org/oewg-kg/ontology#State> ."
    (tmp_path / "a.ttl").write_text(text)
    done = oewg("validate", str(tmp_path / "a.ttl"), "-f", "json", root=ROOT)
    assert done.exit_code == 1
    assert {result["focus"] for result in json.loads(done.stdout)["results"]} == {"an entity without an IRI"}
