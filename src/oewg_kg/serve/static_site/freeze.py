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
from oewg_kg.serve.pages import releases, rendering, sparql_form
from oewg_kg.serve.pages import routes as pages
from oewg_kg.serve.static_site.file_names import LINK, Frozen, drawn, linked, named, resolved
from oewg_kg.vocabulary import OEWG, local, own

# The list of its files marks a folder as a site; GitHub Pages leaves out folders like .well-known unless configured otherwise.
LIST, PLAIN = ".oewg-site", ".nojekyll"
EXTENSIONS = {f.media_type: f".{f.extension}" for f in formats.FORMATS} | {
    "text/html": ".html",
    "image/svg+xml": ".svg",
}
LOCATION = re.compile(r"<url><loc>([^<]*)</loc></url>\n")
# No page links to these.
UNLINKED = ("sparql-terms.json", "sparql-things.json", "llms.txt", "robots.txt", "sitemap.xml")
LAST = {OEWG + "Claim", OEWG + "Decision", OEWG + "SourceLine"}
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
    exported = exports(root, dataset)
    tell("computing the effects of the conflicts")
    _ = explorer.consequences
    found = _crawl(explorer, set(exported), tell)
    tell("linking")
    names = named(found)
    made = {names[one]: linked(one, page, names, urlsplit(url).path * (one == "/404")) for one, page in found.items()}
    made |= exported | {PLAIN: b""}
    made["sitemap.xml"] = LOCATION.sub(lambda one: _located(url, one[1], names), made["sitemap.xml"].decode()).encode()
    return made | {LIST: "".join(f"{path}\n" for path in sorted({*made, LIST})).encode()}


def _located(url: str, location: str, names: dict[str, str]) -> str:
    """Write the entry of a sitemap for the file of a page; "" if it has none."""
    name = names.get("/" + unquote(location.removeprefix(url)))
    return f"<url><loc>{url}{quote(name)}</loc></url>\n" if name else ""


def refuse(folder: Path) -> None:
    """Raise UsageError if a folder contains anything that no earlier site wrote there."""
    files.refuse_foreign(folder, _earlier(folder))


def write(folder: Path, content: dict[str, bytes]) -> None:
    """Write the site into a folder, completely or not at all; raises UsageError as `refuse`, and StorageError."""
    files.write_folder(folder, content, _earlier(folder))


def _earlier(folder: Path) -> list[str]:
    return (folder / LIST).read_text().splitlines() if (folder / LIST).is_file() else []


def exports(root: Root, dataset: Dataset) -> dict[str, bytes]:
    """Write the graph and its tables as files for download, by path."""
    made, name = {}, identity.of(dataset.store).file_name
    for format in map(formats.by_name, ("trig", "turtle", "jsonld", "nquads")):
        body = export.serialize(dataset, export.everything(dataset, format.name), format.name)
        made[f"exports/{name}.{format.extension}.gz"] = gzip.compress(body, 9, mtime=0)
    found = export_tables.load(dataset, root.queries / "tables")
    return made | {f"exports/{name}.csv": table_files.write_csv(table) for name, table in found.items()}


def _crawl(explorer: Explorer, exported: set[str], tell: Tell) -> dict[str, Frozen]:
    """Request the home page, our entities, and everything they link to; missing pages are left out."""
    own = {
        "/sparql": sparql_form.sparql_page,
        "/search": search,
        "/thing": rendering.template_route("drawn.html"),
        "/404": rendering.template_route("error.html", code=404, name="", message="There is no page at this address."),
        "/.well-known/void": releases.void_rdf,
    }
    app = Starlette(routes=[*(Route(path, make) for path, make in own.items()), *pages.ROUTES])
    app.state.explorer = explorer
    wanted = {"/", *own, *(f"/{name}" for name in UNLINKED), *(f"/static/{name}" for name in explorer.static)}
    wanted |= {thing for thing in _things(explorer) if not drawn(thing)}
    found: dict[str, Frozen] = {}
    asked = {f"/{name}" for name in exported}
    while wanted:
        address = wanted.pop()
        asked.add(address)
        answer = _answer(app, address)
        if answer is None:
            continue
        found[address] = answer
        if len(found) % 100 == 0:
            tell(f"{len(found)} pages and files, {len(wanted)} to do")
        if answer.extension == ".html":
            links = {resolved(address, unescape(link))[0] for _, link in LINK.findall(answer.body.decode())}
            wanted |= {one for one in links if one and not one.startswith("/sparql?") and not drawn(one)} - asked
    return found


def _things(explorer: Explorer) -> set[str]:
    """List the addresses of all our entities."""
    ends = {end for quad in explorer.store for end in (quad.subject, quad.object, quad.graph_name)}
    ours = {end.value for end in ends if isinstance(end, ox.NamedNode) and own(end.value)}
    return {"/" + unquote(local(iri).partition("#")[0]) for iri in ours}


def _answer(app: Starlette, address: str) -> Frozen | None:
    """Ask the routes as a browser does, without a server; None if there is no such page."""
    path, _, asked = address.partition("?")
    scope: Scope = {
        **{"type": "http", "method": "GET", "scheme": "http", "server": ("localhost", 80), "root_path": "", "app": app},
        **{"path": path, "query_string": asked.encode()},
        "headers": [(b"accept", b"text/html,*/*;q=0.1"), (b"accept-language", b"en")],
    }
    found = next(inside for route in app.routes for match, inside in [route.matches(scope)] if match is Match.FULL)
    try:
        response: Response = found["endpoint"](Request({**scope, **found}))
    except HTTPException:
        return None
    if response.status_code != 200:
        return None
    media_type = response.headers["content-type"].partition(";")[0]
    return Frozen(EXTENSIONS.get(media_type, ""), bytes(response.body))


def search(request: Request) -> Response:
    """Answer with all named entities, by class, each with all its names, so that a script can search the list."""
    explorer = explorer_of(request)
    called = by_name.all_names(explorer.store)
    kinds: dict[str, list[str]] = {}
    for iri in called:
        if own(iri) and explorer.classes(iri):
            kinds.setdefault(explorer.classes(iri)[0], []).append(iri)
    listed = [
        (kind, sorted(things, key=lambda iri: (explorer.label(iri)[0], iri)))
        for kind, things in sorted(kinds.items(), key=lambda one: (one[0] in LAST, explorer.label(one[0])))
    ]
    others = {iri: sorted(names - {explorer.label(iri)[0]}) for iri, names in called.items()}
    pages = language.load(explorer.root.queries).pages
    return rendering.page(request, "names.html", listed=listed, others=others, pages=pages)
