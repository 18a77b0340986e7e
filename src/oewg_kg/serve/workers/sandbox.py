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

    def __init__(self, most_growth: int) -> None:
        """Allow `most_growth` bytes in addition to those in use now, if the system reports them (Linux; macOS does not)."""
        statm = Path("/proc/self/statm")
        self._stat = os.open(statm, os.O_RDONLY) if statm.exists() else None
        self._initial_size, self._most_growth = self.size(), most_growth
        if resource is not None and self._stat is not None:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_AS, (self._initial_size + most_growth, self._initial_size + most_growth))

    def size(self) -> int:
        """Return the bytes in use; 0 if the system does not report them."""
        return int(os.pread(self._stat, 64, 0).split()[0]) * os.sysconf("SC_PAGE_SIZE") if self._stat is not None else 0

    def grown(self) -> bool:
        """Return whether so much memory is in use that the next answer may not have enough."""
        return self.size() - self._initial_size > self._most_growth // 2


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
def forbid_opening(tables: int = 0) -> Iterator[None]:
    """Allow no file or connection to be opened, except as many `tables` as a store on disk has."""
    if resource is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = 0
    if tables:
        lowest_free = os.dup(0)
        os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(lowest_free + tables, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
