"""The decisions of the curators: each has its reason, each claim is one that its line makes, and no conflict is left undecided.

The queries in `queries/conflict-candidates/` find what may be a conflict. A row that no decision covers is a new one: decide it.
"""

import shutil
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

import oewg_kg
from conftest import ROOT
from oewg_kg import paths, terms
from oewg_kg.cli import main
from oewg_kg.dataset import select
from oewg_kg.disagreements import candidates
from oewg_kg.disagreements.candidates import DecisionScope
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

CANDIDATES = sorted((ROOT / "queries" / "conflict-candidates").glob("*.rq"))
AT_LEAST = {"decisions": 100, "claims": 90, "queries": 20}
REASONS = {"misprint", "superseded", "imprecise", "contested", "reading"}
RELATIONS = ("prefers", "setsAside", "keeps")
DECISIONS = ox.NamedNode(PREFIXES["graph"] + "data/decisions")
RDF, RDFS, DCTERMS, SKOS = (PREFIXES[name] for name in ("rdf", "rdfs", "dcterms", "skos"))

PLANTED = """
    p1:33 {
        event:planted-1 a oewg:Meeting , oewg:Session ; oewg:ofProcess process:ict-oewg-2019-2021 ; oewg:kind kind:planted ;
            oewg:ordinal 1 ; oewg:status status:planned ; oewg:plannedStart "2020-11-15"^^xsd:date ;
            oewg:plannedEnd "2020-11-15"^^xsd:date ;
            oewg:timeZoneInSource "EDT" ; oewg:weekdayInSource "Monday" ; oewg:labelInSource "Letter for planting" .
        event:planted-2 a oewg:Meeting ; oewg:ofProcess process:ict-oewg-2019-2021 ; oewg:kind kind:planted ; oewg:ordinal 2 ;
            oewg:heldStart "2017-01-02"^^xsd:date ; oewg:heldEnd "2017-01-04"^^xsd:date ; oewg:meetingDay "2017-01-02"^^xsd:date ;
            oewg:labelInSource "Letter on planting" ; oewg:announcedEventCount 3 .
        event:planted-3 a oewg:Meeting ; oewg:ofProcess process:ict-oewg-2019-2021 ; oewg:kind kind:planted .
        document:planted-1 a oewg:Resolution ; oewg:symbol "A/RES/60/1" ; oewg:adoptedOn "2020-12-30"^^xsd:date ; dcterms:title "Planted" .
        document:planted-2 a oewg:Document ; oewg:symbol "A/RES/75/1" ; dcterms:title "planted" ; dcterms:date "2020-03-02"^^xsd:date .
        deadline:planted a oewg:Deadline ; oewg:concerns document:planted-2 ; oewg:due "2020-02-03"^^xsd:date .
        stakeholder:planted oewg:listedAs kind:igo ; oewg:classifiedAs kind:ngo ; oewg:nameInSource "Planted" .
        p1:33 oewg:underHeading p1:34 .
        list:planted a oewg:List .
    }
    p1:34 {
        event:planted-1 oewg:status status:held ; oewg:heldStart "2020-11-16"^^xsd:date .
        event:planted-2 oewg:earliestDate "2017-01-01"^^xsd:date .
        document:planted-1 oewg:adoptedOn "2020-12-31"^^xsd:date .
        stakeholder:planted-2 oewg:nameInSource "PLANTED" .
        event:planted-0 oewg:heldEnd "2019-01-01"^^xsd:date .
        list:planted a oewg:List .
    }
    p1:35 {
        p1:35 oewg:underHeading p1:36 .
        document:planted-4 a oewg:Document .
    }
    p1:36 { list:planted a oewg:List }
"""


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return oewg_kg.load(str(ROOT)).dataset.store


@pytest.fixture(scope="module")
def covers(store: ox.Store) -> DecisionScope:
    return DecisionScope(store)


