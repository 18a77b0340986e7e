"""What a user's table can be matched with: types, the names of their entities, properties and their values."""

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
SCHEMA = tuple(PREFIXES[name] for name in ("owl", "rdf", "rdfs", "sh"))
BOOKS = {
    *(OEWG + name for name in ("SourceLine", "Claim", "Decision", "FormerName", "ReferenceGraph")),
    PREFIXES["org"] + "Membership",
}
USUAL = tuple(OEWG + name for name in ("State", "Actor", "Document", "Event"))
# A membership is a separate entity, with its dates; a column of a table contains the organization.
MEMBER_OF = PREFIXES["org"] + "memberOf"
MEMBER, ORGANIZATION = PREFIXES["org"] + "member", PREFIXES["org"] + "organization"
TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)T[\d:.]+(?:Z|[+-]\d\d:\d\d)?")


class Column(NamedTuple):
    """The values of one property: the entities that have any, and those that have each, by `keys`."""

    subjects: set[str]
    having: dict[str, set[str]]


class Catalog:
    """The graph as users' tables see it; it does not change, so every lookup is cached."""

    def __init__(self, explorer: Explorer) -> None:
        """Store the graph, and caches of what is looked up in it."""
        self.explorer, self.store = explorer, explorer.store
        self.index, self.column = cache(self._index), cache(self._column)
        self.names, self.properties = cache(self._names), cache(self._properties)

    @cached_property
    def types(self) -> dict[str, set[str]]:
        """Collect the types that can be asked for: classes whose members have labels, each with these members."""
        found: dict[str, set[str]] = {}
        for quad in self.explorer.quads(None, RDF_TYPE, None):
            kind, thing = terms.text_of(quad.object), terms.text_of(quad.subject)
            if thing in self.explorer.labels and kind not in BOOKS and not kind.startswith(SCHEMA):
                found.setdefault(kind, set()).add(thing)
        return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))

    @cached_property
    def things(self) -> set[str]:
        """Collect the entities of all types."""
        return set().union(*self.types.values())

    def usual(self) -> list[str]:
        """List the types to suggest by default."""
        return [kind for kind in USUAL if kind in self.types] or list(self.types)[:20]

    @staticmethod
    def meant_type(text: str) -> str:
        """Read which type a text means, known or not; `%23` is `#`, which an address cannot contain."""
        text = text.replace("%23", "#")
        return terms.expand(text) or OEWG + text

    def type_of(self, text: str) -> str:
        """Read a type: an IRI, a CURIE, or the name of a class of ours; raises Refusal with the available types."""
        iri = self.meant_type(text)
        if iri not in self.types:
            known = ", ".join(map(terms.compact, list(self.types)[:8]))
            raise Refusal(400, f"unknown type {text[:100]!r}; use, for example, {known}")
        return iri

    def types_of(self, iri: str) -> list[str]:
        """Find the types of an entity, the narrowest first."""
        return [kind for kind in self.explorer.classes(iri) if kind in self.types]

    def members(self, kind: str) -> set[str]:
        """Find the entities of a type; of all types if none is named."""
        return self.types[kind] if kind else self.things

    def _index(self, kind: str) -> Index:
        """Gather the names of the entities of a type; of all types if none is named."""
        return matcher.index_of(self.store, self.members(kind), of_states=kind == OEWG + "State")

    def _properties(self, kind: str) -> list[str]:
        """List the properties that entities of a type have, the most common first."""
        things = self.members(kind)
        counts = Counter(
            predicate
            for thing in things
            for predicate in {quad.predicate.value for quad in self.explorer.quads(thing, None, None)} - {RDF_TYPE}
        )
        counts += Counter({MEMBER_OF: len(things & self.column(MEMBER_OF).subjects)})
        return sorted(counts, key=lambda iri: (-counts[iri], self.label(iri)))

    def property_of(self, text: str) -> str:
        """Read a property: an IRI, a CURIE, the name of a property of ours, or a label; raises Refusal with similar ones."""
        known = self.properties("")
        wanted = terms.folded(text)
        for iri in (terms.expand(text), OEWG + text):
            if iri in known:
                return str(iri)
        labelled = [iri for iri in known if terms.folded(self.label(iri)) == wanted]
        if len(labelled) == 1:
            return labelled[0]
        near = labelled or [iri for iri in known if wanted and wanted in terms.folded(self.label(iri))] or known
        raise Refusal(
            400, f"unknown property {text[:100]!r}; use, for example, {', '.join(map(terms.compact, near[:6]))}"
        )

    def label(self, iri: str) -> str:
        """Find the English label of an entity, type or property."""
        return "member of" if iri == MEMBER_OF else self.explorer.label(iri)[0]

    def _names(self, iri: str) -> list[str]:
        """List all names of an entity, type or property, its label first."""
        return list(dict.fromkeys([self.label(iri), *terms.names_of(self.store, ox.NamedNode(iri))]))

    def beginning(self, offered: Iterable[str], text: str) -> list[str]:
        """Find names equal to a text, then names that begin with it, then names with a word that begins with it; or what it identifies."""
        wanted, iri = terms.folded(text), terms.expand(text) or text
        ranked = []
        for one in offered:
            names = [f" {terms.folded(name)}" for name in self.names(one)]
            if one == iri or f" {wanted}" in names:
                ranked.append((0, self.label(one), one))
            elif any(f" {wanted}" in name for name in names):
                ranked.append((2 - any(name.startswith(f" {wanted}") for name in names), self.label(one), one))
        return [one for _, _, one in sorted(ranked)]

    def definition(self, iri: str) -> str:
        """Find the definition of a type or property."""
        return " ".join(self.explorer.values(iri, PREFIXES["skos"] + "definition")[:1])

    def values(self, iri: str, predicate: str) -> list[Term]:
        """Find the values of a property of an entity in the resolved view, in order."""
        found = [quad.object for quad in self._quads(iri, predicate)]
        return sorted(found, key=lambda term: (terms.text_of(term), str(term)))

    def lines(self, iri: str, predicate: str) -> list[str]:
        """Find the lines and other graphs that state the values of a property of an entity."""
        found = {
            graph.graph_name.value
            for quad in self._quads(iri, predicate)
            for graph in self.store.quads_for_pattern(quad.subject, quad.predicate, quad.object)
            if isinstance(graph.graph_name, ox.NamedNode)
        }
        return sorted(found, key=terms.line_order)

    def _quads(self, iri: str, predicate: str) -> list[ox.Quad]:
        if predicate == MEMBER_OF:
            return self._memberships.get(iri, [])
        return self.explorer.quads(iri, predicate, None) if iri in self.things else []

    @cached_property
    def _memberships(self) -> dict[str, list[ox.Quad]]:
        """Find for each member the statements that name its organizations, in memberships that have not ended."""
        ended = {quad.subject for quad in self.explorer.quads(None, OEWG + "memberUntil", None)}
        members = {quad.subject: terms.text_of(quad.object) for quad in self.explorer.quads(None, MEMBER, None)}
        found: dict[str, list[ox.Quad]] = {}
        for quad in self.explorer.quads(None, ORGANIZATION, None):
            if quad.subject not in ended:
                found.setdefault(members.get(quad.subject, ""), []).append(quad)
        return found

    def _column(self, predicate: str) -> Column:
        """Gather the values of a property over all entities."""
        pairs = [(terms.text_of(quad.subject), quad.object) for quad in self.explorer.quads(None, predicate, None)]
        if predicate == MEMBER_OF:
            pairs = [(member, quad.object) for member, quads in self._memberships.items() for quad in quads]
        having: dict[str, set[str]] = {}
        for subject, value in pairs:
            for key in self._keys(value):
                having.setdefault(key, set()).add(subject)
        return Column({subject for subject, _ in pairs}, having)

    def _keys(self, value: Term) -> set[str]:
        if not isinstance(value, ox.NamedNode):
            return keys(terms.text_of(value))
        return {value.value, *(key for name in self.names(value.value) for key in keys(name))}


def keys(text: str) -> set[str]:
    """Normalize a value for comparison: without case and punctuation, numbers without leading zeros, timestamps as days."""
    day = TIMESTAMP.fullmatch(text)
    plain = terms.folded(day[1] if day else text)
    return {plain.lstrip("0") or "0" if plain.isdigit() else plain} - {""}
