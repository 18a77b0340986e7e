"""The questions that researchers asked first, each with the answer that the pages give, in their words.

For each question: the saved query, its parameters, and which columns of the answer are compared.
The full rows with their lines are in `answers/`.
"""

import pytest

from oewg_kg.knowledge_graph import Answer, KnowledgeGraph

BOTH = (
    "Armenia; Australia; Austria; Brazil; Canada; Chile; China; Colombia; Cuba; Czech Republic; "
    "Egypt; Estonia; France; Germany; Indonesia; "
    "Iran (Islamic Republic of); Italy; Japan; Liechtenstein; Netherlands; New Zealand; "
    "Republic of Korea; Russian Federation; Singapore; South Africa; "
    "Sweden; Switzerland; Turkey; United Kingdom; Venezuela; Zimbabwe"
)
WORKING_PAPERS = (
    "Australia; Canada; China; Cuba; Egypt; Iran (Islamic Republic of); Japan; Mexico; Netherlands; New Zealand; "
    "Pakistan; Republic of Korea; Switzerland; United Kingdom"
)
ON_ZERO_DRAFT = (
    "Association for Progressive Communications (APC); CyberPeace Institute; "
    "Global Partners Digital (GPD); ICT4Peace Foundation; "
    "International Chamber of Commerce (ICC); "
    "International Federation for Information Processing (IFIP); "
    "Institute for Security and Safety (ISS); Kaspersky; "
    "Microsoft; Observer Research Foundation America; "
    "Oxford Institute for Ethics, Law and Armed Conflict; "
    "Women’s International League for Peace and Freedom"
)

# query, parameters, column, the names of the answer, each once
NAMES = [
    ("states-on-both-drafts", {}, "actorLabel", BOTH),
    (
        "states-on-both-drafts",
        {"kind": "kind:comments"},
        "actorLabel",
        "Australia; Canada; Netherlands; New Zealand; United Kingdom",
    ),
    (
        "states-on-both-drafts",
        {"kind": "kind:written"},
        "actorLabel",
        "Armenia; Australia; Canada; Iran (Islamic Republic of); Liechtenstein; Netherlands; "
        "New Zealand; Russian Federation; United Kingdom",
    ),
    (
        "states-on-both-drafts",
        {"actor-class": "oewg:StateActor"},
        "actorLabel",
        BOTH + "; European Union (EU); Non-Aligned Movement (NAM)",
    ),
    ("actors-in-both-lists", {}, "actorLabel", BOTH + "; European Union (EU); Non-Aligned Movement (NAM)"),
    ("states-on-draft-without-kind", {}, "actorLabel", "Armenia; Israel; New Zealand; United Kingdom"),
    ("actors-on-draft", {"actor-class": "oewg:Stakeholder"}, "actorLabel", ON_ZERO_DRAFT),
    (
        "statements-at-event",
        {},
        "actorLabel",
        "Access Now; Association for Progressive Communications (APC); ICT4Peace Foundation; "
        "Media Foundation for West Africa; Women’s International League for Peace and Freedom",
    ),
    (
        "contributions-on-draft",
        {"draft": "document:oewg1-final-draft"},
        "actorLabel",
        "Global Commission on the Stability of Cyberspace (GCSC)",
    ),
    ("states-with-working-papers", {}, "actorLabel", WORKING_PAPERS),
    (
        "states-with-working-papers",
        {"joint": "yes"},
        "actorLabel",
        WORKING_PAPERS + "; Croatia; Finland; France; Slovenia",
    ),
    (
        "gge-countries-on-draft",
        {},
        "countryLabel",
        "Australia; Brazil; China; Estonia; France; Germany; Indonesia; Japan; Mexico; Netherlands; "
        "Norway; Russian Federation; Singapore; "
        "South Africa; Switzerland; United Kingdom; United States; Uruguay",
    ),
    ("gge-countries-not-on-draft", {}, "countryLabel", "India; Jordan; Kazakhstan; Kenya; Mauritius; Morocco; Romania"),
    (
        "entries-that-are-not-states",
        {},
        "contributionLabel",
        "European Union: comments on the initial pre-draft; "
        "Non-Aligned Movement: comments on the initial pre-draft; "
        "Joint proposal by a number of Member States under the initiative of Australia and Mexico; "
        "Joint proposal by a number of Member States on the protection of health infrastructure",
    ),
    (
        "documents-in-six-languages",
        {},
        "documentLabel",
        "Zero Draft of the OEWG substantive report; Draft procedural report of the OEWG; "
        "Draft organization of work of the second substantive session of the OEWG",
    ),
    ("groups-on-only-one-draft", {}, "actorLabel", "African Group; Caribbean Community (CARICOM)"),
]

