"""The explorer in a real Chromium: every kind of page at three widths, light, dark and on paper, by keyboard and without JavaScript.

What a page says is tested in test_pages.py; here is what only a browser knows.
"""

import csv
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from browser import Visit
from conftest import ROOT
from external import SHORT_JAVA, missing
from oewg_kg.knowledge_graph import KnowledgeGraph

pytestmark = pytest.mark.slow

TOOLS = ROOT / "tests" / "programs" / "browser" / "node_modules"
WEIGHT = 100_000
WIDTHS = (360, 768, 1440)
# One page of each kind, by what it shows; those that answer with another status than 200 are below.
KINDS = {
    "home": "/",
    "questions": "/questions",
    "a question with parameters and readings": "/questions/states-on-both-drafts",
    "a question with a chart of counts": "/questions/actors-on-draft?draft=Zero+Draft&actor-class=oewg:StateGroup",
    "a question with a chart of votes": "/questions/votes-by-regional-group",
    "a question with a long table": "/questions/draft-actor-matrix",
    "the last part of a long table": "/questions/list-actor-matrix?start=160",
    "a question with a date": "/questions/tenures-at-date?day=2020-05-01",
    "a question without rows": "/questions/contributions-on-revised-pre-draft",
    "a question without parameters": "/questions/third-party-reports",
    "the matrix": "/matrix",
    "the matrix of a regional group": "/matrix?only=region:Eastern+European+Group",
    "states": "/states",
    "states in Arabic": "/states?lang=ar",
    "drafts": "/drafts",
    "votes": "/votes",
    "all processes": "/timeline",
    "stakeholders by phase": "/matrix?columns=phases&only=type:stakeholder",
    "stakeholders by list": "/matrix?columns=lists&only=type:stakeholder&sort=actor",
    "a state": "/state/EST",
    "a state in Arabic": "/state/EST?lang=ar",
    "a group": "/group/EU",
    "a stakeholder": "/stakeholder/gfce",
    "a person": "/person/jurg-lauber",
    "a draft": "/document/oewg1-zero-draft",
    "a resolution with a claim set aside": "/document/a-res-75-240",
    "a session": "/event/oewg1-session-3",
    "a process": "/process/ict-oewg-2019-2021",
    "a contribution": "/contribution/oewg1-zd-RUS-4",
    "a decision": "/decision/res-75-240-adoption",
    "a concept": "/kind/statement",
    "a named graph": "/graph/data/reference/votes",
    "a source line": "/source/oewg-2019-2021?from=41#L62",
    "a thing by its IRI": "/thing?iri=http%3A%2F%2Fpurl.org%2Fdc%2Fterms%2Fdate",
    "all that points to a class": "/thing?iri=https%3A%2F%2Fw3id.org%2Foewg-kg%2Fontology%23State&to=rdf:type",
    "actors side by side": "/compare?actor=state:IRN&actor=state:EST&actor=state:SGP",
    "the form of a comparison": "/compare?actor=state:EST",
    "a source line on a page of its own": "/source/oewg-2019-2021?line=62",
    "sources": "/sources",
    "a source": "/source/un-oewg",
    "conflicts": "/conflicts?reason=contested",
    "the map of contributions": "/map",
    "the map of GGE countries": "/map?show=gge",
    "the map of a vote": "/map?show=document:a-res-75-240",
    "the map of a draft": "/map?show=document:oewg1-zero-draft",
    "the map of a group": "/map?show=group:CARICOM",
    "network": "/network",
    "the timeline of a process": "/timeline/ict-oewg-2021-2025",
    "the timeline of an actor": "/timeline/state/IRN",
    "the SPARQL form": "/sparql?format=html",
    "rows of a query": "/sparql?query=SELECT+*+{?s+oewg:submittedBy+?o}+LIMIT+5",
    "a graph of a query": "/sparql?query=DESCRIBE+state:EST",
    "ontology": "/ontology",
    "shapes": "/shapes",
    "data": "/data",
    "about": "/about",
    "search": "/search?q=iran",
    "search without findings": "/search?q=zzzzzzzz",
}
ERRORS = {
    "no such page": ("/state/XXX", 404),
    "a wrong parameter": ("/questions/states-on-both-drafts?first=x", 400),
    "a wrong query": ("/sparql?query=SELEC", 400),
    "a method that is not allowed": ("/sparql?query=CLEAR+ALL", 403),
}
ALL = {kind: (path, 200) for kind, path in KINDS.items()} | ERRORS
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Lists and tables are cut before axe looks, which takes long: what comes after the fourth is made as what comes before.
LISTS = "tbody, main ul, main ol, main dl, .facts dd > :first-child"
CUT = "lists => document.querySelectorAll(lists).forEach(one => [...one.children].slice(4).forEach(c => c.remove()))"
# What the style sheet tells apart: tags with their classes, within those that hold them.
STYLED = """() => [...new Set([...document.querySelectorAll('body *')].map(one => {
    let path = ''
    for (let at = one; at && at !== document.body; at = at.parentElement) path += ' ' + at.tagName + '.' + (at.getAttribute('class') ?? '')
    return path
}))]"""
LOADED = "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind)).map(e => [e.name, e.decodedBodySize])"
JUDGE = (
    "rules => axe.run({runOnly: rules, resultTypes: ['violations']}).then(all => [all.violations, all.passes.length])"
)


