"""The 503 response that the front process writes itself."""

from oewg_kg.serve.http.connection import problem_json, response_chunks

TOO_SLOW, SERVER_STOPS = "the request took too long", "the server is stopping"
WORKER_DIED = "the query needed too much memory or was nested too deeply"
ALL_BUSY, NO_WORKER = "all workers are busy; try again later", "no worker can be started (see the log); try again later"


def unavailable_response(message: str, summary: bytes, shared: bool = True) -> bytes:
    """Write a 503; the `summary` of the request begins with the format that the client prefers, and then the method.

    Other sites may read it only if it is `shared`.
    """
    error_format, method = summary[:1], summary[1:].partition(b" ")[0]
    media_type, body = b"text/plain; charset=utf-8", f"{message}\n"
    if error_format == b"J":
        media_type, body = b"application/problem+json", problem_json(503, message)
    elif error_format == b"H":
        media_type = b"text/html; charset=utf-8"
        body = f"<!doctype html><title>503</title><h1>503</h1><p>{message}.</p>\n"
    headers = [
        (b"content-type", media_type),
        (b"retry-after", b"5"),
        (b"vary", b"Accept"),
        (b"x-content-type-options", b"nosniff"),
    ]
    headers += [(b"access-control-allow-origin", b"*")] if shared else []
    head, content = response_chunks(None, 503, headers, body.encode())
    return head if method == b"HEAD" else head + content
