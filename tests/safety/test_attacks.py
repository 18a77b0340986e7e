"""The endpoint that nobody can bring down: each row of the table of attacks, against `oewg serve` as a process of its own.

After each test a question that was never asked before is answered by a worker, and at the end the data are what they were.
Files of strangers are in test_intake.py, signals and the death of workers in test_stop.py.
"""

import contextlib
import csv
import http.client
import io
import itertools
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from conftest import small_world
from served import FORM, JSON, QUERY, Answer, Server, processor, serving, until

pytestmark = pytest.mark.slow

LIMITS = ("--memory", "128", "--workers", "2")
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
GRAPHS = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
OWN = """
@prefix oewg: <https://w3id.org/oewg-kg/ontology#> . @prefix state: <https://w3id.org/oewg-kg/state/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
state:XXX a oewg:State ; skos:prefLabel "=1+1"@en ; skos:altLabel "<script>alert(1)</script>" , "+1" , "-1" , "@SUM(1)" ;
    skos:related <javascript:alert(1)> , <data:text/html,x> .
"""
fresh = itertools.count()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("served"), *LIMITS) as server:
        yield from unchanged(server)


@pytest.fixture
def server(served: Server) -> Iterator[Server]:
    """The server, which afterwards lives, answers as it did, and has told nobody of a fault."""
    yield from unharmed(served)


@pytest.fixture(scope="module")
def strictly_served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("strict"), *LIMITS, "--seconds", "1") as server:
        yield from unchanged(server)


@pytest.fixture
def strict(strictly_served: Server) -> Iterator[Server]:
    """A server that gives a query one second; afterwards it is as `server`."""
    yield from unharmed(strictly_served)


def unchanged(server: Server) -> Iterator[Server]:
    before = [answered(server, query).text for query in (COUNT, GRAPHS)]
    yield server
    assert [answered(server, query).text for query in (COUNT, GRAPHS)] == before


def unharmed(server: Server) -> Iterator[Server]:
    faults = sum("fault at" in line for line in server.logged)
    yield server
    assert server.process.poll() is None
    answer = answered(server, "SELECT ?code { state:EST oewg:iso2 ?code }")
    assert [row["code"]["value"] for row in answer.bindings] == ["EE"]
    assert sum("fault at" in line for line in server.logged) == faults, "\n".join(server.logged[-30:])


def answered(server: Server, query: str) -> Answer:
    """Ask what was never asked before, until it is answered: a slow machine may be too late for the limits, or all workers at work."""
    answers: list[Answer] = []

    def ask() -> bool:
        answers.append(server.ask(f"{query} # {next(fresh)}"))
        return answers[-1].status != 503

    until(ask, "no worker answers")
    return answers[-1]


def short(text: object) -> str:
    return str(text)[:50]


def in_html(server: Server, target: str) -> Answer:
    return server.say("GET", target, {"Accept": "text/html"})


class Slow:
    """Three connections: one sends its body slowly, one its head, one nothing; others ask meanwhile, and none is cut off early."""

    def __init__(self, server: Server, stack: contextlib.ExitStack) -> None:
        self.server, self.channels = server, [stack.enter_context(server.open()) for _ in range(3)]
        self.statuses: list[int] = []
        self.early = False
        self.thread = threading.Thread(target=self._send)

    def _send(self) -> None:
        body, head, _ = self.channels
        body.sendall(b"POST /sparql HTTP/1.1\r\nHost: localhost\r\n")
        begun = time.monotonic()
        body.sendall(b"Content-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\n")
        for sign in b"GET /sparq":
            for channel in (body, head):
                with contextlib.suppress(OSError):  # on a slow machine it is cut off before the last
                    channel.sendall(bytes([sign]))
            self.statuses.append(answered(self.server, "ASK {}").status)
            cut = select.select([body], [], [], 1)[0]
            self.early |= bool(cut) and time.monotonic() - begun < 9


@pytest.fixture(scope="module", autouse=True)
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slow]:
    """Begin with the first test of this file: it takes ten seconds, in which others run."""
    folder = tmp_path_factory.mktemp("slow")
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(serving(folder, "--workers", "1", root=small_world(folder / "mini")))
        found = Slow(server, stack)
        found.thread.start()
        yield found
        found.thread.join()


# SERVICE

