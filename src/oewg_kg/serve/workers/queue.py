"""The connections that wait for a worker, and whose turn it is: pages before queries, then those that have waited longest."""

import time

from oewg_kg.serve.workers.board import FRESH, Board
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
        """Return the seconds that the first of them has waited, 0 where none does."""
        return now - min((self.since[number] for number in self.numbers), default=now)

    def too_late(self, now: float, most: int) -> set[int]:
        """Find the requests that have waited too long, and the newest of more than `most`; connections without a request may wait."""
        asking = [number for number in self.turns() if self.copies.asks(number)]
        return {*(number for number in asking if now - self.since[number] > PATIENCE), *asking[most:]}
