"""Every saved query has the same rows on every engine that is here, and `benchmarks/engines.md` shows that and nothing else.

An engine that is missing is skipped with its reason, but never in continuous integration (CI is set).
"""

import re
import shutil
from typing import Any

import pytest
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

import asking
import same_answers
from conftest import ROOT
from external import missing
from oewg_kg import query

pytestmark = pytest.mark.slow

QUESTIONS = query.load(ROOT / "queries")
OTHERS = [name for name in same_answers.ENGINES if name != "pyoxigraph"]
SAME = {same_answers.SAME, same_answers.OTHER_ORDER}
# Engines of other makes that take half a minute or more for all questions share them: each is asked those that have between them
# all that is in any question (see below), and a third of the rest.
SLOW = ("rdflib", "Jena", "Comunica")
EVERYTHING = frozenset(
    (
        "actors-by-printed-name",
        "actors-counted-in-lists",
        "actors-in-lists",
        "adoption-dates-by-line",
        "announced-and-listed-sessions",
        "claims-set-aside",
        "compare",
        "contributions-in-list",
        "contributions-outside-rounds",
        "documents-on-several-pages",
        "draft-lineage",
        "group-cohesion",
        "group-statement-expanded",
        "groups-by-speaker",
        "groups-of-state",
        "joint-papers-with-authors",
        "lists-of-actor",
        "lists-searched",
        "periods-by-line",
        "resolutions",
        "sessions-of-process",
        "side-events-by-day",
        "side-events-that-clash",
        "states-not-in-list",
        "states-on-only-one-draft",
        "things-without-outside-identifier",
        "timeline",
        "votes-by-regional-group",
        "votes-of-silent-states",
    )
)
# Over these rdflib and Comunica sit for half of their time, and Jena for a second each.
LONG = frozenset(
    (
        "co-host-pairs",
        "list-actor-matrix",
        "most-active-actors",
        "states-codes",
        "states-not-on-draft",
        "states-on-neither-draft",
    )
)


def asked_of(engine: str) -> frozenset[str]:
    """Name the questions that an engine is asked."""
    if engine not in SLOW:
        return frozenset(QUESTIONS)
    rest = sorted(QUESTIONS.keys() - EVERYTHING - LONG)
    return EVERYTHING.union(rest[SLOW.index(engine) :: len(SLOW)], LONG if engine == "Jena" else ())


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, same_answers.Told | str]:
    """Ask every engine its questions."""
    folder = tmp_path_factory.mktemp("engines")
    folders = {}
    for engine in SLOW:
        left_out = {f"{name}.rq" for name in QUESTIONS.keys() - asked_of(engine)}
        folders[engine] = folder / engine
        shutil.copytree(ROOT / "queries", folders[engine], ignore=lambda _, names: left_out & set(names))  # noqa: B023
    return same_answers.told(same_answers.ENGINES, same_answers.exported(folder), folders)


@pytest.fixture(scope="session")
def matrix(found: dict[str, same_answers.Told | str]) -> dict[str, dict[str, str]]:
    return same_answers.verdicts(found)


@pytest.mark.parametrize("engine", OTHERS)
def test_every_saved_query_has_the_same_rows(
    engine: str, found: dict[str, same_answers.Told | str], matrix: dict[str, dict[str, str]]
) -> None:
    told = found[engine]
    if isinstance(told, str):
        missing(engine, told)
        return
    assert len(matrix) == len(QUESTIONS) >= 113
    assert told.answers.keys() == asked_of(engine)
    asked = {name: signs[engine] for name, signs in matrix.items() if name in told.answers}
    different = {name: told.answers[name] for name, sign in asked.items() if sign not in SAME}
    assert not different, "mend the query, or find out that the engine is at fault"


def parts(value: Any, around: str = "") -> set[tuple[str, str]]:
    """Name the parts of a query's algebra, each with what it stands in."""
    if isinstance(value, CompValue):
        return {(around, value.name)}.union(*(parts(one, value.name) for one in value.values()))
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple | set) else ()
    return set().union(*(parts(one, around) for one in inside))


def test_what_slow_engines_are_not_asked_is_made_of_parts_that_they_are_asked() -> None:
    assert frozenset().union(*map(asked_of, SLOW)) == QUESTIONS.keys()
    made_of = {name: parts(prepareQuery(saved.text).algebra) for name, saved in QUESTIONS.items()}
    asked = set().union(*(made_of[name] for name in EVERYTHING))
    assert len(asked) > 100
    assert not {name: new for name, of in made_of.items() if (new := of - asked)}, "take one of these into EVERYTHING"


def test_the_matrix_on_paper_is_of_these_questions_and_engines() -> None:
    text = (ROOT / "benchmarks" / "engines.md").read_text(encoding="utf-8")
    head, *rows = re.findall(r"^\| (?:question|`[a-z0-9-]+`) \|.*$", text, re.MULTILINE)
    assert head.strip("| ").split(" | ")[2:] == OTHERS
    shown = {cells[0].strip("`"): cells[2:] for cells in (row.strip("| ").split(" | ") for row in rows)}
    assert sorted(shown) == sorted(QUESTIONS), "compute it anew: python benchmarks/same_answers.py"
    assert {sign for signs in shown.values() for sign in signs} <= SAME


def test_answers_that_differ_are_distinguished() -> None:
    saved = next(iter(QUESTIONS.values()))
    term, other = (asking.ox.Literal(text) for text in ("a", "b"))
    told = {
        name: same_answers.Told("", 0, dict.fromkeys(QUESTIONS, answer))
        for name, answer in {
            "pyoxigraph": (["x", "line"], [(term, asking.ox.Literal("l1 l2")), (other, None)]),
            "other order": (["line", "x"], [(None, other), (asking.ox.Literal("l2 l1"), term)]),
            "once more": (["x", "line"], [(term, asking.ox.Literal("l1 l2")), (other, None), (other, None)]),
            "no answer": "refused",
        }.items()
    }
    signs = same_answers.verdicts(told)[saved.name]  # type: ignore[arg-type]
    assert list(signs.values()) == [
        same_answers.SAME,
        same_answers.OTHER_ORDER,
        same_answers.DIFFERS,
        same_answers.NO_ANSWER,
    ]
