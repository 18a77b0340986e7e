"""One HTTP/1.1 connection: parse requests strictly (RFC 9112, llhttp), write responses."""

import contextlib
import json
import socket
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

import httptools

CHUNK = 1 << 16
MOST_HEAD, MOST_BODY, MOST_PIPELINED = 64 << 10, 2 << 20, 64  # bytes of a head and of a body; waiting requests
HEAD_TOO_LONG = f"the header of the request is longer than {MOST_HEAD >> 10} KiB"
REASONS = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}
BODILESS = {204, 304}  # answers without a body (RFC 9110, 6.4.1)
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Request:
    """A request as received: header names in lower case; `raw` has its bytes if they are a GET and nothing else."""

    method: str
    target: bytes
    version: str
    headers: Headers
    keep_alive: bool
    body: bytes = b""
    raw: bytes | None = None


class Refusal(Exception):
    """A request that is refused: the HTTP status, a message of one or two lines, and additional headers.

    The connection is closed after one that cannot be read, or is too large or too slow.
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Store the status, message and headers."""
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})


@dataclass(slots=True, eq=False)
class Connection:
    """A connection, the part received of an incomplete request, and what is still to be sent.

    `last_progress` (monotonic seconds) is the end of the last answer, the end of a head, or when a part of an answer was sent.
    """

    socket: socket.socket
    number: int
    client: tuple[str, int]
    last_progress: float
    requests: deque[Request] = field(default_factory=deque)
    outgoing: deque[memoryview] = field(default_factory=deque)
    unsent: int = 0
    closing: bool = False
    phase: str = ""  # "head" or "body" while one is arriving; "refused", then "lingering", when nothing more is read
    _parser: httptools.HttpRequestParser | None = None
    _headers: Headers = field(default_factory=list)
    _url: bytes = b""
    _body: list[bytes] = field(default_factory=list)
    _phase_bytes: int = 0  # received so far

    def read_requests(self) -> bool:
        """Read what arrived into `requests`; False if the client has closed its side. Raises Refusal, and OSError if it is gone."""
        data = self.socket.recv(CHUNK)
        if not data:
            return False
        if self._parser is None:
            self._parser = httptools.HttpRequestParser(self)
        first_request = not self.phase and not self.requests
        if self.phase == "head":
            self._phase_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # the upgrade is ignored (RFC 9110, 7.8); what follows it is not read
            self.requests[-1].keep_alive = False
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserError as error:
            raise Refusal(400, f"not a valid HTTP request: {error}") from error
        if self.phase == "head" and max(self._phase_bytes, len(self._url)) > MOST_HEAD:
            raise Refusal(431, HEAD_TOO_LONG)
        if len(self.requests) > MOST_PIPELINED:
            raise Refusal(400, "too many requests at once")
        if first_request and len(self.requests) == 1 and not self.phase:
            request = self.requests[0]
            request.raw = data if request.method == "GET" and request.keep_alive and not request.body else None
        return True

    def send(self, chunks: list[bytes]) -> None:
        """Send as many bytes as the client accepts now; raises OSError if it is gone."""
        self.outgoing.extend(memoryview(chunk) for chunk in chunks if chunk)
        self.unsent += sum(map(len, chunks))
        self.flush()

    def flush(self) -> None:
        """Send more of what is waiting; raises OSError if the client is gone."""
        while self.outgoing:
            try:
                if len(self.outgoing) > 1 and hasattr(self.socket, "sendmsg"):  # Windows has none
                    sent = self.socket.sendmsg(list(self.outgoing)[:8])
                else:
                    sent = self.socket.send(self.outgoing[0])
            except BlockingIOError:
                return
            self.unsent -= sent
            self.last_progress = time.monotonic()
            while self.outgoing and sent >= len(self.outgoing[0]):
                sent -= len(self.outgoing.popleft())
            if sent:
                self.outgoing[0] = self.outgoing[0][sent:]

    def linger(self) -> bool:
        """Close our side of the connection, so that the client can still read the refusal; False if the client is gone."""
        self.phase, self.last_progress = "lingering", time.monotonic()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            return True
        return False

    def client_closed(self) -> bool:
        """Read and discard what arrives; True if the client has closed its side."""
        try:
            return not self.socket.recv(CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    # Callbacks of the parser.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._headers, self._body, self._url, self._phase_bytes, self.phase = [], [], b"", 0, "head"

    def on_url(self, url: bytes) -> None:
        """Receive (a part of) the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Receive a header."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Check the head before the body arrives."""
        self._phase_bytes, self.phase, self.last_progress = 0, "body", time.monotonic()
        # However many parts it arrived in; `read` stops one that does not end.
        if len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._headers) > MOST_HEAD:
            raise Refusal(431, HEAD_TOO_LONG)
        version = self._parser.get_http_version() if self._parser else ""
        if version not in ("1.0", "1.1"):
            raise Refusal(505, "only HTTP/1.1 is supported")
        if version == "1.0" and any(name == b"transfer-encoding" for name, _ in self._headers):
            raise Refusal(400, "HTTP/1.0 does not allow Transfer-Encoding")  # RFC 9112, 6.1
        for name, value in self._headers:
            if name == b"content-length" and int(value) > MOST_BODY:
                raise Refusal(413, f"the body is larger than {MOST_BODY >> 20} MiB")
            if name == b"expect" and value.lower() == b"100-continue":
                self.send([b"HTTP/1.1 100 Continue\r\n\r\n"])

    def on_body(self, body: bytes) -> None:
        """Receive a part of the body."""
        self._body.append(body)
        self._phase_bytes += len(body)
        if self._phase_bytes > MOST_BODY:
            raise Refusal(413, f"the body is larger than {MOST_BODY >> 20} MiB")

    def on_message_complete(self) -> None:
        """End a request."""
        parser = self._parser
        assert parser is not None
        method, version, keep_alive = parser.get_method(), parser.get_http_version(), parser.should_keep_alive()
        body = b"".join(self._body)
        self.requests.append(Request(method.decode("ascii"), self._url, version, self._headers, keep_alive, body))
        self.phase = ""


def problem_json(status: int, detail: str) -> str:
    """Write an error as RFC 9457 JSON."""
    return json.dumps({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail})


def response_chunks(request: Request | None, status: int, headers: Headers, body: bytes) -> list[bytes]:
    """Write an answer: the head, and the body unless the request was a HEAD."""
    head = [b"HTTP/1.1 %d %s\r\n" % (status, REASONS.get(status, b"Unknown"))]
    head += [b"date: %s\r\n" % _http_date(int(time.time()))]
    head += [b"%s: %s\r\n" % header for header in headers]
    if status not in BODILESS and not any(name == b"content-length" for name, _ in headers):
        head.append(b"content-length: %d\r\n" % len(body))
    if request is None or not request.keep_alive:
        head.append(b"connection: close\r\n")
    elif request.version == "1.0":
        head.append(b"connection: keep-alive\r\n")
    head.append(b"\r\n")
    bodiless = status in BODILESS or (request is not None and request.method == "HEAD")
    return [b"".join(head), *([] if bodiless else [body])]


@lru_cache(maxsize=1)
def _http_date(seconds: int) -> bytes:
    """Write a time in seconds as HTTP does (RFC 9110, 5.6.7)."""
    return formatdate(seconds, usegmt=True).encode("ascii")
