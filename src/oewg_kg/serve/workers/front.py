"""The front process: accepts connections, hands them to workers, stops slow ones, and takes a step of the preparations when idle.

It reads no request and answers none, except with a 503 on its copy when it has stopped the worker that was answering.
"""

import logging
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

from oewg_kg.serve.http.unavailable import ALL_BUSY, NO_WORKER, SERVER_STOPS, TOO_SLOW, WORKER_DIED
from oewg_kg.serve.workers import handover
from oewg_kg.serve.workers.board import FRESH, NOTHING, SENDING, Board
from oewg_kg.serve.workers.child import Child
from oewg_kg.serve.workers.copies import Copies
from oewg_kg.serve.workers.limits import Limits
from oewg_kg.serve.workers.queue import Queue

LOG = logging.getLogger("oewg.serve")
LOOK, SOON = 0.05, 0.005  # seconds between two looks at the board, in general and while a connection waits for a worker
GRACE, RETRY = 1.0, 1.0  # seconds that a request has to end when the server stops; until a failed start is tried again
STEP = 0.5  # seconds before a long step of the preparations while clients ask
LATE = 3.0  # seconds that a page may take before it may be stopped for others
AWAITED = 1.0  # seconds that a connection waits until a long request gives way
# Starts a worker in a slot with its end of a channel; a fork has to close the sockets it copies.
Launch = Callable[[int, socket.socket, list[socket.socket]], subprocess.Popen[bytes] | int]


