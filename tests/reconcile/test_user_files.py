"""Files of a user's own next to the graph: no row is lost in silence, and no answer of ours changes."""

import io
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

import oewg_kg
from conftest import ROOT
from oewg_kg import formats, query
from oewg_kg.cli import main
from oewg_kg.dataset import default_graph
from oewg_kg.errors import QueryWarning

# Eight makes of tables, a few rows each as they are published: the file's name, its key, its text, and what becomes of its rows by
# their numbers: the state's code, or "" for a row that must be named as left out.
TABLES = {
    "world-bank.csv": (
        "Country Name",
        '\ufeff"Data Source","World Development Indicators",\n\n"Last Updated Date","2024-10-24",\n\n'
        '"Country Name","Country Code","2023",\n"Aruba","ABW","1.1",\n"Korea, Rep.","KOR","2",\n"Egypt, Arab Rep.","EGY","3",\n'
        '"Arab World","ARB","4",\n"World","WLD","5",\n"Congo, Dem. Rep.","COD","6",\n"Turkiye","TUR","7",\n',
        {6: "", 7: "KOR", 8: "EGY", 9: "", 10: "", 11: "COD", 12: "TUR"},
    ),
    "itu.csv": (
        "Country Name",
        "Country Name;Score;Rank\nUnited States of America**;100;1\nUnited Kingdom;99.54;2\nSaudi Arabia;99.54;2\nCôte d'Ivoire;67.82;75\n",
        {2: "USA", 3: "GBR", 4: "SAU", 5: "CIV"},
    ),
    "v-dem.csv": (
        "country_text_id",
        '"country_name","country_text_id","country_id","year","COWcode","v2x"\n"Mexico","MEX",3,2020,70,0.6\n"Mexico","MEX",3,2021,70,0.5\n'
        '"Kosovo","XKX",43,2021,347,0.6\n"Zanzibar","ZZB",236,1963,511,0.2\n"Estonia","EST",161,2021,366,0.9\n',
        {2: "MEX", 3: "MEX", 4: "", 5: "", 6: "EST"},
    ),
    "correlates.csv": (
        "ccode",
        "ccode\tcinc\n2\t0.14\n200\t0.02\n255\t0.03\n345\t0.01\n",
        {2: "USA", 3: "GBR", 4: "DEU", 5: "SRB"},
    ),
    "m49.csv": (
        "M49",
        "M49,region\n024,Africa\n540,Oceania\n233,Europe\n076,Americas\n",  # 540 is New Caledonia here, Angola for others
        {2: "AGO", 3: "", 4: "EST", 5: "BRA"},
    ),
    "français.csv": (
        "Pays",
        "Pays;Note\nBrésil;1\nÉtats-Unis d'Amérique;2\nPays-Bas;3\nTotal;6\nCorée;4\n",
        {2: "BRA", 3: "USA", 4: "NLD", 5: "", 6: ""},
    ),
    "arabic.csv": ("الدولة", "الدولة,القيمة\nمصر,1\nالصين,2\nالمجموع,3\n", {2: "EGY", 3: "CHN", 4: ""}),
    "iso2.csv": ("geo", "geo,n\nDE,1\nFR,2\nEL,3\nEU27_2020,4\nNA,5\n", {2: "DEU", 3: "FRA", 4: "", 5: "", 6: ""}),
}
DESCRIBED = re.compile(r"#row=(\d+)$")


