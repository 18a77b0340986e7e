"""The Model Context Protocol over HTTP, without sessions: revision 2026-07-28, and earlier ones that begin with `initialize`."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oewg_kg import __version__
from oewg_kg.serve.api import mcp_tools
from oewg_kg.serve.api.mcp_reply import MCP_TEXTS
from oewg_kg.serve.middleware import LOOPBACK
from oewg_kg.serve.protocol import sparql

REVISION, EARLIER_REVISIONS = "2026-07-28", ("2025-11-25", "2025-06-18", "2025-03-26")
META_PREFIX = "io.modelcontextprotocol/"
SERVER = {"name": "oewg-kg", "title": "UN negotiations on ICT security", "version": __version__}
CACHEABLE = {"ttlMs": 3_600_000, "cacheScope": "public"}
CAPABILITIES = {"capabilities": {"tools": {}}, "instructions": MCP_TEXTS["instructions"]}


class Fault(Exception):
    """A message that is not answered: the HTTP status, the JSON-RPC code, and what is wrong."""

    def __init__(self, status: int, code: int, message: str, **data: object) -> None:
        """Store the status, code and message."""
        super().__init__(message)
        self.status, self.error = status, {"code": code, "message": message} | ({"data": data} if data else {})


def mcp(request: Request) -> Response:
    """Answer one message; pages of other sites may not send any (Streamable HTTP, Security & Endpoint)."""
    if request.method != "POST":
        return Response(status_code=405, headers={"Allow": "POST"})
    origin, message = request.headers.get("origin"), dict[str, Any]()
    try:
        if origin and urlsplit(origin).hostname not in {urlsplit(f"//{request.headers['host']}").hostname, *LOOPBACK}:
            raise Fault(403, -32600, "this origin is not allowed")
        message = _read_message(sparql.body_of(request))
        if "id" not in message:
            return Response(status_code=202)
        reply, status = {"result": _answer_method(request, message)}, 200
    except Fault as fault:
        reply, status = {"error": fault.error}, fault.status
    return JSONResponse({"jsonrpc": "2.0", "id": message.get("id")} | reply, status)


def _read_message(body: bytes) -> dict[str, Any]:
    """Read a message (JSON-RPC 2.0); raises Fault."""
    try:
        message: Any = json.loads(body)
        json.dumps(message, ensure_ascii=False).encode()  # half of a surrogate pair is not text
    except (ValueError, RecursionError) as error:
        raise Fault(400, -32700, "the message is not valid JSON in UTF-8") from error
    is_call = isinstance(message, dict) and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    if not is_call or not isinstance(message.get("params", {}), dict) or type(message.get("id", 0)) not in (str, int):
        raise Fault(400, -32600, "send one JSON-RPC 2.0 request or notification with a string or an integer as its id")
    return dict(message)


def _answer_method(request: Request, message: Mapping[str, Any]) -> dict[str, Any]:
    params, method = message.get("params", {}), message["method"]
    meta, header = params.get("_meta"), request.headers.get("mcp-protocol-version")
    version = meta.get(META_PREFIX + "protocolVersion") if isinstance(meta, dict) else None
    modern = version is not None or header == REVISION
    if modern:
        _check_headers(request, message, version)
    if (version or header) not in (None, REVISION, *EARLIER_REVISIONS) or (modern and version != REVISION):
        supported = [REVISION, *EARLIER_REVISIONS]
        raise Fault(400, -32022, "Unsupported protocol version", supported=supported, requested=version or header)
    methods: dict[str, Callable[[], dict[str, Any]]] = {
        "server/discover": lambda: {"supportedVersions": [REVISION], **CAPABILITIES, **CACHEABLE},
        "tools/list": lambda: {"tools": _describe_tools()} | (CACHEABLE if modern else {}),
        "tools/call": lambda: _call_tool(request, params),
    }
    if not modern:
        client_version = params.get("protocolVersion")
        agreed_version = client_version if client_version in EARLIER_REVISIONS else EARLIER_REVISIONS[0]
        methods["initialize"] = lambda: {"protocolVersion": agreed_version, "serverInfo": SERVER, **CAPABILITIES}
        methods["ping"] = dict
    if method not in methods:
        raise Fault(404 if modern else 200, -32601, f"Method not found: {method[:100]}")
    result = methods[method]()
    return result | {"resultType": "complete", "_meta": {META_PREFIX + "serverInfo": SERVER}} if modern else result


def _check_headers(request: Request, message: Mapping[str, Any], version: object) -> None:
    """Check that the headers repeat the body, as the newer revision requires; our names need no encoding. Raises Fault."""
    name = message["params"].get("name") if message["method"] == "tools/call" else None
    for header, value in {"mcp-protocol-version": version, "mcp-method": message["method"], "mcp-name": name}.items():
        if value is not None and request.headers.get(header) != value:
            raise Fault(400, -32020, f"Header mismatch: {header} is missing or does not match the body")


def _describe_tools() -> list[dict[str, Any]]:
    """Describe the tools as `tools/list` does."""
    object_schema = {"type": "object", "additionalProperties": False}
    return [
        {
            "name": tool_name,
            "title": tool["title"],
            "description": tool["description"],
            "inputSchema": object_schema | {"properties": tool["properties"], "required": tool["required"]},
            "outputSchema": MCP_TEXTS["output"],
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }
        for tool_name, tool in MCP_TEXTS["tools"].items()
    ]


def _call_tool(request: Request, params: Mapping[str, Any]) -> dict[str, Any]:
    tool_name = str(params.get("name"))
    if tool_name not in mcp_tools.TOOLS:
        raise Fault(400, -32602, f"Unknown tool: {tool_name[:100]}")
    return mcp_tools.call_tool(request, tool_name, params.get("arguments") or {})
