"""The SPARQL 1.1 Protocol, query only: what a request asks, which format it gets, and what it is told when it may not.

Not for running queries: a worker of `pool` does.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import formats, hints
from oewg_kg.formats import FORMATS
from oewg_kg.hints import UNKNOWN
from oewg_kg.recent import Recent
from oewg_kg.serve import negotiation
from oewg_kg.serve.pool import Pool, Reply
from oewg_kg.vocabulary import RESOLVED

GRAPHS = [*negotiation.offers(negotiation.GRAPH_NAMES), ("turtle", negotiation.HTML)]
SOLUTIONS = [*negotiation.offers(negotiation.RESULT_NAMES), ("json", negotiation.HTML)]
# Any of these names the format: SPARQLWrapper sends all three, with every query.
FORMAT_FIELDS = ("format", "output", "results")
# What rdflib and Jena call the default graph.
DEFAULT_GRAPHS = {"urn:x-rdflib:default", "urn:x-arq:DefaultGraph"}
LOG, FAULTS = logging.getLogger("oewg.queries"), logging.getLogger("oewg.serve")
LOOK = 0.2  # seconds between two looks whether the client is still there
MOST_BODY, MOST_PARAMETERS, BODY_SECONDS = 2 << 20, 1000, 10.0
UPDATE = re.compile(
    r"(?:\s|#[^\r\n]*|(?:PREFIX|BASE)\b[^>]*>)*+(INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|COPY|MOVE|ADD|WITH)\b",
    re.IGNORECASE,
)


class Refusal(Exception):
    """A request that is not carried out: the HTTP status, one or two lines, and headers of its own."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Keep what the answer says."""
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})


@dataclass(frozen=True)
class Question:
    """One query with its dataset (None: the query's own), the formats accepted for solutions and graphs, and whether it is ours."""

    query: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    solutions: str | None
    graph: str | None
    saved: bool = False

    def request(self) -> dict[str, object]:
        """Write the question as a worker reads it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}

    def tag(self, fingerprint: str) -> str:
        """Make the ETag of the answer: the graph does not change while it is served, so the question decides."""
        parts = [
            fingerprint,
            self.query,
            *map(repr, (self.default_graphs, self.named_graphs, self.solutions, self.graph)),
        ]
        return '"' + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32] + '"'


async def read(request: Request) -> Question:
    """Read a request by one of the three ways in (SPARQL 1.1 Protocol 2.1.1 to 2.1.3); raises Refusal."""
    pairs = fields_of(request.scope["query_string"])
    if request.method == "POST":
        kind, _, rest = request.headers.get("content-type", "").lower().partition(";")
        charset = re.search(r'charset="?([\w-]+)', rest)
        if charset and charset[1] not in ("utf-8", "utf8"):
            raise Refusal(415, "only UTF-8 is supported")
        body = await body_of(request)
        if kind.strip() == "application/x-www-form-urlencoded":
            pairs += fields_of(body)
        elif kind.strip() == "application/sparql-query":
            pairs.append(("query", _utf8(body)))
        elif kind.strip() == "application/sparql-update":
            raise Refusal(403, "updates are not accepted: the data are read-only")
        else:
            raise Refusal(415, "send application/sparql-query, or a form with a field named query")
    if any(name == "update" for name, _ in pairs):
        raise Refusal(403, "updates are not accepted: the data are read-only")
    queries = [value.removeprefix("\ufeff") for name, value in pairs if name == "query"]
    if len(queries) != 1:
        raise Refusal(400, f"expected exactly one query, got {len(queries)}")
    if UPDATE.match(queries[0]):
        raise Refusal(403, "updates are not accepted: the data are read-only")
    LOG.info("%r", queries[0])
    return Question(queries[0], *_dataset(pairs), *_formats(request, pairs))


def _dataset(pairs: list[tuple[str, str]]) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Read the dataset; a field left empty, or one with a client's own name of the default graph, chooses nothing."""
    default, named = (
        tuple(value for name, value in pairs if name == field and value)
        for field in ("default-graph-uri", "named-graph-uri")
    )
    for iri in (*default, *named):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", iri):
            raise Refusal(400, f"not a valid IRI of a graph: {iri[:100]}")
    if not named and DEFAULT_GRAPHS.issuperset(default):
        return None, None
    return tuple(RESOLVED if iri in DEFAULT_GRAPHS else iri for iri in default), named


