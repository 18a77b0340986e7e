"""Run one request through an ASGI application without an event loop.

The application may not wait for anything: it starts when the request is complete, and the answer is sent when it is complete.
"""

import logging
from typing import Any
from urllib.parse import unquote

import httptools
from starlette.types import ASGIApp, Message

from oewg_kg.serve.http.connection import Headers, Refused, Request

LOG = logging.getLogger("oewg.serve")


class Carrier:
    """An application, and the address at which it is served."""

    def __init__(self, app: ASGIApp, server: tuple[str, int], root_path: str = "") -> None:
        """Keep the application, the address listened at, and the path in front of it."""
        self.app, self.server, self.root_path = app, server, root_path

    def scope(self, request: Request, client: tuple[str, int]) -> dict[str, Any]:
        """Write a request as ASGI does (HTTP Connection Scope); raises Refused for a target that is none."""
        try:
            url = httptools.parse_url(request.target)
        except httptools.HttpParserInvalidURLError as error:
            raise Refused(400, "the target of the request is not valid") from error
        headers = request.headers
        if url.host:  # RFC 9112, 3.2.2: the host of an absolute target is the one that counts
            host = (b"[%s]" if b":" in url.host else b"%s") % url.host + (b":%d" % url.port if url.port else b"")
            headers = [(b"host", host), *(header for header in headers if header[0] != b"host")]
        elif request.version == "1.1" and sum(name == b"host" for name, _ in headers) != 1:
            raise Refused(400, "send exactly one Host header")  # RFC 9112, 3.2
        path = url.path or b"/"
        scheme = "http"
        if client[0] in ("127.0.0.1", "::1", ""):  # a proxy on this machine says how it was reached
            said = next((value for name, value in headers if name == b"x-forwarded-proto"), b"")
            scheme = "https" if said.strip().lower() == b"https" else "http"
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": request.version,
            "method": request.method,
            "scheme": scheme,
            "path": self.root_path + unquote(path.decode("ascii", "replace")),
            "raw_path": path,
            "query_string": url.query or b"",
            "root_path": self.root_path,
            "headers": headers,
            "client": client,
            "server": self.server,
        }

    def answer(self, request: Request, client: tuple[str, int]) -> tuple[int, Headers, list[bytes]]:
        """Return status, headers and the parts of the body."""
        status, headers, body = 500, [], []

        async def receive() -> Message:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message["headers"])
            else:
                body.append(message.get("body", b""))

        running = self.app(self.scope(request, client), receive, send)
        try:
            running.send(None)  # type: ignore[attr-defined]
        except StopIteration:
            return status, headers, body
        except Refused:
            raise
        except Exception:
            return status, headers, body
        raise RuntimeError("the application waits for something")
