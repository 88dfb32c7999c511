"""A full disk, a locked database, a connection that breaks: an honest 503, no secret, and nothing half-written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from post_office.models import Email

from audit import clock
from audit.actions import Verb
from audit.models import Entry, SecurityEvent
from credentials import breakglass, rotation
from credentials.models import EmergencyAccess, Knowledge, SecretVersion
from tests.cast import City, client_of
from tests.credentials.accounts import SECRET, deposited, open_account

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = connection.vendor == "postgresql"


@dataclass
class Act:
    """Something that shows or takes a secret, through its page. `ask` does it once more; it may always be done again.

    `kept` is how many rows of knowledge and of versions come with each of its entries.
    """

    verb: Verb
    first: str
    address: str
    kept: tuple[int, int] = (1, 0)
    shows: bool = True
    data: dict[str, str] = field(default_factory=dict)
    times: int = 0

    def ask(self, city: City) -> Any:
        self.times += 1
        client = client_of(getattr(city, self.first))
        client.raise_request_exception = False
        return client.post(self.address, {name: f"{text}{self.times}" for name, text in self.data.items()})

    def done(self) -> tuple[int, int, int]:
        """Its entries, and what stands in the tables: always in step."""
        entries = Entry.objects.filter(verb=self.verb).count()
        knowledge, versions = Knowledge.objects.count(), SecretVersion.objects.count()
        return entries, knowledge - self.kept[0] * entries, versions - self.kept[1] * entries


@pytest.fixture(params=["reveal", "rotation", "deposit", "emergency", "emergency again"])
def act(request: pytest.FixtureRequest, city: City, settings: Any) -> Act:
    settings.REVEAL_RATE = "1000/m/user"
    zoo = deposited(city.helen, open_account(city.dana, city.zoo))
    if request.param == "reveal":
        return Act(Verb.SECRET_REVEAL, "dana", reverse("credentials:reveal", args=[zoo.pk]))
    if request.param == "rotation":
        started = rotation.start(actor=city.marcus, credential=zoo)
        rotation.show(actor=city.marcus, rotation=started)
        return Act(Verb.ROTATION_SHOW, "sam", reverse("credentials:rotation_show", args=[zoo.pk]), (2, 0))
    if request.param == "deposit":
        typed = {"login": "social", "password": "canary-Deposit!77-"}
        address = reverse("credentials:deposit", args=[zoo.pk])
        return Act(Verb.SECRET_DEPOSIT, "helen", address, (1, 1), shows=False, data=typed)
    if request.param == "emergency":
        address = reverse("credentials:break_glass", args=[zoo.pk])
        return Act(Verb.EMERGENCY_OPEN, "sam", address, data={"reason": "The river rises; nobody answers "})
    broken, _shown = breakglass.open_glass(
        actor=city.sam, credential=zoo, reason="The river rises; nobody answers."
    )
    return Act(Verb.EMERGENCY_SHOW, "sam", reverse("credentials:emergency_show", args=[broken.pk]))


def served(act: Act, answer: Any) -> bool:
    """Whether the answer is what the act gives when all is well."""
    if act.shows:
        return answer.status_code == 200 and SECRET in answer.content.decode()
    return bool(answer.status_code == 302)


def honest(answer: Any) -> None:
    text = answer.content.decode()
    assert answer.status_code == 503, text[:500]
    assert SECRET not in text
    assert "canary" not in text
    assert "No password was shown" in text
    assert "Information Technology" in text
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


def test_a_full_disk(city: City, act: Act) -> None:
    with full_disk():
        while served(act, answer := act.ask(city)):  # SQLite's last pages have some room yet
            assert act.times < 50
        honest(answer)
        before = act.done()
        emergencies = EmergencyAccess.objects.count(), Email.objects.count()
        honest(act.ask(city))
        assert act.done() == before
        assert (EmergencyAccess.objects.count(), Email.objects.count()) == emergencies
    assert served(act, act.ask(city))
    assert act.done() == (before[0] + 1, *before[1:])


def test_a_locked_database(city: City, act: Act) -> None:
    before, other = act.done(), other_connection()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'" if POSTGRESQL else "PRAGMA busy_timeout = 300")
    client = client_of(getattr(city, act.first))
    client.raise_request_exception = False
    other.execute("LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE" if POSTGRESQL else "BEGIN IMMEDIATE")
    try:
        honest(client.post(act.address, {name: f"{text}0" for name, text in act.data.items()}))
    finally:
        other.rollback()
        other.close()
    assert act.done() == before
    assert served(act, act.ask(city))


def test_a_ledger_that_refuses_entries(city: City, act: Act) -> None:
    """A trigger, or a database role that may no longer insert: not a full disk, and the page says so."""
    before = act.done()
    with connection.cursor() as cursor:
        if POSTGRESQL:
            cursor.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'permission denied' USING ERRCODE = '42501'; END $$"
            )
            cursor.execute("CREATE TRIGGER refuse BEFORE INSERT ON audit_entry EXECUTE FUNCTION refuse()")
        else:
            cursor.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
    try:
        answer = act.ask(city)
        honest(answer)
        assert "could not be written down in the ledger" in answer.content.decode()
        assert act.done() == before
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse" + (" ON audit_entry" if POSTGRESQL else ""))
            if POSTGRESQL:
                cursor.execute("DROP FUNCTION refuse()")
    assert served(act, act.ask(city))


@pytest.mark.skipif(not POSTGRESQL, reason="SQLite has no connection that could break")
def test_a_connection_that_breaks_at_any_statement(city: City, act: Act) -> None:
    """The server ends the session before each statement in turn, those of signing in and of rendering included.

    A deposit may be whole by then and only its page be missing: entries and rows are in step at every break.
    """
    other, broke, before = other_connection(), 0, act.done()
    other.autocommit = True
    for at in range(1, 200):
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

        client = client_of(getattr(city, act.first))
        client.raise_request_exception = False
        typed = {name: f"{text}{at}" for name, text in act.data.items()}
        entries = act.done()[0]
        with connection.execute_wrapper(break_it):
            answer: Any = client.post(act.address, typed)
        connection.close()
        assert act.done()[1:] == before[1:], at
        if count < at:
            assert served(act, answer)
            break
        broke += 1
        if act.verb == Verb.EMERGENCY_SHOW and served(act, answer):
            # It was recorded and committed; only the checkpoint that is signed after it has to wait.
            assert act.done()[0] == entries + 1, at
            continue
        honest(answer)
    else:
        pytest.fail("there was no end to it")
    other.close()
    assert broke > 10
    print(f"broken at each of {broke} statements")
