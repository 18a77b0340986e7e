"""Start the server: open the graph, listen, start workers (forked or separate), and prepare what they share.

On a system without fork (Windows), or where fork is not safe (macOS), each is a new process; OEWG_SPAWN=1 forces this, for tests.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from oewg_kg import build, ondisk, paths
from oewg_kg.dataset import Dataset
from oewg_kg.errors import OewgError, StorageError
from oewg_kg.evidence import coverage
from oewg_kg.paths import Beside, Root
from oewg_kg.serve.workers import handover
from oewg_kg.serve.workers.board import Board
from oewg_kg.serve.workers.copies import Copies
from oewg_kg.serve.workers.front import Front
from oewg_kg.serve.workers.limits import Settings
from oewg_kg.serve.workers.worker import Worker
from oewg_kg.votes import store as imports

if TYPE_CHECKING:
    from oewg_kg.serve.app import Application

LOG = logging.getLogger("oewg.serve")
SMALL_GRAPH = 32 << 20  # bytes
Report = Callable[[str], None]
SPAWNS_WORKERS = not hasattr(os, "fork") or sys.platform == "darwin" or os.environ.get("OEWG_SPAWN") == "1"


@dataclass(frozen=True)
class GraphSource:
    """Where to find the graph; `mark` distinguishes a user's own files from those of another start."""

    root: str | None = None
    data: tuple[Path, ...] = ()
    beside: Beside | None = None
    endpoint: str | None = None
    pages: Path | None = None
    mark: str = field(default_factory=lambda: os.urandom(16).hex())

    @property
    def with_votes(self) -> bool:
        """Return whether the graph stays in a store on disk, whose threads do not survive a fork."""
        return self.beside is not None and self.beside.votes

    def is_small(self) -> bool:
        """Return whether the graph is read in a moment, so that the front process can do so while workers already answer."""
        files = [path for path in self.data or [paths.find(self.root).snapshot] if path.is_file()]
        return sum(path.stat().st_size for path in files) < SMALL_GRAPH

    def store_folders(self) -> list[Path]:
        """List the folders with a store of just this graph; raises OewgError."""
        root = paths.find(self.root)
        root_alone = not (self.data or self.endpoint or self.beside)
        return build.store_folders(root, build.fingerprint(root)) if root_alone else []

    def application(
        self, settings: Settings, report: Report = lambda step: None, store: Path | None = None
    ) -> Application:
        """Open the graph and make the application over it, or over a store on disk if it can be opened; raises OewgError."""
        from oewg_kg.serve.app import Application  # not needed by a front process that spawns its workers

        root = paths.find(self.root)
        stored_dataset = ondisk.opened(store) if store else None
        if stored_dataset:
            dataset, fingerprint, folder = stored_dataset, build.fingerprint(root), store
        else:
            dataset, fingerprint, folder = self._open_graph(root, settings, report)
        dataset = coverage.with_words(dataset, self.pages) if self.pages else dataset
        return Application(root, dataset, fingerprint, settings, folder)

    def _open_graph(self, root: Root, settings: Settings, report: Report) -> tuple[Dataset, str, Path | None]:
        """Open the graph; return it with its fingerprint, and its folder if it stays on disk."""
        if self.endpoint:
            from oewg_kg.remote import store as remote_store

            dataset = remote_store.open_published(self.endpoint, settings.limits.engine_seconds)
            store = remote_store.store_of(dataset)
            return dataset, store.mark if store else "", None
        if self.data:
            return build.files_alone(self.data), self.mark, None
        if self.with_votes:
            folder = imports.joined_folder(root, report)
            # The folder of such a store is named after what it was made from.
            return imports.load(root, report), folder.name, folder
        dataset = build.load(root, report)
        if not self.beside:
            return dataset, build.fingerprint(root), None
        from oewg_kg.reconcile import user_files

        user_files.add(dataset, user_files.read(dataset.store, self.beside, LOG.info))
        return dataset, self.mark, None


