"""The workers: how many there are, who waits, who is stopped for taking too long, and who replaces the dead.

Not for what a query means.
"""

import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from oewg_kg.serve.worker import LENGTH

BUSY, STOPPED, DIED = "all places are taken", "the query took too long", "the query needed too much"


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds, MiB of memory, bytes of answer; how many may wait, and how many may be long.

    A query that runs longer than `brief` seconds is long; when as many as `long` are running, another is stopped
    there, so that those who ask little never wait behind those who ask much.
    """

    seconds: float = 10.0
    brief: float = 0.5
    long: int = 2
    memory: int = 1024
    answer: int = 32 << 20
    waiting: int = 32


@dataclass(frozen=True)
class Reply:
    """What a worker said: an HTTP status, the format or a message, and the bytes."""

    status: int
    format: str | None
    message: str
    body: bytes


class Pool:
    """A fixed number of worker processes over one file of N-Quads."""

    def __init__(self, data: Path, size: int, limits: Limits) -> None:
        """Keep what the workers need; `start` makes as many as `size`, and those for long queries besides."""
        self.data, self.size, self.limits = data, size + limits.long, limits
        self.long = 0
        self.free: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
        self.waiting = 0
        self.closed = False
        self.living: set[asyncio.subprocess.Process] = set()
        self.hiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start all workers and wait until each has loaded the data."""
        await asyncio.gather(*(self._hire() for _ in range(self.size)))

    async def stop(self) -> None:
        """End all workers."""
        self.closed = True
        for task in self.hiring:
            task.cancel()
        for worker in list(self.living):
            await self._end(worker)

    async def _hire(self) -> None:
        command = [sys.executable, "-m", "oewg_kg.serve.worker", str(self.limits.memory), str(self.data)]
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        worker = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=nothing)
        self.living.add(worker)
        await self._receive(worker)
        if self.closed:
            await self._end(worker)
        else:
            self.free.put_nowait(worker)

    def _replace(self) -> None:
        if not self.closed:
            task = asyncio.create_task(self._hire())
            self.hiring.add(task)
            task.add_done_callback(self.hiring.discard)

    async def _end(self, worker: asyncio.subprocess.Process) -> None:
        self.living.discard(worker)
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()

    async def ask(self, request: dict[str, object]) -> Reply:
        """Send a request to a free worker; a worker that is too slow or dies is replaced, and the reply is 503."""
        if self.free.empty() and self.waiting >= self.limits.waiting:
            return Reply(503, None, f"{BUSY}; try again later", b"")
        self.waiting += 1
        try:
            worker = await asyncio.wait_for(self.free.get(), self.limits.seconds)
        except TimeoutError:
            return Reply(503, None, f"{BUSY}; try again later", b"")
        finally:
            self.waiting -= 1
        try:
            head, body = await self._bounded(worker, request)
        except TimeoutError as error:
            return await self._dismiss(worker, f"{STOPPED} ({error}); ask for less, or add LIMIT")
        except (asyncio.IncompleteReadError, ConnectionError):
            return await self._dismiss(worker, f"{DIED} memory or depth; ask for less")
        except asyncio.CancelledError:
            await self._dismiss(worker, "")
            raise
        self.free.put_nowait(worker)
        return Reply(int(str(head["status"])), _text(head, "format"), _text(head, "message") or "", body)

    async def _bounded(
        self, worker: asyncio.subprocess.Process, request: dict[str, object]
    ) -> tuple[dict[str, object], bytes]:
        """Exchange within the time limits; raises TimeoutError with the reason."""
        exchange = asyncio.create_task(self._exchange(worker, request))
        try:
            await asyncio.wait({exchange}, timeout=self.limits.brief)
            if exchange.done():
                return exchange.result()
            if self.long >= self.limits.long:
                raise TimeoutError("other long ones are running; try again later")
            self.long += 1
            try:
                await asyncio.wait({exchange}, timeout=self.limits.seconds - self.limits.brief)
            finally:
                self.long -= 1
            if exchange.done():
                return exchange.result()
            raise TimeoutError(f"{self.limits.seconds:g} s")
        finally:
            exchange.cancel()

    async def _dismiss(self, worker: asyncio.subprocess.Process, message: str) -> Reply:
        await self._end(worker)
        self._replace()
        return Reply(503, None, message, b"")

    async def _exchange(
        self, worker: asyncio.subprocess.Process, request: dict[str, object]
    ) -> tuple[dict[str, object], bytes]:
        assert worker.stdin is not None
        text = json.dumps({**request, "most": self.limits.answer}).encode()
        worker.stdin.write(LENGTH.pack(len(text)) + LENGTH.pack(0) + text)
        await worker.stdin.drain()
        return await self._receive(worker)

    async def _receive(self, worker: asyncio.subprocess.Process) -> tuple[dict[str, object], bytes]:
        assert worker.stdout is not None
        lengths = await worker.stdout.readexactly(2 * LENGTH.size)
        head = await worker.stdout.readexactly(LENGTH.unpack(lengths[: LENGTH.size])[0])
        body = await worker.stdout.readexactly(LENGTH.unpack(lengths[LENGTH.size :])[0])
        return dict(json.loads(head)), body


def _text(head: dict[str, object], name: str) -> str | None:
    value = head.get(name)
    return None if value is None else str(value)
