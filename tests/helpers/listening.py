"""Small HTTP servers in a thread of the test's own, which play the other side.

Not for `oewg serve` (`served`), nor for engines of other people (`engines`).
"""

import contextlib
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Quiet(http.server.BaseHTTPRequestHandler):
    """Answers and logs nothing."""

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@contextlib.contextmanager
def listening(answering: Callable[..., http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """Listen on a free port of loopback; give the address, without a slash at its end."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Asked(NamedTuple):
    """What an endpoint was asked."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Endpoint:
    """An endpoint that is played: what it answers, what it was asked, and how it misbehaves.

    `content` is sent instead of the answer, `length` told instead of its true length; nothing is sent while `wait` is clear.
    """

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    status: int = 200
    content: bytes | None = None
    length: int | None = None
    wait: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def playing(answer: Callable[[str], bytes]) -> Iterator[Endpoint]:
    """Play an endpoint that answers a body with some bytes."""
    plays = Endpoint()
    plays.wait.set()

    class Answering(Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            plays.asked.append(Asked(self.path, dict(self.headers), body))
            plays.wait.wait(60)
            content = answer(body) if plays.content is None else plays.content
            self.send_response(plays.status)
            self.send_header("Content-Length", str(len(content) if plays.length is None else plays.length))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:  # the asker did not wait
                self.close_connection = True

    with listening(Answering) as address:
        plays.url = f"{address}/sparql"
        try:
            yield plays
        finally:
            plays.wait.set()
