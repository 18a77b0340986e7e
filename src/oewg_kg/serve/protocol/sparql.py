"""The SPARQL 1.1 Protocol, query only: what a request asks, which format it gets, and how it is refused."""

import binascii
import contextlib
import hashlib
import logging
import pickle
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

from cachetools import LRUCache
from starlette.requests import Request
from starlette.responses import Response

from oewg_kg import files, formats
from oewg_kg.errors import OewgError
from oewg_kg.formats import FORMATS
from oewg_kg.query_analysis import mistyped
from oewg_kg.query_analysis.mistyped import UNKNOWN
from oewg_kg.serve.http import negotiation
from oewg_kg.serve.http.connection import Refusal as Refusal
from oewg_kg.serve.workers.evaluate import Engine, Question, Reply
from oewg_kg.vocabulary import RESOLVED

GRAPHS = (*negotiation.offers(negotiation.GRAPH_NAMES), ("turtle", negotiation.HTML))
SOLUTIONS = (*negotiation.offers(negotiation.RESULT_NAMES), ("json", negotiation.HTML))
# Any of these may name the format: SPARQLWrapper sends all three with every query.
FORMAT_FIELDS = ("format", "output", "results")
# What rdflib and Jena call the default graph.
DEFAULT_GRAPHS = {"urn:x-rdflib:default", "urn:x-arq:DefaultGraph"}
LOG = logging.getLogger("oewg.queries")
MOST_PARAMETERS = 1000
OVERHEAD = 500  # bytes that an answer takes in addition to its body
LONG, MOST_LONG = 0.5, 64  # seconds from which an answer is saved for other workers, and how many are saved
UPDATE = re.compile(
    r"(?:\s|#[^\r\n]*|(?:PREFIX|BASE)\b[^>]*>)*+(INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|COPY|MOVE|ADD|WITH)\b",
    re.IGNORECASE,
)


def read(request: Request, pairs: list[tuple[str, str]]) -> Question:
    """Read a request, given the fields of its address, in one of the three forms of SPARQL 1.1 Protocol 2.1.1 to 2.1.3.

    Raises Refusal.
    """
    if request.method == "POST":
        kind, _, rest = request.headers.get("content-type", "").lower().partition(";")
        charset = re.search(r'charset="?([\w-]+)', rest)
        if charset and charset[1] not in ("utf-8", "utf8"):
            raise Refusal(415, "only UTF-8 is supported")
        body = body_of(request)
        if kind.strip() == "application/x-www-form-urlencoded":
            pairs = pairs + fields_of(body)
        elif kind.strip() == "application/sparql-query":
            pairs = [*pairs, ("query", _utf8(body))]
        elif kind.strip() == "application/sparql-update":
            raise Refusal(403, "updates are not accepted: the data are read-only")
        else:
            raise Refusal(415, "send application/sparql-query, or a form with the field query")
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
    """Read the dataset; an empty field, or one with a client's own name for the default graph, chooses nothing."""
    default, named = (
        tuple(value for name, value in pairs if name == field and value)
        for field in ("default-graph-uri", "named-graph-uri")
    )
    for iri in (*default, *named):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", iri):
            raise Refusal(400, f"not a valid graph IRI: {iri[:100]}")
    if not named and DEFAULT_GRAPHS.issuperset(default):
        return None, None
    return tuple(RESOLVED if iri in DEFAULT_GRAPHS else iri for iri in default), named


