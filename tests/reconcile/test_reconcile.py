"""Reconciliation: names in other people's tables, measured on spellings from real sources; a false match is worse than none."""

import csv
import io
import itertools
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import external
import oewg_kg
from conftest import ROOT
from oewg_kg import tables
from oewg_kg.cli import main
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.reconcile import matcher, spreadsheet
from oewg_kg.reconcile.matcher import Index
from oewg_kg.vocabulary import OEWG, PREFIXES

HERE = Path(__file__).parent
Run = Callable[..., Result]
# Measured: 1.0 precision; of the spellings of Member States this part is found.
MEASURED_RECALL = 0.987


def spellings(name: str) -> list[list[str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(line for line in file if not line.startswith("#"))][1:]


@pytest.fixture(scope="module")
def kg() -> KnowledgeGraph:
    return oewg_kg.load(str(ROOT))


@pytest.fixture(scope="module")
def states(kg: KnowledgeGraph) -> Index:
    return matcher.index_class(kg.dataset.store)


@pytest.fixture(scope="module")
def actors(kg: KnowledgeGraph) -> Index:
    return matcher.index_class(kg.dataset.store, OEWG + "Actor")


def matched(index: Index, text: str) -> str:
    """Name the local part of what a text is matched to, or nothing."""
    found = matcher.candidates(index, text)
    return found[0].iri.rpartition("/")[2] if matcher.match_status(found) == "matched" else ""


def test_spellings_of_real_sources_precision_and_recall(states: Index) -> None:
    rows = spellings("spellings.csv")
    right = wrong = missed = 0
    told = []
    for text, wanted, source in rows:
        found = matched(states, text)
        right += bool(found) and found == wanted
        wrong += bool(found) and found != wanted
        missed += bool(wanted) and not found
        if found != wanted:
            told.append(f"{text!r} ({source}): {found or 'nothing'} instead of {wanted or 'nothing'}")
    assert len(rows) >= 400
    assert sum(not wanted for _, wanted, _ in rows) > 80, "names of no Member State are measured too"
    assert wrong == 0, "\n".join(told)
    assert right / (right + missed) >= MEASURED_RECALL, "\n".join(told)


@pytest.mark.parametrize(("text", "wanted"), spellings("hard-cases.csv"))
def test_what_is_easily_confused(states: Index, text: str, wanted: str) -> None:
    assert matched(states, text) == wanted, matcher.candidates(states, text)


def test_every_name_of_every_state_in_the_graph_leads_to_it(kg: KnowledgeGraph, states: Index) -> None:
    rows = kg.query(
        "SELECT DISTINCT ?state ?name WHERE { ?state a oewg:State ; skos:prefLabel|skos:altLabel|skos:hiddenLabel|oewg:nameInSource ?name }"
    )
    assert len(rows) > 1500
    wrong = [
        (name, matched(states, name), iri)
        for iri, name in rows.rows
        if matched(states, str(name)) != str(iri).rpartition("/")[2]
    ]
    assert not wrong, "two states share a name, or a name cannot be found"


def test_codes_of_every_kind(states: Index) -> None:
    assert matched(states, "EE") == matched(states, "EST") == matched(states, "233") == "EST"
    assert matched(states, "ee") == matched(states, "est") == "", (
        "a code is written in capitals; in small letters it may be a word"
    )


def test_a_number_that_is_a_code_of_two_kinds_is_ambiguous(states: Index) -> None:
    found = matcher.candidates(states, "040")
    assert {one.iri.rpartition("/")[2] for one in found} == {"AUT", "CUB"}
    assert matcher.match_status(found) == "ambiguous"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Women's International League for Peace and Freedom (WILF)", "wilpf"),
        ("Association for Progressive Communications", "apc"),
        ("APC", "apc"),
        ("Non-Aligned Movement", "NAM"),
        ("African Union (AU)", "au"),
        ("Kaspersky", "kaspersky"),
        ("KASPERSKY", "kaspersky"),
    ],
)
def test_other_actors(actors: Index, text: str, wanted: str) -> None:
    assert matched(actors, text) == wanted, matcher.candidates(actors, text)


