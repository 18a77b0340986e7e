"""What is shown of a thing first: the questions of its class, with the thing as parameter."""

import pyoxigraph as ox

from oewg_kg import query
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


def test_estonia_has_three_contributions_and_is_in_four_lists_of_seven(kg: KnowledgeGraph) -> None:
    panels = profiles.of(kg.root.queries, kg.dataset, ox.NamedNode(PREFIXES["state"] + "EST"))
    rows = {panel.saved.name: panel.result.rows for panel in panels}
    assert len(rows["contributions-of-actor"]) == 3  # 000:188, 001:44, 001:145
    assert [int(row[2].value) for row in rows["lists-of-actor"]] == [1, 1, 1, 1, 0, 0, 0]  # type: ignore[union-attr]


def test_why_a_state_has_no_contributions_is_shown(kg: KnowledgeGraph) -> None:
    first = profiles.of(kg.root.queries, kg.dataset, ox.NamedNode(PREFIXES["state"] + "TUV"))[0]
    assert (first.result.rows, "no page lists a contribution" in first.reason) == ((), True)