PLACES = {
    "plain": "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "lower case": "SELECT * { service <URL> { ?s ?p ?o } }",
    "mixed case": "SELECT * { SeRvIcE sIlEnT <URL> { ?s ?p ?o } }",
    "no space": "SELECT*{SERVICE<URL>{?s?p?o}}",
    "after a comment": "SELECT * { # a comment\nSERVICE # another\n<URL> { ?s ?p ?o } }",
    "after a newline": "SELECT * {\r\n\tSERVICE\r\n<URL>\r\n{ ?s ?p ?o } }",
    "after a quote": "SELECT * { ?s ?p 'it''s' . SERVICE <URL> { ?s ?p ?o } }",
    "escaped": "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "EXISTS": "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "NOT EXISTS": "SELECT * { ?s ?p ?o FILTER NOT EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "MINUS": "SELECT * { ?s ?p ?o MINUS { SERVICE <URL> { ?s ?p ?o } } }",
    "OPTIONAL": "SELECT * { ?s ?p ?o OPTIONAL { SERVICE <URL> { ?s ?p ?o } } }",
    "UNION": "SELECT * { { ?s ?p ?o } UNION { SERVICE <URL> { ?s ?p ?o } } }",
    "GRAPH": "SELECT * { GRAPH ?g { SERVICE <URL> { ?s ?p ?o } } }",
    "sub-SELECT": "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "projection": "SELECT (EXISTS { SERVICE <URL> { ?s ?p ?o } } AS ?x) {}",
    "ORDER BY": "SELECT * { ?s ?p ?o } ORDER BY EXISTS { SERVICE <URL> { ?s ?p ?o } }",
    "HAVING": "SELECT (1 AS ?x) {} HAVING (EXISTS { SERVICE <URL> { ?s ?p ?o } })",
    "ASK": "ASK { SERVICE <URL> { ?s ?p ?o } }",
    "CONSTRUCT": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "DESCRIBE": "DESCRIBE ?s { SERVICE <URL> { ?s ?p ?o } }",
    "a variable": "SELECT * { VALUES ?x { <URL> } SERVICE ?x { ?s ?p ?o } }",
    "a prefixed name": "PREFIX a: <URL> SELECT * { SERVICE a: { ?s ?p ?o } }",
    "a computed IRI": "SELECT * { BIND (IRI('URL') AS ?x) SERVICE ?x { ?s ?p ?o } }",
}
WAYS: dict[str, Callable[[Server, str], Answer]] = {
    "GET": lambda server, text: server.ask(text),
    "form": lambda server, text: server.say("POST", "/sparql", FORM, urlencode({"query": text})),
    "direct": lambda server, text: server.say("POST", "/sparql", QUERY, text),
    "page": lambda server, text: in_html(server, "/sparql?" + urlencode({"query": text})),
    "page by format": lambda server, text: server.say("GET", "/sparql?" + urlencode({"query": text, "format": "html"})),
    "page by form": lambda server, text: server.say(
        "POST", "/sparql", FORM | {"Accept": "text/html"}, urlencode({"query": text})
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_service_is_refused_wherever_it_is(server: Server, canary: str, place: str) -> None:
    answer = server.ask(PLACES[place].replace("URL", canary))
    assert answer.status == 400
    assert "SERVICE is not allowed here" in answer.text or place == "escaped"


@pytest.mark.parametrize("way", WAYS)
def test_service_is_refused_by_every_way_in(server: Server, canary: str, way: str) -> None:
    answer = WAYS[way](server, PLACES["plain"].replace("URL", canary))
    assert (answer.status, "SERVICE is not allowed here" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { BIND ('SERVICE <http://127.0.0.1/> { }' AS ?x) }",
        "ASK { FILTER (?s != <http://example.org/SERVICE>) VALUES ?s { 1 } }",
        "ASK { VALUES ?service { 1 } } # SERVICE",
        "PREFIX a: <http://example.org/> ASK { VALUES ?x { a:service a:SERVICE } }",
    ],
    ids=short,
)
def test_a_word_that_only_looks_like_service_is_allowed(server: Server, text: str) -> None:
    assert (server.ask(text).status, b"true" in server.ask(text).body) == (200, True)


def test_a_worker_can_open_neither_a_connection_nor_a_file_while_it_answers(strict: Server) -> None:
    def open_files() -> set[str]:
        found = set()
        for pid in strict.workers():
            with contextlib.suppress(OSError):  # it ended meanwhile
                found |= set(re.findall(r"Max open files +(\S+)", Path(f"/proc/{pid}/limits").read_text()))
        return found

    with Crowd(strict, 1, ENDLESS["count"]):  # asking again, since on a busy machine one question may end unseen
        until(lambda: "0" in open_files(), "a worker that answers a query may open something")


# FROM


@pytest.mark.parametrize("scheme", ["http", "file", "link-local"])
@pytest.mark.parametrize("way", ["FROM", "FROM NAMED", "default-graph-uri", "named-graph-uri", "graph store"])
def test_a_graph_that_we_do_not_hold_is_empty_and_never_read(
    server: Server, canary: str, tmp_path: Path, scheme: str, way: str
) -> None:
    place = tmp_path / "x.ttl"
    place.write_text("<http://example.org/a> <http://example.org/b> 'secret' .")
    iri = {"http": canary, "file": place.as_uri(), "link-local": "http://169.254.169.254/latest/"}[scheme]
    pattern = "{ { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    if way == "graph store":
        answer = server.say("GET", "/rdf-graph-store?" + urlencode({"graph": iri}))
        assert (answer.status, "secret" in answer.text) == (404, False)
        return
    answer = (
        server.ask(f"SELECT * {way} <{iri}> {pattern}")
        if way.startswith("FROM")
        else server.ask(f"SELECT * {pattern}", **{way: iri})
    )
    assert (answer.status, answer.bindings) == (200, [])


# Updates

UPDATES = [
    "INSERT DATA { <http://example.org/a> <http://example.org/b> 1 }",
    "insert { ?s ?p 1 } where { ?s ?p ?o }",
    "PREFIX a: <http://example.org/> # INSERT\nINSERT DATA { a:a a:b 1 }",
    "# a comment\n  BASE <http://example.org/> DELETE WHERE { ?s ?p ?o }",
    "DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    "WITH <http://example.org/g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "LOAD <http://127.0.0.1/>",
    "LOAD SILENT <file:///etc/passwd>",
    "CLEAR ALL",
    "CLEAR SILENT DEFAULT",
    "DROP NAMED",
    "CREATE GRAPH <http://example.org/g>",
    "COPY DEFAULT TO <http://example.org/g>",
    "MOVE DEFAULT TO <http://example.org/g>",
    "ADD DEFAULT TO <http://example.org/g>",
]


@pytest.mark.parametrize("text", UPDATES, ids=short)
def test_an_update_is_refused_by_every_way_in(server: Server, text: str) -> None:
    update = {"Content-Type": "application/sparql-update"}
    answers = [way(server, text) for way in WAYS.values()] + [
        server.say("GET", "/sparql?" + urlencode({"update": text})),
        server.say("POST", "/sparql", FORM, urlencode({"update": text})),
        server.say("POST", "/sparql", update, text),
    ]
    assert [answer.status for answer in answers] == [403] * 9
    assert all("the data are read-only" in answer.text for answer in answers)


def test_an_update_behind_a_query_is_not_a_query(server: Server) -> None:
    assert [server.ask(f"ASK {{}} ; {text}").status for text in UPDATES] == [400] * len(UPDATES)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
@pytest.mark.parametrize(
    "target",
    [
        "/rdf-graph-store?default",
        "/rdf-graph-store?graph=" + quote("https://w3id.org/oewg-kg/source/oewg-2019-2021#L62", safe=""),
        "/state/EST",
        "/.well-known/void",
    ],
)
def test_graphs_and_pages_are_not_written(server: Server, method: str, target: str) -> None:
    turtle = {"Content-Type": "text/turtle"}
    answer = server.say(method, target, turtle, "<http://example.org/a> <http://example.org/b> 1 .")
    assert (answer.status, answer.headers["allow"], answer.headers["access-control-allow-origin"]) == (
        405,
        "GET, HEAD",
        "*",
    )


# Queries that never end

ENDLESS = {
    "count": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}",
    "rows": f"SELECT * {{ {CROSS} }}",
    "ORDER BY": f"SELECT * {{ {CROSS} }} ORDER BY ?c ?f ?i",
    "DISTINCT": f"SELECT DISTINCT ?a ?d ?g {{ {CROSS} }}",
    "VALUES": "SELECT (COUNT(*) AS ?n) {"
    + "".join(f"VALUES ?v{at} {{ {' '.join(map(str, range(100)))} }}" for at in range(6))
    + "}",
    "GROUP BY": f"SELECT ?a ?d (COUNT(*) AS ?n) {{ {CROSS} }} GROUP BY ?a ?d",
    "ASK": f"ASK {{ {CROSS} FILTER (STRLEN(CONCAT(STR(?a), STR(?d), STR(?g))) < 1) }}",
    "CONSTRUCT": f"CONSTRUCT {{ ?a ?e ?i }} WHERE {{ {CROSS} }}",
    "MINUS": f"SELECT * {{ {CROSS} MINUS {{ ?a ?e ?i }} }}",
    "paths": "SELECT (COUNT(*) AS ?n) { ?a (!<http://example.org/a>)* ?b . ?c (!<http://example.org/a>)* ?d }",
    "CONCAT": "SELECT ?x40 { BIND ('aaaaaaaa' AS ?x0) "
    + "".join(f"BIND (CONCAT(?x{at}, ?x{at}) AS ?x{at + 1}) " for at in range(40))
    + "}",
    "GROUP_CONCAT": "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?c), STR(?f))) AS ?x) { ?a ?b ?c . ?d ?e ?f }",
    "REPLACE": "SELECT (STRLEN(REPLACE(REPLACE(REPLACE(?s, '.', ?s), '.', ?s), '.', ?s)) AS ?n) { BIND ('"
    + "a" * 3000
    + "' AS ?s) }",
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_query_that_asks_too_much_is_stopped_and_its_worker_lives_or_is_replaced(strict: Server, kind: str) -> None:
    """How soon it is stopped, benchmarks/soak.py measures."""
    until(lambda: len(strict.workers()) >= 2, "a worker is missing")
    workers = set(strict.workers())
    answer = strict.ask(ENDLESS[kind], "*/*")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "ask for less" in answer.text
    killed = re.search("took too long|memory or nesting", answer.text) is not None  # else it stopped by itself
    until(lambda: len(strict.workers()) >= 2, "a worker is missing")
    assert workers - set(strict.workers()) or not killed


def test_a_regular_expression_ends(strict: Server) -> None:
    answer = answered(strict, f"SELECT * {{ BIND (REGEX('{'a' * 5000}!', '^(a+)+$') AS ?x) }}")
    assert (answer.status, answer.bindings[0]["x"]["value"]) == (200, "false")
    assert strict.ask("SELECT * { BIND (REGEX('a', '((a{0,1000}){0,1000}){0,1000}') AS ?x) }").status in (200, 400, 503)


class Crowd:
    """As many clients at once as wanted, each asking again and again until told to end, when they hang up; and what they were told."""

    def __init__(self, server: Server, size: int, query: str) -> None:
        self.server, self.query, self.end = server, query, threading.Event()
        self.answers: list[Answer] = []
        self.threads = [threading.Thread(target=self._ask) for _ in range(size)]

    def _ask(self) -> None:
        while not self.end.wait(0.1):
            target = "/sparql?" + urlencode({"query": f"{self.query} # {next(fresh)}"})
            # Some may be cut off: what a crowd is told counts, and nobody promises it anything.
            with contextlib.suppress(ConnectionError), self.server.open() as channel:
                channel.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
                while not select.select([channel], [], [], 0.1)[0]:
                    if self.end.is_set():
                        return
                with contextlib.closing(http.client.HTTPResponse(channel)) as response:
                    response.begin()
                    headers = {name.lower(): text for name, text in response.getheaders()}
                    self.answers.append(Answer(response.status, headers, response.read()))

    def __enter__(self) -> "Crowd":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.end.set()
        for thread in self.threads:
            thread.join()


def test_others_are_answered_while_some_ask_too_much(strict: Server) -> None:
    """How soon, benchmarks/soak.py measures."""
    with Crowd(strict, 10, ENDLESS["count"]) as crowd:
        until(lambda: len(crowd.answers) > 3, "nobody is told anything")
        for _ in range(6):
            answer = answered(strict, "SELECT ?s { ?s a oewg:State } ORDER BY ?s LIMIT 3")
            assert (answer.status, len(answer.bindings)) == (200, 3)
    assert {answer.status for answer in crowd.answers} == {503}


def test_a_full_queue_says_so_at_once(strict: Server) -> None:
    with Crowd(strict, 45, ENDLESS["count"]) as crowd:  # 32 may wait, and each of four workers has one
        until(lambda: any("all workers are busy" in answer.text for answer in crowd.answers), "no queue is ever full")
        until(lambda: in_html(strict, "/state/EST").status == 200, "no page is answered")
    full = [answer for answer in crowd.answers if "all workers are busy" in answer.text]
    assert {(answer.status, answer.headers["retry-after"]) for answer in full} == {(503, "5")}


# Nesting and length


def nested(opening: str, inner: str, closing: str, around: str = "SELECT * {{ {} }}") -> Callable[[int], str]:
    return lambda depth: around.format(opening * depth + inner + closing * depth)


NESTED = {
    "groups": nested("{", "?s ?p 1", "}"),
    "OPTIONAL": nested("OPTIONAL {", "?s ?p 1", "}"),
    "MINUS": nested("?s ?p 1 MINUS {", "?s ?p 1", "}"),
    "UNION inside": nested("{ ?s ?p 1 } UNION {", "?s ?p 1", "}"),
    "EXISTS": nested("FILTER EXISTS {", "?s ?p 1", "}"),
    "NOT EXISTS": nested("FILTER NOT EXISTS {", "?s ?p 1", "}"),
    "GRAPH": nested("GRAPH ?g {", "?s ?p 1", "}"),
    "sub-SELECT": nested("{ SELECT * {", "?s ?p 1", "} }"),
    "parentheses": nested("(", "1", ")", "SELECT * {{ FILTER({}) }}"),
    "open parentheses": nested("(", "1", "", "SELECT * {{ FILTER({}"),
    "functions": nested("STR(", "1", ")", "SELECT * {{ BIND({} AS ?x) }}"),
    "IF": nested("IF(true,1,", "1", ")", "SELECT * {{ BIND({} AS ?x) }}"),
    "not": nested("!", "true", "", "ASK {{ FILTER({}) }}"),
    "minus": nested("-", "1", "", "ASK {{ FILTER({}) }}"),
    "paths": nested("(", "oewg:a", ")*", "SELECT * {{ ?s {} ?o }}"),
    "inverse paths": nested("^", "oewg:a", "", "SELECT * {{ ?s {} ?o }}"),
    "blank nodes": nested("[ ?p ", "1", "]", "SELECT * {{ ?s ?p {} }}"),
    "collections": nested("(", "1", ")", "SELECT * {{ ?s ?p {} }}"),
    "triple terms": nested("<<( ?s ?p ", "1", ")>>", "SELECT * {{ ?s ?p {} }}"),
    "reified triples": nested("<< ?s ?p ", "1", ">>", "SELECT * {{ ?s ?p {} }}"),
    "templates": nested("[ oewg:a ", "1", "]", "CONSTRUCT {{ oewg:a oewg:b {} }} WHERE {{}}"),
    "UNION": lambda length: "SELECT * { {}" + " UNION { ?s ?p 1 }" * length + " }",
    "OPTIONAL beside": lambda length: "SELECT * {" + " OPTIONAL { ?s ?p 1 }" * length + " }",
    "FILTER": lambda length: "SELECT * {" + " FILTER(1 = 1)" * length + " }",
    "BIND": lambda length: (
        "SELECT * {" + "".join(f" BIND({f'?x{at - 1}' if at else 1} + 1 AS ?x{at})" for at in range(length)) + " }"
    ),
    "BIND of triples": lambda length: (
        "SELECT * { BIND(1 AS ?x0)"
        + "".join(f" BIND(TRIPLE(oewg:a, oewg:b, ?x{at}) AS ?x{at + 1})" for at in range(length))
        + " }"
    ),
    "CONSTRUCT of triples": lambda length: (
        f"CONSTRUCT {{ oewg:a oewg:b ?x{length} }} WHERE {{ BIND(1 AS ?x0)"
        + "".join(f" BIND(TRIPLE(oewg:a, oewg:b, ?x{at}) AS ?x{at + 1})" for at in range(length))
        + " }"
    ),
    "triples that double": lambda length: (
        "SELECT * { BIND(oewg:a AS ?x0)"
        + "".join(
            f" BIND(TRIPLE(oewg:a, oewg:b, TRIPLE(?x{at}, oewg:b, ?x{at})) AS ?x{at + 1})" for at in range(length)
        )
        + " }"
    ),
    "sums": lambda length: "ASK { FILTER(1" + " + 1" * length + ") }",
    "alternatives": lambda length: "ASK { FILTER(true" + " || true" * length + ") }",
    "sequences": lambda length: "ASK { ?s oewg:a" + "/oewg:a" * length + " ?o }",
    "objects": lambda length: "ASK { ?s ?p 0" + ", 1" * length + " }",
    "triples": lambda length: "ASK { ?s ?p 0" + " . ?s ?p 1" * length + " }",
    "IN": lambda length: "ASK { FILTER(1 IN (0" + ", 1" * length + ")) }",
    "COALESCE": lambda length: "ASK { FILTER(COALESCE(1" + ", 1" * length + ")) }",
    "columns": lambda length: "SELECT " + " ".join(f"(1 AS ?x{at})" for at in range(length)) + " {}",
    "ORDER BY": lambda length: "SELECT * {} ORDER BY" + " ?x" * length,
    "prefixes": lambda length: "".join(f"PREFIX p{at}: <http://example.org/> " for at in range(length)) + "ASK {}",
    "FROM": lambda length: "ASK" + " FROM <http://example.org/>" * length + " {}",
    "VALUES": lambda length: "SELECT * { VALUES ?x {" + " 1" * length + " } }",
    "DESCRIBE": lambda length: "DESCRIBE" + " oewg:State" * length,
}


@pytest.mark.parametrize("depth", [64, 1000, 10_000])
@pytest.mark.parametrize("kind", NESTED)
def test_nesting_and_length_end_in_an_answer_or_an_error(strict: Server, kind: str, depth: int) -> None:
    text = NESTED[kind](depth)
    for answer in (WAYS["direct"](strict, text), WAYS["page by form"](strict, text)):
        assert answer.status in (200, 400, 503), answer.text[:300]
        assert answer.body


def test_a_long_query_is_answered(server: Server) -> None:
    values = " ".join(f"<http://example.org/{at:08}>" for at in range(10_000))
    text = f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {values} }} }}"
    assert len(text) > 300_000
    for way in ("form", "direct"):
        answer = WAYS[way](server, text)
        assert (answer.status, answer.bindings[0]["n"]["value"]) == (200, "10000")


