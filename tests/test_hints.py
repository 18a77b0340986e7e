"""Hints: a mistyped term is named with the nearest one, a pattern without a match is named, and nothing else is."""

import random
import re
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

import effort
from conftest import ROOT, Run
from explorer import TestClient, client_of
from oewg_kg import formats, query, terms
from oewg_kg.errors import QueryWarning
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.query_analysis import mistyped, triple_patterns
from oewg_kg.vocabulary import BASE, PREFIXES

QUESTIONS = query.load(ROOT / "queries")
WRONG = {
    "SELECT * { state:Estonia ?p ?o }": "the graph has no state:Estonia; did you mean state:EST (Estonia)?",
    "SELECT * { ?s oewg:addresses document:zero-draft }": "the graph has no document:zero-draft; did you mean "
    "document:oewg1-zero-draft (Zero Draft of the OEWG substantive report)",
    "ASK { ?s a oewg:Country }": "the graph has no oewg:Country; did you mean oewg:country (country)?",
    "DESCRIBE state:Estonai": "the graph has no state:Estonai; did you mean state:EST (Estonia)?",
    "PREFIX x: <https://w3id.org/oewg-kg/ontology#> SELECT * { ?s x:addrrsses ?o }": "the graph has no oewg:addrrsses; did "
    "you mean oewg:addresses (about)?",
    "BASE <https://w3id.org/oewg-kg/state/> ASK { <ETS> ?p ?o }": "the graph has no state:ETS; did you "
    "mean state:ESP (Spain) or state:EST (Estonia)?",
    "SELECT * { ?s skos:preflabel ?o }": "the graph has no skos:preflabel; did you mean skos:prefLabel (label)?",
    "SELECT * { ?s a oewg:State OPTIONAL { ?s oewg:submitedBy ?x } }": "the graph has no oewg:submitedBy; did you mean "
    "oewg:submittedBy (submitted by)?",
    "SELECT * { GRAPH <https://w3id.org/oewg-kg/graph/inferrred> { ?s ?p ?o } }": "the graph has no graph:inferrred",
}


def run(store: ox.Store, text: str) -> list[str]:
    answer = formats.results(store.query(text, prefixes=PREFIXES), formats.by_name("json"))  # type: ignore[arg-type]
    return mistyped.of(store, text, mistyped.is_empty(answer, formats.by_name("json")))


def mutated(kg: KnowledgeGraph, times: int, ours: bool) -> Iterator[tuple[str, str, str]]:
    """Mistype one term of a saved question at a time: a letter left out, doubled, changed, two exchanged, the case of the first."""
    chance = random.Random(0)
    wrong: set[str] = set()
    while len(wrong) < times:
        saved = chance.choice(list(QUESTIONS.values()))
        named = [
            (token.text, token.iri)
            for token in triple_patterns.tokens(saved.text)
            if token.kind == "name" and token.iri and token.iri.startswith(BASE) == ours and len(token.text) > 4
        ]
        text, iri = chance.choice(
            [one for one in named if ours or not one[1].startswith(PREFIXES["xsd"])] or [("", "")]
        )
        at = chance.randrange(text.find(":") + 1, len(text)) if text else 0
        ways = [text[:at] + text[at + 1 :], text[:at] + text[at:][:1] + text[at:], f"{text[:at]}q{text[at + 1 :]}"]
        ways += [text[:at] + text[at : at + 2][::-1] + text[at + 2 :], re.sub(":(.)", lambda m: m[0].swapcase(), text)]
        typed = chance.choice(ways)
        local = terms.expand(typed)
        if not local or not mistyped._in_used_namespace(local) or mistyped._contains(kg.dataset.store, local):
            continue
        changed = re.sub(rf"(?<![\w:]){re.escape(text)}(?![\w-])", typed, saved.text)
        if changed not in wrong and typed in changed:
            wrong.add(changed)
            yield changed, iri, typed


@pytest.mark.slow
def test_every_one_of_500_mistyped_questions_gets_a_hint_and_most_the_right_term(kg: KnowledgeGraph) -> None:
    silent, right, count = [], 0, 0
    for text, iri, typed in mutated(kg, 500, ours=True):
        count += 1
        told = run(kg.dataset.store, text)
        silent += [] if any(typed in hint for hint in told) else [typed]
        right += any(terms.compact(iri) in hint for hint in told)
    assert count == 500
    assert silent == []
    assert right >= 475, "the term meant is not among those proposed"


@pytest.mark.slow
def test_most_mistyped_terms_of_other_vocabularies_get_one_too(kg: KnowledgeGraph) -> None:
    told = [run(kg.dataset.store, text) for text, _, _ in mutated(kg, 100, ours=False)]
    assert sum(map(bool, told)) >= 95


