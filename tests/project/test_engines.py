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
# Over these rdflib sits for more than half of its time, and other questions have all that is in them (see below).
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


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, same_answers.Told | str]:
    """Ask every engine everything, but rdflib not what takes it longest: a minute of a processor."""
    folder = tmp_path_factory.mktemp("engines")
    short = folder / "short"
    shutil.copytree(ROOT / "queries", short, ignore=lambda _, names: {f"{name}.rq" for name in LONG} & set(names))
    return same_answers.told(same_answers.ENGINES, same_answers.exported(folder), {"rdflib": short})


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
    left_out = LONG if engine == "rdflib" else frozenset[str]()
    assert len(told.answers) == len(QUESTIONS) - len(left_out)
    asked = {name: signs[engine] for name, signs in matrix.items() if name not in left_out}
    different = {name: told.answers.get(name, "") for name, sign in asked.items() if sign not in SAME}
    assert not different, "mend the query, or find out that the engine is at fault"


def parts(value: Any, around: str = "") -> set[tuple[str, str]]:
    """Name the parts of a query's algebra, each with what it stands in."""
    if isinstance(value, CompValue):
        return {(around, value.name)}.union(*(parts(one, value.name) for one in value.values()))
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple | set) else ()
    return set().union(*(parts(one, around) for one in inside))


def test_what_rdflib_is_not_asked_is_made_of_parts_that_it_is_asked() -> None:
    wanted = set().union(*(parts(prepareQuery(QUESTIONS[name].text).algebra) for name in LONG))
    assert len(wanted) > 30
    for name in sorted(QUESTIONS.keys() - LONG):
        wanted -= parts(prepareQuery(QUESTIONS[name].text).algebra)
        if not wanted:
            return
    assert not wanted, "take a question with these out of LONG"


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
