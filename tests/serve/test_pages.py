"""The pages of the explorer: every one answers, every link leads somewhere, nothing in the data can act on a page."""

import csv
import json
import re
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyld import jsonld

import oewg_kg
from conftest import ROOT
from explorer import BROWSER, TestClient, client_of, serve
from markup import Page
from oewg_kg import query, terms
from oewg_kg.export import rdf as export
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.serve.lookups import HERE, Explorer
from oewg_kg.serve.pages import charts, presentation, questions, rendering
from oewg_kg.serve.pages.charts import Bars
from oewg_kg.serve.pages.presentation import View
from oewg_kg.serve.pages.state_map import squares
from oewg_kg.version import __version__
from oewg_kg.vocabulary import BASE, INFERRED, OEWG, PREFIXES, RDF_TYPE

WEIGHT = 100_000
EST = ox.NamedNode(PREFIXES["state"] + "EST")
OWN = b"""
@prefix ex: <http://example.org/x#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:a a ex:Cat ; rdfs:label "<script>alert(1)</script>" , "\\" onmouseover=\\"x" ; ex:says "<img src=x>" , "=1+1" ;
    ex:link <javascript:alert(1)> , <data:text/html,x> , <file:///etc/passwd> , <https://a.example/?q='x'> , ex:b .
ex:b a ex:Cat ; ex:part [ ex:size 5 ] .
<javascript:alert(2)> rdfs:label "odd" ; ex:link ex:a .
"""


@pytest.fixture(scope="module")
def client(kg: KnowledgeGraph) -> Iterator[TestClient]:
    yield from serve(kg)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, kg: KnowledgeGraph) -> Iterator[TestClient]:
    from oewg_kg import build

    place = tmp_path_factory.mktemp("own") / "own.ttl"
    place.write_bytes(OWN)
    yield from serve(KnowledgeGraph(kg.root, build.files_alone([place])))


def things(kg: KnowledgeGraph) -> dict[str, frozenset[str]]:
    """Map the path of each thing with a page to its classes."""
    found: dict[str, set[str]] = defaultdict(set)
    for quad in kg.dataset.store:
        for term in (quad.subject, quad.object, quad.graph_name):
            if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                classes = found[term.value.partition("#")[0].removeprefix(BASE)]
                if term == quad.subject and quad.predicate.value == RDF_TYPE and "#" not in term.value:
                    classes.add(terms.text_of(quad.object))
    return {path: frozenset(classes) for path, classes in sorted(found.items())}


EXPECTED = {
    "/": [
        "Every fact from a source page",
        "Third (and final) substantive session",
        "moved from 2020-07-06",
        "questions",
    ],
    "/questions": ["Which states contributed to both the initial pre-draft and the Zero Draft?"],
    "/questions/states-on-both-drafts": [
        "31 rows",
        "only comments count: 5",
        "Armenia",
        "oewg ask states-on-both-drafts",
    ],
    "/questions/states-on-both-drafts?kind=kind:comments": ["5 rows", "New Zealand", ">second<", "(comments only)"],
    "/questions/states-not-on-draft": ["See also", "initial pre-draft: "],
    "/questions/actors-on-draft?draft=Zero+Draft": ["Oxford", "by actors"],
    "/questions/states-on-both-drafts?only=region:Eastern+European+Group&sort=-actor": ["4 of 31 rows", "ZD statement"],
    "/states": ["Türkiye (Turkey)", "African Group (54 rows)", "as=xlsx"],
    "/states?lang=fr&match=allemagne": ["Allemagne", "1 of 193 rows"],
    "/stakeholders": ["Kaspersky"],
    "/drafts": ["Initial pre-draft", ">44<", ">39<"],
    "/votes": ["Resolution A/RES/75/240", ">92<", ">50<"],
    "/timeline": ["Third (and final) substantive session"],
    # p4:24 lists a report of the round table; its day is only announced, by p4:7.
    "/timeline/ict-oewg-2021-2025": ["capacity-building: held (only planned dates given), 2024-05-10"],
    "/about": ["nothing here shows what anyone argued"],
    "/data": ["sparql", "shapes"],
    "/matrix": ["Zero Draft", "ZD amendments", "not mean that the actor was silent"],
    "/matrix?only=type:stakeholder": ["Kaspersky"],
    "/matrix?columns=lists": ["Statements and contributions by Member States"],
    "/matrix?only=region:Eastern+European+Group": ["Russian Federation", "Estonia"],
    "/matrix?columns=phases&only=type:stakeholder": ["multi-stakeholder segment", "failing that the list it is in"],
    "/matrix?members=gge": ["filtered to members of the GGE 2019-2021", "; <a", "Australia"],
    "/states?members=group:CARICOM&match=guyana": ["Guyana", "1 of 193 rows"],
    "/compare": ["Compare European Union (EU) and Non-Aligned Movement (NAM)", "no list exists"],
    "/compare?actor=state:EST": ['value="Estonia"', "Choose one to three others"],
    "/compare?actor=Iran&actor=Estonia&actor=Kaspersky": ["not covered", "Resolution A/RES/75/240", "#L244"],
    "/source/oewg-2019-2021?line=62": [", line 62</h1>", "ZD amendments", "Russian Federation", "?line=28", "@online"],
    "/source/oewg-2019-2021?line=23": ["Which source lines are under"],
    "/map": ["not listed", "EST"],
    "/map?show=gge": ["country of an expert"],
    "/map?show=document:a-res-75-240": ["in favour", "abstaining"],
    "/map?show=group:CARICOM": ["Members of Caribbean", "data/reference/memberships"],
    "/map?show=document:oewg1-zero-draft": ["Contributions of states to the Zero Draft", "#L62"],
    "/network": ["Side event 7", "<svg"],
    "/timeline/oewg-2019-2021": ["First substantive session", "cancelled"],
    "/timeline/state/EST": ["voted against", "votes in favour", "Undated"],
    # p1:222 dates the segment, and p1:223 lists the statement, which has no date of its own.
    "/timeline/stakeholder/accessnow": [
        "statement in the multi-stakeholder segment, at an event on 2020-02-12",
        "#L223",
    ],
    "/sources": ["data/decisions.ttl", "274"],
    "/source/oewg-2019-2021": ['id="L1"', 'id="L274"', "Jürg Lauber"],
    "/source/oewg-2019-2021?from=41": ['<li id="L62">', "ZD amendments"],
    "/source/un-oewg": ["navigation"],
    "/conflicts": ["Adoption of resolution 75/240", "set aside", "<del>"],
    "/conflicts?reason=misprint": ["misprint"],
    "/questions/sessions-of-process?process=process:ict-gge-2019-2021": [
        'decision/gge-session-2-date">',
        "Set aside by editorial decision",
        "began 2019-02-24",
    ],
    "/questions/timeline?from=2019-01-01&to=2019-12-31": ["Second session of the GGE 2019-2021, began 2019-02-24"],
    "/shapes": ["oewg validate", "contribution"],
    "/ontology": ['id="State"', 'id="submittedBy"', 'thing?iri=oewg:submittedBy"'],
    "/downloads": ["for spreadsheets", "an apostrophe is put before"],
    "/cite": ["@online", "line 24"],
    "/search?q=estonia": ['href="./state/EST"'],
    "/search?q=p1:62": ["line 62"],
    "/search?q=estonia&only=type:state": ["1 of ", "as=csv"],
    "/search?q=zzzzzzzz": ["No name matches"],
    "/state/EST": [
        "Names in",
        "data/actors/states",
        "inferred",
        "admitted to the UN on",
        "In what ways did Estonia take part in the negotiations?",
        "Which other actors contributed to the same drafts as Estonia?",
        "compare?actor=state%3AEST",
    ],
    "/document/a-res-75-240": ["2020-12-31", "by editorial decision", "in favour</dt><dd>92<"],
    "/topic/covid-19": ["Mentioned by"],
    "/graph/data/reference/votes": ["What this graph contains"],
    "/graph/inferred": ["triples"],
    "/thing?iri=http%3A%2F%2Fpurl.org%2Fdc%2Fterms%2Fdate": ["http://purl.org/dc/terms/date"],
    "/thing?iri=https%3A%2F%2Fw3id.org%2Foewg-kg%2Fontology%23State&to=rdf:type": ["of 193", "Estonia"],
    "/sparql": ["<textarea", "Start from a question"],
    "/sparql?saved=states-on-both-drafts&kind=kind:comments": ["VALUES ?kind { kind:comments }"],
}


