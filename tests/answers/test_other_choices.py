"""What questions answer for other choices than their defaults, as the pages have it; the lines are those of the pages."""

import pytest

from oewg_kg import query, tables
from oewg_kg.errors import UsageError
from oewg_kg.knowledge_graph import Answer, KnowledgeGraph

ADOPTION = "event:oewg1-adoption"
DIALOGUE = "event:oewg1-stakeholder-2"  # 003:25 names its one side event, on gender, and prints nothing else of it
GENDER = "Side event of the Informal Multi-stakeholder Cyber Dialogue, on gender"
SEGMENT = (
    "Access Now; Association for Progressive Communications (APC); "
    "ICT4Peace Foundation; Media Foundation for West Africa; Women’s International League for Peace and Freedom"
)
WILPF = "Women’s International League for Peace and Freedom"

# question, values, column, what stands in it, each once
COLUMN = [
    # no line and no voting record dates these three; 004:37 dates 53/70, 003:30 with 004:82 dates 73/27
    (
        "documents-without-date",
        {"kind": "kind:resolution"},
        "documentLabel",
        ("Resolution 1996/31 of the Economic and Social Council; Resolution A/RES/68/243; Resolution A/RES/70/174"),
    ),
    # 004:6 and 004:11 name both reports and no author
    (
        "documents-with-issuer-not-stated",
        {"kind": "kind:progress-report"},
        "documentLabel",
        ("First annual progress report of the OEWG 2021-2025; Second annual progress report of the OEWG 2021-2025"),
    ),
    # 002:68 and 002:70 speak of non-governmental organizations, which 002:60 calls stakeholders
    ("modalities-by-addressee", {"addressee": "kind:stakeholder"}, "ordinal", "2; 3; 4; 5; 6; 7; 12; 14"),
    ("modalities-by-addressee", {"addressee": "kind:ngo"}, "ordinal", "2; 3; 4"),
    # 001:3
    ("documents-of-event", {"event": ADOPTION}, "documentLabel", "Final report of the OEWG"),
    # 000:80-90 and 001:222-227: the heading prints the day
    ("contributions-between-dates", {"from": "2020-02-12", "to": "2020-02-12"}, "actorLabel", SEGMENT),
    # 000:126 and 000:158; both voted against the resolution that set the group up
    (
        "voted-against-and-took-part",
        {"resolution": "document:a-res-73-266", "process": "process:ict-gge-2019-2021"},
        "stateLabel",
        "China; Russian Federation",
    ),
    # 001:211-227: papers below a heading with days; the letters of 31 December and 4 February have days of their own
    (
        "what-happened",
        {"from": "2020-02-10", "to": "2020-02-14", "undated": "yes"},
        "itemLabel",
        "Second substantive session of the OEWG 2019-2021; Chair's working paper for the second substantive session of the OEWG; "
        "Draft programme of work of the second substantive session of the OEWG; "
        "Tentative draft structure of the OEWG report (substantive component); "
        "Background paper on existing UN bodies and processes related to the mandate; "
        "Background paper on international law in the GGEs; Background paper on regular institutional dialogue; "
        "Draft organization of work of the second substantive session of the OEWG; "
        "Informal multi-stakeholder segment of the second substantive session; "
        "Access Now: statement in the multi-stakeholder segment; "
        "Association for Progressive Communications: statement in the multi-stakeholder segment; "
        "ICT4Peace: statement in the multi-stakeholder segment; "
        "Media Foundation for West Africa: statement in the multi-stakeholder segment; "
        "Women's International League for Peace and Freedom: statement in the multi-stakeholder segment",
    ),
    # the pages print the curved apostrophe
    ("actors-by-printed-name", {"text": "women's international"}, "actorLabel", WILPF),
    ("actors-by-printed-name", {"text": "Women’s International"}, "actorLabel", WILPF),
    ("side-events", {"session": DIALOGUE}, "eventLabel", GENDER),
]

# question, values, columns, rows
ROWS = [
    ("side-event-modes", {"session": DIALOGUE}, ("ordinal", "how"), [(None, "not stated")]),
    ("side-event-registration", {"session": DIALOGUE}, ("ordinal", "registrationLabel"), [(None, None)]),
    ("side-event-venues", {"session": DIALOGUE}, ("ordinal", "placeLabel"), [(None, None)]),
    ("side-events-by-day", {"session": DIALOGUE}, ("date", "events"), [(None, 1)]),
    # 003:3 prints when the second group begins, the others the whole period
    (
        "periods-by-line",
        {"process": "process:ict-oewg-2021-2025"},
        ("from", "to"),
        [("2021-01-01", None), ("2021-01-01", "2025-12-31")],
    ),
    # 003:3 by vote; 004:32 by consensus, of reports that the page does not name
    (
        "adoptions",
        {},
        ("documentLabel", "modeLabel"),
        [("Resolution A/RES/75/240", "by vote"), ("framework of responsible behaviour (acquis)", "by consensus")],
    ),
    # 000:120-170: 25 countries
    ("announced-and-listed-seats", {}, ("announced", "listed"), [(25, 25)]),
]


