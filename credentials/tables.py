"""Tables as files: CSV (RFC 4180, cells made harmless), JSON Lines (lossless), XLSX (texts stay texts, frozen header).

Rows are streamed; nothing grows with their number. What is written is hashed on its way.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse

from audit import canonical
from audit.text import harmless as harmless

FORMS = ("csv", "jsonl", "xlsx")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

XLSX_ROWS = 1_048_575
"""Rows of one sheet below its header; what is beyond them goes on in the next sheet."""
XLSX_TEXT = 32_767
"""Characters of one cell."""

Row = Mapping[str, Any]
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Written:
    """How many rows were written, and the SHA-256 of the file's bytes."""

    rows: int
    sha256: str


def spoken(value: Any) -> str:
    """A cell's value as text: nothing for None, yes or no, times in RFC 3339, days as 2026-11-23."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return canonical.moment(value)
    return value.isoformat() if isinstance(value, date) else str(value)


class Hashing(io.RawIOBase):
    """Hashes what is written on its way to a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self._file.write(data)
        return len(data)


def write(
    *,
    form: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    file: IO[bytes],
    progress: Progress | None = None,
) -> Written:
    """Write `rows` to `file` as `form`, one of FORMS. `progress` is told of every row."""
    raw = Hashing(file)
    counted = _counted(rows, progress)
    if form == "xlsx":
        count = _write_xlsx(raw, columns, counted)
    else:
        text = io.TextIOWrapper(
            io.BufferedWriter(raw, 1 << 16), encoding="utf-8", newline="", write_through=False
        )
        count = (_write_csv if form == "csv" else _write_jsonl)(text, columns, counted)
        text.flush()
        text.detach()
    return Written(count, raw.digest.hexdigest())


def _counted(rows: Iterable[Row], progress: Progress | None) -> Iterable[Row]:
    for row in rows:
        yield row
        if progress is not None:
            progress(1)


def _write_csv(out: IO[str], columns: Sequence[str], rows: Iterable[Row]) -> int:
    writer = csv.writer(out)
    writer.writerow(columns)
    count = 0
    for row in rows:
        count += 1
        writer.writerow([harmless(spoken(row[column])) for column in columns])
    return count


def _write_jsonl(out: IO[str], columns: Sequence[str], rows: Iterable[Row]) -> int:
    count = 0
    for row in rows:
        count += 1
        data = {column: row[column] for column in columns}
        out.write(json.dumps(canonical.plain(data), ensure_ascii=False) + "\n")
    return count


def _write_xlsx(out: Hashing, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """A workbook is a ZIP and wants to seek, so it is made in a temporary file and copied whole."""
    with tempfile.TemporaryDirectory(prefix="oa-xlsx-") as folder, tempfile.TemporaryFile(dir=folder) as made:
        book = xlsxwriter.Workbook(
            made,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": folder,
            },
        )
        bold = book.add_format({"bold": True, "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        sheet, line, count = None, 0, 0
        for row in rows:
            if sheet is None or line > XLSX_ROWS:
                sheet, line = _sheet(book, columns, bold), 1
            for place, column in enumerate(columns):
                value = row[column]
                if isinstance(value, int) and not isinstance(value, bool):
                    sheet.write_number(line, place, value)
                elif shown := spoken(value):
                    sheet.write_string(line, place, shown[:XLSX_TEXT], text)
            line += 1
            count += 1
        if sheet is None:
            _sheet(book, columns, bold)
        book.close()
        made.seek(0)
        shutil.copyfileobj(made, out, 1 << 16)
    return count


def _sheet(book: Any, columns: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 22)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, bold)
    return sheet


def sent(raw: IO[bytes], name: str, form: str) -> FileResponse:
    """A file that was written whole, as an attachment."""
    raw.seek(0)
    return FileResponse(raw, as_attachment=True, filename=f"{name}.{form}", content_type=TYPES[form])
