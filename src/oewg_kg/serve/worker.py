"""The processes that answer queries of strangers: one loads the data and forks the others, any of which may die or be killed.

Not for choosing queries or formats: `pool` sends a worker one request at a time over its socket.
"""

import contextlib
import io
import json
import os
import resource
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

from oewg_kg import formats, guard, hints
from oewg_kg.errors import LimitError, OewgError, from_syntax_error
from oewg_kg.formats import Format, UnwritableError
from oewg_kg.vocabulary import BASE, PREFIXES, RESOLVED

LENGTH = struct.Struct(">I")
PAGE = resource.getpagesize()
FAULT = "internal error; it has been logged"


class Bounded(io.BytesIO):
    """A buffer that refuses to grow past a number of bytes."""

    def __init__(self, most: int) -> None:
        """Keep the bound in bytes."""
        super().__init__()
        self.most = most

    def write(self, data: Any) -> int:
        """Write, or raise LimitError when the bound is passed."""
        if self.tell() + len(data) > self.most:
            raise LimitError(f"the answer is larger than {self.most >> 20} MiB", advice="ask for less, or add LIMIT")
        return super().write(data)


class Memory:
    """The address space of this process, which a limit is set on; 0 bytes where the system does not tell it (macOS)."""

    def __init__(self) -> None:
        """Open the place where Linux tells it, since a worker opens nothing."""
        place = Path("/proc/self/statm")
        self.told = os.open(place, os.O_RDONLY) if place.exists() else None
        self.begun = self.size()

    def size(self) -> int:
        """Return the bytes in use."""
        return int(os.pread(self.told, 64, 0).split()[0]) * PAGE if self.told is not None else 0


def send(out: BinaryIO, head: dict[str, object], body: bytes = b"") -> None:
    """Write one message: two lengths, a JSON head, and a body of bytes."""
    text = json.dumps(head).encode()
    out.write(LENGTH.pack(len(text)) + LENGTH.pack(len(body)) + text + body)
    out.flush()


def receive(source: BinaryIO) -> dict[str, Any] | None:
    """Read one request, None at the end of the input."""
    lengths = source.read(2 * LENGTH.size)
    if len(lengths) < 2 * LENGTH.size:
        return None
    head = source.read(LENGTH.unpack(lengths[: LENGTH.size])[0])
    source.read(LENGTH.unpack(lengths[LENGTH.size :])[0])
    return dict(json.loads(head))


def answer(store: ox.Store, request: dict[str, Any]) -> tuple[dict[str, object], bytes]:
    """Answer one query: `query`, the names of acceptable formats for solutions and for graphs, the dataset, `most` bytes."""
    try:
        guard.check(request["query"])
    except OewgError as error:
        return {"status": 400, "message": str(error)}, b""
    try:
        found = _run(store, request)
        kind = "graph" if isinstance(found, ox.QueryTriples) else "solutions"
        format = request[kind]
        if format is None:
            return {
                "status": 406,
                "message": f"this query returns {kind}, which none of the requested formats can represent",
            }, b""
        return {"status": 200, "format": format}, _written(found, formats.by_name(format), Bounded(request["most"]))
    except UnwritableError as error:
        return {"status": 406, "message": str(error)}, b""
    except LimitError as error:
        return {"status": 503, "message": str(error)}, b""
    except OewgError as error:
        return {"status": 400, "message": str(error)}, b""
    except (ValueError, RuntimeError) as error:
        return {"status": 400, "message": " ".join(str(error).split())[:500]}, b""