# query, parameters, columns, the rows of the answer
ROWS = [
    (
        "actors-counted-in-lists",
        {},
        ("listLabel", "actors"),
        [
            ("Comments by Member States on the initial pre-draft", 44),
            ("Statements and contributions by Member States on the Zero and First Draft", 39),
        ],
    ),
    (
        "actors-counted-in-lists",
        {"actor-class": "oewg:Actor"},
        ("listLabel", "actors"),
        [
            ("Comments by Member States on the initial pre-draft", 48),
            ("Statements and contributions by Member States on the Zero and First Draft", 43),
        ],
    ),
    (
        "groups-on-drafts",
        {},
        ("actorLabel", "draftLabel"),
        [
            ("African Group", "Zero Draft of the OEWG substantive report"),
            ("Caribbean Community (CARICOM)", "Zero Draft of the OEWG substantive report"),
            ("European Union (EU)", "Initial pre-draft of the OEWG report"),
            ("European Union (EU)", "Zero Draft of the OEWG substantive report"),
            ("Non-Aligned Movement (NAM)", "Initial pre-draft of the OEWG report"),
            ("Non-Aligned Movement (NAM)", "Zero Draft of the OEWG substantive report"),
        ],
    ),
    (
        "contributions-in-list",
        {},
        ("wholeLabel", "labelInSource", "from"),
        [
            (None, "Joint proposal on the text of the 1st Draft", None),
            (None, "Joint proposal to the Chair of the OEWG", None),
            ("Joint contribution – Programme of Action", "2 Dec 2020", "2020-12-02"),
            ("Joint contribution – Programme of Action", "Concept Note", None),
            ("Joint contribution – Programme of Action", "text proposal", None),
            ("Joint contribution – Survey of National Implementation", "2 Dec 2020", "2020-12-02"),
            ("Joint contribution – Survey of National Implementation", "22 Feb 2021", "2021-02-22"),
        ],
    ),
    (
        "list-entries-in-several-languages",
        {"list": "list:oewg1-pd-states"},
        ("actorLabel", "languageLabel"),
        [
            (name, language)
            for name, languages in {
                "Argentina": ("English", "Spanish"),
                "Canada": ("English", "French"),
                "France": ("English", "French"),
                "Russian Federation": ("English", "Russian"),
                "Uruguay": ("English", "Spanish"),
            }.items()
            for language in languages
        ],
    ),
    ("documents-in-six-languages", {}, ("how", "languages"), [("named", 6), ("named", 6), ("not named", 6)]),
    (
        "informal-rounds",
        {},
        ("ordinal", "start", "end", "topicLabel"),
        [
            (1, "2020-06-15", "2020-06-19", "rules, norms and principles"),
            (2, "2020-09-29", "2020-10-01", "international law"),
            (3, "2020-11-17", "2020-11-19", "capacity-building"),
            (3, "2020-11-17", "2020-11-19", "confidence-building measures"),
            (4, "2020-12-01", "2020-12-03", "general comments"),
            (4, "2020-12-01", "2020-12-03", "regular institutional dialogue"),
        ],
    ),
    (
        "days-of-informal-rounds",
        {},
        ("day",),
        [
            (f"2020-{day}",)
            for day in (
                "06-15",
                "06-17",
                "06-19",
                "09-29",
                "09-30",
                "10-01",
                "11-17",
                "11-18",
                "11-19",
                "12-01",
                "12-02",
                "12-03",
            )
        ],
    ),
    (
        "events-not-held-as-planned",
        {},
        ("statusLabel", "reasonLabel", "plannedStart", "plannedEnd", "heldStart", "heldEnd"),
        [
            ("cancelled", "COVID-19 pandemic", "2020-03-30", "2020-03-31", None, None),
            ("cancelled", "COVID-19 pandemic", "2020-05-28", "2020-05-29", None, None),
            ("postponed", "COVID-19 pandemic", "2020-07-06", "2020-07-10", "2021-03-08", "2021-03-12"),
        ],
    ),
    ("announced-and-listed-sessions", {}, ("listed", "announced", "notListed"), [(7, 11, 4)]),
    (
        "chairs-of-meetings",
        {},
        ("chairLabel", "postLabel", "holderLabel"),
        [("Singapore", "Chair of the OEWG 2019-2021", "Jürg Lauber")],
    ),
    (
        "chairs",
        {},
        ("holderLabel", "stateLabel"),
        [("Jürg Lauber", "Switzerland"), ("Guilherme de Aguiar Patriota", "Brazil"), ("Burhan Gafoor", "Singapore")],
    ),
    (
        "officers-of-process",
        {},
        ("typeLabel", "holderLabel", "bodyLabel"),
        [
            ("Chair", "Burhan Gafoor", None),
            ("secretariat", "Katherine Prizeman", "United Nations Office for Disarmament Affairs"),
            ("secretariat", "Alexander Lomaia", "Department for General Assembly and Conference Management"),
        ],
    ),
    (
        "chairs",
        {"posts": "all"},
        ("holderLabel", "stateLabel"),
        [
            ("Jürg Lauber", "Switzerland"),
            ("Guilherme de Aguiar Patriota", "Brazil"),
            ("Burhan Gafoor", "Singapore"),
            ("Katherine Prizeman", None),
            ("Alexander Lomaia", None),
        ],
    ),
    (
        "adoption-dates-by-line",
        {},
        ("number", "from", "to"),
        [
            (5, "2020-12-31", "2020-12-31"),
            (46, "2020-01-01", "2020-12-31"),
            (3, "2020-11-01", "2020-11-30"),
            (11, "2020-12-01", "2020-12-31"),
        ],
    ),
    (
        "side-events-by-day",
        {},
        ("date", "events"),
        [("2024-03-04", 1), ("2024-03-05", 4), ("2024-03-06", 3), ("2024-03-07", 2), ("2024-03-08", 1)],
    ),
]

