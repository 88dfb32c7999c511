"""Checkpoints are signed, kept, published and mailed; with one of them outside, nobody rewrites what came before."""

from __future__ import annotations

import base64
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from audit import canonical, checkpoints, guards, merkle, notes, signing, subtrees, verification
from audit.actions import Verb
from audit.ledger import Ref, record, service
from audit.models import Checkpoint, Entry, Subtree
from employees import outbox

pytestmark = pytest.mark.django_db

THING = Ref("tests.thing", "7", "A thing")


@service
def grow(count: int) -> None:
    for place in range(count):
        record(Verb.DAILY_RUN, actor=None, obj=THING, place=place)


def leaves() -> list[bytes]:
    return [bytes(leaf) for leaf in Entry.objects.order_by("index").values_list("leaf", flat=True)]


def naive(hashes: list[bytes]) -> bytes:
    """As RFC 6962 writes it down."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return merkle.node(naive(hashes[:split]), naive(hashes[split:]))


def test_a_checkpoint_signs_the_root_of_all_entries_however_it_was_come_by() -> None:
    for count in (3, 250, 1, 300, 0):
        grow(count)
        made = checkpoints.make(actor=None)
        assert notes.opened(made.note, signing.load().verifiers).size == made.size == Entry.objects.count()
        assert bytes(made.root) == naive(leaves())
    assert Subtree.objects.count() == Entry.objects.count() >> 8
    assert Checkpoint.objects.count() == 4
    verdict = verification.verify(replay=False)
    assert verdict.findings == []
    assert (verdict.kept, verdict.root) == (4, naive(leaves()))


def test_proofs_between_any_two_are_published_and_hold(client: Client) -> None:
    for count in (5, 300, 90):
        grow(count)
        checkpoints.make(actor=None)
    kept = {row.size: row for row in Checkpoint.objects.all()}
    assert client.get("/ledger/checkpoints").text.split() == [
        str(size) for size in sorted(kept, reverse=True)
    ]
    assert client.get("/ledger/checkpoint").text == kept[max(kept)].note
    for old in kept:
        assert client.get(f"/ledger/checkpoint/{old}").text == kept[old].note
        for new in (size for size in kept if size >= old):
            answer = client.get(f"/ledger/consistency/{old}/{new}")
            proof = [base64.b64decode(line) for line in answer.text.split()]
            merkle.check_consistency(old, new, bytes(kept[old].root), bytes(kept[new].root), proof)
    assert client.get("/ledger/consistency/1/2").status_code == 404
    assert client.get(f"/ledger/consistency/{max(kept)}/{min(kept)}").status_code == 409
    assert signing.load().signer.verifier.spelt() in client.get("/ledger/key").text


def test_an_act_that_cannot_wait_is_followed_by_a_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "_after", {Verb.DAILY_RUN.value})
    grow(2)
    assert Checkpoint.objects.get().size == Entry.objects.count()
    assert Checkpoint.objects.get().occasion == Verb.DAILY_RUN.value


def test_it_is_mailed_to_who_keeps_it(settings: Any, mailoutbox: list[Any]) -> None:
    settings.LEDGER_CHECKPOINT_TO = ["auditor@county.example"]
    made = checkpoints.make(actor=None)
    outbox.deliver()
    assert mailoutbox[0].to == ["auditor@county.example"]
    assert made.note in mailoutbox[0].body


def rewrite_from(index: int) -> None:
    """Another text at `index` with a right leaf, and every kept checkpoint and hash thrown away."""
    entry = Entry.objects.get(index=index)
    text = entry.canonical.replace("A thing", "Another", 1)
    assert text != entry.canonical
    with guards.lifted(connection):
        Entry.objects.filter(index=index).update(
            canonical=text,
            leaf=canonical.leaf(text),
            object_text=entry.object_text.replace("A thing", "Another"),
        )
        Checkpoint.objects.all().delete()
        Subtree.objects.all().delete()


def test_a_checkpoint_outside_finds_what_was_rewritten(tmp_path: Path) -> None:
    first = Entry.objects.count()
    grow(20)
    file = tmp_path / "outside"
    file.write_text(checkpoints.make(actor=None).note)
    grow(5)
    rewrite_from(first + 12)
    assert verification.verify(replay=False).sound, "without the outside copy nobody can tell"
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_ledger", checkpoint=[str(file)], no_replay=True, stdout=StringIO(), stderr=err)
    assert f"another root; among 1 to {first + 20}" in err.getvalue()


def test_two_histories_are_never_signed() -> None:
    grow(20)
    checkpoints.make(actor=None)
    with guards.lifted(connection):
        entry = Entry.objects.latest("index")
        Entry.objects.filter(index=entry.index).update(
            canonical=entry.canonical.replace("A thing", "Another")
        )
    grow(1)
    with pytest.raises(checkpoints.Inconsistent, match="not those of the last checkpoint"):
        checkpoints.make(actor=None)


def test_after_a_restore_it_says_how_far_behind_the_ledger_is(tmp_path: Path) -> None:
    first = Entry.objects.count()
    grow(20)
    file = tmp_path / "outside"
    file.write_text(checkpoints.make(actor=None).note)
    with guards.lifted(connection):
        Entry.objects.filter(index__gt=first + 13).delete()
        Checkpoint.objects.all().delete()
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_ledger", checkpoint=[str(file)], no_replay=True, stdout=StringIO(), stderr=err)
    assert f"holds {first + 13} entries: it lies 7 behind the checkpoint of {first + 20}" in err.getvalue()


@pytest.mark.parametrize("table", ["audit_checkpoint", "audit_subtree"])
def test_the_database_refuses_to_change_checkpoints_and_kept_hashes(table: str) -> None:
    grow(300)
    checkpoints.make(actor=None)
    key = {"audit_checkpoint": "size", "audit_subtree": "place"}[table]
    statements = [f"UPDATE {table} SET {key} = 9", f"DELETE FROM {table}"]
    if connection.vendor == "sqlite":
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        statements.append(f"TRUNCATE {table}")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)


def test_a_key_file_that_others_may_read_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.LEDGER_KEY_FILE = str(tmp_path / "key")
    signing.generate(tmp_path / "key", name="hutch.example/log")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(signing.NoSigningKey, match="open to others"):
        checkpoints.make(actor=None)


def test_a_broken_export_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grow(20)
    checkpoints.make(actor=None)
    monkeypatch.setattr("audit.merkle.Tree.root", lambda tree: b"")
    with pytest.raises(Exception, match="another root"):
        call_command("export_ledger", output=str(tmp_path / "out"), stdout=StringIO())
    assert list(tmp_path.iterdir()) == []


def test_none_is_lost_between_two_batches_of_kept_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a first checkpoint, or the first for 256,000 entries."""
    monkeypatch.setattr(subtrees, "BATCH", 2)
    grow(7 * subtrees.WIDTH)
    made = checkpoints.make(actor=None)
    kept = list(Subtree.objects.order_by("place").values_list("place", flat=True))
    assert kept == [subtrees.place(subtrees.STEP, number) for number in range(7)]
    assert bytes(made.root) == bytes.fromhex(checkpoints.head().root) == merkle_root()


def merkle_root() -> bytes:
    tree = merkle.Tree()
    tree.extend(leaves())
    return tree.root()
