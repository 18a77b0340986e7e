"""`oewg serve --endpoint`: the same pages and answers as over the graph here, over Virtuoso and over Oxigraph's server.

Whatever the engine does wrong is told in one line and is soon over, and a new release is noticed.
"""

import functools
import json
import re
import shutil
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

import engines
import oewg_kg
from conftest import declared, one_line, small_world
from engines import Running
from listening import Quiet, listening
from oewg_kg import build, paths, terms
from oewg_kg.cli import main
from oewg_kg.dataset import Dataset, default_graph
from oewg_kg.errors import LimitError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.remote import publish
from oewg_kg.remote import store as remote_store
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, RDF_TYPE, RESOLVED
from served import FORM, JSON, PATIENCE, Answer, Server, serving, until
from servers import free_port

pytestmark = pytest.mark.slow

DESCRIBED = re.compile(rb"<script type=\"application/ld\+json\">.*?</script>\n", re.DOTALL)
PAGES = (
    *(
        "/",
        "/ontology",
        "/sources",
        "/matrix",
        "/map",
        "/network",
        "/downloads",
        "/cite",
        "/questions",
        "/search?q=Iran",
    ),
    *(
        "/source/oewg-2019-2021",
        "/source/oewg-2019-2021?from=121",
        "/timeline/ict-oewg-2021-2025",
        "/timeline/state/EST",
    ),
    *("/questions/states-on-both-drafts", "/questions/text-proposals?kind=kind:amendments", "/graph/inferred"),
    *("/questions/draft-lineage.csv", "/map?show=gge", "/matrix?columns=lists", "/rdf-graph-store?default"),
    *("/state/EST.ttl", "/source/un-oewg.nt", "/ontology.ttl", "/thing?iri=http://www.w3.org/2002/07/owl%23Class"),
)
ESTONIA = "PREFIX state: <https://w3id.org/oewg-kg/state/> "
LINES = "SELECT ?line ?what WHERE { GRAPH ?line { ?what oewg:submittedBy state:EST } } ORDER BY ?line ?what"


def published(running: Running, kg: KnowledgeGraph) -> Running:
    publish.publish(kg.dataset, running.server("graph store"))
    return running


@pytest.fixture(scope="module")
def here(real: Server) -> Server:
    return real


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, kg: KnowledgeGraph
) -> Iterator[Running]:
    with getattr(engines, request.param)(tmp_path_factory.mktemp(request.param)) as one:
        yield published(one, kg)


@pytest.fixture(scope="module")
def there(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("there"), "--endpoint", running.query, "--seconds", "60") as server:
        yield server


@pytest.fixture
def oxigraph(tmp_path: Path, mini_kg: KnowledgeGraph) -> Iterator[Running]:
    """Oxigraph's server with the small world."""
    (tmp_path / "oxigraph").mkdir()
    with engines.oxigraph(tmp_path / "oxigraph") as one:
        yield published(one, mini_kg)


# The same answers


def things(kg: KnowledgeGraph) -> list[tuple[str, str]]:
    """List the first and the last thing of each class, each as the path of its page."""
    members: dict[str, list[str]] = {}
    for quad in default_graph(kg.dataset):
        kind, iri = terms.text_of(quad.object), terms.text_of(quad.subject)
        if quad.predicate.value == RDF_TYPE and kind.startswith(OEWG) and iri.startswith(BASE) and "#" not in iri:
            members.setdefault(kind, []).append(urllib.parse.quote(iri.removeprefix(BASE.rstrip("/"))))
    assert len(members) > 30
    return [(min(known), max(known)) for known in members.values()]


@pytest.fixture(scope="module")
def read(here: Server) -> Callable[[str], Answer]:
    """Give what reads pages over the graph here, each once."""
    return functools.cache(lambda path: here.say("GET", path))


