"""What holds for every answer: which hosts are served, headers, cross-origin rules, errors, the log.

Not for what any route answers.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oewg_kg.errors import LimitError, OewgError, StorageError
from oewg_kg.serve import engine, negotiation
from oewg_kg.serve.sparql import Refusal

LOG = logging.getLogger("oewg.serve")
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}


class Shell:
    """Around the whole application: refuses foreign hosts, answers preflights, adds headers."""

    def __init__(self, app: ASGIApp, hosts: set[str], before: Callable[[], None] | None = None) -> None:
        """Keep the inner application, what is done before each request, and the host names served besides loopback; `*` is any."""
        self.app, self.hosts, self.before = app, hosts | LOOPBACK, before

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if self.before:
            self.before()

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        host = Headers(scope=scope).get("host", "").rpartition(":")
        name = host[0] if host[1] and host[2].isdigit() else Headers(scope=scope).get("host", "")
        inner: Callable[[Scope, Receive, Send], Awaitable[None]] = self.app
        if name.lower() not in self.hosts and "*" not in self.hosts:
            inner = PlainTextResponse("this host name is not served here\n", 400)
        elif scope["method"] == "OPTIONS":
            inner = Response(status_code=204, headers=PREFLIGHT)
        await inner(scope, receive, with_headers)


def told(request: Request, status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """Tell an error in plain text, or as RFC 9457 JSON to who asks for that."""
    headers = {"Vary": "Accept", **(headers or {})}
    ranges = negotiation.accepted(negotiation.accept_of(request))
    if any(media == "application/problem+json" and weight > 0 for media, weight in ranges):
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
    if isinstance(error, StorageError | LimitError) and isinstance(request.app.state.site.engine, engine.RemoteEngine):
        return told(request, *engine.told(error), {"Retry-After": "5"})
    return told(request, 404 if error.what.startswith(("no question", "nothing is")) else 400, str(error))


async def http(request: Request, error: Exception) -> Response:
    """Answer what Starlette raises: no route, no such method."""
    assert isinstance(error, HTTPException)
    message = {404: "there is no page here", 405: "this method is not allowed here"}.get(
        error.status_code, str(error.detail)
    )
    headers = {name: ", ".join(sorted(text.split(", "))) for name, text in (error.headers or {}).items()}
    return told(request, error.status_code, message, headers)


async def broken(request: Request, error: Exception) -> Response:
    """Answer a fault of the program, without its inside."""
    LOG.exception("fault at %s", request.url.path)
    return told(request, 500, "this is a fault of the program; it was noted")
