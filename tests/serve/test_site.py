"""The frozen site: every link leads to a file, the same bytes every time, and a browser finds and asks without a program behind it."""

import functools
import gzip
import http.server
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyoxigraph as ox
import pytest

from browser import Browser, watch, window
from conftest import OEWG, ROOT, Run, Start, one_line
from external import missing
from listening import Quiet, listening
from markup import Page
from oewg_kg import build, paths
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.serve.lookups import HERE
from oewg_kg.vocabulary import BASE, PREFIXES, RDF_TYPE

pytestmark = pytest.mark.slow

BUILT = HERE / "static" / "built" / "editor.js"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Freeze the real graph, to a folder below two others, as a host would have it under a prefix."""
    folder = tmp_path_factory.mktemp("host") / "some" / "prefix"
    command = [OEWG, "--root", ROOT, "site", "-o", folder, "--url", "https://example.org/some/prefix"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert done.stderr == b"", "progress is for terminals"
    return folder


@pytest.fixture(scope="module")
def pages(place: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text()) for path in sorted(place.rglob("*.html"))}


def test_the_site_has_a_page_for_everything(place: Path, pages: dict[Path, Page], kg: KnowledgeGraph) -> None:
    """Claims, memberships and roll calls, which few look for, are drawn from the graph when asked for."""
    terms = {end.value for quad in kg.dataset.store for end in quad if isinstance(end, ox.NamedNode)}
    things = {iri.removeprefix(BASE).partition("#")[0] for iri in terms if iri.startswith(BASE)} - {""}
    own = {thing for thing in things if not thing.startswith(("claim/", "membership/", "rollcall/"))}
    assert len(things) - 500 > len(own) > 1000
    assert not {thing for thing in own if not (place / f"{thing}.html").is_file()}
    lacking = {thing for thing in own if not (place / f"{thing}.ttl").is_file()}
    assert {thing.partition("/")[0] for thing in lacking} <= {"ontology"}, "a version shows ontology.ttl"
    named = (
        "index questions matrix map network sources conflicts shapes ontology downloads cite search sparql thing 404"
    )
    assert not [name for name in named.split() if not (place / f"{name}.html").is_file()]
    questions = {path.stem for path in (ROOT / "queries").glob("*.rq")}
    assert {path.stem for path in place.glob("questions/*.html")} == questions and len(questions) > 100
    assert len(list(place.glob("timeline/**/*.html"))) > 100, "of processes, and of actors that did more than vote"


def test_hosts_take_the_site(place: Path) -> None:
    """GitHub Pages, file systems that do not tell cases apart, and Windows; issue 19 bounds its size."""
    files = [path for path in place.rglob("*") if path.is_file()]
    names = [path.relative_to(place).as_posix() for path in files]
    assert len(names) <= 4_000
    assert sum(path.stat().st_size for path in files) <= 28_000_000
    assert not [name for name in names if not re.fullmatch(r"[A-Za-z0-9._,/-]+", name)]
    assert len({name.casefold() for name in names}) == len(names)
    reserved = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
    assert not [name for name in names if any(map(reserved.fullmatch, name.split("/")))]


def test_the_sitemap_and_the_page_of_what_is_not_there_know_the_url(place: Path) -> None:
    listed = re.findall("<loc>https://example.org/some/prefix/(.*)</loc>", (place / "sitemap.xml").read_text())
    assert len(listed) > 500 and listed[0] == "index.html" and "state/EST.html" in listed
    assert not [name for name in listed if not (place / unquote(name)).is_file()]
    assert "Sitemap: https://example.org/some/prefix/sitemap.xml" in (place / "robots.txt").read_text()
    links = [link.partition("#")[0] for _, link in Page((place / "404.html").read_text()).links if link[0] != "#"]
    assert len(links) > 10
    assert not [one for one in links if not (place / one.removeprefix("/some/prefix/")).is_file() or one[0] != "/"]


def test_every_link_is_relative_and_leads_to_a_file_and_an_anchor(place: Path, pages: dict[Path, Page]) -> None:
    files = {path.relative_to(place).as_posix() for path in place.rglob("*")}
    anchors = {path.relative_to(place).as_posix(): set(page.anchors) for path, page in pages.items()}
    faults: set[str] = set()
    checked = 0
    for path, page in pages.items():
        here = path.relative_to(place).as_posix()
        for name, link in page.links if here != "404.html" else []:
            if re.match(r"https?:", link):
                continue
            checked += 1
            address, _, fragment = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(here), unquote(address))) if address else here
            if re.match(r"[a-z]+:|/", link) or "?" in address:
                faults.add(f"{here}: {name} {link!r} is not relative")
            elif target not in files:
                faults.add(f"{here}: {name} {link!r} leads to no file")
            elif target.startswith(("sparql.html", "thing.html", "questions/")) and "=" in fragment:
                continue  # a query, a thing or settings for the script of that page
            elif fragment and unquote(fragment) not in anchors[target]:
                faults.add(f"{here}: {link!r} leads to no anchor")
    assert checked > 50_000
    assert not faults, "\n".join([f"{len(faults)} faults", *sorted(faults)[:20]])


def test_no_link_was_lost_and_no_form_asks_a_server(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        bare = [given for tag, given in page.tags if tag == "a" and "href" not in given]
        assert not bare, f"{path}: a link to what is not frozen"
        forms = {
            given.get("action", "").partition("#")[0].rpartition("/")[2] for tag, given in page.tags if tag == "form"
        }
        assert forms <= {"search.html", "sparql.html", path.name if "questions" in path.parts else ""}, path
        assert not [given for _, given in page.tags if "hreflang" in given], path


def test_every_page_carries_the_policy_that_no_server_sends(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        policies = [given["content"] for _, given in page.tags if "http-equiv" in given]
        assert len(policies) == 1, path
        assert policies[0].startswith("default-src 'self';"), path
        assert "unsafe" not in policies[0]


def test_no_page_has_a_fault_in_its_markup_or_is_heavy(pages: dict[Path, Page]) -> None:
    assert len(pages) > 1000
    heavy = {path.name for path in pages if path.stat().st_size > 100_000}
    assert heavy == {"search.html"}, "that page holds the names of all things"
    faults = [f"{path}: {fault}" for path, page in pages.items() for fault in page.faults]
    assert not faults, "\n".join(faults[:20])


def test_downloads_hold_the_complete_graph(place: Path, kg: KnowledgeGraph) -> None:
    packed = (place / "exports" / "oewg-kg.nq.gz").read_bytes()
    quads = list(ox.parse(gzip.decompress(packed), format=ox.RdfFormat.N_QUADS))
    assert len(quads) == len(kg.dataset.store) > 50_000
    assert len(list(place.glob("exports/*.csv"))) == len(list((ROOT / "queries" / "tables").glob("*.rq")))
    rows = (place / "questions" / "states-on-both-drafts.csv").read_text().splitlines()
    assert len(rows) == len(kg.ask("states-on-both-drafts")) + 1
    described = (place / ".well-known" / "void.ttl").read_text()
    assert "sparqlEndpoint" not in described
    assert (place / ".nojekyll").read_bytes() == b""


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_sources_give_the_same_bytes(oewg_process: Start, tmp_path: Path) -> None:
    for seed in ("1", "2"):
        done = oewg_process("site", "-o", str(tmp_path / seed), env={"PYTHONHASHSEED": seed})
        assert done.returncode == 0, done.stderr.decode()
    first = tree(tmp_path / "1")
    assert len(first) > 90
    assert first == tree(tmp_path / "2")


def test_a_site_is_replaced_and_nothing_else_is(oewg: Run, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    assert oewg("site", "-o", str(folder)).exit_code == 0
    before = tree(folder)
    assert oewg("site", "-o", str(folder)).exit_code == 0
    assert tree(folder) == before
    (folder / "CNAME").write_text("example.org\n")
    refused = oewg("site", "-o", str(folder))
    assert refused.exit_code == 2
    assert "CNAME" in one_line(refused.stderr)
    assert tree(folder) == before | {"CNAME": b"example.org\n"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def escaping(root: Path, name: str) -> None:
    """Put an IRI under our base into the snapshot of a root, as a stranger's checkout may come with one."""
    dataset = build.load(paths.find(str(root)))
    thing = ox.NamedNode(BASE + name)
    for term in (ox.NamedNode(PREFIXES["oewg"] + "State"), ox.NamedNode(PREFIXES["oewg"] + "Actor")):
        dataset.store.add(ox.Quad(thing, ox.NamedNode(RDF_TYPE), term))
    place = paths.find(str(root))
    build.write(dataset, build.fingerprint(place), place.snapshot)


