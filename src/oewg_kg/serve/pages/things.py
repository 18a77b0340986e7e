"""The page of a thing: its facts in groups with the lines that state them, what points to it, and the same as RDF."""

from dataclasses import dataclass
from functools import partial
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
from oewg_kg.serve.api import graph_store, saved_question
from oewg_kg.serve.lookups import Explorer, Fact, explorer_of
from oewg_kg.serve.pages import records, rendering, table, timeline
from oewg_kg.serve.pages.presentation import WORDS, View, number_of
from oewg_kg.serve.pages.rendering import SUFFIXES
from oewg_kg.vocabulary import OEWG, PREFIXES, iris, own

SHOWN, FEW, PAGED, FIRST = 25, 3, 100, 6
DAYS = iris("xsd:date xsd:time xsd:dateTime")
GROUPS: dict[str, str] = {iri: group for group, curies in WORDS["facts"].items() for iri in iris(curies)}


@dataclass(frozen=True)
class Row:
    """Values of one property with the same sources (stated there or inferred from there) and the same decision."""

    predicate: str
    facts: tuple[Fact, ...]
    behind: tuple[str, ...]


def subject_of(request: Request) -> str:
    """Read the IRI that corresponds to a path, or that `?iri=` gives in full or as a CURIE."""
    if "iri" in request.query_params:
        return terms.expand(request.query_params["iri"]) or request.query_params["iri"]
    if "path" not in request.path_params:
        raise HTTPException(400, "no IRI given; use ?iri=IRI")
    return explorer_of(request).of_path(quote(request.path_params["path"], safe="/.~-_:@!$&'()*+,;="))


def thing(request: Request) -> Response:
    """Answer for any IRI of the graph: a page, or RDF by Accept or by suffix; 404 if nothing is known about it."""
    explorer, iri = explorer_of(request), subject_of(request)
    wanted = rendering.wanted(request)
    if iri[-4:] in citations.FILES and own(iri) and explorer.known(iri[:-4]):
        cited = citations.page(explorer.label(iri[:-4])[0], iri[:-4], explorer.places)
        return rendering.file(iri.rpartition("/")[2], cited[iri[-4:]], citations.FILES[iri[-4:]])
    if not explorer.known(iri):
        stem = next((iri.removesuffix(end) for end in SUFFIXES if iri.endswith(end)), iri)
        moved = terms.current(explorer.store, stem)
        if moved != stem:
            local = moved.rpartition("/")[2] + iri[len(stem) :]
            asked = "thing?" + urlencode({"iri": moved}) if "iri" in request.query_params else quote(local)
            return RedirectResponse(asked, 301)
        if not explorer.known(stem):
            return records.record(request, iri)
        wanted, iri = SUFFIXES[iri[len(stem) :]], stem
    if wanted == "jsonld":
        return Response(as_jsonld(explorer, iri), media_type="application/ld+json")
    if wanted != "html":
        return graph_store.graph(triples(explorer, iri), wanted)
    view = View.of(request)
    facts, start = explorer.facts(ox.NamedNode(iri)), number_of(request, "start")
    submitted = [fact for fact in facts if fact.predicate == OEWG + "submittedBy"]
    held, stated_count = explorer.held(iri)
    target = terms.expand(request.query_params.get("to", ""))
    found, few = pointing(explorer, iri), FEW if view.frozen else SHOWN
    made = None
    if target:
        rows = [table.row([one]) for one in found.get(target, ())]
        made = table.Table(request, f"{view.label(iri)}: {view.label(target)}", ["name"], rows)
    return table.answer(
        request,
        made,
        "list",
        "thing.html",
        iri=iri,
        groups=grouped(view, facts),
        panels=panels(request, view, iri) if target is None else [],
        cited=citations.page(view.label(iri), iri, explorer.places) if own(iri) and "#" not in iri else None,
        listed=sorted({line for fact in submitted for line in fact.graphs}, key=terms.line_order),
        disputed=grouped(view, [fact for fact in facts if fact.fates]),
        pointing={
            one: listed for one, listed in found.items() if target == one or not (target or said(explorer, one, facts))
        },
        shown=few,
        whole=target,
        start=start,
        step=PAGED,
        stated=held[start : start + (few if view.frozen else PAGED)],
        stated_listed=len(held),
        stated_count=stated_count,
        tongues=has_tongues(explorer, iri, facts),
        alternates=alternates(iri),
        timeline=timeline.exists(explorer, iri),
    )


