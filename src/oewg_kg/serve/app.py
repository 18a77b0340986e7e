"""The application: its routes and what they share.

It runs inside a worker and waits for nothing: every request is answered in one go (`http.asgi`).
"""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from oewg_kg.dataset import Dataset
from oewg_kg.errors import OewgError
from oewg_kg.paths import Root
from oewg_kg.remote import store as remote_store
from oewg_kg.serve import middleware
from oewg_kg.serve.api import graph_store as graphs
from oewg_kg.serve.api import mcp, openapi, rest
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import releases, sparql_form
from oewg_kg.serve.pages import routes as pages
from oewg_kg.serve.pages.rendering import for_people, kept
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Answers, Refusal
from oewg_kg.serve.reconciliation import service as reconciliation
from oewg_kg.serve.reconciliation.catalog import Catalog
from oewg_kg.serve.workers.evaluate import Engine, StoreEngine
from oewg_kg.serve.workers.limits import Settings
from oewg_kg.serve.workers.remote_engine import RemoteEngine


@dataclass(frozen=True)
class Site:
    """What the routes share: the sources, the graph and its fingerprint, what answers queries, the answers already given."""

    root: Root
    dataset: Dataset
    fingerprint: str
    engine: Engine
    answers: Answers


def create(root: Root, dataset: Dataset, fingerprint: str, settings: Settings, folder: Path | None = None) -> ASGIApp:
    """Make the application over a graph that does not change while it is served; `folder` is that of a store on disk."""
    remote, most = remote_store.store_of(dataset), settings.limits.answer
    tables = len(list(folder.glob("*.sst"))) if folder else 0
    engine: Engine = RemoteEngine(remote, settings.limits) if remote else StoreEngine(dataset.store, most, tables)
    app = Starlette(
        routes=at_once(
            [
                Route("/sparql", sparql_route, methods=["GET", "HEAD", "POST"]),
                Route("/rdf-graph-store", graph_store, methods=["GET", "HEAD"]),
                Route("/.well-known/void", void),
                Route("/.well-known/sparql-examples", rest.published),
                Route("/mcp", mcp.mcp, methods=["GET", "POST", "DELETE"]),
                Route("/openapi.json", kept(openapi.openapi, alone=True)),
                *reconciliation.ROUTES,
                *pages.ROUTES,
            ]
        ),
        exception_handlers=ERRORS,
    )
    present(app, Site(root, dataset, fingerprint, engine, Answers()))
    following = functools.partial(follow, app, engine, settings.look) if isinstance(engine, RemoteEngine) else None
    return middleware.Shell(Direct(app), set(settings.hosts), settings.shared, following)


ERRORS = {
    Refusal: for_people(middleware.refused),
    OewgError: for_people(middleware.ours),
    HTTPException: for_people(middleware.http),
    Exception: middleware.broken,
}


class Direct:
    """Takes queries straight to their route, and everything else through the router."""

    def __init__(self, app: Starlette) -> None:
        """Keep the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        query = scope["type"] == "http" and scope["path"] == f"{scope.get('root_path', '')}/sparql"
        if not query or scope["method"] not in ("GET", "HEAD", "POST"):
            await self.app(scope, receive, send)
            return
        scope.update(app=self.app, router=self.app.router)
        request = Request(scope, receive)
        try:
            response = await sparql_route(request)
        except Exception as error:
            kind = next(kind for kind in ERRORS if isinstance(error, kind))
            response = await ERRORS[kind](request, error)
        await response(scope, receive, send)


def at_once(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """Have every route answer in the thread that calls it: a worker does one thing at a time."""

    def made(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(endpoint)
        async def answer(request: Request) -> Response:
            response: Response = endpoint(request)
            return response

        return answer

    return [
        Route(route.path, made(route.endpoint), methods=list(route.methods or ()), name=route.name)
        if isinstance(route, Route) and not iscoroutinefunction(route.endpoint)
        else route
        for route in routes
    ]


def present(app: Starlette, site: Site) -> None:
    """Give a graph to the routes, with nothing left of an earlier one."""
    app.state.site, app.state.explorer = site, Explorer(site.root, site.dataset, site.fingerprint)
    app.state.catalog = Catalog(app.state.explorer)
    app.state.looked = time.monotonic()


def follow(app: Starlette, engine: RemoteEngine, look: float) -> None:
    """Look now and then whether another engine still holds the same release, and present a new one."""
    now, site = time.monotonic(), app.state.site
    if now - app.state.looked < look:
        return
    app.state.looked = now
    try:
        dataset = engine.renewed(2 * look)
    except OewgError as error:
        middleware.LOG.warning("looking for a new release: %s", error)
        return
    if dataset:
        present(app, Site(site.root, dataset, engine.store.mark, engine, Answers()))


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
    pairs = sparql.fields_of(request.scope["query_string"])
    page = await sparql_form.respond(request, pairs, site.engine, site.answers)
    if page is not None:
        return page
    if request.method in ("GET", "HEAD") and not request.scope["query_string"]:
        return service(request)
    return await sparql.respond(request, pairs, site.engine, site.answers, site.fingerprint)


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
    return graphs.serialized(request, lambda: releases.description(explorer_of(request), endpoint), site.fingerprint)
