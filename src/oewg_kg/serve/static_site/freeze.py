"""The pages of the explorer frozen to files, for a host that runs no program."""

import asyncio
import gzip
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Scope

from oewg_kg import evidence, files, formats
from oewg_kg.dataset import Dataset
from oewg_kg.export import rdf as export
from oewg_kg.export import table_files
from oewg_kg.export import tables as export_tables
from oewg_kg.paths import Root
from oewg_kg.serve.api import graph_store
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import rendering, sparql_form
from oewg_kg.serve.pages import routes as pages
from oewg_kg.serve.static_site.file_names import LINK, Frozen, linked, named, resolved
from oewg_kg.vocabulary import OEWG, local, own

# The list of its own files makes a folder a site; GitHub Pages leaves folders like .well-known out unless told otherwise.
LIST, PLAIN = ".oewg-site", ".nojekyll"
GRAPH = "exports/oewg-kg.nq.gz"
EXTENSIONS = {f.media_type: f".{f.extension}" for f in formats.FORMATS} | {
    "text/html": ".html",
    "text/markdown": ".md",
    "text/css": ".css",
    "text/javascript": ".js",
    "text/plain": ".txt",
    "image/svg+xml": ".svg",
    "application/wasm": ".wasm",
    "application/json": ".json",
    "application/xml": ".xml",
    "application/sparql-query": ".rq",
    "application/sparql-results+json": ".json",
}
LAST = {OEWG + "Claim", OEWG + "Decision", OEWG + "SourceLine"}
Tell = Callable[[str], None]


def freeze(root: Root, dataset: Dataset, fingerprint: str, tell: Tell = lambda step: None) -> dict[str, bytes]:
    """Make every file of the site, by its path; the same sources give the same bytes."""
    explorer = Explorer(root, dataset, fingerprint, frozen=True)
    tell("exporting")
    exported = exports(root, dataset)
    tell("computing the effects of the conflicts")
    _ = explorer.consequences
    found = asyncio.run(_crawl(explorer, set(exported), tell))
    tell("linking")
    names = named(found)
    made = {names[address]: linked(address, one, names) for address, one in found.items()}
    made |= exported | {PLAIN: b""}
    return made | {LIST: "".join(f"{path}\n" for path in sorted({*made, LIST})).encode()}


def refuse(place: Path) -> None:
    """Raise UsageError when a folder holds anything that no earlier site wrote there."""
    files.refuse_foreign(place, _earlier(place))


def write(place: Path, content: dict[str, bytes]) -> None:
    """Write the site into a folder, completely or not at all; raises UsageError as `refuse`, and StorageError."""
    files.write_folder(place, content, _earlier(place))


def _earlier(place: Path) -> list[str]:
    return (place / LIST).read_text().splitlines() if (place / LIST).is_file() else []


def exports(root: Root, dataset: Dataset) -> dict[str, bytes]:
    """Write the graph and its tables as files to be taken home, by path."""
    made = {}
    for name in ("trig", "turtle", "jsonld", "nquads"):
        place = f"exports/oewg-kg.{formats.by_name(name).extension}"
        made[place] = export.serialize(dataset, export.view(dataset, None, name), name)
    made[GRAPH] = gzip.compress(made.pop("exports/oewg-kg.nq"), 9, mtime=0)
    found = export_tables.load(dataset, root.queries / "tables")
    return made | {f"exports/{name}.csv": table_files.write_csv(table) for name, table in found.items()}


async def _crawl(explorer: Explorer, exported: set[str], tell: Tell) -> dict[str, Frozen]:
    """Ask for the home page, for every thing of ours, and for all that they link to; what is not there is left out."""
    app = Starlette(
        routes=[
            Route("/sparql", sparql),
            Route("/search", search),
            Route("/rdf-graph-store", graph),
            Route("/.well-known/void", void),
            *pages.ROUTES,
        ]
    )
    app.state.explorer = explorer
    wanted = {
        "/",
        "/sparql-terms.json",
        "/llms.txt",
        "/robots.txt",
        "/sitemap.xml",
        *(f"/static/{name}" for name in explorer.static),
        *_things(explorer),
    }
    found: dict[str, Frozen] = {}
    asked = {f"/{name}" for name in exported}
    while wanted:
        address = wanted.pop()
        asked.add(address)
        answer = await _answer(app, address)
        if answer is None:
            continue
        found[address] = answer
        if len(found) % 100 == 0:
            tell(f"{len(found)} pages and files, {len(wanted)} to do")
        if answer.extension == ".html":
            links = {resolved(address, unescape(link)) for _, link in LINK.findall(answer.body.decode())}
            wanted |= {link for link, _ in links if link and not link.startswith("/sparql?")} - asked
    return found


def _things(explorer: Explorer) -> set[str]:
    """List the addresses of all things of ours."""
    ends = {end for quad in explorer.store for end in (quad.subject, quad.object, quad.graph_name)}
    ours = {end.value for end in ends if isinstance(end, ox.NamedNode) and own(end.value)}
    return {"/" + unquote(local(iri).partition("#")[0]) for iri in ours}


async def _answer(app: Starlette, address: str) -> Frozen | None:
    """Ask the application as a browser does, without a server; None when it answers anything but 200."""
    path, _, asked = address.partition("?")
    parts: list[bytes] = []
    start: Message = {}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message["body"])

    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "server": ("localhost", 80),
        "root_path": "",
        "path": path,
        "query_string": asked.encode(),
        "headers": [(b"accept", b"text/html,*/*;q=0.1"), (b"accept-language", b"en")],
    }
    await app(scope, receive, send)
    if start["status"] != 200:
        return None
    media_type = dict(start["headers"])[b"content-type"].decode().partition(";")[0]
    return Frozen(EXTENSIONS.get(media_type, ""), b"".join(parts))


def sparql(request: Request) -> Response:
    """Answer with the SPARQL page, the query of no request in it."""
    return sparql_form.form(request, explorer_of(request))


def search(request: Request) -> Response:
    """Answer with all things that have a name, by class, each with all its names, so that a script can search the list."""
    explorer = explorer_of(request)
    called = evidence.names(explorer.store)
    kinds: dict[str, list[str]] = {}
    for iri in called:
        if own(iri) and explorer.kinds(iri):
            kinds.setdefault(explorer.kinds(iri)[0], []).append(iri)
    listed = [
        (kind, sorted(things, key=lambda iri: (explorer.label(iri)[0], iri)))
        for kind, things in sorted(kinds.items(), key=lambda one: (one[0] in LAST, explorer.label(one[0])))
    ]
    others = {iri: sorted(names - {explorer.label(iri)[0]}) for iri, names in called.items()}
    return rendering.page(request, "names.html", listed=listed, others=others, questions=explorer.questions.values())


def graph(request: Request) -> Response:
    """Answer with one graph as the Graph Store Protocol does, in Turtle."""
    explorer = explorer_of(request)
    return graph_store.stored(request, explorer.store, explorer.mark)


def void(request: Request) -> Response:
    """Describe the dataset, which has no endpoint here."""
    explorer = explorer_of(request)
    return graph_store.as_format(request, graph_store.void("", explorer.store), "turtle", explorer.mark)