def test_pages_of_all_kinds_are_equal_to_the_byte(
    read: Callable[[str], Answer], there: Server, running: Running, kg: KnowledgeGraph
) -> None:
    """Of each class one thing by one engine, another by the other: what pages ask is the same for all of a class."""
    paths = [*PAGES, *sorted({pair[running.name == "virtuoso"] for pair in things(kg)})]
    assert len(paths) > 50
    for path in paths:
        one, other = read(path), there.say("GET", path)
        assert one.status == other.status == 200, f"{path}: {other.text[:300]}"
        # Only a graph that is here is described as a release.
        assert DESCRIBED.sub(b"", one.body) == other.body, path


def test_what_is_not_there_is_not_there_either(here: Server, there: Server) -> None:
    for path in ("/state/XXX", "/nothing", "/rdf-graph-store?graph=http://example.org/", "/questions/nothing"):
        one, other = here.say("GET", path), there.say("GET", path)
        assert (one.status, one.body) == (other.status, other.body) and one.status == 404


@pytest.mark.parametrize("accept", [JSON, "text/csv", "application/sparql-results+xml", "text/tab-separated-values"])
def test_a_query_has_the_same_answer(here: Server, there: Server, accept: str) -> None:
    for text in (
        "SELECT ?actor WHERE { ?given oewg:submittedBy ?actor } GROUP BY ?actor ORDER BY ?actor",
        LINES,
        'SELECT ?label WHERE { state:EST skos:prefLabel ?label FILTER (LANG(?label) = "zh") }',
        "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
        "ASK { state:EST a oewg:State }",
        "SELECT ?line ?truth WHERE { ?line oewg:underNoHeading ?truth } ORDER BY ?line",
        "SELECT ?o WHERE { <state/EST> oewg:iso2 ?o }",
    ):
        one, other = here.ask(text, accept), there.ask(text, accept)
        assert (one.status, one.body) == (other.status, other.body) and one.status == 200, other.text


def test_a_graph_has_the_same_triples(here: Server, there: Server) -> None:
    for text in (
        "CONSTRUCT { ?s oewg:iso2 ?o } WHERE { ?s oewg:iso2 ?o }",
        "CONSTRUCT WHERE { state:EST ?p ?o }",
        "CONSTRUCT { ?what oewg:statedIn ?line } WHERE { GRAPH ?line { ?what oewg:submittedBy state:EST } }",
    ):
        one, other = (sorted(s.ask(text, "application/n-triples").text.splitlines()) for s in (here, there))
        assert one == other and len(one) > 2


def test_a_dataset_may_be_named_and_holds_no_graph_of_other_sources(
    here: Server, there: Server, running: Running
) -> None:
    line = f"{BASE}source/oewg-2019-2021#L62"
    for more in (
        {"default-graph-uri": line},
        {"default-graph-uri": RESOLVED},
        {"named-graph-uri": line},
        {"default-graph-uri": "http://example.org/nothing"},
    ):
        for text in (
            "SELECT ?s ?p ?o WHERE { ?s ?p ?o FILTER (STRSTARTS(STR(?s), STR(state:))) } ORDER BY ?s ?p STR(?o) LANG(?o) LIMIT 40",
            "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g",
        ):
            assert there.ask(text, **more).bindings == here.ask(text, **more).bindings, f"{more} {text}"
    # Where they are not named, graphs of others in the same engine have none of ours as names; the mark is no graph of the dataset.
    names = {row["g"]["value"] for row in there.ask("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").bindings}
    assert not names & {RESOLVED, f"{BASE}graph/published"} and line in names


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 400),
        ("SELECT * FROM <http://127.0.0.1:1/> WHERE { ?s ?p ?o }", 400),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 403),
        ('define get:soft "replace" SELECT * WHERE { ?s ?p ?o }', 400),
        ("SELECT (<bif:sys_stat>('st_dbms_name') AS ?x) WHERE { }", 400),
        ("SELECT (<sql:rdf_sinv>(1) AS ?x) WHERE { }", 400),
        ("SELECT * WHERE { ?s ?p }", 400),
        ("SELECT ?s WHERE { ?s ?p ?o } GROUP BY ?s HAVING (EXISTS { GRAPH ?g { ?s ?p ?o } })", 400),
        ("SELECT " + "{ SELECT * WHERE " * 40 + "{}" + "}" * 40, 400),
    ],
)
def test_what_is_refused_here_never_reaches_the_engine(there: Server, text: str, status: int) -> None:
    answer = there.ask(text)
    assert answer.status == status and len(answer.text.strip().splitlines()) <= 2, answer.text


