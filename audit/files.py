"""Writing files that are either whole or not there."""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_or_nothing(path: str | Path, *, mode: int = 0o600) -> Iterator[IO[str]]:
    """A UTF-8 text file that appears under `path` only once the block has ended well.

    It is written beside it under another name, flushed to disk, given `mode` and renamed. Raises OSError.
    """
    with whole_or_nothing_of_bytes(path, mode=mode) as raw:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        yield file
        file.flush()
        file.detach()


@contextmanager
def whole_or_nothing_of_bytes(path: str | Path, *, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """As `whole_or_nothing`, of bytes."""
    target = Path(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
