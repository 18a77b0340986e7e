"""What machines find: every IRI that our files name, and the tests of F-UJI 0.8 and FOOPS! that need neither a host nor a registry."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyoxigraph as ox
import pytest

from conftest import ROOT
from explorer import TestClient, client_of
from oewg_kg import build as dataset_build
from oewg_kg.knowledge_graph import KnowledgeGraph
from oewg_kg.release import build as release
from oewg_kg.release.statistics import Statistics
from oewg_kg.version import DATE, __version__
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, RDF_TYPE

pytestmark = pytest.mark.slow

HTML = {"Accept": "text/html"}
GRAPHS = ("text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples")
PARSED = {"ttl": ox.RdfFormat.TURTLE, "nq": ox.RdfFormat.N_QUADS, "nt": ox.RdfFormat.N_TRIPLES}
TEXTS = (".sssom.tsv", ".json", ".jsonld", ".cff", ".md")
IRI = re.compile(r"https://w3id\.org/oewg-kg/[\w./%-]*")
SPACE = re.compile(r"(?:@prefix|PREFIX) [\w-]*: *<(https://w3id\.org/oewg-kg/[^>]*)>")
HERE = f"release/{__version__}"
RELEASE, ONTOLOGY = BASE + HERE, ox.NamedNode(OEWG.removesuffix("#"))
DCT, DCAT, PROV = PREFIXES["dcterms"], "http://www.w3.org/ns/dcat#", PREFIXES["prov"]
RDFS, SKOS, OWL = PREFIXES["rdfs"], PREFIXES["skos"], PREFIXES["owl"]


@pytest.fixture(scope="module")
def client(kg: KnowledgeGraph) -> TestClient:
    return client_of(kg.root, kg.dataset, base_url="http://127.0.0.1")


def named(kg: KnowledgeGraph) -> dict[str, str]:
    """Collect the documents of ours that any file of a release names: terms of its RDF, prefixes, and IRIs in other texts."""
    found: dict[str, str] = {}
    known = release.describe_release(kg.root, kg.dataset, "")
    for path, content in release.files(kg.root, kg.dataset, known, Statistics(kg.dataset)).items():
        kind = path.rpartition(".")[2]
        if kind in PARSED and path != "graph/oewg-kg.ttl":
            for quad in ox.parse(content, format=PARSED[kind]):
                ends = (quad.subject, quad.predicate, quad.object, quad.graph_name)
                found |= {end.value: path for end in ends if isinstance(end, ox.NamedNode)}
        if path.endswith(TEXTS) and not path.startswith("graph/"):
            found |= {iri.rstrip("."): path for iri in IRI.findall(content.decode())}
        if kind in ("ttl", "rq"):
            found |= {space: path for space in SPACE.findall(content.decode())}
    return {iri.partition("#")[0]: path for iri, path in found.items() if iri.startswith(BASE)}


def test_every_iri_that_a_file_of_ours_names_is_answered_and_as_rdf_where_it_is_not_a_file(
    seen: "Seen", kg: KnowledgeGraph
) -> None:
    """Of things that the graph describes one of each class below each path is asked for, of claims one for each end of a digest.

    One lookup finds them all. Every other IRI is asked for.
    """
    classes: dict[str, set[str]] = {}
    for quad in kg.dataset.store.quads_for_pattern(None, None, None, ox.DefaultGraph()):
        if isinstance(quad.subject, ox.NamedNode):
            kinds = classes.setdefault(quad.subject.value, set())
            kinds |= {quad.object.value} if quad.predicate.value == RDF_TYPE else set()
    found = named(kg)
    assert len(found) > 9000
    claims = {iri: {iri[-2:]} for iri in found if iri.startswith(PREFIXES["claim"])}
    assert len(claims) > 5000
    alike = classes | claims
    asked = {(iri.rpartition("/")[0], *sorted(alike[iri])) if iri in alike else iri: iri for iri in found}
    assert len(asked) > 1000
    wrong = []
    for iri in asked.values():
        if iri.startswith(RELEASE + "/") or iri.endswith(".csv") or iri == f"{BASE}context/{__version__}":
            right = seen.answers(iri)
        else:
            answer = seen.client.get("/" + iri.removeprefix(BASE), headers={"Accept": "text/turtle"})
            rdf = answer.headers["content-type"].startswith("text/turtle") and len(answer.content) > 10
            right = answer.status_code == 200 and rdf
        if not right:
            wrong.append((iri, found[iri]))
    assert not wrong, wrong[:10]


@pytest.mark.parametrize("place", ["release", "ontology", "context"])
def test_another_version_is_said_not_to_be_here(client: TestClient, place: str) -> None:
    answer = client.get(f"/{place}/0.0.7")
    assert answer.status_code == 404
    assert answer.text == f"only version {__version__} is available here\n"


def test_the_files_for_crawlers_and_assistants(client: TestClient, kg: KnowledgeGraph) -> None:
    text = client.get("/llms.txt").text
    assert len(text.encode()) < 15_000 and all(f"- {name}: " in text for name in kg.questions)
    assert "What anyone argued" in text and "http://127.0.0.1/mcp" in text
    assert "Sitemap: http://127.0.0.1/sitemap.xml" in client.get("/robots.txt").text
    listed = re.findall("<loc>http://127.0.0.1(.*)</loc>", client.get("/sitemap.xml").text)
    assert len(listed) > 500 and len(set(listed)) == len(listed)
    assert {client.get(page, headers=HTML).status_code for page in [*listed[:20], *listed[20::50]]} == {200}


def test_data_of_other_sources_are_not_described_as_ours(tmp_path: Any, kg: KnowledgeGraph) -> None:
    (tmp_path / "own.ttl").write_text("<http://a.example/x> a <http://a.example/Y> .")
    own = client_of(kg.root, dataset_build.files_alone([tmp_path / "own.ttl"]))
    page = own.get("/", headers=HTML)
    assert "ld+json" not in page.text and "link" not in page.headers
    assert own.get(f"/{HERE}", headers=HTML).status_code == 404


@dataclass(frozen=True)
class Seen:
    """What an assessment sees of the release on loopback: the landing page, what it embeds, its links, the description as RDF."""

    client: TestClient
    asked: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def page(self) -> Any:
        return self.client.get(f"/{HERE}", headers=HTML)

    @cached_property
    def embedded(self) -> dict[str, Any]:
        (block,) = re.findall('<script type="application/ld\\+json">(.*?)</script>', self.page.text, re.DOTALL)
        return dict(json.loads(block))

    @cached_property
    def links(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for target, relation in re.findall(r'<([^>]*)>; rel="([\w-]+)"', self.page.headers["link"]):
            found.setdefault(relation, []).append(target)
        return found

    @cached_property
    def rdf(self) -> ox.Store:
        store = ox.Store()
        store.load(self.client.get(f"/{HERE}", headers={"Accept": "text/turtle"}).content, format=ox.RdfFormat.TURTLE)
        return store

    def values(self, *predicates: str, of: str = RELEASE) -> set[str]:
        quads = [q for p in predicates for q in self.rdf.quads_for_pattern(ox.NamedNode(of), ox.NamedNode(p), None)]
        return {getattr(quad.object, "value", "") for quad in quads}

    def answers(self, iri: str) -> bool:
        """Tell whether an IRI of ours, or an address of this server, is answered; each is asked for once, since files are made anew."""
        path = "/" + iri.removeprefix(BASE).removeprefix("http://127.0.0.1/")
        if path not in self.asked:
            self.asked[path] = self.client.get(path).status_code == 200
        return self.asked[path]

    def serves(self) -> bool:
        """Tell whether the description names a service, its address and its protocol: files that are not made yet have no size."""
        (service,) = self.rdf.quads_for_pattern(None, ox.NamedNode(DCAT + "servesDataset"), ox.NamedNode(RELEASE))
        protocol = "https://www.w3.org/TR/sparql11-protocol/"
        known = {q.predicate.value: q.object.value for q in self.rdf.quads_for_pattern(service.subject, None, None)}
        return known[DCT + "conformsTo"] == protocol and self.answers(known[DCAT + "endpointURL"])

    @cached_property
    def ontology(self) -> ox.Store:
        store = ox.Store()
        store.load(self.client.get("/ontology", headers={"Accept": "text/turtle"}).content, format=ox.RdfFormat.TURTLE)
        return store

    def declares(self, *predicates: str) -> bool:
        return all(any(self.ontology.quads_for_pattern(ONTOLOGY, ox.NamedNode(p), None)) for p in predicates)

    def terms(self) -> list[ox.NamedNode]:
        kinds = [ox.NamedNode(OWL + name) for name in ("Class", "ObjectProperty", "DatatypeProperty")]
        quads = [q for kind in kinds for q in self.ontology.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), kind)]
        return [q.subject for q in quads if isinstance(q.subject, ox.NamedNode) and q.subject.value.startswith(OEWG)]

    def each_has(self, *predicates: str) -> bool:
        return len(self.terms()) > 100 and all(
            any(any(self.ontology.quads_for_pattern(term, ox.NamedNode(p), None)) for p in predicates)
            for term in self.terms()
        )


@pytest.fixture(scope="module")
def seen(client: TestClient) -> Seen:
    return Seen(client)


CITED = ("creator", "name", "identifier", "publisher", "datePublished", "@type")
DESCRIBED = (*CITED, "description", "keywords")
FUJI: dict[str, Callable[[Seen], bool]] = {
    "FsF-F1-01MD-1": lambda s: s.embedded["identifier"].startswith("https://"),
    "FsF-F1-01MD-2": lambda s: all(one["contentUrl"].startswith("https://") for one in s.embedded["distribution"]),
    "FsF-F1-02MD-1": lambda s: s.embedded["identifier"].startswith("https://w3id.org/"),
    "FsF-F1-02MD-4": lambda s: all(one["contentUrl"].startswith("https://w3id.org/") for one in s.embedded["distribution"]),
    "FsF-F2-01M-2": lambda s: all(s.embedded.get(name) for name in CITED),
    "FsF-F2-01M-3": lambda s: all(s.embedded.get(name) for name in DESCRIBED),
    "FsF-F3-01M-2": lambda s: len(s.embedded["distribution"]) > 20 and s.links["item"] != [],
    "FsF-F4-01M-1": lambda s: s.embedded["@type"] == "Dataset" and s.embedded["@context"] == "https://schema.org/",
    "FsF-A1-01M-1": lambda s: s.embedded["isAccessibleForFree"] is True and "PUBLIC" in str(s.values(DCT + "accessRights")),
    "FsF-A1-02MD-1": lambda s: s.answers(s.embedded["identifier"]) and s.links["cite-as"] == [s.embedded["identifier"]],
    "FsF-A1-02MD-2": lambda s: all(s.answers(one["contentUrl"]) for one in s.embedded["distribution"]),
    "FsF-A1.1-01MD-1": lambda s: s.embedded["identifier"].startswith("https:"),
    "FsF-A1.1-01MD-2": lambda s: all(one["contentUrl"].startswith("https:") for one in s.embedded["distribution"]),
    "FsF-A1.2-01MD-1": lambda s: s.embedded["identifier"].startswith("https:"),
    "FsF-A1.2-01MD-2": lambda s: all(one["contentUrl"].startswith("https:") for one in s.embedded["distribution"]),
    "FsF-I1-01M-1": lambda s: s.embedded["@id"] == RELEASE,
    "FsF-I1-01M-2": lambda s: len(s.rdf) > 100 and all(s.answers(one) for one in s.links["describedby"]),
    "FsF-I2-01M-2": lambda s: bool(s.values("http://rdfs.org/ns/void#vocabulary") & {DCT, PREFIXES["skos"], PROV}),
    "FsF-I3-01M-1": lambda s: bool(s.embedded["isBasedOn"]) and all(one["name"] for one in s.embedded["isBasedOn"]),
    "FsF-I3-01M-2": lambda s: all(one["@id"].startswith("https://") for one in s.embedded["isBasedOn"]),
    "FsF-R1-01M-1": lambda s: "https://schema.org/Dataset" in s.links["type"],
    "FsF-R1-01M-2": lambda s: all(one["encodingFormat"] for one in s.embedded["distribution"]) and s.serves(),
    "FsF-R1-01M-3": lambda s: len(s.embedded["variableMeasured"]) > 5,
    "FsF-R1.1-01M-1": lambda s: s.embedded["license"] == s.links["license"][0] == "https://creativecommons.org/licenses/by/4.0/",
    "FsF-R1.2-01M-1": lambda s: bool(s.values(DCT + "source")) and bool(s.values(DCT + "creator")),
    "FsF-R1.2-01M-2": lambda s: bool(s.values(PROV + "wasGeneratedBy")) and bool(s.values(PROV + "used", of=RELEASE + "#build")),
    "FsF-R1.3-01M-3": lambda s: DCAT + "Dataset" in s.values(RDF_TYPE),
    "FsF-R1.3-02D-1": lambda s: {"text/csv", "text/turtle"} <= {one["encodingFormat"] for one in s.embedded["distribution"]},
}  # fmt: skip
# A registered identifier, a registry of disciplines.
FUJI_ELSEWHERE = ("FsF-F1-02MD-2", "FsF-F1-02MD-5", "FsF-R1.3-01M-1")
VANN, SUB = PREFIXES["vann"], ox.NamedNode(RDFS + "subPropertyOf")
URI = VANN + "preferredNamespaceUri"
ISSUED, DAY = ox.NamedNode(DCT + "issued"), ox.Literal(DATE, datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))
FOOPS: dict[str, Callable[[Seen], bool]] = {
    "CN1": lambda s: all(s.client.get("/ontology", headers={"Accept": m}).headers["content-type"].startswith(m) for m in GRAPHS),
    "DOC1": lambda s: s.client.get("/ontology", headers=HTML).headers["content-type"].startswith("text/html"),
    "FIND1": lambda s: s.declares(VANN + "preferredNamespacePrefix", URI),
    "HTTP1": lambda s: ONTOLOGY.value.startswith("https://"),
    "OM1": lambda s: s.declares(*(DCT + n for n in ("title", "description", "license", "creator")), OWL + "versionIRI", URI),
    "OM2": lambda s: s.declares(VANN + "preferredNamespacePrefix", OWL + "versionInfo", DCT + "created", DCT + "bibliographicCitation"),
    "OM4.1": lambda s: s.declares(DCT + "license"),
    "OM5.1": lambda s: s.declares(DCT + "creator", DCT + "created"),
    "OM5.2": lambda s: s.declares(DCT + "publisher") and ox.Quad(ONTOLOGY, ISSUED, DAY) in s.ontology,
    "PURL1": lambda s: ONTOLOGY.value.startswith("https://w3id.org/"),
    "RDF1": lambda s: len(s.ontology) > 1000,
    "URI1": lambda s: s.answers(ONTOLOGY.value),
    "URI2": lambda s: ox.Quad(ONTOLOGY, ox.NamedNode(RDF_TYPE), ox.NamedNode(OWL + "Ontology")) in s.ontology,
    "VER1": lambda s: s.declares(OWL + "versionIRI"),
    "VER2": lambda s: s.client.get(f"/ontology/{__version__}", headers={"Accept": "text/turtle"}).status_code == 200,
    "VOC1": lambda s: s.declares(DCT + "title", VANN + "preferredNamespacePrefix"),
    "VOC2": lambda s: any(q.object.value.startswith(SKOS) for q in s.ontology.quads_for_pattern(None, SUB, None)),
    "VOC3": lambda s: s.each_has(RDFS + "label"),
    "VOC4": lambda s: s.each_has(SKOS + "definition", RDFS + "comment"),
}  # fmt: skip
# A registry of prefixes or ontologies, the network, and what the ontology has not: a DOI, a logo, a source.
FOOPS_ELSEWHERE = ("FIND2", "FIND3", "FIND_3_BIS", "OM3", "OM4.2")


@pytest.mark.parametrize("metric", FUJI)
def test_fuji(metric: str, seen: Seen) -> None:
    assert FUJI[metric](seen)


@pytest.mark.parametrize("metric", FOOPS)
def test_foops(metric: str, seen: Seen) -> None:
    assert FOOPS[metric](seen)


def test_the_note_has_the_figures() -> None:
    note = (ROOT / "docs" / "fair.md").read_text(encoding="utf-8")
    assert f"{len(FUJI)} of {len(FUJI) + len(FUJI_ELSEWHERE)} tests of F-UJI" in note
    assert f"{len(FOOPS)} of {len(FOOPS) + len(FOOPS_ELSEWHERE)} tests of FOOPS!" in note
    assert all(f"`{metric}`" in note for metric in (*FUJI_ELSEWHERE, *FOOPS_ELSEWHERE))


@pytest.mark.parametrize("path", ["/", f"/{HERE}"])
def test_signposts_are_on_the_landing_pages_also_when_they_are_kept(client: TestClient, path: str) -> None:
    for _ in range(2):
        links = client.get(path, headers=HTML).headers["link"]
        for relation in ("cite-as", "license", "type", "author", "describedby", "item"):
            assert f'rel="{relation}"' in links
    thing = client.get("/state/EST", headers=HTML).headers["link"]
    assert '<EST.ttl>; rel="alternate"; type="text/turtle"' in thing
