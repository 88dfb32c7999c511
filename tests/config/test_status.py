"""Status and /healthz: one line for each thing that could stop the system."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import mail as django_mail
from django.test import Client
from django.utils import timezone
from post_office.models import STATUS, Email, Log

from audit import clock, condition
from audit.actions import Verb
from audit.condition import Condition
from audit.models import Entry
from config import daily
from employees import outbox
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account

pytestmark = pytest.mark.django_db


def health() -> tuple[int, dict[str, str]]:
    answer = Client().get("/healthz")
    return answer.status_code, answer.json()


def test_all_is_well_and_a_late_daily_run_is_not(city: City) -> None:
    daily.run()
    code, words = health()
    assert code == 200
    assert words["database"] == words["mail"] == words["daily"] == words["vault"] == "ok"
    with clock.moved_to(clock.now() + timedelta(hours=27)):
        assert health()[0] == 503
        assert health()[1]["daily"] == "late"
        assert "It has not run for more than a day" in client_of(city.sam).get("/status/").text


def test_mail_that_stands_still_and_mail_given_up_are_said(city: City) -> None:
    outbox.queue(["helen@hutch.example"], subject="To you", text="x")
    assert health()[1]["mail"] == "ok"
    Email.objects.update(created=timezone.now() - timedelta(hours=1))
    assert health()[1]["mail"] == "late"
    Email.objects.update(status=STATUS.failed)
    Log.objects.create(
        email=Email.objects.get(), status=STATUS.failed, message="550 no such box", exception_type="SMTPError"
    )
    assert health() == (503, {**health()[1], "mail": "failed"})
    client = client_of(city.sam)
    page = client.get("/status/").text
    assert "SMTPError: 550 no such box" in page
    answer = client.post("/status/mail/again/", follow=True)
    assert "1 mail is in the queue again." in answer.text
    assert Entry.objects.filter(verb=Verb.MAIL_REQUEUE, actor_id=str(city.sam.pk)).count() == 1
    outbox.deliver()
    assert [one.subject for one in django_mail.outbox] == ["To you"]


def test_the_backup_is_watched_by_its_mark(city: City, settings: Any, tmp_path: Path) -> None:
    assert health()[1]["backup"] == "not watched"
    mark = tmp_path / "backup"
    settings.BACKUP_STAMP_FILE = str(mark)
    assert health()[1]["backup"] == "missing"
    mark.touch()
    assert health()[1]["backup"] == "ok"
    old = time.time() - 30 * 60 * 60
    os.utime(mark, (old, old))
    assert health() == (503, {**health()[1], "backup": "late"})


def test_another_room_adds_its_line_and_one_that_fails_is_a_condition(city: City) -> None:
    def broken() -> Condition:
        raise ValueError

    condition.register("broken", "Broken thing", broken, place=99)
    try:
        assert health()[1]["broken"] == "unknown"
        assert "Broken thing" in client_of(city.sam).get("/status/").text
    finally:
        condition._checks.pop("broken")


def test_a_key_file_that_lacks_a_key_is_told_from_one_that_is_missing(
    city: City, settings: Any, tmp_path: Path
) -> None:
    deposited(city.helen, open_account(city.dana, city.zoo))
    right = settings.VAULT_KEYS_FILE
    other = tmp_path / "other.keys"
    other.write_bytes(Fernet.generate_key())
    other.chmod(0o600)
    for path, word in ((str(other), "wrong key"), (str(tmp_path / "none"), "no keys"), (right, "ok")):
        settings.VAULT_KEYS_FILE = path
        answer = Client().get("/healthz")
        assert (answer.json()["vault"], answer.status_code) == (word, 200 if word == "ok" else 503)
    settings.VAULT_KEYS_FILE = str(other)
    text = client_of(city.sam).get("/status/").content.decode()
    assert "a key that sealed some is missing" in text