def _run(store: ox.Store, request: dict[str, Any]) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Run a query; relative IRIs stand under our base, and the resolved view may be named as the default graph that it is."""
    chosen: dict[str, Any] = {}
    if request["default_graphs"] is not None:
        default = [ox.DefaultGraph() if iri == RESOLVED else ox.NamedNode(iri) for iri in request["default_graphs"]]
        named = request["named_graphs"]
        chosen = {"default_graph": default, "named_graphs": named and [ox.NamedNode(iri) for iri in named]}
    try:
        return store.query(request["query"], base_iri=BASE, prefixes=PREFIXES, **chosen)
    except SyntaxError as error:
        raise from_syntax_error(error, "query", text=request["query"], known=PREFIXES) from error


def _written(found: Any, format: Format, buffer: Bounded) -> bytes:
    """Serialize an answer; raises LimitError when it is too large, UnwritableError when the format cannot hold it."""
    try:
        found.serialize(buffer, format=format.rdf or format.results)
    except OSError as error:  # a worker opens no file
        raise UnwritableError(format) from error
    return formats.typed(buffer.getvalue(), format)


def hinted(store: ox.Store, request: dict[str, Any], head: dict[str, object], body: bytes) -> dict[str, object]:
    """Say with an answer what may be mistyped in its query, one message a line; nothing where all data are elsewhere."""
    if head["status"] != 200 or request["saved"] or not len(store):
        return {}
    own = request["default_graphs"] is None
    empty = own and hints.is_empty(body, formats.by_name(str(head["format"])))
    return {"message": "\n".join(hints.of(store, request["query"], empty))}


def work(store: ox.Store, channel: socket.socket, limit: int, tables: int) -> None:
    """Answer until the input ends, with `limit` bytes beside the data and no right to open a file or a connection.

    Only a store on disk opens its tables when it first reads them: `tables` is their number, 0 for data in memory.
    A worker that grew much says that it is its `last` answer: what a query leaves behind must not stop the next one. One
    whose server is gone ends at its deadline.
    """
    memory = Memory()
    resource.setrlimit(resource.RLIMIT_AS, (memory.begun + limit, memory.begun + limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    open_files = sum(1 for _ in Path("/dev/fd").iterdir()) + tables if tables else 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
    with channel.makefile("rb") as source, channel.makefile("wb") as out:
        while (request := receive(source)) is not None:
            signal.setitimer(signal.ITIMER_REAL, request["seconds"])
            try:
                head, body = answer(store, request)
                head |= hinted(store, request, head, body)
            except MemoryError:
                head, body = {"status": 503, "message": "the query needs too much memory; ask for less"}, b""
            except BaseException:  # whatever else it is, a panic of the engine too, is a fault, and the server logs it
                head, body = {"status": 500, "message": FAULT}, traceback.format_exc().encode()
            signal.setitimer(signal.ITIMER_REAL, 0)
            last = head["status"] == 500 or memory.size() - memory.begun > limit // 2
            send(out, {**head, "last": last}, body)


def main() -> None:
    """Load the data named on the command line (MiB for a query, then a file of N-Quads); fork a worker for each socket sent.

    The loader keeps one thread and runs no query, so that what it forks is whole, and stands ready in some milliseconds.
    A store on disk, named by its folder, is opened for reading by each worker itself, since that begins threads.
    """
    limit, place = int(sys.argv[1]) << 20, Path(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends its workers
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the dead
    store = ox.Store()
    if not place.is_dir():
        store.bulk_load(path=place, format=ox.RdfFormat.N_QUADS)
    control = socket.socket(fileno=sys.stdin.fileno())
    control.sendall(LENGTH.pack(os.getpid()))
    while handed := socket.recv_fds(control, 1, 1)[1]:
        channel = socket.socket(fileno=handed[0])
        worker = os.fork()
        if worker == 0:
            control.close()
            try:
                tables = len(list(place.glob("*.sst")))
                work(ox.Store.read_only(str(place)) if tables else store, channel, limit, tables)
            finally:
                os._exit(0)
        channel.close()
        control.sendall(LENGTH.pack(worker))
    with contextlib.suppress(ChildProcessError):
        os.wait()  # for all of them, as SIGCHLD is ignored


if __name__ == "__main__":
    main()
