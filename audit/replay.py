"""Rebuilding tables from entries.

A room registers the models whose rows the ledger must be able to prove, with the columns that count. An entry carries
such rows as they were after the act; the last one for a row is what the table must hold today.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import DatabaseError, models

from audit import canonical, stored

_registered: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {}


class NotRegistered(LookupError):
    """A fact was recorded of a model that no room has registered."""


def register(model: type[models.Model], *fields: str) -> None:
    """Let entries carry rows of `model`; `fields` are the attribute names (`account_id`) that are compared."""
    _registered[model._meta.label_lower] = (model, ("pk", *fields))


Check = Callable[[], Iterator[str]]
_checks: list[Check] = []


def also(check: Check) -> None:
    """Let `check` say what else disagrees: a projection of replayed tables, say."""
    if check not in _checks:
        _checks.append(check)


def registered() -> dict[str, tuple[type[models.Model], tuple[str, ...]]]:
    """The registered models by label, each with its compared columns."""
    return dict(_registered)


def fact(row: models.Model) -> dict[str, Any]:
    """`row` as an entry carries it: `{"table": label, "row": {column: value}}`."""
    label = row._meta.label_lower
    if label not in _registered:
        raise NotRegistered(f"{label} is not registered for replay")
    _model, fields = _registered[label]
    return {"table": label, "row": {name: getattr(row, name) for name in fields}}


BUFFER = 20_000
"""Rows that are held in memory before they go to the temporary file."""

BATCH = 500
"""Rows of a table that are compared at a time."""


def _column(model: type[models.Model], name: str) -> str:
    assert model._meta.pk is not None
    return model._meta.pk.attname if name == "pk" else name


class Replayed:
    """The tables as the entries tell them, in a temporary file: a table of a million rows takes no more memory."""

    def __init__(self) -> None:
        self._buffer: dict[tuple[str, str], str] = {}
        self._told = sqlite3.connect("", isolation_level=None)  # a file that goes with the connection
        self._told.execute("PRAGMA cache_size = -8000")
        self._told.execute(
            "CREATE TABLE told (label TEXT, key TEXT, row TEXT, PRIMARY KEY (label, key)) WITHOUT ROWID"
        )

    def add(self, content: dict[str, Any]) -> None:
        """Take the facts of one parsed canonical entry."""
        for item in content.get("facts", ()):
            row = item["row"]
            self._buffer[item["table"], str(row["pk"])] = json.dumps(row, ensure_ascii=False)
        if len(self._buffer) > BUFFER:
            self._flush()

    def _flush(self) -> None:
        rows = sorted((*key, text) for key, text in self._buffer.items())
        self._told.execute("BEGIN")
        self._told.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", rows)
        self._told.execute("COMMIT")
        self._buffer.clear()

    def differences(self) -> Iterator[str]:
        """What the tables hold otherwise, one sentence each. Nothing where ledger and tables agree.

        What was told is the same afterwards: entries may be added and the tables be compared again.
        """
        self._flush()
        self._told.execute("BEGIN")
        try:
            yield from self._differences()
        finally:
            self._told.execute("ROLLBACK")

    def _differences(self) -> Iterator[str]:
        for label, (model, fields) in sorted(_registered.items()):
            strange = list(stored.strange(model, [_column(model, name) for name in fields]))
            yield from (f"{label} {key}: {name} is not stored as it is written" for key, name in strange)
            rows = model._base_manager.order_by("pk").iterator(chunk_size=BATCH)
            try:
                while batch := {str(row.pk): row for row in islice(rows, BATCH)}:
                    yield from self._compare(label, fields, batch)
            except (TypeError, ValueError, DatabaseError):
                if not strange:  # else it was named
                    yield f"{label}: a row cannot be read, because a column holds something of another kind"
                continue
            for (key,) in self._told.execute("SELECT key FROM told WHERE label = ? ORDER BY key", [label]):
                yield f"{label} {key}: entries tell of a row that the table no longer has"
        for check in _checks:
            yield from check()

    def _compare(self, label: str, fields: tuple[str, ...], batch: dict[str, Any]) -> Iterator[str]:
        """Compare some rows of a table, and forget what was told of them."""
        marks = f"({', '.join('?' * len(batch))})"
        chosen = [label, *batch]
        found = self._told.execute(f"SELECT key, row FROM told WHERE label = ? AND key IN {marks}", chosen)  # noqa: S608
        told = {key: json.loads(text) for key, text in found}
        for key, row in batch.items():
            held = canonical.plain({name: getattr(row, name) for name in fields})
            expected = told.get(key)
            if expected is None:
                yield f"{label} {key}: the table has a row that no entry tells of"
            elif expected != held:
                assert isinstance(held, dict)
                names = sorted(name for name in fields if expected.get(name) != held.get(name))
                yield f"{label} {key}: {', '.join(names)} differ from the last entry"
        self._told.execute(f"DELETE FROM told WHERE label = ? AND key IN {marks}", chosen)  # noqa: S608
