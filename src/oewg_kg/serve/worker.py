"""One process that answers queries of strangers: it may die or be killed, and nothing else is hurt.

Not for choosing queries or formats: `pool` sends it one request at a time over its standard input and output.
"""

import io
import json
import resource
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

import pyoxigraph as ox

from oewg_kg import formats, guard
from oewg_kg.errors import LimitError, OewgError, from_syntax_error
from oewg_kg.vocabulary import PREFIXES

LENGTH = struct.Struct(">I")


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
            return {"status": 406, "message": f"this query answers with {kind}, in none of the formats accepted"}, b""
        buffer = Bounded(request["most"])
        found.serialize(buffer, format=_serializer(format))
        return {"status": 200, "format": format}, buffer.getvalue()
    except LimitError as error:
        return {"status": 503, "message": str(error)}, b""
    except OewgError as error:
        return {"status": 400, "message": str(error)}, b""
    except (ValueError, RuntimeError) as error:
        return {"status": 400, "message": " ".join(str(error).split())[:500]}, b""


def _run(store: ox.Store, request: dict[str, Any]) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    chosen: dict[str, Any] = {}
    if request["default_graphs"] is not None:
        chosen = {name: [ox.NamedNode(iri) for iri in request[f"{name}s"]] for name in ("default_graph", "named_graph")}
        chosen["named_graphs"] = chosen.pop("named_graph")
    try:
        return store.query(request["query"], prefixes=PREFIXES, **chosen)
    except SyntaxError as error:
        raise from_syntax_error(error, "query") from error


def _serializer(name: str) -> Any:
    format = formats.by_name(name)
    return format.rdf or format.results


def main() -> None:
    """Load the data named on the command line (memory limit in MiB, then a file of N-Quads), then answer until the input ends."""
    limit, place = int(sys.argv[1]) << 20, Path(sys.argv[2])
    store = ox.Store()
    store.bulk_load(path=place, format=ox.RdfFormat.N_QUADS)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, out = sys.stdin.buffer, sys.stdout.buffer
    send(out, {"status": "ready"})
    while (request := receive(source)) is not None:
        try:
            head, body = answer(store, request)
        except MemoryError:
            head, body = {"status": 503, "message": "the query needs too much memory; ask for less"}, b""
        send(out, head, body)


if __name__ == "__main__":
    main()
