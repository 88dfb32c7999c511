"""The story, clicked through in a real Chromium as each role, from what the terminal of `make demo` printed alone."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parent.parent
HANDLE = "HutchZooNews"
ACCOUNT = f"@{HANDLE} on X"
FIRST_PASSWORD = "canary-what-helen-set-7!"


@dataclass
class Printed:
    """What a person reads in the terminal."""

    text: str
    environment: dict[str, str]

    def code(self, email: str) -> str:
        """What the command that the terminal names prints."""
        assert "manage.py demo --code EMAIL" in self.text
        return subprocess.run(
            [sys.executable, "manage.py", "demo", "--code", email],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    @property
    def password(self) -> str:
        found = re.search(r"with the password +(\S+)", self.text)
        assert found, self.text
        return found[1]

    def row(self, who: str) -> tuple[str, str]:
        """Work e-mail and the page to open first, of the line in the table that says `who`."""
        for line in self.text.splitlines():
            if who in line and "@" in line:
                cells = re.split(r"\s{2,}", line.strip())
                return cells[0], cells[2]
        raise AssertionError(f"nobody is printed as {who!r}:\n{self.text}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printed]:
    """The demonstration city, made from nothing and served by the very command that `make demo` runs."""
    folder = tmp_path_factory.mktemp("city")
    keys = folder / "vault.keys"
    keys.write_bytes(b"# demonstration\n" + Fernet.generate_key() + b"\n")
    keys.chmod(0o600)
    environment = {
        **os.environ,
        "DEBUG": "true",
        "TESTING": "false",
        "SECRET_KEY": "development-only-story",
        "ALLOWED_HOSTS": "127.0.0.1",
        "VAULT_KEYS_FILE": str(keys),
        "DATABASE_URL": f"sqlite:///{folder / 'city.sqlite3'}",
        "PYTHONUNBUFFERED": "1",
    }
    server = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(free_port())],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []
    assert server.stdout is not None

    def read() -> None:
        assert server.stdout is not None
        lines.extend(iter(server.stdout.readline, ""))

    threading.Thread(target=read, daemon=True).start()
    deadline = time.monotonic() + 180
    while not any("Starting development server" in line for line in lines):
        assert server.poll() is None, "".join(lines)
        assert time.monotonic() < deadline, "".join(lines)
        time.sleep(0.1)
    time.sleep(0.5)
    try:
        yield Printed("".join(lines), environment)
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def come_in(browser: Browser, printed: Printed) -> Iterator[Callable[[str], Page]]:
    """Open the page that the table gives for somebody, and sign in as the table says."""
    contexts = []

    def run(who: str) -> Page:
        email, first_page = printed.row(who)
        context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.goto(first_page)
        page.get_by_label("Work e-mail").fill(email)
        page.get_by_label("Password").fill(printed.password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Code").fill(printed.code(email))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(first_page)
        return page

    yield run
    for context in contexts:
        context.close()


def test_from_a_departments_request_to_an_auditors_export(
    come_in: Callable[[str], Page], printed: Printed, browser: Browser, tmp_path: Path
) -> None:
    priya = come_in("asks for the Zoo")
    number = _asks(priya)

    helen = come_in("directs the Zoo")
    _decides(helen, number, "Endorse")
    dana = come_in("PI Director")
    _decides(dana, number, "Approve")

    helen.get_by_role("link", name="Yours today").click()
    _checks(helen)
    helen.get_by_role("link", name="Yours today").click()
    _deposits(helen)

    expect(_public(browser, printed).get_by_role("link", name=f"@{HANDLE}")).to_be_visible()

    assert _reveals(priya) == FIRST_PASSWORD
    _leaves(come_in("registry clerk"))
    priya.reload()
    expect(priya.get_by_role("heading", name="Sign in")).to_be_visible()

    new = _rotates(come_in("Information Technology"))
    assert new != FIRST_PASSWORD

    _audits(come_in("auditor"), tmp_path)


def _asks(page: Page) -> str:
    page.get_by_text("New account", exact=False).first.click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Platform").select_option(label="X (Twitter)")
    page.get_by_label("Proposed handle").fill(f"@{HANDLE}")
    page.get_by_label("Name that the account shows").fill("Hutchinson Zoo News")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_text("Municipal news", exact=True).click()
    page.get_by_label("Who will read it").fill("Residents and visitors")
    page.get_by_label("Why an existing account").fill("The animals' account is no place for closures.")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_label("Who will post and monitor").fill("priya.nair@hutch.example")
    page.get_by_label("Who takes over").fill("helen.okafor@hutch.example")
    page.get_by_label("Mailbox for the login").fill("zoo-news@hutch.example")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"@{HANDLE}")
    expect(page.get_by_text("It is Helen Okafor’s turn", exact=True)).to_be_visible()
    found = re.search(r"/requests/([\d-]+)/", page.url)
    assert found
    return found[1]


def _decides(page: Page, number: str, act: str) -> None:
    """In the admin: the request that waits, its button, a reason, and what it brings about."""
    page.get_by_role("link", name="Requests").first.click()
    page.get_by_role("link", name=re.compile(number)).first.click()
    page.get_by_label("Serves a City purpose").check()
    page.get_by_role("button", name=act, exact=True).click()
    expect(page.locator(".messagelist")).to_be_visible()


def _checks(page: Page) -> None:
    """The account's profile carries what the policy wants."""
    row = page.locator(".oa-row", has_text=ACCOUNT)
    row.get_by_role("link", name="Check the profile").click()
    for group in page.get_by_role("group").all():
        group.get_by_text("Yes", exact=True).click()
    page.get_by_role("button", name="Save what I saw").click()
    expect(page.get_by_role("status")).to_contain_text("The profile follows the policy")


