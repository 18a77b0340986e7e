"""The command `mcp`: pass an assistant's messages from standard input to a local server, so that the same limits apply."""

import http.client
import json
import logging
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click

from oewg_kg.cli.common import tell

VERSION = "io.modelcontextprotocol/protocolVersion"


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Time limit for an answer."
)
@click.pass_obj
def mcp(root: str | None, seconds: float) -> None:
    """Let an AI assistant use the data (Model Context Protocol).

    The assistant starts this command and communicates with it over standard input and output; docs/assistants.md
    explains how to add it. The command cannot change the data and needs no network.

    Example: oewg mcp
    """
    from oewg_kg.serve import launch
    from oewg_kg.serve.workers.limits import Limits, Settings

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    settings = Settings(workers=2, limits=Limits(seconds=seconds), shared=False)
    begin = threading.Thread(target=_carry, args=(address,), daemon=True).start
    launch.serve(launch.GraphSource(root), settings, address, begin, tell)


def _carry(address: tuple[str, int]) -> None:
    """Pass each line of standard input to the server and its answer back, until the input ends."""
    writing = threading.Lock()

    def one(line: bytes) -> None:
        answer = _answered(address, line)
        with writing:
            sys.stdout.buffer.write(answer + b"\n" * bool(answer))
            sys.stdout.buffer.flush()

    with ThreadPoolExecutor(4) as pool:
        for line in filter(bytes.strip, sys.stdin.buffer):
            pool.submit(one, line)
    signal.raise_signal(signal.SIGTERM)


def _answered(address: tuple[str, int], line: bytes) -> bytes:
    """Send one message; a reply that does not come in time becomes an error."""
    message = _dict(line)
    connection = http.client.HTTPConnection(*address)
    try:
        connection.request("POST", "/mcp", line, _headers(message))
        response = connection.getresponse()
        body, status = response.read(), response.status
    except OSError as error:
        body, status = str(error).encode(), 503
    finally:
        connection.close()
    if status < 500:
        return body
    what = f"not answered, which is not an empty answer: {body.decode(errors='replace').strip()}"
    return json.dumps({"jsonrpc": "2.0", "id": message.get("id"), "error": {"code": -32603, "message": what}}).encode()


def _dict(value: Any) -> dict[str, Any]:
    """Read a JSON object; anything else becomes an empty object, which the server refuses."""
    try:
        found = json.loads(value) if isinstance(value, bytes) else value
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _headers(message: dict[str, Any]) -> dict[str, str]:
    """Repeat in the headers what the newer protocol revision requires."""
    params = _dict(message.get("params"))
    headers = {"Mcp-Method": message.get("method"), "Mcp-Name": params.get("name")}
    headers["MCP-Protocol-Version"] = _dict(params.get("_meta")).get(VERSION)
    return {name: ascii(text)[1:-1] for name, text in headers.items() if isinstance(text, str)}
