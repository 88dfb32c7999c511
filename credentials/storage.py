"""How PostgreSQL keeps sealed rows: with room in each page, so that sealing anew need not touch the indexes."""

from __future__ import annotations

from typing import Any

TABLES = ("credentials_secretversion", "credentials_sealednote")


def leave_room(_apps: Any, schema_editor: Any) -> None:
    """A migration's RunPython function."""
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f'ALTER TABLE "{table}" SET (fillfactor = 50)')


def leave_none(_apps: Any, schema_editor: Any) -> None:
    """The way back."""
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f'ALTER TABLE "{table}" RESET (fillfactor)')