@pytest.mark.parametrize("kind", ["form", "query"])
@pytest.mark.parametrize("way", ["length told", "in pieces"])
def test_a_body_that_is_too_large_is_refused(server: Server, kind: str, way: str) -> None:
    body = b"query=ASK%20%7B%7D&x=" + b"a" * (2 << 20) if kind == "form" else b"ASK {} #" + b"a" * (2 << 20)
    headers = FORM if kind == "form" else QUERY
    if way == "length told":
        answer = server.say("POST", "/sparql", headers, body)
        assert (answer.status, answer.text, answer.headers["access-control-allow-origin"]) == (
            413,
            "the body is larger than 2 MiB\n",
            "*",
        )
        return
    with server.open() as channel:
        head = f"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: {headers['Content-Type']}\r\nTransfer-Encoding: chunked\r\n\r\n"
        channel.sendall(head.encode() + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
        assert channel.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_ten_thousand_parameters_are_refused(server: Server) -> None:
    many = "query=ASK%20%7B%7D" + "&a=" * 10_000
    for answer in (server.say("GET", f"/sparql?{many}"), server.say("POST", "/sparql", FORM, many)):
        assert (answer.status, answer.text) == (400, "at most 1000 parameters are allowed\n")


@pytest.mark.parametrize(
    ("header", "status"), [("x" * 65_000, 200), ("x" * 66_000, 431), ("x" * 400_000, 431), ("\x00", 400), ("ü", 200)]
)
@pytest.mark.parametrize("size", [1 << 20, 40_000, 7_000])
def test_an_odd_head_is_answered_alike_however_many_parts_it_comes_in(
    server: Server, header: str, status: int, size: int
) -> None:
    head = f"GET /cite HTTP/1.1\r\nHost: localhost\r\nX: {header}\r\n\r\n".encode()
    with server.open() as channel:
        for start in range(0, len(head), size):
            with contextlib.suppress(OSError):  # it was refused before its end
                channel.sendall(head[start : start + size])
            time.sleep(0.005)  # so that the parts come one by one; where they do not, the answer is the same
        assert channel.recv(1000).startswith(b"HTTP/1.1 %d " % status)


def test_a_client_that_goes_away_frees_its_worker(mini: Path, tmp_path: Path) -> None:
    with serving(tmp_path, "--seconds", "600", "--workers", "1", root=mini) as server:
        before = {pid: processor(pid) for pid in server.workers()}

        def worked(pid: int) -> float:
            return processor(pid) - before.get(pid, 0.0)

        with server.open() as channel:
            query = urlencode(
                {"query": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} . ?j ?k ?l . ?m ?o ?p FILTER (?a != ?m) }}"}
            )
            channel.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            until(lambda: max(map(worked, server.workers())) > 1, "no worker works")
            worker = max(server.workers(), key=worked)
        until(lambda: worker not in server.workers(), "the worker is not freed")
        until(lambda: len(server.workers()) >= 2, "the worker is not replaced")
        assert answered(server, "ASK {}").status == 200
        until(lambda: any(" 499 " in line for line in server.logged), "that the client is gone is not logged")