def rows_of(answer: Answer, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in columns) for row in answer]


@pytest.mark.parametrize(("name", "values", "column", "expected"), COLUMN)
def test_a_column_holds_what_the_pages_say(
    name: str, values: dict[str, str], column: str, expected: str, kg: KnowledgeGraph
) -> None:
    assert sorted({str(cell) for (cell,) in rows_of(kg.ask(name, **values), column)}) == sorted(expected.split("; "))


@pytest.mark.parametrize(("name", "values", "columns", "expected"), ROWS)
def test_rows_are_what_the_pages_say(
    name: str, values: dict[str, str], columns: tuple[str, ...], expected: list[tuple[object, ...]], kg: KnowledgeGraph
) -> None:
    assert sorted(rows_of(kg.ask(name, **values), *columns), key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize(
    ("name", "values", "count"),
    [
        # 001:100 and 001:258 print two forms of one title; the three joint papers have four, two and two authors
        ("text-proposals", {"kind": "kind:written"}, 153),
        ("contributions-with-target-not-stated", {}, 90),
        ("things-without-outside-identifier", {}, 73),
        ("documents-with-issuer-not-stated", {"kind": "kind:report"}, 8),
        ("other-rules-on-stakeholders", {}, 5),
        ("contribution-and-vote", {"draft": "document:oewg1-pre-draft", "resolution": "document:a-res-60-45"}, 44),
    ],
)
def test_each_thing_appears_once(name: str, values: dict[str, str], count: int, kg: KnowledgeGraph) -> None:
    assert len(kg.ask(name, **values)) == count


def test_a_state_without_a_recorded_vote_keeps_its_contribution(kg: KnowledgeGraph) -> None:
    answer = kg.ask("contribution-and-vote", draft="document:oewg1-pre-draft", resolution="document:a-res-60-45")
    votes = dict(rows_of(answer, "actorLabel", "vote"))
    assert votes["Serbia"] is None  # 001:162; in 2005 Serbia and Montenegro voted, a Member that is none now
    assert votes["United States"] == "no"
    assert list(votes.values()).count("yes") == 42


def test_a_document_without_a_date_cites_lines_of_pages_only(kg: KnowledgeGraph) -> None:
    answer = kg.ask("documents-without-date", kind="kind:resolution")
    assert [tables.short_lines(lines) for lines in answer.citations] == [
        "oewg-2021-2025 68",
        "un-oewg 48",
        "un-oewg 56",
    ]


def test_the_red_cross_spoke_in_the_consultation_of_the_experts_too(kg: KnowledgeGraph) -> None:
    found = dict(rows_of(kg.ask("stakeholders-in-several-lists"), "actorLabel", "lists"))
    assert (
        found["International Committee of the Red Cross (ICRC)"] == 4
    )  # 000:94 with 001:255, 000:182, 001:87, 001:180


@pytest.mark.parametrize("written", ["yes", "Yes", " YES "])
def test_a_word_is_taken_in_letters_of_either_case(written: str, kg: KnowledgeGraph) -> None:
    assert len(kg.ask("states-with-working-papers", joint=written)) == 18


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("states-with-working-papers", {"joint": "maybe"}, "'maybe' is not a valid value for \"joint\"; use yes or no"),
        ("adoption-dates-by-line", {"symbol": ""}, "'' is not a valid value for \"symbol\"; use yes or no"),
        (
            "timeline",
            {"from": "2021-04-01"},
            '"from" (2021-04-01) is after "to" (2021-03-31); give the earlier date as "from"',
        ),
        (
            "contributions-between-dates",
            {"from": "2020-12-03", "to": "2020-12-02"},
            '"from" (2020-12-03) is after "to" (2020-12-02); give the earlier date as "from"',
        ),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(
    name: str, values: dict[str, str], said: str, kg: KnowledgeGraph
) -> None:
    with pytest.raises(UsageError) as refused:
        kg.ask(name, **values)
    assert str(refused.value) == said


def test_no_answer_is_doubled_by_a_printed_label(kg: KnowledgeGraph) -> None:
    asked = 0
    for saved in query.load(kg.root.queries).values():
        result = query.run(kg.dataset, saved, {})
        if "labelInSource" in result.columns:
            asked += 1
            at = result.columns.index("labelInSource")
            others = [row[:at] + row[at + 1 :] for row in result.rows]
            assert len(others) == len(set(others)), f"{saved.name}: one thing stands twice, by two printed labels"
    assert asked >= 8


def test_no_thing_was_looked_for_in_more_data_sets_than_its_row_can_name(kg: KnowledgeGraph) -> None:
    text = "SELECT ?thing { ?thing oewg:noConfirmedMapping ?where } GROUP BY ?thing HAVING (COUNT(?where) > 2)"
    found = kg.query(text)
    assert isinstance(found, Answer)
    assert not len(found), "things-without-outside-identifier names two data sets: write the third too"