@pytest.mark.parametrize("name", ["../../escaped", "state/../../../escaped", "state/%00"])
def test_no_page_is_written_outside_the_folder(oewg: Run, mini: Path, tmp_path: Path, name: str) -> None:
    escaping(mini, name)
    result = oewg("--root", str(mini), "site", "-o", str(tmp_path / "deep" / "deeper" / "site"))
    assert result.exit_code == 3 and "points outside the output folder" in one_line(result.stderr)
    assert not list(tmp_path.rglob("*escaped*")) and not (tmp_path / "deep" / "deeper" / "site").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(oewg: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused = oewg("site", "-o", str(tmp_path / "file"))
    assert refused.exit_code == 2
    one_line(refused.stderr)
    assert (tmp_path / "file").read_text() == "mine"


def test_without_what_node_builds_the_page_says_how_to_ask(mini: Path, tmp_path: Path) -> None:
    source = tmp_path / "src"
    shutil.copytree(ROOT / "src" / "oewg_kg", source / "oewg_kg", ignore=shutil.ignore_patterns("built", "__pycache__"))
    shutil.copytree(ROOT / "ontology", tmp_path / "ontology")
    code = "from oewg_kg.cli import main; main()"
    command = [sys.executable, "-c", code, "--root", str(mini), "site", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": str(source)})
    assert done.returncode == 0, done.stderr.decode()
    text = (tmp_path / "out" / "sparql.html").read_text()
    page = Page(text)
    assert "built without the engine" in text
    assert "oewg query" in text
    assert [given["action"] for tag, given in page.tags if tag == "form"] == ["search.html"]
    assert not [link for _, link in page.links if "built" in link]
    assert not (tmp_path / "out" / "static" / "built").exists()


# In a browser, from a host that sends files and nothing else


class Files(Quiet, http.server.SimpleHTTPRequestHandler):
    """The file server of the standard library, without its log; as GitHub Pages it has a page for what it does not find."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send the page 404.html of the site."""
        body = (Path(self.directory) / "some" / "prefix" / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def host(place: Path) -> Iterator[str]:
    """Serve the folder above the site; give the address of the site."""
    with listening(functools.partial(Files, directory=str(place.parents[1]))) as address:
        yield f"{address}/some/prefix"


@pytest.fixture
def page(chromium: Browser, host: str) -> Iterator[Any]:
    """Open an empty page; complaints on the console and requests to other places fail the test at its end."""
    faults: list[str] = []
    found = window(chromium)
    watch(found, host, faults)
    yield found
    found.context.close()
    assert not faults, "\n".join(faults)


def test_one_walks_from_the_home_page_to_a_line(page: Any, host: str) -> None:
    page.goto(f"{host}/")
    page.get_by_role("link", name="Which states contributed to both the initial pre-draft and the Zero Draft?").click()
    assert page.locator("#answer").inner_text() == "31 rows"
    page.get_by_role("link", name="Australia", exact=True).first.click()
    page.wait_for_url("**/state/AUS.html*")
    assert page.locator("h1").inner_text() == "Australia"
    page.locator(".cite a[href*=source]").first.click()
    page.wait_for_url("**/source/*.html*")
    assert page.locator("li:target").count() == 1


def test_a_line_cited_by_its_bare_address_is_found_in_a_later_part(page: Any, host: str) -> None:
    page.goto(f"{host}/source/oewg-2019-2021.html#L131")
    page.wait_for_url("**/source/*from-*.html#L131")
    assert page.locator("li#L131:target").count() == 1


def test_search_works_without_a_server(page: Any, host: str) -> None:
    page.goto(f"{host}/state/EST.html")
    page.locator("#find").fill("I.R. Iran")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    assert page.locator("ul.found > li:visible a").first.inner_text() == "Iran (Islamic Republic of)"
    page.locator("#q").fill("zzzz")
    assert page.locator("#told").inner_text() == "No name matches."


def test_the_list_is_there_without_javascript(chromium: Browser, host: str) -> None:
    page = window(chromium, java_script_enabled=False)
    page.goto(f"{host}/search.html?q=estonia")
    assert page.locator("ul.found > li:visible").count() > 1500
    page.goto(f"{host}/sparql.html")
    assert page.locator("form.ask:visible").count() == 0
    page.context.close()


@pytest.fixture
def sparql(page: Any, host: str) -> Any:
    """Open the SPARQL page of the site with its editor."""
    if not BUILT.is_file():
        missing("the editor", "make web")
    page.goto(f"{host}/sparql.html")
    page.locator(".CodeMirror").wait_for()
    return page


def test_a_saved_question_is_answered_in_the_browser_as_on_the_command_line(sparql: Any, kg: KnowledgeGraph) -> None:
    sparql.locator("#saved").fill("states-on-both-drafts")
    sparql.get_by_role("button", name="Copy to the editor").click()
    sparql.get_by_text("#+ summary:").wait_for()
    sparql.get_by_role("button", name="Ask", exact=True).click()
    sparql.locator("#result").wait_for()
    answer = kg.ask("states-on-both-drafts")
    assert sparql.locator("#result").inner_text() == f"{len(answer)} rows"
    head = sparql.locator("#results thead th").all_inner_texts()
    labels = sparql.locator(f"#results tbody td:nth-child({head.index('actorLabel') + 1})").all_inner_texts()
    assert labels == [row[answer.columns.index("actorLabel")] for row in answer.rows]
    sparql.locator("#results tbody a").first.click()
    sparql.wait_for_url("**/state/*")


def test_queries_of_other_forms_faults_and_downloads(sparql: Any) -> None:
    def asked(query: str, format: str = "html") -> str:
        sparql.evaluate("query => document.querySelector('.CodeMirror').CodeMirror.setValue(query)", query)
        sparql.locator("#format").select_option(format)
        sparql.evaluate("() => document.querySelector('#results').replaceChildren()")
        sparql.get_by_role("button", name="Ask", exact=True).click()
        sparql.locator("#results > *").first.wait_for()
        return str(sparql.locator("#results").inner_text())

    assert asked("ASK { state:EST a oewg:State }") == "Yes"
    assert "oewg-2019-2021, line 62" in asked(
        "SELECT ?line { GRAPH ?line { contribution:oewg1-zd-RUS-4 a oewg:Contribution } }"
    )
    told = asked("CONSTRUCT { state:EST a ?kind } WHERE { state:EST a ?kind }")
    assert "triples" in told
    assert "<https://w3id.org/oewg-kg/ontology#State> ." in told
    assert asked("SELECT * { ?s ?p").startswith("error at 1:17: expected one of")
    assert "not supported" in asked("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }")
    with sparql.expect_download() as saved:
        asked("SELECT ?code { state:EST oewg:iso2 ?code }", "csv")
        sparql.get_by_role("link", name="Save answer.csv").click()
    assert Path(saved.value.path()).read_text().split() == ["code", "EE"]
    with sparql.expect_download() as saved:
        asked("CONSTRUCT { state:EST a oewg:State } WHERE {}", "jsonld")
        sparql.get_by_role("link", name="Save answer.jsonld").click()
    assert json.loads(Path(saved.value.path()).read_text())[0]["@type"] == [PREFIXES["oewg"] + "State"]


def test_only_what_the_site_has_a_page_of_is_linked(sparql: Any) -> None:
    """An IRI under our base may hold what a browser reads as a script or as another host."""
    odd = ("javascript:alert(1)", "/evil.example/x", "//evil.example/x", "state/NONE", "state/%FF", "state/EST")
    values = " ".join(f"<https://w3id.org/oewg-kg/{path}>" for path in odd)
    query = f"SELECT ?x {{ VALUES ?x {{ {values} }} }}"
    sparql.evaluate("query => document.querySelector('.CodeMirror').CodeMirror.setValue(query)", query)
    sparql.get_by_role("button", name="Ask", exact=True).click()
    sparql.locator("#result").wait_for()
    assert sparql.locator("#results tbody tr").count() == len(odd)
    links = sparql.locator("#results tbody a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert links == ["./state/EST.html"]


def test_a_long_query_is_stopped_and_the_next_one_answered(sparql: Any) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    sparql.evaluate("query => document.querySelector('.CodeMirror').CodeMirror.setValue(query)", endless)
    sparql.get_by_role("button", name="Ask", exact=True).click()
    sparql.get_by_role("button", name="Stop").click()
    assert sparql.locator("#results .problem").inner_text() == "stopped"
    sparql.evaluate("() => document.querySelector('.CodeMirror').CodeMirror.setValue('ASK {}')")
    sparql.get_by_role("button", name="Ask", exact=True).click()
    sparql.locator("#result").wait_for()
    assert sparql.locator("#result").inner_text() == "Yes"


def test_a_link_to_the_sparql_page_brings_its_query(sparql: Any, host: str) -> None:
    sparql.goto(f"{host}/state/EST.html")
    sparql.get_by_role("link", name="DESCRIBE in SPARQL").click()
    sparql.get_by_text("DESCRIBE <").first.wait_for()
    sparql.goto(f"{host}/questions/states-on-both-drafts.html")
    sparql.get_by_role("link", name="open it in the query editor").click()
    sparql.get_by_text("#+ summary:").wait_for()


def answered(page: Any) -> list[str]:
    """Read the first column of what the browser answered."""
    page.locator("#results[aria-busy]").wait_for(state="detached")
    page.locator("#results .with").wait_for()
    return list(page.locator("#results tbody td:first-child").all_inner_texts())


def test_a_question_takes_other_values_in_the_browser(page: Any, host: str, kg: KnowledgeGraph) -> None:
    if not BUILT.is_file():
        missing("the editor", "make web")

    def wanted(**values: str) -> list[str]:
        answer = kg.ask("states-on-both-drafts", **values)
        return [row[answer.columns.index("actorLabel")] for row in answer.rows]

    page.goto(f"{host}/questions/states-on-both-drafts.html")
    page.locator("form.said").wait_for()
    assert page.locator("#settings").is_hidden(), "the form shows the settings"
    page.get_by_label("second", exact=True).select_option(label="First Draft of the OEWG substantive report")
    page.get_by_label("type of actor", exact=True).select_option(label="actor")
    page.get_by_role("button", name="Ask").click()
    assert answered(page) == wanted(second="document:oewg1-first-draft", actor_class="oewg:Actor") != []
    assert "second: First Draft of the OEWG substantive report" in page.locator("#results .with").inner_text()
    assert page.locator("#default").is_hidden()
    page.go_back()
    page.locator("#default").wait_for()
    assert page.locator("#answer").inner_text() == "31 rows"
    page.get_by_role("link", name="only comments count").click()
    # the pages list comments on both drafts by these five
    assert len(answered(page)) == 5 and answered(page) == wanted(kind="kind:comments")
    with page.expect_download() as saved:
        page.get_by_role("link", name="states-on-both-drafts.csv").click()
    assert len({line.split(",")[0] for line in Path(saved.value.path()).read_text().splitlines()}) == 1 + 5
    page.locator("#results tbody a").first.click()
    page.wait_for_url("**/state/*")
    page.goto(f"{host}/questions/states-on-both-drafts.html#kind=x%3E")
    assert "not a valid setting" in page.locator("#results .problem").inner_text()


def test_a_claim_is_drawn_when_it_is_asked_for(page: Any, host: str) -> None:
    if not BUILT.is_file():
        missing("the editor", "make web")
    page.goto(f"{host}/decision/res-75-240-adoption.html")
    page.get_by_text("Everything recorded about it").click()
    page.locator("main a[href*='thing.html#iri='][href*='claim']:visible").first.click()
    page.get_by_role("heading", name="What is stated").wait_for()
    assert page.locator("#results tbody").first.get_by_role("link", name="claim", exact=True).count() == 1
    page.goto(f"{host}/thing.html#iri=https://w3id.org/oewg-kg/claim/none")
    page.get_by_text("Nothing is recorded").wait_for()


def test_a_wrong_address_has_a_page_and_that_of_a_claim_leads_to_it(page: Any, host: str) -> None:
    page.goto(f"{host}/some/where/else")
    assert page.inner_text("h1") == "Not found"
    page.get_by_role("link", name="See all questions").click()
    page.wait_for_url(f"{host}/questions.html")
    if not BUILT.is_file():
        missing("the editor", "make web")
    page.goto(f"{host}/membership/ARF-AUS-1")
    page.wait_for_url(f"{host}/thing.html#iri=*")
    page.get_by_role(
        "heading", name="Australia in Regional Forum of the Association of Southeast Asian Nations"
    ).wait_for()


def ask(page: Any, query: str) -> None:
    """Put a query into the editor and wait for what comes of it."""
    page.evaluate("query => document.querySelector('.CodeMirror').CodeMirror.setValue(query)", query)
    page.evaluate("() => document.querySelector('#results').replaceChildren()")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("#results > *").first.wait_for()


def test_the_editor_knows_our_prefixes_and_shows_an_error_at_its_place(sparql: Any) -> None:
    assert sparql.locator(".parseErrorIcon").count() == 0, "the example itself is marked as wrong"
    ask(sparql, "SELECT *\nWHERE {\n  ?s ?p\n}")
    told = sparql.locator(".at-place")
    assert told.inner_text() == sparql.locator("#results .problem").inner_text()
    line = sparql.locator(".CodeMirror-code > div", has=told)
    assert line.locator(".CodeMirror-linenumber").inner_text() == "4", "nothing is wrong before the brace"
    sparql.locator(".CodeMirror textarea").press("End")
    sparql.keyboard.type(" ")
    assert told.count() == 0
    ask(sparql, "ASK { ?s nowhere:p ?o }")
    assert sparql.locator(".parseErrorIcon").count() == 1


def test_the_editor_completes_things_by_their_labels(sparql: Any) -> None:
    ask(sparql, "ASK { ?c oewg:submittedBy ")
    sparql.evaluate(
        "() => { const e = document.querySelector('.CodeMirror').CodeMirror; e.focus(); e.setCursor(0, 99) }"
    )
    sparql.keyboard.type("eston")
    sparql.locator(".CodeMirror-hint").first.wait_for()
    assert sparql.locator(".CodeMirror-hint").first.inner_text() == "state:EST Estonia"
    sparql.keyboard.press("Enter")
    sparql.wait_for_function(
        "wanted => document.querySelector('.CodeMirror').CodeMirror.getValue() === wanted",
        arg="ASK { ?c oewg:submittedBy state:EST",
    )


def test_a_result_is_shown_as_chart_map_and_timeline(sparql: Any) -> None:
    def views() -> list[str]:
        return list(sparql.locator(".views button").all_inner_texts())

    ask(sparql, "SELECT ?state ?n { VALUES (?state ?n) { (state:EST 3) (state:FRA 6) } }")
    assert views() == ["Table", "Chart", "Map"]
    sparql.get_by_role("button", name="Chart").click()
    widths = sparql.locator("figure rect").evaluate_all("all => all.map(one => one.getAttribute('width'))")
    assert widths == ["45%", "90%"]
    assert sparql.locator("figure text").all_text_contents() == ["Estonia", "3", "France", "6"]
    sparql.get_by_role("button", name="Map").click()
    sparql.locator("figure svg.map").wait_for()
    assert sparql.locator("figure a.yes > text").all_text_contents() == ["EST", "FRA"]
    sparql.get_by_role("button", name="Table").click()
    assert sparql.locator("#results table").is_visible() and sparql.locator("figure").is_hidden()
    ask(sparql, 'SELECT ?w ?day { VALUES (?w ?day) { ("b" "2021-03-12"^^xsd:date) ("a" "2019-09-09"^^xsd:date) } }')
    assert views() == ["Table", "Timeline"]
    sparql.get_by_role("button", name="Timeline").click()
    assert sparql.locator("figure text.lane").all_text_contents() == ["a", "b"]
    assert sparql.locator("figure text.year").all_text_contents() == ["2020", "2021"]
    ask(sparql, "ASK {}")
    assert views() == []


def test_each_tie_of_the_class_diagram_is_in_the_data(sparql: Any, kg: KnowledgeGraph) -> None:
    told = sparql.locator("svg.diagram").get_attribute("aria-label").removeprefix("Class diagram: ")
    ties = [tie.split() for tie in told.split("; ")]
    assert len(ties) == sparql.locator("svg.diagram line").count() > 10
    for first, name, other in ties:
        ask = f"PREFIX oewg: <{PREFIXES['oewg']}> ASK {{ ?a a oewg:{first} ; oewg:{name} ?b . ?b a oewg:{other} }}"
        assert kg.dataset.store.query(ask), (first, name, other)
