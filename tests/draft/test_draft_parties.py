"""What a page states besides states and groups in lists: each accepted row of an invented page becomes what its line says."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from oewg_kg.cli import main
from oewg_kg.draft import table
from oewg_kg.draft.table import Row
from oewg_kg.knowledge_graph import KnowledgeGraph, load

pytestmark = pytest.mark.slow

PAGE = """Working Group on Harbour Lights
By resolution A/RES/85/999, the General Assembly set up this group on 20 December 2030.
Second session, New York, 2-6 September 2031, moved to 14-18 October 2031
- Draft convention on lights (3 October 2031)
Statements on “Box II” of the draft convention
- Chair (Ms.)
- Ms. Una Exempla
- Holy See and State of Palestine (Mr.)
- Lanternfield Network (on behalf of 12 societies)
To take part, write to the secretariat before 1 September 2031
Side event: Quiet harbours (host: Switzerland), 15 October 2031
Adoption of the draft convention, 18 October 2031
- Joint paper launched by Ghana
"""
TITLE, SECOND, ABOUT = "process:lights", "L3", "L4 > Box II"
ROWS = [
    Row(1, 1, kind="process", label_in_source="Working Group on Harbour Lights", process=TITLE),
    Row(2, 1, "1", "General Assembly", "body/unga", kind="resolution", date="2030-12-20", symbol="A/RES/85/999"),
    Row(3, 1, "1", kind="substantive-session", date="2031-10-14", date_latest="2031-10-18", status="postponed",
        label_in_source="Second session"),
    Row(4, 1, "3", "", "not-stated", kind="draft", date="2031-10-03", label_in_source="Draft convention on lights"),
    Row(5, 0, "3", kind="list", target=ABOUT, default_kind="statement", listed_as="member-state"),
    Row(6, 1, "5", "", "post/chair", kind="statement", target=ABOUT),
    Row(7, 1, "5", "Ms. Una Exempla", "not-stated", kind="statement", target=ABOUT),
    Row(8, 1, "5", "Holy See|State of Palestine", "observer/VAT|observer/PSE", kind="statement", target=ABOUT),
    Row(9, 1, "5", "Lanternfield Network|12 societies", "NEW:stakeholder/lanternfield", "NEW:12 societies",
        kind="statement", target=ABOUT),
    Row(10, 1, "3", kind="by-email", target=SECOND),
    Row(10, 2, "3", kind="deadline", target=SECOND, date="2031-09-01"),
    Row(11, 1, "3", "Switzerland", "state/CHE", kind="side-event", date="2031-10-15", date_latest="2031-10-15",
        label_in_source="Quiet harbours", status="held"),
    Row(12, 1, "3", kind="adoption", target="L4", date="2031-10-18", date_latest="2031-10-18", status="held",
        label_in_source="Adoption of the draft convention"),
    Row(13, 1, "5", "Ghana", "NEW:authors not named", kind="paper", target="not-stated", label_in_source="Joint paper"),
]  # fmt: skip


def rows(changed: Iterable[Row] = ()) -> list[Row]:
    """Accept all rows, with the words of their lines, some in place of others."""
    found = {(row.line, row.item): row for row in (*ROWS, *changed)}
    lines = PAGE.splitlines()
    return [replace(row, accept="yes", source="lights", words=lines[row.line - 1]) for row in found.values()]


def oewg(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def accept(root: Path, given: list[Row]) -> str:
    file = root / "draft.csv"
    file.write_text(table.write(given, None), encoding="utf-8")
    return oewg(root, "draft", "--accept", str(file)).output


@pytest.fixture
def root(tmp_path: Path) -> Iterable[Path]:
    """Make a root of one's own with the page; the prefixes of before come back."""
    made, page = tmp_path / "lights", tmp_path / "lights.txt"
    page.write_text(PAGE, encoding="utf-8")
    told = CliRunner().invoke(main, ["init", str(made), "--empty", "--base", "https://example.org/l/"])
    assert told.exit_code == 0, told.output
    assert oewg(made, "source", "add", str(page), "--name", "lights", "--title", "Lights").exit_code == 0
    yield made
    load(None)


def said(kg: KnowledgeGraph, line: int, pattern: str) -> bool:
    """Tell whether the graph of a line states a pattern."""
    return kg.query(f"ASK {{ GRAPH p1:{line} {{ {pattern} }} }}") is True


