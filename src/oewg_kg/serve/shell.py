"""What holds for every answer: which hosts are served, headers, cross-origin rules, errors, the log.

Not for what any route answers.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from urllib.parse import unquote

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oewg_kg.errors import LimitError, OewgError, StorageError, UnknownNameError
from oewg_kg.formats import UnwritableError
from oewg_kg.serve import engine, negotiation, ranges
from oewg_kg.serve.sparql import Refusal
from oewg_kg.serve.worker import FAULT

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
# The form of a target that proxies use, and that every server has to understand (RFC 9112, 3.2.2).
ABSOLUTE = re.compile(rb"https?://([^/]*)(.*)", re.IGNORECASE | re.DOTALL)
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}


class Shell:
    """Around the whole application: refuses foreign hosts, answers preflights, adds headers, logs one line a request."""

    def __init__(self, app: ASGIApp, hosts: set[str], shared: bool = True) -> None:
        """Keep the inner application, the host names served besides the loopback ones (`*`: any), and whether other sites may read."""
        self.app, self.hosts, self.shared = app, hosts | LOOPBACK, shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0
        scope = in_origin_form(scope)

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | (OPEN if self.shared else CLOSED)).items():
                    headers.setdefault(name, value)
                if status == 200 and scope["method"] in ("GET", "HEAD"):
                    headers.setdefault("Accept-Ranges", "bytes")
            await send(message)

        host = Headers(scope=scope).get("host", "").rpartition(":")
        name = host[0] if host[1] and host[2].isdigit() else Headers(scope=scope).get("host", "")
        inner: Callable[[Scope, Receive, Send], Awaitable[None]] = self.app
        if name.lower() not in self.hosts and "*" not in self.hosts:
            inner = PlainTextResponse("this host name is not allowed; add it with --host-name\n", 400)
        elif scope["method"] == "OPTIONS":
            inner = Response(status_code=204, headers=PREFLIGHT if self.shared else None)
        elif scope["method"] == "GET" and "range" in Headers(scope=scope):
            inner = partial(ranges.answer, self.app)
        try:
            await inner(scope, receive, with_headers)
        except asyncio.CancelledError:  # the server stops, and waits no longer for what runs
            if not status:
                stopping = PlainTextResponse("the server is stopping\n", 503, {"Retry-After": "5"})
                await stopping(scope, receive, with_headers)
        took = (time.perf_counter() - begun) * 1000
        LOG.info("%s %s %d %.1f ms", scope["method"], scope["raw_path"].decode("latin-1"), status, took)


def in_origin_form(scope: Scope) -> Scope:
    """Turn an absolute target into a path and a host, which wins over the header (RFC 9112, 3.2.2)."""
    prefix = str(scope.get("root_path", ""))
    found = ABSOLUTE.fullmatch(scope["raw_path"].removeprefix(prefix.encode()))
    if found is None:
        return scope
    path = found[2] or b"/"
    headers = [(b"host", found[1]), *(one for one in scope["headers"] if one[0] != b"host")]
    decoded = prefix + unquote(path.decode("ascii"))
    return {**scope, "path": decoded, "raw_path": prefix.encode() + path, "headers": headers}


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
    """Answer an error of the project: another engine's, or the caller's, since the graph is whole."""
    assert isinstance(error, OewgError)
    if isinstance(error, StorageError | LimitError) and isinstance(request.app.state.site.pool, engine.Engine):
        return told(request, *engine.told(error), {"Retry-After": "5"})
    if isinstance(error, UnwritableError):
        return told(request, 406, str(error))
    return told(request, 404 if isinstance(error, UnknownNameError) else 400, str(error))


async def http(request: Request, error: Exception) -> Response:
    """Answer what Starlette raises: no route, no such method."""
    assert isinstance(error, HTTPException)
    message = {404: "page not found", 405: "method not allowed"}.get(error.status_code, str(error.detail))
    headers = {name: ", ".join(sorted(text.split(", "))) for name, text in (error.headers or {}).items()}
    return told(request, error.status_code, message, headers)


async def broken(request: Request, error: Exception) -> Response:
    """Answer a fault of the program, without its inside."""
    LOG.exception("fault at %s", request.url.path)
    return told(request, 500, FAULT)
