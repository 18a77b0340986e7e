"""What is shown of a thing first: the questions of its class, with the thing as parameter."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from oewg_kg import query, terms
from oewg_kg.answers import readings
from oewg_kg.errors import ParseError
from oewg_kg.find import profiles
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import PREFIXES


def test_every_question_of_a_profile_takes_a_thing_of_its_class(kg: KnowledgeGraph) -> None:
    table = profiles.load(kg.root.queries)
    assert sum(map(len, table.values())) > 20
    for kind, asked in table.items():
        for name, parameter in asked:
            known = query.choices(kg.dataset.store, kg.questions[name].parameter(parameter))
            members = query.choices(kg.dataset.store, query.Parameter("x", "iri", "", kind))
            assert members and members.keys() & known.keys(), (kind, name)


def test_every_question_of_a_profile_names_the_thing_in_its_title(kg: KnowledgeGraph) -> None:
    for kind, asked in profiles.load(kg.root.queries).items():
        for name, parameter in asked:
            saved = kg.questions[name]
            known = query.choices(kg.dataset.store, query.Parameter("x", "iri", "", kind))
            thing = next(iri for iri in sorted(known) if iri != terms.text_of(saved.parameter(parameter).term))
            bound = {saved.parameter(parameter).variable: ox.NamedNode(thing)}
            title = readings.question_wording(kg.dataset.store, saved, bound).sentence({})
            assert (terms.label(kg.dataset.store, thing) or terms.line_name(thing)) in title, (kind, title)


def test_what_singapore_chaired_is_among_what_it_did(kg: KnowledgeGraph) -> None:
    answer = kg.ask("contributions-of-actor", actor="state:SGP")
    found = {row["part"]: (row["contributionLabel"], row["from"], row["to"]) for row in answer}
    assert found["chair"][1:] == ("2019-12-02", "2019-12-04")  # 000:200
    assert found["post"][0] == "Chair of the OEWG 2021-2025: Burhan Gafoor"  # 002:50
    assert "Side event 7" in found["co-host"][0]  # 002:150


def test_estonia_has_three_contributions_and_is_in_four_lists_of_seven(kg: KnowledgeGraph) -> None:
    panels = profiles.of(kg.root.queries, kg.dataset, ox.NamedNode(PREFIXES["state"] + "EST"))
    rows = {panel.saved.name: panel.result.rows for panel in panels}
    assert len(rows["contributions-of-actor"]) == 3  # 000:188, 001:44, 001:145
    assert [int(row[2].value) for row in rows["lists-of-actor"]] == [1, 1, 1, 1, 0, 0, 0]  # type: ignore[union-attr]


def test_why_a_state_has_no_contributions_is_shown(kg: KnowledgeGraph) -> None:
    first = profiles.of(kg.root.queries, kg.dataset, ox.NamedNode(PREFIXES["state"] + "TUV"))[0]
    assert (first.result.rows, "no page lists a contribution" in first.reason) == ((), True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"oewg:State" = [', "at end of document"),
        ('"oewg:State" = ["lists-of-actor"]', "invalid entry for oewg:State"),
        ('"oewg:State" = "lists-of-actor actor"', "invalid entry for oewg:State"),
    ],
)
def test_an_invalid_table_of_profiles_is_reported_with_its_file(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ParseError, match=rf"queries/profiles\.toml: .*{message}"):
        profiles.load(tmp_path)
