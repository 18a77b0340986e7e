"""The SPARQL editor on the running server: it completes our terms, runs queries there, and asks nobody else."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from browser import Visit
from conftest import ROOT
from external import missing
from oewg_kg.serve.lookups import HERE
from oewg_kg.vocabulary import PREFIXES

pytestmark = pytest.mark.slow

BUILT = HERE / "static" / "built"
VALUE = "() => document.querySelector('.CodeMirror').CodeMirror.getValue()"


@pytest.fixture
def page(visit: Visit) -> Any:
    """Open the SPARQL page with its editor; complaints, and requests to other hosts, fail the test at its end."""
    if not (BUILT / "editor.js").is_file():
        missing("the editor", "make web")
    found = visit("/sparql")
    found.locator(".CodeMirror").wait_for()
    return found


def typed(page: Any, text: str) -> None:
    """Empty the editor and type into it."""
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text, delay=5)


def test_our_terms_are_offered_to_the_editor(site: str) -> None:
    with urllib.request.urlopen(f"{site}/sparql-terms.json") as answer:
        told = json.load(answer)
    assert told["prefixes"] == PREFIXES
    classes, properties = dict(told["classes"]), dict(told["properties"])
    with urllib.request.urlopen(f"{site}/sparql-things.json") as answer:
        assert dict(json.load(answer))["state:EST"] == "Estonia"
    assert classes["oewg:Contribution"] == "contribution"
    assert properties["oewg:submittedBy"] == "submitted by"
    assert len(classes) > 30
    assert len(properties) > 80
    assert not [curie for curie in [*classes, *properties] if ":" not in curie or "//" in curie]


def test_properties_and_classes_are_completed_and_the_prefix_needs_no_declaration(page: Any) -> None:
    typed(page, "SELECT * { ?one oewg:submi")
    page.locator(".CodeMirror-hint", has_text="oewg:submittedBy").first.click()
    assert "oewg:submittedBy" in page.evaluate(VALUE)
    assert "PREFIX" not in page.evaluate(VALUE)
    typed(page, "SELECT * { ?one a oewg:Contrib")
    page.locator(".CodeMirror-hint", has_text="oewg:Contribution").wait_for()
    page.keyboard.press("Enter")
    assert "?one a oewg:Contribution" in page.evaluate(VALUE)


def test_a_property_is_found_by_a_word_of_its_label(page: Any) -> None:
    typed(page, "SELECT * { ?one submitted")
    page.keyboard.press("Control+Space")
    page.locator(".CodeMirror-hint", has_text="oewg:submittedBy").wait_for()


def test_prefixes_are_completed(page: Any) -> None:
    typed(page, "PREFIX stak")
    page.locator(".CodeMirror-hint", has_text=PREFIXES["stakeholder"]).wait_for()


def test_a_query_is_run_here_and_its_address_holds_it(page: Any, site: str) -> None:
    typed(page, "SELECT ?code { state:EST oewg:iso2 ?code }")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("#results tbody tr > *").first.wait_for()
    assert page.locator("#results tbody tr > *").all_inner_texts() == ["EE"]
    assert page.url.startswith(f"{site}/sparql?query=")
    page.reload()
    assert page.locator("#results tbody tr > *").all_inner_texts() == ["EE"]
    page.locator(".CodeMirror").wait_for()
    assert "oewg:iso2" in page.evaluate(VALUE)


def test_the_keyboard_runs_a_query_and_is_not_caught(page: Any) -> None:
    typed(page, "ASK { state:EST a oewg:State }")
    page.keyboard.press("Escape")
    page.locator(".CodeMirror").click()
    page.keyboard.press("Control+Enter")
    page.locator("#result").wait_for()
    assert page.locator("#result").inner_text() == "Yes"
    page.locator(".CodeMirror").click()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('.CodeMirror') === null")


def test_a_faulty_query_is_reported_in_place(page: Any) -> None:
    typed(page, "SELECT * { ?s ?p }")
    page.keyboard.press("Escape")
    page.locator(".parseErrorIcon").hover()
    assert page.locator(".yasqe_tooltip strong").count() > 3, "what would be expected there"
    with page.expect_response("**/sparql?*") as answer:
        page.get_by_role("button", name="Ask", exact=True).click()
    assert answer.value.status == 400
    assert "query:1:19: syntax error" in page.locator("#results .problem").inner_text()


def test_a_saved_question_goes_into_the_editor_and_is_answered(page: Any) -> None:
    page.locator("#saved").fill("states-on-both-drafts")
    page.get_by_role("button", name="Copy to the editor").click()
    page.get_by_text("#+ summary:").wait_for()
    assert page.evaluate(VALUE) == (ROOT / "queries" / "states-on-both-drafts.rq").read_text()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("#result").wait_for()
    assert page.locator("#result").inner_text() == "31 rows"


def test_another_format_is_a_download_of_the_server(page: Any) -> None:
    typed(page, "SELECT ?code { state:EST oewg:iso2 ?code }")
    page.keyboard.press("Escape")
    page.locator("#format").select_option("csv")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Ask", exact=True).click()
    assert Path(saved.value.path()).read_text().split() == ["code", "EE"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_can_be_read_in_both_schemes(visit: Visit, scheme: str) -> None:
    if not (BUILT / "editor.js").is_file():
        missing("the editor", "make web")
    page = visit("/sparql?saved=states-on-both-drafts", color_scheme=scheme)
    page.locator(".CodeMirror .cm-keyword").first.wait_for()
    weak = page.evaluate(
        """() => {
            const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
            const light = (color) => color.slice(0, 3)
                .map((part) => (part /= 255) <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
                .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
            const paper = light(numbers(getComputedStyle(document.querySelector(".CodeMirror")).backgroundColor));
            return [...document.querySelectorAll(".CodeMirror-code span")].filter((span) => {
                const ink = light(numbers(getComputedStyle(span).color));
                return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) < 4.5;
            }).map((span) => `${span.className}: ${span.textContent}`);
        }"""
    )
    assert not weak


def test_the_plain_form_works_without_javascript(visit: Visit) -> None:
    page = visit("/sparql", java_script_enabled=False)
    assert page.locator(".CodeMirror").count() == 0
    page.locator("#query").fill("SELECT ?code { state:EST oewg:iso2 ?code }")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert page.locator("#results tbody tr > *").all_inner_texts() == ["EE"]


def test_what_is_built_names_the_licenses_of_all_that_is_inside() -> None:
    if not BUILT.is_dir():
        missing("the editor", "make web")
    told = (BUILT / "licenses.txt").read_text()
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    inside = [name for name, one in packages.items() if name and not one.get("dev")]
    assert len(inside) > 8
    assert not [name for name in inside if name.removeprefix("node_modules/") + " " not in told]
