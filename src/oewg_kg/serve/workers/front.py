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
from oewg_kg.serve.workers.board import FRESH, SENDING, Board
from oewg_kg.serve.workers.child import Child
from oewg_kg.serve.workers.copies import Copies
from oewg_kg.serve.workers.limits import Limits
from oewg_kg.serve.workers.queue import Queue

LOG = logging.getLogger("oewg.serve")
LOOK_INTERVAL, QUEUE_INTERVAL = 0.05, 0.005  # seconds between looks at the board, usually and while a connection waits
STOP_GRACE, RETRY_DELAY = 1.0, 1.0  # seconds for a request to end when the server stops; until a start is retried
STEP_PAUSE = 0.5  # seconds before a long step of the preparations while clients ask
LATE_PAGE = 3.0  # seconds that a page may take before it may be stopped for others
GIVE_WAY = 1.0  # seconds that a connection waits until a long request gives way
# Starts a worker in a slot with its end of a channel; a fork has to close the sockets it copies.
Launch = Callable[[int, socket.socket, list[socket.socket]], subprocess.Popen[bytes] | int]


class Front:
    """The listening socket, the workers, and a copy of each connection."""

    def __init__(self, listener: socket.socket, board: Board, copies: Copies, limits: Limits, launch: Launch) -> None:
        """Store the listening socket; the board has a slot for each worker, and for those started when others take long."""
        self.listener, self.board, self.copies, self.limits, self.launch = listener, board, copies, limits, launch
        self.children: dict[int, Child] = {}
        self.queue = Queue(copies, board)
        self.start_times: dict[int, float] = {index: 0.0 for index in range(len(board.slots) - limits.long)}
        self.spare_slots = [index for index in range(len(board.slots)) if index not in self.start_times]
        self.stopping, self.selector = False, selectors.DefaultSelector()
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ, None)

    def run(self, ready: Callable[[], None], steps: Iterator[bool]) -> None:
        """Serve until SIGINT or SIGTERM; `ready` is called when a worker can answer.

        A step, which yields whether the next is long, is taken when there are no requests, or now and then.
        """
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signal_number, lambda *_: setattr(self, "stopping", True))
        announced, last_step, long_step = False, 0.0, True
        while not self.stopping:
            self._start_workers()
            events = self.selector.select(QUEUE_INTERVAL if self.queue.waiting else LOOK_INTERVAL)
            for key, _ in events:
                if key.data is None:
                    self._accept_connection()
                else:
                    self._handle_message(key.data)
            busy = events or self.queue.waiting
            if not announced and any(child.ready for child in self.children.values()):
                announced, last_step = True, time.monotonic()
                ready()
            elif announced and time.monotonic() > last_step + (STEP_PAUSE if long_step and busy else LOOK_INTERVAL):
                try:
                    long_step = next(steps, True)
                except Exception:  # the server answers without them
                    LOG.exception("a step of the preparations failed")
                last_step = time.monotonic()
            self._watch_workers()
            if self.queue.waiting:
                self.queue.distribute(self.children.values())
        self._stop_workers()

    def _start_workers(self) -> None:
        now = time.monotonic()
        for index in [index for index, start_time in self.start_times.items() if start_time <= now]:
            del self.start_times[index]
            try:
                child = self._start_worker(index)
            except OSError as error:  # too many open files, for example
                LOG.error("a worker cannot be started: %s", error)
                self.start_times[index] = now + RETRY_DELAY
                continue
            self.children[index] = child
            self.selector.register(child.channel, selectors.EVENT_READ, child)

    def _start_worker(self, index: int) -> Child:
        channel, worker_channel = socket.socketpair()
        channel.setblocking(False)  # nothing that a worker does, or fails to do, stops the front process
        slot = self.board.slots[index]
        slot.began, slot.noticed = 0.0, 0
        channels = [channel, *(child.channel for child in self.children.values())]
        try:
            with worker_channel:
                process = self.launch(index, worker_channel, [self.listener, *channels, *self.copies.sockets])
        except OSError:
            channel.close()
            raise
        return Child(index, slot, process, channel)

    def renewals(self) -> Iterator[bool]:
        """Replace the current workers one after another, each when it has nothing in progress.

        A single worker stays.
        """
        replaced = list(self.children.values()) if len(self.children) > 1 else []
        while replaced := [child for child in replaced if self.children.get(child.index) is child]:
            children = self.children.values()
            if all(child.ready and not (child.long or child.leaving) for child in children):
                replaced[0].leaving = True
                self._send_message(replaced[0], handover.RETIRE)
            yield False

    def _handle_message(self, child: Child) -> None:
        """Handle the message of a worker; replace one that has ended."""
        try:
            message = handover.receive_message(child.channel)
        except BlockingIOError:
            return
        except OSError:
            message = None
        if message is None:
            self._remove_worker(child, WORKER_DIED + "; ask for less")
        elif message.kind == handover.READY:
            child.ready = True
            self.queue.distribute(self.children.values())
        elif message.kind == handover.CLOSED:
            # Otherwise it was moved meanwhile, and the next worker will find it closed.
            if message.number in child.connections:
                child.connections.discard(message.number)
                self._close_copy(message.number)
        elif message.kind == handover.FINISHED:
            child.slot.noticed = 0
            self._send_message(child, handover.END if child.heavy else handover.GO_ON)
            child.long, child.leaving = False, child.leaving or child.heavy
            self.queue.distribute(self.children.values())
        elif message.kind == handover.LEAVING:
            child.leaving = True
            self._move_connections(child, None)

    def _send_message(self, child: Child, message_kind: bytes, *numbers: int) -> None:
        """Send a message, or one for each number at once; that a worker has ended is noticed when it is next read.

        A worker that has left so much unread that nothing more fits is stopped.
        """
        try:
            child.channel.sendall(b"".join(handover.MESSAGE.pack(message_kind, number) for number in numbers or (0,)))
        except BlockingIOError:
            self._remove_worker(child, ALL_BUSY)
        except OSError:
            pass

    def _remove_worker(self, child: Child, message: str) -> None:
        """Remove a worker that has ended or has to end: its request gets a 503, and its other connections get another worker."""
        if self.children.get(child.index) is not child:
            return
        answering, summary = child.answering, child.slot.summary
        self.selector.unregister(child.channel)
        code = child.kill()
        level = logging.DEBUG if child.leaving and code == 0 else logging.INFO  # a planned end is not news
        LOG.log(level, "worker %d ended (%s)", child.pid, f"exit code {code}" if code >= 0 else f"signal {-code}")
        del self.children[child.index]
        if not child.ready:
            LOG.error("a worker ended right after it started; starting another in %g s", RETRY_DELAY)
        self.start_times[child.index] = 0.0 if child.ready else time.monotonic() + RETRY_DELAY
        idle = [number for number in child.connections if number != answering and self.board.is_idle(number)]
        for number in child.connections.difference(idle):
            if self.board.states[number] == SENDING or (number == answering and not message):
                self._close_copy(number)
            elif number == answering:
                self._refuse_connection(number, message, summary)
            else:
                self._refuse_connection(number, ALL_BUSY, b"T")
        self._enqueue(idle)

    def _accept_connection(self) -> None:
        """Accept a connection and give it to a worker; if there are too many, send a 503."""
        try:
            accepted, _ = self.listener.accept()
        except OSError:
            return
        number = self.copies.add(accepted)
        if number is not None:
            self.board.states[number] = FRESH
            self._enqueue([number])

    def _enqueue(self, numbers: list[int]) -> None:
        """Let connections wait for a worker."""
        self.queue.add(numbers)
        self.queue.distribute(self.children.values())

    def _close_copy(self, number: int) -> None:
        """Close the copy of a connection."""
        self.queue.waiting_since.pop(number, None)
        self.copies.close(number)

    def _refuse_connection(self, number: int, message: str, summary: bytes) -> None:
        """Send the reason for the refusal on the copy of a connection, close it, and log it."""
        self.queue.waiting_since.pop(number, None)
        self.copies.refuse(number, message, summary)
        if len(summary) > 1:
            LOG.info("%s 503 %s", summary[1:].decode("latin-1"), message)

    def _watch_workers(self) -> None:
        """Check what each worker is answering, and stop what takes too long."""
        now = time.monotonic()
        for child in list(self.children.values()):
            began = child.slot.began
            answer_time = now - began if began else 0.0
            if answer_time > self.limits.seconds:
                self._remove_worker(child, f"{TOO_SLOW} ({self.limits.seconds:g} s); ask for less, or add LIMIT")
                continue
            if answer_time > LOOK_INTERVAL and self.copies.client_gone(child.slot.connection):
                LOG.info("%s 499 the client went away", child.request)
                self._remove_worker(child, "")
                continue
            if answer_time > self.limits.brief and not child.long:
                self._isolate_worker(child)
            child.lower_priority(began)
        longest_wait = self.queue.longest_wait(now)
        stoppable = [child for child in self.children.values() if self._may_be_stopped(child, now, longest_wait)]
        if longest_wait and len(stoppable) > self.limits.long:
            # A worker that only waits for a busy machine is not stopped.
            newest = max(stoppable, key=lambda child: (child.heavy, child.slot.answers_query, child.slot.began))
            self._remove_worker(newest, f"{TOO_SLOW} (other long queries are running; try again later)")
        for number in self.queue.overdue(now, self.limits.waiting):
            self.queue.waiting.remove(number)
            any_ready = any(child.ready for child in self.children.values())
            self._refuse_connection(number, ALL_BUSY if any_ready else NO_WORKER, b"T")
        self.copies.close_lingering()

    def _may_be_stopped(self, child: Child, now: float, longest_wait: float) -> bool:
        """Return whether a worker takes so long that another may start in its place; pages rarely do."""
        slot = child.slot
        gives_way = longest_wait > GIVE_WAY and (slot.answers_query or now - slot.began > LATE_PAGE)
        return child.long and slot.began > 0 and (child.heavy or gives_way)

    def _isolate_worker(self, child: Child) -> None:
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
        if self.spare_slots:
            self.start_times[self.spare_slots.pop()] = 0.0
        self._move_connections(child, child.slot.connection)

    def _move_connections(self, child: Child, answering: int | None) -> None:
        """Give the connections of a worker to others, except those of which it holds something."""
        idle = [number for number in child.connections if number != answering and self.board.is_idle(number)]
        child.connections.difference_update(idle)
        if idle:
            self._send_message(child, handover.FORGET, *idle)
        self._enqueue(idle)

    def _stop_workers(self) -> None:
        """End all workers; their open requests get an answer that says so."""
        self.selector.unregister(self.listener)
        self.listener.close()
        for child in list(self.children.values()):
            self._send_message(child, handover.END)
        deadline = time.monotonic() + STOP_GRACE
        while time.monotonic() < deadline and (
            any(child.slot.began for child in self.children.values())
            or not all(map(self.board.is_idle, self.copies.connections))
        ):
            time.sleep(0.01)
        for child in self.children.values():
            answering, summary = child.answering, child.slot.summary
            child.kill()
            for number in child.connections:
                if number == answering or not (self.board.is_idle(number) or self.board.states[number] == SENDING):
                    self._refuse_connection(number, SERVER_STOPS, summary if number == answering else b"T")
        for number in list(self.copies.connections):
            if self.board.is_idle(number) and self.copies.has_input(number):
                self._refuse_connection(number, SERVER_STOPS, b"T")
            else:
                self._close_copy(number)
        self.copies.close_lingering()
