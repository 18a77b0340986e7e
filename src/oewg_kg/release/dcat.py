"""What a release says of its content as RDF: DCAT 3, with the statistics and linksets of VoID, computed from the graph.

Not for RO-Crate and schema.org: `release_metadata` has those.
"""

from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from oewg_kg import formats, terms
from oewg_kg.export import order as layout
from oewg_kg.mappings import Mapping as Link
from oewg_kg.release.metadata import LICENSE, About, File, Statistics
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE, own

VOCABULARIES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": PREFIXES["dcterms"],
    "foaf": "http://xmlns.com/foaf/0.1/",
    "lang": PREFIXES["lang"],
    "oewg": OEWG,
    "owl": PREFIXES["owl"],
    "prov": PREFIXES["prov"],
    "rdf": PREFIXES["rdf"],
    "rdfs": PREFIXES["rdfs"],
    "skos": PREFIXES["skos"],
    "source": PREFIXES["source"],
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": PREFIXES["xsd"],
}
WIDTH = 120
# What the names of graphs denote, as the ontology declares it.
ON_GRAPHS = (ox.NamedNode(OEWG + "SourceLine"), ox.NamedNode(PREFIXES["skos"] + "scopeNote"))
Value = ox.NamedNode | ox.Literal


def write(about: About, counts: Statistics, links: Mapping[str, Sequence[Link]], files: Iterable[File]) -> bytes:
    """Describe the dataset in Turtle: DCAT 3, VoID with partitions and linksets, and a checksum for each distribution.

    `links` gives the mappings by the namespace into which they lead. There are no blank nodes.
    """
    whole = ox.NamedNode(about.iri)
    quads = _told(
        about.iri,
        ("rdf:type", "dcat:Dataset", "void:Dataset"),
        ("dcterms:title", _english(about.title)),
        ("dcterms:description", _english(about.description(len(counts.triples), counts.lines))),
        ("dcterms:creator", *(about.part("creator", name) for name in about.creators)),
        ("dcterms:publisher", about.part("creator", about.creators[0])),
        ("dcterms:issued", *([_typed(about.issued, "date")] if about.issued else [])),
        ("dcterms:license", ox.NamedNode(LICENSE)),
        ("dcterms:language", "lang:en"),
        ("dcterms:conformsTo", ox.NamedNode(OEWG.removesuffix("#"))),
        ("dcterms:source", *map(ox.NamedNode, about.pages)),
        ("dcterms:temporal", *([about.part("temporal")] if about.days[0] else [])),
        ("dcat:version", ox.Literal(about.whole.version)),
        ("dcat:isVersionOf", ox.NamedNode(about.whole.base)),
        ("dcat:landingPage", ox.NamedNode(about.whole.base)),
        ("dcat:keyword", *map(_english, about.keywords)),
        ("void:uriSpace", ox.Literal(about.whole.base)),
        ("skos:scopeNote", *_on_graphs(counts.triples)),
        ("void:vocabulary", *_vocabularies(counts.triples)),
    )
    for name in about.creators:
        quads += _told(about.part("creator", name).value, ("rdf:type", "foaf:Agent"), ("foaf:name", ox.Literal(name)))
    if about.days[0]:
        days = _typed(about.days[0], "date"), _typed(about.days[1], "date")
        period = ("rdf:type", "dcterms:PeriodOfTime"), ("dcat:startDate", days[0]), ("dcat:endDate", days[1])
        quads += _told(about.part("temporal").value, *period)
    quads += [*_statistics(about, counts), *_pages(about, counts), *_linksets(about, links)]
    for file in files:
        if file.is_distribution:
            one, check = about.part("distribution", file.path), about.part("checksum", file.path)
            place = ox.NamedNode(f"{about.iri}/{file.path}")
            quads += _told(about.iri, ("dcat:distribution", one))
            if file.media_type in {f.media_type for f in formats.FORMATS if f.rdf}:
                quads += _told(about.iri, ("void:dataDump", place))
            quads += _told(
                one.value,
                ("rdf:type", "dcat:Distribution"),
                ("dcterms:title", _english(file.title)),
                ("dcterms:license", ox.NamedNode(LICENSE)),
                ("dcat:accessURL", place),
                ("dcat:downloadURL", place),
                ("dcat:mediaType", ox.NamedNode("https://www.iana.org/assignments/media-types/" + file.media_type)),
                ("dcat:byteSize", _typed(len(file.content), "nonNegativeInteger")),
                ("spdx:checksum", check),
            )
            quads += _told(
                check.value,
                ("rdf:type", "spdx:Checksum"),
                ("spdx:algorithm", "spdx:checksumAlgorithm_sha256"),
                ("spdx:checksumValue", _typed(file.sha256, "hexBinary")),
            )
    ordered = sorted(quads, key=lambda quad: (quad.subject != whole, layout.natural(terms.text_of(quad.subject))))
    return _turtle(
        about, f"{about.title}, version {about.whole.version}: its description, computed with the release.", ordered
    )


