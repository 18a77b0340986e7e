"""The routes of all pages; and the single pages: home, search, ontology, downloads, how to cite."""

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
from oewg_kg.find.ranking import Found, Offer
from oewg_kg.serve.api import graph_store, saved_question
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import (
    listings,
    network,
    questions,
    releases,
    rendering,
    sources,
    sparql_form,
    table,
    timeline,
    world,
)
from oewg_kg.serve.pages import things as entities
from oewg_kg.serve.pages.presentation import WORDS, View
from oewg_kg.serve.pages.rendering import kept
from oewg_kg.terms import Term
from oewg_kg.vocabulary import OEWG, PREFIXES, iris

MOST = 100  # the most names listed by a search
LISTING = f"SELECT ?line {{ GRAPH ?line {{ ?thing a <{OEWG}Contribution> }} ?line a <{OEWG}SourceLine> }}"
MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "txt": "text/plain"}
MEDIA |= {"gz": "application/gzip"}


def home(request: Request) -> Response:
    """Answer with the home page: a description, counts, and all processes on one timeline."""
    explorer, wanted = explorer_of(request), rendering.wanted(request)
    if wanted != "html" and releases.described(explorer):
        return releases.dataset(request, wanted)
    counts = [(kind, len(explorer.members(kind))) for kind in iris(WORDS["home"]["counted"])]
    response = rendering.page(
        request,
        "home.html",
        data=releases.data_block(explorer),
        counts=[(iri, number) for iri, number in counts if number],
        picture=timeline.overview(request),
        processes=list(timeline.of_processes(request)),
        first=[explorer.questions[name] for name in WORDS["home"]["asked"] if name in explorer.questions],
        pages=explorer.once("counts", sources.counts),
        example=terms.compact(example_line(explorer)),
    )
    return releases.signposted(response, request)


def example_line(explorer: Explorer) -> str:
    """Choose a line to show how lines are cited: the first with a contribution on the page that has most of them; "" without lines."""
    found = [terms.text_of(row["line"]) for row in select(explorer.store, LISTING)]
    pages = Counter(line.partition("#")[0] for line in found).most_common(1)
    found = [line for line in found if line.partition("#")[0] == pages[0][0]]
    return min(found or explorer.members(OEWG + "SourceLine"), key=terms.line_order, default="")


def search(request: Request) -> Response:
    """Answer with the entities and questions whose names resemble a text, or go straight to the entity of an IRI or CURIE."""
    explorer, text = explorer_of(request), request.query_params.get("q", "").strip()[:200]
    iri = terms.current(explorer.store, terms.expand(text) if text else None)
    exact = iri if iri and explorer.known(iri) else ""
    rows = []
    for match in explorer.finder.things.search(text, MOST) if text else ():
        also = "" if match.matched in (match.label, explorer.label(match.iri)[0]) else match.matched
        rows.append(table.row([match.iri], match.kind, also))
    made = table.Table(request, f"Things with names like {text}", ["name", "type", "also named"], rows)
    found = explorer.finder.find(text) if terms.folded(text) else Found(())
    offers = [(one, *_led(request, one)) for one in found.offers]
    language = explorer.finder.language
    wanted = language.stems(text)
    pages = [one for one in language.pages if wanted and wanted <= language.stems(" ".join([one.title, *one.words]))]
    told = {"offers": offers, "missing": found.missing, "pages": pages}
    return table.answer(request, made, "search", "search.html", text=text, exact=exact, most=MOST, found=told)


def _led(request: Request, offer: Offer) -> tuple[str, bool]:
    """Find the address of what a question or command shows, and whether the question has rows with the values filled in."""
    explorer = explorer_of(request)
    saved = explorer.questions.get(offer.name)
    if saved is None:
        thing = terms.expand(offer.command.split()[-1]) or ""
        pages = {one.name: one.page for one in explorer.finder.language.commands}
        return (View.of(request).href(thing) if explorer.known(thing) else None) or pages[offer.name], True
    things = {saved.parameter(name): terms.expand(value) for name, value in offer.values.items()}
    bindings: dict[str, Term] = {one.variable: ox.NamedNode(iri) for one, iri in things.items() if iri}
    if len(bindings) < len(things) or any(one.type != "iri" for one in things):  # these have no choices to check
        bindings = query.bind(explorer.dataset, saved, offer.values)
    answer = saved_question.answer(request, saved, bindings)
    return f"questions/{offer.name}" + (f"?{urlencode(offer.values)}" if offer.values else ""), bool(answer.rows)


