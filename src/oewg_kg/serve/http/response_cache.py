"""A cache of complete answers, by the exact bytes of each GET request (RFC 9111)."""

import time
from collections.abc import Callable
from typing import NamedTuple

from cachetools import TTLCache

from oewg_kg.serve.http.connection import Headers, Request

FRESH_SECONDS = 60
PUBLIC = (b"cache-control", b"public, max-age=%d" % FRESH_SECONDS)
# Headers that make an answer depend on more than the bytes of the request, or forbid caching it.
UNCACHEABLE = set(b"cache-control pragma authorization cookie expect range if-none-match upgrade".split())


class CachedResponse(NamedTuple):
    """An answer as it was written (with its Date), its path for the log, and its size with that of the request."""

    chunks: list[bytes]
    path: str
    size: int


class ResponseCache:
    """The answers most recently used, up to a number of bytes."""

    def __init__(self, most: int = 32 << 20, clock: Callable[[], float] = time.monotonic) -> None:
        """Store the limit in bytes, and the clock in seconds."""
        self.responses: TTLCache[bytes, CachedResponse] = TTLCache(most, FRESH_SECONDS, clock, lambda r: r.size)

    def get(self, raw: bytes) -> CachedResponse | None:
        """Find a fresh answer to exactly these bytes."""
        return self.responses.get(raw)

    def put(self, request: Request, headers: Headers, chunks: list[bytes], path: str) -> None:
        """Store an answer with status 200 if it may be reused and is not too large."""
        if request.raw is None or PUBLIC not in headers or any(name in UNCACHEABLE for name, _ in request.headers):
            return
        size = sum(map(len, chunks)) + len(request.raw)
        if size <= self.responses.maxsize // 8:
            self.responses[request.raw] = CachedResponse(chunks, path, size)
