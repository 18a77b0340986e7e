"""The material, held to the rules of data/README.md; each message tells a curator what to do."""

import csv
import hashlib
import re

import pytest

import material
from conftest import DATA
from oewg_kg import terms
from oewg_kg.evidence import coverage as coverages
from oewg_kg.find import by_name
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, PREFIXES

PAGES = material.folder("OEWG_PAGES")
SOURCES = {
    "gge-oewg-events": ("000", 210),
    "oewg-2019-2021": ("001", 274),
    "oewg-2021-2025": ("002", 198),
    "oewg-2019-2021-monitor": ("003", 32),
    "un-oewg": ("004", 97),
}


@pytest.fixture(scope="session")
def kg(whole: KnowledgeGraph) -> KnowledgeGraph:
    """Hold all pages to the rules, those too that were added last."""
    return whole


LANGUAGES = ("English", "French", "Français", "EN", "RU", "En", "Fr", "العربية", "中文", "Русский", "Español")
LOOK_ALIKES = [
    ("state:AUS", "state:AUT"),
    ("state:IND", "state:IDN"),
    ("state:IRL", "state:ISR"),
    ("state:IRN", "state:IND"),
    ("state:CHE", "state:SWE"),
    ("state:SVN", "state:SRB"),
    ("state:KOR", "state:KEN"),
    ("stakeholder:isoc", "stakeholder:cis-india"),
    ("stakeholder:cis-india", "stakeholder:cardiff-cigp"),
    ("stakeholder:iss", "stakeholder:aspi"),
    ("stakeholder:orf-america", "stakeholder:oxford-elac"),
    ("stakeholder:gfce", "stakeholder:gcsc"),
    ("stakeholder:gpd", "stakeholder:cyberpeace"),
    ("stakeholder:icc", "stakeholder:icrc"),
    ("stakeholder:icrc", "stakeholder:icpc"),
    ("stakeholder:au", "organ:aucil"),
    ("group:EU", "organ:eu-del-un"),
    ("group:EU", "organ:eeas"),
    ("group:african-group", "stakeholder:au"),
    ("document:oewg1-final-report", "document:oewg1-final-draft"),
    ("document:oewg1-pre-draft", "document:oewg1-revised-pre-draft"),
    ("process:ict-oewg-2019-2021", "process:ict-gge-2019-2021"),
]


def test_each_contribution_has_a_submitter_a_kind_a_target_and_a_list(kg) -> None:
    rows = kg.query("""SELECT ?c (COUNT(DISTINCT ?s) AS ?submitters) (COUNT(DISTINCT ?k) AS ?kinds)
            (COUNT(DISTINCT ?t) AS ?targets) (COUNT(DISTINCT ?l) AS ?lists)
        WHERE { ?c a oewg:Contribution OPTIONAL { ?c oewg:submittedBy ?s } OPTIONAL { ?c oewg:kind ?k }
                OPTIONAL { ?c oewg:addresses ?t } OPTIONAL { ?c oewg:listedIn ?l } } GROUP BY ?c""")
    assert len(rows) > 230
    for row in rows:
        name = terms.compact(row["c"])
        assert row["submitters"], f"{name}: say who submitted it (oewg:submittedBy)"
        assert row["kinds"], f"{name}: give its kind"
        assert row["targets"], f"{name}: say what it addresses, or oewg:TargetNotStated"
        assert row["lists"], f"{name}: say in which list it stands"


def test_target_not_stated_is_never_beside_a_target(kg) -> None:
    assert not list(
        kg.query("SELECT ?c WHERE { ?c oewg:addresses oewg:TargetNotStated , ?t FILTER (?t != oewg:TargetNotStated) }")
    )


def test_no_two_states_share_a_code_or_a_name(kg) -> None:
    rows = list(
        kg.query(
            'SELECT ?s ?code ?name WHERE { ?s a oewg:State ; skos:notation ?code ; skos:prefLabel ?name FILTER (LANG(?name) = "en") }'
        )
    )
    assert len(rows) == 193, "the Member States of the United Nations"
    assert len({row["code"] for row in rows}) == len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert row["s"] == PREFIXES["state"] + row["code"], f"{row['s']}: the code is the local name"


