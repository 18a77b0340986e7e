"""Convert a client's request to the form that starlette reads (ASGI, HTTP Connection Scope)."""

from urllib.parse import unquote

import httptools
import starlette.requests

from oewg_kg.serve.http.connection import Refusal, Request


def starlette_request(
    request: Request, client: tuple[str, int], server: tuple[str, int], root_path: str = ""
) -> starlette.requests.Request:
    """Convert a client's request for starlette, with the body in its state; raises Refusal for an invalid target."""
    try:
        url = httptools.parse_url(request.target)
    except httptools.HttpParserInvalidURLError as error:
        raise Refusal(400, "the request target is not valid") from error
    headers = request.headers
    if url.host:  # RFC 9112, 3.2.2: the host of an absolute target counts
        host = (b"[%s]" if b":" in url.host else b"%s") % url.host + (b":%d" % url.port if url.port else b"")
        headers = [(b"host", host), *(header for header in headers if header[0] != b"host")]
    elif request.version == "1.1" and sum(name == b"host" for name, _ in headers) != 1:
        raise Refusal(400, "send exactly one Host header")  # RFC 9112, 3.2
    path = url.path or b"/"
    scheme = "http"
    if client[0] in ("127.0.0.1", "::1", ""):  # a proxy on this machine reports how it was reached
        forwarded = next((value for name, value in headers if name == b"x-forwarded-proto"), b"")
        scheme = "https" if forwarded.strip().lower() == b"https" else "http"
    return starlette.requests.Request(
        {
            "type": "http",
            "http_version": request.version,
            "method": request.method,
            "scheme": scheme,
            "path": root_path + unquote(path.decode("ascii", "replace")),
            "raw_path": path,
            "query_string": url.query or b"",
            "root_path": root_path,
            "headers": headers,
            "client": client,
            "server": server,
            "state": {"body": request.body},
        }
    )