@pytest.mark.parametrize("path", EXPECTED)
def test_each_page_says_what_it_should(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[-300:]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    missing = [words for words in EXPECTED[path] if words not in answer.text]
    assert not missing, f"{path} does not say {missing}"


@pytest.mark.slow
def test_every_page_is_complete_light_and_its_links_lead_somewhere(client: TestClient, kg: KnowledgeGraph) -> None:
    """Read the pages of one thing of each set of classes, of all questions, and all that they link to but other things, once each.

    The frozen site has the page of every thing, made by the same code: there every link, anchor and tag is looked at (test_site).
    Of addresses of a page that set the same parameters, as the ten ways to sort a table, one is followed; the files of a release
    are asked for in test_fair.
    """
    found = {f"/{path}": (path.partition("/")[0], classes) for path, classes in things(kg).items()}
    paths = list({kind: path for path, kind in found.items()}.values())
    assert len(found) > 1800 and len(paths) > 40
    others = set(found) - set(paths)
    waiting = [*EXPECTED, *paths, *(f"/questions/{name}" for name in kg.questions)]
    seen: dict[str, set[str]] = {}
    followed: set[str | tuple[str, ...]] = set()
    wanted: list[tuple[str, str, str]] = []
    faults = []
    pages = 0
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        answer = client.get(path)
        seen[path] = set()
        if answer.status_code != 200:
            faults.append(
                f"{path} answers {answer.status_code}, linked from {[p for p, a, _ in wanted if a == path][:3]}"
            )
            continue
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        pages += 1
        page = Page(answer.text)
        seen[path] = set(page.anchors)
        faults += [f"{path}: {fault}" for fault in page.faults]
        if len(answer.content) > WEIGHT:
            faults.append(f"{path} weighs {len(answer.content)} bytes")
        for _, link in page.links:
            target = urllib.parse.urljoin(f"http://testserver{path}", link)
            if not target.startswith("http://testserver/"):
                if not target.startswith(("http://", "https://")):
                    faults.append(f"{path} links to {target}")
                continue
            address, _, anchor = target.removeprefix("http://testserver").partition("#")
            query = urllib.parse.parse_qs(address.partition("?")[2])
            if {"query", "line"} & query.keys() or (set(query) & {"lang"} and path not in EXPECTED):
                continue
            if address.endswith((".ttl", ".jsonld", ".nt", ".rdf")) and path not in EXPECTED:
                continue
            if query and "?" in path and path not in EXPECTED and "from" not in query:
                continue
            if (
                address.startswith("/release/")
                and "." in address.rpartition("/")[2]
                and address != f"/release/{__version__}"
            ):
                continue
            wanted.append((path, address, anchor))
            alike = (address.partition("?")[0], *sorted(query)) if query else address
            if address not in seen and address not in others and alike not in followed:
                followed.add(alike)
                waiting.append(address)
    faults += [
        f"{page} links to {a}#{anchor}" for page, a, anchor in wanted if anchor and a in seen and anchor not in seen[a]
    ]
    assert not faults, "\n".join(faults[:20])
    assert pages > 300, pages


def test_each_state_has_a_square_of_its_own(kg: KnowledgeGraph) -> None:
    places = squares()
    states = kg.dataset.store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "State"))
    codes = {quad.subject.value.removeprefix(PREFIXES["state"]) for quad in states}  # type: ignore[union-attr]
    assert not codes ^ set(places), "add the state to the map in serve/templates/words.toml"
    assert len(set(places.values())) == len(places) == 193


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples;q=0.9, text/html;q=0.1", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/x-turtle", "text/turtle"),
        ("text/n3", "text/turtle"),
        ("text/rdf+n3", "text/turtle"),
        ("text/xml", "application/rdf+xml"),
        ("application/xml", "application/rdf+xml"),
        ("application/json", "application/ld+json"),
        ("application/trig", "application/trig"),
        ("application/n-quads", "application/n-quads"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "text/html"),
        ("text/html", "text/html"),
        ("*/*", "text/html"),
        ("image/png", "text/html"),
    ],
)
def test_a_thing_comes_as_its_reader_asks(client: TestClient, accept: str, kind: str) -> None:
    answer = client.get("/state/EST", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert "Accept" in answer.headers["vary"]


def test_json_ld_has_classes_as_types_in_the_terms_of_the_exports(client: TestClient, kg: KnowledgeGraph) -> None:
    """JSON-LD 1.1, 4.3: a class is a value of @type, which framing by type looks at."""
    told = client.get("/state/EST.jsonld").json()
    exported = json.loads(export.serialize(kg.dataset, export.description(kg.dataset, EST), "jsonld", EST))
    assert "State" in told["type"] and told["type"] == exported["type"]
    assert all(exported["@context"][name] == term for name, term in told["@context"].items())
    assert told["prefLabel"] == exported["prefLabel"] and told["iso2"] == exported["iso2"] == "EE"
    for path in ("/state/EST", "/source/oewg-2019-2021", "/ontology", "/graph/data/reference/votes"):
        expanded = jsonld.expand(client.get(f"{path}.jsonld").json())
        assert any("@type" in node for node in expanded)
        assert not any(RDF_TYPE in node for node in expanded)
    framed = jsonld.frame(told, {"@type": OEWG + "State"})
    assert framed["@id"] == EST.value


@pytest.mark.parametrize(
    ("end", "format"), [("ttl", "TURTLE"), ("jsonld", "JSON_LD"), ("nt", "N_TRIPLES"), ("rdf", "RDF_XML")]
)
def test_suffixes_give_the_same_triples(client: TestClient, kg: KnowledgeGraph, end: str, format: str) -> None:
    for path in ("state/EST", "kind/statement", "graph/data/reference/votes", "event/oewg1-session-3"):
        answer = client.get(f"/{path}.{end}")
        assert answer.status_code == 200
        read = {
            ox.Triple(q.subject, q.predicate, q.object)
            for q in ox.parse(answer.content, format=getattr(ox.RdfFormat, format))
        }
        node = ox.NamedNode(BASE + path)
        stated = kg.dataset.store.quads_for_pattern(node, None, None, ox.DefaultGraph())
        assert read == {ox.Triple(q.subject, q.predicate, q.object) for q in stated}
    for path in ("ontology", "source/oewg-2019-2021"):
        answer = client.get(f"/{path}.{end}")
        assert len(list(ox.parse(answer.content, format=getattr(ox.RdfFormat, format)))) > 500


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/state/XXX",
        "/state/EST/",
        "/state/XXX.ttl",
        "/questions/no-such",
        "/questions/../app",
        "/questions/..%2fapp",
        "/questions/%2e%2e%2f%2e%2e%2fREADME",
        "/questions/checks%2fno-class-violation",
        "/questions/states-on-both-drafts.exe",
        "/static/..%2fapp.py",
        "/static/none.css",
        "/source/none",
        "/source/un-oewg?from=9999",
        "/timeline/nothing",
        "/timeline/kind/statement",
        "/map?show=nothing:x",
        "/matrix?columns=nothing",
        "/questions/names-of-actor.ttl",
        "/conflicts?reason=mood",
        "/sparql?saved=../x",
        "/thing?iri=javascript:alert(1)",
        "/thing?iri=%00",
        "/thing?iri=no%20address",
        "/source/un-oewg?line=9999",
        "/matrix?members=nothing",
    ],
)
def test_what_is_not_there_is_reported_as_a_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert not Page(answer.text).faults
    plain = client.get(path, headers={"accept": "*/*"})
    assert plain.status_code in (400, 404)
    assert "Traceback" not in plain.text


