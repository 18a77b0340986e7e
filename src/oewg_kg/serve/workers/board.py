"""Shared memory in which each worker records what it is answering, for the front process to read."""

import mmap
from pathlib import Path

# What a worker holds of a connection: nothing (any more, or yet), part of a request, part of an answer.
CLEAN, PARTIAL, SENDING, FRESH = 0, 1, 2, 3
NOTHING = (CLEAN, FRESH)
WORDS, LINE = 4, 224  # words of 8 bytes for each worker, then the text of its request
BLOCK = WORDS * 8 + LINE
BEGAN, CONNECTION, NOTICED = 0, 1, 2


class Board:
    """One block for each worker, then one byte for each connection; every word has one writer."""

    def __init__(self, file: Path, workers: int, connections: int) -> None:
        """Map the file, which `make` has made; any process that knows its path sees the same."""
        size = workers * BLOCK + connections
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), size)
        whole = memoryview(self._map)
        self._floats: memoryview[float] = whole[: workers * BLOCK].cast("d")
        self._integers: memoryview[int] = whole[: workers * BLOCK].cast("q")
        self._states: memoryview[int] = whole[workers * BLOCK :]

    @classmethod
    def make(cls, file: Path, workers: int, connections: int) -> "Board":
        """Make the file, and map it."""
        file.write_bytes(bytes(workers * BLOCK + connections))
        return cls(file, workers, connections)

    def begin(self, worker: int, now: float, connection: int, text: bytes) -> None:
        """Say that a worker begins to answer a request at a time (monotonic seconds)."""
        at = worker * BLOCK
        start = at + WORDS * 8
        self._map[start : start + LINE] = text[:LINE].ljust(LINE)
        self._integers[at // 8 + CONNECTION] = connection
        self._floats[at // 8 + BEGAN] = now

    def end(self, worker: int) -> bool:
        """Say that a worker has answered; return whether the front process noticed that it took long."""
        self._floats[worker * BLOCK // 8 + BEGAN] = 0.0
        return bool(self._integers[worker * BLOCK // 8 + NOTICED])

    def notice(self, worker: int, noticed: bool) -> None:
        """Say to a worker that its request takes long, or no longer."""
        self._integers[worker * BLOCK // 8 + NOTICED] = noticed

    def clear(self, worker: int) -> None:
        """Forget what a worker said that has ended."""
        self._floats[worker * BLOCK // 8 + BEGAN] = 0.0
        self.notice(worker, noticed=False)

    def began(self, worker: int) -> float:
        """Return when a worker began to answer; 0 when it does not answer anything."""
        return self._floats[worker * BLOCK // 8 + BEGAN]

    def connection(self, worker: int) -> int:
        """Return the number of the connection that a worker answers."""
        return self._integers[worker * BLOCK // 8 + CONNECTION]

    def text(self, worker: int) -> bytes:
        """Return the beginning of what a worker answers, as it wrote it."""
        start = worker * BLOCK + WORDS * 8
        return bytes(self._map[start : start + LINE]).rstrip()

    def answers_query(self, worker: int) -> bool:
        """Tell whether what a worker answers is a query, and not a page."""
        return b"/sparql" in self.text(worker)

    def state(self, connection: int) -> int:
        """Return what a worker holds of a connection."""
        return self._states[connection]

    def hold(self, connection: int, state: int) -> None:
        """Say what a worker holds of a connection."""
        self._states[connection] = state
