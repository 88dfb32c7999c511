"""A full disk, a locked database, a connection that breaks: an honest 503, no secret, and nothing half-written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.urls import reverse

from audit import clock
from audit.actions import Verb
from audit.models import Entry, SecurityEvent
from credentials.models import Credential, Knowledge
from tests.cast import City, client_of
from tests.credentials.accounts import SECRET, deposited, open_account

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture
def credential(city: City) -> Credential:
    return deposited(city.helen, open_account(city.dana, city.zoo))


def reveal(city: City, credential: Credential) -> HttpResponse:
    client = client_of(city.dana)
    client.raise_request_exception = False
    answer: Any = client.post(reverse("credentials:reveal", args=[credential.pk]))
    assert isinstance(answer, HttpResponse)
    return answer


def whole() -> tuple[int, int]:
    """Reveals by the ledger and by what people know: always the same number."""
    counts = (
        Entry.objects.filter(verb=Verb.SECRET_REVEAL).count(),
        Knowledge.objects.filter(how=Knowledge.How.REVEAL).count(),
    )
    assert counts[0] == counts[1], counts
    return counts


def honest(answer: Any) -> None:
    text = answer.content.decode()
    assert answer.status_code == 503, text[:500]
    assert SECRET not in text
    assert "No password was shown" in text
    assert answer["Retry-After"] == "60"
    assert "no-store" in answer["Cache-Control"]


def _fill() -> None:
    for place in range(100_000):
        SecurityEvent.objects.create(hour=clock.now(), kind="forbidden", about=f"{place:064}")


@contextmanager
def full_disk() -> Iterator[None]:
    """SQLite may not grow any more, and every page that it has is full; PostgreSQL says that its disk is."""
    with connection.cursor() as cursor:
        if POSTGRESQL:
            cursor.execute(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry EXECUTE FUNCTION full_disk()"
            )
        else:
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    if not POSTGRESQL:
        with pytest.raises(OperationalError, match="full"):
            _fill()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if POSTGRESQL:
                cursor.execute("DROP TRIGGER full_disk ON audit_entry")
                cursor.execute("DROP FUNCTION full_disk()")
            else:
                cursor.execute("PRAGMA max_page_count = 1073741823")


def other_connection() -> Any:
    """One to the same database that Django knows nothing of."""
    if not POSTGRESQL:
        return sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, timeout=5)
    import psycopg

    parameters = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(**{name: parameters[name] for name in wanted if parameters.get(name)})


def test_a_full_disk(city: City, credential: Credential) -> None:
    before = whole()
    with full_disk():
        served = 0
        while (
            answer := reveal(city, credential)
        ).status_code == 200:  # SQLite's last pages have some room yet
            served += 1
            assert served < 50
        honest(answer)
        honest(reveal(city, credential))
    assert whole() == (before[0] + served, before[1] + served)
    assert SECRET in reveal(city, credential).content.decode()


def test_a_locked_database(city: City, credential: Credential) -> None:
    before, other = whole(), other_connection()
    client = client_of(city.dana)
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'" if POSTGRESQL else "PRAGMA busy_timeout = 300")
    other.execute("LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE" if POSTGRESQL else "BEGIN IMMEDIATE")
    try:
        honest(client.post(reverse("credentials:reveal", args=[credential.pk])))
    finally:
        other.rollback()
        other.close()
    assert whole() == before
    assert SECRET in reveal(city, credential).content.decode()


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite has no connection that could break")
def test_a_connection_that_breaks_at_any_statement(city: City, credential: Credential) -> None:
    """The server ends the session before each statement in turn, those of signing in and of rendering included."""
    other, broke = other_connection(), 0
    other.autocommit = True
    for at in range(1, 200):
        client = client_of(city.dana)
        client.raise_request_exception = False
        count = 0

        def break_it(execute: Any, *arguments: Any, at: int = at) -> Any:
            nonlocal count
            count += 1
            if count == at:
                pid = connection.connection.info.backend_pid
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
                while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone():
                    pass
            return execute(*arguments)

        with connection.execute_wrapper(break_it):
            answer = client.post(reverse("credentials:reveal", args=[credential.pk]))
        connection.close()
        whole()
        if count < at:
            assert SECRET in answer.content.decode()
            break
        broke += 1
        text = answer.content.decode()
        assert SECRET not in text, at
        assert answer.status_code == 503, (at, text[:300])
    else:
        pytest.fail("there was no end to it")
    other.close()
    assert broke > 10
    print(f"broken at each of {broke} statements")
