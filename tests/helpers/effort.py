"""How much work a call is, in figures that neither a slow machine nor other work on it changes."""

import cProfile
import pstats
import time
from collections.abc import Callable

TOO_FEW = 0.01  # seconds of CPU time that are too few to compare


def calls(run: Callable[[], object]) -> int:
    """Count the calls of functions that a run makes: the same number on every machine."""
    profile = cProfile.Profile()
    profile.runcall(run)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def seconds(run: Callable[[], object], times: int = 5) -> float:
    """Measure the processor time of the quickest of several runs: only to be compared with that of a run of another size."""
    found = []
    for _ in range(times):
        begun = time.process_time()
        run()
        found.append(time.process_time() - begun)
    return min(found)


def in_proportion(work: Callable[[int], object], size: int, least: float = 0.0) -> bool:
    """Return whether eight times the work takes about eight times as long, and not sixty-four times as its square would.

    The best of several runs counts on either side, so that a busy machine is not taken for a square. Of very many pieces of work
    those that take less than `least` seconds of CPU time need not be done eight times.
    """
    small, large = seconds(lambda: work(size), 1), float("inf")
    if small < least:
        return True
    for _ in range(5):
        large = min(large, seconds(lambda: work(8 * size), 1))
        if large < max(24 * small, TOO_FEW):
            return True
        small = min(small, seconds(lambda: work(size), 1))
    return False
