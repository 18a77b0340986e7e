"""Describe a release in RDF: DCAT 3, with the statistics and linksets of VoID."""

from collections.abc import Iterable

import pyoxigraph as ox

from oewg_kg import formats, terms, texts
from oewg_kg.export import order as layout
from oewg_kg.release.metadata import LICENSE, File, ReleaseDescription
from oewg_kg.release.statistics import Linksets, Statistics
from oewg_kg.vocabulary import OEWG, PREFIXES, own

WIDTH = 120


def write(
    about: ReleaseDescription, counts: Statistics, links: Linksets, files: Iterable[File], measured: bool = True
) -> bytes:
    """Describe the dataset in Turtle: DCAT 3 and VoID; sizes and checksums if files are `measured`."""
    external = [namespace for namespace in PREFIXES.values() if namespace == OEWG or not own(namespace)]
    text = texts.filled(
        "release/dcat.ttl.jinja",
        about=about,
        counts=counts,
        files=files,
        links=links,
        part=about.part,
        measured=measured,
        base=about.identity.base,
        version=about.identity.version,
        license=LICENSE,
        ontology=OEWG.removesuffix("#"),
        source=PREFIXES["source"],
        compact=terms.compact,
        vocabularies=[space for space in external if any(used.startswith(space) for used in counts.properties)],
        dumps={f.media_type for f in formats.FORMATS if f.rdf},
    )
    parsed = ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=about.iri)
    release = ox.NamedNode(about.iri)
    quads = sorted(parsed, key=lambda quad: (quad.subject != release, layout.natural(terms.text_of(quad.subject))))
    triples = (quad.triple for quad in quads)
    lines = (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=parsed.prefixes) or b"").decode().splitlines()
    declared = sorted(line for line in lines if line.startswith("@prefix "))
    body = []
    for line in lines[len(declared) :]:
        separator = "" if line.startswith("\t") else "\n"
        is_long = len(line) > WIDTH and '"' not in line
        body.append(separator + (line.replace(" , ", " ,\n\t\t") if is_long else line).expandtabs(4))
    head = f"# {about.title}, version {about.identity.version}: its description, computed with the release."
    return "\n".join([head, *declared, *body, ""]).encode()
