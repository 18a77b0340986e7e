"""How the effort of a piece of work grows with its size, by ratios: no test says how many seconds a machine has."""

import time
from collections.abc import Callable

TOO_FEW = 0.004  # seconds of CPU time that are too few to compare


def seconds(work: Callable[[int], object], size: int) -> float:
    """Return the seconds of CPU time that a piece of work of a size takes this process."""
    begun = time.process_time()
    work(size)
    return time.process_time() - begun


def in_proportion(work: Callable[[int], object], size: int) -> bool:
    """Return whether eight times the work takes about eight times as long, and not sixty-four times as its square would.

    The best of several runs counts on either side, so that a busy machine is not taken for a square. What takes hardly any time
    is not done eight times.
    """
    small, large = seconds(work, size), float("inf")
    if small < TOO_FEW:
        return True
    for _ in range(5):
        large = min(large, seconds(work, 8 * size))
        if large < 24 * small:
            return True
        small = min(small, seconds(work, size))
    return False
