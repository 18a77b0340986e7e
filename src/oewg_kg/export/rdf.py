"""Select the quads of a view, a named graph or one entity (refused if it has no facts), and write them in each RDF format."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, cast

import pyoxigraph as ox

from oewg_kg import dataset as datasets
from oewg_kg import formats, identity, terms
from oewg_kg.dataset import Dataset
from oewg_kg.errors import UsageError, did_you_mean
from oewg_kg.evidence import decisions
from oewg_kg.export import jsonld, turtle
from oewg_kg.paths import Root
from oewg_kg.safety import blank_nodes
from oewg_kg.vocabulary import OEWG, PREFIXES, RESOLVED, iri

WITH_GRAPHS = ("trig", "nquads")
STREAMED = ("nquads", "ntriples", "trig")
DERIVED = ox.NamedNode(PREFIXES["prov"] + "wasDerivedFrom")
CLAIM = ox.NamedNode(OEWG + "Claim")


def everything(dataset: Dataset, format: str) -> list[ox.Quad]:
    """Select all quads, with the resolved view in the default graph, for TriG and N-Quads; else only the resolved view."""
    return list(dataset.store) if format in WITH_GRAPHS else resolved(dataset)


def graphs(dataset: Dataset, curies: Iterable[str], format: str) -> list[ox.Quad]:
    """Choose graphs by IRI or CURIE: a line, all lines of a page, `graph:resolved`; raises UsageError for one that does not exist."""
    quads = _quads_of_graphs(dataset, curies)
    return list(quads) if format in WITH_GRAPHS else list(dict.fromkeys(ox.Quad(*quad.triple) for quad in quads))


def _quads_of_graphs(dataset: Dataset, curies: Iterable[str]) -> Iterator[ox.Quad]:
    graph_iris = {terms.text_of(graph) for graph in dataset.store.named_graphs()} | {RESOLVED}
    for curie in curies:
        iri = terms.expand(curie) or curie
        matching_graphs = sorted(graph for graph in graph_iris if graph == iri or graph.startswith(iri + "#L"))
        if not matching_graphs:
            near = terms.nearest(curie, map(terms.compact, sorted(graph_iris)))
            advice = did_you_mean(near, "give a source line (p1:62) or a page")
            raise UsageError(f"unknown graph {curie!r}", advice=advice)
        for graph in matching_graphs:
            graph_name = ox.DefaultGraph() if graph == RESOLVED else ox.NamedNode(graph)
            for quad in dataset.store.quads_for_pattern(None, None, None, graph_name):
                yield ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(graph))


def stream(dataset: Dataset, curies: Iterable[str], format: str, out: IO[bytes]) -> None:
    """Write everything, or the graphs named, quad by quad in the order of the store, unsorted; raises UsageError as `graphs` does."""
    prefixes = PREFIXES if format == "trig" else None
    if curies:
        quads = _quads_of_graphs(dataset, curies)
    elif format in WITH_GRAPHS:
        quads = iter(dataset.store)
    else:
        quads = chain(datasets.default_graph(dataset), sorted(_source_lines(dataset), key=str))
    statements = quads if format in WITH_GRAPHS else (quad.triple for quad in quads)
    ox.serialize(statements, out, formats.by_name(format).rdf, prefixes=prefixes)


def resolved(dataset: Dataset) -> list[ox.Quad]:
    """Return the resolved view and, for each entity, the lines that it comes from."""
    return [*datasets.default_graph(dataset), *_source_lines(dataset)]


def _source_lines(dataset: Dataset) -> set[ox.Quad]:
    """Find for each entity the lines that state a fact of the resolved view about it."""
    lines = [ox.NamedNode(graph) for graph in dataset.files if "#L" in graph]
    return {
        ox.Quad(quad.subject, DERIVED, line)
        for line in lines
        for quad in dataset.store.quads_for_pattern(None, None, None, line)
        if quad.subject != line and ox.Quad(*quad.triple) in dataset.store
    }


def claims(dataset: Dataset) -> list[ox.Quad]:
    """Return the statements of each line as claims with their decisions; a claim without an IRI is named by the SHA-256 of its quad."""
    claim_quads: list[ox.Quad] = []
    recorded_claims: dict[ox.Quad, set[ox.NamedNode]] = {}
    for decided in decisions.decided_claims(dataset.store):
        claim_quads.append(ox.Quad(decided.decision, ox.NamedNode(decided.relation), decided.claim))
        recorded_claims.setdefault(decided.quad, set()).add(decided.claim)
    for quad in dataset.store:
        line = quad.graph_name
        if not isinstance(line, ox.NamedNode) or "#L" not in line.value or line.value not in dataset.files:
            continue
        digest = hashlib.sha256(f"{quad} .".encode()).hexdigest()[:16]
        facts = {"rdf:type": CLAIM, "rdf:subject": quad.subject, "rdf:predicate": quad.predicate}
        facts |= {"rdf:object": quad.object, "oewg:statedIn": line}
        for claim in recorded_claims.get(quad) or {ox.NamedNode(PREFIXES["claim"] + digest)}:
            claim_quads += [ox.Quad(claim, ox.NamedNode(iri(name)), value) for name, value in facts.items()]
    return list(dict.fromkeys(claim_quads))


def description(dataset: Dataset, entity: ox.NamedNode) -> list[ox.Quad]:
    """Describe an entity by its facts and those of its neighbors, without claims, lines and lists; raises UsageError if it has none."""
    triples = dataset.store.query(datasets.own_query("description").replace("?thing", str(entity)))
    facts = [ox.Quad(*triple) for triple in cast("ox.QueryTriples", triples)]
    subjects = {quad.subject for quad in facts}
    if entity not in subjects:
        raise UsageError(f"there are no facts about {terms.compact(entity.value)}", advice="try `oewg search`")
    return [*facts, *(quad for quad in _source_lines(dataset) if quad.subject in subjects)]


def serialize(dataset: Dataset, quads: Iterable[ox.Quad], format: str, entity: ox.NamedNode | None = None) -> bytes:
    """Write quads in an RDF format, the same bytes for the same quads, blank nodes labeled by RDFC-1.0; JSON-LD of one thing as a tree."""
    rdf_format = formats.by_name(format)
    if rdf_format.rdf is None:
        raise UsageError(f"{format} is not an RDF format", advice="use one of " + ", ".join(formats.GRAPH_FORMATS))
    labeled = blank_nodes.labeled(quads)
    if format in ("turtle", "trig"):
        entity_name = f": {terms.name(dataset.store, entity.value)}" if entity else ""
        described = identity.of(dataset.store)
        return turtle.write(labeled, f"{described.description}{entity_name}. {described.base}")
    if format == "jsonld":
        context = jsonld.context()
        return jsonld.framed(labeled, context, entity) if entity else jsonld.compacted(labeled, context)
    if format == "rdfxml":
        triples = (quad.triple for quad in sorted(labeled, key=str))
        return bytes(ox.serialize(triples, format=rdf_format.rdf, prefixes=PREFIXES) or b"") + b"\n"
    lines = ox.serialize(labeled, format=rdf_format.rdf) or b""
    return b"".join(sorted(lines.splitlines(keepends=True)))


def in_standard_terms(dataset: Dataset, root: Root) -> list[ox.Quad]:
    """Translate the resolved view to terms of PROV, ORG, schema.org, DCTERMS and ELI-DL, by the axioms of the bridge."""
    store = ox.Store()
    store.extend(resolved(dataset))
    store.extend(ox.Quad(*quad.triple) for quad in datasets.parse(root.bridge, root.relative(root.bridge)))
    triples = store.query(datasets.own_query("standard-terms"))
    return [ox.Quad(*triple) for triple in dict.fromkeys(cast("ox.QueryTriples", triples))]
