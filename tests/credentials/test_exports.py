"""Exports as files: three forms of the same rows, a manifest beside each, and nothing that looks whole and is not."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from audit import clock
from audit.actions import Verb
from audit.models import Entry
from audit.text import DANGEROUS
from credentials import exports, tables, vault
from credentials.models import Credential, SecretVersion
from employees.models import Employee
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account
from tests.credentials.test_history_size import held, hired

NASTY = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("http://evil.example")',
    "https://a.example",
    "007",
    "1e5",
)
COLUMNS = ("name", "count")


@pytest.fixture
def zoo(city: City) -> Credential:
    credential = deposited(city.helen, open_account(city.dana, city.zoo))
    vault.reveal(actor=city.dana, credential=credential)
    Employee.objects.filter(pk=city.dana.pk).update(title=NASTY[0])
    return credential


def command(path: Path, form: str = "csv", **more: Any) -> dict[str, Any]:
    call_command("export_access_history", output=str(path), format=form, stdout=io.StringIO(), **more)
    found = json.loads(Path(f"{path}.manifest.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("form", tables.FORMS)
def test_a_manifest_says_what_the_file_is_and_what_it_was_drawn_from(
    city: City, zoo: Credential, tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"history.{form}"
    manifest = command(path, form, account="x:HutchZoo")
    assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest["filters"]["account"] == "x:HutchZoo"
    assert manifest["rows"] == exports.count(exports.Filters(account=zoo.account)) == 3
    done = Entry.objects.get(verb=Verb.EXPORT_COMPLETE)
    leaves = Entry.objects.filter(index__lt=done.index).order_by("index").values_list("leaf", flat=True)
    assert manifest["ledger"] == {
        "size": len(leaves),
        "root": root([bytes(leaf) for leaf in leaves]).hex(),
    }
    told = json.loads(done.canonical)["data"]
    assert told["manifest"] == manifest
    answer = client_of(city.eleanor).get(f"/access/export/{done.index}/manifest.json")
    assert json.loads(answer.content) == manifest


@pytest.mark.django_db
def test_the_three_forms_hold_the_same_rows(city: City, zoo: Credential, tmp_path: Path) -> None:
    for form in tables.FORMS:
        command(tmp_path / f"a.{form}", form)
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book.worksheets[0]
    header, *rows = sheet.iter_rows()
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in header] == list(exports.COLUMNS) == list(cells[0]) == list(lines[0])
    assert len(rows) == len(cells) == len(lines) == 3
    for row, cell, line in zip(rows, cells, lines, strict=True):
        assert not [one for one in row if one.data_type == "f"]
        shown = {column.value: one.value for column, one in zip(header, row, strict=True)}
        assert shown["title"] == line["title"]
        assert cell["title"] == tables.harmless(line["title"])
        assert shown["from"] == line["from"] == cell["from"]
        assert shown["times_revealed"] == line["times_revealed"] == int(cell["times_revealed"])
    assert any(line["title"] == "=1+1" for line in lines)


@pytest.mark.parametrize("nasty", NASTY)
def test_a_workbook_keeps_text_as_text(nasty: str) -> None:
    out = io.BytesIO()
    rows: list[dict[str, Any]] = [{"name": nasty, "count": 3}, {"name": None, "count": None}]
    written = tables.write(form="xlsx", columns=COLUMNS, rows=rows, file=out)
    assert written.sha256 == hashlib.sha256(out.getvalue()).hexdigest()
    cell = openpyxl.load_workbook(out).worksheets[0]["A2"]
    assert (cell.value, cell.data_type, cell.number_format, cell.hyperlink) == (nasty, "s", "@", None)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30), max_size=8))
def test_csv_reads_back_and_no_cell_begins_a_formula(values: list[str]) -> None:
    out = io.BytesIO()
    tables.write(form="csv", columns=("name",), rows=[{"name": value} for value in values], file=out)
    text = out.getvalue().decode()
    read = [row for row in csv.reader(io.StringIO(text, newline=""))][1:]
    # A row of one empty cell is an empty quoted cell, not an empty line that a reader would skip.
    assert [row[0] for row in read] == [tables.harmless(value) for value in values]
    assert not [row for row in read if row[0].startswith(DANGEROUS)]
    assert text.endswith("\r\n")


def test_rows_are_taken_one_by_one() -> None:
    taken = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(50_000):
            taken.append(number)
            yield {"name": f"Person {number}", "count": number}

    class Counting(io.BytesIO):
        largest = 0

        def write(self, data: Any) -> int:
            self.largest = max(self.largest, len(data))
            return super().write(data)

    out = Counting()
    seen: list[int] = []
    written = tables.write(form="csv", columns=COLUMNS, rows=rows(), file=out, progress=seen.append)
    assert written.rows == len(taken) == sum(seen) == 50_000
    assert out.largest <= 1 << 16


@pytest.mark.django_db
def test_an_export_that_breaks_leaves_no_file_and_no_manifest(
    city: City, zoo: Credential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.csv"
    manifest = Path(f"{path}.manifest.json")
    manifest.write_text("of an earlier one")

    def broken(filters: exports.Filters) -> Iterator[dict[str, Any]]:
        yield next(iter(whole(filters)))
        raise RuntimeError("the power failed")

    whole = exports.rows
    monkeypatch.setattr(exports, "rows", broken)
    with pytest.raises(RuntimeError):
        command(path)
    assert list(tmp_path.iterdir()) == []
    assert Entry.objects.filter(verb=Verb.EXPORT_START).count() == 1
    assert not Entry.objects.filter(verb=Verb.EXPORT_COMPLETE).exists()


def test_killed_while_writing_leaves_no_file_under_its_name(tmp_path: Path) -> None:
    """kill -9: what is left is a part that says so."""
    path = tmp_path / "history.csv"
    script = (
        "import time, sys; from audit.files import whole_or_nothing_of_bytes\n"
        f"with whole_or_nothing_of_bytes({str(path)!r}) as file:\n"
        "    file.write(b'half'); file.flush(); print('ready', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    assert not path.exists()
    assert all(one.suffix == ".part" for one in tmp_path.iterdir())


@pytest.mark.django_db
def test_an_answer_that_names_no_file_goes_to_standard_output(city: City, zoo: Credential) -> None:
    out = io.StringIO()
    call_command("export_access_history", format="jsonl", department="zoo", stdout=out)
    assert Entry.objects.filter(verb=Verb.EXPORT_COMPLETE).count() == 1


@pytest.mark.django_db
def test_the_page_gives_a_workbook(city: City, zoo: Credential) -> None:
    answer = client_of(city.eleanor).post("/access/export/", {"form": "xlsx"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert answer["Content-Type"] == tables.TYPES["xlsx"]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.worksheets[0].max_row == 4
    page = client_of(city.eleanor).get("/access/export/").text
    assert hashlib.sha256(content).hexdigest() in page
    assert "manifest.json" in page


def root(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash as RFC 6962, section 2.1, defines it."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


@pytest.mark.django_db
def test_ten_times_the_rows_take_the_same_queries(city: City, zoo: Credential) -> None:
    version = SecretVersion.objects.get(item__credential=zoo)
    for count, rows in ((50, 53), (450, 503)):
        held(hired(city, count), zoo.account, version, clock.now())
        for form in tables.FORMS:
            with CaptureQueriesContext(connection) as captured:
                manifest = exports.write(actor=None, filters=exports.Filters(), form=form, file=io.BytesIO())
            # What the ledger asks of itself goes by its own length, and is no part of the rows.
            own = [one["sql"] for one in captured.captured_queries if "credentials_" in one["sql"]]
            assert (manifest.rows, len(own)) == (rows, 1), form
