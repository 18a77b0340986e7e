"""What decisions did to an answer: no cell is empty, no row missing and no value set aside without a word.

The claims and their lines were read from the pages and from `data/decisions.ttl`.
"""

import json

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from oewg_kg import terms
from oewg_kg.answers.decision_notes import Note
from oewg_kg.cli import main
from oewg_kg.dataset import Dataset
from oewg_kg.disagreements import conflicts
from oewg_kg.evidence import decisions
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, PREFIXES

# Page 000, line 17, prints 24-28 February 2019; page 003, line 3, November 2020; page 004, lines 81 and 82, 2019/2020.
GGE_2 = ("began 2019-02-24", "ended 2019-02-28")


def told(kg: KnowledgeGraph, question: str, fate: str, **values: str) -> dict[str, Note]:
    """Ask, and gather the notes of one fate by the local name of the decision."""
    return {n.decision.rpartition("/")[2]: n for n in kg.ask(question, **values).notes if n.fate == fate}


def test_an_empty_cell_names_the_decision_that_empties_it(kg: KnowledgeGraph) -> None:
    note = told(kg, "sessions-of-process", "set aside", process="process:ict-gge-2019-2021")["gge-session-2-date"]
    assert (note.thing, note.claims) == ("Second session of the GGE 2019-2021", GGE_2)
    assert note.lines == (BASE + "source/gge-oewg-events#L17",)


def test_a_row_left_out_is_noted(kg: KnowledgeGraph) -> None:
    days = {"from": "2019-01-01", "to": "2019-12-31"}
    assert told(kg, "timeline", "set aside", **days)["gge-session-2-date"].claims == GGE_2
    later = {"from": "2020-01-01", "to": "2020-12-31"}
    assert "gge-session-2-date" not in told(kg, "timeline", "set aside", **later)


def test_a_value_shown_though_set_aside_is_noted(kg: KnowledgeGraph) -> None:
    aside = told(kg, "adoption-dates-by-line", "set aside")
    assert aside["res-75-240-adoption"].claims == (
        "adopted no earlier than 2020-11-01",
        "adopted no later than 2020-11-30",
    )
    assert told(kg, "adoption-dates-by-line", "preferred")["res-75-240-adoption"].claims == ("adopted on 2020-12-31",)


def test_an_answer_on_which_nobody_decided_has_no_note(kg: KnowledgeGraph) -> None:
    assert kg.ask("states-on-both-drafts").notes == ()


def test_each_claim_that_is_set_aside_is_noted_by_a_question_that_reads_its_property(kg: KnowledgeGraph) -> None:
    aside = {one.decision.value for one in decisions.decided_claims(kg.dataset.store) if one.aside}
    assert len(aside) >= 6
    asked = [
        ("sessions-of-process", {"process": "process:ict-gge-2019-2021"}),
        ("sessions-of-process", {"process": "process:ict-oewg-2021-2025"}),
        ("adoption-dates-by-line", {}),
        ("periods-by-line", {}),
        ("resolutions", {}),
    ]
    noted = {note.decision for name, values in asked for note in kg.ask(name, **values).notes}
    # No question asks for the status of a roundtable, or for the month of a session of which the days are known.
    without = {PREFIXES["decision"] + name for name in ("oewg2-roundtable", "oewg2-session-2-month")}
    assert aside - noted <= without


def test_sessions_without_a_day_come_after_the_one_before(kg: KnowledgeGraph) -> None:
    found = kg.ask("sessions-of-process", process="process:ict-gge-2019-2021").column("sessionLabel")
    assert [str(name).split()[0] for name in found] == ["First", "Second", "Third", "Final"]


def test_the_command_line_says_it_in_a_table_in_json_and_of_a_line() -> None:
    runner = CliRunner()
    asked = ["ask", "sessions-of-process", "-p", "process=process:ict-gge-2019-2021"]
    table = runner.invoke(main, [*asked, "-f", "md"]).output
    assert "(decision:gge-session-2-date)." in table and "Set aside: " in table
    about = json.loads(runner.invoke(main, [*asked, "-f", "json"]).output)["question"]
    assert ["began 2019-02-24", "ended 2019-02-28"] in [one["claims"] for one in about["decisions"]]
    line = runner.invoke(main, ["show", "p0:17", "-f", "csv"]).output
    assert '2019-02-24,"set aside, decision:gge-session-2-date"' in line


def test_decisions_are_found_by_what_they_are_about(kg: KnowledgeGraph) -> None:
    register = conflicts.register(kg.dataset)

    def named(text: str) -> set[str]:
        return {terms.compact(one.decision) for one in conflicts.with_text(kg.dataset, register, text)}

    # One has claims about the session, the other reads lines 15 to 18 of page 000, which name it.
    assert named("Second session of the GGE") == {"decision:gge-session-2-date", "decision:gge-schedule-order"}
    assert "decision:mexico-australia" in named("Mexico")
    assert "decision:gge-session-2-date" in named("second gge session")  # the name that page 000 prints, line 18
    assert "decision:res-75-240-adoption" in named("A/RES/75/240")
    assert named("no such thing") == set()


@pytest.fixture(scope="module")
def relabeled(kg: KnowledgeGraph) -> Dataset:
    """Copy the graph with other labels for what a decision does, and for its kinds of reason."""
    changed = Dataset(ox.Store(), kg.dataset.files)
    judging = {*decisions.RELATIONS, *conflicts.REASONS}
    label = {PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel"}
    for quad in kg.dataset.store:
        if terms.text_of(quad.subject) in judging and quad.predicate.value in label:
            other = ox.Literal("something else", language="en")
            quad = ox.Quad(quad.subject, quad.predicate, other, quad.graph_name)
        changed.store.add(quad)
    return changed


@pytest.mark.slow
def test_labels_decide_nothing(kg: KnowledgeGraph, relabeled: Dataset) -> None:
    def shape(data: Dataset) -> list[tuple[str, list[tuple[str, bool, ox.Quad]]]]:
        found = conflicts.register(data)
        return [(one.decision, [(v.fate, v.aside, v.quad) for v in one.variants]) for one in found]

    assert shape(relabeled) == shape(kg.dataset)
    wanted = {"res-70-174", "oewg1-years", "oewg2-organizational-session"}
    chosen = [one for one in conflicts.register(relabeled) if one.decision.rpartition("/")[2] in wanted]
    usual = [one for one in conflicts.register(kg.dataset) if one.decision.rpartition("/")[2] in wanted]
    then = conflicts.consequences(kg.root, relabeled, chosen)
    now = conflicts.consequences(kg.root, kg.dataset, usual)
    assert [[v.changes for v in one.variants] for one in then] == [[v.changes for v in one.variants] for one in now]
    assert any(v.changes for one in now for v in one.variants)
