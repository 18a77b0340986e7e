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

from oewg_kg.serve.http.connection import Connection, Headers, Refusal, Request, response_parts
from oewg_kg.serve.http.response_cache import ResponseCache
from oewg_kg.serve.workers import handover, sandbox
from oewg_kg.serve.workers.board import CLEAN, NOTHING, PARTIAL, SENDING, TEXT, Board
from oewg_kg.serve.workers.limits import Limits

if TYPE_CHECKING:
    from starlette.responses import Response

LOG = logging.getLogger("oewg.serve")
IDLE, TAKE = 10.0, 60.0  # seconds for a request to arrive, and for a client to take the next part of its answer
LINGER = 1.0  # seconds that a refused client has to read the reason
LOOK = 1.0  # seconds between two checks for connections that are too slow
# Answers the request of a client, given by address and port.
Respond = Callable[[Request, tuple[str, int]], "Response"]
PLAIN: Headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"access-control-allow-origin", b"*")]


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
        handover.send(self.channel, handover.READY)
        look = time.monotonic() + LOOK
        while not (self.leaving and not any(one.outgoing for one in self.connections.values())):
            for key, events in self.selector.select(LOOK):
                connection: Connection | None = key.data
                if connection is None:
                    if not self._hear():
                        return
                elif self.connections.get(connection.number) is connection:
                    self._attend(connection, events)
            if self.retiring and all(self.board.states[number] in NOTHING for number in self.connections):
                return
            if time.monotonic() > look:
                look = time.monotonic() + LOOK
                self._part_with_the_slow()

    def _hear(self) -> bool:
        """Handle a message from the front process; False if this worker has to end."""
        while True:
            try:
                message = handover.receive(self.channel)
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
                self._take(message.number, message.connection)
            elif message.kind == handover.FORGET and (forgotten := self.connections.pop(message.number, None)):
                if forgotten.socket in self.selector.get_map():
                    self.selector.unregister(forgotten.socket)
                forgotten.socket.close()
            elif message.kind == handover.RETIRE:
                self.retiring = True
            elif message.kind == handover.GO_ON:
                return True

    def _take(self, number: int, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        client = ("", 0)
        with contextlib.suppress(OSError, ValueError, TypeError):  # the client may be gone already
            client = accepted.getpeername()[:2]
        self.connections[number] = connection = Connection(accepted, number, client, time.monotonic())
        self.selector.register(accepted, selectors.EVENT_READ, connection)

    def _attend(self, connection: Connection, events: int) -> None:
        """Read, answer and send what a connection is ready for.

        From before the first byte is read until the system has the answer, the board says that a request would be lost.
        """
        if connection.phase == "lingering":
            if not connection.client_closed():
                return
            self._close(connection)
            return
        if not connection.outgoing:
            self.board.states[connection.number] = PARTIAL
        try:
            if events & selectors.EVENT_WRITE:
                connection.flush()
            if not connection.outgoing and events & selectors.EVENT_READ and not connection.read_requests():
                self._close(connection)
                return
            while connection.requests and not connection.outgoing and not connection.closing:
                self._answer(connection, connection.requests.popleft())
        except Refusal as refusal:
            self._refuse(connection, refusal)
        except OSError:  # the client is gone
            self._close(connection)
            return
        self._settle(connection)

    def _refuse(self, connection: Connection, refusal: Refusal) -> None:
        connection.closing, connection.phase = True, "refused"
        connection.requests.clear()
        with contextlib.suppress(OSError):
            connection.send(response_parts(None, refusal.status, PLAIN, f"{refusal.message}\n".encode()))

    def _settle(self, connection: Connection) -> None:
        """Record the state of a connection and what it waits for; close it when it is finished."""
        if self.connections.get(connection.number) is not connection:  # it was closed to make room for another
            return
        if connection.closing and not connection.outgoing:
            if connection.phase and connection.linger():
                self.board.states[connection.number] = SENDING
                self._expect(connection, selectors.EVENT_READ)
            else:
                self._close(connection)
            return
        state = SENDING if connection.outgoing else PARTIAL if connection.phase or connection.requests else CLEAN
        self.board.states[connection.number] = state
        self._expect(
            connection, selectors.EVENT_WRITE if connection.outgoing else 0 if self.leaving else selectors.EVENT_READ
        )
        if connection.unsent and sum(one.unsent for one in self.connections.values()) > self.limits.unsent:
            self._close(max(self.connections.values(), key=lambda one: one.unsent))

    def _expect(self, connection: Connection, events: int) -> None:
        """Wait until a connection is ready for something, or for nothing."""
        known = self.selector.get_map().get(connection.socket)
        if known is None and events:
            self.selector.register(connection.socket, events, connection)
        elif known is not None and not events:
            self.selector.unregister(connection.socket)
        elif known is not None and known.events != events:
            self.selector.modify(connection.socket, events, connection)

    def _answer(self, connection: Connection, request: Request) -> None:
        """Answer one request under the limits, from the cache if possible."""
        begun = time.monotonic()
        cached = self.cache.get(request.raw) if request.raw else None
        if cached is not None:
            self._log(request.method, cached.path, 200, begun)
            self.board.states[connection.number] = SENDING
            connection.send(cached.parts)
            return
        self.slot.text, self.slot.connection, self.slot.began = _for_refusal(request), connection.number, begun
        with sandbox.ending_after(self.limits.seconds + 1):
            response = self.respond(request, connection.client)
        self.slot.began = 0.0
        long = self.slot.noticed
        connection.closing = not request.keep_alive
        status, headers = response.status_code, response.raw_headers
        written = response_parts(request, status, headers, bytes(response.body))
        path = request.target.partition(b"?")[0].decode("latin-1")
        self._log(request.method, path, status, begun)
        self.board.states[connection.number] = SENDING
        connection.send(written)
        if status == 200:
            self.cache.put(request, headers, written, path)
        if long:
            self._wait_to_go_on()
        if (status == 500 or self.memory.grown()) and not self.leaving:
            self._leave()

    def _wait_to_go_on(self) -> None:
        """Wait until the front process reports which connections it has given to other workers."""
        self.channel.setblocking(True)
        with contextlib.suppress(OSError):
            handover.send(self.channel, handover.FINISHED)
            if not self._hear():
                self._take_no_more()
        self.channel.setblocking(False)

    def _leave(self) -> None:
        """Take no more requests, so that the memory used by one cannot affect the next."""
        handover.send(self.channel, handover.LEAVING)
        self._take_no_more()

    def _take_no_more(self) -> None:
        """Read nothing more; answers are still sent, and then this worker ends."""
        self.leaving = True
        for connection in list(self.connections.values()):
            self._settle(connection)

    def _close(self, connection: Connection) -> None:
        """End a connection, and let the front process end its copy."""
        if self.connections.pop(connection.number, None) is None:
            return
        if connection.socket in self.selector.get_map():
            self.selector.unregister(connection.socket)
        with contextlib.suppress(OSError):
            connection.socket.shutdown(socket.SHUT_RDWR)
        connection.socket.close()
        self.board.states[connection.number] = CLEAN
        with contextlib.suppress(OSError):
            handover.send(self.channel, handover.CLOSED, connection.number)

    def _part_with_the_slow(self) -> None:
        now = time.monotonic()
        for connection in list(self.connections.values()):
            waited = now - connection.last_progress
            if (connection.outgoing and waited > TAKE) or (connection.phase == "lingering" and waited > LINGER):
                self._close(connection)
            elif not connection.outgoing and waited > IDLE:
                if connection.phase == "body":
                    self._refuse(connection, Refusal(408, f"the body did not arrive within {IDLE:g} s"))
                    self._settle(connection)
                else:
                    self._close(connection)

    def _log(self, method: str, path: str, status: int, begun: float) -> None:
        LOG.info("%s %s %d %.1f ms", method, path, status, (time.monotonic() - begun) * 1000)


def _for_refusal(request: Request) -> bytes:
    """Return what the front process needs in order to refuse a request: the form of an error, whether it is a HEAD, method and path."""
    accept = b"".join(value for name, value in request.headers if name == b"accept")
    form = b"J" if b"problem+json" in accept else b"H" if b"text/html" in accept else b"T"
    return (form + request.method.encode() + b" " + request.target.partition(b"?")[0])[:TEXT]
