"""The answers use what the decisions prefer; what they set aside stays in its line."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from oewg_kg import dataset, paths
from oewg_kg.errors import ParseError
from oewg_kg.evidence import decisions
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import PREFIXES

REPORT = ox.NamedNode(PREFIXES["document"] + "mini-report")
ADOPTED = ox.NamedNode(PREFIXES["oewg"] + "adoptedOn")


def days(found: dataset.Dataset, graph: ox.NamedNode | ox.DefaultGraph) -> list[str]:
    return [q.object.value for q in found.store.quads_for_pattern(REPORT, ADOPTED, None, graph)]  # type: ignore[union-attr]


def resolved(folder: Path) -> tuple[dataset.Dataset, int]:
    found = dataset.load(paths.find(str(folder)))
    return found, decisions.resolve(found)


def test_the_claim_set_aside_is_not_in_the_resolved_view(mini: Path) -> None:
    found, count = resolved(mini)
    assert count == 1
    assert days(found, ox.DefaultGraph()) == ["2021-03-12"]


def test_the_claim_set_aside_stays_in_its_line(mini: Path) -> None:
    found, _ = resolved(mini)
    assert days(found, ox.NamedNode(PREFIXES["source"] + "oewg-2019-2021#L5")) == ["2021-03-05"]


def test_without_a_decision_both_days_remain(mini: Path) -> None:
    (mini / "data" / "decisions.ttl").unlink()
    found, count = resolved(mini)
    assert count == 0
    assert sorted(days(found, ox.DefaultGraph())) == ["2021-03-05", "2021-03-12"]


def test_what_another_line_states_too_stays_in_the_resolved_view(mini: Path) -> None:
    page = mini / "data" / "sources" / "oewg-2019-2021-monitor.trig"
    page.write_text(page.read_text() + 'p3:9 { document:mini-report oewg:adoptedOn "2021-03-05"^^xsd:date }\n')
    found, _ = resolved(mini)
    assert sorted(days(found, ox.DefaultGraph())) == ["2021-03-05", "2021-03-12"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"2021-03-05"^^xsd:date', '"2021-03-06"^^xsd:date'),
        ("oewg:statedIn p1:5", "oewg:statedIn p1:4"),
        ("oewg:statedIn p3:1", "oewg:statedIn p3:2"),
        ("rdf:predicate oewg:adoptedOn", "rdf:predicate oewg:addresses"),
    ],
)
def test_a_decision_on_a_claim_that_no_line_makes_is_refused(before: str, after: str, mini: Path) -> None:
    decisions = mini / "data" / "decisions.ttl"
    assert before in decisions.read_text()
    decisions.write_text(decisions.read_text().replace(before, after))
    with pytest.raises(
        ParseError, match=r"claim/mini-adoption-\d> claims something that its line does not state; correct the subject"
    ):
        resolved(mini)


def test_an_interval_falls_with_the_end_that_a_decision_sets_aside(kg: KnowledgeGraph) -> None:
    """Page 2, line 46: "In 2020"; page 4, line 11: "December 2020"; page 3, line 3, set aside: "In November 2020"."""
    asked = (
        "SELECT DISTINCT ?interval { %s { document:a-res-75-240 oewg:adoptedInterval ?interval } } ORDER BY ?interval"
    )
    stand = ["2020-01-01/2020-12-31", "2020-12-01/2020-12-31"]
    assert kg.query(asked % "").column("interval") == stand  # type: ignore[union-attr]
    said = kg.query(asked % "GRAPH ?line").column("interval")  # type: ignore[union-attr]
    assert said == [stand[0], "2020-11-01/2020-11-30", stand[1]]