def test_another_local_name_redirects_to_the_entity(client: TestClient) -> None:
    for asked, there in [
        ("/process/oewg1", "ict-oewg-2019-2021"),
        ("/process/oewg1.ttl", "ict-oewg-2019-2021.ttl"),
        ("/timeline/oewg-2019-2021", "ict-oewg-2019-2021"),
        ("/timeline/process/oewg1", "ict-oewg-2019-2021"),
        (
            "/thing?iri=https%3A%2F%2Fw3id.org%2Foewg-kg%2Fprocess%2Foewg1",
            "thing?iri=https%3A%2F%2Fw3id.org%2Foewg-kg%2Fprocess%2Fict-oewg-2019-2021",
        ),
        (
            "/questions/actors-in-both-lists.csv?second=list:oewg1-joint",
            "actors-in-lists.csv?in=list%3Aoewg1-pd-states%2Clist%3Aoewg1-joint",
        ),
    ]:
        answer = client.get(asked, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (301, there)
        assert client.get(asked).status_code == 200
    assert client.get("/event/oewg1").status_code == 404


def test_a_page_tells_our_words_from_what_a_line_prints(client: TestClient) -> None:
    text = client.get("/contribution/oewg1-zd-IRN-2", headers={"accept": "text/html"}).text
    kind, printed = (text.partition(f">{name}</a></dt>")[2].partition("</dd>")[0] for name in ("kind", "printed label"))
    assert "our words, about" in kind and "source:" not in kind
    assert "source:" in printed and "our words" not in printed
    line = client.get("/source/oewg-2019-2021?from=241", headers={"accept": "text/html"}).text
    assert "editorial decision: " in line.partition('id="L247"')[2].partition("</li>")[0]


OVERRIDDEN = "here with kind = comments instead of any kind"


def test_an_answer_says_what_was_asked_wherever_it_goes(client: TestClient, kg: KnowledgeGraph) -> None:
    summary = "Which states contributed to both the initial pre-draft and the Zero Draft?"
    asked = f"{summary} (comments only)"
    start = "/questions/states-on-both-drafts"
    page = client.get(f"{start}?kind=kind:comments").text
    assert f"<title>{asked}" in page
    assert f"<h1>{summary} (comments only)</h1>" in page
    assert f"{OVERRIDDEN}." in page
    text = client.get(f"{start}.footnotes.md?kind=kind:comments").text
    assert text.startswith(f"# {asked}\n\nCounted: ") and f"{OVERRIDDEN}.\n" in text
    about = client.get(f"{start}.json?kind=kind:comments").json()["question"]
    assert about["asked"] == asked and about["definition"].endswith(OVERRIDDEN)
    assert about["parameters"]["kind"] == f"{BASE}kind/comments" and about["rows"] == 5
    for end in (".csv", ".guarded.csv", ".json", ".footnotes.md", ".ttl", ".rq"):
        named = client.get(f"{start}{end}?kind=kind:comments").headers["content-disposition"]
        assert named == f'inline; filename="states-on-both-drafts_kind-comments{end}"'
        assert f'filename="states-on-both-drafts{end}"' in client.get(start + end).headers["content-disposition"]
    assert kg.ask("states-on-both-drafts", kind="kind:comments").asked == asked


FILTERED = "only=region:Eastern+European+Group&sort=-actor"
# Eastern European contributors to both drafts, from 001:33, 42, 44, 62 and 131, 141, 145, 161, in reverse order
EASTERN = ["RUS", "EST", "CZE", "ARM"]


def test_an_answer_is_cited_with_its_values_and_its_filter(client: TestClient) -> None:
    title = (
        "Which states contributed to both the initial pre-draft and the Zero Draft? (comments only), "
        "filtered to rows containing “land”"
    )
    start, asked = "/questions/states-on-both-drafts", "?kind=kind%3Acomments&match=land"
    page = unescape(client.get(f"{start}?kind=kind:comments&first=&match=land").text)
    address = f"{BASE}questions/states-on-both-drafts{asked}"
    assert f"<title>{title}" in page
    assert f"The oewg-kg authors, “{title}”, oewg-kg, version {__version__}" in page and f"<{address}>" in page
    assert f'href="states-on-both-drafts.bib{asked}"' in page
    entry = client.get(f"{start}.bib{asked}").text
    assert entry.startswith("@online{questions-states-on-both-drafts-kind-kind-3Acomments")
    assert f"title = {{{{{title}}}}}" in entry and f"url = {{{address}}}" in entry
    record = client.get(f"{start}.ris{asked}").text.split("\r\n")
    assert record[0] == "TY  - ELEC" and f"TI  - {title}" in record and f"UR  - {address}" in record
    assert record[-2:] == ["ER  - ", ""], "RIS ends with this tag"
    injected = client.get(f"{start}.ris", params={"match": "a\r\nUR  - http://evil.example"}).text
    assert len(re.findall(r"^UR", injected, re.MULTILINE)) == 1


def test_a_profile_and_a_record_are_cited(client: TestClient) -> None:
    assert f"<{BASE}state/EST>" in unescape(client.get("/state/EST").text)
    assert f"url = {{{BASE}state/EST}}" in client.get("/state/EST.bib").text
    assert f"UR  - {BASE}contribution/oewg1-zd-RUS-4\r\n" in client.get("/contribution/oewg1-zd-RUS-4.ris").text
    listed = client.get("/contribution/oewg1-zd-RUS-4").text
    assert "line 62: <a" in listed and ">https://disarmament.unoda.org/open-ended-working-group</a>" in listed
    assert client.get("/state/XXX.bib").status_code == 404


def test_files_have_the_rows_and_columns_of_the_page(client: TestClient) -> None:
    start = "/questions/states-on-both-drafts"
    rows = list(csv.DictReader(client.get(f"{start}.csv?{FILTERED}").text.splitlines()))
    assert [row["actor"].rpartition("/")[2] for row in rows] == EASTERN
    found = client.get(f"{start}.json?{FILTERED}").json()
    assert [one["actor"]["value"].rpartition("/")[2] for one in found["results"]["bindings"]] == EASTERN
    assert found["question"]["filter"] == "filtered to Eastern European Group" and found["question"]["rows"] == 4
    notes = client.get(f"{start}.footnotes.md?{FILTERED}").text
    assert notes.splitlines()[0].endswith("filtered to Eastern European Group")
    assert [line.partition(" — ")[0] for line in notes.splitlines() if "[^1]" in line or "[^3]" in line][:2] == [
        "Russian Federation",
        "Estonia",
    ]
    # in the order of the page (001:62)
    given = "ZD statement 1, ZD statement 2, ZD statement 3, ZD amendments, ZD commentary"
    assert f"Russian Federation — comments — {given}" in notes
    second = client.get(f"{start}.footnotes.md?{FILTERED}&offset=1&limit=1").text
    assert "Estonia" in second and "Armenia" not in second and "Russian" not in second.partition("[^1]")[0]
    assert (
        'filename="states-on-both-drafts_filtered.csv"'
        in (client.get(f"{start}.csv?{FILTERED}").headers["content-disposition"])
    )


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("how to cite", ["about#cite"]),
        ("citation", ["about#cite"]),
        ("method", ["about#method"]),
        ("Limits", ["about#limits"]),
        ("map", ["map"]),
        ("where do the pages contradict each other", ["conflicts"]),
        ("everything about Estonia", ["./state/EST"]),
    ],
)
def test_the_search_leads_to_pages_of_the_site(client: TestClient, text: str, links: list[str]) -> None:
    answer = client.get("/search", params={"q": text}).text.partition("<main")[2]
    found = re.findall('<li><a href="([^"]*)"', answer)
    assert set(links) <= set(found)
    assert not [link for link in found if link.startswith("search")], "a command leads to an empty search"
    for link in found:
        assert client.get("/" + unescape(link).removeprefix("./").partition("#")[0]).status_code == 200


