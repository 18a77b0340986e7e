"""A cache of complete answers, by the exact bytes of each GET request (RFC 9111)."""

import re
import time
from dataclasses import dataclass

from cachetools import LRUCache

from oewg_kg.serve.http.connection import Headers, Request, today

FRESH = re.compile(rb"public, max-age=([0-9]{1,6})\Z")
# Headers that make an answer depend on more than the bytes of the request, or that forbid to keep it.
PARTICULAR = {
    b"cache-control",
    b"pragma",
    b"authorization",
    b"cookie",
    b"expect",
    b"range",
    b"if-none-match",
    b"upgrade",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer before and after its date, until when it is fresh (monotonic seconds), and its line for the log."""

    head: bytes
    rest: bytes
    body: tuple[bytes, ...]
    until: float
    path: str
    size: int

    def parts(self) -> list[bytes]:
        """Write the answer with the present date."""
        return [b"".join((self.head, today(), self.rest)), *self.body]


class ResponseCache:
    """The answers most recently used, up to a number of bytes."""

    def __init__(self, most: int = 32 << 20) -> None:
        """Keep the bound in bytes."""
        self.most = most
        self.kept: LRUCache[bytes, Kept] = LRUCache(most, lambda kept: kept.size)

    def get(self, raw: bytes) -> Kept | None:
        """Find a fresh answer to these very bytes."""
        found = self.kept.get(raw)
        if found is not None and found.until < time.monotonic():
            self.kept.pop(raw)
            return None
        return found

    def put(self, request: Request, headers: Headers, written: list[bytes], path: str) -> None:
        """Keep an answer of status 200 if it may be given again and is not too large."""
        if request.raw is None or any(name in PARTICULAR for name, _ in request.headers):
            return
        fresh = next((FRESH.search(value) for name, value in headers if name == b"cache-control"), None)
        size = sum(map(len, written)) + len(request.raw)
        if fresh is None or size > self.most // 8:
            return
        head, date, rest = written[0].partition(today())
        if date:
            kept = Kept(head, rest, tuple(written[1:]), time.monotonic() + int(fresh[1]), path, size)
            self.kept[request.raw] = kept