@pytest.fixture(scope="module")
def planted(store: ox.Store) -> ox.Store:
    """Return the graph with conflicts put into it that no page has, one or more for each query."""
    copy = ox.Store()
    copy.extend(store)
    head = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
    for quad in ox.parse(head + PLANTED, format=ox.RdfFormat.TRIG):
        copy.add(quad)
        copy.add(ox.Quad(quad.subject, quad.predicate, quad.object))
    return copy


@pytest.fixture(scope="module")
def decisions(store: ox.Store) -> list[str]:
    found = sorted(
        {
            q.subject.value
            for q in store.quads_for_pattern(
                None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "Decision"), ox.DefaultGraph()
            )
        }
    )
    assert len(found) >= AT_LEAST["decisions"]
    return found


@pytest.fixture(scope="module")
def claims(store: ox.Store, decisions: list[str]) -> list[tuple[str, ox.Quad]]:
    """List the claims that decisions name: what the decision does with each, and the claim as a quad of its line's graph."""
    found = []
    for decision in decisions:
        for relation in RELATIONS:
            for claim in values(store, decision, OEWG + relation):
                parts = [
                    value
                    for predicate in (RDF + "subject", RDF + "predicate", RDF + "object", OEWG + "statedIn")
                    for value in values(store, claim.value, predicate)
                ]
                assert len(parts) == 4, f"{terms.compact(claim.value)}: give it one subject, predicate, object and line"
                found.append((relation, ox.Quad(*parts)))
    assert len(found) >= AT_LEAST["claims"]
    return found


def values(store: ox.Store, subject: str, predicate: str) -> list:
    return [
        q.object
        for q in store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None, ox.DefaultGraph())
    ]


def rows(store: ox.Store, path: Path) -> list[dict[str, object]]:
    solutions = store.query(path.read_text(encoding="utf-8"))
    names = [variable.value for variable in solutions.variables]
    return [{name: row[name] for name in names} for row in solutions]


def test_each_decision_has_a_label_a_reason_and_a_comment(store: ox.Store, decisions: list[str]) -> None:
    for decision in decisions:
        for predicate in (SKOS + "prefLabel", OEWG + "reason", RDFS + "comment"):
            assert len(values(store, decision, predicate)) == 1, (
                f"{terms.compact(decision)}: give it exactly one {terms.compact(predicate)}"
            )
        (reason,) = values(store, decision, OEWG + "reason")
        assert reason.value.removeprefix(PREFIXES["kind"]) in REASONS, (
            f"{terms.compact(decision)}: the reason is one of {sorted(REASONS)}"
        )


def test_each_decision_names_a_claim_or_a_line(store: ox.Store, decisions: list[str]) -> None:
    for decision in decisions:
        named = [value for relation in (*RELATIONS, "aboutLine") for value in values(store, decision, OEWG + relation)]
        assert named, f"{terms.compact(decision)}: say by oewg:aboutLine which line it reads"


def test_each_line_that_a_decision_is_about_is_transcribed(store: ox.Store, decisions: list[str]) -> None:
    graphs = set(store.named_graphs())
    for decision in decisions:
        for line in values(store, decision, OEWG + "aboutLine"):
            assert line in graphs, f"{terms.compact(decision)}: {terms.compact(line.value)} has no graph"


def test_a_decision_is_about_the_lines_of_its_claims(store: ox.Store, decisions: list[str]) -> None:
    for decision in decisions:
        lines = {
            line
            for relation in RELATIONS
            for claim in values(store, decision, OEWG + relation)
            for line in values(store, claim.value, OEWG + "statedIn")
        }
        missing = lines - set(values(store, decision, OEWG + "aboutLine"))
        assert not missing, (
            f"{terms.compact(decision)}: add oewg:aboutLine {', '.join(sorted(terms.compact(line.value) for line in missing))}"
        )


def test_each_claim_is_made_by_its_line(store: ox.Store, claims: list[tuple[str, ox.Quad]]) -> None:
    for _, claim in claims:
        assert claim in store, f"{claim} is not what its line states: look with `oewg show` and correct the claim"