def axe() -> str:
    """Read axe, which judges accessibility."""
    file = TOOLS / "axe-core" / "axe.min.js"
    if not file.is_file():
        missing("axe", "npm ci --prefix tests/programs/browser")
    return file.read_text()


def violations(page: Any, rules: list[str]) -> list[str]:
    """Tell what axe finds on a page against these rules or tags of rules."""
    found, passed = page.evaluate(JUDGE, rules)
    assert passed, "axe looked at nothing"
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_there_is_a_page_of_each_kind() -> None:
    assert (len(KINDS), len(ERRORS)) == (58, 4)


@pytest.fixture(scope="module")
def by_night() -> set[str]:
    """Note what axe has seen in dark colors, which one style sheet gives by tags and classes."""
    return set()


@pytest.mark.parametrize("kind", ALL)
def test_each_kind_of_page(visit: Visit, by_night: set[str], kind: str) -> None:
    """It fits every window, is light, says the same without JavaScript, and axe finds nothing, by day and by night."""
    script = axe()
    path, status = ALL[kind]
    plain = visit(path, status=status, java_script_enabled=False)
    page = visit(path, status=status)
    loaded = [size for name, size in page.evaluate(LOADED) if "/built/" not in name]
    assert len(loaded) >= 3, "the page, its style and its script"
    assert 5_000 < sum(loaded) < WEIGHT
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"wider than {width}"
    if not path.startswith("/sparql"):  # where an editor takes the place of the plain field
        assert page.inner_text("main") == plain.inner_text("main")
    assert plain.is_visible("h1")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(CUT, LISTS)
    page.evaluate(script)
    assert not violations(page, TAGS)
    new = set(page.evaluate(STYLED)) - by_night
    if new:
        page.emulate_media(color_scheme="dark")
        assert not violations(page, ["color-contrast"])
        by_night |= new


def test_the_pages_are_valid_html(visit: Visit, site: str, tmp_path: Path) -> None:
    """As the Nu checker of the W3C reads them, SVG within them included."""
    jar = TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"
    java = shutil.which("java")
    if not java or not jar.is_file():
        missing(
            "the Nu checker",
            "apt-get install default-jre-headless; npm ci --prefix tests/programs/browser --ignore-scripts",
        )
    page = visit("/cite")
    for number, (path, _) in enumerate(ALL.values()):
        answer = page.request.get(site + path, headers={"accept": "text/html"})
        (tmp_path / f"{number:02d}.html").write_bytes(answer.body())
    files = sorted(tmp_path.glob("*.html"))
    assert len(files) == len(ALL)
    (tmp_path / "wrong.html").write_text("<!DOCTYPE html><title>wrong</title><p id=a><p id=a>")
    command = [
        str(java),
        *SHORT_JAVA,
        "-jar",
        str(jar),
        "--format",
        "json",
        *map(str, files),
        str(tmp_path / "wrong.html"),
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    told = [
        one for one in json.loads(done.stderr)["messages"] if one["type"] == "error" or one.get("subType") == "warning"
    ]
    assert [one for one in told if one["url"].endswith("wrong.html")], "the checker sees nothing"
    kinds = list(ALL)
    found = [
        f"{kinds[int(Path(one['url']).stem)]}: {one['message']}: {one.get('extract', '')}"
        for one in told
        if not one["url"].endswith("wrong.html")
    ]
    assert not found, "\n".join(found)


def test_search_leads_to_a_thing(visit: Visit) -> None:
    page = visit("/questions")
    page.get_by_label("Search for a name, code or line").fill("Esti Vabariik")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=Esti*")
    assert "No name matches" in page.inner_text("main")
    page.get_by_label("Name, code, symbol, IRI or line").fill("estonia")
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
    page.get_by_label("and on").select_option(label="First Draft of the OEWG substantive report")
    page.get_by_label("by", exact=True).select_option(label="actor")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**second=document*first-draft*")
    wanted = kg.ask("states-on-both-drafts", second="document:oewg1-first-draft", actor_class="oewg:Actor")
    assert len(wanted) > 0
    assert page.inner_text("#answer") == f"{len(wanted)} row{'s' if len(wanted) > 1 else ''}"
    assert page.locator("main tbody tr").count() == len(wanted)
    assert "the First Draft of the OEWG substantive report" in page.inner_text("h1")
    chip = page.locator(".readings a").first
    name, _, rows = chip.inner_text().partition(": ")
    assert name == "only comments count"
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
    assert page.evaluate(f"{focus}.textContent") == "Skip to the content"
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
