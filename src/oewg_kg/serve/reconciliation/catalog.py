"""The catalog that a user's table is matched with: types, names of their entities, properties and their values, memberships."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, cached_property
from typing import NamedTuple

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.reconcile import matcher
from oewg_kg.reconcile.matcher import Index
from oewg_kg.serve.lookups import Explorer
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE

# Properties that no user's table has: those of vocabularies, and those for this graph's own records.
SCHEMAS = tuple(PREFIXES[name] for name in ("owl", "rdf", "rdfs", "sh"))
RECORD_CLASSES = {
    *(OEWG + name for name in ("SourceLine", "Claim", "Decision", "FormerName", "ReferenceGraph")),
    PREFIXES["org"] + "Membership",
}
USUAL_TYPES = tuple(OEWG + name for name in ("State", "Actor", "Document", "Event"))
# A membership is a separate entity, with its dates; a column of a table contains the organization.
MEMBER_OF = PREFIXES["org"] + "memberOf"
ORG_MEMBER, ORG_ORGANIZATION = PREFIXES["org"] + "member", PREFIXES["org"] + "organization"
TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)T[\d:.]+(?:Z|[+-]\d\d:\d\d)?")


class PropertyColumn(NamedTuple):
    """The values of one property: the entities that have any, and those that have each, by `comparison_keys`."""

    subjects: set[str]
    by_value: dict[str, set[str]]


class Catalog:
    """The graph as users' tables see it; it does not change, so every lookup is cached."""

    def __init__(self, explorer: Explorer) -> None:
        """Store the graph, and caches of what is looked up in it."""
        self.explorer, self.store = explorer, explorer.store
        self.name_index, self.property_column = cache(self._name_index), cache(self._property_column)
        self.names, self.properties = cache(self._all_names), cache(self._properties)

    @cached_property
    def types(self) -> dict[str, set[str]]:
        """Collect the types that can be asked for: classes whose members have labels, each with these members."""
        members: dict[str, set[str]] = {}
        for quad in self.explorer.quads(None, RDF_TYPE, None):
            class_iri, iri = terms.text_of(quad.object), terms.text_of(quad.subject)
            if iri in self.explorer.labels and class_iri not in RECORD_CLASSES and not class_iri.startswith(SCHEMAS):
                members.setdefault(class_iri, set()).add(iri)
        return dict(sorted(members.items(), key=lambda item: (-len(item[1]), item[0])))

    @cached_property
    def entities(self) -> set[str]:
        """Collect the entities of all types."""
        return set().union(*self.types.values())

    def usual_types(self) -> list[str]:
        """List the types to suggest by default."""
        return [type_iri for type_iri in USUAL_TYPES if type_iri in self.types] or list(self.types)[:20]

    @staticmethod
    def expand_type(text: str) -> str:
        """Read which type a text means, known or not; `%23` is `#`, which an address cannot contain."""
        text = text.replace("%23", "#")
        return terms.expand(text) or OEWG + text

    def type_of(self, text: str) -> str:
        """Read a type: an IRI, a CURIE, or the name of a class of ours; raises Refusal with the available types."""
        iri = self.expand_type(text)
        if iri not in self.types:
            examples = ", ".join(map(terms.compact, list(self.types)[:8]))
            raise Refusal(400, f"unknown type {text[:100]!r}; use, for example, {examples}")
        return iri

    def types_of(self, iri: str) -> list[str]:
        """Find the types of an entity, the narrowest first."""
        return [type_iri for type_iri in self.explorer.classes(iri) if type_iri in self.types]

    def members(self, type_iri: str) -> set[str]:
        """Find the entities of a type; of all types if none is named."""
        return self.types[type_iri] if type_iri else self.entities

    def _name_index(self, type_iri: str) -> Index:
        """Gather the names of the entities of a type; of all types if none is named."""
        return matcher.index_of(self.store, self.members(type_iri), of_states=type_iri == OEWG + "State")

    def _properties(self, type_iri: str) -> list[str]:
        """List the properties that entities of a type have, the most common first."""
        entities = self.members(type_iri)
        counts = Counter(
            predicate
            for entity in entities
            for predicate in {quad.predicate.value for quad in self.explorer.quads(entity, None, None)} - {RDF_TYPE}
        )
        counts += Counter({MEMBER_OF: len(entities & self.property_column(MEMBER_OF).subjects)})
        return sorted(counts, key=lambda iri: (-counts[iri], self.label(iri)))

    def property_of(self, text: str) -> str:
        """Read a property: an IRI, a CURIE, the name of a property of ours, or a label; raises Refusal with similar ones."""
        properties, folded = self.properties(""), terms.folded(text)
        for iri in (terms.expand(text), OEWG + text):
            if iri in properties:
                return str(iri)
        labels = {iri: terms.folded(self.label(iri)) for iri in properties}
        namesakes = [iri for iri, label in labels.items() if label == folded]
        if len(namesakes) == 1:
            return namesakes[0]
        similar = namesakes or [iri for iri, label in labels.items() if folded and folded in label] or properties
        examples = ", ".join(map(terms.compact, similar[:6]))
        raise Refusal(400, f"unknown property {text[:100]!r}; use, for example, {examples}")

    def label(self, iri: str) -> str:
        """Find the English label of an entity, type or property."""
        return "member of" if iri == MEMBER_OF else self.explorer.label(iri)[0]

    def _all_names(self, iri: str) -> list[str]:
        """List all names of an entity, type or property, its label first."""
        return list(dict.fromkeys([self.label(iri), *terms.names_of(self.store, ox.NamedNode(iri))]))

    def complete_names(self, iris: Iterable[str], text: str) -> list[str]:
        """Find names equal to a text, then names that begin with it, then names with a word that begins with it; or what it identifies."""
        beginning, identified = terms.folded(text), terms.expand(text) or text
        ranked = []
        for iri in iris:
            names = [f" {terms.folded(name)}" for name in self.names(iri)]
            if iri == identified or f" {beginning}" in names:
                ranked.append((0, self.label(iri), iri))
            elif any(f" {beginning}" in name for name in names):
                ranked.append((2 - any(name.startswith(f" {beginning}") for name in names), self.label(iri), iri))
        return [iri for _, _, iri in sorted(ranked)]

    def definition(self, iri: str) -> str:
        """Find the definition of a type or property."""
        return " ".join(self.explorer.values(iri, PREFIXES["skos"] + "definition")[:1])

    def values(self, iri: str, predicate: str) -> list[Term]:
        """Find the values of a property of an entity in the resolved view, in order."""
        objects = [quad.object for quad in self._statements(iri, predicate)]
        return sorted(objects, key=lambda term: (terms.text_of(term), str(term)))

    def source_lines(self, iri: str, predicate: str) -> list[str]:
        """Find the lines and other graphs that state the values of a property of an entity."""
        graphs = {
            claim.graph_name.value
            for quad in self._statements(iri, predicate)
            for claim in self.store.quads_for_pattern(quad.subject, quad.predicate, quad.object)
            if isinstance(claim.graph_name, ox.NamedNode)
        }
        return sorted(graphs, key=terms.line_order)

    def _statements(self, iri: str, predicate: str) -> list[ox.Quad]:
        if predicate == MEMBER_OF:
            return self._memberships.get(iri, [])
        return self.explorer.quads(iri, predicate, None) if iri in self.entities else []

    @cached_property
    def _memberships(self) -> dict[str, list[ox.Quad]]:
        """Find for each member the statements that name its organizations, in memberships that have not ended."""
        ended = {quad.subject for quad in self.explorer.quads(None, OEWG + "memberUntil", None)}
        members = {quad.subject: terms.text_of(quad.object) for quad in self.explorer.quads(None, ORG_MEMBER, None)}
        statements: dict[str, list[ox.Quad]] = {}
        for quad in self.explorer.quads(None, ORG_ORGANIZATION, None):
            if quad.subject not in ended:
                statements.setdefault(members.get(quad.subject, ""), []).append(quad)
        return statements

    def _property_column(self, predicate: str) -> PropertyColumn:
        """Gather the values of a property over all entities."""
        statements = [(terms.text_of(quad.subject), quad.object) for quad in self.explorer.quads(None, predicate, None)]
        if predicate == MEMBER_OF:
            statements = [(member, quad.object) for member, quads in self._memberships.items() for quad in quads]
        by_value: dict[str, set[str]] = {}
        for subject, value in statements:
            for key in self._value_keys(value):
                by_value.setdefault(key, set()).add(subject)
        return PropertyColumn({subject for subject, _ in statements}, by_value)

    def _value_keys(self, value: Term) -> set[str]:
        if not isinstance(value, ox.NamedNode):
            return comparison_keys(terms.text_of(value))
        return {value.value, *(key for name in self.names(value.value) for key in comparison_keys(name))}


def comparison_keys(text: str) -> set[str]:
    """Normalize a value for comparison: without case and punctuation, numbers without leading zeros, timestamps as days."""
    day = TIMESTAMP.fullmatch(text)
    folded = terms.folded(day[1] if day else text)
    return {(folded.lstrip("0") or "0") if folded.isdigit() else folded} - {""}
