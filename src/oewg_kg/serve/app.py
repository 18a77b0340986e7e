"""The application: its routes, what they share, and its beginning and end.

Not for what any page shows.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from oewg_kg import remote_store
from oewg_kg.dataset import Dataset
from oewg_kg.errors import OewgError
from oewg_kg.paths import Root
from oewg_kg.serve import console, graphs, openapi, pages, reconciliation, rest, shell, sparql
from oewg_kg.serve.catalog import Catalog
from oewg_kg.serve.engine import Engine
from oewg_kg.serve.explorer import Explorer
from oewg_kg.serve.pool import Limits, Pool
from oewg_kg.serve.rendering import for_people, kept
from oewg_kg.serve.sparql import Answers, Refusal


@dataclass(frozen=True)
class Site:
    """What the routes share: the sources, the graph and its fingerprint, the workers, the answers already given."""

    root: Root
    dataset: Dataset
    fingerprint: str
    pool: Pool
    answers: Answers


@dataclass(frozen=True)
class Settings:
    """How it is served: workers, limits, host names besides the loopback ones, the path in front of a proxy.

    A graph that stands in a store on disk is opened there by the workers: `store` is its folder. Another engine is asked every `look`
    seconds whether it still holds the same release. Only what is `shared` may be read by pages of other sites.
    """

    workers: int = max(4, min(os.cpu_count() or 4, 8))
    limits: Limits = field(default_factory=Limits)
    hosts: frozenset[str] = frozenset()
    root_path: str = ""
    store: Path | None = None
    look: float = 10.0
    shared: bool = True


def create(root: Root, dataset: Dataset, fingerprint: str, settings: Settings) -> ASGIApp:
    """Make the application over a graph that does not change while it is served."""
    remote = remote_store.store_of(dataset)
    data = settings.store or written(Dataset(ox.Store(), {}) if remote else dataset)
    sizes = (data, settings.workers, settings.limits)
    pool = Engine(*sizes, remote) if remote else Pool(*sizes)

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        await pool.start()
        following = asyncio.create_task(follow(app, pool, settings)) if isinstance(pool, Engine) else None
        try:
            yield
        finally:
            if following:
                following.cancel()
            await pool.stop()
            if settings.store is None:
                data.unlink(missing_ok=True)

    app = Starlette(
        routes=[
            Route("/sparql", sparql_route, methods=["GET", "HEAD", "POST"]),
            Route("/rdf-graph-store", graph_store, methods=["GET", "HEAD"]),
            Route("/.well-known/void", void),
            Route("/.well-known/sparql-examples", rest.published),
            Route("/openapi.json", kept(openapi.openapi)),
            *reconciliation.ROUTES,
            *pages.ROUTES,
        ],
        exception_handlers={
            Refusal: for_people(shell.refused),
            OewgError: for_people(shell.ours),
            HTTPException: for_people(shell.http),
            Exception: shell.broken,
        },
        lifespan=life,
    )
    present(app, Site(root, dataset, fingerprint, pool, Answers()))
    return shell.Shell(app, set(settings.hosts), settings.shared)


def present(app: Starlette, site: Site) -> None:
    """Put a graph before the routes, with nothing kept of an earlier one."""
    app.state.site, app.state.explorer = site, Explorer(site.root, site.dataset, site.fingerprint)
    app.state.catalog = Catalog(app.state.explorer)


async def follow(app: Starlette, engine: Engine, settings: Settings) -> None:
    """Look again and again whether another engine still holds the same release, and present a new one."""
    while True:
        await asyncio.sleep(settings.look)
        try:
            dataset = await run_in_threadpool(engine.renewed, 2 * settings.look)
        except OewgError as error:
            shell.LOG.warning("looking for a new release: %s", error)
            continue
        if dataset:
            site = replace(app.state.site, dataset=dataset, fingerprint=engine.store.mark, answers=Answers())
            present(app, site)


def written(dataset: Dataset) -> Path:
    """Write a graph to a temporary file of N-Quads, for the workers."""
    handle, name = tempfile.mkstemp(prefix="oewg-", suffix=".nq")
    with os.fdopen(handle, "wb") as file:
        ox.serialize(dataset.store, file, format=ox.RdfFormat.N_QUADS)
    return Path(name)


def site_of(request: Request) -> Site:
    """Find what the routes share."""
    site: Site = request.app.state.site
    return site


def endpoint_of(request: Request) -> str:
    """Name the endpoint as the client sees it."""
    return str(request.url_for("sparql_route")).partition("?")[0]


async def sparql_route(request: Request) -> Response:
    """Answer a query; without one, describe the service; a browser gets a page."""
    site = site_of(request)
    page = await console.respond(request, site.pool, site.answers)
    if page is not None:
        return page
    if request.method in ("GET", "HEAD") and not request.url.query:
        return await run_in_threadpool(service, request)
    return await sparql.respond(request, site.pool, site.answers, site.fingerprint)


def service(request: Request) -> Response:
    """Describe the service."""
    site, endpoint = site_of(request), endpoint_of(request)
    return graphs.serialized(request, lambda: graphs.service(endpoint, site.dataset.store), site.fingerprint)


def graph_store(request: Request) -> Response:
    """Answer the Graph Store Protocol, read only."""
    site = site_of(request)
    return graphs.stored(request, site.dataset.store, site.fingerprint)


def void(request: Request) -> Response:
    """Describe the dataset."""
    site, endpoint = site_of(request), endpoint_of(request)
    return graphs.serialized(request, lambda: graphs.void(endpoint, site.dataset.store), site.fingerprint)
