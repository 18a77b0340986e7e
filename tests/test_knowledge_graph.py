"""The graph from Python: questions with their rows and lines, any query, names, claims; and tables for other libraries."""

import re

import pytest

import external
import oewg_kg
from oewg_kg.errors import UsageError
from oewg_kg.knowledge_graph import Answer, KnowledgeGraph
from oewg_kg.vocabulary import PREFIXES

P1 = PREFIXES["source"] + "oewg-2019-2021#L"


def test_the_flagship_question_has_an_answer_with_lines(kg: KnowledgeGraph) -> None:
    answer = kg.ask("states-on-both-drafts", first="initial pre-draft")
    assert len(answer) > 10
    assert len(answer.citations) == len(answer) == len(set(answer.column("actor")))
    assert all(answer.citations)
    assert {re.sub(r"/[A-Z]{3}$", "", str(iri)) for iri in answer.column("actor")} == {PREFIXES["state"].rstrip("/")}


def test_an_answer_has_columns_rows_and_lines(mini_kg: KnowledgeGraph) -> None:
    answer = mini_kg.ask("contributions-on")
    assert answer.columns == ("actor", "actorLabel", "length")
    assert answer.rows[0] == (PREFIXES["state"] + "EST", "Estonia", 7)
    assert answer.column("actorLabel") == ["Estonia", "Iran (Islamic Republic of)"]
    assert next(iter(answer)) == {"actor": PREFIXES["state"] + "EST", "actorLabel": "Estonia", "length": 7}
    assert answer.citations == ((P1 + "2",), (P1 + "4",))
    assert answer.question is not None
    assert answer.question.name == "contributions-on"


def test_a_parameter_with_a_hyphen_is_written_with_an_underscore(mini_kg: KnowledgeGraph) -> None:
    assert len(mini_kg.ask("contributions-on", at_least="8", draft="Zero Draft of the small world")) == 1


def test_wrong_names_are_reported(mini_kg: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match="did you mean contributions-on"):
        mini_kg.ask("contribution-on")
    with pytest.raises(UsageError, match="has no setting 'colour'"):
        mini_kg.ask("contributions-on", colour="red")
    with pytest.raises(UsageError, match="unknown property 'nonsense'; see `oewg show`"):
        mini_kg.why("state:EST", "nonsense")


@pytest.mark.filterwarnings("ignore::oewg_kg.errors.QueryWarning")
def test_each_kind_of_query_has_its_kind_of_answer(mini_kg: KnowledgeGraph) -> None:
    rows = mini_kg.query("SELECT ?s ?none { ?s a oewg:State } ORDER BY ?s LIMIT 1")
    assert isinstance(rows, Answer)
    assert rows.rows == ((PREFIXES["state"] + "CIV", None),)
    assert mini_kg.query("ASK { state:EST a oewg:State }") is True
    assert mini_kg.query("ASK { state:EST a oewg:Draft }") is False
    built = mini_kg.query("CONSTRUCT { ?s a oewg:Actor } WHERE { ?s a oewg:State }")
    assert isinstance(built, list)
    assert len(built) == 4


def test_numbers_are_numbers_and_all_else_is_text(mini_kg: KnowledgeGraph) -> None:
    rows = mini_kg.query(
        'SELECT (1 AS ?a) (1.5 AS ?b) (1e3 AS ?c) ("1" AS ?d) (true AS ?e) ("x"^^xsd:integer AS ?f) ("-INF"^^xsd:double AS ?g) {}'
    )
    assert isinstance(rows, Answer)
    assert rows.rows == ((1, 1.5, 1000.0, "1", "true", "x", float("-inf")),)


def test_names_and_claims(mini_kg: KnowledgeGraph) -> None:
    assert mini_kg.search("turkey")[0].label == "Türkiye"
    assert [c.fate for c in mini_kg.why("document:mini-report", "oewg:adoptedOn")] == ["set aside", "preferred"]
    assert {c.subject.value for c in mini_kg.show("Turkey")} == {PREFIXES["state"] + "TUR"}  # type: ignore[union-attr]


def test_the_questions_are_listed(kg: KnowledgeGraph, mini_kg: KnowledgeGraph) -> None:
    assert set(mini_kg.questions) == {"contributions-on", "adoptions"}
    assert len(kg.questions) >= 12


def test_a_notebook_shows_labels_and_lines_and_no_raw_markup(mini_kg: KnowledgeGraph) -> None:
    shown = mini_kg.ask("contributions-on")._repr_html_()
    assert "<caption>Who contributed to a draft? (draft: Zero Draft of the small world, since: 2000-01-01, " in shown
    assert "<th>actor</th><th>length</th><th>source lines</th>" in shown
    assert "<td>Estonia</td><td>7</td><td>oewg-2019-2021 2</td>" in shown
    odd = Answer(("a",), (("<script>alert('x') & \"y\"</script>",), ("https://w3id.org/oewg-kg/state/EST",), (None,)))
    assert "<script>" not in odd._repr_html_()
    assert "<td>state:EST</td>" in odd._repr_html_()
    assert "<td></td>" in odd._repr_html_()


MIXED = Answer(("name", "count"), (*((None, None) for _ in range(200)), ("Estonia", 5), ("Iran", None)))


def test_an_answer_converts_to_pandas(mini_kg: KnowledgeGraph) -> None:
    external.module("pandas", "pandas")
    frame = mini_kg.ask("contributions-on").to_pandas()
    assert list(frame.columns) == ["actor", "actorLabel", "length"]
    assert frame["length"].sum() == 33
    assert MIXED.to_pandas().shape == (202, 2)
    assert Answer(("a",), ()).to_pandas().shape == (0, 1)


def test_an_answer_converts_to_polars(mini_kg: KnowledgeGraph) -> None:
    external.module("polars", "polars")
    frame = mini_kg.ask("contributions-on").to_polars()
    assert frame.columns == ["actor", "actorLabel", "length"]
    assert frame["length"].sum() == 33
    assert MIXED.to_polars().shape == (202, 2)
    assert Answer(("a",), ()).to_polars().shape == (0, 1)


def test_the_package_names_what_it_offers() -> None:
    assert {name for name in oewg_kg.__all__ if hasattr(oewg_kg, name)} == set(oewg_kg.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = oewg_kg.nothing
