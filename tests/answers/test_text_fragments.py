"""Links that land on the words of a line: their syntax, that they mean one place, and that Chromium finds it."""

import re
from typing import Any
from urllib.parse import unquote

import pyoxigraph as ox
import pytest

import material
from oewg_kg import terms
from oewg_kg.answers import text_fragments
from oewg_kg.answers.cited_sources import CitedSources
from oewg_kg.dataset import Dataset
from oewg_kg.evidence.coverage import line_digest, page_lines
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, OEWG
from served import PATIENCE

ADDRESS = "http://invented.example/page"
# An invented page: each line with the name and the label that it prints, if any.
INVENTED = [
    ("First list", "", "First list"),
    ("- Armenia [Non-paper, part 1 & 2]", "Armenia", "Non-paper, part 1 & 2"),
    ("- Mali", "Mali", ""),
    ("- Peru (about Mali - and #, %, =)", "Peru", "(about Mali - and #, %, =)"),
    ("Second list", "", "Second list"),
    ("- Armenia", "Armenia", ""),
    ("- Mali", "Mali", ""),
    ("- Türkiye / Ελλάδα", "Türkiye / Ελλάδα", ""),
    ("12 May 2020", "", "12 May 2020"),
    ("- Peru, in a sentence of which only the name is known", "Peru", ""),
]
LINKS = {
    1: "First%20list",
    2: "Armenia%20%5BNon%2Dpaper%2C%20part%201%20%26%202%5D",
    3: "Mali",
    4: "%28about%20Mali%20%2D%20and%20%23%2C%20%25%2C%20%3D%29",
    5: "Second%20list",
    6: "Armenia,-Mali",
    7: "Mali,-T%C3%BCrkiye%20%2F%20%CE%95%CE%BB%CE%BB%CE%AC%CE%B4%CE%B1",
    8: "T%C3%BCrkiye%20%2F%20%CE%95%CE%BB%CE%BB%CE%AC%CE%B4%CE%B1",
    9: "T%C3%BCrkiye%20%2F%20%CE%95%CE%BB%CE%BB%CE%AC%CE%B4%CE%B1-,12%20May%202020",
}
SEEN = """() => [...document.querySelectorAll("li")].filter(item => {
    const box = item.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
}).map(item => item.id)"""


@pytest.fixture
def invented() -> Dataset:
    """Transcribe the invented page."""
    store, page = ox.Store(), f"{BASE}source/invented"
    store.add(ox.Quad(ox.NamedNode(page), ox.NamedNode(OEWG + "address"), ox.NamedNode(ADDRESS)))
    for number, (text, name, label) in enumerate(INVENTED, 1):
        line, thing = ox.NamedNode(f"{page}#L{number}"), ox.NamedNode(f"{BASE}thing/{number}")
        store.add(ox.Quad(line, ox.NamedNode(OEWG + "digest"), ox.Literal(line_digest(text))))
        for kind, words in (("nameInSource", name), ("labelInSource", label)):
            if words:
                store.add(ox.Quad(thing, ox.NamedNode(OEWG + kind), ox.Literal(words), line))
    return Dataset(store, {})


def test_each_line_has_the_words_that_come_first_there_or_none(invented: Dataset) -> None:
    """A date identifies a line only with its neighbor; a name that a line above prints too does not, in a line not known in full."""
    found = text_fragments.directives(invented.store)
    assert {int(line.rpartition("#L")[2]): text for line, text in found.items()} == LINKS


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("", "a-b", ""), "a%2Db"),
        (("x, y", "b&c", "-"), "x%2C%20y-,b%26c,-%2D"),
        (("", "é%", "z"), "%C3%A9%25,-z"),
    ],
)
def test_dashes_commas_and_ampersands_are_encoded(parts: tuple[str, str, str], text: str) -> None:
    assert text_fragments.encode_directive(*parts) == text


def place_of(directive: str, lines: list[str]) -> int | None:
    """Find the line on which a browser finds a directive first: whole words, whatever their case, next to prefix and suffix."""
    parts = re.fullmatch(r"(?:(.*)-,)?([^,]*)(?:,-(.*))?", directive)
    assert parts and "," not in parts[2]
    before, words, after = (re.escape(unquote(part or "")) for part in parts.groups())
    pattern = (before and rf"{before}\s+") + rf"(?<!\w)({words})(?!\w)" + (after and rf"\s+{after}(?!\w)")
    whole = "\n".join(" ".join(line.removeprefix("- ").split()) for line in lines)
    found = re.search(pattern, whole, re.IGNORECASE)
    return whole.count("\n", 0, found.start(1)) + 1 if found else None


def test_on_the_pages_each_link_finds_its_line_first(kg: KnowledgeGraph) -> None:
    found, wrong = text_fragments.directives(kg.dataset.store), []
    numbers = kg.query("SELECT ?source ?number { ?source a oewg:Source ; skos:notation ?number }")
    texts = {}
    for row in numbers:  # type: ignore[union-attr]
        folder = material.needed("OEWG_PAGES", material.folder("OEWG_PAGES"), "the text of the pages")
        (file,) = folder.glob(f"{row['number']}_*.txt")  # type: ignore[call-overload,index]
        texts[row["source"]] = page_lines(file)  # type: ignore[call-overload,index]
    for line, directive in found.items():
        page, _, number = line.partition("#L")
        if place_of(directive, texts[page]) != int(number):
            wrong.append((terms.compact(line), directive))
    assert wrong == [] and len(found) >= 440


@pytest.mark.slow
def test_chromium_opens_an_invented_page_at_the_words(invented: Dataset, chromium: Any) -> None:
    shown = [text.removeprefix("- ").replace("&", "&amp;") for text, _, _ in INVENTED]
    items = "".join(f"<li id='n{number}'>{text}</li>" for number, text in enumerate(shown, 1))
    style = "<style>li { margin: 3000px 0; list-style: '- ' }</style>"
    body = f"<!doctype html><meta charset=utf-8><title>Invented</title>{style}<ul>{items}</ul>"
    for number in LINKS:
        page = chromium.new_page()
        page.route("**/*", lambda route: route.fulfill(body=body, content_type="text/html"))
        page.goto(CitedSources(invented).link(f"{BASE}source/invented#L{number}"))
        page.wait_for_function("window.scrollY > 0", timeout=1000 * PATIENCE)
        assert page.evaluate(SEEN) == [f"n{number}"]
        page.close()