def test_names_are_reconciled_as_here(here: Server, there: Server) -> None:
    asked = {"q0": {"query": "Ivory Coast"}, "q1": {"query": "Iran"}, "q2": {"query": "NAM"}}
    body = urllib.parse.urlencode({"queries": json.dumps(asked)})
    one, other = (server.say("POST", "/reconcile", FORM, body) for server in (here, there))
    assert one.status == other.status == 200 and one.body == other.body
    assert len(json.loads(one.body)["q1"]["result"]) > 0


# Virtuoso 7.2.5 keeps the value of these and not how it is written; the dataset has none of them.
REWRITTEN = {"1000": "1000.0", "2020-01-01T00:00:00.5+02:00": "2020-01-01T00:00:00.500+02:00"}


def test_blank_nodes_and_odd_literals_arrive_as_they_are(running: Running) -> None:
    """The last that asks these engines, which hold something else afterwards."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    odd = [("true", "boolean"), ("007", "integer"), ("1.50", "decimal"), ("1E3", "double"), ("2020", "gYear")]
    odd += [("2020-01-01T00:00:00.50+02:00", "dateTime"), ("24:00:00", "time"), ("x", "token"), ("2020-01-01Z", "date")]
    subject, predicate, graph = (ox.NamedNode(BASE + name) for name in ("x/odd", "x/p", "graph/odd"))
    literals = [ox.Literal("a", language="zh-hant"), ox.Literal(""), ox.Literal('tab\t"quote" \\ new\nline 🙂')]
    literals += [ox.Literal(text, datatype=ox.NamedNode(xsd + kind)) for text, kind in odd]
    changed = REWRITTEN if running.name == "virtuoso" else {}
    blank = ox.Quad(ox.BlankNode("b0"), predicate, ox.BlankNode("b1"), graph)
    store = ox.Store()
    store.extend([blank, *(ox.Quad(subject, predicate, one, graph) for one in literals)])
    # Our own store writes numbers and times in its way too ("007" is 7): what it holds is what must arrive.
    here = [term for *_, term, _ in store if isinstance(term, ox.Literal)]
    typed = [one for one in here if one.language is None and one.value in changed]
    wanted = {*here} - {*typed} | {ox.Literal(changed[one.value], datatype=one.datatype) for one in typed}
    assert len(wanted) == len(literals) and len(typed) == len(changed)
    publish.publish(Dataset(store, {}), running.server("graph store"))
    found = remote_store.open_published(running.query, PATIENCE).store
    assert {quad.object for quad in found.quads_for_pattern(subject, None, None)} == wanted
    assert list(found.quads_for_pattern(blank.subject, None, None, graph)) == [blank]


# Releases


class Release:
    """A server over an engine that holds the small world, of which a new release is being published: half of it is there."""

    def __init__(self, engine: Running, server: Server, dataset: Dataset) -> None:
        self.engine, self.server, self.dataset = engine, server, dataset
        self.before = eventually(server, KEPT)
        update(engine, f"DROP GRAPH <{BASE}graph/published>")
        self.refused: Answer | None = None

    def half(self) -> Answer:
        """Wait until the server has noticed, which looks every ten seconds, and publish the other half."""
        if self.refused is None:
            self.refused = asked_until(
                lambda: self.server.say("GET", f"/thing?iri=http://example.org/at-{time.monotonic()}"),
                lambda answer: answer.status == 503,
            )
            publish.publish(self.dataset, self.engine.server("graph store"))
        return self.refused


@pytest.fixture(scope="module", autouse=True)
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Release]:
    """Begin before the other tests, which run while it would have to be waited for."""
    folder = tmp_path_factory.mktemp("release")
    (folder / "oxigraph").mkdir()
    small_world(folder / "mini")
    with contextmanager(declared)():
        small = oewg_kg.load(str(folder / "mini")).dataset
    with engines.oxigraph(folder / "oxigraph") as engine:
        publish.publish(small, engine.server("graph store"))
        thing, label_of = ox.NamedNode(f"{BASE}document/mini-zero-draft"), ox.NamedNode(PREFIXES["skos"] + "prefLabel")
        for quad in [*small.store.quads_for_pattern(thing, label_of, None)]:
            small.store.remove(quad)
            small.store.add(ox.Quad(thing, label_of, ox.Literal("A new name", language="en"), quad.graph_name))
        with serving(folder, "--endpoint", engine.query, root=folder / "mini") as server:
            yield Release(engine, server, small)


def test_half_of_a_release_is_not_served(release: Release) -> None:
    assert "does not contain a complete" in release.half().text


# Failures


class Between:
    """Stands between a server and its engine, and answers in the engine's place as it is told."""

    def __init__(self, engine: str) -> None:
        self.engine, self.url, self.manner, self.over, self.asked = engine, "", "", threading.Event(), 0

    def truth(self, asker: Quiet, body: bytes) -> bytes:
        headers = {name: asker.headers[name] for name in ("Content-Type", "Accept")}
        with urllib.request.urlopen(urllib.request.Request(self.engine, body, headers), timeout=PATIENCE) as answer:
            return bytes(answer.read())

    def answer(self, asker: Quiet, body: bytes) -> None:
        manner, status, kind = self.manner, 200, JSON
        self.asked += 1
        if manner == "hangs up":
            asker.close_connection = True
            return
        if manner == "slow":
            self.over.wait(5)
        if manner in ("drips", "drips headers", "endless"):
            asker.wfile.write(b"HTTP/1.1 200 OK\r\n" if manner == "drips headers" else b"HTTP/1.1 200 OK\r\n\r\n")
            while not self.over.wait(0 if manner == "endless" else 0.1):
                asker.wfile.write(
                    b" " * (1 << 16) if manner == "endless" else b"X-A: b\r\n" if "head" in manner else b" "
                )
            return
        if manner in ("busy", "broken", "moved", "refuses"):
            status, content = (
                {"busy": 503, "broken": 500, "moved": 301, "refuses": 400}[manner],
                b"secret of the engine",
            )
        elif manner == "html":
            content, kind = b"<html><body>Welcome</body></html>", "text/html"
        elif manner == "xml":
            content = b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/></sparql>'
        elif manner == "another answer":
            content = b'{"head": {}, "boolean": true}'
        else:
            content = self.truth(asker, body)
        shown = content[: len(content) // 2] if manner in ("half", "cut short") else content
        asker.send_response(status)
        asker.send_header("Content-Type", kind)
        asker.send_header("Content-Length", str(len(content if manner == "cut short" else shown)))
        asker.end_headers()
        asker.wfile.write(shown)
        if manner == "cut short":
            asker.close_connection = True


@contextmanager
def in_between(oxigraph: Running) -> Iterator[Between]:
    """Stand before an engine as long as a test needs it."""
    made = Between(oxigraph.query)

    class Answering(Quiet):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                made.answer(self, body)
            except OSError:  # the asker did not wait
                self.close_connection = True

    with listening(Answering) as address:
        made.url = f"{address}/query"
        yield made
        made.over.set()


@pytest.fixture
def between(oxigraph: Running) -> Iterator[Between]:
    with in_between(oxigraph) as made:
        yield made


@pytest.fixture
def failing(between: Between, tmp_path: Path, mini: Path) -> Iterator[Server]:
    with serving(tmp_path, "--endpoint", between.url, "--seconds", "3", "--workers", "1", root=mini) as server:
        yield server


@pytest.fixture
def patient(between: Between, tmp_path: Path, mini: Path) -> Iterator[Server]:
    """A server that waits for an engine as long as a slow machine needs."""
    with serving(tmp_path, "--endpoint", between.url, "--workers", "1", root=mini) as server:
        yield server


def short(answer: Answer, status: int) -> None:
    """Assert a failure that is told in one line, says when to come again, and nothing of the engine's own."""
    assert answer.status == status, (answer.status, answer.text[:500])
    assert answer.headers["retry-after"] == "5"
    assert len(answer.text.strip().splitlines()) == 1 and "engine behind this website" in answer.text, answer.text
    assert "127.0.0.1" not in answer.text and "secret" not in answer.text and "Traceback" not in answer.text


def eventually(server: Server, path: str, status: int = 200) -> Answer:
    """Ask until an answer has a status; fail when that takes too long."""
    return asked_until(lambda: server.say("GET", path), lambda answer: answer.status == status)


def told(ask: Callable[[], Answer]) -> Answer:
    """Ask until a worker says what the engine did: on a slow machine it may be stopped before, or all may be busy."""
    return asked_until(ask, lambda answer: answer.status != 503 or "engine behind this website" in answer.text)


def asked_until(ask: Callable[[], Answer], good: Callable[[Answer], bool]) -> Answer:
    answers = [ask()]
    until(lambda: good(answers[-1]) or answers.append(ask()), "no such answer comes")
    return answers[-1]


# What an engine does, and the status that is given for it; of each row one server asks in turn.
MANNERS = (
    {"slow": 504, "busy": 503},
    {"drips": 504, "hangs up": 503},
    {"drips headers": 504, "cut short": 503},
    {"broken": 502, "half": 502, "moved": 502},
    {"html": 502, "xml": 502, "another answer": 502},
)
KEPT = "/document/mini-zero-draft"


def test_whatever_the_engine_does_wrong_is_reported_and_soon_over(
    oxigraph: Running, tmp_path: Path, mini: Path
) -> None:
    """Five servers at once, since they wait for most of the time."""
    assert sum(map(len, MANNERS)) == 12
    build.load(paths.find(str(mini)))  # before several servers read it
    with ThreadPoolExecutor(len(MANNERS)) as pool:
        for done in [pool.submit(go_wrong, oxigraph, tmp_path, mini, row) for row in MANNERS]:
            done.result()


def go_wrong(oxigraph: Running, folder: Path, root: Path, row: dict[str, int]) -> None:
    limits = ("--seconds", "4", "--workers", "1")
    with in_between(oxigraph) as between, serving(folder, "--endpoint", between.url, *limits, root=root) as failing:
        eventually(failing, KEPT)
        for at, (manner, status) in enumerate(row.items()):
            unheard, query = (
                f"/thing?iri=http://example.org/unheard-{at}",
                f"SELECT * WHERE {{ ?s ?p ?o }} LIMIT {at + 2}",
            )
            between.manner = manner
            short(told(lambda: failing.say("GET", f"{unheard}-of")), status)  # noqa: B023
            if manner != "another answer":  # which the answer to a query may be
                short(told(lambda: failing.ask(query)), status)  # noqa: B023
            page = told(lambda: failing.say("GET", unheard, {"Accept": "text/html"}))  # noqa: B023
            assert (
                page.status in (502, 503, 504) and "<h1" in page.text and "engine behind this website" in page.text
            ), manner
            until(lambda: is_kept(failing, between, manner), "a page that was made once needs no engine")  # noqa: B023
            between.manner = ""
            # A worker that has failed repeats that for so long, in whatever manner the next fails.
            time.sleep(remote_store.PAUSE)
            eventually(failing, f"{unheard}-of", 404)
            until(lambda: failing.ask(query).status == 200, "another worker does not look again")  # noqa: B023
        between.manner = "endless"
        assert failing.say("GET", "/thing?iri=http://example.org/endless").status in (503, 504)
        assert failing.ask("SELECT * WHERE { ?s ?p ?o } LIMIT 99").status in (503, 504)
        assert failing.log.read_text().count("Traceback") == 0
        assert "broken" not in row or "secret of the engine" in failing.log.read_text(), (
            "the operator is told what readers are not"
        )


def is_kept(server: Server, between: Between, manner: str) -> bool:
    """Have a page made while the engine is well; return whether it comes when the engine is not, from one of those that made it."""
    with suppress(OSError, HTTPException):  # a worker that was stopped by a slow machine
        between.manner = ""
        good = server.by_each_worker(KEPT)
        between.manner = manner
        again = server.by_each_worker(KEPT)
        return any(one.status == other.status == 200 and one.body == other.body for one in good for other in again)
    return False


def test_a_page_asks_for_many_things_together_and_for_nothing_twice(patient: Server, between: Between) -> None:
    for path, most in (("/", 60), ("/sources", 40), ("/source/oewg-2019-2021", 40), (KEPT, 40)):
        before = between.asked
        with patient.staying() as get:
            assert get(path).status == 200
            assert between.asked - before <= most, path

    def asked_again() -> bool:
        with patient.staying() as get:
            assert get(KEPT).status == 200
            before = between.asked
            assert get(f"{KEPT}?made=anew").status == 200
            return between.asked == before

    until(asked_again, "what is known is asked for again")  # but for the mark of the release, now and then


def test_what_the_engine_does_not_take_is_reported_with_its_words(patient: Server, between: Between) -> None:
    between.manner = "refuses"
    answer = patient.ask("SELECT * WHERE { ?s ?p ?o }")
    assert answer.status == 400 and "rejected the query" in answer.text and "secret of the engine" in answer.text


def test_a_query_that_needs_no_engine_to_take_too_long_is_stopped_here(failing: Server) -> None:
    lists = " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(60)))} }}" for n in range(9))
    answer = failing.ask(f"SELECT (COUNT(*) AS ?n) WHERE {{ {lists} }}")
    assert answer.status == 503 and "took too long" in answer.text


