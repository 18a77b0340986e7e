"""Where a fact comes from: claims with line, heading and decision; names in any spelling; what of a page is transcribed."""

import hashlib
from pathlib import Path

import pyoxigraph as ox
import pytest

import oewg_kg
from oewg_kg import terms
from oewg_kg.errors import OewgError, StorageError, UnknownNameError, UsageError
from oewg_kg.evidence import claims
from oewg_kg.evidence import coverage as coverages
from oewg_kg.find import by_name
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, INFERRED, PREFIXES

P1, P3 = PREFIXES["source"] + "oewg-2019-2021#L", PREFIXES["source"] + "oewg-2019-2021-monitor#L"
REPORT = ox.NamedNode(BASE + "document/mini-report")
ADOPTED = ox.NamedNode(PREFIXES["oewg"] + "adoptedOn")


def test_claims_that_disagree_are_side_by_side_with_the_decision(mini_kg: KnowledgeGraph) -> None:
    found = claims.claims_about(mini_kg.dataset, REPORT, ADOPTED)
    assert [(terms.text_of(c.object), c.graph, c.fate) for c in found] == [
        ("2021-03-05", P1 + "5", "set aside"),
        ("2021-03-12", P3 + "1", "preferred"),
    ]
    assert all(c.reason and "misprint" in c.reason for c in found)
    assert found[0].file == "data/sources/oewg-2019-2021.trig"


def test_a_claim_names_the_heading_above_its_line(mini_kg: KnowledgeGraph) -> None:
    found = claims.claims_about(mini_kg.dataset, ox.NamedNode(BASE + "contribution/mini-IRN-1"))
    stated = [c for c in found if c.graph != INFERRED]
    assert {c.graph for c in stated} == {P1 + "4"}
    assert {c.heading for c in stated} == {P1 + "1"}
    assert {c.fate for c in found} == {None}


def test_names_come_first_and_what_is_inferred_is_marked(mini_kg: KnowledgeGraph) -> None:
    found = claims.claims_about(mini_kg.dataset, ox.NamedNode(BASE + "state/TUR"))
    assert [terms.compact(c.predicate.value) for c in found][:5] == [
        "rdf:type",
        "rdf:type",
        "skos:prefLabel",
        "skos:altLabel",
        "oewg:nameInSource",
    ]
    assert {terms.compact(c.predicate.value) for c in found if c.graph == INFERRED} == {
        "rdf:type",
        "oewg:submitted",
        "oewg:contributedOn",
    }


def test_nothing_is_claimed_of_what_is_not_there(mini_kg: KnowledgeGraph) -> None:
    assert claims.claims_about(mini_kg.dataset, ox.NamedNode(BASE + "state/XXX")) == []


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("I.R. Iran", "state:IRN"),
        ("i r iran", "state:IRN"),
        ("Iran (Islamic Republic of)", "state:IRN"),
        ("Türkiye", "state:TUR"),
        ("turkiye", "state:TUR"),
        ("TÜRKİYE", "state:TUR"),
        ("turkey", "state:TUR"),
        ("republic of turkey", "state:TUR"),
        ("cote d'ivoire", "state:CIV"),
        ("Cote d’Ivoire", "state:CIV"),
        ("NAM", "group:NAM"),
        ("non aligned", "group:NAM"),
        ("movement", "group:NAM"),
        ("Estnia", "state:EST"),
        ("report of the small world", "document:mini-report"),
    ],
)
def test_a_thing_is_found_in_any_spelling(text: str, best: str, mini_kg: KnowledgeGraph) -> None:
    found = by_name.search(mini_kg.dataset, text)
    assert terms.compact(found[0].iri) == best
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True)


@pytest.mark.parametrize(
    ("text", "best"),
    [("iran", "state:IRN"), ("i.r. iran", "state:IRN"), ("turkiye", "state:TUR"), ("turkey", "state:TUR")],
)
def test_the_real_states_are_found_as_the_pages_spell_them(text: str, best: str, kg: KnowledgeGraph) -> None:
    assert best in [terms.compact(m.iri) for m in kg.search(text)]


def test_a_complete_name_is_better_than_a_part(mini_kg: KnowledgeGraph) -> None:
    found = by_name.search(mini_kg.dataset, "estonia")
    assert [(terms.compact(m.iri), m.score) for m in found[:2]] == [
        ("state:EST", 1.0),
        ("contribution:mini-EST-1", 0.9),
    ]
    assert len(by_name.search(mini_kg.dataset, "a", most=2)) == 2


