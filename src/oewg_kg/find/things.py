"""Find entities by words about them: an index of names, classes, descriptions, dates and related names; each with its class."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.dataset import Dataset
from oewg_kg.find import by_name
from oewg_kg.find.by_name import Match
from oewg_kg.find.language import Language
from oewg_kg.vocabulary import OEWG, RDF_TYPE, own

DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
BY_CONTENT = 0.5
# Properties whose values say nothing about an entity, and classes that only say how something is stated.
UNSEARCHED = {OEWG + name for name in ("votedYes", "votedNo", "abstained", "didNotVote", "digest", "keeps", "statedIn")}
CLAIMS = {"claim", "editorial decision", "source line", "membership", "reference graph"}
GOOD, NEAR, MANY = 0.8, 0.6, 500
SIGN = "\n"  # between stems


class Things:
    """All named entities of a graph, with the stems of what is said about them."""

    def __init__(self, dataset: Dataset, language: Language) -> None:
        """Gather for each entity its texts and days, its classes, and the names of what it is linked to."""
        self.dataset, self.language = dataset, language
        self.names = by_name.names(dataset.store)
        self.kinds: dict[str, list[str]] = {}
        texts: dict[str, list[str]] = {}
        tied: dict[str, set[str]] = {}
        for quad in dataset.store.quads_for_pattern(None, None, None, ox.DefaultGraph()):
            subject, predicate, value = quad.subject, quad.predicate.value, quad.object
            if not isinstance(subject, ox.NamedNode) or predicate in UNSEARCHED or "#L" in subject.value:
                continue
            if predicate == RDF_TYPE and isinstance(value, ox.NamedNode):
                self.kinds.setdefault(subject.value, []).append(value.value)
            if isinstance(value, ox.Literal):
                texts.setdefault(subject.value, []).append(value.value)
            elif isinstance(value, ox.NamedNode):
                tied.setdefault(subject.value, set()).update((value.value, predicate))
        sizes = Counter(kind for kinds in self.kinds.values() for kind in kinds)
        for kinds in self.kinds.values():
            kinds.sort(key=lambda kind: (sizes[kind], kind))
        read = cache(self._read)

        @cache
        def named(other: str) -> frozenset[str]:
            names = self.names.get(other) or {terms.label(dataset.store, other) or ""}
            return frozenset().union(*map(read, names))

        # One text for each entity takes a tenth of the memory of a set.
        self.said = {
            iri: SIGN
            + SIGN.join(frozenset().union(*map(read, texts.get(iri, ())), *map(named, {iri, *tied.get(iri, ())})))
            + SIGN
            for iri in self.names
            if own(iri)
        }

    def _read(self, text: str) -> frozenset[str]:
        """List the stems and days of a text."""
        return self.language.stems(DAY.sub(" ", text)) | set(DAY.findall(text))

    def search(self, text: str, most: int = 20) -> list[Match]:
        """Find entities by all words of a text, in any order, singular or plural: by name first, claims last; `kind` is the class."""
        wanted = [f"{SIGN}{one}{SIGN}" for one in self._read(text)]
        named = by_name.search(self.dataset, text, MANY, self.names)
        sure = any(one.score >= GOOD for one in named)
        found = {one.iri: one for one in named if not sure or one.score >= NEAR}
        for iri, said in self.said.items() if wanted else ():
            if iri not in found and all(one in said for one in wanted):
                label = terms.name(self.dataset.store, iri)
                share = len(wanted) / max(len(wanted), len(self.language.stems(label)))
                found[iri] = Match(iri, label, label, round(BY_CONTENT * share, 2))
        matches = [replace(one, kind=self.kind(one.iri)) for one in found.values()]
        matches.sort(key=lambda one: (one.score < 1 and one.kind in CLAIMS, -one.score, len(one.label), one.iri))
        return matches[:most]

    def kind(self, iri: str) -> str:
        """Name the class of an entity as a search result prints it: the narrowest, in lower case."""
        kinds = self.kinds.get(iri, ())
        name = terms.name(self.dataset.store, kinds[0]).removeprefix("skos:") if kinds else "other"
        return re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower()  # `ConceptScheme` as `concept scheme`
