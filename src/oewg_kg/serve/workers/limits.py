"""What one request, and all of them together, may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on time, memory and connections.

    `seconds`: how long one request may take. A request that takes more than `brief` seconds is left alone with its
    worker. As many as `long` may take that much of the processor side by side; another is stopped as soon as somebody waits, so that
    short requests never wait for long ones. `memory`: MiB that a worker may use in addition to the data. `answer`: bytes of one answer.
    `connections`: open at once; `waiting`: how many of them may wait for a worker. `unsent`: bytes that one worker holds for slow readers.
    """

    seconds: float = 10.0
    brief: float = 0.2
    long: int = 2
    memory: int = 512
    answer: int = 32 << 20
    connections: int = 512
    waiting: int = 32
    unsent: int = 64 << 20

    @property
    def elsewhere(self) -> float:
        """How long another engine may take: less than all, so that the worker lives to tell of it."""
        return 0.8 * self.seconds
