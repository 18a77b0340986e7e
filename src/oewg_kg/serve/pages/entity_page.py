"""The page of an entity: its facts in groups with the lines that state them, its questions, what refers to it; and the same as RDF."""

from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oewg_kg import terms
from oewg_kg.answers import citations, readings
from oewg_kg.export import jsonld
from oewg_kg.find import profiles
from oewg_kg.serve import middleware
from oewg_kg.serve.api import graph_store, saved_question
from oewg_kg.serve.lookups import Explorer, Fact, explorer_of
from oewg_kg.serve.pages import records, rendering, table, timeline
from oewg_kg.serve.pages.presentation import WORDS, View, integer_parameter
from oewg_kg.serve.pages.rendering import RDF_SUFFIXES
from oewg_kg.serve.reconciliation import messages, service
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, PREFIXES, iris, own

REFERRERS, STATIC_REFERRERS, QUADS, PANEL_ROWS = 25, 3, 100, 6  # shown at once
DATE_TYPES = iris("xsd:date xsd:time xsd:dateTime")
# Other sites show previews in frames.
FRAME_POLICY = middleware.CONTENT_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
FACT_GROUPS: dict[str, str] = {iri: group for group, curies in WORDS["facts"].items() for iri in iris(curies)}


@dataclass(frozen=True)
class FactRow:
    """Values of one property with the same sources (stated there or inferred from there) and the same decision."""

    predicate: str
    facts: tuple[Fact, ...]
    inferred_from: tuple[str, ...]


def requested_iri(request: Request) -> str:
    """Read the IRI that corresponds to a path, or that `?iri=` gives in full or as a CURIE."""
    if "iri" in request.query_params:
        return terms.expand(request.query_params["iri"]) or request.query_params["iri"]
    if "path" not in request.path_params:
        raise HTTPException(400, "no IRI given; use ?iri=IRI")
    return explorer_of(request).iri_of_path(quote(request.path_params["path"], safe="/.~-_:@!$&'()*+,;="))


def entity(request: Request) -> Response:
    """Answer for any IRI of the graph: a page, or RDF by Accept or by suffix; 404 if nothing is known about it."""
    explorer, iri = explorer_of(request), requested_iri(request)
    format_name = rendering.negotiated_format(request)
    if iri[-4:] in citations.FILES and own(iri) and explorer.has_iri(iri[:-4]):
        citation = citations.cite_page(explorer.label(iri[:-4])[0], iri[:-4], explorer.places)
        return rendering.download(iri.rpartition("/")[2], citation[iri[-4:]], citations.FILES[iri[-4:]])
    if not explorer.has_iri(iri):
        stem = next((iri.removesuffix(suffix) for suffix in RDF_SUFFIXES if iri.endswith(suffix)), iri)
        current = terms.current(explorer.store, stem)
        if current != stem:
            local = current.rpartition("/")[2] + iri[len(stem) :]
            redirect = "thing?" + urlencode({"iri": current}) if "iri" in request.query_params else quote(local)
            return RedirectResponse(redirect, 301)
        if not explorer.has_iri(stem):
            return records.record_page(request, iri)
        format_name, iri = RDF_SUFFIXES[iri[len(stem) :]], stem
    if format_name == "jsonld":
        return Response(entity_jsonld(explorer, iri), media_type="application/ld+json")
    if format_name != "html":
        return graph_store.graph(entity_triples(explorer, iri), format_name)
    view = View.of(request)
    facts, start = explorer.facts(ox.NamedNode(iri)), integer_parameter(request, "start")
    quads, stated_count = explorer.graph_quads(iri)
    property_iri = terms.expand(request.query_params.get("to", ""))
    by_property, referrer_table = referrers(explorer, iri), None
    shown = [key for key in by_property if property_iri == key or not (property_iri or inverse_shown(view, key, facts))]
    if property_iri:
        rows = [table.row([referrer]) for referrer in by_property.get(property_iri, ())]
        referrer_table = table.Table(request, f"{view.label(iri)}: {view.label(property_iri)}", ["name"], rows)
    submissions = [fact for fact in facts if fact.predicate == OEWG + "submittedBy"]
    return table.respond(
        request,
        referrer_table,
        "list",
        "thing.html",
        iri=iri,
        groups=fact_groups(view, facts),
        panels=question_panels(request, view, iri) if property_iri is None else [],
        citation=citations.cite_page(view.label(iri), iri, explorer.places) if own(iri) and "#" not in iri else None,
        listing_lines=sorted({line for fact in submissions for line in fact.graphs}, key=terms.line_order),
        disputed=fact_groups(view, [fact for fact in facts if fact.decided_claims]),
        referrers={predicate: by_property[predicate] for predicate in shown},
        shown_count=STATIC_REFERRERS if view.frozen else REFERRERS,
        property=property_iri,
        start=start,
        step=QUADS,
        stated=quads[start : start + (STATIC_REFERRERS if view.frozen else QUADS)],
        stated_listed=len(quads),
        stated_count=stated_count,
        has_translations=has_translations(explorer, iri, facts),
        alternates=alternates(iri),
        timeline=timeline.has_timeline(explorer, iri),
    )