class Front:
    """The listening socket, the workers, and a copy of each connection."""

    def __init__(self, listener: socket.socket, board: Board, copies: Copies, limits: Limits, launch: Launch) -> None:
        """Store the listening socket; the board has a slot for each worker, and for those started when others take long."""
        self.listener, self.board, self.copies, self.limits, self.launch = listener, board, copies, limits, launch
        self.children: dict[int, Child] = {}
        self.queue = Queue(copies, board)
        self.starting: dict[int, float] = {index: 0.0 for index in range(len(board.slots) - limits.long)}
        self.spare = [index for index in range(len(board.slots)) if index not in self.starting]
        self.ended, self.selector = False, selectors.DefaultSelector()
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ, None)

    def run(self, ready: Callable[[], None], steps: Iterator[bool]) -> None:
        """Serve until SIGINT or SIGTERM; `ready` is called when a worker can answer.

        A step, which yields whether the next is long, is taken when there are no requests, or now and then.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: setattr(self, "ended", True))
        told, stepped, long = False, 0.0, True
        while not self.ended:
            self._start_workers()
            events = self.selector.select(SOON if self.queue.numbers else LOOK)
            for key, _ in events:
                if key.data is None:
                    self._accept()
                else:
                    self._hear(key.data)
            if not told and any(child.ready for child in self.children.values()):
                told, stepped = True, time.monotonic()
                ready()
            elif told and time.monotonic() > stepped + (STEP if long and (events or self.queue.numbers) else LOOK):
                try:
                    long = next(steps, True)
                except Exception:  # the server answers without them
                    LOG.exception("a step of the preparations failed")
                stepped = time.monotonic()
            self._watch()
            if self.queue.numbers:
                self.queue.distribute(self.children.values())
        self._stop()

    # Workers

    def _start_workers(self) -> None:
        now = time.monotonic()
        for index in [index for index, due in self.starting.items() if due <= now]:
            del self.starting[index]
            try:
                ours, theirs = socket.socketpair()
            except OSError as error:  # too many open files
                LOG.error("a worker cannot be started: %s", error)
                self.starting[index] = now + RETRY
                continue
            ours.setblocking(False)  # nothing that a worker does, or fails to do, stops the front process
            slot = self.board.slots[index]
            slot.began, slot.noticed = 0.0, 0
            copied = [self.listener, ours, *(child.channel for child in self.children.values()), *self.copies.sockets]
            try:
                with theirs:
                    child = Child(index, slot, self.launch(index, theirs, copied), ours)
            except OSError as error:
                LOG.error("a worker cannot be started: %s", error)
                ours.close()
                self.starting[index] = now + RETRY
                continue
            self.children[index] = child
            self.selector.register(ours, selectors.EVENT_READ, child)

    def renewals(self) -> Iterator[bool]:
        """Replace the current workers one after another, each when it has nothing in progress.

        A single worker stays.
        """
        first = list(self.children.values()) if len(self.children) > 1 else []
        while first := [child for child in first if self.children.get(child.index) is child]:
            children = self.children.values()
            if all(child.ready and not (child.long or child.leaving) for child in children):
                first[0].leaving = True
                self._say(first[0], handover.RETIRE)
            yield False

    def _hear(self, child: Child) -> None:
        """Handle the message of a worker; replace one that has ended."""
        try:
            message = handover.receive(child.channel)
        except BlockingIOError:
            return
        except OSError:
            message = None
        if message is None:
            self._bury(child, WORKER_DIED + "; ask for less")
        elif message.kind == handover.READY:
            child.ready = True
            self.queue.distribute(self.children.values())
        elif message.kind == handover.CLOSED:
            # Otherwise it was moved meanwhile, and the next worker will find it closed.
            if message.number in child.connections:
                child.connections.discard(message.number)
                self._forget(message.number)
        elif message.kind == handover.FINISHED:
            child.slot.noticed = 0
            self._say(child, handover.END if child.heavy else handover.GO_ON)
            child.long, child.leaving = False, child.leaving or child.heavy
            self.queue.distribute(self.children.values())
        elif message.kind == handover.LEAVING:
            child.leaving = True
            self._move(child, None)

    def _say(self, child: Child, kind: bytes, *numbers: int) -> None:
        """Send a message, or one for each number at once; that a worker has ended is noticed when it is next read.

        A worker that has left so much unread that nothing more fits is stopped.
        """
        try:
            child.channel.sendall(b"".join(handover.MESSAGE.pack(kind, number) for number in numbers or (0,)))
        except BlockingIOError:
            self._bury(child, ALL_BUSY)
        except OSError:
            pass

    def _bury(self, child: Child, message: str) -> None:
        """Remove a worker that has ended or has to end: its request gets a 503, and its other connections get another worker."""
        if self.children.get(child.index) is not child:
            return
        answering, text = child.answering, child.slot.text
        self.selector.unregister(child.channel)
        code = child.kill()
        level = logging.DEBUG if child.leaving and code == 0 else logging.INFO  # a planned end is not news
        LOG.log(level, "worker %d ended (%s)", child.pid, f"exit code {code}" if code >= 0 else f"signal {-code}")
        del self.children[child.index]
        if not child.ready:
            LOG.error("a worker ended right after it started; starting another in %g s", RETRY)
        self.starting[child.index] = 0.0 if child.ready else time.monotonic() + RETRY
        clean = [n for n in child.connections if n != answering and self.board.states[n] in NOTHING]
        for number in child.connections.difference(clean):
            own = number == answering
            if self.board.states[number] == SENDING or (own and not message):
                self._forget(number)
            else:
                self._refuse(number, message if own and message else ALL_BUSY, text if own else b"T")
        self._wait(clean)

    # Connections

    def _accept(self) -> None:
        """Accept a connection and give it to a worker; if there are too many, send a 503."""
        try:
            accepted, _ = self.listener.accept()
        except OSError:
            return
        number = self.copies.add(accepted)
        if number is not None:
            self.board.states[number] = FRESH
            self._wait([number])

    def _wait(self, numbers: list[int]) -> None:
        """Let connections wait for a worker."""
        self.queue.add(numbers)
        self.queue.distribute(self.children.values())

    def _forget(self, number: int) -> None:
        """Close the copy of a connection."""
        self.queue.since.pop(number, None)
        self.copies.close(number)

    def _refuse(self, number: int, message: str, text: bytes) -> None:
        """Send the reason for the refusal on the copy of a connection, close it, and log it."""
        self.queue.since.pop(number, None)
        self.copies.refuse(number, message, text)
        if len(text) > 1:
            LOG.info("%s 503 %s", text[1:].decode("latin-1"), message)

    # Time

    def _watch(self) -> None:
        """Check what each worker is answering, and stop what takes too long."""
        now = time.monotonic()
        for child in list(self.children.values()):
            began = child.slot.began
            took = now - began if began else 0.0
            if took > self.limits.seconds:
                self._bury(child, f"{TOO_SLOW} ({self.limits.seconds:g} s); ask for less, or add LIMIT")
                continue
            if took > LOOK and self.copies.gone(child.slot.connection):
                LOG.info("%s 499 the client went away", child.asked)
                self._bury(child, "")
                continue
            if took > self.limits.brief and not child.long:
                self._detain(child)
            child.weigh(began)
        waited = self.queue.longest(now)
        slow = [c for c in self.children.values() if self._slow(c, now, waited)]
        if waited and len(slow) > self.limits.long:
            # A worker that only waits for a busy machine is not stopped.
            newest = max(slow, key=lambda c: (c.heavy, c.slot.answers_query, c.slot.began))
            self._bury(newest, f"{TOO_SLOW} (other long queries are running; try again later)")
        for number in self.queue.too_late(now, self.limits.waiting):
            self.queue.numbers.remove(number)
            self._refuse(number, ALL_BUSY if any(child.ready for child in self.children.values()) else NO_WORKER, b"T")
        self.copies.look()

    def _slow(self, child: Child, now: float, waited: float) -> bool:
        """Return whether a worker takes so long that another may start in its place; pages rarely do."""
        began = child.slot.began
        late = now - began > LATE
        return child.long and began > 0 and (child.heavy or (waited > AWAITED and (late or child.slot.answers_query)))

    def _detain(self, child: Child) -> None:
        """Give the other connections of a slow worker to the rest.

        The worker reads `noticed` after it has reported that it is done: if it still answers when `noticed` is set, it will see it,
        and waits for the list of its closed connections.
        """
        began, child.slot.noticed = child.slot.began, 1
        os.getpid()  # a system call, so that `noticed` is written before the next value is read
        if not began or child.slot.began != began:
            child.slot.noticed = 0
            return
        child.long = True
        if self.spare:
            self.starting[self.spare.pop()] = 0.0
        self._move(child, child.slot.connection)

    def _move(self, child: Child, answering: int | None) -> None:
        """Give the connections of a worker to others, except those of which it holds something."""
        moved = [n for n in child.connections if n != answering and self.board.states[n] in NOTHING]
        child.connections.difference_update(moved)
        if moved:
            self._say(child, handover.FORGET, *moved)
        self._wait(moved)

    # The end

    def _stop(self) -> None:
        """End all workers; their open requests get an answer that says so."""
        self.selector.unregister(self.listener)
        self.listener.close()
        for child in list(self.children.values()):
            self._say(child, handover.END)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and (
            any(child.slot.began for child in self.children.values())
            or any(self.board.states[n] not in NOTHING for n in self.copies.held)
        ):
            time.sleep(0.01)
        for child in self.children.values():
            answering, text = child.answering, child.slot.text
            child.kill()
            for number in child.connections:
                if number == answering or self.board.states[number] not in (*NOTHING, SENDING):
                    self._refuse(number, SERVER_STOPS, text if number == answering else b"T")
        for number in list(self.copies.held):
            if self.board.states[number] in NOTHING and self.copies.asks(number):
                self._refuse(number, SERVER_STOPS, b"T")
            else:
                self._forget(number)
        self.copies.look()