def ontology(request: Request) -> Response:
    """Answer with all terms of the ontology, each under its local name; or with the ontology as RDF."""
    explorer, name = explorer_of(request), rendering.named(request)
    if name != "html":
        inside = OEWG.rstrip("#")
        quads = [q for q in explorer.quads(None, None, None) if str(terms.text_of(q.subject)).startswith(inside)]
        # with declarations about external terms, like the file of the ontology
        quads += explorer.store.quads_for_pattern(None, None, None, ox.NamedNode(PREFIXES["graph"] + "ontology/oewg"))
        triples = [*dict.fromkeys(quad.triple for quad in quads)]
        return graph_store.graph(triples, name)
    listed: dict[str, list[str]] = {}
    for kind, heading in WORDS["ontology"]["parts"].items():
        known = {iri for part in listed.values() for iri in part}
        members = explorer.members(vocabulary.iri(kind))
        terms_here = [iri for iri in members if iri.startswith(OEWG) and iri not in known]
        if terms_here:
            listed[heading] = terms_here
    about = {iri: _about(explorer, iri) for part in listed.values() for iri in part}
    local = "../ontology" if request.url.path.endswith(__version__) else "ontology"
    alternates = rendering.alternates(local)
    return rendering.page(request, "ontology.html", parts=listed, about=about, alternates=alternates)


def bridge(request: Request) -> Response:
    """Answer with the axioms toward other vocabularies, as RDF."""
    root, name = explorer_of(request).root, rendering.named(request)
    if not root.bridge.is_file():
        raise HTTPException(404)
    triples = [quad.triple for quad in dataset.parse(root.bridge, root.relative(root.bridge))]
    return graph_store.graph(triples, "turtle" if name == "html" else name)


def _about(explorer: Explorer, iri: str) -> dict[str, list[str]]:
    wanted = {name: vocabulary.iri(curie) for name, curie in WORDS["ontology"]["about"].items()}
    found = {name: [v for v in explorer.values(iri, predicate) if v != iri] for name, predicate in wanted.items()}
    things = [(text, terms.expand(text) or "") for text in found["example"]]
    found["example"] = [thing if explorer.known(thing) else text for text, thing in things]
    return {name: values for name, values in found.items() if values}


def cite(request: Request) -> Response:
    """Answer with how to cite the dataset, one line, and one answer."""
    explorer = explorer_of(request)
    dataset = citations.dataset(explorer.places.about)
    return rendering.page(request, "cite.html", line=example_line(explorer), dataset=dataset)


def static(request: Request) -> Response:
    """Answer with a static file that pages load."""
    body = explorer_of(request).static.get(request.path_params["name"])
    if body is None:
        raise HTTPException(404)
    return Response(body, media_type=MEDIA[request.path_params["name"].rpartition(".")[2]])


# The last route takes every path that corresponds to an IRI: other routes come first.
ROUTES = [
    Route("/", kept(home, alone=True)),
    Route("/static/{name:path}", kept(static)),
    Route("/search", kept(search)),
    Route("/questions", kept(rendering.of_template("questions.html")), name="questions"),
    Route("/questions.json", kept(saved_question.questions_as_json, alone=True)),
    Route("/questions/{name}", kept(questions.question)),
    *(Route(f"/{name}", kept(listings.listing)) for name in ("states", "stakeholders", "drafts", "votes")),
    Route("/compare", kept(listings.compare)),
    Route("/matrix", kept(listings.matrix)),
    Route("/map", kept(world.world)),
    Route("/network", kept(network.network)),
    Route("/timeline", kept(timeline.timeline)),
    Route("/timeline/{path:path}", kept(timeline.timeline)),
    Route("/sources", kept(sources.sources, alone=True)),
    Route("/source/{name}", kept(sources.source)),
    Route("/conflicts", kept(sources.conflicts)),
    Route("/shapes", kept(sources.shapes, alone=True)),
    *(Route(f"/shapes{end}", kept(sources.shapes)) for end in rendering.SUFFIXES),
    *(Route(f"/{name}", kept(releases.plain)) for name in ("llms.txt", "robots.txt", "sitemap.xml")),
    *(Route(f"/release/{__version__}{end}", kept(releases.release)) for end in ("", *rendering.SUFFIXES)),
    Route(f"/release/{__version__}/{{path:path}}", kept(releases.file)),
    Route(f"/context/{__version__}", kept(releases.context)),
    Route(f"/ontology/{__version__}", kept(ontology)),
    Route("/ontology", kept(ontology)),
    *(Route(f"/ontology{end}", kept(ontology)) for end in rendering.SUFFIXES),
    *(Route(f"/ontology/bridge{end}", kept(bridge)) for end in ("", ".ttl")),
    *(Route(path, kept(rendering.of_template("downloads.html"), alone=True)) for path in ("/data", "/downloads")),
    *(Route(path, kept(cite, alone=True)) for path in ("/about", "/cite")),
    *(Route(f"/sparql-{name}.json", kept(sparql_form.completions, alone=True)) for name in ("terms", "things")),
    Route("/thing", kept(entities.thing)),
    Route("/{path:path}", kept(entities.thing)),
]