def _deposits(page: Page) -> None:
    row = page.locator(".oa-row", has_text=ACCOUNT)
    row.get_by_role("link", name="Deposit the login").click()
    page.get_by_label("Login name on the platform").fill("zoo-news@hutch.example")
    page.get_by_label("Password that the platform accepts now").fill(FIRST_PASSWORD)
    page.get_by_role("button", name="Deposit version 1").click()
    expect(page.get_by_role("status")).to_contain_text("active")


def _public(browser: Browser, printed: Printed) -> Page:
    found = re.search(r"Without signing in: (\S+)", printed.text)
    assert found
    page = browser.new_context().new_page()
    page.goto(found[1])
    return page


def _reveals(page: Page) -> str:
    page.get_by_role("link", name="Credentials").click()
    page.locator("tr", has_text=f"@{HANDLE}").get_by_role("link", name="Reveal").click()
    page.get_by_role("button", name="Reveal").click()
    return page.locator("#secret-1").inner_text()


def _leaves(page: Page) -> None:
    page.get_by_label("Name, e-mail, title").fill("Priya")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Priya Nair").click()
    page.get_by_role("link", name=re.compile("leaves")).click()
    expect(page.locator(".oa-panel")).to_contain_text("3 rotations become due")
    page.get_by_label("Reason").fill("Took a position elsewhere")
    page.get_by_role("button", name="Separate Priya Nair").click()
    expect(page.get_by_role("status")).to_contain_text("Priya Nair")


def _rotates(page: Page) -> str:
    row = page.locator("tr", has_text=f"@{HANDLE}")
    expect(row).to_contain_text("Priya Nair left")
    row.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Show both passwords").click()
    assert page.locator("#secret-1").inner_text() == FIRST_PASSWORD
    new = page.locator("#secret-2").inner_text()
    page.get_by_role("link", name="Go on, to say that it is changed").click()
    page.get_by_role("button", name="I have changed it on X").click()
    page.get_by_role("button", name="The new password opens it").click()
    expect(page.get_by_role("status")).to_contain_text("is current")
    page.get_by_role("navigation").get_by_role("link", name="Credentials").first.click()
    page.locator("a[href$='/credentials/queue/']").first.click()
    expect(page.locator("tr", has_text=f"@{HANDLE}")).to_have_count(0)
    return new


