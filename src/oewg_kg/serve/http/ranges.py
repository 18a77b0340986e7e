"""Range requests: serve a part of an answer (RFC 9110, 14), as readers of large tables ask for."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def wanted(headers: Headers, size: int) -> range | None:
    """Read which bytes of how many are wanted; None for all of them, an empty range for none that there are."""
    found = RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if not found or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last or size) + 1, size))


async def answer(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Handle a GET, and cut a complete answer to the range wanted: 206, or 416 when it lies behind the end."""
    start: Message | None = None
    asked = Headers(scope=scope)

    async def cut(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        if start is not None:
            begun, start = start, None
            headers, body = MutableHeaders(scope=begun), message.get("body", b"")
            unchanged = asked.get("if-range") in (None, headers.get("etag"))
            part = wanted(asked, len(body)) if unchanged and not message.get("more_body") else None
            if begun["status"] == 200 and part is not None:
                begun["status"] = 206 if part else 416
                span = f"{part.start}-{part.stop - 1}" if part else "*"
                headers["Content-Range"] = f"bytes {span}/{len(body)}"
                headers["Content-Length"] = str(len(part))
                message = {**message, "body": body[part.start : part.stop]}
            await send(begun)
        await send(message)

    await app(scope, receive, cut)