# query, parameters, columns, rows that are in the answer among others
AMONG = [
    (
        "deadlines",
        ("due", "letterDate", "extends"),
        [
            ("2020-04-03", "2020-03-16", None),
            ("2020-04-16", "2020-04-01", "https://w3id.org/oewg-kg/deadline/oewg1-pre-draft-1"),
        ],
    ),
    (
        "sponsors",
        ("documentLabel", "actorLabel"),
        [("Resolution A/RES/73/266", "United States"), ("Resolution A/RES/73/27", "Russian Federation")],
    ),
    (
        "resolutions",
        ("resolutionLabel", "action", "thingLabel", "sponsorLabel"),
        [
            ("Resolution A/RES/73/266", "established", "Group of Governmental Experts 2019-2021", "United States"),
            ("Resolution A/RES/73/27", "established", "Open-ended Working Group 2019-2021", "Russian Federation"),
        ],
    ),
    (
        "side-event-venues",
        ("placeLabel", "ordinal"),
        [
            ("Microsoft UN Affairs Offices", 2),
            ("Microsoft UN Affairs Offices", 4),
            ("German House", 7),
            ("German House", 10),
        ],
    ),
]


def columns_of(answer: Answer, columns: tuple[str, ...]) -> list[tuple[object, ...]]:
    return sorted((tuple(row[name] for name in columns) for row in answer), key=repr)


def ask(kg: KnowledgeGraph, name: str, values: dict[str, str]) -> Answer:
    return kg.ask(name, **values)


@pytest.mark.parametrize(("name", "values", "column", "names"), NAMES)
def test_the_names_of_the_answer(
    name: str, values: dict[str, str], column: str, names: str, kg: KnowledgeGraph
) -> None:
    expected = sorted(names.split("; "))
    assert sorted(map(str, ask(kg, name, values).column(column))) == expected


@pytest.mark.parametrize(("name", "values", "columns", "rows"), ROWS)
def test_the_rows_of_the_answer(
    name: str, values: dict[str, str], columns: tuple[str, ...], rows: list[tuple[object, ...]], kg: KnowledgeGraph
) -> None:
    found = columns_of(ask(kg, name, values), columns)
    if name == "actors-counted-in-lists":  # the question is on two of the lists
        found = [row for row in found if row[0] in {row[0] for row in rows}]
    assert found == sorted(rows, key=repr)


@pytest.mark.parametrize(("name", "columns", "rows"), AMONG)
def test_the_answer_holds_these_rows(
    name: str, columns: tuple[str, ...], rows: list[tuple[object, ...]], kg: KnowledgeGraph
) -> None:
    found = columns_of(ask(kg, name, {}), columns)
    assert [row for row in rows if row not in found] == []


@pytest.mark.parametrize(
    ("name", "values", "count"),
    [
        ("states-on-both-drafts", {}, 31),
        ("actors-in-either-list", {}, 52),
        ("actors-in-either-list", {"second": "list:oewg1-pd-states"}, 44),
        ("actors-in-either-list", {"first": "list:oewg1-zd-states"}, 39),
        ("groups-on-only-one-draft", {}, 2),
        ("states-with-working-papers", {}, 14),
        ("states-with-working-papers", {"joint": "yes"}, 18),
        ("gge-countries-on-draft", {}, 18),
        ("side-events", {}, 11),
    ],
)
def test_how_many(name: str, values: dict[str, str], count: int, kg: KnowledgeGraph) -> None:
    assert len(ask(kg, name, values)) == count


def test_no_group_is_on_the_pre_draft_only(kg: KnowledgeGraph) -> None:
    assert set(ask(kg, "groups-on-only-one-draft", {}).column("draftLabel")) == {
        "Zero Draft of the OEWG substantive report"
    }


def test_two_venues_have_just_these_side_events(kg: KnowledgeGraph) -> None:
    venues = columns_of(ask(kg, "side-event-venues", {}), ("placeLabel", "ordinal"))
    assert [number for place, number in venues if place == "Microsoft UN Affairs Offices"] == [2, 4]
    assert sorted(int(str(number)) for place, number in venues if place == "German House") == [7, 10]
