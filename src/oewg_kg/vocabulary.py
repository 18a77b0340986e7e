"""The one table of prefixes, and the few terms that the code itself names."""

BASE = "https://w3id.org/oewg-kg/"

PREFIXES: dict[str, str] = {
    "oewg": BASE + "ontology#",
    "process": BASE + "process/",
    "event": BASE + "event/",
    "document": BASE + "document/",
    "contribution": BASE + "contribution/",
    "list": BASE + "list/",
    "state": BASE + "state/",
    "group": BASE + "group/",
    "stakeholder": BASE + "stakeholder/",
    "body": BASE + "body/",
    "organ": BASE + "organ/",
    "authors": BASE + "authors/",
    "person": BASE + "person/",
    "post": BASE + "post/",
    "tenure": BASE + "tenure/",
    "seat": BASE + "seat/",
    "membership": BASE + "membership/",
    "provision": BASE + "provision/",
    "deadline": BASE + "deadline/",
    "place": BASE + "place/",
    "topic": BASE + "topic/",
    "kind": BASE + "kind/",
    "status": BASE + "status/",
    "scheme": BASE + "scheme/",
    "decision": BASE + "decision/",
    "claim": BASE + "claim/",
    "shape": BASE + "shape/",
    "source": BASE + "source/",
    "graph": BASE + "graph/",
    "p0": BASE + "source/gge-oewg-events#L",
    "p1": BASE + "source/oewg-2019-2021#L",
    "p2": BASE + "source/oewg-2021-2025#L",
    "p3": BASE + "source/oewg-2019-2021-monitor#L",
    "p4": BASE + "source/un-oewg#L",
    "lang": "http://id.loc.gov/vocabulary/iso639-1/",
    "dcterms": "http://purl.org/dc/terms/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

OEWG = PREFIXES["oewg"]
RDF_TYPE = PREFIXES["rdf"] + "type"
PREF_LABEL = PREFIXES["skos"] + "prefLabel"
ALT_LABEL = PREFIXES["skos"] + "altLabel"
# The individuals by which the data say that a page is silent: they can be counted, and nothing is inferred of them.
SILENCES = (OEWG + "TargetNotStated", OEWG + "SubmitterNotStated")

RESOLVED = BASE + "graph/resolved"
INFERRED = BASE + "graph/inferred"
PUBLISHED = BASE + "graph/published"
GENID = BASE + ".well-known/genid/"


def iri(curie: str) -> str:
    """Write out a CURIE of the table of prefixes."""
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name


def iris(curies: str) -> list[str]:
    """Write out CURIEs separated by spaces."""
    return [iri(curie) for curie in curies.split()]
