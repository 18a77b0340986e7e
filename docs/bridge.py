"""Axioms from our terms to PROV, ORG, schema.org, DCTERMS and ELI-DL, made from the tables of mappings.

Run as `python docs/bridge.py` (make docs); it writes ontology/bridge.ttl, which is published and never read into our own graph.
"""

import re
from pathlib import Path

from oewg_kg import mappings
from oewg_kg.version import __version__
from oewg_kg.vocabulary import OEWG, PREFIXES

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "ontology" / "bridge.ttl"
SCHEMA = PREFIXES["schema"]
ELI_DL = "http://data.europa.eu/eli/eli-draft-legislation-ontology#"
STANDARDS = (*(PREFIXES[name] for name in ("dcterms", "org", "prov", "schema")), ELI_DL)
# Ours is the same or narrower: only then does what we say hold in their words too.
NARROWER = {PREFIXES["skos"] + "broadMatch", PREFIXES["skos"] + "exactMatch"}
# A concept of ours as a value of the first property is their value of the second.
VALUES = {
    PREFIXES["status"]: (OEWG + "status", SCHEMA + "eventStatus"),
    PREFIXES["kind"]: (OEWG + "mode", SCHEMA + "eventAttendanceMode"),
}
HEAD = f"""# Our terms under those of PROV, ORG, schema.org, DCTERMS and ELI-DL, made by docs/bridge.py from data/links: edit the tables.
# Load it next to the data if you want these conclusions; nothing in our own graph rests on it.
{{prefixes}}

<https://w3id.org/oewg-kg/ontology/bridge> a owl:Ontology ;
    dcterms:title "From the oewg-kg ontology to PROV-O, ORG, schema.org, DCTERMS and ELI-DL"@en ;
    dcterms:description "Each class and property of ours that a mapping calls narrower, as a subclass or subproperty."@en ;
    dcterms:creator <https://w3id.org/oewg-kg/agent/authors> ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    dcterms:source <https://w3id.org/oewg-kg/links/ontology> , <https://w3id.org/oewg-kg/links/values> ;
    owl:versionInfo "{__version__}" .
"""


def curie(iri: str) -> str:
    """Write an IRI with its prefix, or in full where it has none."""
    space = next((prefix for prefix, space in PREFIXES.items() if iri.startswith(space)), "")
    return f"{space}:{iri.removeprefix(PREFIXES[space])}" if space else f"<{iri}>"


def axiom(mapping: mappings.Mapping) -> str:
    """Write one mapping as an axiom, for a value as a restriction on each side."""
    for space, properties in VALUES.items():
        if mapping.subject.startswith(space):
            ours, theirs = (
                f"[ a owl:Restriction ;\n    owl:onProperty {curie(name)} ;\n    owl:hasValue {curie(value)} ]"
                for name, value in zip(properties, (mapping.subject, mapping.object), strict=True)
            )
            return f"{ours} rdfs:subClassOf {theirs} ."
    kind = "subClassOf" if mapping.subject.removeprefix(OEWG)[0].isupper() else "subPropertyOf"
    return f"{curie(mapping.subject)} rdfs:{kind} {curie(mapping.object)} ."


def bridge() -> str:
    """Make the whole file."""
    tables = [ROOT / "data" / "links" / f"{name}{mappings.ENDING}" for name in ("ontology", "values")]
    rows = [row for path in tables for row in mappings.read(path, path.relative_to(ROOT).as_posix()).mappings]
    confirmed = [
        row for row in rows if row.predicate in NARROWER and not row.negated and row.object.startswith(STANDARDS)
    ]
    axioms = [f"\n# {row.comment}.\n{axiom(row)}" for row in confirmed]
    text = "\n".join(axioms)
    names = re.sub(r"(?m)^#.*$|<.*?>|\".*?\"", "", HEAD + text)
    used = {name for name in PREFIXES if re.search(rf"(?<![\w-]){name}:", names)}
    prefixes = [f"PREFIX {name}: <{space}>" for name, space in PREFIXES.items() if name in used]
    return HEAD.format(prefixes="\n".join(prefixes)) + text + "\n"


if __name__ == "__main__":
    PLACE.write_text(bridge(), encoding="utf-8", newline="\n")
    print(PLACE)