def test_look_alike_organizations_are_distinguished(actors: Index) -> None:
    found = {
        text: matched(actors, text)
        for text in ("Internet Society", "Centre for Internet & Society", "Centre for Internet and Society")
    }
    assert found["Centre for Internet & Society"] == found["Centre for Internet and Society"] != ""
    assert found["Internet Society"] != found["Centre for Internet & Society"]


def test_a_misspelling_says_so_and_scores_less(states: Index) -> None:
    (found,) = matcher.candidates(states, "Philipines")
    assert found.score < 1 and found.why.startswith("near ")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def command(content: bytes, *options: str) -> Result:
        file = tmp_path / "names.csv"
        file.write_bytes(content)
        return CliRunner().invoke(main, ["--root", str(ROOT), "reconcile", str(file), *options])

    return command


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout.removeprefix("\ufeff"))))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.slow
def test_what_a_spreadsheet_writes(run: Run, encoding: str, delimiter: str) -> None:
    text = f'year{delimiter}Country\r\n2019{delimiter}Côte d’Ivoire\r\n2020{delimiter}"Iran; I.R., of"\r\n\r\n2021{delimiter}Estonia\r\n'
    found = rows(run(text.encode(encoding), "--column", "country"))
    assert [row["oewg_iso3"] for row in found] == ["CIV", "IRN", "EST"]
    assert [row["year"] for row in found] == ["2019", "2020", "2021"]
    assert found[0]["oewg_iri"] == PREFIXES["state"] + "CIV"


def test_a_zero_byte_does_not_make_another_encoding_of_a_table(run: Run) -> None:
    found = rows(run(b"year,country\n2019,Est\x00onia\n2020,France\n", "--column", "country"))
    assert [row["oewg_iso3"] for row in found][1] == "FRA"
    assert found[0]["year"] == "2019"


# What people typed: names as the United Nations write them, and a note that is nobody's name.
FRENCH = [("Côte d'Ivoire", "CIV"), ("Égypte", "EGY"), ("Türkiye", "TUR"), ("Éthiopie", "ETH")]
RUSSIAN = [("Эстония", "EST"), ("Российская Федерация", "RUS"), ("Китай", "CHN")]
CHINESE = [("爱沙尼亚", "EST"), ("法国", "FRA"), ("中国", "CHN")]
ARABIC = [("إستونيا", "EST"), ("فرنسا", "FRA"), ("الصين", "CHN")]
GREEK = [(name, "") for name in ("Εσθονία", "Γαλλία", "Κύπρος", "Ηνωμένες Πολιτείες", "Ρωσική Ομοσπονδία", "Κίνα")]
POLISH = [(name, "") for name in ("Łotwa", "Słowenia", "Węgry", "Wielka Brytania", "Dżibuti", "Grecja, Włochy")]


@pytest.mark.parametrize(
    ("encodings", "names", "note"),
    [
        (("cp1252", "mac_roman", "cp850", "cp437"), FRENCH, "déjà vu, à l'été"),
        (("cp1251", "koi8_r", "cp866", "mac_cyrillic", "iso8859_5"), RUSSIAN, "выступил дважды"),
        (("gbk", "gb18030"), CHINESE, "没有发言"),
        (("cp1256",), ARABIC, "لم يتكلم"),
        (("cp1253", "iso8859_7"), GREEK, "δεν μίλησε καθόλου"),
        (("cp1250",), POLISH, "zabrał głos później"),
    ],
)
def test_pages_of_every_kind_of_machine_come_back_unchanged(
    run: Run, states: Index, encodings: tuple[str, ...], names: list[tuple[str, str]], note: str
) -> None:
    """By the command in one encoding of each script, and by the reader of the command in all, with every end of a line."""
    lines = ["id;Country;note", *(f'{n:03};"{name}"; {note}' for n, (name, _) in enumerate(names))]
    wanted = [(f"{n:03}", name, f" {note}", code) for n, (name, code) in enumerate(names)]
    result = run("\r\n".join([*lines, ""]).encode(encodings[0]), "--column", "country")
    assert [(row["id"], row["Country"], row["note"], row["oewg_iso3"]) for row in rows(result)] == wanted
    assert "names.csv: not UTF-8, so read as " in result.stderr and "--encoding" in result.stderr
    asked = run("\r\n".join(lines).encode(encodings[0]), "--column", "country", "--encoding", encodings[0])
    assert rows(asked) == rows(result)
    for encoding, end, given in itertools.product(encodings, ("\r\n", "\n", "\r"), (False, True)):
        content = end.join([*lines, *([] if given else [""])]).encode(encoding)
        weight = partial(matcher.name_weight, states)
        table = spreadsheet.read(content, "names.csv", "country", weight, encoding if given else "")
        told = [
            (*map(spreadsheet.cell_text, row), matched(states, spreadsheet.cell_text(row[1]))) for row in table.rows
        ]
        assert told == wanted, (encoding, end)
        assert given or any("not UTF-8, so read as " in one and "--encoding" in one for one in table.notes)


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@pytest.mark.parametrize(
    "note", ["it’s fine", "first – then", "“agreed”", "café", "20 € more", "São Paulo", "no … comment"]
)
@pytest.mark.slow
def test_one_odd_letter_in_an_english_table_is_read_right(run: Run, encoding: str, note: str) -> None:
    text = f"Country,note\nEstonia,nothing\nFrance,{note}\nKenya,nothing\n"
    assert [row["note"] for row in rows(run(text.encode(encoding), "--column", "Country"))][1] == note


