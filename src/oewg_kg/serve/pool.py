"""The workers: how many there are, who waits, who is stopped for taking too long, and who replaces the dead.

Not for what a query means.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from oewg_kg.serve.worker import LENGTH

LOOK = 0.05  # seconds from one look at a query that runs to the next
TICKS = os.sysconf("SC_CLK_TCK")
BUSY, STOPPED, DIED = "all workers are busy", "the query took too long", "the query needed too much"


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds, MiB of memory beside the data, bytes of answer; and who goes first.

    A query that takes more than `brief` seconds of the processor is long; when as many as `long` are running, another gives
    way as soon as somebody waits, so that those who ask little never wait behind those who ask much. As many as `waiting`
    wait for a worker, for `patience` seconds at most.
    """

    seconds: float = 10.0
    brief: float = 0.2
    long: int = 2
    memory: int = 512
    answer: int = 32 << 20
    waiting: int = 32
    patience: float = 10.0


@dataclass(frozen=True)
class Reply:
    """What a worker said: an HTTP status, the format or a message, and the bytes."""

    status: int
    format: str | None
    message: str
    body: bytes


@dataclass(frozen=True)
class Worker:
    """A process that answers, and the two ends of the talk with it."""

    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @property
    def dead(self) -> bool:
        """Tell whether it has ended."""
        return self.reader.at_eof()

    def kill(self) -> None:
        """End it at once; one that is dead already is left alone, since its number may be another's."""
        if not self.dead:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.writer.close()

    def worked(self) -> float:
        """Return the seconds of the processor that it took; where the system does not tell them (macOS), those that passed."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return time.monotonic()
        return (int(told[11]) + int(told[12])) / TICKS

    def yield_to_others(self) -> None:
        """Give it the lowest priority, for good."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, 19)


class Loader:
    """The process that has loaded the data and forks workers; started when it is first needed, and again when it died."""

    def __init__(self, data: Path, memory: int) -> None:
        """Keep the file of N-Quads, or the folder of a store, and the MiB of memory of a query."""
        self.command = [sys.executable, "-m", "oewg_kg.serve.worker", str(memory), str(data)]
        self.process: asyncio.subprocess.Process | None = None
        self.control: socket.socket | None = None
        self.lock = asyncio.Lock()

    async def fork(self) -> Worker:
        """Make one more worker; raises OSError when the loader is dead, and the next call starts it again."""
        async with self.lock:
            control = self.control or await self._start()
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    socket.send_fds(control, [b"+"], [theirs.fileno()])
                    pid = await self._told(control)
            except OSError:
                ours.close()
                await self.stop()
                raise
            return Worker(pid, *await asyncio.open_unix_connection(sock=ours))

    async def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        nothing = asyncio.subprocess.DEVNULL
        with theirs:
            self.process = await asyncio.create_subprocess_exec(
                *self.command, stdin=theirs.fileno(), stdout=nothing, stderr=nothing
            )
        self.control = ours
        try:
            await self._told(ours)
        except OSError:
            await self.stop()
            raise
        return ours

    async def _told(self, control: socket.socket) -> int:
        told = await asyncio.get_running_loop().sock_recv(control, LENGTH.size)
        if len(told) < LENGTH.size:
            raise ConnectionError("the process that loads the data stopped unexpectedly")
        return int(LENGTH.unpack(told)[0])

    async def stop(self) -> None:
        """End the process, after its workers."""
        if self.control is not None:
            self.control.close()
            self.control = None
        if self.process is not None:
            process, self.process = self.process, None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await process.wait()
                return
            process.kill()
            await process.wait()