def format_words(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """List the formats named in the fields of a request, except values that leave the choice to Accept."""
    return [word for name, word in pairs if name in FORMAT_FIELDS and word.strip().lower() not in negotiation.AUTOMATIC]


def _formats(request: Request, pairs: list[tuple[str, str]]) -> tuple[str | None, str | None]:
    """Choose the formats for solutions and for graphs: by a parameter, or by Accept if no parameter fits."""
    words, accept = format_words(pairs), negotiation.accept_of(request)
    by_accept = negotiation.best(SOLUTIONS, accept), negotiation.best(GRAPHS, accept)
    if not words:
        return by_accept
    found = [
        [negotiation.called(word, names) for word in words]
        for names in (negotiation.RESULT_NAMES, negotiation.GRAPH_NAMES)
    ]
    if words and not any(map(any, found)):
        raise Refusal(400, f"unknown format {words[0][:60]!r}; use one of {', '.join(f.name for f in FORMATS)}")
    solutions, graph = (next(filter(None, names), None) for names in found)
    return solutions or by_accept[0], graph or by_accept[1]


def fields_of(raw: bytes) -> list[tuple[str, str]]:
    """Read the fields of a form or of a query string, in UTF-8 and percent-decoded once (URL Standard 5.1); raises Refusal."""
    pairs = [pair.partition(b"=") for pair in raw.split(b"&") if pair]
    if len(pairs) > MOST_PARAMETERS:
        raise Refusal(400, f"at most {MOST_PARAMETERS} parameters are allowed")
    try:
        return [(_decoded(name), _decoded(value)) for name, _, value in pairs]
    except UnicodeDecodeError as error:
        raise Refusal(400, "the form is not UTF-8") from error


def _decoded(raw: bytes) -> str:
    """Decode percent signs and plus signs; raises UnicodeDecodeError."""
    raw = raw.replace(b"+", b" ")
    if b"%" not in raw:
        return raw.decode()
    # The decoder of quoted-printable is fifteen times as fast, and correct if every percent sign begins an escape.
    decoded = binascii.a2b_qp(raw.replace(b"=", b"=3D").replace(b"%", b"="))
    if b"\n" in raw or b"\r" in raw or len(decoded) != len(raw) - 2 * raw.count(b"%"):
        decoded = unquote_to_bytes(raw)
    return decoded.decode()


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, "the query is not UTF-8") from error


def body_of(request: Request) -> bytes:
    """Read a body, whose size the connection limits; raises Refusal if it is encoded."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refusal(415, "send the body uncompressed, without Content-Encoding", {"Accept-Encoding": "identity"})
    body: bytes = request.state.body
    return body


class Answers:
    """A cache of recent answers, limited in bytes; slow answers are also saved in a folder, for other workers."""

    def __init__(self, most: int = 32 << 20, folder: Path | None = None) -> None:
        """Store the limit in bytes, and the folder."""
        self._kept: LRUCache[str, Reply] = LRUCache(most, lambda reply: len(reply.body) + len(reply.message) + OVERHEAD)
        self._folder = folder

    def get(self, tag: str) -> Reply | None:
        """Find an answer, and mark it as recently used."""
        reply = self._kept.get(tag)
        if reply is None and self._folder:
            with contextlib.suppress(OSError):
                reply = self._kept[tag] = pickle.loads(self._file(self._folder, tag).read_bytes())
        return reply

    def put(self, tag: str, reply: Reply, took: float = 0.0) -> None:
        """Store an answer that took some seconds."""
        if len(reply.body) > self._kept.maxsize // 4:
            return
        self._kept[tag] = reply
        if self._folder and took > LONG:
            # A full disk must not prevent an answer, which can be computed again when it is needed.
            with contextlib.suppress(OewgError, OSError):
                with files.replacing(self._file(self._folder, tag)) as file:
                    file.write(pickle.dumps(reply))
                oldest_first = sorted(self._folder.glob("*.answer"), key=lambda path: path.stat().st_mtime)
                for path in oldest_first[:-MOST_LONG]:
                    path.unlink()

    def _file(self, folder: Path, tag: str) -> Path:
        return folder / f"{hashlib.sha256(tag.encode()).hexdigest()[:32]}.answer"


@dataclass(frozen=True)
class Endpoint:
    """What answers queries over a graph that does not change: an engine, and the answers that it has given."""

    engine: Engine
    fingerprint: str
    answers: Answers = field(default_factory=Answers)

    def ask(self, question: Question) -> Reply:
        """Ask the engine, or take the answer from the cache; raises Refusal for anything that is not an answer."""
        tag = question.tag(self.fingerprint)
        reply = self.answers.get(tag)
        if reply is None:
            reply = self.engine.ask(question)
            if reply.status != 200:
                raise Refusal(reply.status, reply.message, {"Retry-After": "5"} if reply.status >= 502 else None)
            self.answers.put(tag, reply)
        return reply


def respond(request: Request, pairs: list[tuple[str, str]], endpoint: Endpoint) -> Response:
    """Answer a query request, given the fields of its address; raises Refusal. A 200 is sent only if the result is complete."""
    question = read(request, pairs)
    tag = question.tag(endpoint.fingerprint)
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "public, max-age=60"}
    reply = endpoint.ask(question)
    if negotiation.unchanged(tag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    format = formats.by_name(reply.format or "json")
    if reply.message:
        if UNKNOWN in reply.message and negotiation.takes_problems(request) and mistyped.is_empty(reply.body, format):
            raise Refusal(400, reply.message.replace("\n", " | "))
        headers["Oewg-Hint"] = reply.message.replace("\n", " | ").encode("ascii", "backslashreplace").decode()
    return Response(reply.body, media_type=format.media_type, headers=headers)