def test_the_pages_name_62_states(kg) -> None:
    rows = kg.query(f"SELECT ?s WHERE {{ GRAPH <{BASE}graph/data/actors/states> {{ ?s a oewg:State }} }}")
    assert len(rows) == 62, "the states that no page names stand in data/reference/states.ttl"


def test_each_state_is_named_in_the_six_official_languages(kg) -> None:
    rows = kg.query(
        "SELECT ?s (COUNT(DISTINCT LANG(?l)) AS ?n) WHERE { ?s a oewg:State ; skos:prefLabel ?l } GROUP BY ?s"
    )
    assert {row["n"] for row in rows} == {6}


def test_each_thing_has_exactly_one_english_label(kg) -> None:
    rows = kg.query("""SELECT ?s (COUNT(DISTINCT ?l) AS ?n) WHERE { ?s a ?class 
            FILTER (STRSTARTS(STR(?class), STR(oewg:)) && ?class NOT IN (oewg:SourceLine, oewg:Claim))
                       OPTIONAL { ?s skos:prefLabel ?l FILTER (LANG(?l) = "en") } } GROUP BY ?s HAVING (COUNT(DISTINCT ?l) != 1)""")
    assert not [(terms.compact(row["s"]), row["n"]) for row in rows], (
        "give each thing one English skos:prefLabel, the same in every line"
    )


def test_only_office_holders_are_named_as_persons(kg) -> None:
    people = {row["p"] for row in kg.query("SELECT ?p WHERE { ?p a oewg:Person }")}
    holders = {row["p"] for row in kg.query("SELECT ?p WHERE { ?t a oewg:Tenure ; oewg:holder ?p }")}
    assert people and not people - holders, "a person stands here only as the holder of an office"


def test_no_contact_data_anywhere() -> None:
    address = re.compile(r"[\w.+-]+@[\w-]+\.\w+|\+\d{1,3}[ \d]{8,}|mailto:", re.IGNORECASE)
    files = [
        path
        for folder in ("ontology", "data", "shapes", "queries")
        for path in (DATA / folder).rglob("*")
        if path.is_file()
    ]
    assert len(files) > 100
    assert not [path.name for path in files if address.search(path.read_text(encoding="utf-8"))], "take the address out"


def test_no_blank_nodes_and_no_lists_in_the_data(kg) -> None:
    import pyoxigraph as ox

    for quad in kg.dataset.store:
        graph = quad.graph_name
        if (
            isinstance(graph, ox.NamedNode)
            and "/graph/ontology/" not in graph.value
            and graph.value != BASE + "graph/inferred"
        ):
            assert not isinstance(quad.subject, ox.BlankNode) and not isinstance(quad.object, ox.BlankNode), quad


def test_every_line_graph_is_of_a_line_that_its_page_has(kg) -> None:
    counted = dict.fromkeys(SOURCES, 0)
    lengths = {row["s"]: row["n"] for row in kg.query("SELECT ?s ?n { ?s a oewg:Source ; oewg:lineCount ?n }")}
    assert {lengths[f"{BASE}source/{name}"] for name in SOURCES} == {lines for _, lines in SOURCES.values()}
    for graph in kg.dataset.files:
        page, mark, number = graph.rpartition("#L")
        if mark:
            name = page.removeprefix(BASE + "source/")
            assert 1 <= int(number) <= lengths[page], graph
            if name in counted:
                counted[name] += 1
    assert counted == {
        "gge-oewg-events": 115,
        "oewg-2019-2021": 274,
        "oewg-2021-2025": 117,
        "oewg-2019-2021-monitor": 32,
        "un-oewg": 97,
    }


def test_the_graphs_of_a_page_are_in_the_order_of_the_page() -> None:
    files = list((DATA / "data" / "sources").glob("*.trig"))
    assert {path.stem for path in files} >= SOURCES.keys()
    for path in files:
        text = path.read_text(encoding="utf-8")
        numbers = [int(number) for number in re.findall(r"^p\d+:(\d+) \{", text, re.MULTILINE)]
        assert numbers and numbers == sorted(set(numbers)), (
            f"{path.name}: one graph for each line, in the order of the page"
        )


