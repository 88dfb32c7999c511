"""Entries of the ledger as a file: what a search found, every column of it. The export itself is recorded.

An entry's text and leaf are among the columns, so that whoever has a line can prove it by a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from django.db.models import QuerySet

from audit.errors import NotPermitted
from audit.models import Entry
from credentials import copying, exports, tables
from employees.models import Employee

HEADED = (
    ("entry", "index"),
    ("at", "at"),
    ("act", "verb"),
    ("actor_id", "actor_id"),
    ("actor", "actor_text"),
    ("object_type", "object_type"),
    ("object_id", "object_id"),
    ("object", "object_text"),
    ("operation", "operation"),
    ("leaf", "leaf"),
    ("text", "canonical"),
)
"""Headings, and the fields beneath them. SHA-256 of a zero byte and `text` is `leaf` (RFC 6962)."""

COLUMNS = tuple(heading for heading, _name in HEADED)


def write(
    *,
    actor: Employee | None,
    found: QuerySet[Entry],
    filters: dict[str, Any],
    form: str,
    file: IO[bytes],
    progress: tables.Progress | None = None,
) -> exports.Manifest:
    """Write the entries `found` to `file` as `csv`, `jsonl` or `xlsx`, in order. `actor=None` is the command line.

    `filters` is how they were asked for, as the manifest tells it. Raises NotPermitted.
    """
    if actor is not None and not exports.may_export(actor):
        raise NotPermitted("Entries are exported by people with the Auditor role.")
    ordered = found.order_by("index")

    def written() -> tables.Written:
        if form == "csv":
            return copying.write_csv(rows=ordered, columns=HEADED, file=file, progress=progress)
        return tables.write(form=form, columns=COLUMNS, rows=rows(ordered), file=file, progress=progress)

    return exports.recorded(
        actor=actor, name="Entries", filters=filters, form=form, columns=COLUMNS, write=written
    )


def rows(found: QuerySet[Entry]) -> Iterator[dict[str, Any]]:
    """Entry after entry, a few thousand in memory at a time."""
    names = [name for _heading, name in HEADED]
    for values in found.values_list(*names).iterator(chunk_size=2000):
        row = dict(zip(COLUMNS, values, strict=True))
        yield row | {"operation": str(row["operation"]), "leaf": bytes(row["leaf"]).hex()}
