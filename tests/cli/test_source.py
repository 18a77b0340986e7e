"""`oewg source add` and `oewg init`: all or nothing, and an error in one line for what cannot be added."""

import json
from pathlib import Path

import pytest

from conftest import ROOT, Run, one_line
from oewg_kg.draft import roots
from oewg_kg.errors import StorageError
from oewg_kg.knowledge_graph import load

NEW = "Working group on harbour lights\n\nStatements of Member States\n- Austria [statement]\n"
NAMED = ("--name", "lights", "--title", "Harbour lights")


def state_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in (root / "data").rglob("*") if path.is_file()
    }


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "lights.txt"
    file.write_text(NEW, encoding="utf-8")
    return file


def test_a_page_is_declared_with_its_lines_and_the_next_short_name(oewg: Run, mini: Path, page: Path) -> None:
    before = state_of(mini)
    given = ("--publisher", 'The "office"', "--retrieved", "2031-04-01", "--license", "https://example.org/license")
    assert oewg("source", "add", str(page), *NAMED, *given).exit_code == 0
    after = state_of(mini)
    assert after.keys() - before.keys() == {"data/sources/lights.trig", "data/sources/lights.lines.ttl"}
    assert after["data/sources.ttl"].startswith(before["data/sources.ttl"].rstrip())
    # the small world has the pages 001 and 003; the new page has four lines, one of them blank
    found = load(str(mini)).query("""SELECT ?number ?count ?day (COUNT(?line) AS ?lines) { ?source skos:notation ?number ;
        vann:preferredNamespacePrefix "p4" ; oewg:lineCount ?count ; dcterms:date ?day . ?line oewg:ofSource ?source }
        GROUP BY ?number ?count ?day""")
    assert found.rows == (("004", 4, "2031-04-01", 3),)  # type: ignore[union-attr]
    assert b"PREFIX p4: <https://w3id.org/oewg-kg/source/lights#L>\n" in after["data/sources/lights.trig"]
    told = oewg("coverage", str(page), "--next")
    assert [line.split()[0] for line in told.output.splitlines() if line.startswith("p4:")] == ["p4:1", "p4:3", "p4:4"]
    assert "lines still to record: 3" in told.output


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--name", "Lights 1", "--title", "x"), 2, "--name 'Lights 1' is not valid; use lowercase letters"),
        (("--name", "oewg-2019-2021", "--title", "x"), 2, "there is already a page oewg-2019-2021"),
        (("--name", "lights", "--title", " "), 2, "--title ' ' is not valid"),
        ((*NAMED, "--url", "example.org/page"), 2, "--url 'example.org/page' is not valid"),
        ((*NAMED, "--publisher", "Office, Harbour"), 2, "remove the comma"),
        ((*NAMED, "--license", "CC BY"), 2, "--license 'CC BY' is not valid"),
        ((*NAMED, "--retrieved", "1 April 2031"), 2, "--retrieved '1 April 2031' is not valid; use YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_added_leaves_everything_as_it_was(
    oewg: Run, mini: Path, page: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    before = state_of(mini)
    done = oewg("source", "add", str(page), *words)
    assert done.exit_code == code and says in one_line(done.stderr)
    assert state_of(mini) == before


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (None, 2, "this text is already recorded as source:oewg-2019-2021"),
        (b"<!DOCTYPE html><p>x</p>", 3, "this is HTML"),
        (b" \n\n", 3, "the page is empty"),
    ],
)
def test_a_text_that_is_a_page_already_or_is_none_is_refused(
    oewg: Run, mini: Path, page: Path, content: bytes | None, code: int, says: str
) -> None:
    first = (mini / "pages" / "001_first.txt").read_bytes()
    page.write_bytes(first.replace(b"\n", b"\r\n") if content is None else content)
    done = oewg("source", "add", str(page), *NAMED)
    assert done.exit_code == code and says in one_line(done.stderr)
    assert not (mini / "data" / "sources" / "lights.trig").exists()


def test_when_one_file_cannot_be_written_none_is_left(mini: Path, page: Path) -> None:
    kg = load(str(mini))
    (mini / "data" / "sources" / "lights.lines.ttl").mkdir()
    before = state_of(mini)
    with pytest.raises(StorageError):
        roots.add(kg.root, kg.dataset, page, "lights", "Harbour lights", {})
    assert state_of(mini) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("new", "--base", "https://example.org/x/"), "--base cannot be used with facts from our pages"),
        (("new", "--empty", "--base", "example.org"), "not a valid base"),
        (("new", "--empty", "--base", "https://example.org/x"), "not a valid base"),
        (("full", "--empty"), "the folder is not empty"),
    ],
)
def test_a_root_is_not_made_where_it_cannot_be(oewg: Run, tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    done = oewg("init", str(tmp_path / words[0]), *words[1:], root=ROOT)
    assert done.exit_code == 2 and says in one_line(done.stderr)
    assert not (tmp_path / "new").exists() and [path.name for path in (tmp_path / "full").iterdir()] == ["notes.txt"]


@pytest.mark.slow
def test_a_root_with_our_pages_answers_as_ours(oewg: Run, tmp_path: Path) -> None:
    assert oewg("init", str(tmp_path / "mine"), root=ROOT).exit_code == 0
    words = ("ask", "states-on-both-drafts", "--cite", "-f", "csv")
    assert oewg(*words, root=tmp_path / "mine").output == oewg(*words, root=ROOT).output


@pytest.mark.slow
def test_a_page_whose_lines_are_not_recorded_is_one_finding(oewg: Run, checkout: Path) -> None:
    (checkout / "data" / "sources" / "un-oewg.lines.ttl").unlink()
    done = oewg("validate", "-f", "json", root=checkout)
    wrong = [one for one in json.loads(done.stdout)["results"] if one["severity"] == "Violation"]
    assert [(one["shape"], one["focus"]) for one in wrong] == [("page-not-recorded-violation", "source:un-oewg")]
