"""An answer as text: what people read has labels, what programs read has whole IRIs, and every format is read back."""

import csv
import io
import json
import re

import pyoxigraph as ox
import pytest

from oewg_kg import tables, terms
from oewg_kg.cli import terminal
from oewg_kg.export import tables as export_tables
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, PREFIXES

P1 = PREFIXES["source"] + "oewg-2019-2021#L"
COLUMNS = ("actor", "actorLabel", "dateOfIssue", "note")
EST = ox.NamedNode(BASE + "state/EST")
ROWS = (
    (
        EST,
        ox.Literal("Estonia", language="en"),
        ox.Literal("2020-04-01", datatype=ox.NamedNode(PREFIXES["xsd"] + "date")),
        None,
    ),
    (
        ox.NamedNode("http://example.org/a b".replace(" ", "/")),
        ox.Literal('say "so", | \n\tx'),
        None,
        ox.BlankNode("b"),
    ),
)
CITED = ((P1 + "9", P1 + "10", PREFIXES["source"] + "oewg-2019-2021-monitor#L1"), ())


def test_people_read_labels_headings_and_short_lines() -> None:
    names, cells = tables.for_people(COLUMNS, ROWS, CITED)
    assert names == ["actor", "date of issue", "note", "source lines"]
    assert cells[0] == ["Estonia", "2020-04-01", "", "oewg-2019-2021 9, 10; oewg-2019-2021-monitor 1"]


@pytest.mark.parametrize(
    ("column", "things", "told"),
    [
        ("actor", [EST, EST, EST], "3 rows (1 actor)"),
        ("actor", [EST], "1 row"),
        ("actor", [], "0 rows"),
        ("country", [EST, EST, None], "3 rows (2 countries)"),
        ("process", [EST, EST, None], "3 rows (2 processes)"),
        ("contribution", [EST, EST, None], "3 rows (2 contributions)"),
    ],
)
def test_rows_are_counted_and_the_things_they_are_about(column: str, things: list[terms.Term], told: str) -> None:
    rows = [(thing, ox.Literal("label")) for thing in things]
    assert tables.row_count((column, column + "Label"), rows) == told
    assert tables.row_count((column, "other"), rows) == told.partition(" (")[0], "what has no label is not counted"


def test_people_read_a_curie_without_a_label() -> None:
    assert tables.for_people(("actor",), ((EST,),), None) == (["actor"], [["state:EST"]])


def test_programs_read_every_column_and_complete_iris() -> None:
    names, cells = tables.for_machines(COLUMNS, ROWS, CITED)
    assert names == [*COLUMNS, "lines"]
    assert cells[0] == [EST.value, "Estonia", "2020-04-01", "", " ".join(CITED[0])]


@pytest.mark.parametrize("cited", [None, CITED])
def test_csv_is_parsed_back(cited: tuple[tuple[str, ...], ...] | None) -> None:
    names, cells = tables.for_machines(COLUMNS, ROWS, cited)
    text = tables.write_csv(names, cells)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [names, *cells]
    assert text.count("\r\n") == 3


def test_tsv_is_split_back() -> None:
    text = tables.write_tsv(*tables.for_machines(COLUMNS, ROWS, None))
    lines = [line.split("\t") for line in text.splitlines()]
    assert [len(line) for line in lines] == [4, 4, 4]
    assert lines[2][1] == 'say "so", | x'


def test_markdown_has_as_many_cells_in_each_line() -> None:
    text = tables.write_markdown(*tables.for_people(COLUMNS, ROWS, CITED))
    lines = text.splitlines()
    assert len(lines) == 4
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}
    assert lines[1] == "| --- | --- | --- | --- |"


def test_json_is_that_of_sparql_with_the_lines_beside() -> None:
    found = json.loads(tables.write_json(COLUMNS, ROWS, CITED, {"name": "q"}))
    assert found["head"]["vars"] == [*COLUMNS, "lines"]
    first, second = found["results"]["bindings"]
    assert first["actor"] == {"type": "uri", "value": EST.value}
    assert first["actorLabel"] == {"type": "literal", "value": "Estonia", "xml:lang": "en"}
    assert first["dateOfIssue"]["datatype"] == PREFIXES["xsd"] + "date"
    assert first["lines"]["value"] == " ".join(CITED[0])
    assert "note" not in first
    assert second["note"]["type"] == "bnode"
    assert found["question"] == {"name": "q"}


@pytest.mark.parametrize("cited", [None, CITED])
def test_another_reader_of_sparql_json_reads_it(cited: tuple[tuple[str, ...], ...] | None) -> None:
    text = tables.write_json(COLUMNS, ROWS, cited, {"name": "q"})
    read = ox.parse_query_results(text.encode(), format=ox.QueryResultsFormat.JSON)
    assert isinstance(read, ox.QuerySolutions)
    rows = list(read)
    assert [row["actor"] for row in rows] == [row[0] for row in ROWS]
    assert rows[0]["actorLabel"] == ROWS[0][1]


def test_no_rows_are_still_a_table() -> None:
    assert tables.write_csv(*tables.for_machines(("a",), (), None)) == "a\r\n"
    assert tables.write_markdown(["a"], []) == "| a |\n| --- |\n"
    assert terminal.draw_table(["a"], [], 40).strip().startswith("a")


def test_a_table_fits_the_width_and_wraps_only_long_columns() -> None:
    text = terminal.draw_table(["name", "text"], [["Estonia", "word " * 40], ["Iran", "short"]], 60)
    assert max(map(len, text.splitlines())) <= 60
    assert "Estonia" in text
    assert text.count("word") == 40


def test_a_first_cell_that_repeats_the_one_above_is_left_blank() -> None:
    text = terminal.draw_table(["a", "b"], [["x", "1"], ["x", "2"], ["y", "3"]], 40)
    assert text.count("x") == 1
    assert "3" in text


def test_brackets_in_a_cell_are_printed_as_they_are() -> None:
    assert "[bold]so[/bold]" in terminal.draw_table(["a"], [["[bold]so[/bold]"]], 60)


@pytest.mark.parametrize("text", ['"quoted"', '"open', 'say "so"', "=1+1", ""])
def test_tsv_with_quotation_marks_is_read_by_others(text: str) -> None:
    """pandas, R and csv take a quotation mark at the beginning of a cell for one around it, up to the next, lines and all."""
    written = tables.write_tsv(["a", "b"], [[text, "1"], ["x", "2"]])
    assert list(csv.reader(io.StringIO(written), delimiter="\t")) == [["a", "b"], [text, "1"], ["x", "2"]]


def test_one_row_shows_which_tables_have_rows(kg: KnowledgeGraph, mini_kg: KnowledgeGraph) -> None:
    for one in (kg, mini_kg):
        filled = export_tables.load(one.dataset, one.root.queries / "tables")
        assert export_tables.with_rows(one.dataset, one.root.queries / "tables") == {
            name: table.summary for name, table in filled.items()
        }