def test_many_readers_of_a_hung_engine_are_all_answered(failing: Server, between: Between) -> None:
    between.manner = "slow"
    answers: list[int] = []

    def read(at: int) -> None:
        answers.append(failing.say("GET", f"/thing?iri=http://example.org/many-{at}").status)

    readers = [threading.Thread(target=read, args=(at,)) for at in range(60)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(answers) == 60 and set(answers) <= {503, 504}
    between.manner = ""
    eventually(failing, "/document/mini-zero-draft")


def test_an_engine_that_is_killed_and_comes_back(tmp_path: Path, mini: Path, mini_kg: KnowledgeGraph) -> None:
    folder, port = tmp_path / "killed", free_port()
    folder.mkdir()
    with ExitStack() as stack:
        engine = stack.enter_context(engines.oxigraph(folder, port))
        publish.publish(mini_kg.dataset, engine.server("graph store"))
        server = stack.enter_context(serving(tmp_path, "--endpoint", engine.query, "--workers", "1", root=mini))
        for at in range(3):
            eventually(server, "/")
            kept = {answer.body for answer in server.by_each_worker("/")}
            engine.process.kill()
            engine.process.wait()
            short(told(lambda at=at: server.say("GET", f"/thing?iri=http://example.org/gone-{at}")), 503)
            short(told(lambda at=at: server.ask(f"SELECT * WHERE {{ ?s ?p ?o }} LIMIT {at + 2}")), 503)
            until(
                lambda kept=kept: kept & {answer.body for answer in server.by_each_worker("/")},
                "a page that was made once needs no engine",
            )
            engine = stack.enter_context(engines.oxigraph(folder, port))
            eventually(server, f"/thing?iri=http://example.org/gone-{at}", 404)
            asked = f"SELECT * WHERE {{ ?s ?p ?o }} LIMIT {at + 2}"
            until(lambda asked=asked: server.ask(asked).status == 200, "another worker does not look again")


def update(running: Running, text: str) -> None:
    request = urllib.request.Request(running.update, text.encode(), {"Content-Type": "application/sparql-update"})
    urllib.request.urlopen(request, timeout=PATIENCE).close()


def test_two_machines_with_the_same_release_have_the_same_entity_tags(
    oxigraph: Running, tmp_path: Path, mini: Path
) -> None:
    other = tmp_path / "zzz" / "elsewhere"
    shutil.copytree(mini, other, ignore=shutil.ignore_patterns("build"))
    for options in ((), ("--endpoint", oxigraph.query)):
        with serving(tmp_path, *options, root=mini) as one, serving(tmp_path, *options, root=other) as two:
            for path in ("/", "/document/mini-zero-draft", "/sparql?query=ASK%7B%7D", "/questions/adoptions.csv"):
                first, second = one.say("GET", path), two.say("GET", path)
                assert (first.status, first.headers["etag"]) == (200, second.headers["etag"]), path
                assert first.body == second.body
                again = two.say("GET", path, {"If-None-Match": first.headers["etag"]})
                assert again.status == 304


# Limits of rows, and wrong use


def test_an_engine_that_cuts_its_answers_is_read_in_parts(tmp_path: Path, mini_kg: KnowledgeGraph) -> None:
    with engines.virtuoso(tmp_path, 250) as running:
        published(running, mini_kg)
        store = remote_store.open_published(running.query, PATIENCE).store
        assert remote_store.store_of(Dataset(store, {})).cut == 250  # type: ignore[union-attr]
        assert len(store) == len(mini_kg.dataset.store) > 300  # more than the cut
        assert set(store) == set(mini_kg.dataset.store)
        assert set(store.named_graphs()) == set(mini_kg.dataset.store.named_graphs())
        with pytest.raises(LimitError, match="returns at most 250 rows"):
            store.query("SELECT ?s ?x WHERE { ?s ?p ?o . ?x ?q ?z }")
        root = tmp_path / "mini"
        with serving(tmp_path, "--endpoint", running.query, root=root) as server:
            assert server.say("GET", "/").status == 200
            cut = server.ask("SELECT ?s ?x WHERE { ?s ?p ?o . ?x ?q ?z }")
            assert cut.status == 503 and "returns at most 250 rows" in cut.text
            assert len(server.ask("SELECT ?s ?x WHERE { ?s ?p ?o . ?x ?q ?z } LIMIT 249").bindings) == 249


def test_wrong_use_is_reported(oxigraph: Running, mini: Path) -> None:
    def told(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--root", str(mini), "serve", *options])
        return done.exit_code, one_line(done.stderr)

    assert told("--endpoint", "ftp://example.org/") == (
        2,
        "oewg: 'ftp://example.org/' is not a valid server URL; use an http or https URL",
    )
    assert told("--endpoint", oxigraph.query, "--with", "votes")[0] == 2
    code, message = told("--endpoint", f"http://127.0.0.1:{free_port()}/")
    assert code == 5 and "cannot be reached" in message
    update(oxigraph, f"DROP GRAPH <{BASE}graph/published>")
    code, message = told("--endpoint", oxigraph.query)
    assert code == 5 and "does not contain a complete published dataset; load it with `oewg publish`" in message


def test_a_new_release_is_noticed(release: Release) -> None:
    release.half()
    # Each time another address: an answer may be given again for the minute of its Cache-Control.
    after = asked_until(
        lambda: release.server.say("GET", f"{KEPT}?at={time.monotonic()}"), lambda answer: "A new name" in answer.text
    )
    assert after.headers["etag"] != release.before.headers["etag"]