# Markup, spreadsheets, hosts, paths, parameters


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.ttl").write_text(OWN)
    with serving(folder, "--data", str(folder / "own.ttl"), "--workers", "1") as server:
        yield server


@pytest.mark.parametrize(
    "target",
    [
        "/state/XXX",
        "/thing?iri=javascript:alert(1)",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/questions/%3Cscript%3Ealert(1)%3C/script%3E",
        "/questions/things-without-outside-identifier?kind=%3Cscript%3Ealert(1)%3C/script%3E",
        "/sparql?query=%3Cscript%3Ealert(1)%3C/script%3E",
        "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D",
        "/sparql?query=DESCRIBE%20state:XXX",
        "/sparql?saved=%3Cscript%3Ealert(1)%3C/script%3E",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
    ],
)
def test_markup_is_shown_as_text(own: Server, target: str) -> None:
    answer = in_html(own, target)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script>alert" not in answer.text
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<[^>]+\son\w+=|(?:href|src)=\"?(?:javascript|data):", answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'self'; ")
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("accept", ["*/*", "application/problem+json", JSON])
def test_an_error_with_markup_is_not_a_page(own: Server, accept: str) -> None:
    answer = own.ask("<script>alert(1)</script>", accept)
    expected = "application/problem+json" if "problem" in accept else "text/plain; charset=utf-8"
    assert (answer.status, answer.headers["content-type"], answer.headers["x-content-type-options"]) == (
        400,
        expected,
        "nosniff",
    )


