"""Participation by class of states: zeros, who could have taken part, intervals, and one line for bad input.

The 31 states are those of the pages' two lists; the classes were looked up in the tables that data/reference/sources.ttl names.
"""

import math
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import explorer
from oewg_kg.cli import main
from oewg_kg.errors import UsageError
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.measures import classes, participation

# Of the 31 states with contributions on both drafts: (n, eligible). Africa: Egypt, South Africa, Zimbabwe. Oceania: Australia, New
# Zealand. Americas: Brazil, Canada, Chile, Colombia, Cuba, Venezuela. Asia: Armenia, China, Indonesia, Iran, Japan, Republic of Korea,
# Singapore, Turkey. The United Nations has 193 Members; 25 countries had experts in the GGE 2019-2021; A/RES/75/240: 92-50-21.
RIGHT = {
    "m49-region": {"Africa": (3, 54), "Americas": (6, 35), "Asia": (8, 47), "Europe": (12, 43), "Oceania": (2, 14)},
    "gge": {"expert seat": (14, 25), "no seat": (17, 168)},
    "vote:A/RES/75/240": {"yes": (11, 92), "no": (18, 50), "abstained": (2, 21), "did not vote": (0, 30)},
    "group:EU@2020-01-31": {"member": (9, 28), "not a member": (22, 165)},
    "group:EU@2020-02-15": {"member": (8, 27), "not a member": (23, 166)},
    "ldc": {"least developed countries": (0, 45), "not a least developed country": (31, 148)},
}


@pytest.mark.parametrize("by", RIGHT)
def test_states_of_an_answer_by_class_with_zeros(kg: KnowledgeGraph, by: str) -> None:
    answer = kg.ask("states-on-both-drafts").by(by)
    rows = {str(row["class"]): row for row in answer}
    assert {name: (row["n"], row["eligible"]) for name, row in rows.items()} == RIGHT[by]
    for row, lines in zip(answer, answer.citations, strict=True):
        assert row["share"] == pytest.approx(int(row["n"] or 0) / int(row["eligible"] or 1), abs=1e-11)
        assert bool(lines) == bool(row["n"]), "lines prove who is counted"
        assert len(str(row["states"]).split("; ")) == (row["n"] or 1)
    assert "193 Member States" in answer.asked and "31 states" in answer.asked


def test_classes_are_categories_in_a_data_frame(kg: KnowledgeGraph) -> None:
    frame = kg.ask("states-on-both-drafts").by("ldc").to_pandas()
    assert list(frame["class"].cat.categories) == [*RIGHT["ldc"]]


def test_each_class_divides_all_member_states(kg: KnowledgeGraph) -> None:
    asked = [name.partition(":")[0] for name in classes.class_names(kg.root.queries)]
    assert len(asked) == 10
    for name in asked:
        found = classes.read_classes(kg.dataset, kg.root.queries, name, "2020-05-27")
        assert sum(map(len, found.states.values())) == len(set().union(*found.states.values())) == 193, name


def test_the_day_decides_who_was_eligible(kg: KnowledgeGraph) -> None:
    # Switzerland and Timor-Leste joined in September 2002, Montenegro in 2006, South Sudan in 2011.
    answer = kg.ask("states-on-both-drafts").by("m49-region@2002-01-01")
    assert "of 189 Member States on 2002-01-01" in answer.asked and "Switzerland" in answer.asked


@pytest.mark.parametrize("n, eligible", [(0, 29), (3, 54), (14, 25), (25, 25), (1, 1)])
def test_intervals_are_those_of_r(n: int, eligible: int) -> None:
    if not shutil.which("Rscript"):
        pytest.skip("needs: Rscript")
    code = f"cat(sprintf('%.15f', suppressWarnings(prop.test({n}, {eligible}, correct=FALSE))$conf.int))"
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    theirs = [float(text) for text in done.stdout.split()]
    assert all(math.isclose(a, b, abs_tol=1e-9) for a, b in zip(participation.wilson(n, eligible), theirs, strict=True))


@pytest.mark.parametrize(
    "question, by, told",
    [
        ("states-on-both-drafts", "m49-rgion", "did you mean m49-region"),
        ("states-on-both-drafts", "continent", "group:GROUP"),
        ("states-on-both-drafts", "group:CARICOM@1950-01-01", "no state is known to have been a member"),
        ("states-on-both-drafts", "vote:document:e-res-1996-31", "no recorded vote"),
        ("states-on-both-drafts", "gge:2012-2013", "no page lists the seats"),
        ("states-on-both-drafts", "income@1990-01-01", "no income classes are recorded"),
        ("states-on-both-drafts", "sids@yesterday", "CLASS@YYYY-MM-DD"),
        ("timeline", "ldc", "no column of states"),
    ],
)
def test_bad_input_is_one_line_with_what_there_is(kg: KnowledgeGraph, question: str, by: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        kg.ask(question).by(by)
    assert told in str(error.value) and "\n" not in str(error.value)


def test_a_picture_says_numbers_and_no_bare_percentage_of_few(tmp_path: Path) -> None:
    file = tmp_path / "bars.svg"
    asked = ["ask", "states-on-both-drafts", "--by", "vote:A/RES/75/32", "-o", str(file)]
    assert CliRunner().invoke(main, asked).exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert "yes: 24 of 163 (15%)." in text and "abstained: 1 of 7." in text and "did not vote: 0 of 13 (0%)" in text


@pytest.fixture
def client(kg: KnowledgeGraph) -> Iterator[explorer.TestClient]:
    yield from explorer.serve(kg)


def test_the_website_counts_by_class(client: explorer.TestClient) -> None:
    told = client.get("/questions/states-on-both-drafts.json?by=ldc").json()
    assert [row["n"]["value"] for row in told["results"]["bindings"]] == ["0", "31"]
    assert "least developed countries" in told["question"]["measure"]
    page = client.get("/questions/states-on-both-drafts?by=ldc").text
    assert "states-on-both-drafts.svg?by=ldc" in page and "193 Member States" in page
    assert client.get("/questions/states-on-both-drafts.svg?by=ldc").headers["content-type"].startswith("image/svg+xml")
    assert client.get("/questions/states-on-both-drafts?by=nonsense").status_code == 400
