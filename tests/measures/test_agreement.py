"""Agreement in votes, recomputed by R and by hand from the voting data; and actors side by side."""

import itertools
import math
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from oewg_kg.cli import main
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.measures import agreement

YES, NO, ABSTAINED = (1, 0, 0), (0, 1, 0), (0, 0, 1)
R = """
v <- as.matrix(read.csv('%s', row.names = 1))
for (i in 1:(nrow(v) - 1)) for (j in (i + 1):nrow(v)) {
  a <- v[i, ]; b <- v[j, ]
  both <- a > 0 & b > 0
  decided <- both & a < 3 & b < 3
  half <- ifelse(a == b, 1, ifelse(a == 3 | b == 3, 0.5, 0))
  write <- function(rule, share, n) if (n >= 5) cat(rule, rownames(v)[i], rownames(v)[j], sprintf('%%.15f', share), n, '\\n')
  write('apart', mean(a[both] == b[both]), sum(both))
  write('half', mean(half[both]), sum(both))
  write('left-out', mean(a[decided] == b[decided]), sum(decided))
}
"""


@pytest.mark.parametrize(
    "one, other, rule, right",
    [
        (YES, YES, "apart", (1, 1)),
        (YES, NO, "half", (0, 1)),
        (YES, ABSTAINED, "apart", (0, 1)),
        (YES, ABSTAINED, "half", (0.5, 1)),
        (YES, ABSTAINED, "left-out", (0, 0)),
        (ABSTAINED, ABSTAINED, "half", (1, 1)),
        (ABSTAINED, ABSTAINED, "left-out", (0, 0)),
        (YES, (0, 0, 0), "apart", (0, 0)),
        ((0b0011, 0b0100, 0b1000), (0b0001, 0b0110, 0b1000), "apart", (3, 4)),
    ],
)
def test_what_an_abstention_counts(
    one: agreement.Bits, other: agreement.Bits, rule: str, right: tuple[float, int]
) -> None:
    assert agreement.agree(one, other, rule) == right


@pytest.mark.slow
def test_agreement_of_all_pairs_is_that_of_r(kg: KnowledgeGraph, tmp_path: Path) -> None:
    if not shutil.which("Rscript"):
        pytest.skip("needs: Rscript")
    ways = {"votedYes": 1, "votedNo": 2, "abstained": 3}
    found = kg.query(
        "SELECT ?s ?r ?way { VALUES ?way { oewg:votedYes oewg:votedNo oewg:abstained } ?r ?way ?s . ?s a oewg:State }"
    )
    cast = {(str(s)[-3:], str(r)): ways[str(way).rpartition("#")[2]] for s, r, way in found.rows}  # type: ignore[union-attr]
    states, resolutions = (sorted({key[at] for key in cast}) for at in (0, 1))
    assert (len(states), len(resolutions)) == (193, 17)
    table = [",".join(["state", *(f"r{n}" for n, _ in enumerate(resolutions))])]
    table += [",".join([s, *(str(cast.get((s, r), 0)) for r in resolutions)]) for s in states]
    (tmp_path / "votes.csv").write_text("\n".join(table), encoding="utf-8")
    (tmp_path / "pairs.R").write_text(R % (tmp_path / "votes.csv").as_posix(), encoding="utf-8")
    done = subprocess.run(["Rscript", str(tmp_path / "pairs.R")], capture_output=True, text=True, check=True)
    theirs = {(rule, a, b): (float(share), int(n)) for rule, a, b, share, n in map(str.split, done.stdout.splitlines())}
    ours = {
        (rule, str(row["first"])[-3:], str(row["second"])[-3:]): (float(row["agreement"] or 0), row["n"])
        for rule in agreement.RULES
        for row in kg.agreement(abstentions=rule)
    }
    assert set(ours) == set(theirs) and len(ours) > 50_000
    assert all(math.isclose(ours[pair][0], theirs[pair][0], abs_tol=1e-9) for pair in ours)
    assert all(ours[pair][1] == theirs[pair][1] for pair in ours)