def oewg(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize("name", TABLES)
def test_each_row_of_a_table_is_matched_or_named_as_left_out(name: str, tmp_path: Path) -> None:
    key, text, expected = TABLES[name]
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    asked = "SELECT ?row ?state { GRAPH ?g { ?row <http://www.w3.org/ns/csvw#describes> ?state } }"
    result = oewg("query", "-q", asked, "--with", str(file), "--key", key, "-f", "csv")
    assert result.exit_code == 0, result.output
    matched = dict.fromkeys(expected, "")
    for line in result.stdout.splitlines()[1:]:
        row, state = line.split(",")
        matched[int(DESCRIBED.findall(row)[0])] = state.rpartition("/")[2]
    named = {
        int(number)
        for line in result.stderr.splitlines()
        if "left out" in line
        for number in re.findall(r"row (\d+) “", line)
    }
    assert matched == expected
    assert named == {number for number, state in expected.items() if not state}


def test_an_answer_has_the_columns_of_a_table_and_cites_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "gci.csv"
    file.write_text(
        "Country,Score\nAustralia,97.47\nRussia,98\nRussian Federation,98.1\nCongo,5\nRepublic of Korea,x\n",
        encoding="utf-8",
    )
    options = ("ask", "actors-on-draft", "-f", "csv", "--cite")
    plain, mine = oewg(*options), oewg(*options, "--with", str(file), "--key", "Country")
    assert mine.exit_code == 0, mine.output
    assert [line.split(",")[:3] for line in mine.stdout.splitlines()] == [
        line.split(",")[:3] for line in plain.stdout.splitlines()
    ]
    rows = {line.split(",")[1]: line.split(",")[3:] for line in mine.stdout.splitlines()}
    assert rows["actorLabel"] == ["gci.csv: Score", "lines"]
    assert rows["Australia"][0] == "97.47"
    assert rows["Russian Federation"][0] == "98; 98.1"
    assert rows["Estonia"][0] == ""
    assert "gci.csv#row=2" in rows["Australia"][1]
    read = oewg("ask", "actors-on-draft", "-f", "footnotes", "--with", str(file), "--key", "Country").stdout
    assert "your file, “gci.csv”, row 2; a file of your own" in read
    shown = oewg("ask", "actors-on-draft", "-f", "md", "--cite", "--with", str(file), "--key", "Country").stdout
    assert "your file, gci.csv, row 2" in shown


def test_a_workbook_is_read_by_its_row_numbers(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["A title"], [], ["Country", "n"], ["Estonia", 3], [], ["Total", 3]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    file = tmp_path / "book.xlsx"
    file.write_bytes(content.getvalue())
    with pytest.warns(QueryWarning, match="not recognized and left out: row 6 “Total”"):
        kg = oewg_kg.load(str(ROOT), beside=[file], key="Country")
    row = next(row for row in kg.ask("actors-on-draft") if row["actorLabel"] == "Estonia")
    assert row["book.xlsx: n"] == 3


@pytest.mark.slow
def test_no_answer_of_ours_changes_whatever_a_file_states(tmp_path: Path, kg: oewg_kg.KnowledgeGraph) -> None:
    """A file with all that we hold, and more by the same properties, is the worst that a user can bring."""
    ours = [quad.triple for quad in default_graph(kg.dataset)]
    more = b'<https://w3id.org/oewg-kg/state/FRA> <https://w3id.org/oewg-kg/ontology#iso2> "XX" .\n'
    file = tmp_path / "mine.nt"
    file.write_bytes(formats.graph(ours, formats.by_name("ntriples")) + more)
    mine = oewg_kg.load(str(ROOT), beside=[file])
    assert mine.query("ASK { GRAPH ?g { state:FRA oewg:iso2 'XX' } }") is True
    with pytest.warns(QueryWarning, match="nothing matches"):
        assert mine.query("ASK { state:FRA oewg:iso2 'XX' }") is False
    changed = [
        saved.name
        for saved in kg.questions.values()
        if query.run(kg.dataset, saved, {}) != query.run(mine.dataset, saved, {})
    ]
    assert changed == []


def test_files_are_in_an_export_only_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "mine.trig"
    file.write_text("<http://example.org/g> { <http://example.org/a> <http://example.org/p> 1 }", encoding="utf-8")
    assert b"example.org" not in oewg("export", "-f", "nquads").stdout_bytes
    assert b"<http://example.org/a>" in oewg("export", "-f", "nquads", "--with", str(file)).stdout_bytes
    assert oewg("export", "-f", "csv", "-o", str(tmp_path / "out"), "--with", str(file)).exit_code == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "text", "key", "said"),
    [
        ("t.csv", "Country\nEstonia\n", [], "name it with --key COLUMN"),
        ("t.csv", "Country\nEstonia\n", ["--key", "Land"], "Land"),
        ("t.ttl", "<a> <b> <c> .", ["--key", "Country"], "the numbers of keys and tables differ; give --key once"),
        ("t.ttl", "<a> <b> ", [], "t.ttl:1"),
        ("t.trig", "<https://w3id.org/oewg-kg/source/oewg-2019-2021#L33> { <a:a> <a:b> <a:c> }", [], "belongs to this dataset"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_line(name: str, text: str, key: list[str], said: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    result = oewg("ask", "actors-on-draft", "--with", str(file), *key)
    assert result.exit_code in (2, 3)
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_named_before_its_key(tmp_path: Path) -> None:
    result = oewg("ask", "actors-on-draft", "--with", str(tmp_path / "no.csv"))
    assert result.exit_code == 5 and "no.csv: file or folder not found" in result.stderr


def test_a_code_stays_text_and_a_number_is_one(tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("iso,code,n\nEST,004,-1.5\n", encoding="utf-8")
    kg = oewg_kg.load(str(ROOT), beside=[file], key="iso")
    values = {
        quad.object
        for quad in kg.dataset.store.quads_for_pattern(None, None, None, ox.NamedNode(next(iter(kg.own.files))))
    }
    assert {
        ox.Literal("004"),
        ox.Literal("-1.5", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")),
    } <= values
