"""Reconciliation: names in other people's tables, measured on spellings from real sources; a false match is worse than none."""

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import oewg_kg
from oewg_kg import reconcile
from oewg_kg.cli import main
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.reconcile import Index
from oewg_kg.vocabulary import OEWG, PREFIXES

HERE = Path(__file__).parent
VALIDATOR = Path(sys.executable).with_name("sssom")
Run = Callable[..., Result]
# Measured: 1.0 precision; of the spellings of Member States this part is found.
MEASURED_RECALL = 0.987


def spellings(name: str) -> list[list[str]]:
    with (HERE / "reconcile" / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.reader(line for line in file if not line.startswith("#"))][1:]


@pytest.fixture(scope="module")
def kg() -> KnowledgeGraph:
    return oewg_kg.load(str(HERE.parent))


@pytest.fixture(scope="module")
def states(kg: KnowledgeGraph) -> Index:
    return reconcile.index(kg.dataset.store)


@pytest.fixture(scope="module")
def actors(kg: KnowledgeGraph) -> Index:
    return reconcile.index(kg.dataset.store, OEWG + "Actor")


def matched(index: Index, text: str) -> str:
    """Name the local part of what a text is matched to, or nothing."""
    found = reconcile.candidates(index, text)
    return found[0].iri.rpartition("/")[2] if reconcile.decide(found) == "matched" else ""


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
    assert matched(states, text) == wanted, reconcile.candidates(states, text)


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
    found = reconcile.candidates(states, "040")
    assert {one.iri.rpartition("/")[2] for one in found} == {"AUT", "CUB"}
    assert reconcile.decide(found) == "ambiguous"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Women's International League for Peace and Freedom (WILF)", "wilpf"),
        ("Association for Progressive Communications", "apc"),
        ("APC", "apc"),
        ("Non-Aligned Movement", "NAM"),
        ("Kaspersky", "kaspersky"),
        ("KASPERSKY", "kaspersky"),
    ],
)
def test_other_actors(actors: Index, text: str, wanted: str) -> None:
    assert matched(actors, text) == wanted, reconcile.candidates(actors, text)


def test_look_alike_organizations_are_told_apart(actors: Index) -> None:
    found = {
        text: matched(actors, text)
        for text in ("Internet Society", "Centre for Internet & Society", "Centre for Internet and Society")
    }
    assert found["Centre for Internet & Society"] == found["Centre for Internet and Society"] != ""
    assert found["Internet Society"] != found["Centre for Internet & Society"]


def test_a_misspelling_says_so_and_scores_less(states: Index) -> None:
    (found,) = reconcile.candidates(states, "Philipines")
    assert found.score < 1 and found.why.startswith("near ")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def command(content: bytes, *options: str) -> Result:
        file = tmp_path / "names.csv"
        file.write_bytes(content)
        return CliRunner().invoke(main, ["--root", str(HERE.parent), "reconcile", str(file), *options])

    return command


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout.removeprefix("\ufeff"))))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_a_spreadsheet_writes(run: Run, encoding: str, delimiter: str) -> None:
    text = f'year{delimiter}Country\r\n2019{delimiter}Côte d’Ivoire\r\n2020{delimiter}"Iran; I.R., of"\r\n\r\n2021{delimiter}Estonia\r\n'
    found = rows(run(text.encode(encoding), "--column", "country"))
    assert [row["oewg_iso3"] for row in found] == ["CIV", "IRN", "EST"]
    assert [row["year"] for row in found] == ["2019", "2020", "2021"]
    assert found[0]["oewg_iri"] == PREFIXES["state"] + "CIV"


def test_ambiguous_and_unmatched_rows_are_told_apart_and_counted(run: Run) -> None:
    result = run(b"c\nNiger\n040\nAtlantis\nNiger\n\xef\xbb\xbf\n", "--column", "c")
    assert [row["oewg_status"] for row in rows(result)] == ["matched", "ambiguous", "unmatched", "matched", "unmatched"]
    assert result.stderr == "5 rows: 2 matched, 1 ambiguous, 2 unmatched\n"
    assert rows(result)[1]["oewg_iri"] == "" and "state:CUB" in rows(result)[1]["oewg_why"]


def test_from_a_pipe() -> None:
    result = CliRunner().invoke(
        main, ["--root", str(HERE.parent), "reconcile", "-", "--column", "c"], input=b"c\nFrance\n"
    )
    assert rows(result)[0]["oewg_iso3"] == "FRA"


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="the SSSOM validator is not installed (pip install sssom)")
def test_the_validator_of_the_sssom_community_accepts_what_is_written(run: Run, tmp_path: Path) -> None:
    """As `data/links` is: it leaves out rows that it cannot read with a message and the exit code 0, so it has to be silent too."""
    with (HERE / "reconcile" / "spellings.csv").open(encoding="utf-8", newline="") as file:
        real = [row[0] for row in csv.reader(line for line in file if not line.startswith("#"))][1:]
    odd = [
        "Atlantis",
        'Atlantis "x"',
        "=1+1",
        "a\tb",
        "New\nland",
        "#Hash",
        " ",
        "1234",
        "true",
        "NA",
        "None",
        "n/a",
        "Congo",
        "état:x",
    ]
    content = io.StringIO()
    csv.writer(content).writerows([["name"], *([text] for text in [*real, *odd])])
    result = run(content.getvalue().encode(), "--column", "name", "-f", "sssom")
    file_name = tmp_path / "reconciled.sssom.tsv"
    file_name.write_text(result.stdout, encoding="utf-8")
    done = subprocess.run([VALIDATOR, "validate", file_name], capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    rows = [line for line in result.stdout.splitlines() if not line.startswith("# ")]
    assert len(rows) > 300 and not [row for row in rows if row.startswith(("NA\t", "None\t", "n/a\t"))]


def test_sssom(run: Run) -> None:
    result = run(b"c\nPhilipines\nAtlantis\nFrance\nFrance\n040\n", "--column", "c", "-f", "sssom")
    head = [line for line in result.stdout.splitlines() if line.startswith("#")]
    table = list(
        csv.DictReader((line for line in result.stdout.splitlines() if not line.startswith("#")), delimiter="\t")
    )
    assert "# subject_type: rdfs literal" in head
    assert [row["object_id"] for row in table] == ["sssom:NoTermFound", "state:FRA", "state:PHL"]
    assert [row["mapping_justification"].partition(":")[2] for row in table] == [
        "LexicalMatching",
        "LexicalMatching",
        "LexicalSimilarityThresholdMatching",
    ]


@pytest.mark.parametrize(
    ("content", "options", "code", "told"),
    [
        (b"a,b\n1,2\n", ("--column", "c"), 2, "the columns: a, b"),
        (b"", ("--column", "c"), 3, "an empty table"),
        (b"c\n1,2\n", ("--column", "c"), 3, "names.csv:2: 2 columns instead of 1"),
        (b"c\nx\n", ("--column", "c", "--class", "Nonsense"), 2, "nothing is a Nonsense"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    run: Run, content: bytes, options: tuple[str, ...], code: int, told: str
) -> None:
    result = run(content, *options)
    assert result.exit_code == code and told in result.stderr