class Pool:
    """A fixed number of workers over one file of N-Quads, or over a store on disk, named by its folder."""

    def __init__(self, data: Path, size: int, limits: Limits) -> None:
        """Keep what the workers need; `start` makes as many as `size`, and those for long queries besides."""
        self.size, self.limits = size + limits.long, limits
        self.loader = Loader(data, limits.memory)
        self.long = self.waiting = 0
        self.closed = False
        self.free: asyncio.Queue[Worker] = asyncio.Queue()
        self.living: set[Worker] = set()
        self.hiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start all workers; raises OSError when they do not start."""
        for _ in range(self.size):
            self._admit(await self.loader.fork())

    async def stop(self) -> None:
        """End all workers; who waits for one is told 503."""
        self.closed = True
        for task in self.hiring:
            task.cancel()
        for worker in list(self.living):
            self._dismiss(worker)
        await self.loader.stop()

    def _admit(self, worker: Worker) -> None:
        self.living.add(worker)
        self.free.put_nowait(worker)

    def _dismiss(self, worker: Worker) -> None:
        """End a worker and see to another one."""
        worker.kill()
        self.living.discard(worker)
        if not self.closed:
            task = asyncio.create_task(self._hire())
            self.hiring.add(task)
            task.add_done_callback(self.hiring.discard)

    async def _hire(self) -> None:
        while True:
            try:
                self._admit(await self.loader.fork())
                return
            except OSError:
                await asyncio.sleep(0.2)

    async def ask(self, request: dict[str, object]) -> Reply:
        """Send a request to a free worker; a worker that is too slow or dies is replaced, and the reply is 503."""
        busy = Reply(503, None, f"{BUSY}; try again later", b"")
        if self.closed or (self.free.empty() and self.waiting >= self.limits.waiting):
            return busy
        self.waiting += 1
        try:
            async with asyncio.timeout(self.limits.patience):
                worker = await self._free()
        except TimeoutError:
            return busy
        finally:
            self.waiting -= 1
        kept = False
        try:
            head, body, kept = await self._bounded(worker, request)
        except TimeoutError as error:
            return Reply(503, None, f"{STOPPED} ({error}); ask for less, or add LIMIT", b"")
        except (asyncio.IncompleteReadError, ConnectionError):
            return Reply(503, None, f"{DIED} memory or nesting; ask for less", b"")
        finally:
            if kept:
                self.free.put_nowait(worker)
            else:
                self._dismiss(worker)
        return Reply(int(str(head["status"])), _text(head, "format"), _text(head, "message") or "", body)

    async def _free(self) -> Worker:
        """Wait for a worker that lives; one that died while it had nothing to do is replaced, and nobody is told."""
        while (worker := await self.free.get()).dead:
            self._dismiss(worker)
        return worker

    async def _bounded(self, worker: Worker, request: dict[str, object]) -> tuple[dict[str, object], bytes, bool]:
        """Exchange within the time limits, and tell whether the worker stays; raises TimeoutError with the reason."""
        limits, now, begun = self.limits, asyncio.get_running_loop().time, worker.worked()
        exchange, end = asyncio.create_task(self._exchange(worker, request)), now() + self.limits.seconds
        is_long = False
        try:
            while not exchange.done() and now() < end:
                await asyncio.wait({exchange}, timeout=end - now() if is_long else min(LOOK, end - now()))
                if exchange.done() or is_long or worker.worked() - begun < limits.brief:
                    continue
                if self.long < limits.long:
                    is_long = True
                    self.long += 1
                    worker.yield_to_others()
                elif self.waiting:
                    raise TimeoutError("other long queries are running; try again later")
            if not exchange.done():
                raise TimeoutError(f"{limits.seconds:g} s")
            head, body = exchange.result()
            return head, body, not (is_long or head["last"])
        finally:
            self.long -= is_long
            exchange.cancel()

    async def _exchange(self, worker: Worker, request: dict[str, object]) -> tuple[dict[str, object], bytes]:
        wanted = {**request, "most": self.limits.answer, "seconds": self.limits.seconds + 1}
        text = json.dumps(wanted).encode()
        worker.writer.write(LENGTH.pack(len(text)) + LENGTH.pack(0) + text)
        await worker.writer.drain()
        lengths = await worker.reader.readexactly(2 * LENGTH.size)
        head = await worker.reader.readexactly(LENGTH.unpack(lengths[: LENGTH.size])[0])
        body = await worker.reader.readexactly(LENGTH.unpack(lengths[LENGTH.size :])[0])
        return dict(json.loads(head)), body


def _text(head: dict[str, object], name: str) -> str | None:
    value = head.get(name)
    return None if value is None else str(value)
