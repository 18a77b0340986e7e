"""What programs may ask: a description that is valid and whole, a real server that keeps to it, questions as JSON and as RDF."""

import csv
import io
import threading
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from conftest import ROOT
from external import module
from oewg_kg import query, tables
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.serve.pages import routes as pages
from oewg_kg.serve.reconciliation import service as reconciliation
from oewg_kg.vocabulary import PREFIXES, RDF_TYPE
from served import Answer, serving, until

pytestmark = pytest.mark.slow

QUESTIONS = query.load(ROOT / "queries")
# Pages for people, and what they load.
PAGES = {
    *(
        "/",
        "/search",
        "/questions",
        "/questions/{name}",
        *("/states", "/stakeholders", "/drafts", "/votes", "/timeline", "/compare", "/about", "/data"),
        "/matrix",
        "/map",
        "/network",
        "/sources",
        "/conflicts",
        "/cite",
    ),
    *("/timeline/{path:path}", "/source/{name}", "/shapes", "/downloads", "/static/{name:path}"),
    *("/sparql-terms.json", "/sparql-things.json"),
    *("/llms.txt", "/robots.txt", "/sitemap.xml"),
}
# What a schema cannot say: a query must parse, one of two parameters is wanted, a line must be one of hundreds.
UNSAYABLE = {
    *("/sparql", "/rdf-graph-store", "/reconcile"),
    *("/questions/decisions-about-line.json", "/questions/lines-under-heading.json"),
}
ENDLESS = """#+ summary: What never ends?
#+ definition: every pair of pairs of pairs
SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p . ?q ?r ?s FILTER (?a != ?q) }
"""


@pytest.fixture(scope="module")
def document(site: str) -> dict[str, Any]:
    return dict(httpx.get(f"{site}/openapi.json").json())


def test_the_description_is_valid_and_has_every_question(document: dict[str, Any]) -> None:
    validator = module("openapi_spec_validator", "openapi-spec-validator").OpenAPIV31SpecValidator
    assert [error.message for error in validator(document).iter_errors()] == []
    described = {path.removeprefix("/questions/").removesuffix(".json") for path in document["paths"]}
    assert set(QUESTIONS) <= described and len(QUESTIONS) > 100
    for name, saved in QUESTIONS.items():
        told = document["paths"][f"/questions/{name}.json"]["get"]
        named = [one["name"] for one in told["parameters"] if "name" in one]
        assert named == [one.name for one in saved.parameters], name
        assert saved.definition in told["description"]


def test_choices_are_listed_where_they_are_few_and_hold_the_default(document: dict[str, Any]) -> None:
    schemas, listed = document["components"]["schemas"], 0
    for name in QUESTIONS:
        for one in document["paths"][f"/questions/{name}.json"]["get"]["parameters"]:
            reference = one.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if reference:
                listed += 1
                assert 0 < len(schemas[reference]["enum"]) < 300
                assert one["schema"]["default"] in schemas[reference]["enum"], (name, one["name"])
    assert listed > 60


def test_each_route_for_programs_is_described(document: dict[str, Any]) -> None:
    routes = {route.path for route in [*pages.ROUTES, *reconciliation.ROUTES]}
    releases = ("/ontology", "/shapes.", "/release/", "/context/")
    things = {path for path in routes if path.startswith(releases)} | {"/{path:path}"}
    assert len(things) > 4
    missing = routes - PAGES - things - document["paths"].keys()
    assert not missing, "describe the route in texts/openapi.json, or list it here as a page"