@pytest.mark.parametrize("text", ["", "   ", "...", "xyzzy"])
def test_nothing_is_found_for_nothing(text: str, mini_kg: KnowledgeGraph) -> None:
    assert by_name.search(mini_kg.dataset, text) == []


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("state:TUR", "state:TUR"),
        (f"<{BASE}state/TUR>", "state:TUR"),
        ("Turkey", "state:TUR"),
        ("nam", "group:NAM"),
        ("p1:4", "p1:4"),
        ("oewg:submittedBy", "oewg:submittedBy"),
    ],
)
def test_a_name_is_read(text: str, iri: str, mini_kg: KnowledgeGraph) -> None:
    assert terms.compact(by_name.resolve_name(mini_kg.dataset, text).value) == iri


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("state:XXX", "state:XXX is not in this dataset; use `oewg search`"),
        ("http://example.org/a", "http://example.org/a is not in this dataset"),
        ("http://%zz", "no name matches 'http://%zz'"),
        ("Estnia", "no name matches 'Estnia'; did you mean \"Estonia\" (state:EST)?"),
        ("islamic", 'did you mean "Iran (Islamic Republic of)" (state:IRN)?'),
        ("xyzzy", "no name matches 'xyzzy'; use `oewg search`"),
        ("", "no name matches ''"),
    ],
)
def test_an_unknown_name_is_reported_with_suggestions(text: str, told: str, mini_kg: KnowledgeGraph) -> None:
    with pytest.raises(UsageError) as error:
        by_name.resolve_name(mini_kg.dataset, text)
    assert told in str(error.value)


def test_a_name_of_several_things_is_reported_with_all_of_them(mini: Path) -> None:
    (mini / "data" / "more.ttl").write_text(
        f'<{BASE}group/other> <{PREFIXES["skos"]}altLabel> "N.A.M." . <{BASE}document/nam> <{PREFIXES["skos"]}prefLabel> "n a m" .'
    )
    kg = oewg_kg.load(str(mini))
    with pytest.raises(UsageError, match="'n-a-m' is ambiguous; choose one of document:nam, group:other"):
        by_name.resolve_name(kg.dataset, "n-a-m")


@pytest.fixture
def page(mini: Path) -> Path:
    return mini / "pages" / "001_first.txt"


def test_every_line_of_the_page_is_accounted_for(page: Path, mini_kg: KnowledgeGraph) -> None:
    found = coverages.coverage(mini_kg.dataset, page)
    assert found.source == BASE + "source/oewg-2019-2021"
    assert found.same_text
    assert (found.facts, found.blank, found.missing, found.changed) == ((1, 2, 4, 5), (3,), (), ())
    assert found.marked == ((6, "navigation", "link to the top of the page"),)


def test_a_line_that_no_graph_names_is_missing(page: Path, mini: Path) -> None:
    trig = mini / "data" / "sources" / "oewg-2019-2021.trig"
    trig.write_text(trig.read_text().partition("p1:6 {")[0])
    found = coverages.coverage(oewg_kg.load(str(mini)).dataset, page)
    assert found.missing == (6,)


def test_another_version_of_the_page_tells_what_changed(page: Path, mini_kg: KnowledgeGraph) -> None:
    page.write_text(page.read_text().replace("Estonia [comments]", "Estonia [remarks]") + "A new line\n")
    found = coverages.coverage(mini_kg.dataset, page)
    assert not found.same_text
    assert found.changed == (2, 7)
    assert found.missing == found.gone == ()
    assert found.facts == (1, 4, 5)


def test_a_line_put_in_at_the_top_is_one_new_line_and_the_others_have_moved(
    page: Path, mini_kg: KnowledgeGraph
) -> None:
    page.write_text("A new line\n" + page.read_text())
    found = coverages.coverage(mini_kg.dataset, page)
    assert found.changed == (1,)
    assert found.gone == found.missing == ()
    assert found.moved == len(found.facts) + len(found.marked)


def test_lines_that_are_gone_are_reported_by_their_old_numbers(page: Path, mini_kg: KnowledgeGraph) -> None:
    page.write_text("\n".join(page.read_text().split("\n")[:2]))
    found = coverages.coverage(mini_kg.dataset, page)
    assert found.changed == ()
    assert found.gone and min(found.gone) > 2


def test_spaces_at_the_ends_of_a_line_are_not_a_change(page: Path, mini_kg: KnowledgeGraph) -> None:
    page.write_bytes(page.read_bytes().replace(b"\n", b"  \r\n"))
    found = coverages.coverage(mini_kg.dataset, page)
    assert found.changed == found.missing == ()
    assert not found.same_text


def test_the_page_is_known_by_its_lines_whatever_its_name(page: Path, mini_kg: KnowledgeGraph) -> None:
    other = page.rename(page.with_name("003_misnamed.txt"))
    assert coverages.coverage(mini_kg.dataset, other).source == BASE + "source/oewg-2019-2021"


