"""The routes of all pages of the website; and the home page, the search, the page of the ontology, how to cite, static files."""

from collections import Counter
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from oewg_kg import __version__, dataset, query, terms, vocabulary
from oewg_kg.answers import citations
from oewg_kg.dataset import select
from oewg_kg.find.ranking import Offer, Suggestions
from oewg_kg.serve.api import graph_store, saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import (
    entity_page,
    listings,
    network,
    questions,
    releases,
    rendering,
    sources,
    sparql_form,
    state_map,
    table,
    timeline,
)
from oewg_kg.serve.pages.presentation import WORDS, View
from oewg_kg.serve.pages.rendering import cached, template_route
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, PREFIXES, iris

MAX_NAMES = 100  # the most names listed by a search
CONTRIBUTION_LINES = f"SELECT ?line {{ GRAPH ?line {{ ?thing a <{OEWG}Contribution> }} ?line a <{OEWG}SourceLine> }}"
STATIC_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "txt": "text/plain"}
STATIC_TYPES |= {"gz": "application/gzip"}


def home_page(request: Request) -> Response:
    """Answer with the home page: a description, counts, and all processes on one timeline."""
    explorer, format_name = explorer_of(request), rendering.negotiated_format(request)
    if format_name != "html" and releases.release_description(explorer):
        return releases.dataset_rdf(request, format_name)
    class_counts = {class_iri: len(explorer.instances(class_iri)) for class_iri in iris(WORDS["home"]["counted"])}
    response = rendering.page(
        request,
        "home.html",
        data=releases.data_block(explorer),
        counts=[(class_iri, count) for class_iri, count in class_counts.items() if count],
        picture=timeline.processes_overview(request),
        processes=list(timeline.process_entries(request)),
        first=[explorer.questions[name] for name in WORDS["home"]["asked"] if name in explorer.questions],
        pages=explorer.cached("counts", sources.line_counts),
        example=terms.compact(example_line(explorer)),
    )
    return releases.add_signposting(response, request)


def example_line(explorer: Explorer) -> str:
    """Choose a line to show how lines are cited: the first with a contribution on the page that has most of them; "" without lines."""
    lines = [terms.text_of(row["line"]) for row in select(explorer.store, CONTRIBUTION_LINES)]
    counts = Counter(line.partition("#")[0] for line in lines)
    lines = [line for line in lines if line.startswith(f"{max(counts, key=counts.__getitem__)}#")]
    return min(lines or explorer.instances(OEWG + "SourceLine"), key=terms.line_order, default="")


def search_page(request: Request) -> Response:
    """Answer with the entities and questions whose names resemble a text, or go straight to the entity of an IRI or CURIE."""
    explorer, search_text = explorer_of(request), request.query_params.get("q", "").strip()[:200]
    iri = terms.current(explorer.store, terms.expand(search_text) if search_text else None)
    exact = iri if iri and explorer.has_iri(iri) else ""
    rows = []
    for match in explorer.finder.entities.search(search_text, MAX_NAMES) if search_text else ():
        also_named = "" if match.matched in (match.label, explorer.label(match.iri)[0]) else match.matched
        rows.append(table.row([match.iri], match.kind, also_named))
    name_table = table.Table(request, f"Things with names like {search_text}", ["name", "type", "also named"], rows)
    finding = explorer.finder.find(search_text) if terms.folded(search_text) else Suggestions(())
    language = explorer.finder.language
    stems = language.stems(search_text)
    pages = [page for page in language.pages if stems and stems <= language.stems(" ".join([page.title, *page.words]))]
    offers = [(offer, *_offer_address(request, offer)) for offer in finding.offers]
    search_values = {"text": search_text, "exact": exact, "pages": pages, "offers": offers, "missing": finding.missing}
    return table.respond(request, name_table, "search", "search.html", 200, max_names=MAX_NAMES, **search_values)


def _offer_address(request: Request, offer: Offer) -> tuple[str, bool]:
    """Find the address of what a question or command shows, and whether the question has rows with the values filled in."""
    explorer = explorer_of(request)
    saved = explorer.questions.get(offer.name)
    if saved is None:
        entity = terms.expand(offer.command.split()[-1]) or ""
        command_pages = {command.name: command.page for command in explorer.finder.language.commands}
        return (View.of(request).href(entity) if explorer.has_iri(entity) else None) or command_pages[offer.name], True
    iris_of = {saved.parameter(parameter_name): terms.expand(value) for parameter_name, value in offer.values.items()}
    bindings: dict[str, Term] = {parameter.variable: ox.NamedNode(iri) for parameter, iri in iris_of.items() if iri}
    if len(bindings) < len(iris_of) or any(parameter.type != "iri" for parameter in iris_of):  # no choices to check
        bindings = query.bind(explorer.dataset, saved, offer.values)
    answer = saved_question.answer(request, saved, bindings)
    return f"questions/{offer.name}" + (f"?{urlencode(offer.values)}" if offer.values else ""), bool(answer.rows)


