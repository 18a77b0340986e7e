"""Make the static site: request every page from the home page on, and write the pages, downloads and a list to search."""

import gc
import gzip
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from oewg_kg import files, formats, identity
from oewg_kg.dataset import Dataset
from oewg_kg.export import rdf as export
from oewg_kg.export import table_files
from oewg_kg.export import tables as export_tables
from oewg_kg.find import by_name, language
from oewg_kg.paths import Root
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import releases, rendering, routes, sparql_form
from oewg_kg.serve.static_site.file_names import LINK, FrozenPage, drawing_page, name_files, resolve_link, rewrite_links
from oewg_kg.vocabulary import OEWG, local, own

# The list of its files marks a folder as a site; GitHub Pages leaves out folders like .well-known unless configured otherwise.
FILE_LIST, NO_JEKYLL = ".oewg-site", ".nojekyll"
EXTENSIONS = {"text/html": ".html", "image/svg+xml": ".svg"}
EXTENSIONS |= {format.media_type: f".{format.extension}" for format in formats.FORMATS}
SITEMAP_ENTRY = re.compile(r"<url><loc>([^<]*)</loc></url>\n")
# No page links to these.
UNLINKED = ("/sparql-terms.json", "/sparql-things.json", "/llms.txt", "/robots.txt", "/sitemap.xml")
LAST_CLASSES = {OEWG + "Claim", OEWG + "Decision", OEWG + "SourceLine"}
Tell = Callable[[str], None]


def freeze(
    root: Root, dataset: Dataset, fingerprint: str, tell: Tell = lambda step: None, url: str = ""
) -> dict[str, bytes]:
    """Make every file of the site, by its path; the same sources give the same bytes.

    Only the "not found" page and the sitemap need the `url` of the site, by default the base of its IRIs.
    """
    url = url or identity.of(dataset.store).base
    gc.freeze()  # the graph does not change, and searching it for garbage takes a tenth of the time
    explorer = Explorer(root, dataset, fingerprint, frozen=url)
    tell("exporting")
    downloads = export_files(root, dataset)
    tell("computing the effects of the conflicts")
    _ = explorer.consequences
    frozen = _crawl(explorer, set(downloads), tell)
    tell("linking")
    file_names = name_files(frozen)
    site_files = downloads | {NO_JEKYLL: b""}
    for address, page in frozen.items():
        site_path = urlsplit(url).path if address == "/404" else ""
        site_files[file_names[address]] = rewrite_links(address, page, file_names, site_path)
    site_files["sitemap.xml"] = _rewrite_sitemap(url, site_files["sitemap.xml"].decode(), file_names).encode()
    return site_files | {FILE_LIST: "".join(f"{path}\n" for path in sorted({*site_files, FILE_LIST})).encode()}


def _rewrite_sitemap(url: str, sitemap: str, file_names: dict[str, str]) -> str:
    """Replace the addresses in a sitemap by those of the files; an address without a file is left out."""

    def rewrite_entry(entry: re.Match[str]) -> str:
        file_name = file_names.get("/" + unquote(entry[1].removeprefix(url)))
        return f"<url><loc>{url}{quote(file_name)}</loc></url>\n" if file_name else ""

    return SITEMAP_ENTRY.sub(rewrite_entry, sitemap)


def refuse_other_files(folder: Path) -> None:
    """Raise UsageError if a folder contains anything that no earlier site wrote there."""
    files.refuse_foreign(folder, _earlier_files(folder))


def write_site(folder: Path, site_files: dict[str, bytes]) -> None:
    """Write the site into a folder, completely or not at all; raises UsageError as `refuse_other_files`, and StorageError."""
    files.write_folder(folder, site_files, _earlier_files(folder))


def _earlier_files(folder: Path) -> list[str]:
    return (folder / FILE_LIST).read_text().splitlines() if (folder / FILE_LIST).is_file() else []


