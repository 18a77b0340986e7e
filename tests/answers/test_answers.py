"""The saved questions: each answers what the pages say, with the lines that prove each row.

The expected rows in the files of this folder were read from the pages, for the defaults of the parameters. That other engines
answer the same is in test_engines.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable

import pyoxigraph as ox
import pytest

from conftest import ROOT
from oewg_kg import query, terms
from oewg_kg.dataset import Dataset
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.query import QueryResult

ANSWERS = ROOT / "tests" / "answers"
QUESTIONS = query.load(ROOT / "queries")
EXPECTED = sorted(path.stem for path in ANSWERS.glob("*.csv"))
AT_LEAST = 65


@pytest.fixture(scope="session")
def pages(kg: KnowledgeGraph) -> dict[str, str]:
    """Map the IRI of a source to its number: `000` to `004`."""
    found = kg.query("SELECT ?source ?number { ?source a oewg:Source ; skos:notation ?number }")
    assert not isinstance(found, bool | list)
    return {str(source): str(number) for source, number in found.rows}


@pytest.fixture(scope="module")
def turned(kg: KnowledgeGraph) -> Dataset:
    """Read the graph once more in another order, which gives its terms and rows another order inside."""
    store = ox.Store()
    for quad in sorted(kg.dataset.store.quads_for_pattern(None, None, None, None), key=str, reverse=True):
        store.add(quad)
    return Dataset(store, {})


def read(name: str) -> tuple[list[str], list[list[str]]]:
    """Read an expected answer: columns, rows."""
    columns, *rows = csv.reader((ANSWERS / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True))
    return columns, rows


def wanted(columns: list[str], rows: Iterable[list[str]]) -> Counter[tuple[object, ...]]:
    """Count the expected rows, their lines as a set."""
    return Counter(
        tuple(frozenset(cell.split()) if name == "lines" else cell for name, cell in zip(columns, row, strict=True))
        for row in rows
    )


def given(result: QueryResult, columns: list[str], pages: dict[str, str]) -> Counter[tuple[object, ...]]:
    """Count the rows of an answer on the columns of the expected file, each with its lines as `001:33`."""
    found: Counter[tuple[object, ...]] = Counter()
    for row, citations in zip(result.rows, result.citations, strict=True):
        cells = dict(zip(result.columns, map(terms.text_of, row), strict=True))
        found[tuple(frozenset(numbered(citations, pages)) if name == "lines" else cells[name] for name in columns)] += 1
    return found


def numbered(citations: Iterable[str], pages: dict[str, str]) -> list[str]:
    """Name lines by page and number, and graphs that are no lines by their CURIE."""
    parts = ((line, *line.partition("#L")) for line in citations)
    return [
        f"{pages[source]}:{number}" if source in pages else terms.compact(line) for line, source, _, number in parts
    ]


def difference(found: Counter[tuple[object, ...]], expected: Counter[tuple[object, ...]]) -> str:
    """Say what an answer has too much and too little."""
    more, fewer = (
        sorted(map(_plain, (one - other).elements())) for one, other in ((found, expected), (expected, found))
    )
    return "\n".join(["answered, but not on the page:", *more, "on the page, but not answered:", *fewer])


def _plain(row: tuple[object, ...]) -> str:
    return "  " + " | ".join(" ".join(sorted(cell)) if isinstance(cell, frozenset) else str(cell) for cell in row)


def test_every_question_has_its_expected_answer() -> None:
    assert len(QUESTIONS) >= AT_LEAST
    assert sorted(QUESTIONS) == EXPECTED, "write the rows that the page gives into tests/answers/<question>.csv"


@pytest.mark.parametrize("name", EXPECTED)
def test_the_answer_is_what_the_pages_say(name: str, kg: KnowledgeGraph, pages: dict[str, str]) -> None:
    columns, rows = read(name)
    saved = QUESTIONS[name]
    result = query.run(kg.dataset, saved, {})
    expected = wanted(columns, rows)
    found = given(result, columns, pages)
    assert found == expected, difference(found, expected)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_row_names_the_lines_that_prove_it(name: str, kg: KnowledgeGraph) -> None:
    columns, _ = read(name)
    saved = QUESTIONS[name]
    result = query.run(kg.dataset, saved, {})
    assert "lines" in columns or "reference" in saved.tags, (
        "only a question on facts from outside the pages has no lines"
    )
    assert "lines" not in columns or all(result.citations)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_columns_are_named_by_the_rule(name: str, kg: KnowledgeGraph) -> None:
    saved = QUESTIONS[name]
    found = kg.dataset.store.query(saved.text)
    assert isinstance(found, ox.QuerySolutions)
    columns = [variable.value for variable in found.variables]
    parameters = {parameter.variable for parameter in saved.parameters}
    assert parameters <= set(columns), "every parameter is a column"
    assert all(re.fullmatch("[a-z][A-Za-z0-9]*", column) for column in columns if column not in parameters)
    assert all(column.removesuffix("Label") in columns for column in columns if column.endswith("Label"))


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_order_of_rows_is_total(name: str, kg: KnowledgeGraph, turned: Dataset) -> None:
    first, second = (query.run(one, QUESTIONS[name], {}) for one in (kg.dataset, turned))
    assert first.rows == second.rows, "end the ORDER BY with columns that tell every two rows apart"


@pytest.mark.parametrize(
    ("name", "reading"), [(name, reading.name) for name, saved in QUESTIONS.items() for reading in saved.readings]
)
def test_other_readings_run(name: str, reading: str, kg: KnowledgeGraph) -> None:
    saved = QUESTIONS[name]
    values = next(one.values for one in saved.readings if one.name == reading)
    assert values, "a reading names the parameters that give it"
    query.run(kg.dataset, saved, query.bind(kg.dataset, saved, values))
