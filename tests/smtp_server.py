"""A small mail server for tests, a process of its own: `python -m tests.smtp_server PORT FOLDER`.

Each message that it takes becomes a file of FOLDER. While a file `refuse` lies there it answers 451 to every message;
while `mute` lies there it takes the message and hangs up without an answer, as a server does that dies just then.
"""

from __future__ import annotations

import os
import socket
import socketserver
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Session(socketserver.StreamRequestHandler):
    """The commands that Django's backend uses."""

    def handle(self) -> None:
        with suppress(ConnectionError):  # a sender that was killed
            self._talk()

    def _talk(self) -> None:
        folder: Path = self.server.folder  # type: ignore[attr-defined]
        self._say("220 ready")
        while line := self.rfile.readline():
            command = line.split(b":")[0].strip().upper().split(b" ")[0]
            if command == b"QUIT":
                self._say("221 bye")
                return
            if command != b"DATA":
                self._say("250 ok")
                continue
            self._say("354 go on")
            lines: list[bytes] = []
            while (text := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(text)
            if not text:  # the sender died in the middle: half a message is none
                return
            if (folder / "refuse").exists():
                self._say("451 later")
                continue
            part = folder / f"{uuid.uuid4()}.part"
            part.write_bytes(b"".join(lines))
            part.rename(part.with_suffix(".eml"))  # whole or not at all
            if (folder / "mute").exists():
                return
            self._say("250 taken")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    folder: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(port: int, folder: Path) -> Iterator[None]:
    """The server, up within the block and down after it."""
    command = [sys.executable, "-m", "tests.smtp_server", str(port), str(folder)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def count(folder: Path) -> int:
    """How many messages it has taken so far."""
    return sum(entry.name.endswith(".eml") for entry in os.scandir(folder))


def taken(folder: Path) -> list[Message]:
    """What the server has taken so far."""
    return [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


if __name__ == "__main__":
    with Server(("127.0.0.1", int(sys.argv[1])), Session) as server:
        server.folder = Path(sys.argv[2])
        server.serve_forever()
