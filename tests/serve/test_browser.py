"""Ways through the explorer in a real Chromium: from page to page, by keyboard, on paper and without JavaScript.

What a page says is tested in test_pages.py, how each kind of page looks in test_accessibility.py.
"""

import csv
import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from browser import Visit
from oewg_kg.knowledge_graph import KnowledgeGraph

pytestmark = pytest.mark.slow


def test_search_leads_to_a_thing(visit: Visit) -> None:
    page = visit("/questions")
    page.get_by_label("Search for a name, code or line").fill("Esti Vabariik")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=Esti*")
    assert "No name matches" in page.inner_text("main")
    page.get_by_label("Name, code, symbol, web address (IRI) or line").fill("estonia")
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name="Estonia", exact=True).click()
    page.wait_for_url("**/state/EST")
    assert page.inner_text("h1") == "Estonia"
    page.get_by_label("Search for a name, code or line").fill("p1:62")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="oewg-2019-2021, line 62").click()
    page.wait_for_url("**#L62")
    assert page.locator("li:target").get_attribute("id") == "L62"


def test_a_question_asked_otherwise(visit: Visit, kg: KnowledgeGraph) -> None:
    page = visit("/questions/states-on-both-drafts")
    assert page.inner_text("#answer") == "31 rows"
    page.get_by_label("second", exact=True).select_option(label="First Draft of the OEWG substantive report")
    page.get_by_label("type of actor", exact=True).select_option(label="actor")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**second=document*first-draft*")
    wanted = kg.ask("states-on-both-drafts", second="document:oewg1-first-draft", actor_class="oewg:Actor")
    assert len(wanted) > 0
    assert page.inner_text("#answer") == f"{len(wanted)} row{'s' if len(wanted) > 1 else ''}"
    assert page.locator("main tbody tr").count() == len(wanted)
    assert "the First Draft of the OEWG substantive report" in page.inner_text("h1")
    chip = page.locator(".readings a").first
    name, _, rows = chip.inner_text().partition(": ")
    assert name == "if only comments count"
    chip.click()
    page.wait_for_url("**kind=kind*comments*")
    assert page.inner_text("#answer") == rows.partition(",")[0]
    assert "only comments" not in page.inner_text(".readings"), "the reading already asked is offered as another one"
    page.get_by_role("link", name="the default settings").click()
    page.wait_for_url("**/states-on-both-drafts")
    assert page.inner_text("#answer") == "31 rows"


def test_from_a_cell_of_the_matrix_to_the_line_that_proves_it(visit: Visit) -> None:
    page = visit("/matrix")
    page.get_by_role("link", name="Eastern European Group").click()
    page.wait_for_url("**only=region*Eastern*")
    row = page.locator("tbody tr", has=page.get_by_role("rowheader", name="Russian Federation"))
    assert page.locator("tbody tr").count() < 20
    row.get_by_role("link", name="ZD amendments").click()
    page.wait_for_url("**/contribution/oewg1-zd-RUS-4")
    assert page.inner_text("h1") == "Russian Federation: ZD amendments"
    page.get_by_role("link", name="62").first.click()
    page.wait_for_url("**#L62")
    line = page.locator("li:target")
    assert line.get_attribute("id") == "L62"
    assert "ZD amendments" in line.inner_text()
    assert line.evaluate("one => { const b = one.getBoundingClientRect(); return b.top >= 0 && b.top < innerHeight }")


def test_a_line_cited_by_its_bare_iri_is_shown(visit: Visit) -> None:
    page = visit("/source/oewg-2019-2021#L62")
    page.wait_for_url("**/source/oewg-2019-2021?from=41#L62")
    assert "ZD amendments" in page.locator("li:target").inner_text()
    plain = visit("/source/oewg-2019-2021#L62", java_script_enabled=False)
    plain.locator("nav.lines a:target").click()
    plain.wait_for_url("**from=41#L62")
    assert "ZD amendments" in plain.locator("li:target").inner_text()


def test_the_conflicts_tell_what_would_change(visit: Visit) -> None:
    page = visit("/conflicts")
    page.get_by_role("link", name="superseded").click()
    page.wait_for_url("**reason=superseded")
    page.get_by_role("link", name="which answers would change").click()
    page.wait_for_url("**changes=1")
    aside = page.locator("tr.aside").first
    assert aside.locator("del").evaluate("one => getComputedStyle(one).textDecorationLine") == "line-through"
    assert "set aside" in aside.inner_text()
    assert "answers change" in page.inner_text("main") or "no answer would change" in page.inner_text("main")
    title = page.locator("section.conflict h2 a").first.inner_text()
    page.locator("section.conflict h2 a").first.click()
    page.wait_for_url("**/decision/*")
    assert page.inner_text("h1") == title


def test_sparql_with_the_plain_form(visit: Visit, tmp_path: Path) -> None:
    page = visit("/sparql", java_script_enabled=False)
    page.get_by_label("Start from a question").fill("states-on-both-drafts")
    page.get_by_role("button", name="Copy to the editor").click()
    page.wait_for_url("**saved=states-on-both-drafts*")
    assert "VALUES ?first" in page.input_value("textarea")
    page.fill("textarea", "SELECT ?s { ?s a oewg:Draft } ORDER BY ?s")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**query=SELECT*")
    assert page.inner_text("#result") == "5 rows"
    page.get_by_label("Result format").select_option(label="CSV")
    with page.expect_download() as started:
        page.get_by_role("button", name="Ask").click()
    assert started.value.path().read_text().splitlines()[0] == "s"
    page.fill("textarea", "SELEC")
    page.get_by_label("Result format").select_option(label="web page")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**query=SELEC&*")
    assert "1:" in page.inner_text("[role=alert]")
    assert page.input_value("textarea") == "SELEC"


