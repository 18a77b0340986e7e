"""The bridge to other vocabularies: made from the tables, kept out of our own graph, and enough for a query in their words."""

import subprocess
import sys

import pytest
import rdflib

from conftest import ROOT
from oewg_kg.export import rdf
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES

BRIDGE = ROOT / "ontology" / "bridge.ttl"
HEAD = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("dcterms", "prov", "schema", "skos", "xsd"))
HEAD += "PREFIX eli-dl: <http://data.europa.eu/eli/eli-draft-legislation-ontology#>\n"
# Questions in the words of others alone, and what the pages and the voting records say.
QUESTIONS = {
    # Page 2, line 5, and page 1, line 1 with its record: the days on which the General Assembly adopted them.
    "adopted": (
        'SELECT ?day { ?text a prov:Entity ; schema:identifier "A/RES/75/240" ; dcterms:dateAccepted ?day }',
        {"2020-12-31"},
    ),
    # The record of A/RES/73/27: 119 in favour, 46 against, 14 abstentions; those not voting did not take part.
    "voters": (
        """SELECT (COUNT(DISTINCT ?who) AS ?n) { ?vote a prov:Activity , eli-dl:Vote ; prov:wasAssociatedWith ?who ;
           schema:name "Vote of the General Assembly on A/RES/73/27"@en . ?who a schema:Country }""",
        {"179"},
    ),
    "against": (
        """SELECT (COUNT(?who) AS ?n) { ?vote schema:startDate "2018-12-05"^^xsd:date ; eli-dl:had_voter_against ?who }""",
        {"46"},
    ),
    # Page 0: the two informal exchanges that were cancelled.
    "cancelled": (
        "SELECT ?name { ?event a schema:Event ; schema:eventStatus schema:EventCancelled ; schema:name ?name }",
        {"First intersessional informal exchange", "Second intersessional informal exchange"},
    ),
    # Page 1, line 62: who gave the amendments, and who is that in other data.
    "given": (
        """SELECT ?same { ?paper a schema:CreativeWork ; schema:name "Russian Federation: ZD amendments"@en ;
           prov:wasAttributedTo ?who . ?who a prov:Agent ; schema:sameAs ?same
           FILTER (CONTAINS(STR(?same), "wikidata")) }""",
        {"http://www.wikidata.org/entity/Q159"},
    ),
    # Page 1, lines 107 to 127: each draft revises the one before.
    "revised": (
        """SELECT ?name { ?draft schema:name "Zero Draft of the OEWG substantive report"@en ; prov:wasRevisionOf ?before .
           ?before schema:name ?name }""",
        {"Revised pre-draft of the OEWG report"},
    ),
}


@pytest.fixture(scope="module")
def standard(kg: KnowledgeGraph) -> rdflib.Graph:
    quads = rdf.in_standard_terms(kg.dataset, kg.root)
    return rdflib.Graph().parse(data=rdf.serialize(kg.dataset, quads, "turtle"), format="turtle")


def test_the_bridge_is_what_the_tables_make_of_it() -> None:
    code = "import sys; sys.path.insert(0, 'docs'); import bridge; sys.stdout.buffer.write(bridge.bridge().encode())"
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT, timeout=60)
    assert made.stdout == BRIDGE.read_bytes(), "data/links changed: run `make docs`"


def test_only_narrower_terms_of_ours_cross_it() -> None:
    graph = rdflib.Graph().parse(BRIDGE)
    axioms = [(s, p, o) for s, p, o in graph if p in (rdflib.RDFS.subClassOf, rdflib.RDFS.subPropertyOf)]
    assert len(axioms) > 60
    assert all(isinstance(s, rdflib.BNode) or s.startswith(OEWG) for s, _, _ in axioms)
    assert not any(isinstance(o, rdflib.URIRef) and o.startswith(BASE) for _, _, o in axioms)
    assert (rdflib.URIRef(OEWG + "Decision"), rdflib.RDFS.subClassOf, None) not in graph, "a look-alike crosses nothing"


@pytest.mark.filterwarnings("ignore::oewg_kg.errors.QueryWarning")  # the answers are meant to be empty
def test_our_own_graph_rests_on_none_of_it(kg: KnowledgeGraph) -> None:
    assert BRIDGE not in kg.root.sources()
    assert kg.query("ASK { ?thing a schema:Event }") is False
    assert kg.query("ASK { oewg:Event rdfs:subClassOf schema:Event }") is False


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_query_in_their_words_alone_has_the_right_answer(name: str, standard: rdflib.Graph) -> None:
    text, wanted = QUESTIONS[name]
    assert {str(row[0]) for row in standard.query(HEAD + text)} == wanted


def test_the_file_says_nothing_in_our_words_and_makes_no_concept_of_a_state(standard: rdflib.Graph) -> None:
    assert not [p for p in standard.predicates() if p.startswith(BASE)]
    assert not [o for o in standard.objects(None, rdflib.RDF.type) if o.startswith(BASE)]
    assert not [p for p in standard.predicates() if p.startswith(PREFIXES["skos"])]
    silent = {rdflib.URIRef(OEWG + name) for name in ("TargetNotStated", "SubmitterNotStated")}
    assert not silent & (set(standard.subjects()) | set(standard.objects()))