def serve(
    source: GraphSource,
    settings: Settings,
    address: tuple[str, int],
    ready: Callable[[], None],
    report: Report,
) -> None:
    """Listen at an address and serve until a signal; raises OewgError if the address or the graph cannot be opened."""
    # As Python has it; a command starts with more (`__main__`), and large answers would stay in memory for longer.
    gc.set_threshold(700)
    with (
        _listen(address) as listener,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        _ignore_closed_pipes()
        settings = replace(settings, folder=Path(folder))
        plan = WorkerPlan(source, settings, address, Path(folder) / "board")
        board, copies = plan.map(), Copies(settings.limits.connections, settings.shared)
        if SPAWNS_WORKERS:
            Front(listener, board, copies, settings.limits, plan.spawn).run(ready, iter(()))
            return
        small = source.is_small()
        stores = source.store_folders() if small and settings.workers > 1 else []  # a single worker is not replaced
        applications = [] if stores or source.with_votes else [source.application(settings, report)]
        front = Front(listener, board, copies, settings.limits, partial(plan.fork, board, applications, stores))
        front.run(ready, _preparations(plan, applications, front) if small else iter(()))


def _listen(address: tuple[str, int]) -> socket.socket:
    host, port = address
    try:
        return socket.create_server(address, family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=512)
    except OSError as error:
        problem = f"port {port} is already in use or not allowed"
        raise StorageError(problem, host, "choose another with --port") from error


def _preparations(plan: WorkerPlan, applications: list[Application], front: Front) -> Iterator[bool]:
    """Prepare the front process and replace the workers with copies of it, one step at a time; yield whether the next step is long.

    The first workers open the store on disk, which is quicker than reading the graph into memory, but answers more slowly.
    The engine counts the users of its quads next to them, so a process that reads them soon has a copy of all. So all workers are
    forked again when the pages have read them: they then share the copy of this process.
    """
    if not applications and not plan.source.with_votes:
        try:
            applications.append(plan.source.application(plan.settings))
        except OewgError as error:
            LOG.warning("the workers stay with the store on disk: %s", error)
        yield False
        if applications:
            yield from front.renewals()
    from oewg_kg.serve.pages import rendering

    for template_name in rendering.templates().list_templates(["html"]):
        rendering.templates().get_template(template_name)
    for application in applications:
        from oewg_kg.serve.app import WARMUP_TARGETS

        for _ in application.prepare(plan.address, WARMUP_TARGETS):
            yield True
        _return_memory()
        yield from front.renewals()
        yield from _make_slow_pages(plan, application)


def _return_memory() -> None:
    """Return freed memory to the system (glibc keeps it), so that it is not copied to each worker that writes to it."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)


def _make_slow_pages(plan: WorkerPlan, application: Application) -> Iterator[bool]:
    """Make the pages that take seconds in a separate process of low priority; check at each step whether it has ended."""
    from oewg_kg.serve.app import SLOW_TARGETS

    child_pid = os.fork()
    if child_pid == 0:
        try:
            os.closerange(3, 1 << 16)
            os.nice(5)
            list(application.prepare(plan.address, SLOW_TARGETS))
        except Exception:
            LOG.exception("a page that takes seconds was not made")
        finally:
            os._exit(0)
    ended_pid = 0
    try:
        while not (ended_pid := os.waitpid(child_pid, os.WNOHANG)[0]):
            yield False
    finally:
        if not ended_pid:
            os.kill(child_pid, signal.SIGKILL)
            os.waitpid(child_pid, 0)


def _ignore_closed_pipes() -> None:
    """Let a client that disconnects end its connection, not the process (the command line ends at a closed pipe)."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)


@dataclass(frozen=True)
class WorkerPlan:
    """What a worker needs to know; the board is a file that all processes map."""

    source: GraphSource
    settings: Settings
    address: tuple[str, int]
    board: Path

    def map(self) -> Board:
        """Map the board, which has a slot for each worker and for those started when others take long."""
        limits = self.settings.limits
        return Board(self.board, self.settings.workers + limits.long, limits.connections)

    def fork(
        self,
        board: Board,
        applications: list[Application],
        stores: list[Path],
        index: int,
        channel: socket.socket,
        copied_sockets: list[socket.socket],
    ) -> int:
        """Start a worker as a copy of this process, with the application of this process, or else one over its own store."""
        gc.freeze()  # garbage collection in a worker would copy what it shares with the others
        worker_pid = os.fork()
        if worker_pid == 0:
            for copied_socket in copied_sockets:
                copied_socket.close()
            own_application = partial(self.source.application, self.settings, store=stores[0] if stores else None)
            self.work(board, applications.pop if applications else own_application, index, channel)
        return worker_pid

    def spawn(self, index: int, channel: socket.socket, copied_sockets: list[socket.socket]) -> subprocess.Popen[bytes]:
        """Start a worker as a new process, which inherits no socket except its channel."""
        pickled_plan = pickle.dumps((self, index)).hex()
        return handover.spawn([sys.executable, "-m", "oewg_kg.serve.launch", pickled_plan], channel)

    def work(self, board: Board, opener: Callable[[], Application], index: int, channel: socket.socket) -> NoReturn:
        """Run as a worker until the front process ends it; an error is logged and ends it too."""
        exit_code = 1
        try:
            # Ctrl-C is for the front process, which ends its workers.
            for signal_number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signal_number, signal.SIG_IGN)
            respond = partial(opener().respond, self.address)
            Worker(channel, board, index, respond, self.settings.limits).run()
            exit_code = 0
        except BaseException:  # whatever it is, this process must not go on as a second front process
            LOG.exception("a worker ended")
        finally:
            os._exit(exit_code)


def main() -> None:
    """Run a worker that was started as a new process."""
    plan, index = pickle.loads(bytes.fromhex(sys.argv[1]))
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("oewg.queries").setLevel(plan.settings.query_log)
    _ignore_closed_pipes()
    plan.work(plan.map(), partial(plan.source.application, plan.settings), index, handover.inherited_channel())


if __name__ == "__main__":
    main()
