"""Start the server: open the graph, listen, and start workers, forked or separately.

A system without fork (Windows), or one where it is not safe (macOS), starts each from nothing; so does OEWG_SPAWN=1, for tests.
"""

from __future__ import annotations

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
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from oewg_kg import build, coverage, paths
from oewg_kg.dataset import Dataset
from oewg_kg.paths import Beside, Root
from oewg_kg.serve.workers import handover
from oewg_kg.serve.workers.board import Board
from oewg_kg.serve.workers.copies import Copies
from oewg_kg.serve.workers.front import Front, Launch
from oewg_kg.serve.workers.limits import Settings
from oewg_kg.serve.workers.worker import Worker
from oewg_kg.votes import store as imports

if TYPE_CHECKING:
    from oewg_kg.serve.app import Application

LOG = logging.getLogger("oewg.serve")
SPAWN = not hasattr(os, "fork") or sys.platform == "darwin" or os.environ.get("OEWG_SPAWN") == "1"


@dataclass(frozen=True)
class Source:
    """Where the graph is found; `mark` distinguishes a user's own files from those of another start."""

    root: str | None = None
    data: tuple[Path, ...] = ()
    beside: Beside | None = None
    endpoint: str | None = None
    pages: Path | None = None
    mark: str = field(default_factory=lambda: os.urandom(16).hex())

    @property
    def on_disk(self) -> bool:
        """Tell whether the graph stays in a store on disk, whose threads do not survive a fork."""
        return self.beside is not None and self.beside.votes

    def application(self, settings: Settings, tell: Callable[[str], None] = lambda step: None) -> Application:
        """Open the graph and make the application over it; raises OewgError."""
        from oewg_kg.serve.app import Application  # here: a front process that spawns its workers does not need it

        place = paths.find(self.root)
        dataset, mark, folder = self._opened(place, settings, tell)
        dataset = coverage.with_words(dataset, self.pages) if self.pages else dataset
        made = Application(place, dataset, mark, settings, folder)
        if not self.endpoint:
            made.prepare()
        return made

    def _opened(self, place: Root, settings: Settings, tell: Callable[[str], None]) -> tuple[Dataset, str, Path | None]:
        """Open the graph; return it with what names its state, and its folder when it stays on disk."""
        if self.endpoint:
            from oewg_kg.remote import store as remote_store

            dataset = remote_store.opened(self.endpoint, settings.limits.elsewhere)
            store = remote_store.store_of(dataset)
            return dataset, store.mark if store else "", None
        if self.data:
            return build.files_alone(self.data), self.mark, None
        if self.on_disk:
            folder = imports.joined(place, "votes", tell)
            # The folder of such a store is named by what it was made of.
            return imports.load(place, "votes", tell), folder.name, folder
        dataset = build.load(place, tell)
        if not self.beside:
            return dataset, build.fingerprint(place), None
        from oewg_kg.reconcile import beside

        beside.add(dataset, beside.read(dataset.store, self.beside, LOG.info))
        return dataset, self.mark, None


def serve(
    source: Source,
    settings: Settings,
    address: tuple[str, int],
    ready: Callable[[], None],
    tell: Callable[[str], None],
) -> None:
    """Listen at an address and serve until a signal; raises OSError when it cannot be listened at, OewgError for the graph."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with (
        socket.create_server(address, family=family, backlog=512) as listener,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        _ignore_closed_pipes()
        plan = Plan(source, settings, address, Path(folder) / "board")
        board, copies = plan.map(), Copies(settings.limits.connections, settings.shared)
        launch: Launch = plan.spawn
        if not SPAWN:
            launch = partial(plan.fork, board, None if source.on_disk else source.application(settings, tell))
        Front(listener, board, copies, settings.limits, launch).run(ready, iter(()) if SPAWN else _prepared())


def _prepared() -> Iterator[None]:
    """Compile a template at each step, for the workers that are forked later.

    Nothing is looked up in the graph: the engine counts who uses its quads next to them, so whoever reads them soon has a copy of all.
    """
    from oewg_kg.serve.pages import rendering

    for name in rendering.templates().list_templates(["html"]):
        rendering.templates().get_template(name)
        yield


def _ignore_closed_pipes() -> None:
    """Let a client that goes away end its connection and not the process; the command line ends at a closed pipe."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)


@dataclass(frozen=True)
class Plan:
    """What a worker has to know; the board is a file that all processes map."""

    source: Source
    settings: Settings
    address: tuple[str, int]
    board: Path

    def map(self) -> Board:
        """Map the board, which has a place for each worker and for those that start when others take long."""
        limits = self.settings.limits
        return Board(self.board, self.settings.workers + limits.long, limits.connections)

    def fork(
        self,
        board: Board,
        application: Application | None,
        index: int,
        channel: socket.socket,
        copied: list[socket.socket],
    ) -> int:
        """Start a worker as a copy of this process."""
        gc.freeze()  # a collection in a worker would copy what it shares with the others
        process = os.fork()
        if process == 0:
            for one in copied:
                one.close()
            self.work(board, application, index, channel)
        return process

    def spawn(self, index: int, channel: socket.socket, copied: list[socket.socket]) -> subprocess.Popen[bytes]:
        """Start a worker from nothing, which inherits no socket but its channel."""
        told = pickle.dumps((self, index)).hex()
        return handover.spawn([sys.executable, "-m", "oewg_kg.serve.launch", told], channel)

    def work(self, board: Board, application: Application | None, index: int, channel: socket.socket) -> NoReturn:
        """Be a worker until the front process says to end; what goes wrong inside is logged and ends it."""
        code = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C is for the front process, which ends its workers
                signal.signal(number, signal.SIG_IGN)
            made = application or self.source.application(self.settings)
            Worker(channel, board, index, partial(made.respond, self.address), self.settings.limits).run()
            code = 0
        except BaseException:  # whatever it is, it must not go on as a second front process
            LOG.exception("a worker ended")
        finally:
            os._exit(code)


def main() -> None:
    """Be a worker that was started from nothing."""
    plan, index = pickle.loads(bytes.fromhex(sys.argv[1]))
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("oewg.queries").setLevel(plan.settings.query_log)
    _ignore_closed_pipes()
    plan.work(plan.map(), None, index, handover.inherited())


if __name__ == "__main__":
    main()
