"""Where a command's export goes: into a file with its manifest beside it, or to standard output."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from audit.files import whole_or_nothing, whole_or_nothing_of_bytes
from credentials import exports, tables


class Write(Protocol):
    """Writes the export."""

    def __call__(self, *, file: IO[bytes], progress: tables.Progress | None = None) -> exports.Manifest: ...


def add_arguments(parser: CommandParser) -> None:
    """The options that every export has."""
    parser.add_argument("--format", choices=tables.FORMS, default="csv")
    parser.add_argument("--output", metavar="FILE", help="write here instead of to standard output")


def deliver(*, write: Write, count: Callable[[], int], form: str, output: str | None, say: Any) -> None:
    """Have `write` write into `output`, whole or not at all, and say so; else to standard output.

    `count` is asked for the length of the progress bar, only when a person is watching. Raises CommandError.
    """
    if not output:
        _to_standard_output(write, form)
        return
    manifest_path = Path(f"{output}.manifest.json")
    # A manifest of an earlier file under this name would speak of another one.
    manifest_path.unlink(missing_ok=True)
    quiet = not sys.stderr.isatty()
    total = None if quiet else count()
    try:
        with (
            whole_or_nothing_of_bytes(output) as file,
            tqdm(total=total, unit=" rows", disable=quiet, file=sys.stderr) as bar,
        ):
            manifest = write(file=file, progress=bar.update)
        with whole_or_nothing(manifest_path) as text:
            text.write(manifest.as_json())
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}.", returncode=2) from None
    say(
        f"{manifest.rows:,} rows written to {output}, SHA-256 {manifest.sha256}. "
        f"The manifest is {manifest_path}."
    )


def _to_standard_output(write: Write, form: str) -> None:
    out = getattr(sys.stdout, "buffer", None)
    if form == "xlsx" and (out is None or sys.stdout.isatty()):
        raise CommandError("A workbook is no text: give --output FILE.", returncode=2)
    try:
        if out is not None:
            sys.stdout.flush()
            write(file=out)
            out.flush()
            return
        whole = io.BytesIO()
        write(file=whole)
        sys.stdout.write(whole.getvalue().decode())
    except BrokenPipeError:  # the reader had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
