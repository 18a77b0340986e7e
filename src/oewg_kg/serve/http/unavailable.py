"""The 503 response that the front process writes itself."""

import json

STOPPED, STOPPING = "the request took too long", "the server is stopping"
DIED = "the query needed too much memory or nesting"
BUSY, NONE = "all workers are busy; try again later", "no worker can be started (see the log); try again later"


def written(message: str, text: bytes, shared: bool = True) -> bytes:
    """Write a 503; `text` begins with the form that the client would rather have, and then the method.

    Only what is `shared` may be read by pages of other sites.
    """
    form, method = text[:1], text[1:].partition(b" ")[0]
    kind, body = "text/plain; charset=utf-8", f"{message}\n"
    if form == b"J":
        kind = "application/problem+json"
        body = json.dumps({"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": message})
    elif form == b"H":
        kind, body = "text/html; charset=utf-8", f"<!doctype html><title>503</title><h1>503</h1><p>{message}.</p>\n"
    content = body.encode()
    open_to = "access-control-allow-origin: *\r\n" if shared else ""
    head = (
        f"HTTP/1.1 503 Service Unavailable\r\ncontent-type: {kind}\r\ncontent-length: {len(content)}\r\nretry-after: 5\r\n"
        f"vary: Accept\r\n{open_to}x-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
    ).encode("ascii")
    return head if method == b"HEAD" else head + content