def test_cells_come_back_as_they_are(run: Run) -> None:
    odd = [
        "2020-06-01 00:00:00",
        " two  spaces ",
        "=1+1",
        "004",
        "1.0",
        "TRUE",
        'say "so"',
        "a\tb",
        "NA",
        "\xa0x\u200b",
    ]
    content = io.StringIO()
    csv.writer(content).writerows([["c", "x"], *([text, text] for text in odd)])
    found = rows(run(content.getvalue().encode(), "--column", "c"))
    assert [(row["c"], row["x"]) for row in found] == [(text, text) for text in odd]


def test_a_heading_tells_the_encoding_too(run: Run) -> None:
    content = "№;Страна\r\n1;Atlantis\r\n".encode("cp1251")
    assert rows(run(content, "--column", "Страна"))[0]["Страна"] == "Atlantis"


def test_a_broken_byte_in_utf8_is_damage_and_names_its_line(run: Run) -> None:
    text = "Country\nTürkiye\nCôte d’Ivoire\nÉgypte\n".encode()
    result = run(text + b"Sa\xcco Tom\xc3\xa9\n", "--column", "Country")
    assert result.exit_code == 3 and "names.csv:5: this is not valid utf-8" in result.stderr
    assert "unknown encoding 'utf-99'" in run(text, "--column", "Country", "--encoding", "utf-99").stderr
    assert "names.csv:2: this is not valid ascii" in run(text, "--column", "Country", "--encoding", "ascii").stderr


@pytest.mark.parametrize(
    "content",
    [
        'Country,note\nEstonia,"never closed\nFrance,x\nGermany,y\n',
        'Country,note\nEstonia,"never closed\nFrance,"x"\nGermany,y\n',
        'Country,note\nEstonia,"never\nFrance,x\nGermany,"y\n',
    ],
)
def test_an_open_quotation_mark_swallows_no_rows(run: Run, content: str) -> None:
    result = run(content.encode(), "--column", "Country")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "names.csv:2: a quotation mark is not closed or not doubled" in result.stderr


def test_a_cell_of_several_lines_is_kept_and_one_that_holds_rows_is_reported(run: Run) -> None:
    kept = run(b'Country,note\nEstonia,"one\ntwo"\nFrance,5\'11" tall\n', "--column", "Country")
    assert [row["note"] for row in rows(kept)] == ["one\ntwo", "5'11\" tall"] and "several rows" not in kept.stderr
    odd = run(b'Country,note\nEstonia,"never closed\nFrance,x"\nGermany,y\n', "--column", "Country")
    assert len(rows(odd)) == 2 and "line 2 has a cell that seems to contain several rows" in odd.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("sep=;\r\nid;Country\r\n0;Türkiye\r\n", ""),
        ('"sep=|"\r\nid|Country\r\n0|Türkiye\r\n', ""),
        ("\ufeffsep=;\nid;Country\n0;Türkiye\n", ""),
        ("Survey of states, 2021\n\nid,Country\n0,Türkiye\n", "line 1 is above the headings"),
        ("Survey 2021;\n;\nid;Country\n0;Türkiye\n", "line 1 is above the headings"),
    ],
)
def test_what_is_above_the_headings(run: Run, content: str, told: str) -> None:
    result = run(content.encode(), "--column", "Country")
    assert [(row["id"], row["oewg_iso3"]) for row in rows(result)] == [("0", "TUR")]
    assert told in result.stderr and len(result.stderr.splitlines()) == 1 + bool(told)
    if not told:
        shorter = run((content + "1").encode(), "--column", "Country")
        assert "names.csv: rows with too few columns: 1, the first on line 4;" in shorter.stderr
        longer = run((content + "1;2;3|4|5").encode(), "--column", "Country")
        assert "names.csv:4: this row has 3 columns; expected 2" in longer.stderr


