"""The columns of a registry's CSV file."""

from __future__ import annotations

from pathlib import Path

from audit import tables
from audit.tables import Row, Table, Unreadable, write_rejects

__all__ = ["COLUMNS", "OPTIONAL", "REQUIRED", "Row", "Table", "Unreadable", "read", "write_rejects"]

REQUIRED = ("account_platform", "account_url", "account_name", "agencies")
OPTIONAL = ("short_description", "long_description", "language", "contacts", "notes", "platform_account_id")
COLUMNS = (*REQUIRED, *OPTIONAL)


def read(path: str | Path) -> Table:
    """The table in `path`. Raises Unreadable."""
    return tables.read(path, required=REQUIRED, optional=OPTIONAL)