def test_csv_is_exact_and_the_download_for_spreadsheets_guarded(own: Server) -> None:
    found = own.ask("SELECT ?label { state:XXX skos:altLabel|skos:prefLabel ?label } ORDER BY ?label", "text/csv")
    assert found.text == "label\r\n+1\r\n-1\r\n<script>alert(1)</script>\r\n=1+1\r\n@SUM(1)\r\n"
    name = "/questions/things-without-outside-identifier"
    exact, guarded = (
        list(csv.DictReader(io.StringIO(own.say("GET", name + end).text.removeprefix(mark))))
        for end, mark in ((".csv", ""), (".guarded.csv", "\ufeff"))
    )
    assert [row["thingLabel"] for row in exact] == ["=1+1"]
    assert [(row["thingLabel"], row["guarded"]) for row in guarded] == [("'=1+1", "thingLabel")]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil@127.0.0.1",
        "",
        "0",
    ],
)
@pytest.mark.parametrize("target", ["/", "/sparql?query=ASK%20%7B%7D", "/state/EST.ttl"])
def test_another_host_name_is_refused(server: Server, host: str, target: str) -> None:
    answer = server.say("GET", target, {"Host": host.replace("PORT", str(server.port))})
    assert (answer.status, answer.text) == (400, "this host name is not allowed; add it with --host-name\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:PORT", "localhost", "LOCALHOST:PORT", "[::1]:PORT"])
