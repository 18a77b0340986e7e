"""Each recounted question gives the rows and lines of its second computation, whatever is chosen for its parameters."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pyoxigraph as ox
import pytest

import recount_lists
from conftest import ROOT
from oewg_kg import query, terms
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.query import SavedQuery
from recount import RECOUNTS, Facts, Rows, plain

pytestmark = pytest.mark.slow

QUESTIONS = query.load(ROOT / "queries")
FORMER = {"actors-in-both-lists", "actors-in-either-list", "groups-on-only-one-draft"}  # names that a question had
AT_LEAST = 60  # questions, and choices of their parameters
FEW = 400  # combinations that are all asked; beyond, each parameter is turned with the others at their defaults


@pytest.fixture(scope="module")
def facts(kg: KnowledgeGraph) -> Facts:
    return Facts(kg.dataset.store)


def chosen(kg: KnowledgeGraph, saved: SavedQuery) -> Iterator[dict[str, str]]:
    """Iterate over what may be given for the parameters that have choices."""
    ways = {p.variable: list(query.choices(kg.dataset.store, p)) for p in saved.parameters if p.type == "iri"}
    default = {p.variable: terms.expand(p.default) or "" for p in saved.parameters if p.type == "iri"}
    combinations = [
        dict(zip(ways, values, strict=True)) for values in itertools.islice(itertools.product(*ways.values()), FEW + 1)
    ]
    if len(combinations) > FEW:
        combinations = [default | {name: iri} for name, iris in ways.items() for iri in iris]
    yield from combinations


def answered(kg: KnowledgeGraph, saved: SavedQuery, values: dict[str, str], columns: tuple[str, ...]) -> Rows:
    bindings = {name: ox.NamedNode(iri) for name, iri in values.items()}
    result = query.run(kg.dataset, replace(saved, text=query.with_values(saved, bindings)), {})
    rows: Rows = {}
    for row, lines in zip(result.rows, result.citations, strict=True):
        cells = dict(zip(result.columns, map(plain, row), strict=True))
        rows.setdefault(tuple(cells[column] for column in columns), set()).update(map(terms.compact, lines))
    return rows


def test_enough_is_recounted(kg: KnowledgeGraph) -> None:
    assert recount_lists.ROLES, "the second half is read too"
    assert len(RECOUNTS) >= AT_LEAST
    assert RECOUNTS.keys() >= FORMER
    assert all(list(chosen(kg, QUESTIONS[name])) for name in RECOUNTS.keys() - FORMER), (
        "a recounted question has a parameter with choices"
    )


@pytest.mark.parametrize("name", sorted(FORMER))
def test_a_former_name_gives_the_rows_that_it_gave(name: str, kg: KnowledgeGraph, facts: Facts) -> None:
    columns, compute = RECOUNTS[name]
    kind = "oewg:Draft" if "draft" in columns else "oewg:List"
    classes = ["oewg:Actor", "oewg:State", "oewg:StateGroup"] if kind == "oewg:List" else [None]
    things = list(map(terms.compact, query.choices(kg.dataset.store, query.Parameter("thing", "iri", "", kind))))
    assert len(things) >= 5
    # Each thing with the last one, and of two things all pairs and classes: more take the same path through the question.
    each = ((one, things[-1], of) for one, of in zip(things, itertools.cycle(classes), strict=False))
    for first, second, of in itertools.chain(each, itertools.product(things[:2], things[-2:], classes)):
        values = {"first": first, "second": second} | ({"actor_class": of} if of else {})
        answer = kg.ask(name, **values)
        rows = ([dict(zip(answer.columns, row, strict=True))[column] for column in columns] for row in answer.rows)
        keys = (tuple(terms.compact(str(cell)) if cell else "" for cell in row) for row in rows)
        given = dict(zip(keys, (set(map(terms.compact, lines)) for lines in answer.citations), strict=True))
        assert given == compute(facts, **values), values


@pytest.mark.parametrize("name", sorted(RECOUNTS.keys() - FORMER))
def test_an_answer_is_the_same_computed_a_second_time(name: str, kg: KnowledgeGraph, facts: Facts) -> None:
    columns, compute = RECOUNTS[name]
    saved = QUESTIONS[name]
    with_rows = 0
    for values in chosen(kg, saved):
        expected = compute(facts, **{key: terms.compact(iri) for key, iri in values.items()})
        assert answered(kg, saved, values, columns) == expected, f"{name} with {values}"
        with_rows += bool(expected)
    assert with_rows, "no choice has a row"
