"""A worker as the front process knows it."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from oewg_kg.serve.workers.board import Slot


@dataclass(eq=False)
class Child:
    """A worker as the front process knows it: its place on the board, process and channel, and the connections it was given."""

    index: int
    slot: Slot
    process: subprocess.Popen[bytes] | int
    channel: socket.socket
    connections: set[int] = field(default_factory=set)
    ready: bool = False
    long: bool = False
    heavy: bool = False
    leaving: bool = False
    seen: tuple[float, float] = (0.0, 0.0)

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self.process if isinstance(self.process, int) else self.process.pid

    def kill(self) -> int:
        """Kill the process and reap it; return how it ended: its exit code, or a signal as a negative number."""
        code = 0
        if isinstance(self.process, int):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        else:
            self.process.kill()
            code = self.process.wait()
        self.channel.close()
        return code

    @property
    def answering(self) -> int | None:
        """Return the number of the connection that it is answering; None if there is none."""
        return self.slot.connection if self.slot.began else None

    @property
    def asked(self) -> str:
        """Return the method and path of its current or last request."""
        return self.slot.text[1:].decode("latin-1")

    def weigh(self, began: float, most: float) -> None:
        """Lower its priority once its request has used so many seconds of CPU time; for good, as no process can raise its priority."""
        if self.heavy or self._worked_since(began) <= most:
            return
        self.heavy = True
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.pid, 19)

    def _worked_since(self, began: float) -> float:
        """Return the seconds of CPU time used since it was first seen with the request of a time (monotonic seconds)."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # a system that does not report it
            return time.monotonic() - began
        worked = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        if self.seen[0] != began:
            self.seen = (began, worked)
        return worked - self.seen[1]