def test_a_loopback_name_is_served(server: Server, host: str) -> None:
    assert server.say("GET", "/sparql?query=ASK%7B%7D", {"Host": host.replace("PORT", str(server.port))}).status == 200


# What other sites may read, and how a request may be written


def test_files_of_ones_own_are_not_for_the_pages_of_other_sites(own: Server, server: Server, tmp_path: Path) -> None:
    """A page that the user visits could otherwise ask 127.0.0.1, and send on what it gets."""
    other = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for target in ("/", "/sparql?query=ASK%7B%7D", "/rdf-graph-store?default", "/reconcile", "/no", "/state/XXX.ttl"):
        for method in ("GET", "OPTIONS"):
            closed, public = own.say(method, target, other), server.say(method, target, other)
            assert not [name for name in closed.headers if name.startswith("access-control-")]
            assert public.headers["access-control-allow-origin"] == "*"
        assert own.say("GET", target).headers["cross-origin-resource-policy"] == "same-origin"
    (tmp_path / "own.ttl").write_text(OWN)
    with serving(tmp_path, "--data", str(tmp_path / "own.ttl"), "--shared", "--workers", "1") as asked:
        assert asked.say("GET", "/", other).headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/" * 8000, "/a" * 4000, "/%2F" * 2000, "/" + "a" * 8000, "/state/" + "b/" * 3000])