def _audits(page: Page, folder: Path) -> None:
    page.get_by_label("Account or person").fill(f"x:{HANDLE}")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tr", has_text="Priya Nair")).to_be_visible()
    expect(page.locator("tr", has_text="Helen Okafor").first).to_contain_text("Appointment")
    page.get_by_role("link", name="Export").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    path = folder / "history.csv"
    download.value.save_as(path)
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["account"] == f"x:{HANDLE}"]
    (priya,) = [row for row in rows if row["person"] == "Priya Nair" and row["ground"] == "request"]
    assert priya["until"]
    assert priya["times_revealed"] == "1"
    assert FIRST_PASSWORD not in path.read_text()


def test_a_rotation_that_was_handed_over_waits_for_its_holder(come_in: Callable[[str], Page]) -> None:
    """Nina Patel of Information Technology started it; the Fire Chief holds the account and goes on."""
    ray = come_in("Fire Chief")
    row = ray.locator(".oa-row", has_text="Handed to you")
    expect(row).to_contain_text("@HutchFireDept on X")
    expect(row).to_contain_text("Nina Patel started a rotation of its password, and it is in your hands now")
    row.get_by_role("link", name="Go on with the rotation").click()
    expect(ray.get_by_text("Started by Nina Patel, and handed over")).to_be_visible()
    ray.get_by_role("button", name="Show both passwords").click()
    expect(ray.locator("#secret-2")).to_be_visible()


# What the city exports


FORMULAS = ("=1+1", "+1-1", "-2+3", "@SUM(A1:A2)")
"""Titles that four people get in a copy of the city: what a spreadsheet would compute."""


@pytest.fixture(scope="module")
def exported(printed: Printed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the access history of the city in all three forms, people with formulas for titles in it."""
    folder = tmp_path_factory.mktemp("exports")
    original = printed.environment["DATABASE_URL"].removeprefix("sqlite:///")
    city = folder / "city.sqlite3"
    with closing(sqlite3.connect(original)) as source, closing(sqlite3.connect(city)) as copy:
        source.backup(copy)
        holders = copy.execute(
            "SELECT DISTINCT person_id FROM credentials_custody ORDER BY 1 LIMIT 4"
        ).fetchall()
        for title, (person,) in zip(FORMULAS, holders, strict=True):
            copy.execute("UPDATE employees_employee SET title = ? WHERE id = ?", [title, person])
        copy.commit()
    environment = {**printed.environment, "DATABASE_URL": f"sqlite:///{city}"}
    for form in ("csv", "jsonl", "xlsx"):
        subprocess.run(
            [
                *(sys.executable, "manage.py", "export_access_history"),
                *("--format", form, "--output", str(folder / f"history.{form}")),
            ],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            timeout=120,
        )
    return folder


def cells(path: Path) -> list[list[Any]]:
    """Every cell of the first sheet."""
    return [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows()]


def test_the_citys_workbook_reads_back_as_text(exported: Path) -> None:
    lines = (exported / "history.jsonl").read_text(encoding="utf-8").splitlines()
    header, *rows = cells(exported / "history.xlsx")
    assert len(rows) == len(lines) > 50
    titles = [cell.value for cell in header].index("title")
    assert set(FORMULAS) <= {row[titles].value for row in rows}
    assert not [cell.coordinate for row in rows for cell in row if cell.data_type == "f"]
    for path in exported.glob("history.???*"):
        if path.suffix != ".json":
            manifest = json.loads(Path(f"{path}.manifest.json").read_text(encoding="utf-8"))
            assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_citys_exports_open_in_libreoffice(exported: Path, tmp_path: Path, form: str) -> None:
    """LibreOffice opens the file, computes what it takes for formulas, and saves it anew."""
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"),
            *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path)),
            str(exported / f"history.{form}"),
        ],
        check=True,
        capture_output=True,
        timeout=280,
    )
    rows = cells(tmp_path / "history.xlsx")
    assert len(rows) == len((exported / "history.jsonl").read_text(encoding="utf-8").splitlines()) + 1
    found = [
        cell for row in rows for cell in row if str(cell.value).lstrip("'").startswith(("=", "+", "-", "@"))
    ]
    assert {str(cell.value).lstrip("'") for cell in found} >= set(FORMULAS)
    assert {cell.data_type for cell in found} == {"s"}
