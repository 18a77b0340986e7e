"""What a question requires of a thing, its shape requires too, or the question is about it; all else is OPTIONAL.

A thing that lacks what a question merely shows would drop out of the answer without a word. So each triple pattern that must match
is one of these: a class; what a shape gives to every thing of the class (minCount 1, or a pair of dates); a value that a parameter
or the question itself fixes; a label, which the check no-english-label gives to everything; or what the question is about, named below.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import rdflib
from rdflib import RDF, RDFS, SKOS, URIRef, Variable
from rdflib.namespace import SH
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from conftest import ROOT
from oewg_kg import query, terms
from oewg_kg.query import SavedQuery
from oewg_kg.vocabulary import PREFIXES

QUESTIONS = query.load(ROOT / "queries")
LABELS = {SKOS.prefLabel, RDFS.label}

# What each question is about, beyond its class and parameters: a thing without it is rightly not in the answer.
# `^` before a property: something has the thing as its value; `?` before a name: any of the properties that the question lists.
# Posts have holders, and sessions a day, by the checks post-without-a-holder and session-without-a-day.
ABOUT: dict[str, str] = {
    "actors-by-printed-name": "oewg:nameInSource",
    "actors-counted-in-lists": "?role oewg:listedIn",
    "actors-in-lists": "?role ?shown_role oewg:listedIn",
    "actors-named-on-one-page": "oewg:nameInSource",
    "actors-on-draft": "^oewg:submittedBy",
    "actors-on-same-drafts": "^oewg:submittedBy",
    "adoption-dates-by-line": "oewg:adoptedEarliest oewg:adoptedOn",
    "adoption-dates-that-exclude-each-other": "oewg:adoptedEarliest oewg:adoptedOn",
    "adoptions": "oewg:adoptionMode",
    "announced-and-listed-seats": "oewg:memberCount",
    "announced-and-listed-sessions": "oewg:announcedEventCount oewg:heldStart oewg:plannedStart",
    "cancelled-events-held-later": "oewg:heldStart",
    "chairs": "^oewg:heldPost ^oewg:holder",
    "chairs-of-meetings": "oewg:chairedBy",
    "claims-of-decision": "?relation ^rdf:subject ^rdf:predicate ^rdf:object ^oewg:statedIn",
    "claims-set-aside": "oewg:setsAside ^rdf:subject ^rdf:predicate ^rdf:object ^oewg:statedIn",
    "co-host-pairs": "oewg:coHostedBy",
    "co-hosts": "oewg:coHostedBy",
    "compare": "?some_way ?some_role ?counted_role ?role oewg:listedIn|oewg:addresses ^oewg:listedIn ^oewg:addresses",
    "contribution-and-vote": "oewg:finalVote",
    "contributions-between-dates": "oewg:heldStart oewg:ofEvent",
    "contributors-of-class": "^oewg:submittedBy",
    "contributions-in-several-languages": "dcterms:language",
    "contributions-of-actor": "oewg:hasAttachment",
    "contributions-with-attachments": "oewg:hasAttachment",
    "dated-tenures": "?bound",
    "days-of-informal-rounds": "oewg:meetingDay",
    "deadlines": "oewg:due",
    "documents-in-six-languages": "oewg:languageCount",
    "documents-on-one-page": "?property",
    "documents-on-several-pages": "?property",
    "documents-with-one-title": "dcterms:title oewg:symbol",
    "documents-with-symbols": "oewg:symbol",
    "draft-actor-matrix": "^oewg:addresses ^oewg:submittedBy",
    "events-not-held-as-planned": "oewg:status",
    "events-planned-and-later-held": "oewg:plannedStart",
    "gge-countries-not-on-draft": "^oewg:country",
    "gge-countries-on-draft": "^oewg:country ^oewg:submittedBy",
    "group-cohesion": "?way oewg:finalVote",
    "groups-of-state": "^org:organization",
    "group-members-at-date": "^oewg:sourceCount ^org:member oewg:foundedOn oewg:predecessor org:hasMember",
    "lists-searched": "oewg:listedIn",
    "groups-by-speaker": "^oewg:submittedBy oewg:inNameOf",
    "groups-on-drafts": "^oewg:addresses ^oewg:submittedBy",
    "how-commenters-voted": "^oewg:submittedBy oewg:finalVote",
    "joint-votes": "?firstWay ?secondWay",
    "joint-papers-with-authors": "oewg:initiatedBy",
    "lines-without-facts": "oewg:lineStatus",
    "list-actor-matrix": "^oewg:listedIn ^oewg:submittedBy",
    "list-entries-in-several-languages": "dcterms:language",
    "members-of-group": "org:hasMember",
    "most-active-actors": "?role oewg:listedIn",
    "names-of-actor": "oewg:nameInSource",
    "officers-of-process": "^oewg:heldPost ^oewg:holder",
    "organizations-consulted": "oewg:consulted",
    "other-rules-on-stakeholders": "oewg:appliesTo",
    "periods-by-line": "oewg:activeLatest",
    "reports-by-topic": "^oewg:provisionOf dcterms:subject",
    "resolutions": "oewg:endorsed oewg:established oewg:renewed",
    "sessions-of-process": "?starting",
    "side-events-that-clash": "oewg:plannedStart oewg:startTime",
    "lists-of-actor": "oewg:listedIn oewg:submittedBy|oewg:country|oewg:coHostedBy|oewg:supportedBy",
    "sponsors": "oewg:sponsoredBy",
    "votes-of-silent-states": "?way",
    "what-happened": "dcterms:date oewg:adoptedLatest oewg:adoptedOn oewg:due oewg:heldStart ^oewg:heldEnd oewg:latestDate"
    " oewg:ofEvent oewg:plannedStart oewg:recordedVoteOn",
    "stakeholders-in-several-lists": "^oewg:submittedBy",
    "stakeholders-on-drafts": "^oewg:addresses ^oewg:submittedBy oewg:coversKind",
    "states-not-in-list": "oewg:submittedBy|oewg:country|oewg:coHostedBy|oewg:supportedBy oewg:nameInSource oewg:ofProcess",
    "states-not-on-draft": "oewg:nameInSource oewg:ofProcess",
    "states-on-neither-draft": "oewg:nameInSource oewg:ofProcess",
    "states-on-both-drafts": "^oewg:submittedBy",
    "states-on-draft-without-gge-seat": "^oewg:submittedBy",
    "states-on-only-one-draft": "^oewg:addresses ^oewg:submittedBy oewg:covers oewg:coversKind",
    "states-that-co-host": "oewg:coHostedBy oewg:organOf",
    "states-with-working-papers": "^oewg:submittedBy",
    "supporters": "oewg:supportedBy",
    "tenures-at-date": "^oewg:heldPost ^oewg:holder oewg:activeLatest",
    "things-without-outside-identifier": "oewg:noConfirmedMapping",
    "timeline": "oewg:heldStart oewg:plannedStart",
    "votes-of-state": "oewg:finalVote",
    "voted-against-and-took-part": "^oewg:organOf oewg:coHostedBy oewg:country oewg:listedIn oewg:submittedBy oewg:votedNo",
    "votes-by-regional-group": "?way ^org:organization oewg:finalVote",
}


@dataclass(frozen=True)
class Pattern:
    """A triple pattern that must match, and the OPTIONAL group in which it must, if any."""

    subject: object
    steps: tuple[object, ...]
    value: object
    group: int
    graph: bool


@dataclass
class Shapes:
    """What shapes say of the properties of each class."""

    parents: dict[URIRef, set[URIRef]]
    required: dict[URIRef, set[URIRef]]
    described: dict[URIRef, set[URIRef]]
    classes: dict[tuple[URIRef, URIRef], URIRef]
    pairs: dict[URIRef, set[URIRef]]

    def below(self, kind: URIRef) -> set[URIRef]:
        return {one for one in self.parents if kind in self.parents[one]}

    def require(self, kind: URIRef, path: object) -> bool:
        return any(path in self.required[one] for one in self.parents[kind])

    def describe(self, kind: URIRef, path: object) -> bool:
        return any(path in self.described[one] for one in self.parents[kind])


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    graph = rdflib.Graph()
    for path in [*(ROOT / "shapes").glob("*.ttl"), ROOT / "ontology" / "oewg.ttl"]:
        graph.parse(path)
    found = Shapes({}, defaultdict(set), defaultdict(set), {}, defaultdict(set))
    for shape in graph.subjects(RDF.type, SH.NodeShape):
        for one in graph.objects(shape, SH.property):
            path, least = graph.value(one, SH.path), graph.value(one, SH.minCount)
            binding = least is not None and int(str(least)) > 0 and graph.value(one, SH.severity) is None
            for kind in graph.objects(shape, SH.targetClass):
                found.described[kind].add(path)
                if binding:
                    found.required[kind].add(path)
                if (what := graph.value(one, SH["class"])) is not None:
                    found.classes[kind, path] = what
            for having in graph.objects(shape, SH.targetSubjectsOf):
                if binding:
                    found.pairs[having].add(path)
    for kind in set(graph.objects(None, SH.targetClass)):
        found.parents[kind] = set(graph.transitive_objects(kind, RDFS.subClassOf))
    assert len(found.parents) > 30
    return found


def steps(path: object) -> tuple[object, ...]:
    """List the properties that a path needs, in order: a step that may be left out is none, alternatives are one."""
    if isinstance(path, SequencePath):
        return tuple(step for part in path.args for step in steps(part))
    if isinstance(path, MulPath):
        return () if path.zero else steps(path.path)
    if isinstance(path, AlternativePath):
        return ("|".join(name(step) for part in path.args for step in steps(part)),)
    return (path,)


def name(step: object) -> str:
    if isinstance(step, InvPath):
        return "^" + name(step.arg)
    if isinstance(step, str) and "|" in step:
        return step
    return f"?{step}" if isinstance(step, Variable) else terms.compact(str(step))


def patterns(node: CompValue, group: int = 0, graph: bool = False) -> Iterator[Pattern]:
    """Iterate over the triple patterns of an algebra (SPARQL 1.1, 18.2), without those of EXISTS and of the right of MINUS."""
    if node.name == "BGP":
        yield from (Pattern(s, steps(p), o, group, graph) for s, p, o in node.triples)
    elif node.name in ("Join", "Union"):
        yield from patterns(node.p1, group, graph)
        yield from patterns(node.p2, group, graph)
    elif node.name == "LeftJoin":
        yield from patterns(node.p1, group, graph)
        yield from patterns(node.p2, id(node), graph)
    elif node.name == "Minus":
        yield from patterns(node.p1, group, graph)
    elif node.name != "values" and isinstance(node.p, CompValue):
        yield from patterns(node.p, group, graph or node.name == "Graph")


def candidates(saved: SavedQuery, found: list[Pattern], shapes: Shapes) -> dict[object, set[URIRef]]:
    """Find of which classes the thing of each variable may be."""
    kinds: dict[object, set[URIRef]] = defaultdict(lambda: set(shapes.parents))
    chosen = {Variable(p.variable): p.choices for p in saved.parameters if p.type == "iri"}
    for variable, choices in chosen.items():
        iri = terms.expand(choices)
        if iri and iri.startswith(PREFIXES["scheme"]):
            kinds[variable] &= shapes.below(SKOS.Concept)
        elif iri and not choices.startswith("subclasses of "):
            kinds[variable] &= shapes.below(URIRef(iri))
    for _ in range(3):  # a class found for one variable narrows the next: three joins away is enough
        for one in found:
            if one.steps == (RDF.type,):
                of = chosen.get(one.value, "").removeprefix("subclasses of ") if one.value in chosen else one.value
                kind = URIRef(terms.expand(of) or "") if one.value in chosen else of
                if isinstance(kind, URIRef):
                    kinds[one.subject] &= shapes.below(kind)
            elif len(one.steps) == 1 and isinstance(one.steps[0], URIRef) and one.steps[0] not in LABELS:
                kinds[one.subject] &= {kind for kind in shapes.parents if shapes.describe(kind, one.steps[0])}
                ends = [
                    {
                        shapes.classes[up, one.steps[0]]
                        for up in shapes.parents[kind]
                        if (up, one.steps[0]) in shapes.classes
                    }
                    for kind in kinds[one.subject]
                ]
                if ends and all(ends):
                    kinds[one.value] &= set().union(*(shapes.below(end) for some in ends for end in some))
    return kinds


def beyond(saved: SavedQuery, shapes: Shapes) -> set[str]:
    """Name the properties that a question requires and no shape does; in an OPTIONAL group, where it requires several."""
    algebra = translateQuery(parseQuery(saved.text)).algebra
    found, shown = list(patterns(algebra)), set(algebra.PV)
    kinds = candidates(saved, found, shapes)
    fixed = {Variable(parameter.variable) for parameter in saved.parameters}
    having: dict[tuple[object, int], set[object]] = defaultdict(set)
    for one in found:
        having[one.subject, one.group].update(one.steps[:1])
    said = {(one.subject, one.steps, one.value) for one in found if not one.graph}
    needed: dict[int, set[str]] = defaultdict(set)
    for one in found:
        if not one.steps or one.steps == (RDF.type,) or one.steps[0] in LABELS:
            continue
        if one.graph and (one.subject, one.steps, one.value) in said:
            continue  # the citation of what is said already
        if one.value in fixed or not isinstance(one.value, Variable):
            continue
        step = one.steps[0]
        if one.group == 0 and one.subject not in shown and one.value in shown:
            needed[0].add("^" + name(step))  # something must exist that has this thing as its value
        others = {other for other in having[one.subject, one.group] if isinstance(other, URIRef) and other > step}
        if any(step in shapes.pairs[other] for other in others) or (
            kinds[one.subject] and all(shapes.require(kind, step) for kind in kinds[one.subject])
        ):
            continue
        needed[one.group].add(name(step))
    found_all = needed[0].union(*(some for group, some in needed.items() if group and len(some) > 1))
    return found_all - {"^" + step for step in found_all}


def test_every_question_is_looked_at() -> None:
    assert len(QUESTIONS) > 100
    assert ABOUT.keys() <= QUESTIONS.keys()


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_a_question_requires_what_it_is_about_and_what_shapes_require(question: str, shapes: Shapes) -> None:
    found = beyond(QUESTIONS[question], shapes)
    assert found == set(ABOUT.get(question, "").split()), (
        "make it OPTIONAL, require it in the shape, or name it in ABOUT"
    )


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("?event a oewg:SideEvent ; oewg:subEventOf ?session ; oewg:ordinal ?ordinal .", {"oewg:ordinal"}),
        ("?event a oewg:SideEvent ; oewg:subEventOf ?session . OPTIONAL { ?event oewg:ordinal ?ordinal }", set()),
        ("?event a oewg:Event . OPTIONAL { ?event oewg:mode ?mode ; oewg:place ?place }", {"oewg:mode", "oewg:place"}),
        ("?event a oewg:Event ; oewg:heldStart ?start ; oewg:heldEnd ?end .", {"oewg:heldStart"}),
        ("?event a oewg:Event . ?other oewg:subEventOf ?event .", {"oewg:subEventOf"}),
        ("?event a oewg:Contribution ; oewg:submittedBy ?actor ; oewg:kind/skos:broader* kind:comments .", set()),
        ("?event a oewg:Event . FILTER NOT EXISTS { ?event oewg:mode ?mode }", set()),
    ],
)
def test_what_a_pattern_requires_is_found(pattern: str, found: set[str], shapes: Shapes) -> None:
    declared = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("oewg", "kind", "event", "skos"))
    header = "#+ summary: s\n#+ definition: d\n#+ param session: iri = event:oewg2-session-7 | choices: oewg:Session\n"
    body = f"SELECT ?event ?session {{\n VALUES ?session {{ event:oewg2-session-7 }}\n {pattern} }}"
    assert beyond(query.parse("planted", header + declared + body), shapes) == found
