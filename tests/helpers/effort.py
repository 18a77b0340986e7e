"""How much work a call is, in figures that neither a slow machine nor other work on it changes."""

import cProfile
import pstats
import time
from collections.abc import Callable


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
