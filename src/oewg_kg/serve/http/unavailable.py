"""The 503 response that the front process writes itself."""

from oewg_kg.serve.http.connection import answer_of, problem

STOPPED, STOPPING = "the request took too long", "the server is stopping"
DIED = "the query needed too much memory or was nested too deeply"
BUSY, NONE = "all workers are busy; try again later", "no worker can be started (see the log); try again later"


def written(message: str, text: bytes, shared: bool = True) -> bytes:
    """Write a 503; `text` begins with the format that the client prefers, and then the method.

    Other sites may read it only if it is `shared`.
    """
    form, method = text[:1], text[1:].partition(b" ")[0]
    kind, body = b"text/plain; charset=utf-8", f"{message}\n"
    if form == b"J":
        kind = b"application/problem+json"
        body = problem(503, message)
    elif form == b"H":
        kind, body = b"text/html; charset=utf-8", f"<!doctype html><title>503</title><h1>503</h1><p>{message}.</p>\n"
    headers = [
        (b"content-type", kind),
        (b"retry-after", b"5"),
        (b"vary", b"Accept"),
        (b"x-content-type-options", b"nosniff"),
    ]
    headers += [(b"access-control-allow-origin", b"*")] if shared else []
    head, content = answer_of(None, 503, headers, body.encode())
    return head if method == b"HEAD" else head + content
