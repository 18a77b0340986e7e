"""The SPARQL 1.1 Protocol, query only: read the query, dataset and format of a request, cache answers, respond or refuse."""

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

GRAPH_OFFERS = (*negotiation.offers(negotiation.GRAPH_NAMES), ("turtle", negotiation.HTML))
SOLUTION_OFFERS = (*negotiation.offers(negotiation.RESULT_NAMES), ("json", negotiation.HTML))
# Any of these may name the format: SPARQLWrapper sends all three with every query.
FORMAT_FIELDS = ("format", "output", "results")
# What rdflib and Jena call the default graph.
DEFAULT_GRAPH_NAMES = {"urn:x-rdflib:default", "urn:x-arq:DefaultGraph"}
LOG = logging.getLogger("oewg.queries")
MOST_PARAMETERS = 1000
OVERHEAD = 500  # bytes that an answer takes in addition to its body
SLOW_SECONDS, MOST_SAVED = 0.5, 64  # seconds from which an answer is saved for other workers, and how many are saved
UPDATE_KEYWORD = re.compile(
    r"(?:\s|#[^\r\n]*|(?:PREFIX|BASE)\b[^>]*>)*+(INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|COPY|MOVE|ADD|WITH)\b",
    re.IGNORECASE,
)


def read_question(request: Request, fields: list[tuple[str, str]]) -> Question:
    """Read a request, given the fields of its address, in one of the three forms of SPARQL 1.1 Protocol 2.1.1 to 2.1.3.

    Raises Refusal.
    """
    if request.method == "POST":
        media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
        charset = re.search(r'charset="?([\w-]+)', parameters)
        if charset and charset[1] not in ("utf-8", "utf8"):
            raise Refusal(415, "only UTF-8 is supported")
        body = body_of(request)
        if media_type.strip() == "application/x-www-form-urlencoded":
            fields = fields + fields_of(body)
        elif media_type.strip() == "application/sparql-query":
            fields = [*fields, ("query", _decode_query(body))]
        elif media_type.strip() == "application/sparql-update":
            raise Refusal(403, "updates are not accepted: the data are read-only")
        else:
            raise Refusal(415, "send application/sparql-query, or a form with the field query")
    if any(name == "update" for name, _ in fields):
        raise Refusal(403, "updates are not accepted: the data are read-only")
    queries = [value.removeprefix("\ufeff") for name, value in fields if name == "query"]
    if len(queries) != 1:
        raise Refusal(400, f"expected exactly one query, got {len(queries)}")
    if UPDATE_KEYWORD.match(queries[0]):
        raise Refusal(403, "updates are not accepted: the data are read-only")
    LOG.info("%r", queries[0])
    return Question(queries[0], *_read_dataset(fields), *_choose_formats(request, fields))


def _read_dataset(fields: list[tuple[str, str]]) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Read the dataset; an empty field, or one with a client's own name for the default graph, chooses nothing."""
    default_graphs, named_graphs = (
        tuple(value for name, value in fields if name == field_name and value)
        for field_name in ("default-graph-uri", "named-graph-uri")
    )
    for iri in (*default_graphs, *named_graphs):
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*", iri):
            raise Refusal(400, f"not a valid graph IRI: {iri[:100]}")
    if not named_graphs and DEFAULT_GRAPH_NAMES.issuperset(default_graphs):
        return None, None
    return tuple(RESOLVED if iri in DEFAULT_GRAPH_NAMES else iri for iri in default_graphs), named_graphs


def format_words(fields: Iterable[tuple[str, str]]) -> list[str]:
    """List the formats named in the fields of a request, except values that leave the choice to Accept."""
    return [word for key, word in fields if key in FORMAT_FIELDS and word.strip().lower() not in negotiation.AUTOMATIC]


def _choose_formats(request: Request, fields: list[tuple[str, str]]) -> tuple[str | None, str | None]:
    """Choose the formats for solutions and for graphs: by a parameter, or by Accept if no parameter fits."""
    words, accept = format_words(fields), negotiation.accept_of(request)
    by_accept = negotiation.best(SOLUTION_OFFERS, accept), negotiation.best(GRAPH_OFFERS, accept)
    if not words:
        return by_accept
    names_meant = [
        [negotiation.format_called(word, format_names) for word in words]
        for format_names in (negotiation.RESULT_NAMES, negotiation.GRAPH_NAMES)
    ]
    if not any(map(any, names_meant)):
        raise Refusal(400, f"unknown format {words[0][:60]!r}; use one of {', '.join(f.name for f in FORMATS)}")
    solutions, graph = (next(filter(None, format_names), None) for format_names in names_meant)
    return solutions or by_accept[0], graph or by_accept[1]


