"""The Model Context Protocol over HTTP, without sessions: revision 2026-07-28, and earlier ones that begin with `initialize`."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oewg_kg import __version__
from oewg_kg.serve.api import mcp_tools
from oewg_kg.serve.api.mcp_reply import TABLE
from oewg_kg.serve.middleware import LOOPBACK
from oewg_kg.serve.protocol import sparql

MODERN, EARLIER = "2026-07-28", ("2025-11-25", "2025-06-18", "2025-03-26")
META = "io.modelcontextprotocol/"
SERVER = {"name": "oewg-kg", "title": "UN negotiations on ICT security", "version": __version__}
KEPT = {"ttlMs": 3_600_000, "cacheScope": "public"}
CAPABLE = {"capabilities": {"tools": {}}, "instructions": TABLE["instructions"]}


class Fault(Exception):
    """A message that is not answered: the HTTP status, the JSON-RPC code, and what is wrong."""

    def __init__(self, status: int, code: int, what: str, **data: object) -> None:
        """Store the status, code and message."""
        super().__init__(what)
        self.status, self.error = status, {"code": code, "message": what} | ({"data": data} if data else {})


def mcp(request: Request) -> Response:
    """Answer one message; pages of other sites may not send any (Streamable HTTP, Security & Endpoint)."""
    if request.method != "POST":
        return Response(status_code=405, headers={"Allow": "POST"})
    origin, message = request.headers.get("origin"), dict[str, Any]()
    try:
        if origin and urlsplit(origin).hostname not in {urlsplit(f"//{request.headers['host']}").hostname, *LOOPBACK}:
            raise Fault(403, -32600, "this origin is not allowed")
        message = _read(sparql.body_of(request))
        if "id" not in message:
            return Response(status_code=202)
        reply, status = {"result": _answer(request, message)}, 200
    except Fault as fault:
        reply, status = {"error": fault.error}, fault.status
    return JSONResponse({"jsonrpc": "2.0", "id": message.get("id")} | reply, status)


def _read(body: bytes) -> dict[str, Any]:
    """Read a message (JSON-RPC 2.0); raises Fault."""
    try:
        message: Any = json.loads(body)
        json.dumps(message, ensure_ascii=False).encode()  # half of a surrogate pair is not text
    except (ValueError, RecursionError) as error:
        raise Fault(400, -32700, "the message is not valid JSON in UTF-8") from error
    valid = isinstance(message, dict) and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    if not valid or not isinstance(message.get("params", {}), dict) or type(message.get("id", 0)) not in (str, int):
        raise Fault(400, -32600, "send one JSON-RPC 2.0 request or notification with a string or an integer as its id")
    return dict(message)


def _answer(request: Request, message: Mapping[str, Any]) -> dict[str, Any]:
    params, method = message.get("params", {}), message["method"]
    meta, stated = params.get("_meta"), request.headers.get("mcp-protocol-version")
    version = meta.get(META + "protocolVersion") if isinstance(meta, dict) else None
    modern = version is not None or stated == MODERN
    if modern:
        _check(request, message, version)
    if (version or stated) not in (None, MODERN, *EARLIER) or (modern and version != MODERN):
        supported = [MODERN, *EARLIER]
        raise Fault(400, -32022, "Unsupported protocol version", supported=supported, requested=version or stated)
    methods: dict[str, Callable[[], dict[str, Any]]] = {
        "server/discover": lambda: {"supportedVersions": [MODERN], **CAPABLE, **KEPT},
        "tools/list": lambda: {"tools": _listed()} | (KEPT if modern else {}),
        "tools/call": lambda: _call(request, params),
    }
    if not modern:
        wanted = params.get("protocolVersion")
        agreed = wanted if wanted in EARLIER else EARLIER[0]
        methods["initialize"] = lambda: {"protocolVersion": agreed, "serverInfo": SERVER, **CAPABLE}
        methods["ping"] = dict
    if method not in methods:
        raise Fault(404 if modern else 200, -32601, f"Method not found: {method[:100]}")
    result = methods[method]()
    return result | {"resultType": "complete", "_meta": {META + "serverInfo": SERVER}} if modern else result


def _check(request: Request, message: Mapping[str, Any], version: object) -> None:
    """Check that the headers repeat the body, as the newer revision requires; our names need no encoding. Raises Fault."""
    name = message["params"].get("name") if message["method"] == "tools/call" else None
    for header, value in {"mcp-protocol-version": version, "mcp-method": message["method"], "mcp-name": name}.items():
        if value is not None and request.headers.get(header) != value:
            raise Fault(400, -32020, f"Header mismatch: {header} is missing or does not match the body")


def _listed() -> list[dict[str, Any]]:
    """Describe the tools as `tools/list` does."""
    closed = {"type": "object", "additionalProperties": False}
    return [
        {
            "name": name,
            "title": tool["title"],
            "description": tool["description"],
            "inputSchema": closed | {"properties": tool["properties"], "required": tool["required"]},
            "outputSchema": TABLE["output"],
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }
        for name, tool in TABLE["tools"].items()
    ]


def _call(request: Request, params: Mapping[str, Any]) -> dict[str, Any]:
    name = str(params.get("name"))
    if name not in mcp_tools.TOOLS:
        raise Fault(400, -32602, f"Unknown tool: {name[:100]}")
    return mcp_tools.call(request, name, params.get("arguments") or {})
