"""The settings of the server, and the limits of each request and of all together."""

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """Bounds on time, memory and connections.

    `seconds`: how long one request may take. A request that takes more than `brief` seconds has its worker to
    itself. Up to `long` such requests may run at the same time; another is stopped as soon as a request waits, so that
    short requests never wait for long ones. `memory`: MiB that a worker may use in addition to the data. `answer`: bytes of one answer.
    `connections`: open at once; `waiting`: how many of these may wait for a worker. `unsent`: bytes that one worker holds for slow readers.
    """

    seconds: float = 10.0
    brief: float = 0.1
    long: int = 2
    memory: int = 512
    answer: int = 32 << 20
    connections: int = 512
    waiting: int = 32
    unsent: int = 64 << 20

    @property
    def engine_seconds(self) -> float:
        """How long another engine may take: less than the limit, so that the worker can report it."""
        return 0.8 * self.seconds


@dataclass(frozen=True)
class Settings:
    """How to serve: workers, limits, host names besides those of this machine, the path set by a proxy, the level of the query log.

    Another engine is asked every `release_check` seconds whether it still holds the same release. Only if it is `shared` may pages of
    other sites read it. Workers save slow answers for each other in a `folder`.
    """

    workers: int = max(2, min(os.cpu_count() or 2, 8))
    limits: Limits = field(default_factory=Limits)
    hosts: frozenset[str] = frozenset()
    root_path: str = ""
    release_check: float = 10.0
    query_log: int = logging.WARNING
    shared: bool = True
    folder: Path | None = None
