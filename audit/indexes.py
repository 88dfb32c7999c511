"""An index that PostgreSQL has and SQLite has not: entries by time, in a few pages, at no cost to who appends."""

from typing import Any

NAME = "entry_at_brin"


def forwards(apps: Any, schema_editor: Any) -> None:
    """Entries come in the order of time, so a block-range index finds a period by its first and last pages."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX {NAME} ON audit_entry USING brin (at) WITH (pages_per_range = 16, autosummarize = on)"
        )


def backwards(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {NAME}")
