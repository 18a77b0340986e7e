"""Answers given again: a request that came before, byte for byte, gets the same answer while that is fresh, without asking the application.

Not for what an answer is, or how long it is fresh: the application says both by Cache-Control (RFC 9111, 4 and 5.2.2.1).
"""

import asyncio
import logging
import re
import time
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from oewg_kg.recent import Recent

LOG = logging.getLogger("oewg.serve")
FRESH = re.compile(rb"\r\ncache-control: public, max-age=(\d+)\r\n", re.IGNORECASE)
DATE = re.compile(rb"\r\ndate: [^\r]*\r\n", re.IGNORECASE)
# What a request asks besides its target: with one of these the answer may be none to be given twice.
PARTICULAR = re.compile(
    rb"\r\n(?:connection|upgrade|expect|range|cache-control|pragma|authorization|cookie|content-length|transfer-encoding"
    rb"|x-forwarded-[a-z]+|forwarded):",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Kept:
    """An answer as it went out, before and after its date; when it stops being fresh (monotonic seconds); its line for the log."""

    head: bytes
    rest: bytes
    until: float
    target: str

    def __len__(self) -> int:
        """Count the bytes."""
        return len(self.head) + len(self.rest)


class Memory:
    """The answers kept, by the request, the most recent ones, up to a number of bytes."""

    def __init__(self, most: int = 32 << 20) -> None:
        """Keep the bound in bytes."""
        self.most = most
        self.kept: Recent[bytes, Kept] = Recent(most)

    def get(self, request: bytes) -> Kept | None:
        """Find a fresh answer, and count it as recent."""
        found = self.kept.get(request)
        if found is not None and found.until < time.monotonic():
            self.kept.forget(request)
            return None
        return found

    def put(self, request: bytes, answer: bytes) -> None:
        """Keep an answer if it may be given again: whole, 200, public and fresh for a while."""
        fresh, date = FRESH.search(answer), DATE.search(answer)
        if not (answer.startswith(b"HTTP/1.1 200 ") and fresh and date) or len(answer) > self.most // 8:
            return
        until = time.monotonic() + int(fresh[1])
        target = request[: request.index(b" HTTP/")].decode("latin-1").partition("?")[0]
        kept = Kept(answer[: date.start()], answer[date.end() - 2 :], until, target)
        self.kept.put(request, kept, len(kept) + len(request))


class Tee:
    """A transport that also gathers what is written to it, as long as it is asked to and it is not too much."""

    def __init__(self, transport: asyncio.Transport, most: int) -> None:
        """Keep the transport, and the bound in bytes."""
        self._transport, self._most = transport, most
        self._gathered: list[bytes] | None = None
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        """Do all else as the transport does."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, and gather."""
        if self._gathered is not None:
            self._size += len(data)
            if self._size > self._most:
                self._gathered = None
            else:
                self._gathered.append(data)
        self._transport.write(data)

    def gather(self) -> None:
        """Begin to gather."""
        self._gathered, self._size = [], 0

    def gathered(self) -> bytes:
        """Give what was gathered, and stop; nothing when it was too much."""
        found, self._gathered = b"".join(self._gathered or ()), None
        return found


class Again(H11Protocol):
    """HTTP as uvicorn speaks it, with a memory of whole answers in front of it."""

    def __init__(self, *args: Any, memory: Memory, **options: Any) -> None:
        """Keep the memory, which all connections share."""
        super().__init__(*args, **options)
        self.memory, self.asked = memory, b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the tee between the protocol and its transport."""
        self.tee = Tee(transport, self.memory.most // 8)
        super().connection_made(self.tee)  # type: ignore[arg-type]

    def answered(self, data: bytes) -> bool:
        """Answer a whole request from memory; False when the application has to, whose answer is then kept if it may be."""
        self.asked = b""
        whole = data.startswith(b"GET ") and data.find(b"\r\n\r\n") == len(data) - 4
        if not whole or not self._idle() or PARTICULAR.search(data):
            return False
        begun, kept = time.perf_counter(), self.memory.get(data)
        if kept is None:
            self.asked = data
            self.tee.gather()
            return False
        self._unset_keepalive_if_required()
        date = next(value for name, value in self.server_state.default_headers if name == b"date")
        self.tee.write(b"".join((kept.head, b"\r\ndate: ", date, kept.rest)))
        self.server_state.total_requests += 1
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        LOG.info("%s %d %.1f ms", kept.target, 200, (time.perf_counter() - begun) * 1000)
        return True

    def _idle(self) -> bool:
        """Tell whether the last request is done with, and nothing of another came yet."""
        return (
            self.conn.their_state is h11.IDLE
            and self.conn.our_state is h11.IDLE
            and not self.conn.trailing_data[0]
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def on_response_complete(self) -> None:
        """Keep the answer, then go on as uvicorn does."""
        if self.asked:
            self.memory.put(self.asked, self.tee.gathered())
            self.asked = b""
        super().on_response_complete()