def test_each_claim_belongs_to_a_decision(store: ox.Store, claims: list[tuple[str, ox.Quad]]) -> None:
    named = {
        q.object
        for relation in RELATIONS
        for q in store.quads_for_pattern(None, ox.NamedNode(OEWG + relation), None, ox.DefaultGraph())
    }
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + "Claim"), ox.DefaultGraph()):
        assert quad.subject in named, (
            f"{terms.compact(quad.subject.value)}: no decision prefers, sets aside or keeps it"
        )


def test_no_claim_is_both_used_and_set_aside(claims: list[tuple[str, ox.Quad]]) -> None:
    aside = {claim for relation, claim in claims if relation == "setsAside"}
    used = {claim for relation, claim in claims if relation != "setsAside"}
    assert not aside & used, f"two decisions contradict each other: {aside & used}"


def test_the_answers_do_not_hold_what_is_set_aside(store: ox.Store, claims: list[tuple[str, ox.Quad]]) -> None:
    aside = {claim for relation, claim in claims if relation == "setsAside"}
    assert aside
    for claim in aside:
        elsewhere = [
            q
            for q in store.quads_for_pattern(claim.subject, claim.predicate, claim.object)
            if "#L" in terms.text_of(q.graph_name) and q not in aside
        ]
        answered = ox.Quad(claim.subject, claim.predicate, claim.object) in store
        assert answered == bool(elsewhere), (
            f"{claim}: set aside in one line, stated by {[terms.text_of(q.graph_name) for q in elsewhere]}"
        )


def test_printed_forms_are_never_set_aside(claims: list[tuple[str, ox.Quad]]) -> None:
    for relation, claim in claims:
        assert relation != "setsAside" or not claim.predicate.value.endswith("InSource"), (
            f"{claim}: what a page prints stays"
        )


def test_what_is_checked_outside_the_pages_names_its_source(store: ox.Store, decisions: list[str]) -> None:
    cited = [decision for decision in decisions if values(store, decision, DCTERMS + "source")]
    assert len(cited) >= 8
    for decision in decisions:
        (comment,) = values(store, decision, RDFS + "comment")
        if "voting data" in comment.value or "the table" in comment.value.lower():
            assert decision in cited, f"{terms.compact(decision)}: cite the source by dcterms:source"


def test_the_queries_for_candidates_are_there() -> None:
    assert len(CANDIDATES) >= AT_LEAST["queries"]
    for path in CANDIDATES:
        assert path.read_text(encoding="utf-8").startswith("#+ summary: "), f"{path.name}: begin with #+ summary:"


@pytest.mark.parametrize("path", CANDIDATES, ids=lambda path: path.stem)
def test_each_candidate_is_decided(path: Path, store: ox.Store, covers: DecisionScope) -> None:
    for row in rows(store, path):
        found = {
            name: terms.compact(terms.text_of(term)) if isinstance(term, ox.NamedNode) else terms.text_of(term)
            for name, term in row.items()
            if term is not None
        }
        assert covers.covers_row(row), (
            f"{path.stem}: a conflict that nobody has decided, {found}: "
            "correct the transcription, or write a decision with this claim in data/decisions.ttl"
        )


@pytest.mark.parametrize("path", CANDIDATES, ids=lambda path: path.stem)
def test_each_query_finds_a_conflict_put_into_the_data(path: Path, planted: ox.Store) -> None:
    found = {terms.text_of(row["subject"]).rpartition("/")[2] for row in rows(planted, path)}
    assert any(name.startswith("planted") for name in found), f"{path.stem} does not find the conflict planted for it"


def test_a_planted_conflict_is_not_taken_for_a_decided_one(planted: ox.Store) -> None:
    covers = DecisionScope(planted)
    undecided = {path.stem for path in CANDIDATES for row in rows(planted, path) if not covers.covers_row(row)}
    assert undecided == {path.stem for path in CANDIDATES}


