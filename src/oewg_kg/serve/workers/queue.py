"""The connections that wait for a worker, whose turn it is (pages before queries, then the oldest), and which worker gets them."""

import time
from collections.abc import Collection

from oewg_kg.serve.workers import handover
from oewg_kg.serve.workers.board import FRESH, SENDING, Board
from oewg_kg.serve.workers.child import Child
from oewg_kg.serve.workers.copies import Copies

PATIENCE = 10.0  # seconds that a request waits until it is refused


class Queue:
    """The connections that wait, by number, each since when (monotonic seconds); the time of one is kept while nothing was read of it."""

    def __init__(self, copies: Copies, board: Board) -> None:
        """Keep the copies of all connections, and what is held of each."""
        self.copies, self.board = copies, board
        self.numbers: list[int] = []
        self.since: dict[int, float] = {}

    def add(self, numbers: list[int]) -> None:
        """Let connections wait; one of which nothing was read has waited on."""
        now = time.monotonic()
        for number in numbers:
            if number not in self.since or self.board.states[number] != FRESH:
                self.since[number] = now
                self.board.states[number] = FRESH
        self.numbers += numbers

    def turns(self) -> list[int]:
        """List the connections in the order of their turns."""
        return sorted(self.numbers, key=lambda number: (self.copies.asks_query(number), self.since[number]))

    def longest(self, now: float) -> float:
        """Return the seconds that the first request has waited, 0 where none does; a connection without a request does not wait."""
        for number in self.numbers:
            if not self.copies.asks(number):
                self.since[number] = now
        return now - min((self.since[number] for number in self.numbers), default=now)

    def too_late(self, now: float, most: int) -> set[int]:
        """Find the requests that have waited too long, and the newest of more than `most`; connections without a request may wait."""
        asking = [number for number in self.turns() if self.copies.asks(number)]
        return {*(number for number in asking if now - self.since[number] > PATIENCE), *asking[most:]}

    def distribute(self, children: Collection[Child]) -> None:
        """Give the connections to the workers that have the fewest; one request at a time while others take long."""
        open_to_all = [child for child in children if child.ready and not (child.long or child.leaving)]
        alone = any(child.long for child in children)
        if alone:
            open_to_all = [child for child in open_to_all if not self._occupied(child)]
        for number in self.turns() if open_to_all else ():
            while open_to_all:
                child = min(open_to_all, key=self._load)
                try:
                    handover.hand_over(child.channel, number, self.copies.held[number], child.pid)
                except BlockingIOError:  # it does not listen: it answers
                    open_to_all.remove(child)
                    continue
                except OSError:  # it has ended, as will be heard, and then its connections come back
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
        """Order workers: last those that still send, which would be cut off with a stopped request; else the fewest connections first.

        One that answers counts as having one more. If it came last, the first to end a short request would get all connections.
        """
        sending = any(self.board.states[number] == SENDING for number in child.connections)
        return sending, len(child.connections) + bool(child.slot.began)
