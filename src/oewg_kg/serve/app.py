"""The application: its routes, what they share, and its beginning and end.

Not for what any page shows.
"""

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from oewg_kg.dataset import Dataset
from oewg_kg.errors import OewgError
from oewg_kg.paths import Root
from oewg_kg.serve import console, graphs, pages, shell, sparql
from oewg_kg.serve.explorer import Explorer
from oewg_kg.serve.pool import Limits, Pool
from oewg_kg.serve.rendering import for_people
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
    """How it is served: workers, limits, host names besides the loopback ones, and the path in front of a proxy."""

    workers: int = max(2, min(os.cpu_count() or 2, 8))
    limits: Limits = field(default_factory=Limits)
    hosts: frozenset[str] = frozenset()
    root_path: str = ""


def create(root: Root, dataset: Dataset, fingerprint: str, settings: Settings) -> ASGIApp:
    """Make the application over a graph that does not change while it is served."""
    handle, name = tempfile.mkstemp(prefix="oewg-", suffix=".nq")
    with os.fdopen(handle, "wb") as file:
        ox.serialize(dataset.store, file, format=ox.RdfFormat.N_QUADS)
    pool = Pool(Path(name), settings.workers, settings.limits)
    site = Site(root, dataset, fingerprint, pool, Answers())

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        await pool.start()
        try:
            yield
        finally:
            await pool.stop()
            Path(name).unlink(missing_ok=True)

    app = Starlette(
        routes=[
            Route("/sparql", sparql_route, methods=["GET", "HEAD", "POST"]),
            Route("/rdf-graph-store", graph_store, methods=["GET", "HEAD"]),
            Route("/.well-known/void", void),
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
    app.state.site, app.state.explorer = site, Explorer(root, dataset, fingerprint)
    return shell.Shell(app, set(settings.hosts))


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
        return graphs.serialized(request, graphs.service(endpoint_of(request), site.dataset.store), site.fingerprint)
    return await sparql.respond(request, site.pool, site.answers, site.fingerprint)


async def graph_store(request: Request) -> Response:
    """Answer the Graph Store Protocol, read only."""
    site = site_of(request)
    return graphs.stored(request, site.dataset.store, site.fingerprint)


async def void(request: Request) -> Response:
    """Describe the dataset."""
    site = site_of(request)
    return graphs.serialized(request, graphs.void(endpoint_of(request), site.dataset.store), site.fingerprint)
