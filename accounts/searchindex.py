"""The index under the directory's search: trigrams, where PostgreSQL has its extension. Without it search is as right.

Run by the migration. The extension is trusted since PostgreSQL 13, so the database's owner may create it.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

NAME = "account_searchable_trigrams"


def available(connection: BaseDatabaseWrapper) -> bool:
    """Whether the server has the extension and this role may use it."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT installed_version FROM pg_available_extensions WHERE name = 'pg_trgm'")
        row = cursor.fetchone()
        if row is None:
            return False
        if row[0] is None:
            cursor.execute("SELECT has_database_privilege(current_database(), 'CREATE')")
            return bool(cursor.fetchone()[0])
    return True


def forwards(_apps: Any, schema_editor: Any) -> None:
    if available(schema_editor.connection):
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(f"CREATE INDEX {NAME} ON accounts_account USING gin (searchable gin_trgm_ops)")


def backwards(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(f"DROP INDEX IF EXISTS {NAME}")
