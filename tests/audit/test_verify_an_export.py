"""The page for auditors is right: its own commands are run, on a good export and on forged ones."""

from __future__ import annotations

import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from audit import checkpoints
from audit.actions import Verb
from audit.ledger import Ref, record, service

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "verify-an-export.md"


@service
def grow(count: int) -> None:
    for place in range(count):
        record(Verb.DAILY_RUN, actor=None, obj=Ref("tests.thing", "7", "Un département"), place=place)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the auditor has: the export, an earlier checkpoint, the key, and the page's two programs."""
    grow(11)
    (tmp_path / "outside.checkpoint").write_text(checkpoints.make(actor=None).note)
    grow(290)
    call_command("export_ledger", output=str(tmp_path / "ledger.ndjson"), stdout=StringIO())
    call_command("checkpoint", pem=True, output=str(tmp_path / "ledger.pem"), stdout=StringIO())
    for name, code in re.findall(r"```python title=(\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL):
        (tmp_path / name).write_text(code)
    return tmp_path


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL))
    return subprocess.run(
        ["sh", "-ec", commands],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )


def test_the_commands_of_the_page_accept_a_good_export(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert done.stdout.count("as they were signed") == 2
    assert "rows, as the manifest says" in done.stdout
    assert len((folder / "root.py").read_text().splitlines()) <= 20


@pytest.mark.parametrize("name", ["ledger.ndjson", "ledger.ndjson.checkpoint", "outside.checkpoint"])
def test_they_refuse_a_forged_one(folder: Path, name: str) -> None:
    text = (folder / name).read_text()
    place = len(text) // 3 if name == "ledger.ndjson" else text.index("\n") + 1
    old = text[place]
    (folder / name).write_text(text[:place] + ("8" if old != "8" else "9") + text[place + 1 :])
    assert run(folder).returncode != 0


def test_they_refuse_an_export_without_a_line(folder: Path) -> None:
    lines = (folder / "ledger.ndjson").read_text().splitlines(keepends=True)
    (folder / "ledger.ndjson").write_text("".join(lines[:4] + lines[5:]))
    done = run(folder)
    assert done.returncode != 0
    assert "entries" in done.stderr