def kept_to(operation: Any, mode: Any, most: int) -> list[str]:
    """Ask in ways that the description allows, or forbids, as `mode` says; list what the server answers against it."""
    hypothesis = module("hypothesis", "hypothesis")
    checks = module("schemathesis.specs.openapi.checks", "schemathesis")
    failures = module("schemathesis.core.failures", "schemathesis")
    without = [checks.positive_data_acceptance] if operation.path in UNSAYABLE else []

    @hypothesis.settings(
        max_examples=most,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate(excluded_checks=without)

    try:
        ask()
    except hypothesis.errors.Unsatisfiable:
        assert mode.is_negative, f"nothing can be asked of {operation.label}"
    except failures.FailureGroup as found:
        return [f"{operation.label}: {one}" for one in found.exceptions]
    return []


def same_way(operation: Any, document: dict[str, Any]) -> tuple[object, ...]:
    """Tell operations apart by the path they take: of questions, which share one route, by what their parameters may be.

    What each question answers is compared in `test_every_question_over_the_web_answers_as_it_does_here`.
    """
    if not operation.path.startswith("/questions/") or operation.path in UNSAYABLE:
        return (operation.label,)
    given = document["paths"][operation.path][operation.method]["parameters"]
    schemas = [one["schema"] for one in given if "schema" in one]
    return tuple(sorted(str({key: value for key, value in one.items() if key != "default"}) for one in schemas))


def test_a_real_server_keeps_to_the_description(site: str, document: dict[str, Any]) -> None:
    schemathesis = module("schemathesis", "schemathesis")
    modes = module("schemathesis.generation", "schemathesis").GenerationMode
    # What is too large may be refused as such, whatever else is wrong with it.
    refusals = {"negative_data_rejection": {"expected-statuses": ["4xx", "5xx"]}}
    config = module("schemathesis.config", "schemathesis").SchemathesisConfig.from_dict({"checks": refusals})
    described = schemathesis.openapi.from_url(f"{site}/openapi.json", config=config)
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) > len(QUESTIONS) + 15
    chosen = {same_way(operation, document): operation for operation in operations}.values()
    assert len(chosen) > 60
    faults = [
        fault
        for operation in chosen
        for mode in (modes.POSITIVE, modes.NEGATIVE)
        for fault in kept_to(operation, mode, 2 if operation.path.startswith("/questions/") else 10)
    ]
    assert not faults, "\n\n".join(fault[:1500] for fault in faults)


def test_every_question_over_the_web_answers_as_it_does_here(site: str, kg: KnowledgeGraph) -> None:
    with httpx.Client(base_url=site, timeout=60) as client:
        listed = client.get("/questions.json").json()["questions"]
        assert [one["name"] for one in listed] == list(QUESTIONS)
        for one in listed:
            found = client.get(f"/{one['answer']}").json()
            result = query.run(kg.dataset, QUESTIONS[one["name"]], {})
            assert found["question"]["rows"] == found["question"]["shown"] == len(result.rows), one["name"]
            assert found["question"]["cut"] is False
            for binding, row, lines in zip(found["results"]["bindings"], result.rows, result.citations, strict=True):
                assert binding.pop("lines")["value"].split() == list(lines)
                wanted = {name: tables.json_term(term) for name, term in zip(result.columns, row, strict=True) if term}
                assert binding == wanted


def test_rows_left_out_are_reported_and_can_be_fetched(site: str) -> None:
    address = httpx.URL(f"{site}/questions/states-on-both-drafts.json?limit=10&kind=contribution")
    rows, parts = [], 0
    while True:
        answer = httpx.get(address)
        about = answer.json()["question"]
        assert about["cut"] and about["rows"] == 31 and about["offset"] == len(rows)
        assert about["parameters"]["kind"].endswith("/kind/contribution")
        rows += answer.json()["results"]["bindings"]
        parts += 1
        if "next" not in answer.links:
            break
        address = address.join(answer.links["next"]["url"])
    whole = httpx.get(f"{site}/questions/states-on-both-drafts.json").json()
    assert parts == 4 and rows == whole["results"]["bindings"]
    cut = httpx.get(f"{site}/questions/states-on-both-drafts.csv?limit=3")
    assert len(cut.text.splitlines()) == 4 and "next" in cut.links


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("states-on-both-draft.json", 404, "did you mean states-on-both-drafts"),
        ("../README.json", 404, ""),
        ("states-on-both-drafts.json?third=x", 400, "its settings: first, second, kind, actor-class"),
        ("states-on-both-drafts.json?first=Zero+Drafft", 400, 'did you mean "Zero Draft'),
        ("states-on-both-drafts.json?first=", 400, "'' is not a valid value"),
        ("states-on-both-drafts.csv?kind=comments&kind=edits", 400, "given twice"),
        ("states-on-both-drafts.json?limit=ten", 400, "is not a valid value for"),
        ("states-on-both-drafts.json?offset=-1", 400, "is not a valid value for"),
        ("contributions-between-dates.json?from=2020-02-30", 400, "is not a valid date"),
        ("states-on-both-drafts.json?first=%22%7D%20UNION%20%7B", 400, "is not a valid value"),
    ],
)
def test_what_is_wrong_is_reported_in_one_line(site: str, asked: str, status: int, told: str) -> None:
    answer = httpx.get(f"{site}/questions/{asked}")
    assert answer.status_code == status
    assert told in answer.text and len(answer.text.splitlines()) == 1
    problem = httpx.get(f"{site}/questions/{asked}", headers={"accept": "application/problem+json"}).json()
    assert problem["status"] == status and told in problem["detail"]


