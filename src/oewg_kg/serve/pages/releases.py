"""The page of a release, its description in several formats, its files and Signposting links; the sitemap and other files for crawlers."""

import pyoxigraph as ox
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import __version__, texts
from oewg_kg.errors import OewgError
from oewg_kg.export import jsonld
from oewg_kg.release import build, dcat, statistics
from oewg_kg.release import metadata as release_metadata
from oewg_kg.release.metadata import LICENSE, File, ReleaseDescription
from oewg_kg.release.statistics import Statistics
from oewg_kg.serve.api import graph_store
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import rendering
from oewg_kg.vocabulary import OEWG, RDF_TYPE, iris, local, own

MEDIA = {"txt": "text/plain", "xml": "application/xml"}
Described = tuple[ReleaseDescription, Statistics, list[File]]


def described(explorer: Explorer) -> Described | None:
    """Find the description of this release; None for other data, or if the files it is made from are missing."""

    def found(explorer: Explorer) -> Described | None:
        if not isinstance(explorer.store, ox.Store) or not explorer.known(OEWG.removesuffix("#")):
            return None
        try:
            about = build.describe_release(explorer.root, explorer.dataset, "")
        except OewgError:
            return None
        return about, Statistics(explorer.dataset), build.described_files(explorer.root, explorer.dataset)

    return explorer.once("described", found)


def data_block(explorer: Explorer) -> str:
    """Write the schema.org description as JSON-LD, to embed in a page; "" if there is no description."""
    found = described(explorer)
    # no text in it may end the element around it
    return release_metadata.schema_org(*found, measured=False).decode().replace("<", "\\u003c") if found else ""


def dataset(request: Request, name: str) -> Response:
    """Answer with the description of the dataset as RDF: DCAT and VoID."""
    explorer = explorer_of(request)
    if described(explorer) is None:
        raise HTTPException(404, "there is no description of this dataset")
    return signposted(graph_store.graph(description(request), name), request)


def void(request: Request) -> Response:
    """Answer with the description of the dataset, for clients that look for it at a well-known address."""
    return graph_store.negotiated(request, lambda: description(request))


def description(request: Request) -> list[ox.Triple]:
    """Describe the dataset by DCAT and VoID, with its SPARQL endpoint if it has one; for other data, only the title."""
    explorer = explorer_of(request)
    endpoint = "" if explorer.frozen else request.url_for("sparql_route")
    dataset, title, text = explorer.identity.base, explorer.identity.title, b""
    if found := described(explorer):
        about, counts, parts = found
        dataset, title = about.iri, ""
        text = dcat.write(about, counts, statistics.linksets(explorer.root), parts, measured=False)
    text += texts.filled("void.ttl", dataset=dataset, title=title, endpoint=endpoint).encode()
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


def release(request: Request) -> Response:
    """Answer with the description of this release, as a page or as RDF by Accept or by suffix."""
    explorer, name = explorer_of(request), rendering.named(request)
    found = described(explorer)
    if found is None or name != "html":
        return dataset(request, name)
    about, counts, parts = found
    others = rendering.alternates(__version__)
    response = rendering.page(
        request, "release.html", about=about, counts=counts, parts=parts, data=data_block(explorer), alternates=others
    )
    return signposted(response, request)


def file(request: Request) -> Response:
    """Answer with a file of this release, made on request."""
    found = described(explorer_of(request))
    file = next((one for one in found[2] if one.path == request.path_params["path"]), None) if found else None
    if found is None or file is None:
        raise HTTPException(404)
    headers = {"Link": f'<{found[0].iri}>; rel="collection", <{LICENSE}>; rel="license"'}
    return Response(file.make(), media_type=file.media_type, headers=headers)


def signposted(response: Response, request: Request) -> Response:
    """Add the links of FAIR Signposting to a landing page: who made it, how to cite it, its licence, kind, description and files."""
    found = described(explorer_of(request))
    if found:
        about, _, parts = found
        here = f"{request.base_url}release/{__version__}"
        links = [
            f'<{about.iri}>; rel="cite-as"',
            f'<{LICENSE}>; rel="license"',
            '<https://schema.org/Dataset>; rel="type"',
            '<https://schema.org/AboutPage>; rel="type"',
            f'<{about.part("creator", about.creators[0]).value}>; rel="author"',
            *(f'<{here}.{f.extension}>; rel="describedby"; type="{f.media_type}"' for f in rendering.GRAPHS),
            *(
                f'<{here}/{one.path}>; rel="item"; type="{one.media_type}"'
                for one in parts
                if one.path.startswith("graph/")
            ),
        ]
        known = response.headers.get("link")
        response.headers["Link"] = ", ".join([*([known] if known else []), *links])
    return response


def context(request: Request) -> Response:
    """Answer with the JSON-LD context of this version."""
    return Response(jsonld.published(), media_type="application/ld+json")


def plain(request: Request) -> Response:
    """Answer with the files that programs request from any site: sitemap, robots.txt, llms.txt."""
    explorer, name = explorer_of(request), request.url.path.rpartition("/")[2]
    values = {
        "base": explorer.frozen or str(request.base_url),
        "version": __version__,
        "questions": explorer.questions.values(),
        "frozen": explorer.frozen,
        "things": explorer.once("looked for", _looked_for),
    }
    return Response(texts.filled(name, **values), media_type=MEDIA[name.rpartition(".")[2]])


def _looked_for(explorer: Explorer) -> list[str]:
    """List the paths of the entities of the classes that people look for."""
    kinds = iris("oewg:Process oewg:Event oewg:Document oewg:Contribution oewg:Actor oewg:Source")
    return sorted({local(iri) for kind in kinds for iri in explorer.subjects(RDF_TYPE, kind) if own(iri)})