def test_a_copy_with_line_ends_of_windows_is_the_same_page(page: Path, mini_kg: KnowledgeGraph) -> None:
    page.write_bytes(b"\xef\xbb\xbf" + page.read_bytes().replace(b"\n", b"\r\n"))
    found = coverages.coverage(mini_kg.dataset, page.rename(page.with_name("saved on windows.txt")))
    assert found.same_text and (found.facts, found.missing, found.changed) == ((1, 2, 4, 5), (), ())


def test_a_page_is_known_by_its_digest_where_none_of_its_lines_is_recorded(page: Path, mini: Path) -> None:
    (mini / "data" / "sources" / "oewg-2019-2021.lines.ttl").unlink()
    found = coverages.coverage(oewg_kg.load(str(mini)).dataset, page)
    assert found.source == BASE + "source/oewg-2019-2021" and found.same_text


def test_another_text_is_refused_whatever_its_name_begins_with(page: Path, mini_kg: KnowledgeGraph) -> None:
    page.write_text("Quite another text\nof two lines\n")
    assert page.name == "001_first.txt"
    with pytest.raises(UsageError, match=r"does not match any of the source pages; .*`oewg source add`"):
        coverages.coverage(mini_kg.dataset, page)


def test_the_next_lines_to_transcribe_are_under_the_nearest_heading(mini: Path, mini_kg: KnowledgeGraph) -> None:
    assert coverages.open_lines(mini_kg.dataset.store) == []
    trig = mini / "data" / "sources" / "oewg-2019-2021.trig"
    graphs = trig.read_text().split("\np1:")
    trig.write_text("\np1:".join(one for one in graphs if not one.startswith(("4 {", "6 {"))))
    # line 1 of the small page is the heading of its list
    heading = "p1:1 Zero Draft of the small world"
    assert coverages.open_lines(oewg_kg.load(str(mini)).dataset.store) == [(P1 + "4", heading), (P1 + "6", heading)]


def test_a_text_that_is_not_a_page_is_refused(tmp_path: Path, mini_kg: KnowledgeGraph) -> None:
    (tmp_path / "other.txt").write_text("Quite another text\n")
    with pytest.raises(UsageError, match=r"other\.txt: this text does not match any of the source pages; give"):
        coverages.coverage(mini_kg.dataset, tmp_path / "other.txt")
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(UsageError):
        coverages.coverage(mini_kg.dataset, tmp_path / "empty.txt")
    with pytest.raises(StorageError, match=r"nowhere\.txt: file or folder not found"):
        coverages.coverage(mini_kg.dataset, tmp_path / "nowhere.txt")
    with pytest.raises(StorageError):
        coverages.coverage(mini_kg.dataset, tmp_path)


def test_the_digests_of_a_page_are_written(page: Path, mini: Path, mini_kg: KnowledgeGraph) -> None:
    place = mini / "data" / "sources" / "oewg-2019-2021.lines.ttl"
    assert coverages.line_records(BASE + "source/oewg-2019-2021", page, mini_kg.dataset.store) == place.read_text()


@pytest.mark.parametrize("edited", ["A new line\n{}", "Comments on the Zero Draft\n"], ids=["moved", "gone"])
def test_a_line_that_has_a_graph_never_gets_other_words(edited: str, page: Path, mini_kg: KnowledgeGraph) -> None:
    page.write_text(edited.format(page.read_text()))
    name = "source:oewg-2019-2021-" + hashlib.sha256(page.read_bytes()).hexdigest()[:8]
    with pytest.raises(
        UsageError,
        match=f"would change, although the line may have been cited.*record the edited page as a new source, {name}, ",
    ):
        coverages.line_records(BASE + "source/oewg-2019-2021", page, mini_kg.dataset.store)


