"""Messages between the front process and a worker, and the transfer of connections."""

import socket
import struct
import subprocess
import sys
from typing import NamedTuple

MESSAGE = struct.Struct("<cxxxI")
# Front to worker: take a connection (with its socket), forget one, go on, end, end when nothing is in progress.
# Worker to front: ready, a connection is closed, a slow answer is finished, send no more connections.
TAKE, FORGET, GO_ON, END, RETIRE = b"T", b"F", b"G", b"E", b"Q"
READY, CLOSED, FINISHED, LEAVING = b"R", b"C", b"D", b"L"


class Message(NamedTuple):
    """The kind of message, the connection it is about, and the connection itself if it is handed over."""

    kind: bytes
    number: int
    connection: socket.socket | None = None


def send_message(channel: socket.socket, kind: bytes, number: int = 0) -> None:
    """Send a message to the front process, which always listens; raises OSError if it has ended."""
    channel.setblocking(True)
    try:
        channel.sendall(MESSAGE.pack(kind, number))
    finally:
        channel.setblocking(False)


def hand_over(channel: socket.socket, number: int, connection: socket.socket, pid: int) -> None:
    """Send a copy of a connection to a process; raises BlockingIOError if it is not listening now, OSError if it has ended."""
    if sys.platform == "win32":
        socket_data = connection.share(pid)
        channel.sendall(MESSAGE.pack(TAKE, number) + struct.pack("<I", len(socket_data)) + socket_data)
    else:
        socket.send_fds(channel, [MESSAGE.pack(TAKE, number)], [connection.fileno()])


def receive_message(channel: socket.socket) -> Message | None:
    """Wait for a message; None at the end. Raises BlockingIOError if the channel does not block and there is none."""
    if sys.platform == "win32":
        data = channel.recv(MESSAGE.size)
        descriptors: list[int] = []
    else:
        data, descriptors, _, _ = socket.recv_fds(channel, MESSAGE.size, 1)
    if not data:
        return None
    kind, number = MESSAGE.unpack(data + _receive_exactly(channel, MESSAGE.size - len(data)))
    if sys.platform == "win32" and kind == TAKE:
        size = struct.unpack("<I", _receive_exactly(channel, 4))[0]
        return Message(kind, number, socket.fromshare(_receive_exactly(channel, size)))
    return Message(kind, number, socket.socket(fileno=descriptors[0]) if descriptors else None)


def _receive_exactly(channel: socket.socket, size: int) -> bytes:
    """Read a known number of bytes, waiting for them."""
    timeout = channel.gettimeout()
    channel.setblocking(True)
    data = b""
    while len(data) < size:
        chunk = channel.recv(size - len(data))
        if not chunk:
            raise ConnectionError("the other process ended in the middle of a message")
        data += chunk
    channel.settimeout(timeout)
    return data


def spawn(command: list[str], channel: socket.socket) -> subprocess.Popen[bytes]:
    """Start a process that gets its end of a channel through `inherited_channel`."""
    if sys.platform == "win32":
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        socket_data = channel.share(process.pid)
        assert process.stdin is not None
        process.stdin.write(struct.pack("<I", len(socket_data)) + socket_data)
        process.stdin.flush()
        return process
    return subprocess.Popen(command, stdin=channel.fileno())


def inherited_channel() -> socket.socket:
    """Return this end of the channel, inherited from the process that started this one."""
    if sys.platform == "win32":
        size = struct.unpack("<I", sys.stdin.buffer.read(4))[0]
        return socket.fromshare(sys.stdin.buffer.read(size))
    return socket.socket(fileno=sys.stdin.fileno())