def _turtle(about: About, head: str, quads: Iterable[ox.Quad]) -> bytes:
    """Write Turtle under a first line; prefixes by name, a blank line between subjects, long rows of IRIs one below the other.

    `turtle` is not used, since its prefixes are those of the data.
    """
    triples = (quad.triple for quad in quads)
    lines = (
        (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=VOCABULARIES | {"part": f"{about.iri}#"}) or b"")
        .decode()
        .splitlines()
    )
    prefixes = sorted(line for line in lines if line.startswith("@prefix "))
    body = []
    for line in lines[len(prefixes) :]:
        start = "" if line.startswith("\t") else "\n"
        is_long = len(line) > WIDTH and '"' not in line
        body.append(start + (line.replace(" , ", " ,\n\t\t") if is_long else line).expandtabs(4))
    return "\n".join([f"# {head}", *prefixes, *body, ""]).encode()


def _statistics(about: About, counts: Statistics) -> list[ox.Quad]:
    """Count the resolved view as a whole, by class and by property (VoID 4.1 to 4.3)."""
    instances: dict[str, set[str]] = {}
    values: dict[str, list[tuple[str, str]]] = {}
    for quad in counts.triples:
        values.setdefault(quad.predicate.value, []).append((str(quad.subject), str(quad.object)))
        if quad.predicate.value == RDF_TYPE:
            instances.setdefault(terms.text_of(quad.object), set()).add(str(quad.subject))
    subjects = {str(quad.subject) for quad in counts.triples}
    quads = _told(
        about.iri,
        ("void:triples", _number(len(counts.triples))),
        ("void:entities", _number(len([iri for iri in subjects if own(iri[1:])]))),
        ("void:distinctSubjects", _number(len(subjects))),
        ("void:distinctObjects", _number(len({str(quad.object) for quad in counts.triples}))),
        ("void:classes", _number(len(instances))),
        ("void:properties", _number(len(values))),
        ("void:classPartition", *(about.part("class", iri) for iri in sorted(instances))),
        ("void:propertyPartition", *(about.part("property", iri) for iri in sorted(values))),
    )
    for iri, things in instances.items():
        entities = ("void:entities", _number(len(things)))
        quads += _told(about.part("class", iri).value, ("void:class", ox.NamedNode(iri)), entities)
    for iri, pairs in values.items():
        quads += _told(
            about.part("property", iri).value,
            ("void:property", ox.NamedNode(iri)),
            ("void:triples", _number(len(pairs))),
            ("void:distinctSubjects", _number(len({subject for subject, _ in pairs}))),
            ("void:distinctObjects", _number(len({value for _, value in pairs}))),
        )
    return quads


def _pages(about: About, counts: Statistics) -> list[ox.Quad]:
    """Describe what each page states as a subset."""
    quads = []
    for page, title in about.pages.items():
        quads += _told(about.iri, ("void:subset", about.part("page", page)))
        quads += _told(
            about.part("page", page).value,
            ("rdf:type", "void:Dataset"),
            ("dcterms:title", _english(f"What the lines of the page “{title}” state")),
            ("dcterms:source", ox.NamedNode(page)),
            ("void:triples", _number(counts.of_page.get(page, 0))),
        )
    return quads


def _linksets(about: About, links: Mapping[str, Sequence[Link]]) -> list[ox.Quad]:
    """Describe the mappings to each outside namespace, one linkset for each property (VoID 5)."""
    quads = []
    for space, found in sorted(links.items()):
        target = about.part("target", space)
        quads += _told(target.value, ("rdf:type", "void:Dataset"), ("void:uriSpace", ox.Literal(space)))
        for predicate in sorted({link.predicate for link in found}):
            one = about.part("linkset", f"{terms.compact(predicate)} {space}")
            pairs = {(link.subject, link.object) for link in found if link.predicate == predicate}
            quads += _told(about.iri, ("void:subset", one))
            quads += _told(
                one.value,
                ("rdf:type", "void:Linkset"),
                ("void:subjectsTarget", ox.NamedNode(about.iri)),
                ("void:objectsTarget", target),
                ("void:linkPredicate", ox.NamedNode(predicate)),
                ("void:triples", _number(len(pairs))),
            )
    return quads


def _vocabularies(triples: Iterable[ox.Quad]) -> list[Value]:
    """List the vocabularies of which the triples use a property."""
    used = {quad.predicate.value for quad in triples}
    outside = (iri for iri in PREFIXES.values() if iri == OEWG or not own(iri))
    return [ox.NamedNode(iri) for iri in outside if any(one.startswith(iri) for one in used)]


def _told(subject: str, *facts: tuple[str | Value, ...]) -> list[ox.Quad]:
    """Make triples of a subject: each fact is a property and its values, CURIEs of VOCABULARIES where they are texts."""
    here = ox.NamedNode(subject)
    return [
        ox.Quad(here, _named(str(predicate)), _named(value) if isinstance(value, str) else value)
        for predicate, *values in facts
        for value in values
    ]


def _named(curie: str) -> ox.NamedNode:
    prefix, _, name = curie.partition(":")
    return ox.NamedNode(VOCABULARIES[prefix] + name)


def _on_graphs(triples: Iterable[ox.Quad]) -> list[ox.Literal]:
    found = [quad.object for quad in triples if (quad.subject, quad.predicate) == ON_GRAPHS]
    return [note for note in found if isinstance(note, ox.Literal)]


def _english(text: str) -> ox.Literal:
    return ox.Literal(text, language="en")


def _typed(value: object, datatype: str) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(PREFIXES["xsd"] + datatype))


def _number(value: int) -> ox.Literal:
    return _typed(value, "integer")
