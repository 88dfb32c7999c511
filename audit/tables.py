"""Reading CSV files as real lists write them, without guessing what a cell means.

Encodings: UTF-8 (with or without a byte order mark), UTF-16, else Windows-1252, which is said. Line ends of every kind.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

DELIMITERS = (",", ";", "\t")


class Unreadable(Exception):
    """The file as a whole cannot be read; the text says why and what was expected."""


@dataclass(frozen=True)
class Row:
    """One record: the line on which it begins (from 1), its cells as written, and its values by column."""

    line: int
    cells: Sequence[str]
    values: dict[str, str]
    surplus: int = 0


@dataclass
class Table:
    """A file that was read. `remarks` are sentences about how; `header` is the first row as written."""

    name: str
    sha256: str
    header: list[str]
    rows: list[Row] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read(path: str | Path, *, required: Sequence[str], optional: Sequence[str] = ()) -> Table:
    """The table in `path`; columns come in any order. Raises Unreadable, also for a column that is missing."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from error
    remarks: list[str] = []
    text = _text(content, remarks)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    known = (*required, *optional)
    try:
        header = next(reader, [])
        columns = _columns(header, required, known, remarks)
        table = Table(Path(path).name, hashlib.sha256(content).hexdigest(), header, [], remarks)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                table.rows.append(_row(line, cells, columns, known, len(header)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"Line {reader.line_num}: not a CSV file that can be read: {error}.") from error
    return table


def write_rejects(output: IO[str], table: Table, reasons: Mapping[int, Sequence[str]]) -> None:
    """The rejected rows as they were written, each with its line and all its reasons. `reasons` goes by line."""
    writer = csv.writer(output)
    writer.writerow([*table.header, "line", "reasons"])
    width = len(table.header)
    for row in table.rows:
        if row.line in reasons:
            cells = [*row.cells, *[""] * (width - len(row.cells))]
            writer.writerow([*cells[:width], row.line, " ".join(reasons[row.line]), *cells[width:]])


def _text(content: bytes, remarks: list[str]) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        remarks.append("The file is UTF-16.")
        return _decoded(content, "utf-16")
    if b"\x00" in content[:200]:
        remarks.append("The file is UTF-16 without a mark.")
        return _decoded(content, "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        remarks.append(
            f"Line {line} is not UTF-8: the file was read as Windows-1252. Check letters with accents."
        )
        return _decoded(content, "cp1252")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            "The file is neither UTF-8, UTF-16 nor Windows-1252 text. Save it as CSV UTF-8."
        ) from error


def _delimiter(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _columns(
    header: Sequence[str], required: Sequence[str], known: Sequence[str], remarks: list[str]
) -> dict[str, int]:
    """Place of each known column by name; case and spaces of the header don't matter. Raises Unreadable."""
    names = ["_".join(cell.strip().casefold().split()) for cell in header]
    missing = [name for name in required if name not in names]
    if missing:
        raise Unreadable(
            f"The first line lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}. "
            f"Expected: {','.join(known)}."
        )
    for name in known:
        if names.count(name) > 1:
            raise Unreadable(f"The first line has the column {name} more than once.")
    unused = [name for name in names if name and name not in known]
    if unused:
        remarks.append(f"Columns that are not used: {', '.join(unused)}.")
    return {name: names.index(name) for name in known if name in names}


def _row(
    line: int, cells: Sequence[str], columns: Mapping[str, int], known: Sequence[str], width: int
) -> Row:
    values = {name: cells[place].strip() if place < len(cells) else "" for name, place in columns.items()}
    surplus = sum(1 for cell in cells[width:] if cell.strip())
    return Row(line, cells, {name: values.get(name, "") for name in known}, surplus)
