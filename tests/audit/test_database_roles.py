"""The role as which the service works in PostgreSQL does its work, and is refused by privilege what triggers refuse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from audit import checkpoints, guards, roles
from audit.models import Entry
from audit.verification import verify
from employees.departments import create_department
from tests.cast import City, client_of
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db
ROLE = f"service_{os.getpid()}"  # roles are the whole server's, and workers share one

on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has no roles; see test_sqlite_has_no_roles"
)


@contextmanager
def as_the_service() -> Iterator[None]:
    """What is done within is done as the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET ROLE "{ROLE}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def refusal(statement: str) -> str:
    """What the database says to `statement`; empty where it does it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return str(error)
    return ""


@on_postgresql
def test_the_service_works_as_its_role(city: City) -> None:
    call_command("database_roles", app_role=ROLE, apply=True, stdout=StringIO())
    before = Entry.objects.count()
    client = client_of(city.eleanor)
    with as_the_service():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone()[0] == ROLE
        create_department(actor=city.carla, code="library", name="Library")
        rotated(city.sam, deposited(city.helen, open_account(city.dana, city.zoo)))
        assert Entry.objects.count() > before + 5
        checkpoints.make(actor=None)
        assert verify().findings == []
        assert client.get("/access/ledger/").status_code == 200


@on_postgresql
@pytest.mark.parametrize("table", guards.GUARDED)
def test_it_is_refused_by_privilege_what_triggers_refuse(city: City, table: str) -> None:
    call_command("database_roles", app_role=ROLE, apply=True, stdout=StringIO())
    key = guards.GUARDED[table]
    with as_the_service():
        for statement in (
            f'UPDATE {table} SET "{key}" = "{key}"',
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f'SELECT 1 FROM {table} WHERE "{key}" = 1 FOR UPDATE',
        ):
            assert f"permission denied for table {table}" in refusal(statement), statement
        for statement in (
            f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_change",
            f"DROP TRIGGER {table}_no_change ON {table}",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} OWNER TO {ROLE}",
        ):
            assert f"must be owner of table {table}" in refusal(statement).replace("relation", "table")
        replaced = (
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NEW; END $$"
        )
        assert any(word in refusal(replaced) for word in ("must be owner", "permission denied"))
        assert "permission denied" in refusal("SET session_replication_role = replica")
        assert "permission denied" in refusal("CREATE TABLE mine (id int)")
        assert "permission denied" in refusal("DELETE FROM django_migrations")


@on_postgresql
def test_what_is_printed_is_what_is_done(city: City) -> None:
    printed = roles.script(ROLE)
    assert printed.startswith(f'BEGIN;\nCREATE ROLE "{ROLE}" LOGIN;')
    with connection.cursor() as cursor:
        for statement in printed.removeprefix("BEGIN;\n").removesuffix("COMMIT;\n").split(";\n"):
            if statement:
                cursor.execute(statement)
    assert list(roles.too_much(ROLE)) == []
    assert "CREATE ROLE" not in roles.script(ROLE)  # it is there by now


@on_postgresql
def test_what_was_granted_before_is_taken_back(city: City) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN")
        cursor.execute(f"GRANT ALL ON audit_entry TO {ROLE}")
        cursor.execute("GRANT DELETE ON audit_entry TO PUBLIC")
        cursor.execute(f"GRANT UPDATE (leaf) ON audit_entry TO {ROLE}")
    assert list(roles.too_much(ROLE)) != []
    roles.apply(ROLE)
    assert list(roles.too_much(ROLE)) == []
    with as_the_service():
        assert "permission denied" in refusal("UPDATE audit_entry SET leaf = ''")


@on_postgresql
@pytest.mark.parametrize(
    ("make", "says"),
    [
        ("CREATE ROLE {role} SUPERUSER", "SUPERUSER"),
        ("CREATE ROLE {role} IN ROLE CURRENT_USER", "can become"),
        ("CREATE ROLE {role} IN ROLE pg_write_all_data", "UPDATE, DELETE on audit_entry"),
    ],
)
def test_a_role_that_could_do_more_all_the_same_is_refused(city: City, make: str, says: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
        cursor.execute(make.format(role=ROLE).replace("CURRENT_USER", owner))
    with pytest.raises(CommandError, match="Nothing was changed") as caught:
        call_command("database_roles", app_role=ROLE, apply=True)
    assert says in str(caught.value)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = %s", [ROLE])
        assert cursor.fetchone()[0] == 0


@on_postgresql
@pytest.mark.parametrize("name", ["", "Robert'); DROP TABLE", 'a"b', "UPPER", "x" * 64])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="no role's name"):
        call_command("database_roles", app_role=name)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has roles")
def test_sqlite_has_no_roles() -> None:
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("database_roles", app_role="service")


@on_postgresql
def test_status_says_when_the_role_can_less_or_more_than_it_should(city: City) -> None:
    monitor = Client()
    assert monitor.get("/healthz").json()["database_role"] == "too much"  # the tests' role owns the tables
    call_command("database_roles", app_role=ROLE, apply=True, stdout=StringIO())
    page = client_of(city.sam)
    with as_the_service():
        assert monitor.get("/healthz").json()["database_role"] == "ok"
        assert f"{ROLE} reads and adds to append-only tables" in page.get("/status/").text
    with connection.cursor() as cursor:  # as a migrate makes it
        cursor.execute("CREATE TABLE later_made (id bigint PRIMARY KEY)")
    with as_the_service():
        answer = monitor.get("/healthz")
        assert (answer.status_code, answer.json()["database_role"]) == (503, "too little")
        assert "cannot work with these tables: later_made" in page.get("/status/").text
    call_command("database_roles", app_role=ROLE, apply=True, stdout=StringIO())
    with as_the_service():
        assert monitor.get("/healthz").json()["database_role"] == "ok"
