"""Whatever somebody with the database does to the ledger or to the tables it proves, verification names it."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import canonical, guards
from audit.models import Entry
from audit.verification import verify
from credentials.models import (
    CredentialUserObjectPermission,
    Custody,
    Ground,
    Knowledge,
    SecretVersion,
)
from employees.models import Appointment
from tests.cast import City
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(city: City) -> None:
    rotated(city.sam, deposited(city.helen, open_account(city.dana, city.zoo)))


def test_an_untouched_ledger_is_sound(history: None) -> None:
    verdict = verify()
    assert verdict.findings == []
    assert verdict.entries == Entry.objects.count() > 50


def edit(entry: Entry, **changes: Any) -> None:
    Entry.objects.filter(index=entry.index).update(**changes)


def shift(entry: Entry) -> None:
    edit(entry, at=entry.at.replace(microsecond=(entry.at.microsecond + 1) % 1_000_000))


def retell(entry: Entry) -> None:
    """Another text with a right leaf: what a clever editor does."""
    content = json.loads(entry.canonical)
    content["object"]["text"] = "Somebody else"
    text = canonical.line(content)
    edit(entry, canonical=text, leaf=canonical.leaf(text))


def reverb(entry: Entry) -> None:
    content = json.loads(entry.canonical)
    content["verb"] = "accounts.account.describe"
    text = canonical.line(content)
    edit(entry, canonical=text, leaf=canonical.leaf(text))


MUTATIONS: dict[str, Callable[[Entry], None]] = {
    "verb": lambda entry: edit(entry, verb="accounts.account.describe"),
    "time": shift,
    "actor": lambda entry: edit(entry, actor_id="999"),
    "actor's name": lambda entry: edit(entry, actor_text="Somebody else"),
    "object's type": lambda entry: edit(entry, object_type="x"),
    "object": lambda entry: edit(entry, object_id="999"),
    "object's name": lambda entry: edit(entry, object_text="Another thing"),
    "operation": lambda entry: edit(entry, operation="00000000-0000-0000-0000-000000000000"),
    "text": lambda entry: edit(entry, canonical=entry.canonical.replace("2", "3", 1)),
    "space in the text": lambda entry: edit(entry, canonical=entry.canonical + " "),
    "leaf": lambda entry: edit(entry, leaf=b"\x00" * 32),
    "text and leaf": retell,
    "verb with leaf": reverb,
    "gone": lambda entry: edit(entry, index=10_000 + entry.index),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_changed_entry_is_named(history: None, mutation: str) -> None:
    with guards.lifted(connection):
        for index in (5, Entry.objects.count() // 2, Entry.objects.count()):
            entry = Entry.objects.get(index=index)
            MUTATIONS[mutation](entry)
            verdict = verify()
            assert verdict.findings, f"{mutation} of entry {index} was not found"
            assert str(index) in verdict.findings[0] or mutation == "gone"
            Entry.objects.filter(index__in=(index, 10_000 + index)).delete()
            entry.save(force_insert=True)
    assert verify().sound


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (Custody, {"end_reason": "because"}),
        (Custody, {"person_id": 1}),
        (Ground, {"authority": "a better paper"}),
        (Ground, {"effective_from": "2020-01-01T00:00:00Z"}),
        (Knowledge, {"at": "2020-01-01T00:00:00Z"}),
        (SecretVersion, {"state": "retired"}),
        (Appointment, {"start": "2020-01-01"}),
    ],
)
def test_a_changed_row_of_a_proved_table_is_named(
    history: None, city: City, table: Any, changes: dict[str, Any]
) -> None:
    row = table.objects.latest("pk") if table is not SecretVersion else table.objects.get(number=1)
    changes = {**changes, "person_id": city.noah.pk} if "person_id" in changes else changes
    table.objects.filter(pk=row.pk).update(**changes)
    finding = verify().findings[0]
    assert table._meta.label_lower in finding
    assert str(row.pk) in finding
    assert next(iter(changes)) in finding


def test_a_deleted_and_an_added_row_are_named(history: None) -> None:
    row = Knowledge.objects.latest("pk")
    row.delete()
    assert "no longer has" in verify().findings[0]
    row.save(force_insert=True)
    added = Knowledge.objects.latest("pk")
    added.pk = None
    added.save(force_insert=True)
    assert any("no entry tells of" in finding for finding in verify().findings)


def test_the_command_exits_1_and_names_the_first_finding(history: None) -> None:
    out, err = StringIO(), StringIO()
    call_command("verify_ledger", stdout=out, stderr=err)
    assert "the tables agree" in out.getvalue()
    with guards.lifted(connection):
        Entry.objects.filter(index=7).update(actor_text="Somebody else")
    with pytest.raises((SystemExit, CommandError)):
        call_command("verify_ledger", stdout=out, stderr=err)
    assert "entry 7" in err.getvalue()


def test_export_ledger_gives_the_texts_whose_hashes_are_the_leaves(history: None, tmp_path: Any) -> None:
    path = tmp_path / "ledger.ndjson"
    call_command("export_ledger", output=str(path), stdout=StringIO())
    lines = path.read_text(encoding="utf-8").splitlines()
    leaves = [bytes(leaf) for leaf in Entry.objects.order_by("index").values_list("leaf", flat=True)]
    assert [canonical.leaf(line) for line in lines] == leaves[:-1]  # all but the one that says it is complete


def test_a_permission_without_custody_and_a_custody_without_permission_are_named(
    history: None, city: City
) -> None:
    row = CredentialUserObjectPermission.objects.latest("pk")
    CredentialUserObjectPermission.objects.filter(pk=row.pk).update(user=city.noah)
    findings = " ".join(verify().findings)
    assert f"permission of person {city.noah.pk}" in findings
    assert f"custody of person {row.user_id}" in findings