def test_what_a_page_prints_is_only_in_its_lines(kg) -> None:
    rows = kg.query("""SELECT DISTINCT ?g ?p WHERE { GRAPH ?g { ?s ?p ?o }
        VALUES ?p { oewg:nameInSource oewg:labelInSource oewg:dateInSource oewg:timeInSource
            oewg:listedAs oewg:submittedBy oewg:underHeading } }""")
    assert not [row for row in rows if "#L" not in row["g"]], "what is printed is said in the graph of its line"


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
def test_look_alikes_stay_apart(kg, one: str, other: str) -> None:
    names = by_name.all_names(kg.dataset.store)
    mine, theirs = ({terms.folded(name) for name in names[terms.expand(term) or ""]} for term in (one, other))
    assert mine and theirs
    assert not mine & theirs, f"{one} and {other} share a name: they are different"


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_line_of_a_page_is_transcribed_or_marked(kg, source: str) -> None:
    notation, lines = SOURCES[source]
    pages = sorted(PAGES.glob(f"{notation}_*.txt"))
    if not pages:
        pytest.skip(material.reason("OEWG_PAGES", f"the text of page {notation}"))
    found = coverages.coverage(kg.dataset, pages[0])
    assert found.source == BASE + "source/" + source
    assert found.same_text, "the text is another version than the one transcribed"
    assert not found.missing and not found.changed
    assert len(found.facts) + len(found.marked) + len(found.blank) == lines
    assert all(why for _, _, why in found.marked), "say why a line states no fact"


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_what_is_said_to_be_printed_is_printed_there(kg, source: str) -> None:
    pages = sorted(PAGES.glob(f"{SOURCES[source][0]}_*.txt"))
    if not pages:
        pytest.skip(material.reason("OEWG_PAGES", f"the text of page {SOURCES[source][0]}"))
    text = [_plain(line) for line in coverages.page_lines(pages[0])]
    rows = kg.query(f"""SELECT ?g ?p ?o WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER (STRSTARTS(STR(?g), "{BASE}source/{source}#L"))
        VALUES ?p {{ oewg:nameInSource oewg:labelInSource oewg:dateInSource oewg:timeInSource
            oewg:weekdayInSource oewg:symbol dcterms:title }} }}""")
    assert len(rows) > 40
    strange = []
    for row in rows:
        at = int(row["g"].rpartition("#L")[2]) - 1
        # A schedule may print the days on one line and the month on the next.
        around = "".join(text[max(at - 1, 0) : at + 2]) if row["p"].endswith("dateInSource") else text[at]
        if _plain(str(row["o"])) not in around:
            strange.append((at + 1, row["o"]))
    assert not strange, "write it as the line prints it"


def test_no_printed_title_is_cut_off(kg) -> None:
    """Take from each line of documents and contributions all that the data say it prints, with dates and languages: little may be left."""
    pages = sorted(PAGES.glob("00[01]_*.txt"))
    if len(pages) < 2:
        pytest.skip(material.reason("OEWG_PAGES", "the text of page 000 or 001"))
    text = {path.name[:3]: coverages.page_lines(path) for path in pages}
    rows = kg.query("""SELECT ?n ?at ?thing ?label (GROUP_CONCAT(?printed; separator="\\n") AS ?all) WHERE {
        ?line oewg:ofSource/skos:notation ?n ; oewg:lineNumber ?at .
        GRAPH ?line { ?thing oewg:labelInSource ?label . ?any ?p ?printed }
        FILTER (?n IN ("000", "001") && (?p IN (dcterms:title, oewg:symbol) || STRENDS(STR(?p), "InSource")))
        FILTER (STRSTARTS(STR(?thing), STR(document:)) || STRSTARTS(STR(?thing), STR(contribution:)))
        } GROUP BY ?n ?at ?thing ?label ORDER BY ?n ?at""")
    assert len(rows) > 180
    cut = set()
    for row in rows:
        left = " ".join(text[row["n"]][int(row["at"]) - 1].split())
        for printed in sorted(str(row["all"]).split("\n"), key=len, reverse=True):
            left = left.replace(printed, " ")
        left = re.sub(r"[(\[][^()\[\]]*\b(?:20\d\d|March)[)\]]|" + "|".join(LANGUAGES), " ", left)
        if words := " ".join(re.findall(r"[^\W\d_]{2,}", left)):
            cut.add((row["n"], int(row["at"]), words))
    # A remark on languages, a sentence,
    # a note to the editor, a remark on a date.
    known = {("000", 78), ("001", 221), ("000", 116), ("000", 182), ("001", 5)}
    strange = {one for one in cut if one[:2] not in known and one[2] != "and"}
    assert not strange, f"a printed title keeps its words, authors among them: {sorted(strange)}"
    assert known <= {one[:2] for one in cut}, "an exception that is none any more"