def panels(request: Request, view: View, iri: str) -> list[dict[str, Any]]:
    """Answer the questions that the table of profiles lists for the class of an entity: first rows, their number, the address of all."""
    explorer, made = view.explorer, []
    ask = partial(saved_question.answer, request)
    for one in profiles.of(explorer.root.queries, explorer.dataset, ox.NamedNode(iri), ask):
        asked = readings.asked(
            explorer.store, one.saved, {one.saved.parameter(name).variable: ox.NamedNode(iri) for name in one.values}
        )
        headings, rows, proven = table.joined(view, one.result)
        shown = rows[:FIRST]
        filled = [at for at in range(len(headings)) if any(c.term is not None for row in shown for c in row.cells[at])]
        made.append(
            {
                "name": one.saved.name,
                "title": asked.sentence({}),
                "headings": [headings[at] for at in filled],
                "rows": [table.Row(tuple(row.cells[at] for at in filled), row.cited) for row in shown],
                "count": len(rows),
                "proven": proven,
                "reason": one.reason,
                "href": f"{view.base}questions/{one.saved.name}?{urlencode(one.values | view.kept)}#answer",
            }
        )
    return made


def triples(explorer: Explorer, iri: str) -> list[ox.Triple]:
    """Collect what the resolved view states about an entity; for a source also its lines, for a named graph also its content."""
    term, found = ox.NamedNode(iri), explorer.quads(iri, None, None)
    for line in explorer.subjects(OEWG + "ofSource", iri):
        found += explorer.quads(line, None, None)
    found = found or graph_store.bounded_quads(explorer.store, term) or explorer.quads(None, None, term)
    return list({quad.triple for quad in found})


def as_jsonld(explorer: Explorer, iri: str) -> bytes:
    """Write what the resolved view states about an entity with the context of the exports, as `oewg export --thing` does."""
    found, thing = triples(explorer, iri), ox.NamedNode(iri)
    context = explorer.once("context", lambda _: jsonld.context())
    quads = [ox.Quad(*triple) for triple in sorted(found, key=str)]
    alone = all(triple.subject == thing for triple in found)
    return jsonld.framed(quads, context, thing) if alone else jsonld.compacted(quads, context)


def group_of(fact: Fact) -> str:
    """Choose the group of a fact: by its property, else by its value."""
    value = fact.value
    if fact.predicate in GROUPS:
        return GROUPS[fact.predicate]
    if isinstance(value, ox.Literal):
        return "Dates" if value.datatype.value in DAYS else "Other facts"
    inside = not isinstance(value, ox.NamedNode) or own(value.value) or value.value.startswith(PREFIXES["lang"])
    return "Connections" if inside else "Other databases"


def grouped(view: View, facts: list[Fact]) -> list[tuple[str, list[Row]]]:
    """Put facts into groups; values of one property with the same sources share a row."""
    rows: dict[str, dict[tuple[tuple[str, ...], object], list[Fact]]] = {name: {} for name in WORDS["facts"]}
    for fact in sorted(
        facts, key=lambda f: (view.label(f.predicate), f.predicate, f.inferred, not f.used, view.words(f.value))
    ):
        key = (behind(view.explorer, fact), (fact.predicate, fact.graphs, bool(fact.fates), fact.used))
        rows[group_of(fact)].setdefault(key, []).append(fact)
    return [
        (name, [Row(facts[0].predicate, tuple(facts), key[0]) for key, facts in group.items()])
        for name, group in rows.items()
        if group
    ]


def behind(explorer: Explorer, fact: Fact) -> tuple[str, ...]:
    """List the lines and files that an inferred fact follows from."""
    if not fact.inferred or explorer.derivations is None or isinstance(fact.subject, ox.Literal):
        return ()
    triple = ox.Triple(fact.subject, ox.NamedNode(fact.predicate), fact.value)
    return tuple(sorted(explorer.derivations.behind(triple), key=terms.line_order))


def pointing(explorer: Explorer, iri: str) -> dict[str, list[str]]:
    """Group the entities that have this one as a value by property, ordered by label."""
    found: dict[str, set[str]] = {}
    for quad in explorer.store.quads_for_pattern(None, None, ox.NamedNode(iri), ox.DefaultGraph()):
        if isinstance(quad.subject, ox.NamedNode):
            found.setdefault(quad.predicate.value, set()).add(quad.subject.value)
    return {
        predicate: sorted(found[predicate], key=lambda one: (explorer.label(one)[0], terms.line_order(one)))
        for predicate in sorted(found, key=explorer.label)
    }


def said(explorer: Explorer, predicate: str, facts: list[Fact]) -> bool:
    """Return whether the facts already show this relation through the inverse property."""
    inverse = PREFIXES["owl"] + "inverseOf"
    ways = {*explorer.values(predicate, inverse), *explorer.subjects(inverse, predicate)}
    return bool(ways & {fact.predicate for fact in facts})


def has_tongues(explorer: Explorer, iri: str, facts: list[Fact]) -> bool:
    """Return whether the entity, or one related to it, has labels in languages other than English."""
    things = [iri, *(fact.value.value for fact in facts if isinstance(fact.value, ox.NamedNode))]
    return any(len(explorer.names.get(one, {})) > 1 for one in things)


def alternates(iri: str) -> list[tuple[str, str, str]]:
    """List the page's RDF formats: name, media type, and address."""
    near = own(iri) and "#" not in iri
    return rendering.alternates(quote(iri.rpartition("/")[2], safe="%") if near else f"thing?{urlencode({'iri': iri})}")
