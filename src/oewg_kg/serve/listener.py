"""The server in front of the application: it listens, hurries clients that dawdle, and stops on a signal.

Not for what is answered.
"""

import asyncio
import functools
import signal

import uvicorn
from starlette.types import ASGIApp

from oewg_kg.serve.again import Again, Memory

HEAD_SECONDS, TAKE_SECONDS = 10.0, 300.0


class Prompt(Again):
    """HTTP as uvicorn speaks it, with an end to the connection of who does not send a head, or take an answer, in time.

    Uvicorn 0.54 waits for ever for both, so that idle connections could use up all that the system allows.
    """

    head: asyncio.TimerHandle | None = None
    take: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the head of a request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that began has to end."""
        if self.answered(data):
            self._heard()
        else:
            super().data_received(data)
            self._wait()

    def _wait(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._heard()
        elif self.head is None:
            self.head = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _heard(self) -> None:
        if self.head is not None:
            self.head.cancel()
            self.head = None

    def pause_writing(self) -> None:
        """Begin to wait until the client takes the answer."""
        super().pause_writing()
        self.take = self.loop.call_later(TAKE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        if self.take is not None:
            self.take.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        for timer in (self.head, self.take):
            if timer is not None:
                timer.cancel()


def run(application: ASGIApp, host: str, port: int, root_path: str) -> bool:
    """Serve until SIGINT or SIGTERM; what still runs half a second later is told 503. Returns whether it could listen at all."""
    # The command line ends at a closed pipe; a client that goes away must not end the server.
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # uvicorn stops, and raises the signal once more when it has
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host,
            port,
            http=functools.partial(Prompt, memory=Memory()),  # type: ignore[arg-type]
            ws="none",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            root_path=root_path,
            timeout_graceful_shutdown=0.5,  # type: ignore[arg-type]
        )
    )
    try:
        server.run()
    except SystemExit:
        return False
    return server.started
