"""What every response has: headers, CORS, the host names allowed, the form of errors."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from oewg_kg.errors import LimitError, OewgError, StorageError, UnknownNameError
from oewg_kg.formats import UnwritableError
from oewg_kg.serve.http import connection, negotiation
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
# What other sites may read: a user who serves private files would otherwise show them to every site visited.
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
# The headers of a response, by whether other sites may read it.
ADDED = {shared: Response(headers=HEADERS | (OPEN if shared else CLOSED)).raw_headers[:-1] for shared in (True, False)}
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}


def add_headers(request: Request, response: Response, shared: bool) -> None:
    """Add the headers that every response has, unless it sets its own; other sites may read only what is `shared`."""
    there = {name for name, _ in response.raw_headers}
    response.raw_headers += [header for header in ADDED[shared] if header[0] not in there]
    if response.status_code == 200 and request.method in ("GET", "HEAD"):
        response.raw_headers.append((b"accept-ranges", b"bytes"))


def host_of(request: Request) -> str:
    """Read the host name that a request is sent to, without its port."""
    host = request.headers.get("host", "")
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def error_response(request: Request, error: Exception) -> Response:
    """Write an error as plain text, or as RFC 9457 JSON for clients that ask for it."""
    status, message, headers = _described(request, error)
    headers = {"Vary": "Accept", **headers}
    if negotiation.takes_problems(request):
        return Response(connection.problem_json(status, message), status, headers, "application/problem+json")
    return PlainTextResponse(f"{message}\n", status, headers)


def _described(request: Request, error: Exception) -> tuple[int, str, Mapping[str, str]]:
    """Return the status, message and headers for an error; a fault of the program is logged, and its details are not shown."""
    if isinstance(error, Refusal):
        return error.status, error.message, error.headers
    if isinstance(error, HTTPException):
        plain = error.detail == HTTPStatus(error.status_code).phrase
        usual = {404: "page not found", 405: "method not allowed"} if plain else {}
        return error.status_code, usual.get(error.status_code, str(error.detail)), error.headers or {}
    elsewhere = isinstance(request.app.state.explorer.endpoint.engine, remote_engine.RemoteEngine)
    if elsewhere and isinstance(error, StorageError | LimitError):
        return *remote_engine.failure_status(error), {"Retry-After": "5"}
    if isinstance(error, OewgError):  # the caller's fault, because the graph is intact
        status = 406 if isinstance(error, UnwritableError) else 404 if isinstance(error, UnknownNameError) else 400
        return status, str(error), {}
    LOG.exception("fault at %s", request.url.path)
    return 500, FAULT, {}
