"""Shared memory in which each worker records what it is answering, for the front process to read."""

import ctypes
import mmap
from pathlib import Path

# What a worker holds of a connection: nothing, part of a request, or part of an answer.
CLEAN, PARTIAL, SENDING, FRESH = 0, 1, 2, 3
SUMMARY_BYTES = 224  # bytes recorded of a request


class Slot(ctypes.Structure):
    """What one worker is answering, and since when (monotonic seconds; 0 for nothing): the connection, and the beginning of the request.

    `noticed`: the front process has seen that it takes long. Every field has a single writer.
    """

    _fields_ = [
        ("began", ctypes.c_double),
        ("connection", ctypes.c_long),
        ("noticed", ctypes.c_long),
        ("summary", ctypes.c_char * SUMMARY_BYTES),
    ]
    began: float
    connection: int
    noticed: int
    summary: bytes

    @property
    def answers_query(self) -> bool:
        """Return whether the worker is answering a query, not a page."""
        return b"/sparql" in self.summary


class Board:
    """A slot for each worker, and the state of each connection."""

    def __init__(self, file: Path, workers: int, connections: int) -> None:
        """Map the file, which is created if missing; all processes that know its path share it."""
        size = workers * ctypes.sizeof(Slot)
        if not file.exists():
            file.write_bytes(bytes(size + connections))
        with file.open("r+b") as board_file:
            memory = mmap.mmap(board_file.fileno(), size + connections)
        self.slots = (Slot * workers).from_buffer(memory)
        self.states = memoryview(memory)[size:]

    def is_idle(self, number: int) -> bool:
        """Return whether nothing of a connection would be lost with its worker."""
        return self.states[number] in (CLEAN, FRESH)
