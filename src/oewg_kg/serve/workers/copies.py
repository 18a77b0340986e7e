"""The front process's copies of all connections: their number and maximum, whether something came, the 503 sent over them."""

import contextlib
import socket
import time

from oewg_kg.serve.http import unavailable

LINGER, LINGERING = 1.0, 64  # seconds that a refused client has to read the reason; how many may at once
PART, PARTS = 1 << 16, 16
FULL = "too many connections are open; try again later"


class Copies:
    """Connections by number; a number is reused when its connection is closed."""

    def __init__(self, most: int, open_to_all: bool) -> None:
        """Store the limit, and whether other sites may read the responses."""
        self.open_to_all = open_to_all
        self.held: dict[int, socket.socket] = {}
        self.free = list(range(most))
        self.lingering: list[tuple[float, socket.socket]] = []

    @property
    def sockets(self) -> list[socket.socket]:
        """List all sockets, for a fork to close."""
        return [*self.held.values(), *(one for _, one in self.lingering)]

    def add(self, accepted: socket.socket) -> int | None:
        """Add a connection and number it; refuse it if there are too many."""
        accepted.setblocking(False)
        with contextlib.suppress(OSError):
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.free:
            self._last(accepted, unavailable.unavailable_response(FULL, b"T", self.open_to_all))
            return None
        number = self.free.pop()
        self.held[number] = accepted
        return number

    def close(self, number: int) -> None:
        """Close a connection that a worker has closed."""
        copy = self._taken(number)
        if copy is not None:
            with contextlib.suppress(OSError):
                copy.shutdown(socket.SHUT_RDWR)
            copy.close()

    def refuse(self, number: int, message: str, text: bytes) -> None:
        """Send the reason why there is no answer, and close it; `text` is what the worker wrote on the board about the request."""
        copy = self._taken(number)
        if copy is not None:
            self._last(copy, unavailable.unavailable_response(message, text, self.open_to_all))

    def asks(self, number: int) -> bool:
        """Return whether something arrived that nobody has read yet."""
        return bool(self._next(number))

    def asks_query(self, number: int) -> bool:
        """Return whether what arrived first is a request for a query, which may take long, not for a page."""
        target = (self._next(number) or b"").partition(b"\r")[0].partition(b"?")[0].partition(b" ")[2]
        return target.partition(b" ")[0].endswith(b"/sparql")

    def gone(self, number: int) -> bool:
        """Return whether the client has closed its side."""
        return self._next(number) == b""

    def look(self) -> None:
        """Read what refused clients still send, so that their systems do not discard the refusal, and close them after a time."""
        now, lingering = time.monotonic(), self.lingering
        self.lingering = [one for one in lingering[-LINGERING:] if now < one[0] and _heard(one[1])]
        for one in lingering:
            if one not in self.lingering:
                one[1].close()

    def _next(self, number: int) -> bytes | None:
        """Look at the next bytes: empty at the end, None if there is nothing yet."""
        copy = self.held.get(number)
        if copy is None:
            return None
        try:
            return copy.recv(256, socket.MSG_PEEK)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _taken(self, number: int) -> socket.socket | None:
        copy = self.held.pop(number, None)
        if copy is not None:
            self.free.append(number)
        return copy

    def _last(self, connection: socket.socket, data: bytes) -> None:
        with contextlib.suppress(OSError):
            connection.send(data)
            connection.shutdown(socket.SHUT_WR)
        self.lingering.append((time.monotonic() + LINGER, connection))


def _heard(connection: socket.socket) -> bool:
    """Read and discard what arrived, up to a limit; False if the client has closed its side."""
    try:
        return all(connection.recv(PART) for _ in range(PARTS))
    except BlockingIOError:
        return True
    except OSError:
        return False
