"""Middleware for every response: allowed hosts, headers, CORS, errors, the log."""

import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oewg_kg.errors import LimitError, OewgError, StorageError, UnknownNameError
from oewg_kg.formats import UnwritableError
from oewg_kg.serve.http import negotiation, ranges
from oewg_kg.serve.protocol.sparql import Refusal
from oewg_kg.serve.workers import remote_engine
from oewg_kg.serve.workers.evaluate import FAULT

LOG = logging.getLogger("oewg.serve")
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# What pages of other sites may read, or may not: whoever serves files of their own would show them to every site they visit.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Range, ETag, Link, Oewg-Hint, Retry-After",
}
CLOSED = {"Cross-Origin-Resource-Policy": "same-origin"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}


class Shell:
    """Around the whole application: refuses foreign hosts, answers preflights, adds headers."""

    def __init__(
        self, app: ASGIApp, hosts: set[str], shared: bool = True, before: Callable[[], None] | None = None
    ) -> None:
        """Keep the inner application, the host names besides loopback (`*`: any), who may read, what is done before each request."""
        self.app, self.hosts, self.shared, self.before = app, hosts | LOOPBACK, shared, before
        self.added = Response(headers=HEADERS | (OPEN if shared else CLOSED)).raw_headers[:-1]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.before:
            self.before()
        given = dict(scope["headers"])

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                there = {name for name, _ in headers}
                headers += [header for header in self.added if header[0] not in there]
                if message["status"] == 200 and scope["method"] in ("GET", "HEAD") and b"accept-ranges" not in there:
                    headers.append((b"accept-ranges", b"bytes"))
            await send(message)

        inner: Callable[[Scope, Receive, Send], Awaitable[None]] = self.app
        if _name(given.get(b"host", b"").decode("latin-1")) not in self.hosts and "*" not in self.hosts:
            inner = PlainTextResponse("this host name is not allowed; add it with --host-name\n", 400)
        elif scope["method"] == "OPTIONS":
            inner = Response(status_code=204, headers=PREFLIGHT if self.shared else None)
        elif scope["method"] == "GET" and b"range" in given:
            inner = partial(ranges.answer, self.app)
        await inner(scope, receive, with_headers)


def _name(host: str) -> str:
    """Take the port off a Host header."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def told(request: Request, status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Tell an error in plain text, or as RFC 9457 JSON to who asks for that."""
    headers = {"Vary": "Accept", **(headers or {})}
    if negotiation.takes_problems(request):
        title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Client Closed Request"
        body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": message})
        return Response(body, status, headers, "application/problem+json")
    return PlainTextResponse(f"{message}\n", status, headers)


async def refused(request: Request, error: Exception) -> Response:
    """Answer a refusal of the protocol."""
    assert isinstance(error, Refusal)
    return told(request, error.status, error.message, error.headers)


async def ours(request: Request, error: Exception) -> Response:
    """Answer an error of the project: another engine's, or the caller's, since the graph is intact."""
    assert isinstance(error, OewgError)
    if isinstance(error, StorageError | LimitError) and isinstance(
        request.app.state.site.engine, remote_engine.RemoteEngine
    ):
        return told(request, *remote_engine.told(error), {"Retry-After": "5"})
    if isinstance(error, UnwritableError):
        return told(request, 406, str(error))
    return told(request, 404 if isinstance(error, UnknownNameError) else 400, str(error))


async def http(request: Request, error: Exception) -> Response:
    """Answer what Starlette raises: no route, no such method."""
    assert isinstance(error, HTTPException)
    usual = (
        {404: "page not found", 405: "method not allowed"}
        if error.detail == HTTPStatus(error.status_code).phrase
        else {}
    )
    message = usual.get(error.status_code, str(error.detail))
    headers = {name: ", ".join(sorted(text.split(", "))) for name, text in (error.headers or {}).items()}
    return told(request, error.status_code, message, headers)


async def broken(request: Request, error: Exception) -> Response:
    """Answer a fault of the program, without its inside."""
    LOG.exception("fault at %s", request.url.path)
    return told(request, 500, FAULT)