def test_no_saved_question_gets_a_hint_but_the_one_whose_draft_nothing_addresses(kg: KnowledgeGraph) -> None:
    told = {name: run(kg.dataset.store, saved.text) for name, saved in QUESTIONS.items()}
    assert len(told) >= 113
    assert {name: found for name, found in told.items() if found} == {
        "contributions-on-revised-pre-draft": [
            "nothing matches ?contribution oewg:addresses document:oewg1-revised-pre-draft"
        ]
    }


def test_the_patterns_of_the_questions_are_read(kg: KnowledgeGraph) -> None:
    found = {
        name: triple_patterns.patterns(list(triple_patterns.tokens(saved.text))) for name, saved in QUESTIONS.items()
    }
    assert {name for name, read in found.items() if not read} == {
        "adoption-dates-that-exclude-each-other",
        "periods-by-line",
        "resolutions",
    }
    assert sum(map(len, found.values())) > 500


@pytest.mark.parametrize("text", WRONG)
def test_a_mistyped_term_is_named_with_the_nearest(text: str, kg: KnowledgeGraph, oewg: Run) -> None:
    with pytest.warns(QueryWarning) as warned:
        kg.query(text)
    assert WRONG[text] in str(warned[0].message)
    done = oewg("query", text, root=ROOT)
    assert done.exit_code == 0
    assert f"oewg: {WRONG[text]}" in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("SELECT * { ?s oewg:addresses state:EST ; skos:prefLabel ?l }", ["?s oewg:addresses state:EST"]),
        ("SELECT * { ?s a oewg:State ; skos:prefLabel 'x y'@en, 'Estonia' }", ["'x y'@en", "?s skos:prefLabel 'Estonia'"]),
        ("SELECT * { ?s a oewg:State ; oewg:kind/skos:broader+ ?k, 5 }", ["?s oewg:kind/skos:broader+ 5"]),
        ("SELECT * { GRAPH ?g { ?s a oewg:Draft } GRAPH p1:62 { ?x a oewg:Draft } }", ["?x a oewg:Draft"]),
        ("SELECT * { [ a oewg:Draft ; oewg:addresses [ a oewg:State ] ] skos:notation 7.5 }", ["skos:notation 7.5"]),
        ("SELECT * { { SELECT ?s { ?s oewg:heldStart true } GROUP BY ?s } ?s a oewg:Event }", ["?s oewg:heldStart true"]),
        ("ASK { ?s oewg:heldStart '2020-01-01'^^xsd:date }", ["?s oewg:heldStart '2020-01-01'^^xsd:date"]),
        ("SELECT * { ?s a oewg:State . ?s a oewg:Draft }", []),
        ("SELECT * { ?s a oewg:State FILTER (1 > 2) { ?s a oewg:Actor } UNION { ?s oewg:addresses 1 } }", []),
        ("SELECT * { ?s a oewg:State FILTER NOT EXISTS { ?s a oewg:Actor } OPTIONAL { ?s oewg:addresses 1 } }", []),
        ("SELECT * { ?s a oewg:State MINUS { ?s a oewg:Actor } BIND (IF(1 < 2, ?s, 3) AS ?y) VALUES ?s { state:EST } }", []),
        ("CONSTRUCT { ?s oewg:nowhere oewg:Nowhere } WHERE { ?s oewg:addresses state:EST }", ["?s oewg:addresses state:EST"]),
        ("SELECT * FROM <http://example.org/> { ?s a oewg:State }", []),
        ("SELECT (SUM(?x) AS ?y) { ?s a oewg:State } HAVING (1 > 2)", []),
        ("SELECT ('<state:Estonia>' AS ?x) { FILTER (false) } # state:Estonia", []),
        ("PREFIX state: <http://example.org/> SELECT * { state:Estonia ?p ?o }", ["state:Estonia ?p ?o"]),
    ],
)  # fmt: skip
def test_patterns_that_alone_have_no_match_are_named_where_the_answer_is_empty(
    text: str, told: list[str], kg: KnowledgeGraph
) -> None:
    found = mistyped.of(kg.dataset.store, text, True)
    assert [hint for hint in found if not hint.startswith("nothing matches ")] == []
    assert len(found) == len(told)
    assert all(hint.endswith(end) for hint, end in zip(found, told, strict=True)), found


def test_a_query_that_is_cut_off_has_no_patterns_to_check() -> None:
    read = list(triple_patterns.tokens("SELECT * { { SELECT ?s { ?s oewg:heldStart true } GROUP BY ?s"))
    assert triple_patterns.patterns(read) == []


