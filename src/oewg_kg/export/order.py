"""In which order things, facts and values are written, so that a file reads well and is always the same bytes.

Not for any syntax: `turtle` and `jsonld` write it.
"""

import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.vocabulary import OEWG, PREFIXES, RDF_TYPE


def _iris(curies: str) -> list[str]:
    return [PREFIXES[curie.partition(":")[0]] + curie.partition(":")[2] for curie in curies.split()]


# The narrower class before the wider: a thing stands under the first that it has.
CLASSES = _iris("""
    oewg:Process oewg:Session oewg:Meeting oewg:SideEvent oewg:Event oewg:Deadline
    oewg:Draft oewg:Resolution oewg:Document oewg:Work oewg:Contribution
    oewg:State oewg:StateGroup oewg:Stakeholder oewg:UNBody oewg:Organ oewg:AuthorGroup oewg:Person oewg:Actor
    oewg:HistoricState oewg:RollCall oewg:Post oewg:Tenure org:Membership oewg:ExpertSeat oewg:Modality oewg:Provision oewg:List oewg:Place
    oewg:Decision oewg:Claim oewg:Source oewg:SourceLine
    skos:ConceptScheme skos:Concept owl:Ontology owl:Class owl:ObjectProperty owl:DatatypeProperty
    owl:AnnotationProperty owl:NamedIndividual
""")
# What, who, where, about, text, dates, language (data/README.md); properties not named here stand before the text.
BEFORE = _iris("""
    rdf:type skos:prefLabel rdfs:label skos:altLabel dcterms:title oewg:formerName skos:notation oewg:symbol oewg:ordinal
    oewg:putForwardBy oewg:submittedBy oewg:inNameOf oewg:initiatedBy oewg:issuedBy oewg:sponsoredBy oewg:adoptedBy oewg:adoptionMode
    oewg:chairedBy oewg:convenedBy oewg:requestedBy oewg:coHostedBy oewg:supportedBy oewg:consulted oewg:addressedTo
    oewg:conducts oewg:holder org:member org:organization oewg:heldPost oewg:postIn oewg:country oewg:ofState oewg:organOf org:hasMember
    oewg:kind oewg:classifiedAs oewg:listedAs oewg:status oewg:statusReason oewg:mode oewg:registration
    oewg:ofProcess oewg:ofEvent oewg:subEventOf dcterms:isPartOf dcterms:hasPart oewg:place
    oewg:addresses oewg:concerns oewg:reportsOn oewg:provisionOf oewg:foreseenIn oewg:appliesTo oewg:covers
    oewg:coversKind oewg:established oewg:renewed oewg:endorsed oewg:adoptedAt oewg:setBy oewg:extends oewg:versionOf
    prov:wasRevisionOf oewg:hasAttachment oewg:attachmentOf dcterms:subject
    oewg:contributedOn oewg:submitted oewg:ofSource oewg:lineNumber oewg:underHeading oewg:continues oewg:lineStatus
    oewg:reason oewg:prefers oewg:setsAside oewg:keeps oewg:aboutLine rdf:subject rdf:predicate rdf:object oewg:statedIn
""")
AFTER = _iris("""
    oewg:listedIn oewg:labelInSource oewg:nameInSource skos:definition dcterms:description rdfs:comment
    dcterms:date oewg:earliestDate oewg:latestDate oewg:dateInterval oewg:plannedStart oewg:plannedEnd oewg:heldStart oewg:heldEnd
    oewg:meetingDay oewg:startTime oewg:endTime oewg:due oewg:adoptedOn oewg:adoptedEarliest oewg:adoptedLatest oewg:adoptedInterval
    oewg:activeEarliest oewg:activeLatest oewg:activeInterval oewg:dateInSource oewg:timeInSource oewg:timeZoneInSource oewg:weekdayInSource
    dcterms:language oewg:languageCount dcterms:source skos:example rdfs:isDefinedBy prov:wasDerivedFrom
""")
NUMBERS = re.compile(r"(\d+)")
Natural = tuple[tuple[str, int], ...]


CLASS_RANK = {iri: rank for rank, iri in enumerate(CLASSES)}
PREDICATE_RANK = {iri: rank for rank, iri in enumerate(BEFORE)} | {
    iri: rank + len(BEFORE) + 1 for rank, iri in enumerate(AFTER)
}


def natural(text: str) -> Natural:
    """Make a key that orders the numbers inside a text by their value: `session-2` before `session-10`."""
    parts = NUMBERS.split(text)
    return tuple((part, int(parts[n + 1]) if n + 1 < len(parts) else -1) for n, part in enumerate(parts) if n % 2 == 0)


def term_order(term: object) -> tuple[int, Natural, str]:
    """Order values: IRIs, then blank nodes, then literals, each by their text, English first; numbers inside by value."""
    kind = 0 if isinstance(term, ox.NamedNode) else 1 if isinstance(term, ox.BlankNode) else 2
    text = terms.text_of(term)
    if isinstance(term, ox.Literal):
        language = term.language or ""
        return (kind, (("" if language == "en" else language, -1), (text, -1)), str(term))
    return (kind, natural(text), str(term))


def predicate_order(predicate: str) -> tuple[int, str]:
    """Order properties: what, who, where, about, those not known here, text, dates, language, sources."""
    return (PREDICATE_RANK.get(predicate, len(BEFORE)), terms.compact(predicate))


def classes(quads: Iterable[ox.Quad]) -> Mapping[str, str]:
    """Choose for each subject, as `str(term)`, the one class under which it is written."""
    found: dict[str, set[str]] = {}
    for quad in quads:
        if quad.predicate.value == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            found.setdefault(str(quad.subject), set()).add(quad.object.value)
    return {subject: min(kinds, key=class_order) for subject, kinds in found.items()}


def class_order(kind: str) -> tuple[int, int, str]:
    """Order classes as CLASSES has them, then others of our ontology, then the rest; no class at all comes last."""
    known = CLASS_RANK.get(kind)
    ours = CLASS_RANK[OEWG + "SourceLine"] + 1
    rank = (ours if kind.startswith(OEWG) else len(CLASSES)) if known is None else known
    return (rank, 0 if known is not None else 1, kind) if kind else (len(CLASSES) + 1, 0, "")


def _value_order(quad: ox.Quad) -> tuple[tuple[int, int, str], tuple[int, Natural, str]]:
    """Order the values of one property: classes as classes are, anything else as terms are."""
    kind = quad.object.value if quad.predicate.value == RDF_TYPE and isinstance(quad.object, ox.NamedNode) else None
    return (class_order(kind) if kind else (0, 0, ""), term_order(quad.object))


def by_subject(quads: Iterable[ox.Quad]) -> dict[ox.NamedNode | ox.BlankNode, dict[str, list[ox.Quad]]]:
    """Gather quads by subject and predicate, predicates and values in their order; subjects as they come."""
    everything = list(quads)
    ranks = {predicate: predicate_order(predicate) for predicate in {quad.predicate.value for quad in everything}}
    found: dict[ox.NamedNode | ox.BlankNode, dict[str, list[ox.Quad]]] = {}
    for quad in sorted(everything, key=lambda q: (ranks[q.predicate.value], _value_order(q))):
        if not isinstance(quad.subject, ox.Triple):
            found.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad)
    return found
