"""The web application: its routes, and how a worker answers each HTTP request by one of them, without an event loop."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route

from oewg_kg.dataset import Dataset
from oewg_kg.errors import OewgError
from oewg_kg.paths import Root
from oewg_kg.remote import store as remote_store
from oewg_kg.serve import middleware
from oewg_kg.serve.api import graph_store, mcp, openapi, saved_question
from oewg_kg.serve.http import asgi, connection, ranges
from oewg_kg.serve.lookups import Explorer, explorer_of
from oewg_kg.serve.pages import entity_page, releases, rendering, sparql_form
from oewg_kg.serve.pages import routes as pages
from oewg_kg.serve.protocol import sparql
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.reconciliation import service as reconciliation
from oewg_kg.serve.workers.evaluate import StoreEngine
from oewg_kg.serve.workers.limits import Settings
from oewg_kg.serve.workers.remote_engine import RemoteEngine

WARMUP_TARGETS = (b"/", b"/search?q=a", b"/questions", b"/openapi.json", b"/sparql")  # the pages that look up most
SLOW_TARGETS = (b"/conflicts?changes=1",)  # the pages that take seconds
ACCEPT_HTML = (b"accept", b"text/html")


class Application:
    """Answers requests over a graph that does not change while it is served."""

    def __init__(
        self, root: Root, dataset: Dataset, fingerprint: str, settings: Settings, folder: Path | None = None
    ) -> None:
        """Store the graph; `folder` is that of a store on disk."""
        self.root, self.settings, self.hosts = root, settings, settings.hosts | middleware.LOOPBACK
        remote, limits = remote_store.store_of(dataset), settings.limits
        table_files = len(list(folder.glob("*.sst"))) if folder else 0
        local = StoreEngine(dataset.store, limits.answer, table_files)
        self.engine = RemoteEngine(remote, limits) if remote else local
        # Only its routes and its state are used: its middleware would need an event loop.
        self.routes = Starlette(routes=ROUTES)
        self._set_graph(dataset, fingerprint)

    def _set_graph(self, dataset: Dataset, fingerprint: str) -> None:
        """Give a graph to the routes, with nothing left of an earlier one."""
        self.routes.state.explorer = Explorer(self.root, dataset, fingerprint, self.engine, self.settings.folder)
        self.last_check = time.monotonic()

    def _follow_engine(self, engine: RemoteEngine) -> None:
        """Check now and then whether another engine still holds the same release, and switch to a new one."""
        interval = self.settings.release_check
        if time.monotonic() - self.last_check < interval:
            return
        self.last_check = time.monotonic()
        try:
            dataset = engine.new_release(2 * interval)
        except OewgError as error:
            middleware.LOG.warning("checking for a new release: %s", error)
            return
        if dataset:
            self._set_graph(dataset, engine.store.mark)

    def prepare(self, server: tuple[str, int], targets: Iterable[bytes]) -> Iterator[None]:
        """Make some pages, one at each step, so that workers forked later share what these look up."""
        host = f"{server[0]}:{server[1]}".encode()
        for target in targets if isinstance(self.engine, StoreEngine) else ():
            self.respond(server, connection.Request("GET", target, "1.1", [(b"host", host), ACCEPT_HTML], True), server)
            yield

    def respond(self, server: tuple[str, int], request: connection.Request, client: tuple[str, int]) -> Response:
        """Answer a client's request to a server, each given by address and port."""
        return self.answer(asgi.starlette_request(request, client, server, self.settings.root_path))

    def answer(self, request: Request) -> Response:
        """Answer a request, whose body is in its state; errors are answered too."""
        request.scope["app"] = self.routes
        try:
            response = self._route_response(request)
        except Exception as error:
            response = middleware.error_response(request, error)
        middleware.add_headers(request, response, self.settings.shared)
        return response

    def _route_response(self, request: Request) -> Response:
        if isinstance(self.engine, RemoteEngine):
            self._follow_engine(self.engine)
        if not self.hosts & {middleware.host_of(request), "*"}:
            return PlainTextResponse("this host name is not allowed; add it with --host-name\n", 400)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=middleware.PREFLIGHT_HEADERS if self.settings.shared else None)
        try:
            return ranges.cut_to_range(request, self._call_route(request))
        except (Refusal, HTTPException, OewgError) as error:
            return rendering.error_page(request, middleware.error_response(request, error))

    def _call_route(self, request: Request) -> Response:
        """Call the first route for the path and method; raises what it raises, HTTPException if there is none."""
        allowed_methods: set[str] = set()
        for route in ROUTES:
            match, route_scope = route.matches(request.scope)
            if match is Match.FULL:
                request.scope.update(route_scope)
                response: Response = route.endpoint(request)
                return response
            if match is Match.PARTIAL and not allowed_methods:
                allowed_methods = route.methods or set()
        if not allowed_methods:
            raise HTTPException(404)
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed_methods))})


def sparql_route(request: Request) -> Response:
    """Answer a query; without one, describe the service; a browser gets a page."""
    pairs = sparql.fields_of(request.scope["query_string"])
    page = sparql_form.browser_response(request, pairs)
    if page is not None:
        return page
    if request.method in ("GET", "HEAD") and not request.scope["query_string"]:
        return graph_store.service_description(request)
    return sparql.respond(request, pairs, explorer_of(request).endpoint)


ROUTES = [
    Route("/sparql", sparql_route, methods=["GET", "HEAD", "POST"]),
    Route("/rdf-graph-store", graph_store.stored_graph, methods=["GET", "HEAD"]),
    Route("/.well-known/void", releases.void_rdf),
    Route("/.well-known/sparql-examples", saved_question.questions_as_rdf),
    Route("/mcp", mcp.mcp, methods=["GET", "POST", "DELETE"]),
    Route("/openapi.json", rendering.cached(openapi.openapi, path_only=True)),
    *reconciliation.ROUTES,
    Route("/reconcile/preview", entity_page.preview),
    *pages.ROUTES,
]
