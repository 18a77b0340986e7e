"""The front process's copies of all connections: their number and maximum, whether something came, the 503 sent over them."""

import contextlib
import socket
import time

from oewg_kg.serve.http.unavailable import unavailable_response

LINGER, LINGERING = 1.0, 64  # seconds that a refused client has to read the reason; how many may at once
CHUNK, MOST_CHUNKS = 1 << 16, 16
TOO_MANY_CONNECTIONS = "too many connections are open; try again later"


class Copies:
    """Connections by number; a number is reused when its connection is closed."""

    def __init__(self, most_connections: int, open_to_all: bool) -> None:
        """Store the limit, and whether other sites may read the responses."""
        self.open_to_all = open_to_all
        self.connections: dict[int, socket.socket] = {}
        self.free_numbers = list(range(most_connections))
        self.lingering: list[tuple[float, socket.socket]] = []

    @property
    def sockets(self) -> list[socket.socket]:
        """List all sockets, for a fork to close."""
        return [*self.connections.values(), *(lingerer for _, lingerer in self.lingering)]

    def add(self, connection: socket.socket) -> int | None:
        """Add a connection and number it; refuse it if there are too many."""
        connection.setblocking(False)
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self.free_numbers:
            self._send_last(connection, unavailable_response(TOO_MANY_CONNECTIONS, b"T", self.open_to_all))
            return None
        number = self.free_numbers.pop()
        self.connections[number] = connection
        return number

    def close(self, number: int) -> None:
        """Close a connection that a worker has closed."""
        connection = self._remove(number)
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def refuse(self, number: int, message: str, summary: bytes) -> None:
        """Send the reason why there is no answer, and close it; `summary` is what the board says about the request."""
        connection = self._remove(number)
        if connection is not None:
            self._send_last(connection, unavailable_response(message, summary, self.open_to_all))

    def has_input(self, number: int) -> bool:
        """Return whether something arrived that nobody has read yet."""
        return bool(self._peek(number))

    def starts_query(self, number: int) -> bool:
        """Return whether what arrived first is a request for a query, which may take long, not for a page."""
        target = (self._peek(number) or b"").partition(b"\r")[0].partition(b"?")[0].partition(b" ")[2]
        return target.partition(b" ")[0].endswith(b"/sparql")

    def client_gone(self, number: int) -> bool:
        """Return whether the client has closed its side."""
        return self._peek(number) == b""

    def close_lingering(self) -> None:
        """Read what refused clients still send, so that their systems do not discard the refusal, and close them after a time."""
        now, entries = time.monotonic(), self.lingering
        self.lingering = [entry for entry in entries[-LINGERING:] if now < entry[0] and _discard_input(entry[1])]
        for entry in entries:
            if entry not in self.lingering:
                entry[1].close()

    def _peek(self, number: int) -> bytes | None:
        """Look at the next bytes: empty at the end, None if there is nothing yet."""
        connection = self.connections.get(number)
        if connection is None:
            return None
        try:
            return connection.recv(256, socket.MSG_PEEK)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _remove(self, number: int) -> socket.socket | None:
        connection = self.connections.pop(number, None)
        if connection is not None:
            self.free_numbers.append(number)
        return connection

    def _send_last(self, connection: socket.socket, response: bytes) -> None:
        with contextlib.suppress(OSError):
            connection.send(response)
            connection.shutdown(socket.SHUT_WR)
        self.lingering.append((time.monotonic() + LINGER, connection))


def _discard_input(connection: socket.socket) -> bool:
    """Read and discard what arrived, up to a limit; False if the client has closed its side."""
    try:
        return all(connection.recv(CHUNK) for _ in range(MOST_CHUNKS))
    except BlockingIOError:
        return True
    except OSError:
        return False
