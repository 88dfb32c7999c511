"""Entries and changes exist together or not at all, in one unbroken order that the database itself protects."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit import canonical, clock, ledger
from audit.actions import Verb
from audit.ledger import NotInAService, Ref, record, service
from audit.models import Entry

pytestmark = pytest.mark.django_db

THING = Ref("tests.thing", "7", "A thing")


def note(**data: Any) -> None:
    record(Verb.DAILY_RUN, actor=None, obj=THING, **data)


def numbers() -> list[int]:
    return list(Entry.objects.order_by("index").values_list("index", flat=True))


def test_entries_are_numbered_without_a_hole() -> None:
    before = len(numbers())

    @service
    def three() -> None:
        for place in range(3):
            note(place=place)

    three()
    three()

    assert numbers() == list(range(1, before + 7))


def test_many_entries_of_one_act_keep_their_order_and_share_its_operation() -> None:
    @service
    def many() -> None:
        for place in range(ledger.CHUNK + 50):
            note(place=place)

    many()

    last = Entry.objects.order_by("-index")[: ledger.CHUNK + 50]
    places = [json.loads(entry.canonical)["data"]["place"] for entry in reversed(last)]
    assert places == list(range(ledger.CHUNK + 50))
    assert len({entry.operation for entry in last}) == 1
    assert numbers() == list(range(1, len(numbers()) + 1))


def test_a_service_that_fails_leaves_no_entry() -> None:
    before = numbers()

    @service
    def fails() -> None:
        note()
        raise LookupError

    with pytest.raises(LookupError):
        fails()

    assert numbers() == before


def test_a_nested_service_that_fails_takes_only_its_own_entries_along() -> None:
    before = len(numbers())

    @service
    def inner() -> None:
        note(which="inner")
        raise LookupError

    @service
    def outer() -> None:
        note(which="outer")
        try:
            inner()
        except LookupError:
            note(which="outer again")

    outer()

    told = [
        json.loads(text)["data"]["which"]
        for text in Entry.objects.filter(index__gt=before)
        .order_by("index")
        .values_list("canonical", flat=True)
    ]
    assert told == ["outer", "outer again"]


def test_recording_outside_a_service_is_refused() -> None:
    with pytest.raises(NotInAService):
        note()


def test_an_unknown_verb_is_an_error() -> None:
    @service
    def unheard_of() -> None:
        record("things.thing.juggle", actor=None, obj=THING)  # type: ignore[arg-type]

    with pytest.raises(ValueError, match="juggle"):
        unheard_of()


def test_the_leaf_is_rfc_6962_over_the_canonical_text() -> None:
    @service
    def one() -> None:
        note(day=clock.today())

    one()

    entry = Entry.objects.latest("index")
    expected = hashlib.sha256(b"\x00" + entry.canonical.encode()).digest()
    assert bytes(entry.leaf) == expected
    assert "\n" not in entry.canonical
    assert entry.canonical == canonical.line(json.loads(entry.canonical))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET verb = 'x' WHERE \"index\" = 1",
        'DELETE FROM audit_entry WHERE "index" = 1',
        "DELETE FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_or_delete_entries(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_to_replace_or_truncate() -> None:
    entry = Entry.objects.get(index=1)
    if connection.vendor == "sqlite":
        columns = 'INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE "index" = 1'
    else:
        columns = "TRUNCATE audit_entry"
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(columns)
    assert Entry.objects.get(index=1).canonical == entry.canonical


def test_postgresql_refuses_an_upsert() -> None:
    entry = Entry.objects.get(index=1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.bulk_create(
            [Entry(**{f.attname: getattr(entry, f.attname) for f in Entry._meta.concrete_fields})],
            update_conflicts=True,
            unique_fields=["index"],
            update_fields=["verb"],
        )