def test_the_search_says_which_question_has_no_rows(client: TestClient) -> None:
    text = client.get("/search", params={"q": "how did Kaspersky comment on the zero draft"}).text
    offers = re.findall('<li><a href="(questions/[^"]*)">[^<]*</a>( <strong class="flag">0 rows)?', text)
    assert len(offers) > 1
    for link, empty in offers:
        page = client.get("/" + unescape(link)).text
        assert ('<h2 id="answer" tabindex="-1">0 rows' in page) == bool(empty), link
    tuvalu = client.get("/search", params={"q": "what did Tuvalu contribute"}).text
    assert "0 rows</strong>" in tuvalu.partition("contributions-of-actor")[2][:300]


def test_the_form_of_a_comparison_names_what_is_compared(client: TestClient) -> None:
    def named(path: str) -> list[str]:
        return re.findall('<input id="a-.*? value="([^"]*)"', client.get(path).text)

    assert named("/compare") == ["European Union (EU)", "Non-Aligned Movement (NAM)", "", ""]
    assert named("/compare?actor=state:IRN&actor=EST") == ["Iran (Islamic Republic of)", "EST", "", ""]


def test_only_the_differences_of_actors_and_their_picture(client: TestClient) -> None:
    start = "/compare?actor=state:IRN&actor=state:EST"
    page = client.get(start).text
    (link,) = re.findall('<a href="([^"]*)">only differences</a>', page)
    rows = csv.DictReader(client.get("/compare" + unescape(link).partition("#")[0] + "&as=csv").text.splitlines())
    pairs = [(row["item"], row["Iran (Islamic Republic of)"], row["Estonia"]) for row in rows]
    # the record of the vote says that Iran voted for and Estonia against; on 60/45 both voted for
    assert ("Resolution A/RES/75/240", "yes", "no") in pairs
    assert "Resolution A/RES/60/45" in page and not [one for one in pairs if "60/45" in one[0]]
    assert all(one != other for _, one, other in pairs) and len(pairs) > 3
    picture = client.get(f"{start}&differ=1&as=svg")
    assert picture.headers["content-type"].startswith("image/svg+xml") and "A/RES/75/240" in picture.text
    assert "Resolution A/RES/60/45" not in picture.text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/contribution/oewg1-zd-RUS-4", "ZD: Zero Draft"),
        ("/questions/states-on-both-drafts", "ZD: Zero Draft"),
        ("/state/EST", "ZD: Zero Draft; OEWG: Open-ended Working Group; GGE: Group of Governmental Experts"),
        ("/", "OEWG: Open-ended Working Group; GGE: Group of Governmental Experts"),
    ],
)
def test_abbreviations_are_written_out_above_what_uses_them(client: TestClient, path: str, words: str) -> None:
    assert f'<p class="quiet">{words}' in client.get(path).text


