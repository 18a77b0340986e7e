"""The context of our JSON-LD, made from the ontology.

Run as `python docs/context.py` (make docs); it writes ontology/context.jsonld, which the exports use and publish.
"""

import re
from pathlib import Path

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.export import jsonld
from oewg_kg.export.jsonld import Context
from oewg_kg.vocabulary import BASE, OEWG, PREFIXES, RDF_TYPE, iris, own

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "ontology" / "context.jsonld"
OWL, XSD = PREFIXES["owl"], PREFIXES["xsd"]
# Properties in the exports that the ontology does not declare, or declares as annotations whose values are entities.
ALSO = dict.fromkeys(iris("prov:wasDerivedFrom rdfs:isDefinedBy rdfs:seeAlso"), "ObjectProperty")
ALSO[PREFIXES["rdfs"] + "label"] = "AnnotationProperty"
DATE = PREFIXES["dcterms"] + "date"
# Properties whose values are texts in a language: a map from language to text (JSON-LD 1.1, 4.6.2).
TEXTS = set(iris("skos:prefLabel skos:altLabel skos:definition dcterms:description rdfs:comment rdfs:label"))
VOCABULARIES = {prefix: iri for prefix, iri in PREFIXES.items() if prefix == "oewg" or not own(iri)}


def context(store: ox.Store) -> Context:
    """Make the context from the ontology: vocabularies, classes, properties with their types."""
    kinds: dict[str, set[str]] = {}
    for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None):
        if terms.text_of(quad.object).startswith(OWL) and isinstance(quad.subject, ox.NamedNode):
            kinds.setdefault(quad.subject.value, set()).add(terms.text_of(quad.object).removeprefix(OWL))
    for iri, kind in ALSO.items():
        kinds.setdefault(iri, set()).add(kind)
    found: Context = {"@version": 1.1, "id": "@id", "type": "@type", **dict(sorted(VOCABULARIES.items()))}
    for iri in sorted(kinds, key=lambda iri: (not iri.startswith(OEWG), iri)):
        name = re.split(r"[#/]", iri)[-1]
        if name not in found and not terms.compact(iri).startswith("<"):
            definition = defined(store, iri, kinds[iri])
            if definition:
                found[name] = definition
    return found


def defined(store: ox.Store, iri: str, kinds: set[str]) -> object:
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


def published() -> bytes:
    """Make the file, under the IRI of the version of the ontology."""
    store = ox.Store()
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        if path.name != "bridge.ttl":
            store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    version = "".join(terms.values(store, ox.NamedNode(OEWG.removesuffix("#")), OWL + "versionInfo"))
    document = {"@context": context(store), "@id": f"{BASE}context/{version}", "owl:versionInfo": version}
    return jsonld.json_bytes(document)


if __name__ == "__main__":
    PLACE.write_bytes(published())
    print(PLACE)
