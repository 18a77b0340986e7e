"""Range requests: serve a part of an answer (RFC 9110, 14), as readers of large tables ask for."""

import re

from starlette.requests import Request
from starlette.responses import Response

BYTE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def requested_bytes(header: str, size: int) -> range | None:
    """Read which bytes of a body are requested; None for all of them, an empty range for bytes that do not exist."""
    match = BYTE_RANGE.fullmatch(header.replace(" ", ""))
    if not match or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last or size) + 1, size))


def cut_to_range(request: Request, response: Response) -> Response:
    """Cut a complete answer to the requested range: 206, or 416 if it is beyond the end."""
    range_header, etag = request.headers.get("range"), response.headers.get("etag")
    if range_header is None or (request.method, response.status_code) != ("GET", 200):
        return response
    content = bytes(response.body)
    part = requested_bytes(range_header, len(content)) if request.headers.get("if-range") in (None, etag) else None
    if part is None:
        return response
    content_range = f"{part.start}-{part.stop - 1}" if part else "*"
    headers = {"content-range": f"bytes {content_range}/{len(content)}", "content-length": str(len(part))}
    return Response(content[part.start : part.stop], 206 if part else 416, dict(response.headers) | headers)