def test_an_address_is_no_abbreviation() -> None:
    assert rendering.abbreviations('<a href="ZD">all</a> PoW') == ""
    assert rendering.abbreviations("<b>ZD</b> and NGOs") == "ZD: Zero Draft; NGO: non-governmental organization"


def test_a_text_as_a_value_harms_neither_the_file_name_nor_the_page(client: TestClient) -> None:
    for text in ('a"b\r\nX: y', "中文", "/../x", "x" * 400, "<b>"):
        got = client.get("/questions/actors-by-printed-name.csv", params={"text": text})
        (name,) = re.fullmatch('inline; filename="([^"]*)"', got.headers["content-disposition"]).groups()  # type: ignore[union-attr]
        assert re.fullmatch(r"actors-by-printed-name_text[\w.-]{0,60}\.csv", name, re.ASCII), name
        assert "<b>" not in client.get("/questions/actors-by-printed-name", params={"text": text}).text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("first=Zero+Drafft", "did you mean"),
        ("draft=x", "has no setting"),
        ('first="} UNION {', "is not a valid value"),
        ("first=> <x", "is not a valid value"),
        ("kind=\\u0022\n", "is not a valid value"),
    ],
)
def test_wrong_parameters_are_reported_on_the_page(client: TestClient, asked: str, words: str) -> None:
    name, _, value = asked.partition("=")
    answer = client.get("/questions/states-on-both-drafts", params={name: value.replace("+", " ")})
    assert answer.status_code == 400
    assert words in answer.text
    assert "<form" in answer.text
    assert not Page(answer.text).faults
    assert client.get("/questions/states-on-both-drafts.csv", params={name: value}).status_code == 400


