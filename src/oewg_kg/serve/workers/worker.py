"""A worker process: reads requests from its connections and answers them one at a time.

It records on the board what it is answering. While it answers it reads nothing, so the system keeps what other clients send, and the
front process can give their connections to another worker.
"""

import contextlib
import logging
import selectors
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from oewg_kg.serve.http.connection import Connection, Headers, Refusal, Request, response_chunks
from oewg_kg.serve.http.response_cache import ResponseCache
from oewg_kg.serve.workers import handover, sandbox
from oewg_kg.serve.workers.board import CLEAN, PARTIAL, SENDING, SUMMARY_BYTES, Board
from oewg_kg.serve.workers.limits import Limits

if TYPE_CHECKING:
    from starlette.responses import Response

LOG = logging.getLogger("oewg.serve")
IDLE_LIMIT, SEND_LIMIT = 10.0, 60.0  # seconds for a request to arrive, and for a client to take the next part
LINGER_LIMIT = 1.0  # seconds that a refused client has to read the reason
CHECK_INTERVAL = 1.0  # seconds between two checks for connections that are too slow
# Answers the request of a client, given by address and port.
Respond = Callable[[Request, tuple[str, int]], "Response"]
PLAIN_HEADERS: Headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"access-control-allow-origin", b"*")]


