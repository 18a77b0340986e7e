"""Names that pages print: a wrong actor is worse than a question."""

import pytest

from oewg_kg.draft import actors
from oewg_kg.draft.actors import ActorNames
from oewg_kg.knowledge_graph import KnowledgeGraph


@pytest.fixture(scope="module")
def names(kg: KnowledgeGraph) -> ActorNames:
    return actors.actor_names(kg.dataset.store)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Trinidad & Tobago", ["state/TTO"]),
        ("Chile, Estonia and Kenya", ["state/CHL", "state/EST", "state/KEN"]),
        ("Antigua and Barbuda, Chile and Trinidad and Tobago", ["state/ATG", "state/CHL", "state/TTO"]),
        ("Belgium, Luxembourg and the Netherlands", ["state/BEL", "state/LUX", "state/NLD"]),
        ("Nigeria and Niger", ["state/NGA", "state/NER"]),
        ("Access Now and Global Partners Digital", ["stakeholder/accessnow", "stakeholder/gpd"]),
        ("Centre for Internet & Society", ["stakeholder/cis-india"]),
        ("the Non-Aligned Movement", ["group/NAM"]),
        ("Lao PDR", ["state/LAO"]),
        ("Ireland (Mr.)", ["state/IRL"]),
    ],
)
def test_names_of_the_graph_are_found_and_need_no_check(names: ActorNames, text: str, codes: list[str]) -> None:
    found = names.actors_named(text)
    assert [actor.code for actor in found] == codes
    assert not any(actor.check for actor in found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Korea", "?state/KOR,state/PRK"),
        ("Congo", "state/COG"),
        ("NAM", "group/NAM"),
        ("secretariat", "?body/oewg2-secretariat,body/un-secretariat"),
        ("Belgum", "state/BEL"),
        ("Lanternfield Network", "NEW:Lanternfield Network"),
        ("Institute for Peace and Norway Studies", "NEW:Institute for Peace and Norway Studies"),
        ("a group of States", "NEW:a group of States"),
        ("Vice-Chair", "NEW:Vice-Chair"),
        ("Chair of the Group of 77", "NEW:Chair of the Group of 77"),
    ],
)
def test_a_doubtful_name_is_marked(names: ActorNames, text: str, code: str) -> None:
    [found] = names.actors_named(text)
    assert found.code == code
    assert found.check


@pytest.mark.parametrize("text", ["12", "1998", "004"])
def test_a_number_is_never_the_code_of_a_state(names: ActorNames, text: str) -> None:
    assert [actor.code for actor in names.actors_named(text)] == [""]


def test_a_slash_between_names_is_marked(names: ActorNames) -> None:
    found = names.actors_named("Argentina/Uruguay")
    assert [(actor.code, bool(actor.check)) for actor in found] == [("state/ARG", True), ("state/URY", True)]


def test_a_person_is_not_an_actor(names: ActorNames) -> None:
    [found] = names.actors_named("Ms. Solveig Achterberg")
    assert (found.code, found.printed) == ("", "Ms. Solveig Achterberg")
    assert found.check