def test_the_downloads_of_an_answer(client: TestClient, kg: KnowledgeGraph) -> None:
    answer = kg.ask("states-on-both-drafts", kind="kind:comments")
    start = "/questions/states-on-both-drafts"
    exact = client.get(f"{start}.csv?kind=kind:comments")
    assert exact.headers["content-type"].startswith("text/csv")
    assert len(exact.text.splitlines()) == len(answer) + 1
    found = json.loads(client.get(f"{start}.json?kind=kind:comments").text)
    assert len(found["results"]["bindings"]) == len(answer)
    assert "[^1]" in client.get(f"{start}.footnotes.md").text
    query = client.get(f"{start}.rq?kind=kind:comments").text
    assert len(kg.query(query)) >= len(answer)  # type: ignore[arg-type]
    assert "guarded" in client.get(f"{start}.guarded.csv").text.splitlines()[0]
    marked = [client.get(start + end).content.startswith(b"\xef\xbb\xbf") for end in (".guarded.csv", ".csv")]
    assert marked == [True, False], "Excel knows UTF-8 by a mark; SPARQL's CSV has none"
    turtle = client.get(f"{start}.ttl?kind=kind:comments").content
    things = {quad.subject for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}
    assert things == {ox.NamedNode(row[0]) for row in answer.rows}


def test_a_cell_that_a_spreadsheet_would_run_is_guarded_and_named() -> None:
    row = questions.guard_formulas(["a", "b", "c"], ["=1+1", "Estonia", "@x"])
    assert row == ["'=1+1", "Estonia", "'@x", "a c"]


def test_a_claim_set_aside_is_struck_and_named_with_its_decision(client: TestClient) -> None:
    page = client.get("/document/a-res-75-240").text
    aside = re.search(r"<del>[^<]*2020-11-01.*?</dd>", page, re.DOTALL)
    assert aside, "the claim is gone from the page"
    assert "not used" in aside[0]
    assert "set aside" in aside[0]
    assert "decision/res-75-240-adoption" in aside[0]
    assert re.search(r"oewg-2019-2021-monitor</i> <a [^>]*#L3\"", aside[0])


def test_a_page_that_is_not_there_offers_a_search_for_its_name(client: TestClient) -> None:
    assert 'href="../search?q=Estland"' in client.get("/state/Estland").text


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/questions/list-actor-matrix", "start"),
        ("/matrix", "start"),
        ("/conflicts", "start"),
        ("/graph/data/reference/votes", "start"),
        ("/source/un-oewg", "from"),
    ],
)
def test_numbers_in_the_address_that_are_none_count_as_not_given(client: TestClient, path: str, name: str) -> None:
    first = client.get(path).text
    for number in ("²", "-1", "1e3", "9" * 5000, "0x10", ""):
        answer = client.get(path, params={name: number})
        assert answer.status_code == 200, number
        assert answer.text.count("<li") == first.count("<li"), number


