"""Every kind of page in a real Chromium: at three widths, light and dark, without JavaScript, before axe and the Nu checker."""

import json
import shutil
import subprocess
import urllib.parse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from browser import Browser, watch, window
from conftest import ROOT
from external import SHORT_JAVA, missing
from served import Server

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


class Windows:
    """Two windows, one without JavaScript, in which page after page is opened; their complaints, and what axe has seen in dark colors."""

    def __init__(self, chromium: Browser, site: str) -> None:
        self.site, self.faults = site, list[str]()
        self.page, self.plain = window(chromium), window(chromium, java_script_enabled=False)
        self.weights = dict[str, int]()
        self.by_night = set[str]()  # one style sheet gives the colors by tags and classes
        for one in (self.page, self.plain):
            watch(one, site, self.faults)

    def open(self, path: str, status: int) -> tuple[Any, Any]:
        """Open a page in both, in light colors and in a wide window."""
        self.faults.clear()
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
        for one in (self.plain, self.page):
            answer = one.goto(self.site + path)
            assert answer.status == status, f"{path} answers {answer.status}"
        # What the browser has kept since another page weighs nothing now.
        self.weights |= {name: size for name, size in self.page.evaluate(LOADED) if size}
        return self.page, self.plain

    def sizes(self, names: Iterable[str]) -> list[int]:
        """List the bytes of what a page loads, each as it came."""
        return [self.weights.get(name, 0) for name in names]


@pytest.fixture(scope="module")
def windows(chromium: Browser, site: str) -> Windows:
    return Windows(chromium, site)


@pytest.mark.parametrize("kind", ALL)
def test_each_kind_of_page(windows: Windows, kind: str) -> None:
    """It fits every window, is light, says the same without JavaScript, and axe finds nothing, by day and by night."""
    script = axe()
    path, status = ALL[kind]
    page, plain = windows.open(path, status)
    loaded = windows.sizes(name for name, _ in page.evaluate(LOADED) if "/built/" not in name)
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
    new = set(page.evaluate(STYLED)) - windows.by_night
    if new:
        page.emulate_media(color_scheme="dark")
        assert not violations(page, ["color-contrast"])
        windows.by_night |= new
    assert not windows.faults, "\n".join(windows.faults)


def test_the_pages_are_valid_html(real: Server, tmp_path: Path) -> None:
    """As the Nu checker of the W3C reads them, SVG within them included."""
    jar = TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"
    java = shutil.which("java")
    if not java or not jar.is_file():
        missing(
            "the Nu checker",
            "apt-get install default-jre-headless; npm ci --prefix tests/programs/browser --ignore-scripts",
        )
    for number, (path, _) in enumerate(ALL.values()):
        target = urllib.parse.quote(path.partition("#")[0], safe="/?=&:+%*#")
        (tmp_path / f"{number:02d}.html").write_bytes(real.say("GET", target, {"Accept": "text/html"}).body)
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