def fields_of(encoded: bytes) -> list[tuple[str, str]]:
    """Read the fields of a form or of a query string, in UTF-8 and percent-decoded once (URL Standard 5.1); raises Refusal."""
    pairs = [pair.partition(b"=") for pair in encoded.split(b"&") if pair]
    if len(pairs) > MOST_PARAMETERS:
        raise Refusal(400, f"at most {MOST_PARAMETERS} parameters are allowed")
    try:
        return [(_decode_field(name), _decode_field(value)) for name, _, value in pairs]
    except UnicodeDecodeError as error:
        raise Refusal(400, "the form is not UTF-8") from error


def _decode_field(encoded: bytes) -> str:
    """Decode percent signs and plus signs; raises UnicodeDecodeError."""
    encoded = encoded.replace(b"+", b" ")
    if b"%" not in encoded:
        return encoded.decode()
    # The decoder of quoted-printable is fifteen times as fast, and correct if every percent sign begins an escape.
    decoded = binascii.a2b_qp(encoded.replace(b"=", b"=3D").replace(b"%", b"="))
    if b"\n" in encoded or b"\r" in encoded or len(decoded) != len(encoded) - 2 * encoded.count(b"%"):
        decoded = unquote_to_bytes(encoded)
    return decoded.decode()


def _decode_query(body: bytes) -> str:
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


class AnswerCache:
    """A cache of recent answers, limited in bytes; slow answers are also saved in a folder, for other workers."""

    def __init__(self, most_bytes: int = 32 << 20, folder: Path | None = None) -> None:
        """Store the limit in bytes, and the folder."""
        self._replies: LRUCache[str, Reply] = LRUCache(most_bytes, lambda r: len(r.body) + len(r.message) + OVERHEAD)
        self._folder = folder

    def get(self, etag: str) -> Reply | None:
        """Find an answer, and mark it as recently used."""
        reply = self._replies.get(etag)
        if reply is None and self._folder:
            with contextlib.suppress(OSError):
                reply = self._replies[etag] = pickle.loads(self._reply_path(self._folder, etag).read_bytes())
        return reply

    def put(self, etag: str, reply: Reply, seconds: float = 0.0) -> None:
        """Store an answer that took some seconds."""
        if len(reply.body) > self._replies.maxsize // 4:
            return
        self._replies[etag] = reply
        if self._folder and seconds > SLOW_SECONDS:
            # A full disk must not prevent an answer, which can be computed again when it is needed.
            with contextlib.suppress(OewgError, OSError):
                with files.replacing(self._reply_path(self._folder, etag)) as file:
                    file.write(pickle.dumps(reply))
                oldest_first = sorted(self._folder.glob("*.answer"), key=lambda path: path.stat().st_mtime)
                for path in oldest_first[:-MOST_SAVED]:
                    path.unlink()

    def _reply_path(self, folder: Path, etag: str) -> Path:
        return folder / f"{hashlib.sha256(etag.encode()).hexdigest()[:32]}.answer"


@dataclass(frozen=True)
class Endpoint:
    """What answers queries over a graph that does not change: an engine, and the answers that it has given."""

    engine: Engine
    fingerprint: str
    answers: AnswerCache = field(default_factory=AnswerCache)

    def ask(self, question: Question) -> Reply:
        """Ask the engine, or take the answer from the cache; raises Refusal for anything that is not an answer."""
        etag = question.etag(self.fingerprint)
        reply = self.answers.get(etag)
        if reply is None:
            reply = self.engine.ask(question)
            if reply.status != 200:
                raise Refusal(reply.status, reply.message, {"Retry-After": "5"} if reply.status >= 502 else None)
            self.answers.put(etag, reply)
        return reply


def respond(request: Request, fields: list[tuple[str, str]], endpoint: Endpoint) -> Response:
    """Answer a query request, given the fields of its address; raises Refusal. A 200 is sent only if the result is complete."""
    question = read_question(request, fields)
    etag = question.etag(endpoint.fingerprint)
    headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": "public, max-age=60"}
    reply = endpoint.ask(question)
    if negotiation.etag_matches(etag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    format = formats.by_name(reply.format or "json")
    if reply.message:
        if UNKNOWN in reply.message and negotiation.takes_problems(request) and mistyped.is_empty(reply.body, format):
            raise Refusal(400, reply.message.replace("\n", " | "))
        headers["Oewg-Hint"] = reply.message.replace("\n", " | ").encode("ascii", "backslashreplace").decode()
    return Response(reply.body, media_type=format.media_type, headers=headers)
