"""Write JSON-LD, compacted or framed: labels by language, nested nodes, and the part of the context in use."""

import json
import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from oewg_kg import formats, terms
from oewg_kg.export import order as layout
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, RDF_TYPE, iris, own

OWL, XSD = PREFIXES["owl"], PREFIXES["xsd"]
# Properties in the exports that the ontology does not declare, or declares as annotations whose values are entities.
ALSO = dict.fromkeys(iris("prov:wasDerivedFrom rdfs:isDefinedBy rdfs:seeAlso"), "ObjectProperty")
ALSO[PREFIXES["rdfs"] + "label"] = "AnnotationProperty"
DATE = PREFIXES["dcterms"] + "date"
# Properties whose values are texts in a language: a map from language to text (JSON-LD 1.1, 4.6.2).
TEXTS = set(iris("skos:prefLabel skos:altLabel skos:definition dcterms:description rdfs:comment rdfs:label"))
VOCABULARIES = {prefix: iri for prefix, iri in PREFIXES.items() if prefix == "oewg" or not own(iri)}
CANONICAL_INTEGER = re.compile(r"(0|-?[1-9]\d{0,14})\Z")
Facts = Mapping[str, list[ox.Quad]]
Context = dict[str, object]


def context(store: ox.Store) -> Context:
    """Make the context from the ontology in the default graph: vocabularies, classes, properties with their types."""
    kinds: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None, ox.DefaultGraph()):
        if terms.text_of(quad.object).startswith(OWL) and isinstance(quad.subject, ox.NamedNode):
            kinds.setdefault(quad.subject.value, set()).add(terms.text_of(quad.object).removeprefix(OWL))
    for iri, kind in ALSO.items():
        kinds.setdefault(iri, set()).add(kind)
    found: Context = {"@version": 1.1, "id": "@id", "type": "@type", **dict(sorted(VOCABULARIES.items()))}
    for iri in sorted(kinds, key=lambda iri: (not iri.startswith(OEWG), iri)):
        name = re.split(r"[#/]", iri)[-1]
        if name not in found and not terms.compact(iri).startswith("<"):
            definition = _definition(store, iri, kinds[iri])
            if definition:
                found[name] = definition
    return found


def _definition(store: ox.Store, iri: str, kinds: set[str]) -> object:
    """Define one term; nothing for what is neither class nor property."""
    name = terms.compact(iri)
    if "Class" in kinds:
        return name if iri.startswith(OEWG) else None
    if iri in TEXTS:
        return {"@id": name, "@container": "@language"}
    if kinds & {"ObjectProperty", "TransitiveProperty", "SymmetricProperty"}:
        return {"@id": name, "@type": "@id"}
    if not kinds & {"DatatypeProperty", "AnnotationProperty"}:
        return None
    ranges = terms.values(store, ox.NamedNode(iri), PREFIXES["rdfs"] + "range") or [XSD + "date"] * (iri == DATE)
    if len(ranges) == 1 and ranges[0] in (XSD + "date", XSD + "time"):
        return {"@id": name, "@type": terms.compact(ranges[0])}
    return name


def published(store: ox.Store) -> bytes:
    """Write the context as the file that is published, under the IRI of its version."""
    version = "".join(terms.values(store, ox.NamedNode(OEWG.removesuffix("#")), OWL + "versionInfo"))
    return _text({"@context": context(store), "@id": f"{BASE}context/{version}", "owl:versionInfo": version})


