"""The connections that wait for a worker, whose turn it is (pages before queries, then the oldest), and which worker gets them."""

import time
from collections.abc import Collection

from oewg_kg.serve.workers import handover
from oewg_kg.serve.workers.board import FRESH, SENDING, Board
from oewg_kg.serve.workers.child import Child
from oewg_kg.serve.workers.copies import Copies

MOST_WAIT = 10.0  # seconds that a request waits before it is refused


class Queue:
    """The waiting connections by number, each with its start (monotonic seconds), which stays until something was read from it."""

    def __init__(self, copies: Copies, board: Board) -> None:
        """Store the copies of all connections, and the board."""
        self.copies, self.board = copies, board
        self.waiting: list[int] = []
        self.waiting_since: dict[int, float] = {}

    def add(self, numbers: list[int]) -> None:
        """Let connections wait; one from which nothing was read has waited all along."""
        now = time.monotonic()
        for number in numbers:
            if number not in self.waiting_since or self.board.states[number] != FRESH:
                self.waiting_since[number] = now
                self.board.states[number] = FRESH
        self.waiting += numbers

    def in_turn(self) -> list[int]:
        """List the connections in order of their turns."""
        return sorted(self.waiting, key=lambda number: (self.copies.starts_query(number), self.waiting_since[number]))

    def longest_wait(self, now: float) -> float:
        """Return the seconds that the first request has waited, 0 if none does; a connection without a request does not wait."""
        for number in self.waiting:
            if not self.copies.has_input(number):
                self.waiting_since[number] = now
        return now - min((self.waiting_since[number] for number in self.waiting), default=now)

    def overdue(self, now: float, most_waiting: int) -> set[int]:
        """Find the requests that have waited too long, and the newest beyond `most_waiting`; connections without a request may wait."""
        requests = [number for number in self.in_turn() if self.copies.has_input(number)]
        late = {number for number in requests if now - self.waiting_since[number] > MOST_WAIT}
        return {*late, *requests[most_waiting:]}

    def distribute(self, children: Collection[Child]) -> None:
        """Give the connections to the workers that have the fewest, one request at a time while others take long."""
        free_workers = [child for child in children if child.ready and not (child.long or child.leaving)]
        one_at_a_time = any(child.long for child in children)
        if one_at_a_time:
            free_workers = [child for child in free_workers if not self._is_occupied(child)]
        for number in self.in_turn() if free_workers else ():
            while free_workers:
                child = min(free_workers, key=self._load)
                try:
                    handover.hand_over(child.channel, number, self.copies.connections[number], child.pid)
                except BlockingIOError:  # it is answering, and does not listen
                    free_workers.remove(child)
                    continue
                except OSError:  # it has ended, which will be noticed, and then its connections come back
                    pass
                child.connections.add(number)
                self.waiting.remove(number)
                if one_at_a_time and self.copies.has_input(number):
                    free_workers.remove(child)
                break

    def _is_occupied(self, child: Child) -> bool:
        """Return whether a worker answers a request, or has one that it has not read yet."""
        unread = [number for number in child.connections if self.board.states[number] == FRESH]
        return bool(child.slot.began) or any(self.copies.has_input(number) for number in unread)

    def _load(self, child: Child) -> tuple[bool, int]:
        """Order workers: last those that still send, which stopping a request would cut off; else the fewest connections first.

        A worker that is answering counts as having one more. If it came last, the first to end a short request would get all connections.
        """
        sending = any(self.board.states[number] == SENDING for number in child.connections)
        return sending, len(child.connections) + bool(child.slot.began)
