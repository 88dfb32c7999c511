"""A platform with one account, in a process of its own: what it accepts does not depend on how anybody else dies."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Client, Listener
from multiprocessing.synchronize import Event
from pathlib import Path

from tests.processes import FORK


class Platform:
    """The account's login page and its settings, from any process."""

    def __init__(self, address: str) -> None:
        self._address = address

    def _ask(self, *question: str) -> bool:
        with Client(self._address, "AF_UNIX") as line:
            line.send(question)
            return bool(line.recv())

    def opens(self, password: str) -> bool:
        """Whether the account opens with it."""
        return self._ask("opens", password)

    def change(self, old: str, new: str) -> bool:
        """Set a new password, signed in with the old one."""
        return self._ask("change", old, new)


@contextmanager
def running(password: str) -> Iterator[Platform]:
    """The platform, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="platform-") as folder:
        address = str(Path(folder) / "socket")
        ready = FORK.Event()
        server = FORK.Process(target=_serve, args=(address, password, ready), daemon=True)
        server.start()
        try:
            assert ready.wait(30)
            yield Platform(address)
        finally:
            server.kill()
            server.join()


def _serve(address: str, password: str, ready: Event) -> None:
    listener = Listener(address, "AF_UNIX", backlog=16)
    ready.set()
    while True:
        with listener.accept() as line:
            try:
                what, *said = line.recv()
                right = said[0] == password
                if what == "change" and right:
                    password = said[1]
                line.send(right)
            except (EOFError, BrokenPipeError, ConnectionResetError):  # whoever asked was killed
                continue
