"""The other readings of a question: the one already asked is not among them, and what is said of their rows holds."""

import re

import pytest

from oewg_kg import query
from oewg_kg.answers import former_names, readings
from oewg_kg.answers.readings import OtherReading
from oewg_kg.knowledge_graph import KnowledgeGraph


def others(kg: KnowledgeGraph, name: str, **values: str) -> list[OtherReading]:
    saved = query.find(kg.root.queries, name)
    given = query.run(kg.dataset, saved, query.bind(kg.dataset, saved, values))
    return readings.other_readings(kg.dataset, saved, values, given)


def test_as_first_asked_every_reading_is_another_one(kg: KnowledgeGraph) -> None:
    with_readings = [saved for saved in kg.questions.values() if saved.readings]
    assert len(with_readings) > 40
    for saved in with_readings:
        told = [one.name for one in others(kg, saved.name)]
        assert told == [one.name for one in saved.readings], f"{saved.name}: a reading is what the defaults already ask"


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "kind:comments"},
        {"kind": "comments"},
        {"kind": "https://w3id.org/oewg-kg/kind/comments", "actor-class": "state"},
    ],
)
def test_the_reading_given_is_not_offered_however_it_was_asked(kg: KnowledgeGraph, values: dict[str, str]) -> None:
    found = others(kg, "states-on-both-drafts", **values)
    assert [one.name for one in found] == [
        "only written contributions count",
        "groups of states count too",
        "groups of states and stakeholders count too",
    ]
    assert found[0].merged == values | {"kind": "kind:written"}


def test_rows_in_words(kg: KnowledgeGraph) -> None:
    told = {one.name: one.rows for one in others(kg, "votes-by-regional-group")}
    assert set(told.values()) == {"5 rows, not identical to these"}
    assert [one.rows for one in others(kg, "states-on-both-drafts")] == ["5 rows", "9 rows", "33 rows", "40 rows"]
    assert {one.rows for one in others(kg, "co-host-pairs", least="1")} == set()


def test_titles_read_as_sentences_with_their_defaults(kg: KnowledgeGraph) -> None:
    assert readings.default_title(kg.questions["contributors-of-class"]) == (
        "Which states in Oceania contributed to the OEWG 2019-2021?"
    )
    doubled = re.compile(r"\b(of|to|on|in|resolution) (of|in|to|on|against)\b")
    told = {name: readings.default_title(saved) for name, saved in kg.questions.items()}
    assert [text for text in told.values() if doubled.search(text)] == []


@pytest.mark.parametrize(
    ("name", "values", "heading"),
    [
        ("states-on-both-drafts", {}, "Which states contributed to both the initial pre-draft and the Zero Draft?"),
        (
            "groups-on-only-one-draft",
            {},
            "Which groups of states are listed as contributors to only one of the initial pre-draft and the Zero Draft?",
        ),
        (
            "actors-counted-in-lists",
            {"actor-class": "stakeholder"},
            "How many stakeholders appear on each list of the OEWG 2019-2021?",
        ),
        (
            "states-on-both-drafts",
            {"actor-class": "state or group of states"},
            "Which states or groups of states contributed to both the initial pre-draft and the Zero Draft?",
        ),
        ("documents-of-event", {}, "Which documents belong to the second session of the OEWG 2019-2021?"),
        ("group-members-at-date", {}, "Which states were members of the European Union on 15 February 2020?"),
        ("lines-under-heading", {}, "Which source lines are under the heading on line 23 of p1?"),
    ],
)
def test_a_title_names_what_is_counted_and_of_what(
    name: str, values: dict[str, str], heading: str, kg: KnowledgeGraph
) -> None:
    saved, values = former_names.find(kg.root.queries, name, values)
    asked = readings.question_wording(kg.dataset.store, saved, query.bind(kg.dataset, saved, values))
    assert asked.heading == heading


def test_a_title_says_each_thing_that_it_is_about_unless_all_are_asked(kg: KnowledgeGraph) -> None:
    """What narrows a question has its default in the title; what says who and which kinds count is in the settings."""
    narrow = {
        "oewg:Draft",
        "oewg:Event",
        "oewg:Resolution",
        "oewg:StateGroup",
        "oewg:SourceLine",
        "oewg:Post",
        "oewg:Document",
    }
    left = {
        name
        for name, saved in kg.questions.items()
        if any(one.choices in narrow for one in saved.parameters) and "(default: " not in saved.summary
    }
    assert left == set()
    assert all(one.means for saved in kg.questions.values() for one in saved.parameters)
