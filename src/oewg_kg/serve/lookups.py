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
from oewg_kg.answers.places import Places
from oewg_kg.dataset import Dataset, select
from oewg_kg.disagreements import conflicts
from oewg_kg.disagreements.conflicts import Conflict
from oewg_kg.errors import ParseError
from oewg_kg.evidence import decisions as decided
from oewg_kg.evidence.decisions import Decided
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
T = TypeVar("T")
LISTED = 20_000
LARGEST = 1 << 30  # bytes of one answer, where nothing else limits it
# The five regional groups of the United Nations; no class distinguishes them from other groups of states.
REGIONS = [PREFIXES["group"] + name for name in ("african-group", "asia-pacific-group", "EEG", "GRULAC", "WEOG")]
SIZES = "SELECT ?kind (COUNT(?thing) AS ?count) WHERE { ?thing a ?kind } GROUP BY ?kind"


@dataclass(frozen=True)
class Fact:
    """One property of an entity with one value: the graphs that state it, each with the decision on it, if any."""

    subject: Term
    predicate: str
    value: Term
    graphs: tuple[str, ...]
    fates: tuple[Decided, ...]
    used: bool

    @property
    def judged(self) -> list[tuple[str, str, list[str]]]:
        """Gather the decisions on it: outcome, IRI of the decision, the lines concerned."""
        found: dict[tuple[str, str], list[str]] = {}
        for one in self.fates:
            found.setdefault((one.fate, one.decision.value), []).append(terms.text_of(one.quad.graph_name))
        return [(fate, decision, lines) for (fate, decision), lines in found.items()]

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
        self.endpoint = Endpoint(engine or StoreEngine(dataset.store, LARGEST), fingerprint)
        self.pages = AnswerCache(folder=folder)
        self._found: dict[str, Any] = {}

    def once(self, name: str, find: "Callable[[Explorer], T]") -> T:
        """Compute a value once and cache it."""
        if name not in self._found:
            self._found[name] = find(self)
        found: T = self._found[name]
        return found

    @cached_property
    def editorial(self) -> frozenset[str]:
        """List the properties whose values are our words."""
        return terms.editorial(self.store)

    @cached_property
    def mark(self) -> str:
        """Digest all that a page is made of: the graph, the questions, the rules, the shapes, the templates, the code."""
        digest = hashlib.sha256(f"{self.endpoint.fingerprint} {__version__}".encode())
        digest.update(repr(sorted(self.dataset.words.items())).encode())
        places = [
            *self.root.queries.glob("*.rq"),
            *self.root.queries.glob("pages/*.rq"),
            *self.root.queries.glob("*.toml"),
            *self.root.rules.glob("*.rq"),
            *self.root.shapes.glob("*.ttl"),
        ]
        places += code_of("*")
        places += [*HERE.glob("templates/*.html"), *HERE.glob("static/*.*"), *HERE.glob("static/built/*.*")]
        places += [*texts.PLACE.glob("*.*"), *HERE.glob("*/*.toml"), *HERE.glob("*/*.json")]
        # Not by their location: machines with the same release give the same entity tags.
        for path in sorted(places, key=lambda path: (path.parent.name, path.name)):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    @cached_property
    def static(self) -> dict[str, bytes]:
        """Read the files that pages load (styles, scripts), by name; `built/` exists if Node has built it."""
        folder = HERE / "static"
        found = sorted([*folder.glob("*.*"), *folder.glob("built/*.*")])
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

    @cached_property
    def places(self) -> Places:
        """Find where each line can be read."""
        return Places(self.dataset)

    @cached_property
    def questions(self) -> dict[str, SavedQuery]:
        """Read the saved queries."""
        return query.load(self.root.queries)

    @cached_property
    def listings(self) -> dict[str, SavedQuery]:
        """Read the queries of the pages that list things."""
        return query.load(self.root.queries / "pages")

    @cached_property
    def finder(self) -> Finder:
        """Prepare the search for questions and entities by plain words."""
        return Finder(self.dataset, self.root.queries)

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """Collect the labels of all entities by language: skos:prefLabel, else rdfs:label."""
        found: dict[str, dict[str, str]] = {}
        for predicate in (PREFIXES["rdfs"] + "label", PREF_LABEL):
            labels: dict[str, dict[str, str]] = {}
            for quad in self.quads(None, predicate, None):
                if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                    known = labels.setdefault(quad.subject.value, {})
                    language = quad.object.language or ""
                    known[language] = min(quad.object.value, known.get(language, quad.object.value))
            for iri, known in labels.items():
                found[iri] = found.get(iri, {}) | known
        for quad in self.quads(None, OEWG + "formerName", None):
            self._rename(found, terms.text_of(quad.subject), terms.text_of(quad.object))
        return found

    def _rename(self, names: dict[str, dict[str, str]], state: str, former: str) -> None:
        """Give a state its present name if the pages use a former one, which follows in brackets."""
        today = [name for name in self.values(state, PREFIXES["skos"] + "altLabel") if former not in name]
        if names.get(state, {}).get("en") == former and today:
            names[state]["en"] = f"{today[0]} ({former})"

    @cached_property
    def regions(self) -> dict[str, str]:
        """Find the regional group of each state."""
        organization, member = (PREFIXES["org"] + name for name in ("organization", "member"))
        seats = [(region, seat) for region in REGIONS for seat in self.subjects(organization, region)]
        return {state: self.label(region)[0] for region, seat in seats for state in self.values(seat, member)}

    @cached_property
    def decided(self) -> dict[ox.Quad, Decided]:
        """Collect the claims on which decisions were taken."""
        return {one.quad: one for one in decided.claims(self.store)}

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
        ends = (ox.NamedNode(subject) if subject else None, ox.NamedNode(predicate) if predicate else None)
        return list(self.store.quads_for_pattern(*ends, value, ox.DefaultGraph()))

    def held(self, graph: str) -> tuple[list[ox.Quad], int]:
        """List the statements of a named graph, in order, and count them; a very large graph is listed only in part."""
        name = ox.NamedNode(graph)
        found = list(islice(self.store.quads_for_pattern(None, None, None, name), LISTED))
        text = f"SELECT (COUNT(*) AS ?count) {{ GRAPH {name} {{ ?s ?p ?o }} }}"
        counted = select(self.store, text) if len(found) == LISTED else ()
        return sorted(found, key=str), next((int(row["count"].value) for row in counted), len(found))

    def values(self, subject: str, predicate: str) -> list[str]:
        """Find the values of a property in the resolved view as text, sorted."""
        return sorted(terms.text_of(quad.object) for quad in self.quads(subject, predicate, None))

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Find the things that have an IRI as a value of a property in the resolved view, sorted."""
        return sorted(terms.text_of(quad.subject) for quad in self.quads(None, predicate, ox.NamedNode(value)))

    def members(self, kind: str) -> list[str]:
        """Find the entities of a class, by label."""
        return sorted(self.subjects(RDF_TYPE, kind), key=lambda iri: (self.label(iri)[0], iri))

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Count the entities of each class."""
        return {terms.text_of(row["kind"]): int(row["count"].value) for row in select(self.store, SIZES)}

    def kinds(self, iri: str) -> list[str]:
        """Find the classes of an entity, the narrowest first."""
        return sorted(self.values(iri, RDF_TYPE), key=lambda kind: (self.sizes[kind], kind))

    @cached_property
    def identity(self) -> Identity:
        """Read what the dataset says about itself."""
        return identity.of(self.store)

    def of_path(self, path: str) -> str:
        """Find the IRI that corresponds to a path: under the base of the root, or under ours."""
        known = (base + path for base in reversed(BASES) if self.known(base + path))
        return next(known, BASES[-1] + path)

    def known(self, iri: str) -> bool:
        """Return whether the dataset has an entity or a graph with this IRI."""
        if iri in self.names or terms.valid_iri(iri) is None:
            return iri in self.names
        term = ox.NamedNode(iri)
        return self._any((term, None, None, None), (None, None, term, None), (None, None, None, term))

    def described(self, iri: str) -> bool:
        """Return whether the dataset states something about an entity, or has entities of this class."""
        term = ox.NamedNode(iri) if terms.valid_iri(iri) else None
        return term is not None and self._any((term, None, None, None), (None, ox.NamedNode(RDF_TYPE), term, None))

    def _any(self, *patterns: tuple[ox.NamedNode | None, ...]) -> bool:
        """Return whether there is a quad of any of some patterns."""
        return any(True for pattern in patterns for _ in self.store.quads_for_pattern(*pattern))

    def label(self, iri: str, language: str = "en") -> tuple[str, str]:
        """Find a label and its language: the one asked for, English, none, any; else the name of a line, else a CURIE."""
        known = self.names.get(iri, {})
        for wanted in (language, "en", ""):
            if wanted in known:
                return known[wanted], wanted
        if known:
            return min((text, tag) for tag, text in known.items())
        return terms.label(self.store, iri) or terms.line_name(iri).strip("<>"), ""

    def facts(self, subject: ox.NamedNode | ox.BlankNode, graph: str | None = None) -> list[Fact]:
        """List the facts about an entity (in one graph only, if one is given), by property and value."""
        name = ox.NamedNode(graph) if graph else None
        found: dict[tuple[str, Term], list[str]] = {}
        used = set()
        for quad in self.store.quads_for_pattern(subject, None, None, name):
            graphs = found.setdefault((quad.predicate.value, quad.object), [])
            if isinstance(quad.graph_name, ox.NamedNode):
                graphs.append(quad.graph_name.value)
            else:
                used.add((quad.predicate.value, quad.object))
        facts = []
        for (predicate, value), graphs in found.items():
            named = sorted(graphs, key=terms.line_order)
            quads = (ox.Quad(subject, ox.NamedNode(predicate), value, ox.NamedNode(line)) for line in named)
            fates = tuple(self.decided[quad] for quad in quads if quad in self.decided)
            holds = (predicate, value) in used if graph is None else not any(one.aside for one in fates)
            proofs = tuple(self.places.proof(terms.text_of(subject), one, predicate) for one in named)
            facts.append(Fact(subject, predicate, value, proofs, fates, holds))
        return sorted(facts, key=lambda fact: (fact.predicate, str(fact.value)))

    @cached_property
    def register(self) -> list[Conflict]:
        """List the contested facts."""
        return conflicts.register(self.dataset)

    @cached_property
    def consequences(self) -> list[Conflict]:
        """List the contested facts, and what would change if another claim were right."""
        whole = self.dataset
        if not isinstance(whole.store, ox.Store):  # the graph is changed here, not in another engine
            whole = Dataset(ox.Store(), whole.files)
            whole.store.extend(self.dataset.store)
        return conflicts.consequences(self.root, whole, self.register)


def explorer_of(request: Request) -> Explorer:
    """Return what the pages share."""
    explorer: Explorer = request.app.state.explorer
    return explorer