@pytest.mark.parametrize(
    "path", ["/openapi.json", "/questions.json", "/questions/timeline.json", "/.well-known/sparql-examples"]
)
def test_what_did_not_change_is_not_sent_again(site: str, path: str) -> None:
    first = httpx.get(f"{site}{path}")
    again = httpx.get(f"{site}{path}", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert first.headers["access-control-allow-origin"] == "*"
    assert httpx.head(f"{site}{path}").content == b""


def test_the_questions_are_published_as_rdf(site: str, kg: KnowledgeGraph) -> None:
    address = f"{site}/.well-known/sparql-examples"
    turtle, json_ld = (httpx.get(address, headers={"accept": kind}) for kind in ("text/turtle", "application/ld+json"))
    store, other = ox.Store(), ox.Store()
    store.load(turtle.content, format=ox.RdfFormat.TURTLE)
    other.load(json_ld.content, format=ox.RdfFormat.JSON_LD)
    assert set(store) == set(other)
    assert httpx.get(address, headers={"accept": "image/png"}).status_code == 406
    executable = ox.NamedNode(PREFIXES["sh"] + "SPARQLSelectExecutable")
    found = {quad.subject.value for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), executable)}
    assert {iri.rpartition("/")[2] for iri in found} == set(QUESTIONS)
    rows = store.query(
        """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
        PREFIX schema: <https://schema.org/>
        SELECT ?one ?text ?rows ?target { ?one sh:select ?text ; mf:result ?rows ; schema:target ?target } ORDER BY ?one"""
    )
    for row in list(rows)[::20]:
        expected = list(csv.reader(io.StringIO(httpx.get(row["rows"].value).text)))
        saved = query.parse(row["one"].value.rpartition("/")[2], row["text"].value)
        assert len(expected) == len(query.run(kg.dataset, saved, {}).rows) + 1
        assert row["target"].value == f"{site}/sparql"
    parameters = set(store.quads_for_pattern(None, ox.NamedNode(PREFIXES["sh"] + "defaultValue"), None))
    assert len(parameters) == sum(len(saved.parameters) for saved in QUESTIONS.values())


def test_a_question_that_never_ends_is_stopped_and_others_are_answered(mini: Path, tmp_path: Path) -> None:
    """Others are answered while it still runs, unless the machine is so slow that it is stopped before: then both are asked again."""
    (mini / "queries" / "endless.rq").write_text(ENDLESS)
    with serving(tmp_path, "--workers", "1", "--seconds", "2", root=mini) as server:

        def answered_meanwhile() -> bool:
            answers: list[Answer] = []
            threads = [
                threading.Thread(target=lambda end=end: answers.append(server.say("GET", f"/questions/endless{end}")))
                for end in ("", ".json", ".csv?limit=1")
            ]
            for thread in threads:
                thread.start()
            others = [server.say("GET", target).status for target in ("/questions", "/sparql?query=ASK%7B%7D")]
            meanwhile = others == [200, 200] and any(thread.is_alive() for thread in threads)
            for thread in threads:
                thread.join()
            assert [answer.status for answer in answers] == [503] * len(threads)
            assert all(answer.headers["retry-after"] for answer in answers)
            return meanwhile

        until(answered_meanwhile, "others wait for it")


def test_behind_a_path_prefix(document: dict[str, Any], tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1", "--root-path", "/kg") as server:
        address = server.address
        assert httpx.get(f"{address}/openapi.json").json()["servers"] == [{"url": "/kg"}]
        manifest = httpx.get(f"{address}/reconcile").json()
        assert manifest["preview"]["url"].startswith(f"{address}/kg/reconcile/preview?")
        assert manifest["suggest"]["type"]["service_url"] == f"{address}/kg/reconcile"
        assert manifest["view"]["url"] == f"{address}/kg/thing?iri={{{{id}}}}"
        examples = httpx.get(f"{address}/.well-known/sparql-examples", headers={"accept": "application/n-triples"}).text
        assert f"<{address}/kg/questions/timeline.csv>" in examples and f"<{address}/kg/sparql>" in examples
    assert document["servers"] == [{"url": "/"}]
