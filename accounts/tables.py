"""The columns of a registry's CSV file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from audit import tables
from audit.tables import Row, Table, Unreadable, write_rejects

__all__ = ["COLUMNS", "OPTIONAL", "REQUIRED", "Row", "Table", "Unreadable", "read", "write_rejects"]

REQUIRED = ("account_platform", "account_url", "account_name", "agencies")
OPTIONAL = ("short_description", "long_description", "language", "contacts", "notes", "platform_account_id")
COLUMNS = (*REQUIRED, *OPTIONAL)


REGISTRY_REQUIRED = {
    "service": "account_platform",
    "service_url": "account_url",
    "organization": "account_name",
    "agencies": "agencies",
}
"""The US Digital Registry's export: its names of the columns that are required, and ours."""

REGISTRY_OPTIONAL = (
    *("status", "created_at", "updated_at", "language", "short_description", "long_description"),
    *("contacts", "tags", "account", "id"),
)


def read(path: str | Path) -> Table:
    """The table in `path`, in our columns or in those of the US Digital Registry's export. Raises Unreadable."""
    try:
        return tables.read(path, required=REQUIRED, optional=OPTIONAL)
    except Unreadable as error:
        try:
            table = tables.read(path, required=tuple(REGISTRY_REQUIRED), optional=REGISTRY_OPTIONAL)
        except Unreadable:
            raise error from None
    table.rows[:] = [replace(row, values=_ours(row.values)) for row in table.rows]
    table.remarks.append("The file has the columns of the US Digital Registry's export.")
    return table


def _ours(values: dict[str, str]) -> dict[str, str]:
    """A record of the registry's export under our names of the columns; what we lack is empty."""
    named = {REGISTRY_REQUIRED.get(name, name): value for name, value in values.items()}
    return {**dict.fromkeys(COLUMNS, ""), **named}