class Worker:
    """The connections of one worker, and what it answers them with."""

    def __init__(self, channel: socket.socket, board: Board, index: int, respond: Respond, limits: Limits) -> None:
        """Store the channel to the front process, the slot on the board, and the application."""
        self.channel, self.board, self.slot = channel, board, board.slots[index]
        self.respond, self.limits = respond, limits
        self.selector = selectors.DefaultSelector()
        self.connections: dict[int, Connection] = {}
        self.cache = ResponseCache()
        self.memory = sandbox.Memory(limits.memory << 20)
        self.leaving = self.retiring = False
        channel.setblocking(False)
        self.selector.register(channel, selectors.EVENT_READ, None)

    def run(self) -> None:
        """Answer until the front process ends this worker, or has ended itself, or this process has grown too much."""
        handover.send_message(self.channel, handover.READY)
        next_check = time.monotonic() + CHECK_INTERVAL
        while not (self.leaving and not any(pending.outgoing for pending in self.connections.values())):
            for key, events in self.selector.select(CHECK_INTERVAL):
                connection: Connection | None = key.data
                if connection is None:
                    if not self._handle_messages():
                        return
                elif self.connections.get(connection.number) is connection:
                    self._serve_connection(connection, events)
            if self.retiring and all(map(self.board.is_idle, self.connections)):
                return
            if time.monotonic() > next_check:
                next_check = time.monotonic() + CHECK_INTERVAL
                self._close_slow_connections()

    def _handle_messages(self) -> bool:
        """Handle a message from the front process; False if this worker has to end."""
        while True:
            try:
                message = handover.receive_message(self.channel)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if message is None:
                return False
            if message.kind == handover.END:
                self._take_no_more()
                return True
            if message.kind == handover.TAKE and message.connection is not None:
                self._take_connection(message.number, message.connection)
            elif message.kind == handover.FORGET and (forgotten := self.connections.pop(message.number, None)):
                self._register_events(forgotten, 0)
                forgotten.socket.close()
            elif message.kind == handover.RETIRE:
                self.retiring = True
            elif message.kind == handover.GO_ON:
                return True

    def _take_connection(self, number: int, client_socket: socket.socket) -> None:
        client_socket.setblocking(False)
        address = ("", 0)
        with contextlib.suppress(OSError, ValueError, TypeError):  # the client may be gone already
            address = client_socket.getpeername()[:2]
        self.connections[number] = connection = Connection(client_socket, number, address, time.monotonic())
        self.selector.register(client_socket, selectors.EVENT_READ, connection)

    def _serve_connection(self, connection: Connection, events: int) -> None:
        """Read, answer and send what a connection is ready for.

        From before the first byte is read until the system has the answer, the board says that a request would be lost.
        """
        if connection.phase == "lingering":
            if connection.client_closed():
                self._close_connection(connection)
            return
        if not connection.outgoing:
            self.board.states[connection.number] = PARTIAL
        try:
            if events & selectors.EVENT_WRITE:
                connection.flush()
            if not connection.outgoing and events & selectors.EVENT_READ and not connection.read_requests():
                self._close_connection(connection)
                return
            while connection.requests and not connection.outgoing and not connection.closing:
                self._answer_request(connection, connection.requests.popleft())
        except Refusal as refusal:
            self._refuse_connection(connection, refusal)
        except OSError:  # the client is gone
            self._close_connection(connection)
            return
        self._settle_connection(connection)

    def _refuse_connection(self, connection: Connection, refusal: Refusal) -> None:
        connection.closing, connection.phase = True, "refused"
        connection.requests.clear()
        with contextlib.suppress(OSError):
            connection.send(response_chunks(None, refusal.status, PLAIN_HEADERS, f"{refusal.message}\n".encode()))

    def _settle_connection(self, connection: Connection) -> None:
        """Record the state of a connection and what it waits for; close it when it is finished."""
        if self.connections.get(connection.number) is not connection:  # it was closed to make room for another
            return
        if connection.closing and not connection.outgoing:
            if connection.phase and connection.linger():
                self.board.states[connection.number] = SENDING
                self._register_events(connection, selectors.EVENT_READ)
            else:
                self._close_connection(connection)
            return
        state = SENDING if connection.outgoing else PARTIAL if connection.phase or connection.requests else CLEAN
        self.board.states[connection.number] = state
        readable = 0 if self.leaving else selectors.EVENT_READ
        self._register_events(connection, selectors.EVENT_WRITE if connection.outgoing else readable)
        if connection.unsent and sum(other.unsent for other in self.connections.values()) > self.limits.unsent:
            self._close_connection(max(self.connections.values(), key=lambda other: other.unsent))

    def _register_events(self, connection: Connection, events: int) -> None:
        """Wait until a connection is ready for something, or for nothing."""
        registration = self.selector.get_map().get(connection.socket)
        if registration is None and events:
            self.selector.register(connection.socket, events, connection)
        elif registration is not None and not events:
            self.selector.unregister(connection.socket)
        elif registration is not None and registration.events != events:
            self.selector.modify(connection.socket, events, connection)

    def _answer_request(self, connection: Connection, request: Request) -> None:
        """Answer one request under the limits, from the cache if possible."""
        start = time.monotonic()
        cached = self.cache.get(request.raw) if request.raw else None
        if cached is not None:
            self._log_request(request.method, cached.path, 200, start)
            self.board.states[connection.number] = SENDING
            connection.send(cached.chunks)
            return
        self.slot.summary, self.slot.connection, self.slot.began = _refusal_summary(request), connection.number, start
        with sandbox.ending_after(self.limits.seconds + 1):
            response = self.respond(request, connection.client)
        self.slot.began = 0.0
        noticed = self.slot.noticed
        connection.closing = not request.keep_alive
        status, headers = response.status_code, response.raw_headers
        chunks = response_chunks(request, status, headers, bytes(response.body))
        path = request.target.partition(b"?")[0].decode("latin-1")
        self._log_request(request.method, path, status, start)
        self.board.states[connection.number] = SENDING
        connection.send(chunks)
        if status == 200:
            self.cache.put(request, headers, chunks, path)
        if noticed:
            self._wait_to_go_on()
        if (status == 500 or self.memory.grown()) and not self.leaving:
            self._announce_leaving()

    def _wait_to_go_on(self) -> None:
        """Wait until the front process reports which connections it has given to other workers."""
        self.channel.setblocking(True)
        with contextlib.suppress(OSError):
            handover.send_message(self.channel, handover.FINISHED)
            if not self._handle_messages():
                self._take_no_more()
        self.channel.setblocking(False)

    def _announce_leaving(self) -> None:
        """Take no more requests, so that the memory used by one cannot affect the next."""
        handover.send_message(self.channel, handover.LEAVING)
        self._take_no_more()

    def _take_no_more(self) -> None:
        """Read nothing more; answers are still sent, and then this worker ends."""
        self.leaving = True
        for connection in list(self.connections.values()):
            self._settle_connection(connection)

    def _close_connection(self, connection: Connection) -> None:
        """End a connection, and let the front process end its copy."""
        if self.connections.pop(connection.number, None) is None:
            return
        self._register_events(connection, 0)
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_RDWR)
        connection.socket.close()
        self.board.states[connection.number] = CLEAN
        with contextlib.suppress(OSError):
            handover.send_message(self.channel, handover.CLOSED, connection.number)

    def _close_slow_connections(self) -> None:
        now = time.monotonic()
        for connection in list(self.connections.values()):
            idle = now - connection.last_progress
            if (connection.outgoing and idle > SEND_LIMIT) or (connection.phase == "lingering" and idle > LINGER_LIMIT):
                self._close_connection(connection)
            elif not connection.outgoing and idle > IDLE_LIMIT:
                if connection.phase == "body":
                    late = Refusal(408, f"the body did not arrive within {IDLE_LIMIT:g} s")
                    self._refuse_connection(connection, late)
                    self._settle_connection(connection)
                else:
                    self._close_connection(connection)

    def _log_request(self, method: str, path: str, status: int, start: float) -> None:
        LOG.info("%s %s %d %.1f ms", method, path, status, (time.monotonic() - start) * 1000)


def _refusal_summary(request: Request) -> bytes:
    """Return what the front process needs in order to refuse a request: the form of an error, whether it is a HEAD, method and path."""
    accept = b"".join(value for name, value in request.headers if name == b"accept")
    error_format = b"J" if b"problem+json" in accept else b"H" if b"text/html" in accept else b"T"
    return (error_format + request.method.encode() + b" " + request.target.partition(b"?")[0])[:SUMMARY_BYTES]