def test_each_row_becomes_what_its_line_states(root: Path) -> None:
    told = accept(root, rows())
    assert ": 13; already recorded: 0; still undecided: 0; could not be written: 0" in told, told
    assert "conforms: 0 violations" in oewg(root, "validate").output
    kg = load(str(root))
    stated = {
        2: 'document:a-res-85-999 a oewg:Resolution ; oewg:adoptedBy body:unga ; oewg:adoptedOn "2030-12-20"^^xsd:date',
        3: 'event:lights-3-1 oewg:status status:postponed ; oewg:plannedStart "2031-09-02"^^xsd:date ; '
        'oewg:plannedEnd "2031-09-06"^^xsd:date ; oewg:heldStart "2031-10-14"^^xsd:date ; oewg:heldEnd "2031-10-18"^^xsd:date',
        4: "document:lights-4-1 a oewg:Draft ; oewg:kind kind:draft ; oewg:issuedBy oewg:SubmitterNotStated",
        5: 'document:lights-4-1-box-ii a oewg:DocumentPart ; oewg:partOf document:lights-4-1 ; oewg:labelInSource "Box II" . '
        "list:lights-5 oewg:covers document:lights-4-1-box-ii",
        6: '?it oewg:submittedBy post:lights-chair ; oewg:addresses document:lights-4-1-box-ii . '
        'post:lights-chair oewg:postIn process:lights ; oewg:nameInSource "Chair" . list:lights-5 oewg:honorificInSource "Ms."',
        7: '?it oewg:submittedBy oewg:SubmitterNotStated ; oewg:speakerInSource "Ms. Una Exempla"',
        8: '?it oewg:submittedBy observer:VAT , observer:PSE . observer:VAT oewg:nameInSource "Holy See"',
        9: '?it oewg:submittedBy stakeholder:lanternfield ; oewg:inNameOf authors:lights-9-1 ; '
        'skos:prefLabel "Lanternfield Network: statement"@en',
        10: 'event:lights-3-1 oewg:registration kind:by-email . deadline:lights-10-2 oewg:concerns event:lights-3-1 ; '
        'oewg:due "2031-09-01"^^xsd:date',
        11: "event:lights-3-1-side-1 a oewg:SideEvent ; oewg:subEventOf event:lights-3-1 ; oewg:coHostedBy state:CHE",
        12: "?it oewg:kind kind:adoption . document:lights-4-1 oewg:adoptedAt ?it",
        13: "?it oewg:submittedBy authors:lights-13-1 ; oewg:initiatedBy state:GHA",
    }  # fmt: skip
    assert [line for line, pattern in stated.items() if not said(kg, line, pattern)] == []
    assert (
        kg.query("ASK { stakeholder:lanternfield a oewg:Stakeholder ; oewg:classifiedAs kind:not-classified }") is True
    )
    labelled = kg.query('SELECT ?it { ?it rdfs:label|skos:prefLabel ?name FILTER (CONTAINS(?name, "Exempla")) }')
    assert not labelled, "a person is words, and has no entity"
    # What is about a part is about its text: nine lines down, the four statements on Box II are on the draft convention.
    (count,) = kg.query("SELECT (COUNT(?it) AS ?n) { ?it oewg:addresses document:lights-4-1 }").column("n")  # type: ignore[union-attr]
    assert int(str(count)) == 4


@pytest.mark.parametrize(
    "open_rows",
    [
        [
            (Row(9, 1, "5", "Lanternfield", "NEW:Lanternfield", kind="statement", target="L4"), "NEW:stakeholder/short-name"),
            (Row(2, 1, "1", "General Assembly", "body/unga", kind="resolution"), "the full symbol of the resolution"),
            (Row(10, 2, "3", kind="deadline", date="2031-09-01"), "the target is missing"),
        ],
        [(Row(9, 1, "5", "Lanternfield", "stakeholder/lantern", kind="statement", target="L4"), "write NEW:stakeholder")],
        [(Row(3, 1, "1", kind="substantive-session", date="2031-09-02", status="postponed"), "does not say for which date")],
    ],
)  # fmt: skip
def test_what_a_row_leaves_open_is_said_and_not_written(root: Path, open_rows: list[tuple[Row, str]]) -> None:
    given = rows([row for row, _ in open_rows])
    lines = {row.line for row, _ in open_rows}
    given = [replace(one, words="Second session") if one.line == 3 and 3 in lines else one for one in given]
    told = " ".join(accept(root, given).split()).replace("│ ", "")
    assert [reason for _, reason in open_rows if reason not in told] == [], told
    written = (root / "data" / "sources" / "lights.trig").read_text(encoding="utf-8")
    assert [line for line in lines if f"p1:{line} {{" in written] == []


def test_a_second_heading_of_a_session_is_the_same_event(root: Path) -> None:
    again = Row(12, 1, "1", kind="substantive-session", target=SECOND, label_in_source="SECOND SESSION")
    accept(root, rows([again]))
    kg = load(str(root))
    assert said(kg, 12, "event:lights-3-1 a oewg:Session")
    assert kg.query("SELECT DISTINCT ?label { event:lights-3-1 skos:prefLabel ?label }").column("label") == [
        "Second session"
    ]  # type: ignore[union-attr]
