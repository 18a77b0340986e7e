"""A worker as the front process sees it: its process and connections, and its priority, which is lowered when it takes long."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from oewg_kg.serve.workers.board import Slot

QUERY, PAGE = 0.25, 1.0  # seconds of CPU time that a query, and a page of ours, may use before others go first


@dataclass(eq=False)
class Child:
    """A worker as the front process knows it: its slot on the board, its process and channel, and the connections it was given."""

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
        """Kill the process and reap it; return its exit code, or the signal that ended it as a negative number."""
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

    def weigh(self, began: float) -> None:
        """Lower its priority if its request, begun at a time, has used more CPU time than a request of its kind may.

        This is permanent, because a process cannot raise its priority. CPU time is counted from the first look at the request.
        """
        if self.heavy or not began:
            return
        worked = self._worked(began)
        if self.seen[0] != began:
            self.seen = (began, worked)
        if worked - self.seen[1] <= (QUERY if self.slot.answers_query else PAGE):
            return
        self.heavy = True
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.pid, 19)

    def _worked(self, began: float) -> float:
        """Return the seconds of CPU time used so far; the seconds since a time if the system does not report it."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return time.monotonic() - began
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
