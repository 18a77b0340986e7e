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
GOOD_NAME, NEAR_NAME, MOST_NAMES = 0.8, 0.6, 500
DIVIDER = "\n"  # between stems


class EntitySearch:
    """All named entities of a graph, with the stems of what is said about them."""

    def __init__(self, dataset: Dataset, language: Language) -> None:
        """Gather for each entity its texts and days, its classes, and the names of what it is linked to."""
        self.dataset, self.language = dataset, language
        self.names = by_name.all_names(dataset.store)
        self.classes: dict[str, list[str]] = {}
        texts: dict[str, list[str]] = {}
        linked: dict[str, set[str]] = {}
        for quad in dataset.store.quads_for_pattern(None, None, None, ox.DefaultGraph()):
            subject, predicate, value = quad.subject, quad.predicate.value, quad.object
            if not isinstance(subject, ox.NamedNode) or predicate in UNSEARCHED or "#L" in subject.value:
                continue
            if predicate == RDF_TYPE and isinstance(value, ox.NamedNode):
                self.classes.setdefault(subject.value, []).append(value.value)
            if isinstance(value, ox.Literal):
                texts.setdefault(subject.value, []).append(value.value)
            elif isinstance(value, ox.NamedNode):
                linked.setdefault(subject.value, set()).update((value.value, predicate))
        sizes = Counter(class_iri for class_iris in self.classes.values() for class_iri in class_iris)
        for class_iris in self.classes.values():
            class_iris.sort(key=lambda class_iri: (sizes[class_iri], class_iri))
        stems_of = cache(self._stems_and_days)

        @cache
        def stems_of_name(linked_iri: str) -> frozenset[str]:
            names = self.names.get(linked_iri) or {terms.label(dataset.store, linked_iri) or ""}
            return frozenset().union(*map(stems_of, names))

        # One text for each entity takes a tenth of the memory of a set.
        self.stems_by_entity: dict[str, str] = {}
        for iri in filter(own, self.names):
            linked_stems = frozenset().union(*map(stems_of_name, {iri, *linked.get(iri, ())}))
            stems = linked_stems.union(*map(stems_of, texts.get(iri, ())))
            self.stems_by_entity[iri] = DIVIDER + DIVIDER.join(stems) + DIVIDER

    def _stems_and_days(self, text: str) -> frozenset[str]:
        """List the stems and days of a text."""
        return self.language.stems(DAY.sub(" ", text)) | set(DAY.findall(text))

    def search(self, text: str, most: int = 20) -> list[Match]:
        """Find entities by all words of a text, in any order, singular or plural: by name first, claims last; `kind` is the class."""
        text_stems = [f"{DIVIDER}{stem}{DIVIDER}" for stem in self._stems_and_days(text)]
        named = by_name.search(self.dataset, text, MOST_NAMES, self.names)
        name_fits = any(match.score >= GOOD_NAME for match in named)
        by_iri = {match.iri: match for match in named if not name_fits or match.score >= NEAR_NAME}
        for iri, stems in self.stems_by_entity.items() if text_stems else ():
            if iri not in by_iri and all(stem in stems for stem in text_stems):
                label = terms.name(self.dataset.store, iri)
                share = len(text_stems) / max(len(text_stems), len(self.language.stems(label)))
                by_iri[iri] = Match(iri, label, label, round(BY_CONTENT * share, 2))
        matches = [replace(match, kind=self.class_name(match.iri)) for match in by_iri.values()]
        matches.sort(key=lambda match: (-match.score, len(match.label), match.iri))
        return sorted(matches, key=lambda match: match.score < 1 and match.kind in CLAIMS)[:most]

    def class_name(self, iri: str) -> str:
        """Name the class of an entity as a search result prints it: the narrowest, in lower case."""
        class_iris = self.classes.get(iri, ())
        name = terms.name(self.dataset.store, class_iris[0]).removeprefix("skos:") if class_iris else "other"
        return re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower()  # `ConceptScheme` as `concept scheme`
