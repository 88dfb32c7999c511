"""What the tables' owner can do besides changing values: lift guards, store values in other forms, plan ahead."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from audit import checkpoints, guards, subtrees
from audit.models import Subtree
from audit.verification import verify
from config import conditions
from tests.audit.test_mutations import undone
from tests.cast import City, designate
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db

on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite keeps what it is given")
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="for PostgreSQL's own ways")


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture
def lived(city: City) -> None:
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    rotated(city.sam, deposited(city.helen, open_account(city.dana, city.zoo)))
    assert verify().sound


@pytest.mark.parametrize("table", sorted(guards.GUARDED))
def test_a_guard_that_is_gone_is_named(table: str) -> None:
    assert list(guards.differences()) == []
    guards.remove_table(connection, table)
    named = list(guards.differences())
    assert len(named) == {"sqlite": 3, "postgresql": 2}[connection.vendor]
    assert all(f"of the table {table} is gone" in one for one in named)
    assert not verify(replay=False).sound
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_ledger", no_replay=True, stdout=StringIO(), stderr=err)
    assert f"WRONG the guard {table}_no_" in err.getvalue()
    told = conditions.checkpoint()
    assert (told.word, told.fine) == ("unguarded", False)


OTHER_GUARDS = {
    "sqlite": (
        (
            "DROP TRIGGER audit_entry_no_update",
            'CREATE TRIGGER "audit_entry_no_update" BEFORE UPDATE ON "audit_entry" WHEN 0 BEGIN SELECT 1; END',
        ),
        (
            "CREATE TRIGGER helpful AFTER INSERT ON audit_entry "
            "BEGIN DELETE FROM audit_subtree WHERE place = 0; END",
        ),
    ),
    "postgresql": (
        ("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_change",),
        ("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_no_change",),  # replicas no longer
        (
            "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NEW; END $$",
        ),
        (
            "DROP TRIGGER audit_entry_no_change ON audit_entry",
            "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OF leaf OR DELETE ON audit_entry "
            "FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
            "ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_change",
        ),
        (
            "DROP TRIGGER audit_entry_no_change ON audit_entry",
            "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry "
            "FOR EACH ROW WHEN (OLD.index = 0) EXECUTE FUNCTION audit_entry_refuse()",
            "ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_no_change",
        ),
        ("CREATE RULE quiet AS ON INSERT TO audit_entry DO INSTEAD NOTHING",),
        ("ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY",),
    ),
}


@pytest.mark.parametrize("number", range(7))
def test_a_guard_that_no_longer_guards_is_named(db: None, number: int) -> None:
    ways = OTHER_GUARDS[connection.vendor]
    if number >= len(ways):
        pytest.skip("SQLite has fewer ways")
    execute(*ways[number])
    assert any("audit_entry" in one for one in guards.differences())


def last(table: str, assignment: str, key: str = "rowid") -> str:
    return f"UPDATE {table} SET {assignment} WHERE {key} = (SELECT max({key}) FROM {table})"


def fifth(assignment: str) -> str:
    return f'UPDATE audit_entry SET {assignment} WHERE "index" = 5'


WEEK = "{}-W{:02}-{}".format(*date(2024, 1, 1).isocalendar())
"""Reads as the first of January, and is text that stands behind every day of that year."""

STORED = {
    "a day as its week": last("employees_employment", f"start = '{WEEK}'"),
    "a day without hyphens": last("employees_employment", "start = replace(start, '-', '')"),
    "a flag of two": last("employees_designation", "whole_department = 2"),
    "a moment with its zone": last("credentials_knowledge", "at = at || '+00:00'"),
    "a moment with a T": last("credentials_knowledge", "at = replace(at, ' ', 'T')"),
    "a number with a fraction": last("credentials_secretversion", "number = 1.5"),
    "a number as a word": last("credentials_secretversion", "number = 'one'"),
    "an id in capitals": last("credentials_knowledge", "version_id = upper(version_id)"),
    "a text as bytes": last("credentials_ground", "authority = CAST(authority AS BLOB)"),
    "bytes that are no text": last("credentials_ground", "authority = CAST(x'ff' AS TEXT)"),
    "a text with an end in it": last("credentials_ground", "authority = authority || char(0) || 'x'"),
    "JSON with a space": last("accounts_capability", "roles = roles || ' '"),
    "an entry's time with a T": fifth("at = replace(at, ' ', 'T')"),
    "an entry's time with its zone": fifth("at = at || '+00:00'"),
    "an entry's time that sorts late": fifth("at = replace(at, ' ', '~')"),
    "an entry's time as a number": fifth("at = 5"),
    "an entry's operation in capitals": fifth("operation = upper(operation || '')"),
    "an entry's operation with hyphens": fifth(
        "operation = substr(operation, 1, 8) || '-' || substr(operation, 9)"
    ),
    "an entry's text as bytes": fifth("canonical = CAST(canonical AS BLOB)"),
    "an entry's text as other bytes": fifth("canonical = CAST(x'ff' AS TEXT)"),
    "an entry's name as bytes": fifth("actor_text = CAST(actor_text AS BLOB)"),
    "an entry's name that is no text": fifth("actor_text = CAST(x'ff' AS TEXT)"),
    "an entry's thing as bytes": fifth("object_id = CAST(object_id AS BLOB)"),
    "an entry's thing with an end in it": fifth("object_text = object_text || char(0) || 'x'"),
    "an entry's leaf as text": fifth("leaf = CAST(hex(leaf) AS TEXT)"),
    "an entry between two": fifth('"index" = 5.5'),
    "an entry at a word": fifth("\"index\" = 'five'"),
    "an entry at nought": fifth('"index" = 0'),
}


@on_sqlite
@pytest.mark.parametrize("what", STORED)
def test_what_sqlite_keeps_in_another_form_is_named(lived: None, what: str) -> None:
    with undone():
        with guards.lifted():
            execute(STORED[what])
        assert verify().findings != []


UNUSUAL = {
    "an entry's time at the end of time": fifth("at = 'infinity'"),
    "an entry's time before Christ": fifth("at = '0044-03-15 12:00 BC'"),
    "an entry's time as long before Christ": fifth(
        "at = ((at AT TIME ZONE 'UTC')::text || ' BC')::timestamp AT TIME ZONE 'UTC'"
    ),
    "an entry's time in another zone": fifth("at = at + interval '6 hours'"),
    "a paper without end": last("employees_role", "effective_until = 'infinity'", "id"),
    "a last day without end": last("employees_employment", "\"end\" = 'infinity'", "id"),
    "custody that began before time": last("credentials_custody", "opened_at = '-infinity'", "id"),
}


@on_postgresql
@pytest.mark.parametrize("what", UNUSUAL)
def test_what_postgresql_alone_can_hold_is_named(lived: None, what: str) -> None:
    with undone():
        with guards.lifted():
            execute(UNUSUAL[what])
        assert verify().findings != []


@pytest.mark.parametrize(
    "place", [0, 5, -1, subtrees.place(8, 0), subtrees.place(12, 3), subtrees.place(16, 0)]
)
def test_a_hash_put_where_the_ledger_will_grow_to_is_named(lived: None, place: int) -> None:
    """`grow` would find it there, and a checkpoint be signed over it."""
    Subtree.objects.create(place=place, hash=bytes(32))
    assert any("kept hash" in finding for finding in verify(replay=False).findings)


@pytest.mark.parametrize("change", ["size = size - 1", "root = leaf", "note = replace(note, 'a', 'b')"])
def test_a_changed_checkpoint_is_named(lived: None, change: str) -> None:
    checkpoints.make(actor=None)
    change = change.replace("leaf", '(SELECT leaf FROM audit_entry WHERE "index" = 1)')
    with guards.lifted():
        execute(f"UPDATE audit_checkpoint SET {change}")
    assert any("kept checkpoint" in finding for finding in verify(replay=False).findings)
