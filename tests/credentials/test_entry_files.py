"""Entries as files: the database writes the same bytes as Python does, whatever a cell holds."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit import canonical
from audit.actions import Verb
from audit.models import Entry
from audit.text import DANGEROUS
from credentials import copying, entryfiles, tables
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db

NASTY = (
    *DANGEROUS,
    *(f"{one}1+1" for one in DANGEROUS),
    *("", " ", "'", "'=1", "a=b", " =1", '"', '"=1"', '=A1,"B"', "a,b", "a\nb", "a\rb", "a\r\nb", "=\r\n", ",,"),
    *("\\.", "\\N", "NULL", "007", "1e5", "%s %% %d", "?", "\x01\x1f", "a\\nb", "{\"a\":\"=1\"}"),
    *("Département", "日本語", "＝1", "😀,\"x\"", "e\u0301", "\u2028", "\ufeffx"),
)  # fmt: skip


def filled() -> list[Entry]:
    """An entry for each nasty text, in every column of text."""
    start = Entry.objects.count() + 1
    moments = (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, 0, 120, tzinfo=UTC))
    return Entry.objects.bulk_create(
        Entry(
            index=start + place, at=moments[place % 2], verb=text[:60], actor_id=text[:40], actor_text=text,
            object_type=text[:60], object_id=text[:40], object_text=f"{text} {text}", operation=uuid.uuid4(),
            canonical=text * 3, leaf=canonical.leaf(text),
        )
        for place, text in enumerate(NASTY)
    )  # fmt: skip


def in_python() -> tuple[bytes, tables.Written]:
    out = io.BytesIO()
    rows = entryfiles.rows(Entry.objects.order_by("index"))
    written = tables.write(form="csv", columns=entryfiles.COLUMNS, rows=rows, file=out)
    return out.getvalue(), written


def test_the_database_writes_the_same_bytes_as_python(city: City) -> None:
    filled()
    out = io.BytesIO()
    seen: list[int] = []
    written = copying.write_csv(
        rows=Entry.objects.order_by("index"), columns=entryfiles.HEADED, file=out, progress=seen.append
    )
    expected, told = in_python()
    assert out.getvalue() == expected
    assert written == told
    assert written.sha256 == hashlib.sha256(expected).hexdigest()
    assert sum(seen) == written.rows == Entry.objects.count() > len(NASTY)
    read = list(csv.reader(io.StringIO(expected.decode(), newline="")))
    assert not [cell for row in read for cell in row if cell.startswith(DANGEROUS)]
    assert [row[-1] for row in read[-len(NASTY) :]] == [tables.harmless(text * 3) for text in NASTY]


@pytest.mark.parametrize("form", tables.FORMS)
def test_a_search_is_exported_as_it_was_found(city: City, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"entries.{form}"
    call_command(
        "export_entries", format=form, actor="carla", act=Verb.APPOINTMENT_RECORD, output=str(path),
        stdout=io.StringIO(),
    )  # fmt: skip
    wanted = Entry.objects.filter(actor_id=str(city.carla.pk), verb=Verb.APPOINTMENT_RECORD)
    manifest = json.loads(Path(f"{path}.manifest.json").read_text(encoding="utf-8"))
    assert manifest["rows"] == wanted.count() > 1
    assert manifest["filters"]["actor"] == "carla"
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert _indexes(path, form) == list(wanted.order_by("index").values_list("index", flat=True))
    done = Entry.objects.filter(verb=Verb.EXPORT_COMPLETE).latest("index")
    assert json.loads(done.canonical)["data"]["manifest"] == manifest
    for index, text in _texts(path, form):
        assert canonical.leaf(text) == bytes(Entry.objects.get(index=index).leaf)


def _table(path: Path, form: str) -> list[dict[str, object]]:
    if form == "xlsx":
        header, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
        return [dict(zip(map(str, header), row, strict=True)) for row in rows]
    with path.open(newline="", encoding="utf-8") as file:
        if form == "csv":
            return [dict(row) for row in csv.DictReader(file)]
        return [json.loads(line) for line in file]


def _indexes(path: Path, form: str) -> list[int]:
    return [int(str(row["entry"])) for row in _table(path, form)]


def _texts(path: Path, form: str) -> list[tuple[int, str]]:
    return [(int(str(row["entry"])), str(row["text"])) for row in _table(path, form)]


def test_the_page_exports_what_was_searched(city: City) -> None:
    client = client_of(city.eleanor)
    listed = client.get("/access/entries/?actor=carla&verb=employees.appointment.record")
    assert "/access/entries/export/?actor=carla&amp;verb=employees.appointment.record" in listed.text
    asked = client.get("/access/entries/export/?actor=carla&verb=employees.appointment.record").text
    assert 'value="carla"' in asked
    answer = client.post(
        "/access/entries/export/",
        {"actor": "carla", "verb": "employees.appointment.record", "form": "csv"},
    )
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert {row["act"] for row in rows} == {"employees.appointment.record"}
    assert {row["actor_id"] for row in rows} == {str(city.carla.pk)}
    done = Entry.objects.filter(verb=Verb.EXPORT_COMPLETE).latest("index")
    assert json.loads(done.canonical)["data"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert (done.actor_id, done.object_text) == (str(city.eleanor.pk), "Entries as CSV")
    wrong = client.post("/access/entries/export/", {"verb": "no.such.verb", "form": "csv"})
    assert (wrong.status_code, wrong["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_officers_who_read_are_offered_no_export(city: City) -> None:
    client = client_of(city.dana)
    assert "/access/entries/export/" not in client.get("/access/entries/").text
    assert client.post("/access/entries/export/", {"form": "csv"}).status_code == 403


def test_a_period_that_ends_before_it_begins_is_wrong_usage() -> None:
    with pytest.raises(CommandError) as caught:
        call_command("export_entries", since="2026-02-01", until="2026-01-01")
    assert caught.value.returncode == 2
