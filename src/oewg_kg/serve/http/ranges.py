"""Range requests: serve a part of an answer (RFC 9110, 14), as readers of large tables ask for."""

import re

from starlette.requests import Request
from starlette.responses import Response

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def wanted(text: str, size: int) -> range | None:
    """Read which bytes of a body are requested; None for all of them, an empty range for bytes that do not exist."""
    found = RANGE.fullmatch(text.replace(" ", ""))
    if not found or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last or size) + 1, size))


def cut(request: Request, response: Response) -> Response:
    """Cut a complete answer to the requested range: 206, or 416 if it is beyond the end."""
    asked, tag = request.headers.get("range"), response.headers.get("etag")
    if asked is None or (request.method, response.status_code) != ("GET", 200):
        return response
    body = bytes(response.body)
    part = wanted(asked, len(body)) if request.headers.get("if-range") in (None, tag) else None
    if part is None:
        return response
    span = f"{part.start}-{part.stop - 1}" if part else "*"
    changed = {"content-range": f"bytes {span}/{len(body)}", "content-length": str(len(part))}
    return Response(body[part.start : part.stop], 206 if part else 416, dict(response.headers) | changed)
