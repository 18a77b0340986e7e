"""Write JSON-LD, compacted or framed: labels by language, nested nodes, and the part of the context in use."""

import json
import re
from collections.abc import Iterable

import pyoxigraph as ox

from oewg_kg import formats, paths, terms
from oewg_kg.export import order as layout
from oewg_kg.vocabulary import PREFIXES, RDF_TYPE

XSD = PREFIXES["xsd"]
CANONICAL_INTEGER = re.compile(r"(0|-?[1-9]\d{0,14})\Z")
Context = dict[str, object]


def published() -> bytes:
    """Read the context as it is published, under the IRI of its version; docs/context.py makes it from the ontology."""
    return paths.read_bytes(paths.ours().folder / "ontology" / "context.jsonld", "the JSON-LD context")


def context() -> Context:
    """Read the context: vocabularies, classes, properties with their types."""
    definitions: Context = json.loads(published())["@context"]
    return definitions


def json_bytes(document: object) -> bytes:
    """Write a document as every JSON file of ours is laid out."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def compacted(quads: Iterable[ox.Quad], context: Context) -> bytes:
    """Write triples as one flat document: an object for each entity, grouped by class, in `@graph`."""
    triples = list(quads)
    writer = Writer(context)
    entities = layout.entities(triples, layout.classes(triples))
    graph = [writer.node_object(subject, properties) for subject, _, properties in entities]
    return json_bytes({"@context": writer.used_context(), "@graph": graph})


def framed(quads: Iterable[ox.Quad], context: Context, entity: ox.NamedNode) -> bytes:
    """Write the description of an entity as a tree: the entities it names, and under `@reverse` those that name it, each once."""
    facts = layout.by_subject(quads)
    writer = Writer(context)
    nested = {subject: writer.node_object(subject, facts[subject]) for subject in facts if subject != entity}
    tree = writer.node_object(entity, facts.pop(entity, {}), nested)
    reverse: dict[str, list[object]] = {}
    for subject in sorted(set(facts) & set(nested), key=layout.term_order):
        naming = {p for p, quads in facts[subject].items() if any(quad.object == entity for quad in quads)} - {RDF_TYPE}
        if naming:
            name = writer.name(min(naming, key=layout.predicate_order))
            reverse.setdefault(name, []).append(nested.pop(subject))
    if reverse:
        tree["@reverse"] = reverse
    return json_bytes({"@context": writer.used_context(), **tree})


def _compact(values: list[object]) -> object:
    return values[0] if len(values) == 1 else values


class Writer:
    """Writes entities with the terms of a context, and remembers which terms it used."""

    def __init__(self, context: Context) -> None:
        """Take the complete context; terms are looked up in it by their IRI."""
        self.context = context
        self.used_terms = {"id", "type", "@version"}
        self.vocabularies = {name for name, iri in context.items() if iri in PREFIXES.values()}
        self.terms: dict[str, str] = {}
        # The type to which a property's values are coerced, and the properties whose values are texts by language (JSON-LD 1.1, 4.6.2).
        self.types: dict[str, str] = {}
        self.texts: set[str] = set()
        for term, definition in context.items():
            expanded: dict[str, str] = definition if isinstance(definition, dict) else {"@id": str(definition)}
            iri = terms.expand(expanded["@id"])
            if iri is None or term in self.vocabularies:
                continue
            self.terms[iri] = term
            if "@type" in expanded:
                self.types[iri] = terms.expand(expanded["@type"]) or expanded["@type"]
            if "@container" in expanded:
                self.texts.add(iri)

    def used_context(self) -> Context:
        """Return the part of the context that was used, in its order."""
        for term in list(self.used_terms):
            definition = self.context[term]
            iris = definition.values() if isinstance(definition, dict) else [definition]
            self.used_terms |= {str(iri).partition(":")[0] for iri in iris} & self.vocabularies
        return {name: definition for name, definition in self.context.items() if name in self.used_terms}

    def name(self, iri: str) -> str:
        """Name a property or class: its term, else its CURIE, else its IRI."""
        if iri in self.terms:
            self.used_terms.add(self.terms[iri])
            return self.terms[iri]
        return self.curie(iri)

    def curie(self, iri: str) -> str:
        """Write an IRI as a CURIE of one of the vocabularies, else in full."""
        prefix, _, local = terms.compact(iri).partition(":")
        if prefix in self.vocabularies:
            self.used_terms.add(prefix)
            return f"{prefix}:{local}"
        return iri

    def node_object(
        self,
        subject: object,
        facts: layout.Facts,
        nested: dict[ox.NamedNode | ox.BlankNode, dict[str, object]] | None = None,
    ) -> dict[str, object]:
        """Write one entity with its facts; a value in `nested` is written in full and removed from there."""
        values_of_term: dict[str, list[object]] = {}
        by_language: dict[str, dict[str, list[object]]] = {}
        for predicate, quads in facts.items():
            for value in (quad.object for quad in quads):
                if predicate == RDF_TYPE and isinstance(value, ox.NamedNode):
                    values_of_term.setdefault("type", []).append(self.name(value.value))
                elif isinstance(value, ox.NamedNode | ox.BlankNode) and nested and value in nested:
                    values_of_term.setdefault(self.name(predicate), []).append(nested.pop(value))
                elif isinstance(value, ox.Literal) and predicate in self.texts:
                    texts = by_language.setdefault(self.name(predicate), {})
                    texts.setdefault(value.language or "@none", []).append(value.value)
                else:
                    name = self.curie(predicate) if predicate in self.texts else self.name(predicate)
                    values_of_term.setdefault(name, []).append(self._value_object(value, self.types.get(predicate)))
        language_maps = {
            name: {language: _compact(texts[language]) for language in texts} for name, texts in by_language.items()
        }
        properties = {name: _compact(values) for name, values in values_of_term.items()}
        types = {"type": properties.pop("type")} if "type" in properties else {}
        return {"id": terms.text_of(subject), **types, **language_maps, **properties}

    def _value_object(self, value: object, coerced: str | None) -> object:
        """Write a value plainly if the definition of its property gives its type, else as an object."""
        if isinstance(value, ox.Triple):
            raise formats.UnwritableError(formats.by_name("jsonld"))
        if not isinstance(value, ox.Literal):
            return terms.text_of(value) if coerced == "@id" else {"id": terms.text_of(value)}
        if value.language:
            return {"@value": value.value, "@language": value.language}
        datatype = value.datatype.value
        if datatype == (coerced or XSD + "string"):
            return value.value
        if coerced is None and datatype == XSD + "integer" and CANONICAL_INTEGER.match(value.value):
            return int(value.value)
        typed = {} if datatype == XSD + "string" else {"type": self.curie(datatype)}
        return typed | {"@value": value.value}
