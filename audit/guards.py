"""What makes tables append-only in the database itself, on both databases.

SQLite needs a guard against INSERT OR REPLACE, PostgreSQL one against TRUNCATE; plain row triggers miss both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection as default_connection
from django.db.backends.base.base import BaseDatabaseWrapper

GUARDED: dict[str, str] = {}
"""Append-only tables by name, each with the column that tells its rows apart. Rooms add theirs when they load."""


def guard(table: str, key: str) -> None:
    """Name `table` as append-only. Its migration calls `install_table`."""
    GUARDED[table] = key


guard("audit_entry", "index")
guard("audit_checkpoint", "size")
guard("audit_subtree", "place")


def install_table(connection: BaseDatabaseWrapper, table: str, key: str) -> None:
    """Create the triggers of one table."""
    with connection.cursor() as cursor:
        for statement in _creation(connection.vendor, table, key):
            cursor.execute(statement)


def remove_table(connection: BaseDatabaseWrapper, table: str) -> None:
    """Drop the triggers of one table."""
    with connection.cursor() as cursor:
        for statement in _removal(connection.vendor, table):
            cursor.execute(statement)


@contextmanager
def lifted(connection: BaseDatabaseWrapper = default_connection) -> Iterator[None]:
    """No guards within the block. For the tests' flush alone; it needs the role that owns the tables."""
    for table in GUARDED:
        remove_table(connection, table)
    try:
        yield
    finally:
        for table, key in GUARDED.items():
            install_table(connection, table, key)


def forwards(table: str, key: str) -> Any:
    """A migration's RunPython function that guards `table`."""

    def run(_apps: Any, schema_editor: Any) -> None:
        install_table(schema_editor.connection, table, key)

    return run


def backwards(table: str) -> Any:
    """A migration's RunPython function that lifts the guard of `table`."""

    def run(_apps: Any, schema_editor: Any) -> None:
        remove_table(schema_editor.connection, table)

    return run


def _creation(vendor: str, table: str, key: str) -> list[str]:
    refusal = f"{table} is append-only"
    if vendor == "sqlite":
        stop = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        exists = f'EXISTS (SELECT 1 FROM "{table}" WHERE "{key}" = NEW."{key}")'  # noqa: S608
        return [
            f'CREATE TRIGGER "{table}_no_update" BEFORE UPDATE ON "{table}" {stop}',
            f'CREATE TRIGGER "{table}_no_delete" BEFORE DELETE ON "{table}" {stop}',
            f'CREATE TRIGGER "{table}_no_replace" BEFORE INSERT ON "{table}" WHEN {exists} {stop}',
        ]
    return [
        f'CREATE OR REPLACE FUNCTION "{table}_refuse"() RETURNS trigger LANGUAGE plpgsql AS '
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
        f'CREATE TRIGGER "{table}_no_change" BEFORE UPDATE OR DELETE ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{table}_refuse"()',
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
        f'FOR EACH STATEMENT EXECUTE FUNCTION "{table}_refuse"()',
        f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "{table}_no_change"',
        f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "{table}_no_truncate"',
    ]


def _removal(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        names = ("no_update", "no_delete", "no_replace")
        return [f'DROP TRIGGER IF EXISTS "{table}_{name}"' for name in names]
    return [f'DROP TRIGGER IF EXISTS "{table}_{name}" ON "{table}"' for name in ("no_change", "no_truncate")]
