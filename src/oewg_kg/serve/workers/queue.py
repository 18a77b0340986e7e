"""The connections that wait for a worker, whose turn it is (pages before queries, then the oldest), and which worker gets them."""

import time
from collections.abc import Collection

from oewg_kg.serve.workers import handover
from oewg_kg.serve.workers.board import FRESH, SENDING, Board
from oewg_kg.serve.workers.child import Child
from oewg_kg.serve.workers.copies import Copies

PATIENCE = 10.0  # seconds that a request waits before it is refused


class Queue:
    """The waiting connections by number, each with its start (monotonic seconds), which stays until something was read from it."""

    def __init__(self, copies: Copies, board: Board) -> None:
        """Store the copies of all connections, and the board."""
        self.copies, self.board = copies, board
        self.numbers: list[int] = []
        self.since: dict[int, float] = {}

    def add(self, numbers: list[int]) -> None:
        """Let connections wait; one from which nothing was read has waited all along."""
        now = time.monotonic()
        for number in numbers:
            if number not in self.since or self.board.states[number] != FRESH:
                self.since[number] = now
                self.board.states[number] = FRESH
        self.numbers += numbers

    def turns(self) -> list[int]:
        """List the connections in order of their turns."""
        return sorted(self.numbers, key=lambda number: (self.copies.asks_query(number), self.since[number]))

    def longest(self, now: float) -> float:
        """Return the seconds that the first request has waited, 0 if none does; a connection without a request does not wait."""
        for number in self.numbers:
            if not self.copies.asks(number):
                self.since[number] = now
        return now - min((self.since[number] for number in self.numbers), default=now)

    def too_late(self, now: float, most: int) -> set[int]:
        """Find the requests that have waited too long, and the newest of more than `most`; connections without a request may wait."""
        asking = [number for number in self.turns() if self.copies.asks(number)]
        return {*(number for number in asking if now - self.since[number] > PATIENCE), *asking[most:]}

    def distribute(self, children: Collection[Child]) -> None:
        """Give the connections to the workers that have the fewest, one request at a time while others take long."""
        open_to_all = [child for child in children if child.ready and not (child.long or child.leaving)]
        alone = any(child.long for child in children)
        if alone:
            open_to_all = [child for child in open_to_all if not self._occupied(child)]
        for number in self.turns() if open_to_all else ():
            while open_to_all:
                child = min(open_to_all, key=self._load)
                try:
                    handover.hand_over(child.channel, number, self.copies.held[number], child.pid)
                except BlockingIOError:  # it is answering, and does not listen
                    open_to_all.remove(child)
                    continue
                except OSError:  # it has ended, which will be noticed, and then its connections come back
                    pass
                child.connections.add(number)
                self.numbers.remove(number)
                if alone and self.copies.asks(number):
                    open_to_all.remove(child)
                break

    def _occupied(self, child: Child) -> bool:
        """Return whether a worker answers a request, or has one that it has not read yet."""
        given = [number for number in child.connections if self.board.states[number] == FRESH]
        return bool(child.slot.began) or any(self.copies.asks(number) for number in given)

    def _load(self, child: Child) -> tuple[bool, int]:
        """Order workers: last those that still send, which stopping a request would cut off; else the fewest connections first.

        A worker that is answering counts as having one more. If it came last, the first to end a short request would get all connections.
        """
        sending = any(self.board.states[number] == SENDING for number in child.connections)
        return sending, len(child.connections) + bool(child.slot.began)