def workbook(folder: Path, name: str) -> bytes:
    """Make a workbook with a title, numbers and days, as a spreadsheet saves it."""
    book = external.module("openpyxl", "openpyxl").Workbook()
    book.active.append(["Only a cover"])
    sheet = book.create_sheet("data")
    sheet.append(["Survey of states"])
    sheet.append(["Country", "share", "day", "code", "said"])
    sheet.append(["Türkiye", 4, date(2020, 6, 1), "004", True])
    sheet.append(["Atlantis", 0.5, datetime(2021, 2, 3, 4, 5), "-1", False])
    book.save(folder / "book.xlsx")
    if name != "book.xlsx":
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        office = external.program("soffice", "--no-install-recommends libreoffice-calc-nogui")
        kind = name.rpartition(".")[2]
        external.output(office, profile, "--headless", "--convert-to", kind, "--outdir", folder, folder / "book.xlsx")
    return (folder / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["book.xlsx", "book.ods", "book.xls"])
def test_a_workbook_is_read_and_written(run: Run, tmp_path: Path, name: str) -> None:
    content = workbook(tmp_path, name)
    result = run(content, "--column", "Country")
    first, second = rows(result)
    assert (first["oewg_iso3"], first["share"], first["day"], first["code"]) == ("TUR", "4", "2020-06-01", "004")
    assert first["said"] == ("1" if name == "book.ods" else "TRUE"), "LibreOffice keeps truth values as numbers"
    assert (second["share"], second["day"]) == ("0.5", "2021-02-03 04:05:00") and "'data' is used" in result.stderr
    assert run(content, "--column", "Country", "-o", str(tmp_path / "out.xlsx")).exit_code == 0
    book = external.module("openpyxl", "openpyxl").load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["reconciled", "notes"]
    cells = [[cell.value for cell in row] for row in book["reconciled"]]
    assert cells[1][1:5] == [4, datetime(2020, 6, 1), "004", 1]
    assert cells[2][1:4] == [0.5, datetime(2021, 2, 3, 4, 5), "-1"]
    assert cells[1][6] == PREFIXES["state"] + "TUR" and cells[1][8] == 1.0


def test_without_the_extra_a_workbook_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook(tmp_path, "book.xlsx")
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    told = run(content, "--column", "Country").stderr
    assert "names.csv: this is a workbook" in told and "pip install 'oewg-kg[xlsx]'`, or save it as CSV" in told
    written = run(b"Country\nFrance\n", "--column", "Country", "-o", str(tmp_path / "out.xlsx"))
    assert written.exit_code == 2 and "pip install 'oewg-kg[xlsx]'" in written.stderr


def test_a_second_run_adds_columns_of_its_own(run: Run) -> None:
    text = b"Country,Other\nFrance,Germany\n"
    once = run(text, "--column", "Country").stdout
    twice = run(once.encode(), "--column", "Other").stdout
    thrice = rows(run(twice.encode(), "--column", "Country"))[0]
    assert [thrice[f"oewg_iso3{end}"] for end in ("", "_2", "_3")] == ["FRA", "DEU", "FRA"]
    assert len(thrice) == 2 + 3 * 5, "each heading once"