def test_an_inferred_fact_names_the_lines_that_it_follows_from(client: TestClient, kg: KnowledgeGraph) -> None:
    page = client.get("/state/EST").text
    fact = re.search(r"<dd><span>[^\n]*Zero Draft of the OEWG substantive report</a>.*?</dd>", page, re.DOTALL)
    assert fact
    assert re.search(r'>inferred</a> from <i>oewg-2019-2021</i> <a [^>]*#L44"', fact[0])
    explorer = Explorer(kg.root, kg.dataset, "a fingerprint")
    quads = kg.dataset.store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED))
    things = {quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    facts = [
        fact
        for thing in things
        if thing.value.startswith(BASE) and not thing.value.startswith(OEWG)
        for fact in explorer.facts(thing)
        if fact.inferred
    ]
    assert len(facts) > 1000
    assert [fact for fact in facts if not explorer.inferred_from(fact)] == []


def test_a_rule_that_cannot_be_read_backwards_costs_the_lines_not_the_page(
    mini: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = """PREFIX oewg: <https://w3id.org/oewg-kg/ontology#>

CONSTRUCT { ?x oewg:signs ?y }
WHERE {
    ?y oewg:submittedBy ?x
    FILTER NOT EXISTS { ?x oewg:signs ?y }
    OPTIONAL { ?y oewg:symbol ?symbol }
}
"""
    (mini / "queries" / "rules" / "own-rule.rq").write_text(own, encoding="utf-8")
    for client in serve(oewg_kg.load(str(mini))):
        page = client.get("/state/TUR")
        assert page.status_code == 200
        assert ">inferred</a>" in page.text and ">inferred</a> from" not in page.text
    assert "queries/rules/own-rule.rq: a rule must be one CONSTRUCT of triples and FILTERs" in caplog.text


def test_other_files_and_folders_beside_the_questions_change_no_page(mini: Path) -> None:
    (before,) = [client.get("/questions").headers["etag"] for client in serve(oewg_kg.load(str(mini)))]
    (mini / "queries" / ".checkpoints").mkdir()
    (mini / "queries" / "rules" / "notes.txt").write_text("to do", encoding="utf-8")
    (after,) = [client.get("/questions").headers["etag"] for client in serve(oewg_kg.load(str(mini)))]
    assert after == before


def test_rows_are_those_of_members_of_a_group(client: TestClient) -> None:
    """The expected countries were read from the page (000:122 to 000:160)."""
    with (ROOT / "tests" / "answers" / "expert-seats.csv").open(encoding="utf-8", newline="") as file:
        seats = {row["countryLabel"] for row in csv.DictReader(file)}
    rows = client.get("/states?members=gge&as=json").json()["rows"]
    assert {row["state"].partition(" (Netherlands")[0] for row in rows} == seats and len(seats) == 25
    listed = {row["actor"] for row in client.get("/matrix?members=gge&as=json").json()["rows"]}
    assert {"Australia", "Russian Federation"} <= listed <= seats and "Armenia" not in listed


def test_a_line_that_lists_several_authors_is_named_once(client: TestClient) -> None:
    # p1:240 lists one paper of several states.
    assert client.get("/contribution/oewg1-wp-joint-1-1").text.count("Listed by") == 1


def test_the_entries_of_a_lane_follow_time(client: TestClient) -> None:
    text = client.get("/timeline/state/RUS").text
    days = re.findall(r"<title>voted in favour: [^<]*, (\d{4}-\d\d-\d\d)</title>", text)
    assert len(days) > 5 and days == sorted(days)


@pytest.mark.slow
def test_charts_say_what_the_rows_say(client: TestClient, kg: KnowledgeGraph) -> None:
    view = View(Explorer(kg.root, kg.dataset, "a fingerprint"), "./", "en")

    def chart(name: str) -> Bars | None:
        return charts.chart(view, query.run(kg.dataset, kg.questions[name], {}))

    votes = chart("votes-by-regional-group")
    assert votes
    assert votes.series == ["yes", "no", "abstained", "not voting"]
    assert dict(votes.rows)["Eastern European Group"] == [6, 17, 0, 0]
    drafts = chart("draft-actor-matrix")
    assert drafts is None, "which draft a row is about is chosen above the table, with counts"
    assert chart("side-events-that-clash") is None, "an ordinal counts nothing"
    assert chart("members-of-group") is None
    drawn = [name for name in kg.questions if chart(name)]
    assert len(drawn) > 10


def test_names_come_in_the_language_that_the_address_asks_for_and_links_keep_it(client: TestClient) -> None:
    french = client.get("/state/EST?lang=fr").text
    assert '<h1><span lang="fr" dir="auto">Estonie</span></h1>' in french
    assert 'href="../states?lang=fr"' in french and '?lang=fr">' in french.partition("How did")[2]
    for header in ("fr-FR", "ru-RU,ru;q=0.9,en;q=0.5", "de,fr;q=0.8"):
        answer = client.get("/state/EST", headers={"accept-language": header})
        assert "<h1><span>Estonia" in answer.text and "Accept-Language" not in answer.headers["vary"], header
    assert "<h1><span>Estonia" in client.get("/state/EST?lang=xx").text


@pytest.mark.parametrize(
    "path",
    ["/", "/questions/states-on-both-drafts", "/state/EST", "/static/style.css", "/matrix?only=type:stakeholder"],
)
def test_pages_answer_conditional_requests(client: TestClient, path: str) -> None:
    for encoding in ("identity", "gzip"):
        first = client.get(path, headers={"accept-encoding": encoding})
        tag = first.headers["etag"]
        again = client.get(path, headers={"if-none-match": f'"other", {tag}', "accept-encoding": encoding})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert client.get(path, headers={"accept-encoding": encoding}).content == first.content
    assert client.get("/state/EST", headers={"if-none-match": "*"}).status_code == 304
    assert client.get("/sparql?saved=none", headers={"accept": "text/html", "if-none-match": "*"}).status_code == 404
    other = client.get("/state/EST?lang=fr", headers={"accept-encoding": "gzip", "if-none-match": tag})
    assert other.status_code == 200
    turtle = client.get("/state/EST", headers={"accept": "text/turtle", "if-none-match": tag})
    assert turtle.status_code == 200


@pytest.mark.slow
def test_the_conflicts_show_what_would_change_when_asked(client: TestClient) -> None:
    first = client.get("/conflicts")
    assert 'href="?changes=1"' in first.text and "answers change" not in first.text
    page = client.get("/conflicts?reason=superseded&changes=1")
    assert "no saved question answers otherwise" in page.text or "answers change" in page.text
    assert 'href="?reason=contested&amp;changes=1"' in page.text
    assert first.headers["etag"] != client.get("/conflicts?changes=1").headers["etag"]


@pytest.mark.parametrize("path", ["/openapi.json", "/", "/cite", "/questions.json", "/sparql-terms.json", "/shapes"])
def test_what_a_page_does_not_read_makes_no_other_page(client: TestClient, path: str) -> None:
    first, other = client.get(path), client.get(f"{path}?x=1")
    assert (first.headers["etag"], first.content, first.headers["content-type"]) == (
        other.headers["etag"],
        other.content,
        other.headers["content-type"],
    )
    assert client.get(f"{path}?lang=fr").headers["etag"] != first.headers["etag"]


def test_sparql_in_a_browser(client: TestClient) -> None:
    def ask(query: str) -> str:
        answer = client.get("/sparql", params={"query": query})
        assert answer.status_code == 200, answer.text[-500:]
        assert not Page(answer.text).faults
        return answer.text

    rows = ask("SELECT ?s ?x { ?s oewg:addresses document:oewg1-zero-draft OPTIONAL { ?s <x:y> ?x } } LIMIT 3")
    assert "3 rows" in rows
    assert 'href="./contribution/' in rows
    assert "The first 2000 of 2500 rows" in ask("SELECT * { ?s ?p ?o } LIMIT 2500")
    given = {"query": "SELECT ?s ?actor { ?s oewg:submittedBy ?actor }", "sort": "-actor", "match": "russia"}
    page = client.get("/sparql", params=given).text
    assert "of 239 rows, filtered to rows containing “russia”" in page and "as=xlsx" in page and ">actor ▼</a>" in page
    taken = csv.DictReader(client.get("/sparql", params=given | {"as": "csv"}).text.splitlines())
    assert {row["actor"] for row in taken} == {"Russian Federation"}
    long = client.get("/sparql", params={"query": "#" + "x" * 3000 + "\nSELECT * { ?s oewg:submittedBy ?o }"})
    assert 'class="sortable"' in long.text and len(long.content) < WEIGHT, "no link repeats a long query"
    assert ">Yes</h2>" in ask("ASK { state:EST a oewg:State }")
    assert "state:EST" in ask("DESCRIBE state:EST")
    assert "&lt;b&gt;" in ask('SELECT ("<b>" AS ?x) {}')
    wrong = client.get("/sparql", params={"query": "SELEC </textarea><script>"})
    assert wrong.status_code == 400
    assert "1:1" in wrong.text
    assert not Page(wrong.text).faults
    assert client.get("/sparql", params={"query": "SELECT * { SERVICE <http://x/> {} }"}).status_code == 400
    assert client.get("/sparql", params={"query": "CLEAR ALL"}).status_code == 403


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/sparql-results+json"),
        ("text/csv", "text/csv"),
        ("text/html;q=0.5, application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/html, application/sparql-results+json", "application/sparql-results+json"),
        ("text/html", "text/html"),
    ],
)
def test_sparql_gives_a_page_only_to_who_would_rather_have_one(client: TestClient, accept: str, kind: str) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * {} LIMIT 1"}, headers={"accept": accept})
    assert answer.headers["content-type"].startswith(kind)
    named = client.get("/sparql", params={"query": "SELECT * {} LIMIT 1", "format": "tsv"})
    assert named.headers["content-type"].startswith("text/tab-separated-values")
    described = client.get("/sparql", headers={"accept": "text/turtle"})
    assert described.headers["content-type"].startswith("text/turtle")


