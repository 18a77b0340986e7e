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

from oewg_kg.cli.common import show_step

REVISION = "io.modelcontextprotocol/protocolVersion"


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
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    settings = Settings(workers=2, limits=Limits(seconds=seconds), shared=False)
    start_relay = threading.Thread(target=_relay_lines, args=(address,), daemon=True).start
    launch.serve(launch.GraphSource(root), settings, address, start_relay, show_step)


def _relay_lines(address: tuple[str, int]) -> None:
    """Pass each line of standard input to the server and its answer back, until the input ends."""
    output_lock = threading.Lock()

    def relay_line(line: bytes) -> None:
        reply = _send_message(address, line)
        with output_lock:
            sys.stdout.buffer.write(reply + b"\n" * bool(reply))
            sys.stdout.buffer.flush()

    with ThreadPoolExecutor(4) as senders:
        for line in filter(bytes.strip, sys.stdin.buffer):
            senders.submit(relay_line, line)
    signal.raise_signal(signal.SIGTERM)


def _send_message(address: tuple[str, int], line: bytes) -> bytes:
    """Send one message; a reply that does not come in time becomes an error."""
    message = _json_object(line)
    connection = http.client.HTTPConnection(*address)
    try:
        connection.request("POST", "/mcp", line, _revision_headers(message))
        response = connection.getresponse()
        body, status = response.read(), response.status
    except OSError as error:
        body, status = str(error).encode(), 503
    finally:
        connection.close()
    if status < 500:
        return body
    text = f"not answered, which is not an empty answer: {body.decode(errors='replace').strip()}"
    return json.dumps({"jsonrpc": "2.0", "id": message.get("id"), "error": {"code": -32603, "message": text}}).encode()


def _json_object(value: Any) -> dict[str, Any]:
    """Read a JSON object; anything else becomes an empty object, which the server refuses."""
    try:
        parsed = json.loads(value) if isinstance(value, bytes) else value
    except ValueError:
        parsed = None
    return parsed if isinstance(parsed, dict) else {}


def _revision_headers(message: dict[str, Any]) -> dict[str, str]:
    """Repeat in the headers what the newer protocol revision requires."""
    params = _json_object(message.get("params"))
    headers = {"Mcp-Method": message.get("method"), "Mcp-Name": params.get("name")}
    headers["MCP-Protocol-Version"] = _json_object(params.get("_meta")).get(REVISION)
    return {name: ascii(header)[1:-1] for name, header in headers.items() if isinstance(header, str)}