def format_words(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """List what the fields of a request say of the format, those that leave it to Accept left out."""
    return [word for name, word in pairs if name in FORMAT_FIELDS and word.strip().lower() not in negotiation.AUTOMATIC]


def _formats(request: Request, pairs: list[tuple[str, str]]) -> tuple[str | None, str | None]:
    """Choose the formats for solutions and for graphs: as a parameter says, else by Accept where it says nothing that fits."""
    words = format_words(pairs)
    found = [
        [negotiation.called(word, names) for word in words]
        for names in (negotiation.RESULT_NAMES, negotiation.GRAPH_NAMES)
    ]
    if words and not any(map(any, found)):
        raise Refusal(400, f"unknown format {words[0][:60]!r}; use one of {', '.join(f.name for f in FORMATS)}")
    accept = negotiation.accept_of(request)
    solutions, graph = (next(filter(None, names), None) for names in found)
    return solutions or negotiation.best(SOLUTIONS, accept), graph or negotiation.best(GRAPHS, accept)


def fields_of(raw: bytes) -> list[tuple[str, str]]:
    """Read the fields of a form or of a query string, in UTF-8 and percent-decoded once (URL Standard 5.1); raises Refusal."""
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except UnicodeDecodeError as error:
        raise Refusal(400, "the form is not UTF-8") from error
    except ValueError as error:
        raise Refusal(400, f"too many parameters: at most {MOST_PARAMETERS} are allowed") from error


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, "the query is not UTF-8") from error


async def body_of(request: Request) -> bytes:
    """Read a body of bounded size in bounded time; raises Refusal."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refusal(415, "send the body uncompressed, without Content-Encoding", {"Accept-Encoding": "identity"})
    too_large = Refusal(413, f"the body is larger than {MOST_BODY >> 20} MiB")
    if int(request.headers.get("content-length") or 0) > MOST_BODY:
        raise too_large
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > MOST_BODY:
                    raise too_large
                parts.append(part)
    except TimeoutError as error:
        raise Refusal(408, f"the body did not arrive within {BODY_SECONDS:g} s") from error
    return b"".join(parts)


class Answers:
    """Answers already given, the most recent ones, up to a number of bytes."""

    def __init__(self, most: int = 32 << 20) -> None:
        """Keep the bound in bytes."""
        self._kept: Recent[str, Reply] = Recent(most)

    def get(self, tag: str) -> Reply | None:
        """Find an answer, and count it as recent."""
        return self._kept.get(tag)

    def put(self, tag: str, reply: Reply) -> None:
        """Keep an answer."""
        self._kept.put(tag, reply, len(reply.body))


async def respond(request: Request, pool: Pool, answers: Answers, fingerprint: str) -> Response:
    """Answer a query request; raises Refusal. A 200 is sent only when the result is whole."""
    question = await read(request)
    tag = question.tag(fingerprint)
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "public, max-age=60"}
    reply = answers.get(tag)
    if reply is None:
        reply = await unless_gone(request, pool, question)
        answers.put(tag, reply)
    if negotiation.unchanged(tag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    format = formats.by_name(reply.format or "json")
    if reply.message:
        if UNKNOWN in reply.message and negotiation.takes_problems(request) and hints.is_empty(reply.body, format):
            raise Refusal(400, reply.message.replace("\n", " | "))
        headers["Oewg-Hint"] = reply.message.replace("\n", " | ").encode("ascii", "backslashreplace").decode()
    return Response(reply.body, media_type=format.media_type, headers=headers)


async def unless_gone(request: Request, pool: Pool, question: Question) -> Reply:
    """Ask a worker, and free it when the client goes away meanwhile; raises Refusal for whatever is no answer."""
    asking = asyncio.create_task(pool.ask(question.request()))
    try:
        while not (await asyncio.wait({asking}, timeout=LOOK))[0]:
            if await request.is_disconnected():
                raise Refusal(499, "the client closed the connection")
    finally:
        if not asking.done():
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
    reply = asking.result()
    if reply.status == 500:
        FAULTS.error("a worker failed at %r: %s", question.query, reply.body.decode())
    if reply.status != 200:
        raise Refusal(reply.status, reply.message, {"Retry-After": "5"} if reply.status >= 502 else None)
    return reply
