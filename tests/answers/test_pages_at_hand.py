"""The words of the lines, for who has the pages: where they are shown, and that they are those that were transcribed."""

from pathlib import Path

import pytest

from conftest import ROOT, Run
from explorer import serve
from oewg_kg.evidence import coverage
from oewg_kg.knowledge_graph import KnowledgeGraph

# tests/mini/pages/001_first.txt, lines 2 and 4
SECOND, FOURTH = "Estonia [comments]", "I.R. Iran [proposal], Türkiye [comments]"


def test_every_command_quotes_the_lines_that_it_cites(oewg: Run, mini: Path) -> None:
    pages = ("--pages", str(mini / "pages"))
    for words in (
        ("ask", "contributions-on", "-f", "md"),
        ("why", "contribution:mini-EST-1", "submittedBy", "-f", "md"),
    ):
        assert f"oewg-2019-2021 2: “{SECOND}”" in oewg(*words, *pages).stdout
        assert SECOND not in oewg(*words).stdout
    notes = oewg("ask", "contributions-on", "-f", "footnotes", *pages).stdout
    assert (
        r": “Estonia \[comments\]”." in notes and "“" not in oewg("ask", "contributions-on", "-f", "footnotes").stdout
    )


def test_a_page_is_known_by_its_digests_and_changed_lines_are_not_quoted(
    mini_kg: KnowledgeGraph, tmp_path: Path
) -> None:
    """Whatever the file's name, its line ends, and what was inserted above."""
    text = (ROOT / "tests" / "mini" / "pages" / "001_first.txt").read_text(encoding="utf-8")
    (tmp_path / "saved.txt").write_text("menu\n" + text.replace("Estonia", "Latvia"), encoding="utf-8", newline="\r\n")
    words = coverage.with_words(mini_kg.dataset, tmp_path).words
    assert {line.rpartition("/")[2] for line in words} == {f"oewg-2019-2021#L{n}" for n in (1, 4, 5, 6)}
    assert words["https://w3id.org/oewg-kg/source/oewg-2019-2021#L4"] == FOURTH


def test_a_folder_without_a_page_is_refused_in_one_line(oewg: Run, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("nothing of ours", encoding="utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\x00")
    for folder, code in ((tmp_path, 2), (tmp_path / "none", 5)):
        done = oewg("ask", "contributions-on", "--pages", str(folder))
        assert (done.exit_code, done.stderr.count("\n"), done.stdout) == (code, 1, "")


def test_the_explorer_shows_the_words_on_hover_and_with_the_line(mini_kg: KnowledgeGraph) -> None:
    without = KnowledgeGraph(mini_kg.root, mini_kg.dataset)
    with_words = KnowledgeGraph(mini_kg.root, coverage.with_words(mini_kg.dataset, mini_kg.root.folder / "pages"))
    for graph, count in ((with_words, 1), (without, 0)):
        for client in serve(graph):
            assert client.get("/source/oewg-2019-2021").text.count(f"<blockquote>{SECOND}</blockquote>") == count
            answer = client.get("/questions/contributions-on").text
            assert (f'title="{SECOND}">2</a>' in answer) == bool(count)


def test_the_frozen_site_shows_them_too(oewg: Run, mini: Path, tmp_path: Path) -> None:
    made = oewg("site", "-o", str(tmp_path / "site"), "--pages", str(mini / "pages"))
    assert made.exit_code == 0, made.stderr
    pages = list((tmp_path / "site" / "source").glob("oewg-2019-2021*.html"))
    assert any(f"<blockquote>{SECOND}</blockquote>" in page.read_text(encoding="utf-8") for page in pages)


@pytest.mark.parametrize("text", ["Write to a.b@c.example until May", "a.b@c.example"])
def test_addresses_of_people_are_never_shown(text: str) -> None:
    assert "@" not in coverage.EMAIL.sub("", text)


def test_coverage_checks_every_page_of_a_folder(oewg: Run, mini: Path) -> None:
    one = {page.name: oewg("coverage", str(page)).stdout for page in sorted((mini / "pages").iterdir())}
    (mini / "pages" / "notes.txt").write_text("of something else", encoding="utf-8")
    done = oewg("coverage", "--pages", str(mini / "pages"))
    assert done.stdout == "\n".join(one.values()) and len(one) == 2