def test_an_answer_that_is_not_empty_is_left_alone(kg: KnowledgeGraph, oewg: Run) -> None:
    for text in ("SELECT * { ?s a oewg:State }", "ASK { ?s a oewg:State }", "DESCRIBE state:EST"):
        kg.query(text)
        for format in (
            ("csv", "json", "xml", "tsv", "md", "table") if not text.startswith("D") else ("turtle", "jsonld")
        ):
            assert oewg("query", text, "-f", format, root=ROOT).stderr == ""


@pytest.mark.parametrize("format", ["csv", "json", "xml", "tsv"])
def test_an_answer_is_known_to_be_empty_in_every_format(format: str, kg: KnowledgeGraph) -> None:
    chosen = formats.by_name(format)
    for text, empty in {
        "SELECT ?x {} LIMIT 0": True, "SELECT ?x {}": False, "ASK {}": False, "ASK { FILTER (false) }": True,
        "SELECT (1 AS ?x) {}": False, "SELECT ('\\n' AS ?x) {}": False,
    }.items():  # fmt: skip
        answer = formats.results(kg.dataset.store.query(text), chosen)  # type: ignore[arg-type]
        assert mistyped.is_empty(answer, chosen) is empty, text


@pytest.mark.parametrize("text", [
    "PREFIX oewg: <https://w3id.org/oewg-kg/state/> SELECT ?x { VALUES ?x { oewg:State } }",
    "PREFIX # oewg: <x>\n oewg: <https://w3id.org/oewg-kg/state/> SELECT ?x { VALUES ?x { oewg:State } }",
    "PREFIX oewg: <https://w3id.org/oewg-kg/ontology#> # \nPREFIX oewg: <https://w3id.org/oewg-kg/s/> ASK { BIND (oewg:State AS ?x) }",
    "BASE <https://w3id.org/oewg-kg/state/> ASK { BIND (<State> AS ?x) }",
    "ASK { BIND (oewg:St\\-ate AS ?x) }",
])  # fmt: skip
def test_a_name_is_looked_for_where_it_means_something_else_than_here(text: str, kg: KnowledgeGraph) -> None:
    assert mistyped.of(kg.dataset.store, "SELECT ?x { ?x a oewg:State }", False) == []
    assert mistyped.of(kg.dataset.store, text, False)[0].startswith("the graph has no ")


def test_the_work_grows_with_the_length_only(kg: KnowledgeGraph) -> None:
    def of_length(times: int) -> float:
        text = "SELECT * { " + "?s a oewg:State ; skos:prefLabel 'a' . " * times + "}"
        return effort.seconds(lambda: mistyped.of(kg.dataset.store, text, True))

    assert of_length(1600) < 24 * of_length(200), "eight times the length"


def test_only_the_first_unknown_terms_are_looked_for(kg: KnowledgeGraph) -> None:
    def of_unknown(count: int) -> int:
        text = "SELECT * { VALUES ?x { " + " ".join(f"state:X{n}" for n in range(count)) + " } }"
        assert len(mistyped.of(kg.dataset.store, text, True)) == mistyped.MOST_HINTS
        return effort.calls(lambda: mistyped.of(kg.dataset.store, text, True))

    assert of_unknown(4000) < 2 * of_unknown(500)


@pytest.fixture(scope="module")
def client(kg: KnowledgeGraph) -> TestClient:
    return client_of(kg.root, kg.dataset)


def test_the_endpoint_names_it_as_a_header_as_a_problem_and_on_the_page(client: TestClient) -> None:
    asked = {"query": "SELECT * { state:Estonia ?p ?o }"}
    told = "the graph has no state:Estonia; did you mean state:EST (Estonia)?"
    plain = client.get("/sparql", params=asked, headers={"Accept": "application/sparql-results+json"})
    assert plain.status_code == 200 and plain.json()["results"]["bindings"] == []
    assert plain.headers["oewg-hint"] == f"{told} | nothing matches state:Estonia ?p ?o"
    both = {"Accept": "application/sparql-results+json, application/problem+json"}
    problem = client.get("/sparql", params=asked, headers=both)
    assert problem.status_code == 400 and problem.headers["content-type"].startswith("application/problem+json")
    assert problem.json()["detail"].startswith(told)
    page = client.get("/sparql", params=asked, headers={"Accept": "text/html"}).text
    assert "The graph has no state:Estonia; did you mean state:EST (Estonia)?" in page
    right = client.get("/sparql", params={"query": "SELECT * { state:EST ?p ?o }"}, headers=both)
    assert right.status_code == 200 and "oewg-hint" not in right.headers
    unknown = {"query": "SELECT * FROM <http://example.org/é> { ?s a oewg:Nowhere }"}
    assert "oewg:Nowhere" in client.get("/sparql", params=unknown).headers["oewg-hint"]