def test_a_decision_on_one_document_does_not_cover_another(store: ox.Store, covers: DecisionScope) -> None:
    """The decided row compares a date with that of one document; the same date against a new document is another conflict."""
    row = next(iter(rows(store, ROOT / "queries" / "conflict-candidates" / "deadline-before-document.rq")))
    assert covers.covers_row(row)
    assert not covers.covers_row(row | {"document": ox.NamedNode(PREFIXES["document"] + "new")})


def test_a_decision_about_one_line_does_not_cover_what_another_line_contradicts(store: ox.Store) -> None:
    """Two lines of which decisions say how each is read get a contradiction that neither decision is about."""
    about = [quad.object for quad in store.quads_for_pattern(None, ox.NamedNode(OEWG + "aboutLine"), None, DECISIONS)]
    one, other = sorted({line for line in about if "oewg-2019-2021#" in line.value}, key=lambda node: node.value)[:2]
    with_both = ox.Store()
    with_both.extend(list(store))
    thing, day = ox.NamedNode(PREFIXES["document"] + "planted"), ox.NamedNode(DCTERMS + "date")
    for line, text in ((one, "2019-01-01"), (other, "2019-01-02")):
        with_both.add(ox.Quad(thing, day, ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + "date")), line))
    query = ROOT / "queries" / "conflict-candidates" / "different-values.rq"
    planted = [row for row in rows(with_both, query) if row["subject"] == thing]
    assert {row["line"] for row in planted} == {one, other}
    assert not any(DecisionScope(with_both).covers_row(row, planted) for row in planted)


@pytest.mark.slow
def test_what_a_new_page_contradicts_is_reported_with_a_decision_to_paste(tmp_path: Path) -> None:
    """Line 004:21 names a session only; here it also gives resolution 73/27 another day of adoption."""
    root = tmp_path / "root"
    for name in ("ontology", "data", "queries", "shapes"):
        shutil.copytree(ROOT / name, root / name)
    page = root / "data" / "sources" / "un-oewg.trig"
    known = page.read_text(encoding="utf-8")
    day = '"2018-12-24"^^xsd:date'
    assert day not in known
    page.write_text(f"{known}\np4:21 {{ document:a-res-73-27 oewg:adoptedOn {day} }}\n", encoding="utf-8")

    def oewg(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--root", str(root), *arguments])

    assert "document:a-res-73-27" in oewg("validate").stdout
    told = oewg("conflicts", "--candidates")
    assert told.exit_code == 0
    assert "decision:a-res-73-27-adoption a oewg:Decision" in told.stdout
    place = root / "data" / "decisions.ttl"
    place.write_text(f"{place.read_text(encoding='utf-8')}\n{told.stdout}", encoding="utf-8")
    assert (
        "decision:a-res-73-27-adoption-2" in oewg("conflicts", "--candidates").stdout
    )  # its reason is not written yet
    place.write_text(place.read_text(encoding="utf-8").replace("TO WRITE: ", ""), encoding="utf-8")
    assert oewg("conflicts", "--candidates").stdout == "# 0 possible conflicts that no decision covers\n"


@pytest.mark.slow
def test_a_possible_conflict_is_compared_only_with_decisions_on_its_entity_or_lines(
    kg: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed: list[str] = []
    weighs = DecisionScope._weighs

    def counted(self: DecisionScope, decision: str, *of_row: Any) -> bool:
        weighed.append(decision)
        return weighs(self, decision, *of_row)

    monkeypatch.setattr(DecisionScope, "_weighs", counted)
    assert not candidates.undecided_conflicts(paths.find(str(ROOT)), kg.dataset)
    rows = sum(
        len([*select(kg.dataset.store, path.read_text())])
        for path in (ROOT / "queries" / "conflict-candidates").glob("*.rq")
    )
    assert rows > 100
    assert len(weighed) < 5 * rows, "not each of 146 decisions for each row"