def test_the_nearest_of_a_state_come_first(kg: KnowledgeGraph) -> None:
    answer = kg.agreement("Estonia", least=10)
    shares = [float(row["agreement"] or 0) for row in answer]
    assert shares == sorted(shares, reverse=True) and {row["firstLabel"] for row in answer} == {"Estonia"}
    # Of the 17 votes Estonia and the Russian Federation cast the same in five: 60/45, 61/54, 62/17, 63/37 and 71/28.
    russia = next(row for row in answer if row["secondLabel"] == "Russian Federation")
    assert (russia["n"], russia["agreement"]) == (17, pytest.approx(5 / 17))
    assert "17 General Assembly votes from 2005-12-08 to 2023-12-22" in answer.asked and "n is below 10" in answer.asked


@pytest.mark.slow
def test_pictures_and_networks_of_votes(tmp_path: Path) -> None:
    states = ["EST", "RUS", "USA"]
    for name, told in {
        "m.svg": "EST and RUS: 0.29",
        "m.graphml": '"unGroup">Eastern European Group',
        "m.gexf": "Northern Europe",
    }.items():
        file = tmp_path / name
        done = CliRunner().invoke(main, ["agreement", *states, "-f", name.partition(".")[2], "-o", str(file)])
        assert done.exit_code == 0 and told in file.read_text(encoding="utf-8"), done.output


def test_a_share_of_few_votes_is_written_with_its_numbers(kg: KnowledgeGraph) -> None:
    # In December 2023 Estonia voted for A/RES/78/16 and against A/RES/78/237, the Russian Federation the other way round.
    found = agreement.between(kg.dataset, ["EST", "RUS"], agreement.Rule(since="2023-01-01", least=1))
    assert ">0 of 2</text>" in agreement.matrix(found)


@pytest.mark.parametrize(
    "asked, told",
    [
        (["agreement", "Atlantis"], "not a valid value"),
        (["agreement", "EST", "--since", "2030-01-01"], "the data contain no votes from 2030-01-01"),
        (["agreement", "EST", "--since", "soon"], "not a valid date"),
        (["agreement", "-f", "svg"], "would not be legible"),
        (["compare", "IRN"], "needs two to four different actors, not 1"),
        (["compare", "IRN", "EST", "SGP", "USA", "CHN"], "needs two to four different actors, not 5"),
        (["compare", "IRN", "Atlantis"], "not a valid value"),
    ],
)
def test_bad_input_is_one_line(asked: list[str], told: str) -> None:
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 2 and told in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_actors_side_by_side_with_the_kind_of_absence(kg: KnowledgeGraph) -> None:
    answer = kg.compare("IRN", "Estonia", "Kaspersky")
    cells = {str(row["itemLabel"]): list(row.values())[3:] for row in answer}
    # Page 001: line 244 (Iran, two working papers) and line 192 (Kaspersky among the NGOs); votes are of states alone.
    assert cells["Working papers of Member States for the OEWG 2019-2021"] == ["2", "not listed", "not covered"]
    assert cells["Comments by non-governmental organizations on the pre-draft"] == ["not covered", "not covered", "1"]
    assert cells["Resolution A/RES/75/240"] == ["yes", "no", "not covered"]
    assert all(answer.citations)
    assert all(None not in row for row in cells.values()), "each empty cell says why"


def test_actors_side_by_side_as_a_picture(tmp_path: Path) -> None:
    file = tmp_path / "side-by-side.svg"
    assert CliRunner().invoke(main, ["compare", "IRN", "EST", "Kaspersky", "-o", str(file)]).exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert "<title" in text and "Iran (Islamic Republic of) 2, Estonia not listed, Kaspersky not covered." in text


def test_sets_of_lists_add_up(kg: KnowledgeGraph) -> None:
    def states(**values: str) -> set[object]:
        return set(kg.ask("actors-in-lists", actor_class="oewg:State", **values).column("actorLabel"))

    first, second = states(**{"in": "pd-states"}), states(**{"in": "zd-states"})
    both, either = states(**{"in": "pd-states,zd-states"}), states(**{"in": "pd-states,zd-states"}, match="any")
    gone = states(**{"in": "pd-states"}, not_in="zd-states")
    assert [len(one) for one in (first, second, both, either, gone)] == [44, 39, 31, 52, 13]
    assert gone == first - second and both == first & second and either == first | second
    for pair in itertools.permutations(["pd-states", "zd-states"]):
        assert states(**{"in": ",".join(pair)}) == both
