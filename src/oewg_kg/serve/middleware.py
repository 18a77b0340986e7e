"""The headers that every HTTP response has (security, CORS), the host names allowed, and errors as text or problem JSON (RFC 9457)."""

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
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# What other sites may read: a user who serves private files would otherwise show them to every site visited.
CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Range, ETag, Link, Oewg-Hint, Retry-After",
}
SAME_ORIGIN_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin"}
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
# The headers of a response, by whether other sites may read it.
SHARED_HEADERS = {True: SECURITY_HEADERS | CORS_HEADERS, False: SECURITY_HEADERS | SAME_ORIGIN_HEADERS}
RAW_HEADERS = {shared: Response(headers=headers).raw_headers[:-1] for shared, headers in SHARED_HEADERS.items()}
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}


def add_headers(request: Request, response: Response, shared: bool) -> None:
    """Add the headers that every response has, unless it sets its own; other sites may read only what is `shared`."""
    present_names = {header_name for header_name, _ in response.raw_headers}
    response.raw_headers += [header for header in RAW_HEADERS[shared] if header[0] not in present_names]
    if response.status_code == 200 and request.method in ("GET", "HEAD"):
        response.raw_headers.append((b"accept-ranges", b"bytes"))


def host_of(request: Request) -> str:
    """Read the host name that a request is sent to, without its port."""
    host = request.headers.get("host", "")
    host_name, colon, port = host.rpartition(":")
    return (host_name if colon and port.isdigit() else host).lower()


def error_response(request: Request, error: Exception) -> Response:
    """Write an error as plain text, or as RFC 9457 JSON for clients that ask for it."""
    status, message, headers = _error_parts(request, error)
    headers = {"Vary": "Accept", **headers}
    if negotiation.takes_problems(request):
        return Response(connection.problem_json(status, message), status, headers, "application/problem+json")
    return PlainTextResponse(f"{message}\n", status, headers)


def _error_parts(request: Request, error: Exception) -> tuple[int, str, Mapping[str, str]]:
    """Return the status, message and headers for an error; a fault of the program is logged, and its details are not shown."""
    if isinstance(error, Refusal):
        return error.status, error.message, error.headers
    if isinstance(error, HTTPException):
        no_detail = error.detail == HTTPStatus(error.status_code).phrase
        messages = {404: "page not found", 405: "method not allowed"} if no_detail else {}
        return error.status_code, messages.get(error.status_code, str(error.detail)), error.headers or {}
    over_engine = isinstance(request.app.state.explorer.endpoint.engine, remote_engine.RemoteEngine)
    if over_engine and isinstance(error, StorageError | LimitError):
        return *remote_engine.failure_status(error), {"Retry-After": "5"}
    if isinstance(error, OewgError):  # the caller's fault, because the graph is intact
        status = 406 if isinstance(error, UnwritableError) else 404 if isinstance(error, UnknownNameError) else 400
        return status, str(error), {}
    LOG.exception("fault at %s", request.url.path)
    return 500, FAULT, {}
