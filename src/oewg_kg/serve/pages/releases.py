"""The page of a release, its description as RDF, its files and Signposting links; the sitemap and other files for crawlers."""

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

CRAWLER_TYPES = {"txt": "text/plain", "xml": "application/xml"}
Description = tuple[ReleaseDescription, Statistics, list[File]]


def release_description(explorer: Explorer) -> Description | None:
    """Find the description of this release; None for other data, or if the files it is made from are missing."""

    def describe(explorer: Explorer) -> Description | None:
        if not isinstance(explorer.store, ox.Store) or not explorer.has_iri(OEWG.removesuffix("#")):
            return None
        try:
            about = build.describe_release(explorer.root, explorer.dataset, "")
        except OewgError:
            return None
        return about, Statistics(explorer.dataset), build.described_files(explorer.root, explorer.dataset)

    return explorer.cached("description", describe)


def data_block(explorer: Explorer) -> str:
    """Write the schema.org description as JSON-LD, to embed in a page; "" if there is no description."""
    description = release_description(explorer)
    # no text in it may end the element around it
    return (
        release_metadata.schema_org(*description, measured=False).decode().replace("<", "\\u003c")
        if description
        else ""
    )


def dataset_rdf(request: Request, format_name: str) -> Response:
    """Answer with the description of the dataset as RDF: DCAT and VoID."""
    explorer = explorer_of(request)
    if release_description(explorer) is None:
        raise HTTPException(404, "there is no description of this dataset")
    return add_signposting(graph_store.graph(description_triples(request), format_name), request)


def void_rdf(request: Request) -> Response:
    """Answer with the description of the dataset, for clients that look for it at a well-known address."""
    return graph_store.negotiated(request, lambda: description_triples(request))


def description_triples(request: Request) -> list[ox.Triple]:
    """Describe the dataset by DCAT and VoID, with its SPARQL endpoint if it has one; for other data, only the title."""
    explorer = explorer_of(request)
    endpoint = "" if explorer.frozen else request.url_for("sparql_route")
    dataset_iri, title, turtle = explorer.identity.base, explorer.identity.title, b""
    if description := release_description(explorer):
        about, counts, files = description
        dataset_iri, title = about.iri, ""
        turtle = dcat.write(about, counts, statistics.linksets(explorer.root), files, measured=False)
    turtle += texts.filled("void.ttl", dataset=dataset_iri, title=title, endpoint=endpoint).encode()
    return [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]


def release_page(request: Request) -> Response:
    """Answer with the description of this release, as a page or as RDF by Accept or by suffix."""
    explorer, format_name = explorer_of(request), rendering.requested_format(request)
    description = release_description(explorer)
    if description is None or format_name != "html":
        return dataset_rdf(request, format_name)
    about, counts, files = description
    data, links = data_block(explorer), rendering.alternates(__version__)
    page = rendering.page(request, "release.html", about=about, counts=counts, files=files, data=data, alternates=links)
    return add_signposting(page, request)


def release_file(request: Request) -> Response:
    """Answer with a file of this release, made on request."""
    description = release_description(explorer_of(request))
    for file in description[2] if description else ():
        if description and file.path == request.path_params["path"]:
            headers = {"Link": f'<{description[0].iri}>; rel="collection", <{LICENSE}>; rel="license"'}
            return Response(file.make(), media_type=file.media_type, headers=headers)
    raise HTTPException(404)


def add_signposting(response: Response, request: Request) -> Response:
    """Add the links of FAIR Signposting to a landing page: who made it, how to cite it, its licence, kind, description and files."""
    description = release_description(explorer_of(request))
    if description:
        about, _, files = description
        release_url = f"{request.base_url}release/{__version__}"
        present_links = [response.headers["link"]] if "link" in response.headers else []
        signposts = [
            f'<{about.iri}>; rel="cite-as"',
            f'<{LICENSE}>; rel="license"',
            '<https://schema.org/Dataset>; rel="type"',
            '<https://schema.org/AboutPage>; rel="type"',
            f'<{about.part("creator", about.creators[0]).value}>; rel="author"',
            *(
                f'<{release_url}.{f.extension}>; rel="describedby"; type="{f.media_type}"'
                for f in rendering.RDF_FORMATS
            ),
        ]
        graphs = [file for file in files if file.path.startswith("graph/")]
        items = [f'<{release_url}/{file.path}>; rel="item"; type="{file.media_type}"' for file in graphs]
        response.headers["Link"] = ", ".join([*present_links, *signposts, *items])
    return response


def jsonld_context(request: Request) -> Response:
    """Answer with the JSON-LD context of this version."""
    return Response(jsonld.published(), media_type="application/ld+json")


def crawler_file(request: Request) -> Response:
    """Answer with the files that programs request from any site: sitemap, robots.txt, llms.txt."""
    explorer, file_name = explorer_of(request), request.url.path.rpartition("/")[2]
    values = {
        "base": explorer.frozen or str(request.base_url),
        "version": __version__,
        "questions": explorer.questions.values(),
        "frozen": explorer.frozen,
        "things": explorer.cached("sitemap", _sitemap_paths),
    }
    return Response(texts.filled(file_name, **values), media_type=CRAWLER_TYPES[file_name.rpartition(".")[2]])


def _sitemap_paths(explorer: Explorer) -> list[str]:
    """List the paths of the entities of the classes that people look for."""
    classes = iris("oewg:Process oewg:Event oewg:Document oewg:Contribution oewg:Actor oewg:Source")
    return sorted({local(iri) for class_iri in classes for iri in explorer.subjects(RDF_TYPE, class_iri) if own(iri)})
