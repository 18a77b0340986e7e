"""Restrict a worker while it answers: memory, time, no new file or connection, as far as the system allows."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


class Memory:
    """The address space of this process."""

    def __init__(self, most: int) -> None:
        """Allow `most` bytes in addition to those in use now, if the system reports them (Linux; macOS does not)."""
        place = Path("/proc/self/statm")
        self._told = os.open(place, os.O_RDONLY) if place.exists() else None
        self._begun, self._most = self.size(), most
        if resource is not None and self._told is not None:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (self._begun + most, self._begun + most))

    def size(self) -> int:
        """Return the bytes in use; 0 if the system does not report them."""
        return int(os.pread(self._told, 64, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE") if self._told is not None else 0

    def grown(self) -> bool:
        """Return whether so much memory is in use that the next answer may not have enough."""
        return self.size() - self._begun > self._most // 2


@contextlib.contextmanager
def ending_after(seconds: float) -> Iterator[None]:
    """End this process after some seconds, in case the front process, which would end it sooner, is dead."""
    if resource is None:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def nothing_opened(tables: int = 0) -> Iterator[None]:
    """Allow no file or connection to be opened, except as many `tables` as a store on disk has."""
    if resource is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    least = 0
    if tables:
        least = os.dup(0)
        os.close(least)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(least + tables, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