def _text(document: object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def compacted(quads: Iterable[ox.Quad], context: Context) -> bytes:
    """Write triples as one flat document: an object for each entity, grouped by class, in `@graph`."""
    triples = list(quads)
    kinds = layout.classes(triples)
    facts = layout.by_subject(triples)
    writer = Writer(context)
    order = sorted(facts, key=lambda s: (layout.class_order(kinds.get(str(s), "")), layout.term_order(s)))
    graph = [writer.thing(subject, facts[subject]) for subject in order]
    return _text({"@context": writer.used(), "@graph": graph})


def framed(quads: Iterable[ox.Quad], context: Context, thing: ox.NamedNode) -> bytes:
    """Write the description of an entity as a tree: the entities it names, and under `@reverse` those that name it, each once."""
    facts = layout.by_subject(quads)
    writer = Writer(context)
    nested = {subject: writer.thing(subject, about) for subject, about in facts.items() if subject != thing}
    tree = writer.thing(thing, facts.pop(thing, {}), nested)
    reverse: dict[str, list[object]] = {}
    for subject in sorted(set(facts) & set(nested), key=layout.term_order):
        found = [p for p, about in facts[subject].items() if any(q.object == thing for q in about) and p != RDF_TYPE]
        if found:
            name = writer.property(min(found, key=layout.predicate_order))
            reverse.setdefault(name, []).append(nested.pop(subject))
    if reverse:
        tree["@reverse"] = reverse
    return _text({"@context": writer.used(), **tree})


def _alone(values: list[object]) -> object:
    return values[0] if len(values) == 1 else values


class Writer:
    """Writes entities with the terms of a context, and remembers which terms it used."""

    def __init__(self, context: Context) -> None:
        """Take the complete context; terms are looked up in it by their IRI."""
        self.context = context
        self.names = {"id", "type", "@version"}
        self.terms: dict[str, str] = {}
        for name, definition in context.items():
            iri = definition.get("@id") if isinstance(definition, dict) else definition
            if name not in VOCABULARIES and isinstance(iri, str) and ":" in iri:
                self.terms[terms.expand(iri) or iri] = name

    def used(self) -> Context:
        """Return the part of the context that was used, in its order."""
        for name in list(self.names):
            definition = self.context[name]
            parts = definition.values() if isinstance(definition, dict) else [definition]
            self.names |= {str(part).partition(":")[0] for part in parts} & VOCABULARIES.keys()
        return {name: definition for name, definition in self.context.items() if name in self.names}

    def property(self, iri: str) -> str:
        """Name a property or class: its term, else its CURIE, else its IRI."""
        if iri in self.terms:
            self.names.add(self.terms[iri])
            return self.terms[iri]
        return self.curie(iri)

    def curie(self, iri: str) -> str:
        """Write an IRI as a CURIE of one of the vocabularies, else in full."""
        prefix, _, local = terms.compact(iri).partition(":")
        if prefix in VOCABULARIES:
            self.names.add(prefix)
            return f"{prefix}:{local}"
        return iri

    def thing(
        self, subject: object, facts: Facts, nested: dict[ox.NamedNode | ox.BlankNode, dict[str, object]] | None = None
    ) -> dict[str, object]:
        """Write one entity with its facts; a value in `nested` is written in full and removed from there."""
        lists: dict[str, list[object]] = {}
        by_language: dict[str, dict[str, list[object]]] = {}
        for predicate, quads in facts.items():
            for value in (quad.object for quad in quads):
                if predicate == RDF_TYPE and isinstance(value, ox.NamedNode):
                    lists.setdefault("type", []).append(self.property(value.value))
                elif isinstance(value, ox.NamedNode | ox.BlankNode) and nested and value in nested:
                    lists.setdefault(self.property(predicate), []).append(nested.pop(value))
                elif isinstance(value, ox.Literal) and predicate in TEXTS and predicate in self.terms:
                    texts = by_language.setdefault(self.property(predicate), {})
                    texts.setdefault(value.language or "@none", []).append(value.value)
                else:
                    name, json_value = self._value(predicate, value)
                    lists.setdefault(name, []).append(json_value)
        maps = {
            name: {language: _alone(values) for language, values in by_language[name].items()} for name in by_language
        }
        others = {name: _alone(values) for name, values in lists.items()}
        kinds = {"type": others.pop("type")} if "type" in others else {}
        return {"id": terms.text_of(subject), **kinds, **maps, **others}

    def _value(self, predicate: str, value: object) -> tuple[str, object]:
        """Write a value plainly if the term's definition gives its type, else as an object under the CURIE."""
        if isinstance(value, ox.Triple):
            raise formats.UnwritableError(formats.by_name("jsonld"))
        definition = self.context.get(self.terms.get(predicate, ""), None)
        coerced = definition.get("@type") if isinstance(definition, dict) else None
        in_texts = predicate in TEXTS
        plain = self.property if definition is not None and not in_texts else self.curie
        if not isinstance(value, ox.Literal):
            text = terms.text_of(value)
            return (self.property(predicate), text) if coerced == "@id" else (plain(predicate), {"id": text})
        if value.language:
            return plain(predicate), {"@value": value.value, "@language": value.language}
        datatype = value.datatype.value
        if coerced and not in_texts and terms.expand(str(coerced)) == datatype:
            return self.property(predicate), value.value
        if coerced is None and not in_texts:
            if datatype == XSD + "string":
                return self.property(predicate), value.value
            if datatype == XSD + "integer" and CANONICAL_INTEGER.match(value.value):
                return self.property(predicate), int(value.value)
        typed = {} if datatype == XSD + "string" else {"type": self.curie(datatype)}
        return (self.curie if in_texts else self.property)(predicate), typed | {"@value": value.value}