def test_each_heading_of_a_list_or_an_event_has_its_printed_form(kg) -> None:
    rows = kg.query("""SELECT DISTINCT ?n ?at WHERE {
        ?heading oewg:ofSource/skos:notation ?n ; oewg:lineNumber ?at .
        FILTER EXISTS { ?line oewg:underHeading ?heading }
        GRAPH ?heading { ?thing a ?class } FILTER (?class IN (oewg:List, oewg:Event, oewg:Session, oewg:Meeting, oewg:SideEvent))
        FILTER NOT EXISTS { GRAPH ?heading { ?any oewg:labelInSource|dcterms:title ?printed } } } ORDER BY ?n ?at""")
    # These three announce their list with a sentence, and sentences are not copied.
    ours = {number for number, _ in SOURCES.values()}
    found = [(row["n"], row["at"]) for row in rows if row["n"] in ours]
    assert found == [("000", 120), ("004", 13), ("004", 34)]


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def test_the_digest_of_each_page_is_that_of_the_text(kg) -> None:
    pages = {path.name[:3]: path for path in PAGES.glob("*.txt")}
    if not pages:
        pytest.skip(material.reason("OEWG_PAGES", "the text of any page"))
    rows = kg.query("SELECT ?s ?n ?d WHERE { ?s a oewg:Source ; skos:notation ?n ; oewg:digest ?d }")
    told = {row["n"]: row["d"] for row in rows}
    assert {
        number: hashlib.sha256(path.read_bytes()).hexdigest() for number, path in pages.items()
    }.items() <= told.items()


def test_each_line_that_is_transcribed_has_its_number_of_triples(kg) -> None:
    missing = kg.query("""SELECT ?line { ?line a oewg:SourceLine
        FILTER EXISTS { GRAPH ?line { ?s ?p ?o } } FILTER NOT EXISTS { ?line oewg:tripleCount ?n } }""")
    assert not list(missing), "record them: oewg coverage PAGE.txt --record"
    assert len(list(kg.query("SELECT ?line { ?line oewg:tripleCount ?n }"))) > 400


def test_the_addresses_of_the_pages_are_those_found_with_their_evidence(kg: KnowledgeGraph) -> None:
    """The table of reference/source-addresses, but for commas in the names of publishers, which would split them."""
    table = material.needed(
        "OEWG_REFERENCE", material.folder("OEWG_REFERENCE", "source-addresses", "source-addresses.csv"), "the addresses"
    )
    kinds = {"official": "official-page", "monitor": "monitor-page", "secondary": "secondary-page"}
    with table.open(encoding="utf-8", newline="") as file:
        wanted = {
            row["page"]: (row["address"], PREFIXES["kind"] + kinds[row["kind"]], float(row["confidence"]))
            for row in csv.DictReader(file)
        }
    found = kg.query(
        """SELECT ?page ?address ?kind ?confidence ?evidence { ?source a oewg:Source ; skos:notation ?page ; oewg:kind ?kind ;
        oewg:address ?address ; oewg:addressConfidence ?confidence ; oewg:publisher ?by ; oewg:addressEvidence ?evidence }"""
    )
    assert {row["page"]: (row["address"], row["kind"], row["confidence"]) for row in found} == wanted  # type: ignore[union-attr]


def test_the_line_that_bounds_the_day_of_saving_states_that_day(kg: KnowledgeGraph) -> None:
    """Read from the pages: 001:4 has 25 March 2021, 002:40 March2024, 003:2 and 004:6 name the months."""
    found = kg.query("SELECT ?line ?day { ?source oewg:savedNotBefore ?day ; oewg:savedNotBeforeBy ?line }")
    told = {(terms.compact(row["line"]), row["day"]) for row in found}  # type: ignore[union-attr,arg-type]
    assert told == {("p1:4", "2021-03-25"), ("p2:40", "2024-03"), ("p3:2", "2021-03"), ("p4:6", "2024-03")}
