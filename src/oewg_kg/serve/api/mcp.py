"""The Model Context Protocol over HTTP, without sessions: revision 2026-07-28, and earlier ones that begin with `initialize`."""

import base64
import binascii
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

MODERN = ("2026-07-28",)
EARLIER = ("2025-11-25", "2025-06-18", "2025-03-26")
META = "io.modelcontextprotocol/"
SERVER = {"name": "oewg-kg", "title": "UN negotiations on ICT security", "version": __version__}
KEPT = {"ttlMs": 3_600_000, "cacheScope": "public"}
CLOSED = {"type": "object", "additionalProperties": False}
ENCODED, END = "=?base64?", "?="


class Fault(Exception):
    """A message that is not answered: the HTTP status, the JSON-RPC code, what is wrong, and data for the client."""

    def __init__(self, status: int, code: int, what: str, data: object = None) -> None:
        """Keep what the error says."""
        super().__init__(what)
        self.status, self.error = status, {"code": code, "message": what} | ({"data": data} if data else {})


def mcp(request: Request) -> Response:
    """Answer one message; a browser on another site may not send any (Streamable HTTP, Security & Endpoint)."""
    if request.method != "POST":
        return Response(status_code=405, headers={"Allow": "POST"})
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).hostname not in {urlsplit(f"//{request.headers['host']}").hostname, *LOOPBACK}:
        return JSONResponse({"jsonrpc": "2.0", "error": Fault(403, -32600, "this origin is not allowed").error}, 403)
    message: dict[str, Any] = {}
    try:
        message = _read(sparql.body_of(request))
        if "id" not in message:
            return Response(status_code=202)
        result = _answer(request, message)
    except Fault as fault:
        told = {"jsonrpc": "2.0", "id": message.get("id"), "error": fault.error}
        return JSONResponse(told, fault.status)
    return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": result})


def _read(body: bytes) -> dict[str, Any]:
    """Read a message (JSON-RPC 2.0); raises Fault."""
    try:
        message: Any = json.loads(body)
        json.dumps(message, ensure_ascii=False).encode()  # half of a pair of surrogates is no text
    except (ValueError, RecursionError) as error:
        raise Fault(400, -32700, "the message is not valid JSON in UTF-8") from error
    lawful = isinstance(message, dict) and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    if not lawful or not isinstance(message.get("params", {}), dict):
        raise Fault(400, -32600, "send one JSON-RPC 2.0 request or notification")
    if "id" in message and (isinstance(message["id"], bool) or not isinstance(message["id"], str | int)):
        raise Fault(400, -32600, "the id of a request is a string or an integer")
    return dict(message)


def _answer(request: Request, message: Mapping[str, Any]) -> dict[str, Any]:
    params = message.get("params", {})
    meta, stated = params.get("_meta", {}), request.headers.get("mcp-protocol-version")
    version = meta.get(META + "protocolVersion") if isinstance(meta, dict) else None
    modern = version is not None or stated in MODERN
    if modern:
        _check(request, message, version)
    elif stated and stated not in EARLIER:
        raise Fault(
            400, -32022, "Unsupported protocol version", {"supported": [*MODERN, *EARLIER], "requested": stated}
        )
    methods: dict[str, Callable[[], dict[str, Any]]] = {
        "server/discover": lambda: {"supportedVersions": MODERN, **_capable(), **KEPT},
        "tools/list": lambda: {"tools": _listed()} | (KEPT if modern else {}),
        "tools/call": lambda: _call(request, params),
        **({} if modern else {"initialize": lambda: _initialized(params), "ping": dict}),
    }
    if message["method"] not in methods:
        raise Fault(404 if modern else 200, -32601, f"Method not found: {message['method'][:100]}")
    result = methods[message["method"]]()
    return result | {"resultType": "complete", "_meta": {META + "serverInfo": SERVER}} if modern else result


def _check(request: Request, message: Mapping[str, Any], version: object) -> None:
    """Check what every request of the newer revisions carries, in its body and again in its headers; raises Fault."""
    params, headers = message.get("params", {}), request.headers
    said = {"mcp-protocol-version": version, "mcp-method": message["method"]}
    said |= {"mcp-name": params.get("name")} if message["method"] == "tools/call" else {}
    for name, value in said.items():
        if _decoded(headers.get(name, "")) != value:
            raise Fault(400, -32020, f"Header mismatch: {name} is missing or does not match the body")
    if version not in MODERN:
        data = {"supported": [*MODERN, *EARLIER], "requested": version}
        raise Fault(400, -32022, "Unsupported protocol version", data)
    if not isinstance(params["_meta"].get(META + "clientCapabilities"), dict):
        raise Fault(400, -32602, f"_meta has no {META}clientCapabilities")


def _decoded(text: str) -> str:
    if not (text.startswith(ENCODED) and text.endswith(END)):
        return text
    try:
        return base64.b64decode(text[len(ENCODED) : -len(END)], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Fault(400, -32020, "Header mismatch: a header is not valid Base64 of UTF-8") from error


def _listed() -> list[dict[str, Any]]:
    """Describe the tools as `tools/list` does."""
    return [
        {
            "name": name,
            "title": tool["title"],
            "description": tool["description"],
            "inputSchema": CLOSED | {"properties": tool["properties"], "required": tool["required"]},
            "outputSchema": TABLE["output"],
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }
        for name, tool in TABLE["tools"].items()
    ]


def _capable() -> dict[str, Any]:
    return {"capabilities": {"tools": {}}, "instructions": TABLE["instructions"]}


def _initialized(params: Mapping[str, Any]) -> dict[str, Any]:
    wanted = params.get("protocolVersion")
    return {"protocolVersion": wanted if wanted in EARLIER else EARLIER[0], "serverInfo": SERVER, **_capable()}


def _call(request: Request, params: Mapping[str, Any]) -> dict[str, Any]:
    name, arguments = params.get("name"), params.get("arguments") or {}
    if name not in mcp_tools.TOOLS:
        raise Fault(400, -32602, f"Unknown tool: {str(name)[:100]}")
    return mcp_tools.call(request, str(name), arguments)
