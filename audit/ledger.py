"""The append-only ledger and the only way to write to it.

A service is a function decorated with `@service`. What it records is buffered and appended as the last SQL of the
outermost service's transaction: an entry and the change it tells of exist together or not at all, services may call
services, and the ledger's lock is always the last that is taken. A nested service that fails takes its entries along.
"""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar

from django.db import connection, models, transaction

from audit import canonical, clock, replay
from audit.actions import Verb
from audit.models import Entry

P = ParamSpec("P")
R = TypeVar("R")

LOCK = 0x0FF1C1A1
"""Key of the PostgreSQL advisory lock that orders appends."""

CHUNK = 400
"""Rows in one INSERT: 11 parameters a row stay far below SQLite's limit."""


class Ref(NamedTuple):
    """A person or thing as text: its type, its id and what it was called at the time."""

    type: str
    id: str
    text: str


class Recordable(Protocol):
    """Whatever can be an entry's actor or object."""

    def audit_ref(self) -> Ref: ...


class NotInAService(RuntimeError):
    """`record()` was called outside a service: its entry would not be in the change's transaction."""


@dataclass
class _Act:
    operation: uuid.UUID = field(default_factory=uuid.uuid4)
    entries: list[Entry] = field(default_factory=list)


class _Local(threading.local):
    act: _Act | None = None


_local = _Local()


@contextmanager
def act() -> Iterator[None]:
    """A transaction whose entries are appended last. Within another act: a savepoint of it."""
    outer = _local.act
    if outer is not None:
        mark = len(outer.entries)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del outer.entries[mark:]
            raise
        return
    mine = _local.act = _Act()
    try:
        with transaction.atomic():
            yield
            _append(mine.entries)
    finally:
        _local.act = None


def in_act() -> bool:
    """Whether a service is running in this thread."""
    return _local.act is not None


def service(function: Callable[P, R]) -> Callable[P, R]:
    """Make `function` one act: its changes and its entries are committed together."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with act():
            return function(*args, **kwargs)

    return run


def record(
    verb: Verb,
    *,
    actor: Recordable | None,
    obj: Recordable | Ref,
    facts: Sequence[models.Model] = (),
    **data: Any,
) -> None:
    """Append one entry to the current act.

    `actor=None` is a system job. `facts` are rows, as they are now, of models registered with `audit.replay`: enough
    to rebuild the tables from the ledger. `data` is whatever else a reader needs: ids, dates, names of fields; never
    a secret, a resident's words or a file's content. Raises NotInAService, ValueError (unknown verb), TypeError (a
    float, say).
    """
    if _local.act is None:
        raise NotInAService(f"{verb} was recorded outside a service")
    verb = Verb(verb)
    target = obj if isinstance(obj, Ref) else obj.audit_ref()
    who = actor.audit_ref() if actor is not None else None
    at = clock.now()
    content: dict[str, Any] = {
        "format": canonical.FORMAT,
        "at": at,
        "verb": verb.value,
        "actor": who._asdict() if who else None,
        "object": target._asdict(),
        "operation": _local.act.operation,
    }
    if data:
        content["data"] = data
    if facts:
        content["facts"] = [replay.fact(row) for row in facts]
    text = canonical.line(content)
    _local.act.entries.append(_entry(_local.act.operation, at, verb, who, target, text))


def _entry(operation: uuid.UUID, at: datetime, verb: Verb, who: Ref | None, target: Ref, text: str) -> Entry:
    return Entry(
        at=at,
        verb=verb.value,
        actor_id=who.id if who else "",
        actor_text=who.text[:200] if who else "",
        object_type=target.type,
        object_id=target.id,
        object_text=target.text[:400],
        operation=operation,
        canonical=text,
        leaf=canonical.leaf(text),
    )


def _append(entries: Sequence[Entry]) -> None:
    """Number `entries` after the last one and insert them, as the last statements of the transaction."""
    if not entries:
        return
    table = connection.ops.quote_name(Entry._meta.db_table)
    index, *others = Entry._meta.concrete_fields
    columns = [connection.ops.quote_name(str(column.column)) for column in (index, *others)]
    marks = ", ".join(["%s"] * len(others))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Foreign keys are checked, and their rows locked, now: at COMMIT it would happen after the ledger's lock,
            # and against somebody who holds such a row and waits for the ledger that is a deadlock.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            # A statement of its own: the INSERT's snapshot must be younger than the lock.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for start in range(0, len(entries), CHUNK):
            chunk = entries[start : start + CHUNK]
            top = f"(SELECT COALESCE(MAX({columns[0]}), 0) FROM {table})"  # noqa: S608
            rows = ", ".join(f"({top} + {place}, {marks})" for place in range(1, len(chunk) + 1))
            values = [
                column.get_db_prep_save(getattr(entry, column.attname), connection)
                for entry in chunk
                for column in others
            ]
            cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {rows}", values)  # noqa: S608