def test_what_is_not_there_is_reported_in_fewer_bytes_than_were_asked(server: Server, path: str) -> None:
    answer = in_html(server, path)
    assert answer.status == 404
    assert len(answer.body) < len(path)


def test_a_target_may_be_absolute_and_its_host_counts(server: Server) -> None:
    """RFC 9112, 3.2.2: a server accepts this form, and the host of the target wins over the header."""
    here = f"127.0.0.1:{server.port}"
    for target, host, status in (
        (f"http://{here}/cite", here, 200),
        (f"http://{here}/sparql?query=ASK%7B%7D", "evil.example", 200),
        (f"http://{here}/state/EST.ttl", here, 200),
        ("http://evil.example/cite", here, 400),
        (f"http://{here}/no", here, 404),
    ):
        assert server.say("GET", target, {"Host": host}).status == status, target
    # Without a path it is the front page, which takes no POST; a GET would have it made, which takes long on a busy machine.
    assert server.say("POST", f"HTTP://{here}", {"Host": here}).status == 405


@pytest.mark.parametrize("target", ["/sparql", "/reconcile"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "gzip, identity"])
def test_a_body_in_a_coding_is_refused_and_not_read_as_it_is(server: Server, target: str, coding: str) -> None:
    """RFC 9110, 15.5.16: 415 and Accept-Encoding say that it is the coding."""
    answer = server.say("POST", target, FORM | {"Content-Encoding": coding}, "query=ASK{}&queries={}")
    assert (answer.status, answer.headers["accept-encoding"]) == (415, "identity")
    assert server.say("POST", "/sparql", FORM | {"Content-Encoding": "identity"}, "query=ASK{}").status == 200


