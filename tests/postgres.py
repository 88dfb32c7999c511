"""A PostgreSQL server of one's own for as long as a block or a command runs. Standard library only.

    with Server() as server: ...                       # server.url
    python -m tests.postgres -- pytest tests/audit     # DATABASE_URL is set for the command

No TCP, a socket in a temporary folder, nothing synced to disk unless `--durable` is said. When root, the server runs as
`nobody`, because PostgreSQL refuses to run as root.
"""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
"""As a server is that keeps what it was given: for figures of speed."""

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # when it comes by is chance, and with it the plans of a test's queries
    "max_connections": "300",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}


def find_binaries() -> Path | None:
    """The folder that holds `initdb` and `postgres`, or None."""
    places = [Path(os.environ["PG_BINDIR"])] if os.environ.get("PG_BINDIR") else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    places += [Path(place) for place in os.get_exec_path()]
    places += sorted(Path(sysconfig.get_path("purelib")).glob("*/pginstall*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    return None


def _version(place: Path) -> float:
    try:
        return float(place.parent.name)
    except ValueError:
        return 0.0


class Server:
    """`url` is what DATABASE_URL wants. It stops, and its files go, at the end of the block."""

    def __init__(self, *, durable: bool = False) -> None:
        self._settings = {**SETTINGS, **(DURABLE if durable else {})}
        binaries = find_binaries()
        if binaries is None:
            raise RuntimeError("No PostgreSQL server found. Run: pip install -r requirements-postgres.txt")
        self._binaries = binaries
        self._as_whom: dict[str, Any] = (
            {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
        )

    def __enter__(self) -> "Server":
        self._home = Path(tempfile.mkdtemp(prefix="pg-"))
        self.url = f"postgres://postgres@/{self._home}/postgres"
        if self._as_whom:
            shutil.chown(self._home, self._as_whom["user"], self._as_whom["group"])
        try:
            self._start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGINT)  # "fast shutdown": ends sessions, then stops
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._remove()

    def _start(self) -> None:
        data = self._home / "data"
        environment = {**os.environ, "HOME": str(self._home), "LC_ALL": "C.UTF-8"}
        common: dict[str, Any] = {"cwd": self._home, "env": environment, **self._as_whom}
        made = subprocess.run(
            [
                *(str(self._binaries / "initdb"), "--pgdata", str(data), "--username", "postgres"),
                *("--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"),
            ],
            capture_output=True,
            text=True,
            check=False,
            **common,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        log = self._home / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(data), "-k", str(self._home), *settings],
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests; this class stops the server after them
                **common,
            )
        deadline = time.monotonic() + 30
        while "ready" not in _last_line(data / "postmaster.pid"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError(f"postgres did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)

    def _remove(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)


def _last_line(pid_file: Path) -> str:
    try:
        return pid_file.read_text().splitlines()[-1]
    except (OSError, IndexError):
        return ""


def main(arguments: list[str]) -> int:
    durable = arguments[:1] == ["--durable"]
    arguments = arguments[durable:]
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("usage: python -m tests.postgres [--durable] -- COMMAND ...", file=sys.stderr)
        return 2

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    with Server(durable=durable) as server:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.url}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
