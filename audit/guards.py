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


def differences(connection: BaseDatabaseWrapper = default_connection) -> Iterator[str]:
    """One sentence for each guard that is gone, switched off or not as it was made, and for what acts in its stead.

    Whoever owns the tables can lift the guards, write, and forget to put them back.
    """
    there = _on_sqlite(connection) if connection.vendor == "sqlite" else _on_postgresql(connection)
    for table, key in sorted(GUARDED.items()):
        expected = _expected(connection.vendor, table, key)
        for name, definition in expected.items():
            if (table, name) not in there:
                yield f"the guard {name} of the table {table} is gone"
            elif there[table, name] != definition:
                yield f"the guard {name} of the table {table} is switched off or not as it was made"
        for _table, name in sorted(one for one in there if one[0] == table and one[1] not in expected):
            yield f"{name} acts on the table {table}, which has guards alone"


def _expected(vendor: str, table: str, key: str) -> dict[str, object]:
    """The table's guards by name, each as the database tells of it."""
    if vendor == "sqlite":
        return {made.split('"')[1]: made for made in _creation(vendor, table, key)}
    body = f" BEGIN RAISE EXCEPTION '{table} is append-only'; END "
    return {
        f"{table}_no_change": ("A", ROW | BEFORE | DELETE | UPDATE, "", True, body),
        f"{table}_no_truncate": ("A", BEFORE | TRUNCATE, "", True, body),
    }


ROW, BEFORE, DELETE, UPDATE, TRUNCATE = 1, 2, 8, 16, 32
"""Bits of PostgreSQL's `pg_trigger.tgtype`."""


def _on_sqlite(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {(table, name): sql for table, name, sql in cursor.fetchall() if table in GUARDED}


def _on_postgresql(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], object]:
    """Triggers, rewrite rules, and row security, which hides rows from whoever verifies."""
    ours = "c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname, t.tgenabled, t.tgtype, t.tgattr::text, t.tgqual IS NULL, p.prosrc "  # noqa: S608
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            f"WHERE NOT t.tgisinternal AND {ours}",
            [list(GUARDED)],
        )
        found: dict[tuple[str, str], object] = {
            (table, name): tuple(definition) for table, name, *definition in cursor.fetchall()
        }
        cursor.execute(
            "SELECT c.relname, 'the rule ' || r.rulename FROM pg_rewrite r "  # noqa: S608
            f"JOIN pg_class c ON c.oid = r.ev_class WHERE {ours} UNION ALL "
            f"SELECT c.relname, 'row security' FROM pg_class c WHERE c.relrowsecurity AND {ours}",
            [list(GUARDED), list(GUARDED)],
        )
        return found | {(table, name): None for table, name in cursor.fetchall()}


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