def test_nothing_in_the_data_acts_on_a_page(own: TestClient) -> None:
    """Markup is shown as text; only http, https and our own paths are links."""
    names = ("http://example.org/x#a", "http://example.org/x#b", "http://example.org/x#Cat", "javascript:alert(2)")
    paths = [
        "/",
        "/sources",
        "/search?q=script",
        *(f"/thing?iri={urllib.parse.quote(name, safe='')}" for name in names),
    ]
    paths += [
        "/sparql?query=SELECT+*+{?s+?p+?o}",
        "/search?q=%3Cscript%3E",
        '/search?q="><b>',
        "/matrix",
        "/map",
        "/network",
    ]
    for path in paths:
        answer = own.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        page = Page(answer.text)
        assert not page.faults
        for _, link in page.links:
            scheme = urllib.parse.urlsplit(link).scheme
            assert scheme in ("", "http", "https"), f"{path} links to {link}"
            assert not link.startswith("//"), f"{path} links to {link}"
    page = own.get(f"/thing?iri={urllib.parse.quote(names[0], safe='')}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<span>javascript:alert(1)</span>" in page


def test_pages_load_only_what_is_ours_and_need_no_script(client: TestClient) -> None:
    text = client.get("/").text
    loaded = re.findall(r'(?:src|<link rel="(?:stylesheet|icon)" href)="([^"]+)"', text)
    assert loaded == ["./static/style.css", "./static/mark.svg", "./static/table.js"]
    style = (HERE / "static" / "style.css").read_text()
    assert "url(" not in style
    assert "@import" not in style
    weight = len(text.encode()) + sum(len(client.get(f"/{one}").content) for one in loaded)
    assert weight < WEIGHT
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_links_hold_behind_the_prefix_of_a_proxy(kg: KnowledgeGraph) -> None:
    client = client_of(kg.root, kg.dataset, headers=BROWSER, root_path="/graph-of/oewg")
    page = Page(client.get("/state/EST").text)
    assert "../questions" in {link for _, link in page.links}
    assert client.get("/questions").status_code == 200


def test_parts_of_a_source_begin_where_links_say() -> None:
    assert [
        presentation.first_line_of_part(number) for number in (1, presentation.PART_LINES, presentation.PART_LINES + 1)
    ] == [
        1,
        1,
        presentation.PART_LINES + 1,
    ]


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1])
def test_colors_have_the_contrast_of_wcag_aa(scheme: int) -> None:
    style = (HERE / "static" / "style.css").read_text()
    schemes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", schemes[scheme]))
    pairs = [(text, ground) for text in ("ink", "quiet", "lead", "care") for ground in ("paper", "band")]
    pairs += [
        ("care", "care-soft"),
        ("ink", "care-soft"),
        ("ink", "lead-soft"),
        ("ink", "mid"),
        ("paper", "lead"),
        ("paper", "care"),
    ]
    for text, ground in pairs:
        one, other = sorted((luminance(colors[text]), luminance(colors[ground])), reverse=True)
        assert (one + 0.05) / (other + 0.05) >= 4.5, f"{text} on {ground}: {(one + 0.05) / (other + 0.05):.2f}"