@pytest.mark.parametrize(
    ("column", "iso3"),
    [
        (["NAM", "EST", "FRA"], ["NAM", "EST", "FRA"]),
        (["NAM", "Estonia", "France"], ["", "EST", "FRA"]),
        (["NAM"], [""]),
        (["NAM", "USA"], ["", "USA"]),
        (["NAM", "EST", "XKX"], ["NAM", "EST", ""]),
        (["NA", "EE", "FR"], ["NAM", "EST", "FRA"]),
        (["NA", "EST", "FRA"], ["", "EST", "FRA"]),
        (["NA", "Estonia"], ["", "EST"]),
        (["na", "EE"], ["", "EST"]),
        (["040", "008", "276", ""], ["AUT", "ALB", "DEU", ""]),
        (["40", "200"], ["CUB", "GBR"]),
        (["040", "Estonia"], ["", "EST"]),
    ],
)
def test_a_column_of_codes_or_of_names(run: Run, column: list[str], iso3: list[str]) -> None:
    """ISO 3166-1, UN M49, and the numbers of the Correlates of War: 40 is Cuba and 200 the United Kingdom."""
    text = "".join(f"{n},{cell}\n" for n, cell in enumerate(column))
    assert [row["oewg_iso3"] for row in rows(run(f"id,c\n{text}".encode(), "--column", "c"))] == iso3


def test_an_acronym_that_could_be_a_code_names_both(run: Run) -> None:
    (nam, na) = rows(run(b"c,d\nNAM,\nNA,\n", "--column", "c"))
    assert nam["oewg_status"] == "ambiguous" and "group:NAM" in nam["oewg_why"] and "state:NAM" in nam["oewg_why"]
    assert na["oewg_status"] == "unmatched" and "state:NAM 0.89" in na["oewg_why"]


def test_an_acronym_that_is_an_article_is_a_name(run: Run) -> None:
    """AU is the African Union, ISO 3166-1 has it for Australia, and in French it is an article."""
    found = rows(run(b"c,d\nAU,\nAfrican Group,\n", "--column", "c"))[0]
    assert found["oewg_status"] == "ambiguous"
    assert "stakeholder:au" in found["oewg_why"] and "state:AUS" in found["oewg_why"]
    codes = rows(run(b"c,d\nAU,\nFR,\nDE,\n", "--column", "c"))
    assert [row["oewg_iso3"] for row in codes] == ["AUS", "FRA", "DEU"]
    articles = rows(run(b'c,d\nNetherlands (the),\nThe,\n"Bahamas, The",\n', "--column", "c"))
    assert [row["oewg_iso3"] for row in articles] == ["NLD", "", "BHS"]


def test_ambiguous_and_unmatched_rows_are_distinguished_and_counted(run: Run) -> None:
    result = run(b"c\nNiger\n040\nAtlantis\nNiger\n\xef\xbb\xbf\n", "--column", "c")
    assert [row["oewg_status"] for row in rows(result)] == ["matched", "ambiguous", "unmatched", "matched", "unmatched"]
    assert result.stderr == "5 rows: 2 matched, 1 ambiguous, 2 unmatched\n"
    assert rows(result)[1]["oewg_iri"] == "" and "state:CUB" in rows(result)[1]["oewg_why"]


def test_from_a_pipe() -> None:
    result = CliRunner().invoke(main, ["--root", str(ROOT), "reconcile", "-", "--column", "c"], input=b"c\nFrance\n")
    assert rows(result)[0]["oewg_iso3"] == "FRA"


def test_tab_separated_cells_that_begin_with_a_quotation_mark_are_read_by_others(tmp_path: Path) -> None:
    file = tmp_path / "found.tsv"
    file.write_text(tables.write_tsv(["c"], [['"Atlantis" of old'], ['"open'], ["France"]]), encoding="utf-8")
    frame = external.module("pandas", "pandas").read_csv(file, sep="\t")
    assert list(frame["c"]) == ['"Atlantis" of old', '"open', "France"]


@pytest.mark.parametrize(
    ("content", "options", "code", "told"),
    [
        (b"a,b\n1,2\n", ("--column", "c"), 2, "its columns: a, b"),
        (b"", ("--column", "c"), 3, "the table is empty"),
        (b"c\n1,2\n", ("--column", "c"), 3, "names.csv:2: this row has 2 columns; expected 1"),
        (b"c\nx\n", ("--column", "c", "--class", "Nonsense"), 2, "unknown class 'Nonsense'"),
    ],
)
def test_what_cannot_be_read_is_reported_in_one_line(
    run: Run, content: bytes, options: tuple[str, ...], code: int, told: str
) -> None:
    result = run(content, *options)
    assert result.exit_code == code and told in result.stderr