def test_an_edited_page_is_a_new_capture_that_carries_over_the_lines_it_still_has(page: Path, mini: Path) -> None:
    page.write_text("A new line\n" + page.read_text().replace("NAM", "Group of 77"))
    digest = hashlib.sha256(page.read_bytes()).hexdigest()
    new, former = f"{BASE}source/oewg-2019-2021-{digest[:8]}", BASE + "source/oewg-2019-2021"
    with (mini / "data" / "sources.ttl").open("a") as sources:
        sources.write(
            f'\n<{new}> a oewg:Source ; skos:prefLabel "first page, edited"@en ; oewg:digest "{digest}" ;\n'
            '    vann:preferredNamespacePrefix "p9" ;\n'
            f"    prov:wasRevisionOf <{former}> .\n"
        )
    before = coverages.coverage(oewg_kg.load(str(mini)).dataset, page)
    assert (before.source, before.same_text) == (new, True)
    # The six lines stand one lower; of them line 5 of the former capture is changed.
    assert (before.facts, before.changed, before.missing) == ((2, 3, 5), (1, 6), ())
    records = mini / "data" / "sources" / f"{new.rpartition('/')[2]}.lines.ttl"
    records.write_text(coverages.line_records(new, page, oewg_kg.load(str(mini)).dataset.store))
    dataset = oewg_kg.load(str(mini)).dataset
    carried = dataset.store.quads_for_pattern(None, ox.NamedNode(PREFIXES["prov"] + "wasQuotedFrom"), None, None)
    assert {(q.subject.value, q.object.value) for q in carried} == {
        (f"{new}#L{now}", f"{former}#L{then}") for now, then in ((2, 1), (3, 2), (5, 4), (7, 6))
    }
    after = coverages.coverage(dataset, page)
    assert (after.facts, after.missing, after.changed, after.moved) == ((2, 3, 5), (1, 6), (), 0)
    assert [number for number, *_ in after.marked] == [7]
    (mini / "data" / "sources" / "new.trig").write_text(
        f"<{new}#L1> {{ <{new}#L1> <{PREFIXES['oewg']}underNoHeading> true }}\n"
        f'<{new}#L6> {{ <{BASE}group/G77> <{PREFIXES["oewg"]}nameInSource> "Group of 77" }}\n'
    )
    assert coverages.coverage(oewg_kg.load(str(mini)).dataset, page).missing == ()


def test_a_line_is_recorded_with_the_number_of_triples_of_its_graph(page: Path, mini_kg: KnowledgeGraph) -> None:
    source = BASE + "source/oewg-2019-2021"
    written = coverages.line_records(source, page, mini_kg.dataset.store)
    # p1:6 of the small world: a status and a comment
    assert written.partition("p1:6 a ")[2].partition(" .\n")[0].endswith(";\n    oewg:tripleCount 2")
    assert "tripleCount" not in coverages.line_records(source, page, ox.Store())


def test_a_page_without_a_prefix_says_what_to_add(page: Path) -> None:
    with pytest.raises(
        OewgError, match="the page other has no short name for its lines; add vann:preferredNamespacePrefix"
    ):
        coverages.line_records(BASE + "source/other", page, ox.Store())


# The rules in data/README.md: labels, types, kinds, topics, descriptions and comments are in the editors' own words.
OURS = """rdf:type skos:prefLabel skos:altLabel oewg:kind oewg:classifiedAs oewg:lineStatus oewg:otherLocalName
    dcterms:description dcterms:subject rdfs:comment"""


def test_what_a_line_prints_is_distinguished_from_our_words_about_it(kg: KnowledgeGraph) -> None:
    assert {terms.compact(iri) for iri in terms.editorial(kg.dataset.store)} == set(OURS.split())
    # Line 47 of p1 prints "I.R. Iran" and "ZD amendments".
    found = {
        terms.compact(c.predicate.value): c.ours for c in kg.why("contribution:oewg1-zd-IRN-2") if c.graph != INFERRED
    }
    assert [name for name, ours in found.items() if ours] == ["rdf:type", "skos:prefLabel", "oewg:kind"]
    assert not found["oewg:labelInSource"] and not found["oewg:submittedBy"]
    assert not any(c.ours for c in kg.why("state:IRN", "skos:prefLabel")), "a label in a file of ours is about no line"


def test_a_decision_about_a_line_explains_what_the_line_prints_and_not_our_words(kg: KnowledgeGraph) -> None:
    found = {
        terms.compact(c.predicate.value): c for c in kg.why("contribution:oewg1-wp-joint-2-1") if c.graph != INFERRED
    }
    assert found["oewg:submittedBy"].fate == "explained"
    assert "two states with one proposal" in (found["oewg:submittedBy"].reason or "")
    assert found["oewg:kind"].fate is None


def test_a_claim_is_called_by_what_it_says(kg: KnowledgeGraph) -> None:
    said = "Resolution A/RES/75/240, adopted on: 2020-12-31"
    assert terms.name(kg.dataset.store, PREFIXES["claim"] + "res-75-240-adoption-1") == said


@pytest.mark.parametrize("text", ["oewg1", "process:oewg1", BASE + "process/oewg1"])
def test_another_local_name_leads_to_the_entity(text: str, kg: KnowledgeGraph) -> None:
    first = by_name.resolve_name(kg.dataset, "process:ict-oewg-2019-2021")
    assert by_name.resolve_name(kg.dataset, text) == first
    assert kg.ask("sessions-of-process", process=text).rows == kg.ask("sessions-of-process", process=first.value).rows
    with pytest.raises(UnknownNameError):
        by_name.resolve_name(kg.dataset, "event:oewg1")
