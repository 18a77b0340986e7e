"""What all pages look up in the graph (`Explorer`): names, classes, facts, known IRIs, decisions, derivations, conflicts."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
from starlette.requests import Request

from oewg_kg import __version__, identity, query, terms, texts
from oewg_kg.answers.cited_sources import CitedSources
from oewg_kg.dataset import Dataset, select
from oewg_kg.disagreements import conflicts
from oewg_kg.disagreements.conflicts import Conflict
from oewg_kg.errors import ParseError
from oewg_kg.evidence import decisions as decided
from oewg_kg.evidence.decisions import DecidedClaim
from oewg_kg.find.ranking import Finder
from oewg_kg.identity import Identity
from oewg_kg.inference.derivation import Derivations
from oewg_kg.paths import Root, code_of
from oewg_kg.query import SavedQuery
from oewg_kg.serve.protocol.sparql import AnswerCache, Endpoint
from oewg_kg.serve.workers.evaluate import Engine, StoreEngine
from oewg_kg.terms import Term
from oewg_kg.vocabulary import BASES, INFERRED, OEWG, PREF_LABEL, PREFIXES, RDF_TYPE

LOG = logging.getLogger("oewg.serve")
HERE = Path(__file__).parent
Computed = TypeVar("Computed")
MAX_QUADS, MAX_ANSWER = 20_000, 1 << 30  # listed of a graph; bytes of one answer, where nothing else limits it
# The five regional groups of the United Nations; no class distinguishes them from other groups of states.
REGIONAL_GROUPS = [
    PREFIXES["group"] + name for name in ("african-group", "asia-pacific-group", "EEG", "GRULAC", "WEOG")
]
CLASS_SIZES = "SELECT ?class (COUNT(?entity) AS ?count) WHERE { ?entity a ?class } GROUP BY ?class"


@dataclass(frozen=True)
class Fact:
    """One property of an entity with one value: the graphs that state it, each with the decision on it, if any."""

    subject: Term
    predicate: str
    value: Term
    graphs: tuple[str, ...]
    decided_claims: tuple[DecidedClaim, ...]
    used: bool

    @property
    def decisions(self) -> list[tuple[str, str, list[str]]]:
        """Gather the decisions on it: outcome, IRI of the decision, the lines concerned."""
        decisions: dict[tuple[str, str], list[str]] = {}
        for claim in self.decided_claims:
            lines = decisions.setdefault((claim.fate, claim.decision.value), [])
            lines.append(terms.text_of(claim.quad.graph_name))
        return [(fate, decision, lines) for (fate, decision), lines in decisions.items()]

    @property
    def inferred(self) -> bool:
        """Return whether the fact is only inferred, and no line or file states it."""
        return self.graphs == (INFERRED,)


class Explorer:
    """The graph as pages see it; it does not change, so every lookup is cached."""

    def __init__(
        self,
        root: Root,
        dataset: Dataset,
        fingerprint: str,
        engine: Engine | None = None,
        folder: Path | None = None,
        frozen: str = "",
    ) -> None:
        """Store the sources, the graph, what answers queries over it, and a cache of pages; a static site has a URL but no server."""
        self.root, self.dataset, self.store, self.frozen = root, dataset, dataset.store, frozen
        self.endpoint = Endpoint(engine or StoreEngine(dataset.store, MAX_ANSWER), fingerprint)
        self.page_cache = AnswerCache(folder=folder)
        self._cache: dict[str, Any] = {}

    def cached(self, key: str, compute: "Callable[[Explorer], Computed]") -> Computed:
        """Compute a value once and cache it."""
        if key not in self._cache:
            self._cache[key] = compute(self)
        value: Computed = self._cache[key]
        return value

    @cached_property
    def editorial_properties(self) -> frozenset[str]:
        """List the properties whose values are our words."""
        return terms.editorial(self.store)

    @cached_property
    def page_digest(self) -> str:
        """Digest all that a page is made of: the graph, the questions, the rules, the shapes, the templates, the code."""
        digest = hashlib.sha256(f"{self.endpoint.fingerprint} {__version__}".encode())
        digest.update(repr(sorted(self.dataset.words.items())).encode())
        files = [*self.root.queries.rglob("*.rq"), *self.root.queries.rglob("*.toml"), *self.root.shapes.glob("*.ttl")]
        files += [*code_of("*"), *texts.PLACE.glob("*.*"), *HERE.glob("templates/*.*"), *HERE.glob("*/*.json")]
        files += (HERE / "static").rglob("*.*")
        # Not by their location: machines with the same release give the same entity tags.
        for file in sorted(files, key=lambda file: (file.parent.name, file.name)):
            digest.update(file.read_bytes())
        return digest.hexdigest()

    @cached_property
    def static(self) -> dict[str, bytes]:
        """Read the files that pages load (styles, scripts), by name; `built/` exists if Node has built it."""
        folder = HERE / "static"
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))}

    @cached_property
    def places(self) -> CitedSources:
        """Find where each line can be read."""
        return CitedSources(self.dataset)

    @cached_property
    def questions(self) -> dict[str, SavedQuery]:
        """Read the saved queries."""
        return query.load(self.root.queries)

    @cached_property
    def listings(self) -> dict[str, SavedQuery]:
        """Read the queries behind the pages that list or draw something."""
        return query.load(self.root.queries / "pages")

    @cached_property
    def finder(self) -> Finder:
        """Prepare the search for questions and entities by plain words."""
        return Finder(self.dataset, self.root.queries)

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """Collect the labels of all entities by language: skos:prefLabel, else rdfs:label."""
        labels: dict[str, dict[str, str]] = {}
        for predicate in (PREFIXES["rdfs"] + "label", PREF_LABEL):
            by_entity: dict[str, dict[str, str]] = {}
            for quad in self.quads(None, predicate, None):
                if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                    by_language = by_entity.setdefault(quad.subject.value, {})
                    language = quad.object.language or ""
                    by_language[language] = min(quad.object.value, by_language.get(language, quad.object.value))
            for iri, by_language in by_entity.items():
                labels[iri] = labels.get(iri, {}) | by_language
        for quad in self.quads(None, OEWG + "formerName", None):
            self._rename(labels, terms.text_of(quad.subject), terms.text_of(quad.object))
        return labels

    def _rename(self, labels: dict[str, dict[str, str]], state: str, former_name: str) -> None:
        """Give a state its present name if the pages use a former one, which follows in brackets."""
        alternatives = self.values(state, PREFIXES["skos"] + "altLabel")
        present_name = next((alternative for alternative in alternatives if former_name not in alternative), None)
        if labels.get(state, {}).get("en") == former_name and present_name:
            labels[state]["en"] = f"{present_name} ({former_name})"

    @cached_property
    def regions(self) -> dict[str, str]:
        """Find the regional group of each state."""
        organization, member = (PREFIXES["org"] + local_name for local_name in ("organization", "member"))
        seats = [(region, seat) for region in REGIONAL_GROUPS for seat in self.subjects(organization, region)]
        return {state: self.label(region)[0] for region, seat in seats for state in self.values(seat, member)}

    @cached_property
    def decided_claims(self) -> dict[ox.Quad, DecidedClaim]:
        """Collect the claims on which decisions were taken."""
        return {claim.quad: claim for claim in decided.decided_claims(self.store)}

    @cached_property
    def derivations(self) -> Derivations | None:
        """Read the rules backwards; None if one cannot be read, and then the source lines of inferred facts are not shown."""
        try:
            return Derivations(self.dataset, self.root, axioms=False)
        except ParseError as error:
            LOG.warning("finding the source lines of inferred facts: %s", error)
            return None

    def quads(self, subject: str | None, predicate: str | None, value: Term | None) -> list[ox.Quad]:
        """Find quads of the default graph, the resolved view."""
        entity, relation = (ox.NamedNode(iri) if iri else None for iri in (subject, predicate))
        return list(self.store.quads_for_pattern(entity, relation, value, ox.DefaultGraph()))

    def graph_quads(self, graph: str) -> tuple[list[ox.Quad], int]:
        """List the statements of a named graph, in order, and count them; a very large graph is listed only in part."""
        graph_name = ox.NamedNode(graph)
        quads = list(islice(self.store.quads_for_pattern(None, None, None, graph_name), MAX_QUADS))
        count_query = f"SELECT (COUNT(*) AS ?count) {{ GRAPH {graph_name} {{ ?s ?p ?o }} }}"
        count_rows = select(self.store, count_query) if len(quads) == MAX_QUADS else ()
        return sorted(quads, key=str), next((int(row["count"].value) for row in count_rows), len(quads))

    def values(self, subject: str, predicate: str) -> list[str]:
        """Find the values of a property in the resolved view as text, sorted."""
        return sorted(terms.text_of(quad.object) for quad in self.quads(subject, predicate, None))

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Find the entities that have an IRI as a value of a property in the resolved view, sorted."""
        return sorted(terms.text_of(quad.subject) for quad in self.quads(None, predicate, ox.NamedNode(value)))

    def instances(self, class_iri: str) -> list[str]:
        """Find the entities of a class, by label."""
        return sorted(self.subjects(RDF_TYPE, class_iri), key=lambda iri: (self.label(iri)[0], iri))

    @cached_property
    def class_sizes(self) -> dict[str, int]:
        """Count the entities of each class."""
        return {terms.text_of(row["class"]): int(row["count"].value) for row in select(self.store, CLASS_SIZES)}

    def classes(self, iri: str) -> list[str]:
        """Find the classes of an entity, the narrowest first."""
        return sorted(self.values(iri, RDF_TYPE), key=lambda class_iri: (self.class_sizes[class_iri], class_iri))

    @cached_property
    def identity(self) -> Identity:
        """Read what the dataset says about itself."""
        return identity.of(self.store)

    def iri_of_path(self, path: str) -> str:
        """Find the IRI that corresponds to a path: under the base of the root, or under ours."""
        candidates = (base + path for base in reversed(BASES) if self.has_iri(base + path))
        return next(candidates, BASES[-1] + path)

    def has_iri(self, iri: str) -> bool:
        """Return whether the dataset has an entity or a graph with this IRI."""
        if iri in self.labels or terms.valid_iri(iri) is None:
            return iri in self.labels
        term = ox.NamedNode(iri)
        return self._any((term, None, None, None), (None, None, term, None), (None, None, None, term))

    def has_facts(self, iri: str) -> bool:
        """Return whether the dataset states something about an entity, or has entities of this class."""
        term = ox.NamedNode(iri) if terms.valid_iri(iri) else None
        return term is not None and self._any((term, None, None, None), (None, ox.NamedNode(RDF_TYPE), term, None))

    def _any(self, *patterns: tuple[ox.NamedNode | None, ...]) -> bool:
        """Return whether there is a quad of any of some patterns."""
        return any(True for pattern in patterns for _ in self.store.quads_for_pattern(*pattern))

    def label(self, iri: str, language: str = "en") -> tuple[str, str]:
        """Find a label and its language: the one asked for, English, none, any; else the name of a line, else a CURIE."""
        labels = self.labels.get(iri, {})
        for tag in (language, "en", ""):
            if tag in labels:
                return labels[tag], tag
        if labels:
            return min((label, tag) for tag, label in labels.items())
        return terms.label(self.store, iri) or terms.line_name(iri).strip("<>"), ""

    def facts(self, subject: ox.NamedNode | ox.BlankNode, graph: str | None = None) -> list[Fact]:
        """List the facts about an entity (in one graph only, if one is given), by property and value."""
        graph_name = ox.NamedNode(graph) if graph else None
        graphs_of: dict[tuple[str, Term], list[str]] = {}
        resolved = set()
        for quad in self.store.quads_for_pattern(subject, None, None, graph_name):
            graphs = graphs_of.setdefault((quad.predicate.value, quad.object), [])
            if isinstance(quad.graph_name, ox.NamedNode):
                graphs.append(quad.graph_name.value)
            else:
                resolved.add((quad.predicate.value, quad.object))
        facts = []
        for (predicate, value), graphs in graphs_of.items():
            lines = sorted(graphs, key=terms.line_order)
            quads = (ox.Quad(subject, ox.NamedNode(predicate), value, ox.NamedNode(line)) for line in lines)
            decided_claims = tuple(self.decided_claims[quad] for quad in quads if quad in self.decided_claims)
            used = (predicate, value) in resolved if graph is None else not any(claim.aside for claim in decided_claims)
            proofs = tuple(self.places.proof(terms.text_of(subject), line, predicate) for line in lines)
            facts.append(Fact(subject, predicate, value, proofs, decided_claims, used))
        return sorted(facts, key=lambda fact: (fact.predicate, str(fact.value)))

    def inferred_from(self, fact: Fact) -> tuple[str, ...]:
        """List the lines and files that an inferred fact follows from."""
        if not fact.inferred or self.derivations is None or isinstance(fact.subject, ox.Literal):
            return ()
        triple = ox.Triple(fact.subject, ox.NamedNode(fact.predicate), fact.value)
        return tuple(sorted(self.derivations.behind(triple), key=terms.line_order))

    @cached_property
    def conflict_register(self) -> list[Conflict]:
        """List the contested facts."""
        return conflicts.register(self.dataset)

    @cached_property
    def consequences(self) -> list[Conflict]:
        """List the contested facts, and what would change if another claim were right."""
        dataset = self.dataset
        if not isinstance(dataset.store, ox.Store):  # the graph is changed here, not in another engine
            dataset = Dataset(ox.Store(), dataset.files)
            dataset.store.extend(self.dataset.store)
        return conflicts.consequences(self.root, dataset, self.conflict_register)


def explorer_of(request: Request) -> Explorer:
    """Return what the pages share."""
    explorer: Explorer = request.app.state.explorer
    return explorer