def test_downloads_arrive(visit: Visit, kg: KnowledgeGraph) -> None:
    page = visit("/questions/states-on-both-drafts?kind=kind:comments")
    answer = kg.ask("states-on-both-drafts", kind="kind:comments")

    def taken(link: str) -> tuple[str, bytes]:
        with page.expect_download() as started:
            page.locator(".downloads").get_by_role("link", name=link, exact=True).click()
        return started.value.suggested_filename, started.value.path().read_bytes()

    name, body = taken("CSV")
    assert name == "states-on-both-drafts_kind-comments.csv"
    rows = list(csv.DictReader(body.decode().splitlines()))
    assert [row["actor"] for row in rows] == [row[0] for row in answer.rows]
    assert all("#L" in row["lines"] for row in rows)
    assert "an apostrophe is put before" in page.inner_text("main")
    guarded = list(csv.DictReader(taken("CSV that is safe to open in Excel")[1].decode("utf-8-sig").splitlines()))
    assert [row["guarded"] for row in guarded] == [""] * len(rows)
    assert len(json.loads(taken("JSON")[1])["results"]["bindings"]) == len(rows)
    assert taken("Text with footnotes")[1].count(b"[^1]") == 2
    name, body = taken("Turtle")
    assert name.endswith(".ttl")
    assert {quad.subject.value for quad in ox.parse(body, format=ox.RdfFormat.TURTLE)} == {row["actor"] for row in rows}


def test_day_night_and_paper(visit: Visit) -> None:
    def colors(page: Any) -> tuple[str, str]:
        return page.evaluate(
            "(() => { const s = getComputedStyle(document.documentElement); return [s.backgroundColor, s.color] })()"
        )

    def brightness(color: str) -> int:
        return sum(int(part) for part in color.removeprefix("rgb(").removesuffix(")").split(","))

    page = visit("/questions/votes-by-regional-group")
    day = colors(page)
    page.emulate_media(color_scheme="dark")
    night = colors(page)
    assert brightness(day[0]) > brightness(day[1])
    assert brightness(night[0]) < brightness(night[1])
    page.emulate_media(media="print", color_scheme="dark")
    assert colors(page) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    for hidden in ("header nav", "header form", "form.ask", ".skip"):
        assert page.locator(hidden).count() > 0
        assert not any(one.is_visible() for one in page.locator(hidden).all()), f"{hidden} is printed"
    for shown in ("h1", ".definition", "main table", "svg.bars"):
        assert page.is_visible(shown), f"{shown} is not printed"
    code = page.locator("details pre")
    assert code.bounding_box()["height"] > 100, "what is folded away is not printed"
    assert page.pdf().startswith(b"%PDF")


def test_a_chart_fits_a_phone(visit: Visit) -> None:
    page = visit("/questions/votes-by-regional-group", width=360)
    ends = page.locator("svg.bars > *").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert len(ends) > 20 and max(ends) <= 360
    assert page.locator("svg.bars > text").first.evaluate("one => one.getBoundingClientRect().height") > 10, "legible"
    assert page.locator("#chart .scroll").count() == 0


def test_no_gap_parts_the_number_of_a_line_from_its_comma(visit: Visit) -> None:
    text = "one => { const range = document.createRange(); range.selectNodeContents(one); return range; }"
    gap = f"one => one.getBoundingClientRect().right - ({text})(one).getBoundingClientRect().right"
    gaps = visit("/compare").locator("td.cite a").evaluate_all(f"all => all.map({gap})")
    assert len(gaps) > 5 and max(gaps) < 1


def test_by_keyboard_alone(visit: Visit) -> None:
    page = visit("/questions/states-on-both-drafts")
    focus = "document.activeElement"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focus}.textContent") == "Skip to content"
    assert page.evaluate(f"{focus}.getBoundingClientRect().left >= 0"), "the skip link is not seen"
    names = []
    for _ in range(13):
        page.keyboard.press("Tab")
        names.append(page.evaluate(f"{focus}.textContent || {focus}.id"))
        style = page.evaluate(
            f"(() => {{ const s = getComputedStyle({focus}); return [s.outlineStyle, s.outlineWidth] }})()"
        )
        assert style == ["solid", "3px"], f"the focus on {names[-1]} is not seen"
    heads = [
        "Questions",
        "States",
        "Stakeholders",
        "Drafts",
        "Votes",
        "Compare",
        "Timeline",
        "Sources",
        "About",
        "Data",
    ]
    assert names == ["oewg-kg", *heads, "find", "Search"]
    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focus}.id") == "content"

    def go_to(what: str) -> None:
        for _ in range(150):
            page.keyboard.press("Tab")
            if page.evaluate(f"{focus}.matches({json.dumps(what)})"):
                return
        raise AssertionError(f"{what} cannot be reached with the tabulator")

    go_to("#f-kind")
    page.keyboard.type("comments")
    go_to("form.said button")
    page.keyboard.press("Enter")
    page.wait_for_url("**kind=kind**comments*")
    assert page.inner_text("#answer") == "5 rows"
    go_to("div.scroll")
    go_to("summary")
    page.keyboard.press("Enter")
    assert page.is_visible("#cite blockquote")


def test_a_name_in_arabic_runs_from_right_to_left(visit: Visit) -> None:
    page = visit("/state/EST", locale="fr-FR")
    assert page.inner_text("h1") == "Estonia"
    page.get_by_role("link", name="العربية").click()
    page.wait_for_url("**lang=ar")
    assert page.locator("h1 span").evaluate("one => getComputedStyle(one).direction") == "rtl"