def question_panels(request: Request, view: View, iri: str) -> list[dict[str, Any]]:
    """Answer the questions that the table of profiles lists for the class of an entity: first rows, their number, the address of all."""
    explorer, panels = view.explorer, []
    ask = partial(saved_question.answer, request)
    for panel in profiles.of(explorer.root.queries, explorer.dataset, ox.NamedNode(iri), ask):
        saved = panel.saved
        bindings: dict[str, Term] = {saved.parameter(name).variable: ox.NamedNode(iri) for name in panel.values}
        headings, rows, source_heading = table.answer_rows(view, panel.result)
        columns = zip(*(row.cells for row in rows[:PANEL_ROWS]), strict=True)
        filled = [any(cell.term is not None for cells in column for cell in cells) for column in columns]
        panels.append(
            {
                "name": saved.name,
                "title": readings.question_wording(explorer.store, saved, bindings).sentence({}),
                "headings": list(compress(headings, filled)),
                "rows": [table.Row(tuple(compress(row.cells, filled)), row.sources) for row in rows[:PANEL_ROWS]],
                "count": len(rows),
                "source_heading": source_heading,
                "reason": panel.reason,
                "href": f"{view.base}questions/{saved.name}?{urlencode(panel.values | view.language_query)}#answer",
            }
        )
    return panels


def entity_triples(explorer: Explorer, iri: str) -> list[ox.Triple]:
    """Collect what the resolved view states about an entity; for a source also its lines, for a named graph also its content."""
    term, quads = ox.NamedNode(iri), explorer.quads(iri, None, None)
    for line in explorer.subjects(OEWG + "ofSource", iri):
        quads += explorer.quads(line, None, None)
    quads = quads or graph_store.bounded_quads(explorer.store, term) or explorer.quads(None, None, term)
    return list({quad.triple for quad in quads})


def entity_jsonld(explorer: Explorer, iri: str) -> bytes:
    """Write what the resolved view states about an entity with the context of the exports, as `oewg export --thing` does."""
    triples, entity = entity_triples(explorer, iri), ox.NamedNode(iri)
    context = explorer.cached("context", lambda _: jsonld.context())
    quads = [ox.Quad(*triple) for triple in sorted(triples, key=str)]
    one_subject = all(triple.subject == entity for triple in triples)
    return jsonld.framed(quads, context, entity) if one_subject else jsonld.compacted(quads, context)


def fact_group(fact: Fact) -> str:
    """Choose the group of a fact: by its property, else by its value."""
    value = fact.value
    if fact.predicate in FACT_GROUPS:
        return FACT_GROUPS[fact.predicate]
    if isinstance(value, ox.Literal):
        return "Dates" if value.datatype.value in DATE_TYPES else "Other facts"
    in_dataset = not isinstance(value, ox.NamedNode) or own(value.value) or value.value.startswith(PREFIXES["lang"])
    return "Connections" if in_dataset else "Other databases"


def fact_groups(view: View, facts: list[Fact]) -> list[tuple[str, list[FactRow]]]:
    """Put facts into groups; values of one property with the same sources share a row."""
    rows: dict[str, dict[tuple[tuple[str, ...], object], list[Fact]]] = {group: {} for group in WORDS["facts"]}
    facts = sorted(facts, key=lambda fact: (fact.inferred, not fact.used, view.plain_text(fact.value)))
    for fact in sorted(facts, key=lambda fact: (view.label(fact.predicate), fact.predicate)):
        key = (view.explorer.inferred_from(fact), (fact.predicate, fact.graphs, bool(fact.decided_claims), fact.used))
        rows[fact_group(fact)].setdefault(key, []).append(fact)
    return [
        (group, [FactRow(facts[0].predicate, tuple(facts), key[0]) for key, facts in by_key.items()])
        for group, by_key in rows.items()
        if by_key
    ]


def preview(request: Request) -> Response:
    """Answer with a page about an entity, small enough for a frame (Reconciliation Service API 0.2, 5)."""
    catalog, identifier = service.catalog_of(request), request.query_params.get("id", "")
    iri = terms.expand(identifier) or identifier
    if iri not in catalog.entities:
        raise HTTPException(404)
    entity = messages.write_entity(catalog, iri)
    other_names = sorted(set(catalog.names(iri)) - {entity["name"]}, key=lambda name: (len(name), name))
    page = rendering.page(request, "preview.html", iri=iri, entity=entity, names=other_names[:12])
    page.headers["Content-Security-Policy"] = FRAME_POLICY
    return page


def referrers(explorer: Explorer, iri: str) -> dict[str, list[str]]:
    """Group the entities that have this one as a value by property, ordered by label."""
    by_predicate: dict[str, set[str]] = {}
    for quad in explorer.store.quads_for_pattern(None, None, ox.NamedNode(iri), ox.DefaultGraph()):
        if isinstance(quad.subject, ox.NamedNode):
            by_predicate.setdefault(quad.predicate.value, set()).add(quad.subject.value)
    return {
        predicate: sorted(by_predicate[predicate], key=lambda iri: (explorer.label(iri)[0], terms.line_order(iri)))
        for predicate in sorted(by_predicate, key=explorer.label)
    }


def inverse_shown(view: View, predicate: str, facts: list[Fact]) -> bool:
    """Return whether the facts already show this relation through the inverse property."""
    inverse = PREFIXES["owl"] + "inverseOf"
    inverses = {*view.explorer.values(predicate, inverse), *view.explorer.subjects(inverse, predicate)}
    return bool(inverses & {fact.predicate for fact in facts})


def has_translations(explorer: Explorer, iri: str, facts: list[Fact]) -> bool:
    """Return whether the entity, or one related to it, has labels in languages other than English."""
    iris = [iri, *(fact.value.value for fact in facts if isinstance(fact.value, ox.NamedNode))]
    return any(len(explorer.labels.get(related, {})) > 1 for related in iris)


def alternates(iri: str) -> list[tuple[str, str, str]]:
    """List the page's RDF formats: name, media type, and address."""
    if own(iri) and "#" not in iri:
        return rendering.alternates(quote(iri.rpartition("/")[2], safe="%"))
    return rendering.alternates(f"thing?{urlencode({'iri': iri})}")