def ontology_page(request: Request) -> Response:
    """Answer with all terms of the ontology, each under its local name; or with the ontology as RDF."""
    explorer, format_name = explorer_of(request), rendering.requested_format(request)
    if format_name != "html":
        namespace = OEWG.rstrip("#")
        quads = [q for q in explorer.quads(None, None, None) if terms.text_of(q.subject).startswith(namespace)]
        # with declarations about external terms, like the file of the ontology
        quads += explorer.store.quads_for_pattern(None, None, None, ox.NamedNode(PREFIXES["graph"] + "ontology/oewg"))
        return graph_store.graph([*dict.fromkeys(quad.triple for quad in quads)], format_name)
    terms_by_heading, properties = dict[str, list[str]](), dict[str, dict[str, list[str]]]()
    for class_curie, heading in WORDS["ontology"]["parts"].items():
        declared = [iri for iri in explorer.instances(vocabulary.iri(class_curie)) if iri.startswith(OEWG)]
        if ontology_terms := [iri for iri in declared if iri not in properties]:
            terms_by_heading[heading] = ontology_terms
            properties |= {iri: _term_properties(explorer, iri) for iri in ontology_terms}
    alternates = rendering.alternates("../ontology" if request.url.path.endswith(__version__) else "ontology")
    return rendering.page(request, "ontology.html", parts=terms_by_heading, about=properties, alternates=alternates)


def bridge_rdf(request: Request) -> Response:
    """Answer with the axioms toward other vocabularies, as RDF."""
    root, format_name = explorer_of(request).root, rendering.requested_format(request)
    if not root.bridge.is_file():
        raise HTTPException(404)
    triples = [quad.triple for quad in dataset.parse(root.bridge, root.relative(root.bridge))]
    return graph_store.graph(triples, "turtle" if format_name == "html" else format_name)


def _term_properties(explorer: Explorer, iri: str) -> dict[str, list[str]]:
    properties: dict[str, list[str]] = {}
    for heading, curie in WORDS["ontology"]["about"].items():
        values = [value for value in explorer.values(iri, vocabulary.iri(curie)) if value != iri]
        if heading == "example":
            entities = {example: terms.expand(example) or "" for example in values}
            values = [entities[example] if explorer.has_iri(entities[example]) else example for example in values]
        properties |= {heading: values} if values else {}
    return properties


def cite_page(request: Request) -> Response:
    """Answer with how to cite the dataset, one line, and one answer."""
    explorer = explorer_of(request)
    dataset = citations.dataset(explorer.places.about)
    return rendering.page(request, "cite.html", line=example_line(explorer), dataset=dataset)


def static_file(request: Request) -> Response:
    """Answer with a static file that pages load."""
    body = explorer_of(request).static.get(request.path_params["name"])
    if body is None:
        raise HTTPException(404)
    return Response(body, media_type=STATIC_TYPES[request.path_params["name"].rpartition(".")[2]])


# The last route takes every path that corresponds to an IRI: other routes come first.
ROUTES = [
    Route("/", cached(home_page, path_only=True)),
    Route("/static/{name:path}", cached(static_file)),
    Route("/search", cached(search_page)),
    Route("/questions", cached(template_route("questions.html")), name="questions"),
    Route("/questions.json", cached(saved_question.questions_as_json, path_only=True)),
    Route("/questions/{name}", cached(questions.question_page)),
    *(Route(f"/{name}", cached(listings.listing_page)) for name in ("states", "stakeholders", "drafts", "votes")),
    Route("/compare", cached(listings.compare_page)),
    Route("/matrix", cached(listings.matrix_page)),
    Route("/map", cached(state_map.map_page)),
    Route("/network", cached(network.network_page)),
    Route("/timeline", cached(timeline.timeline_page)),
    Route("/timeline/{path:path}", cached(timeline.timeline_page)),
    Route("/sources", cached(sources.sources_page, path_only=True)),
    Route("/source/{name}", cached(sources.source_page)),
    Route("/conflicts", cached(sources.conflicts_page)),
    Route("/shapes", cached(sources.shapes_page, path_only=True)),
    *(Route(f"/shapes{suffix}", cached(sources.shapes_page)) for suffix in rendering.RDF_SUFFIXES),
    *(Route(f"/{name}", cached(releases.crawler_file)) for name in ("llms.txt", "robots.txt", "sitemap.xml")),
    *(
        Route(f"/release/{__version__}{suffix}", cached(releases.release_page))
        for suffix in ("", *rendering.RDF_SUFFIXES)
    ),
    Route(f"/release/{__version__}/{{path:path}}", cached(releases.release_file)),
    Route(f"/context/{__version__}", cached(releases.jsonld_context)),
    Route(f"/ontology/{__version__}", cached(ontology_page)),
    Route("/ontology", cached(ontology_page)),
    *(Route(f"/ontology{suffix}", cached(ontology_page)) for suffix in rendering.RDF_SUFFIXES),
    *(Route(f"/ontology/bridge{suffix}", cached(bridge_rdf)) for suffix in ("", ".ttl")),
    *(Route(path, cached(template_route("downloads.html"), path_only=True)) for path in ("/data", "/downloads")),
    *(Route(path, cached(cite_page, path_only=True)) for path in ("/about", "/cite")),
    *(Route(f"/sparql-{name}.json", cached(sparql_form.completions, path_only=True)) for name in ("terms", "things")),
    Route("/thing", cached(entity_page.entity)),
    Route("/{path:path}", cached(entity_page.entity)),
]
