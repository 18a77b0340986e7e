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

QUERY_CPU, PAGE_CPU = 0.25, 1.0  # seconds of CPU time that a query, and a page of ours, may use before others go first


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
    first_look: tuple[float, float] = (0.0, 0.0)

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self.process if isinstance(self.process, int) else self.process.pid

    def kill(self) -> int:
        """Kill the process and reap it; return its exit code, or the signal that ended it as a negative number."""
        exit_code = 0
        if isinstance(self.process, int):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                exit_code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        else:
            self.process.kill()
            exit_code = self.process.wait()
        self.channel.close()
        return exit_code

    @property
    def answering(self) -> int | None:
        """Return the number of the connection that it is answering; None if there is none."""
        return self.slot.connection if self.slot.began else None

    @property
    def request(self) -> str:
        """Return the method and path of its current or last request."""
        return self.slot.summary[1:].decode("latin-1")

    def lower_priority(self, began: float) -> None:
        """Lower its priority if its request, begun at a time, has used more CPU time than a request of its kind may.

        This is permanent, because a process cannot raise its priority. CPU time is counted from the first look at the request.
        """
        if self.heavy or not began:
            return
        cpu_seconds = self._cpu_seconds(began)
        if self.first_look[0] != began:
            self.first_look = (began, cpu_seconds)
        if cpu_seconds - self.first_look[1] <= (QUERY_CPU if self.slot.answers_query else PAGE_CPU):
            return
        self.heavy = True
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.pid, 19)

    def _cpu_seconds(self, began: float) -> float:
        """Return the seconds of CPU time used so far; the seconds since a time if the system does not report it."""
        try:
            stat_fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return time.monotonic() - began
        return (int(stat_fields[11]) + int(stat_fields[12])) / os.sysconf("SC_CLK_TCK")
