"""The command `oewg draft`: its two steps, workbooks, and bad input."""

from pathlib import Path

import pytest

from conftest import Run
from oewg_kg.draft import table

PAGE = Path(__file__).with_name("page-c.txt")


def test_headings_come_first_and_have_columns_to_fill_in(oewg: Run, tmp_path: Path) -> None:
    told = oewg("draft", str(PAGE), "-o", str(tmp_path / "h.csv"))
    assert told.exit_code == 0
    rows = table.read(tmp_path / "h.csv")
    assert [row.kind for row in rows] == ["process", "list", "list", "list"]
    assert {"list", "process", "default_kind", "listed_as", "target", "date"} <= set(table.COLUMNS)


def test_a_workbook_is_written_and_read_back(oewg: Run, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    pytest.importorskip("python_calamine")
    assert oewg("draft", str(PAGE), "-o", str(tmp_path / "h.xlsx")).exit_code == 0
    told = oewg("draft", str(PAGE), "--headings", str(tmp_path / "h.xlsx"), "-o", str(tmp_path / "d.xlsx"))
    assert told.exit_code == 0, told.output
    again = oewg("draft", str(PAGE), "--headings", str(tmp_path / "h.xlsx"), "-o", str(tmp_path / "d.csv"))
    assert again.exit_code == 0
    assert table.read(tmp_path / "d.xlsx") == table.read(tmp_path / "d.csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the page is empty"),
        (b"%PDF-1.7 \x00\x01", "not the text of a page"),
        (b"<!DOCTYPE html><p>x</p>", "this is HTML"),
        (b"Statements\n\xff\xfe broken", "not UTF-8"),
    ],
)
def test_what_is_not_a_page_is_refused_in_one_line(oewg: Run, tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "page.txt").write_bytes(content)
    told = oewg("draft", str(tmp_path / "page.txt"))
    assert told.exit_code == 3
    assert told.output.count("\n") == 1
    assert says in told.output


def test_one_row_is_not_called_rows(oewg: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("hello\n", encoding="utf-8")
    assert oewg("draft", str(tmp_path / "page.txt"), "-o", str(tmp_path / "h.csv")).exit_code == 0
    told = oewg(
        "draft", str(tmp_path / "page.txt"), "--headings", str(tmp_path / "h.csv"), "-o", str(tmp_path / "d.csv")
    )
    assert told.stderr == "1 row, 1 marked for checking\n"


def test_a_page_that_is_not_there_and_a_folder_are_refused(oewg: Run, tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere.txt", tmp_path):
        told = oewg("draft", str(place))
        assert told.exit_code == 5
        assert told.output.count("\n") == 1


def test_headings_of_another_page_are_refused(oewg: Run, tmp_path: Path) -> None:
    other = PAGE.with_name("page-d.txt")
    assert oewg("draft", str(other), "-o", str(tmp_path / "h.csv")).exit_code == 0
    told = oewg("draft", str(PAGE), "--headings", str(tmp_path / "h.csv"))
    assert told.exit_code == 2
    assert "the headings of this page" in told.output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("line,kind\n4,list\n", "the table has no column 'item'"),
        ("line,item\nx,1\n", "is not a number"),
        ("line,item\n4,1\n4,1\n", "appears in two rows"),
        ("name\nx\n", "no column 'line'"),
    ],
)
def test_a_table_of_another_kind_is_refused(oewg: Run, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    told = oewg("draft", "--accept", str(tmp_path / "t.csv"))
    assert told.exit_code in (2, 3)
    assert told.output.count("\n") == 1
    assert says in told.output


def test_one_thing_at_a_time(oewg: Run, tmp_path: Path) -> None:
    assert oewg("draft").exit_code == 2
    assert oewg("draft", str(PAGE), "--accept", str(tmp_path / "t.csv")).exit_code == 2
    assert oewg("draft", "--accept", "t.csv", "--headings", "h.csv").exit_code == 2