def test_it_listens_on_loopback_alone(server: Server) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", server.port))


CLIMBS = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "....//", "%252e%252e%252f", "/", "%2f"]


@pytest.mark.parametrize("climb", CLIMBS)
@pytest.mark.parametrize("start", ["/questions/", "/static/", "/source/", "/timeline/", "/"])
def test_a_name_leads_out_of_no_folder(server: Server, start: str, climb: str) -> None:
    for file in ("etc/passwd", "pyproject.toml", "queries/states-on-both-drafts.rq", "states-on-both-drafts.rq"):
        for times in (1, 2, 8):
            answer = server.say("GET", start + climb * times + file)
            assert answer.status == 404, start + climb * times + file
            assert "root:" not in answer.text and "[project]" not in answer.text


VALUES = [
    '"} UNION {',
    "> <x",
    "\n",
    "\\u0022",
    '"@en',
    "'''",
    '"""',
    "?x",
    "${x}",
    "{{7*7}}",
    "\\",
    "%00",
    "\ud7ff",
    "' OR 1=1",
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_of_a_parameter_is_bound_as_a_value(server: Server, value: str) -> None:
    text = server.say("GET", "/questions/actors-by-printed-name.json?" + urlencode({"text": value}))
    assert (text.status, text.bindings) == (200, [])
    iri = server.say("GET", "/questions/states-on-both-drafts.json?" + urlencode({"first": value}))
    assert iri.status == 400
    assert "Traceback" not in iri.text and "File " not in iri.text
    for target in ("/questions/actors-by-printed-name?", "/sparql?saved=actors-by-printed-name&"):
        assert in_html(server, target + urlencode({"text": value})).status == 200


def test_who_sends_a_byte_a_second_is_cut_off(slow: Slow) -> None:
    """One sends its body so, one its head, and one nothing; meanwhile others are answered, and no worker is taken."""
    slow.thread.join()
    assert slow.statuses and set(slow.statuses) == {200} and not slow.early
    body, *others = slow.channels
    assert body.recv(1000).startswith(b"HTTP/1.1 408 ")
    for channel in others:
        with contextlib.suppress(ConnectionResetError):  # an end is as good
            assert channel.recv(1000) == b""