def export_files(root: Root, dataset: Dataset) -> dict[str, bytes]:
    """Write the graph and its tables as files for download, by path."""
    downloads, dataset_name = {}, identity.of(dataset.store).file_name
    for format in map(formats.by_name, ("trig", "turtle", "jsonld", "nquads")):
        body = export.serialize(dataset, export.everything(dataset, format.name), format.name)
        downloads[f"exports/{dataset_name}.{format.extension}.gz"] = gzip.compress(body, 9, mtime=0)
    tables = export_tables.load(dataset, root.queries / "tables")
    return downloads | {f"exports/{name}.csv": table_files.write_csv(table) for name, table in tables.items()}


def _crawl(explorer: Explorer, downloads: set[str], tell: Tell) -> dict[str, FrozenPage]:
    """Request the home page, our entities, and everything they link to; missing pages are left out."""
    site_routes = {
        "/sparql": sparql_form.sparql_page,
        "/search": search_page,
        "/thing": rendering.template_route("drawn.html"),
        "/404": rendering.template_route("error.html", code=404, name="", message="There is no page at this address."),
        "/.well-known/void": releases.void_rdf,
    }
    app = Starlette(routes=[*(Route(path, endpoint) for path, endpoint in site_routes.items()), *routes.ROUTES])
    app.state.explorer = explorer
    pending = {"/", *site_routes, *UNLINKED, *(f"/static/{file_name}" for file_name in explorer.static)}
    pending |= {address for address in _entity_addresses(explorer) if not drawing_page(address)}
    frozen: dict[str, FrozenPage] = {}
    requested = {f"/{file_name}" for file_name in downloads}
    while pending:
        address = pending.pop()
        requested.add(address)
        page = _request_page(app, address)
        if page is None:
            continue
        frozen[address] = page
        if len(frozen) % 100 == 0:
            tell(f"{len(frozen)} pages and files, {len(pending)} to do")
        if page.extension == ".html":
            links = {resolve_link(address, unescape(link))[0] for _, link in LINK.findall(page.body.decode())}
            links -= {"", *requested}
            pending |= {link for link in links if not link.startswith("/sparql?") and not drawing_page(link)}
    return frozen


def _entity_addresses(explorer: Explorer) -> set[str]:
    """List the addresses of all our entities."""
    ends = {end for quad in explorer.store for end in (quad.subject, quad.object, quad.graph_name)}
    iris = {end.value for end in ends if isinstance(end, ox.NamedNode) and own(end.value)}
    return {"/" + unquote(local(iri).partition("#")[0]) for iri in iris}


def _request_page(app: Starlette, address: str) -> FrozenPage | None:
    """Ask the routes as a browser does, without a server; None if there is no such page."""
    path, _, query_string = address.partition("?")
    scope: Scope = {
        **{"type": "http", "method": "GET", "scheme": "http", "server": ("localhost", 80), "root_path": "", "app": app},
        **{"path": path, "query_string": query_string.encode()},
        "headers": [(b"accept", b"text/html,*/*;q=0.1"), (b"accept-language", b"en")],
    }
    matches = (route.matches(scope) for route in app.routes)
    route_scope = next(route_scope for match, route_scope in matches if match is Match.FULL)
    try:
        response: Response = route_scope["endpoint"](Request({**scope, **route_scope}))
    except HTTPException:
        return None
    if response.status_code != 200:
        return None
    media_type = response.headers["content-type"].partition(";")[0]
    return FrozenPage(EXTENSIONS.get(media_type, ""), bytes(response.body))


def search_page(request: Request) -> Response:
    """Answer with all named entities, by class, each with all its names, so that a script can search the list."""
    explorer = explorer_of(request)
    names_by_iri = by_name.all_names(explorer.store)
    iris_by_class: dict[str, list[str]] = {}
    for iri in sorted(filter(own, names_by_iri), key=lambda iri: (explorer.label(iri)[0], iri)):
        if explorer.classes(iri):
            iris_by_class.setdefault(explorer.classes(iri)[0], []).append(iri)
    classes = sorted(iris_by_class.items(), key=lambda item: (item[0] in LAST_CLASSES, explorer.label(item[0])))
    other_names = {iri: sorted(names - {explorer.label(iri)[0]}) for iri, names in names_by_iri.items()}
    pages = language.load(explorer.root.queries).pages
    return rendering.page(request, "names.html", listed=classes, others=other_names, pages=pages)
