"""The append-only ledger and the only way to write to it.

A service is a function decorated with `@service`. What it records is buffered and appended as the last SQL of the
outermost service's transaction: an entry and the change it tells of exist together or not at all, services may call
services, and the ledger's lock is always the last that is taken. A nested service that fails takes its entries along.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeAlias, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection, models, transaction
from django.utils import timezone

from audit import canonical, clock, replay
from audit.actions import Verb

P = ParamSpec("P")
R = TypeVar("R")

LOCK = 0x0FF1C1A1
"""Key of the PostgreSQL advisory lock that orders appends."""

CHUNK = 400
"""Rows in one INSERT: 11 parameters a row stay far below SQLite's limit."""


COLUMNS = (
    "at",
    "verb",
    "actor_id",
    "actor_text",
    "object_type",
    "object_id",
    "object_text",
    "operation",
    "canonical",
    "leaf",
)
"""Of an entry, without its index, in the order of `Row`. Plain SQL is what makes an append as fast as a create."""

VERB = COLUMNS.index("verb")

Row: TypeAlias = tuple[Any, ...]

_committed: list[Callable[[list[str]], None]] = []


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


class Unwritable(OperationalError):
    """The database refuses entries of the ledger. Nothing of the act was done."""


@dataclass
class _Act:
    """What the running act has recorded: a row of COLUMNS for each entry, without its index."""

    operation: uuid.UUID = field(default_factory=uuid.uuid4)
    rows: list[Row] = field(default_factory=list)
    undo: list[Callable[[], object]] = field(default_factory=list)
    depth: int = 1

    def undone(self, mark: int = 0) -> None:
        """Take back what no rollback reaches, the last first. What fails there must not hide why the act failed."""
        while len(self.undo) > mark:
            with contextlib.suppress(Exception):
                self.undo.pop()()


class _Local(threading.local):
    act: _Act | None = None


_local = _Local()


@contextmanager
def act() -> Iterator[None]:
    """A transaction whose entries are appended last. Within another act: a savepoint of it."""
    outer = _local.act
    if outer is not None:
        mark, undo_mark = len(outer.rows), len(outer.undo)
        outer.depth += 1
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del outer.rows[mark:]
            outer.undone(undo_mark)
            raise
        finally:
            outer.depth -= 1
        return
    mine = _local.act = _Act()
    try:
        with transaction.atomic():
            yield
            if mine.rows:
                _append_or_refuse(mine.rows)
    except BaseException:
        mine.undone()
        raise
    finally:
        _local.act = None
    for tell in _committed:
        tell([row[VERB] for row in mine.rows])


def undo_if_it_fails(undo: Callable[[], object]) -> None:
    """Have `undo` called if the current act is rolled back: for a file, which no transaction holds."""
    if _local.act is None:
        raise NotInAService("outside a service nothing would call it")
    _local.act.undo.append(undo)


def in_act() -> bool:
    """Whether a service is running in this thread."""
    return _local.act is not None


def depth() -> int:
    """How many services are running within each other in this thread."""
    return _local.act.depth if _local.act is not None else 0


def after_each(tell: Callable[[list[str]], None]) -> None:
    """Have `tell` called after every outermost act with the verbs that it recorded. It must not raise."""
    if tell not in _committed:
        _committed.append(tell)


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
    _local.act.rows.append(
        (
            at,
            verb.value,
            who.id if who else "",
            who.text[:200] if who else "",
            target.type,
            target.id,
            target.text[:400],
            _local.act.operation,
            text,
            canonical.leaf(text),
        )
    )


def _append_or_refuse(rows: Sequence[Row]) -> None:
    """Append, or say that the ledger can't be written, whatever the reason; the act is rolled back.

    On PostgreSQL foreign keys are checked in the same message; what they find is a fault of the act, and stays one.
    """
    try:
        _append(rows)
    except OperationalError:
        raise
    except DatabaseError as error:
        if isinstance(error, IntegrityError) and connection.vendor == "postgresql":
            raise
        raise Unwritable(type(error).__name__) from error


def _append(rows: Sequence[Row]) -> None:
    """Number `rows` after the last entry and insert them, as the last statement of the transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _append_on_postgresql(cursor, rows)
            return
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            values = [value for row in chunk for value in _for_sqlite(row)]
            cursor.execute(_insert(len(chunk)), values)


def _append_on_postgresql(cursor: Any, rows: Sequence[Row]) -> None:
    """All of it in one message to the server, three statements one after the other.

    Foreign keys are checked, and their rows locked, first: at COMMIT it would happen after the ledger's lock, and
    against somebody who holds such a row and waits for the ledger that is a deadlock. The lock is a statement of its
    own, because the INSERT's snapshot must be younger than the lock.
    """
    before = f"SET CONSTRAINTS ALL IMMEDIATE; SELECT pg_advisory_xact_lock({LOCK}); "
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        cursor.execute(before + _insert(len(chunk)), [value for row in chunk for value in row])
        before = ""


def _for_sqlite(row: Row) -> Row:
    at, verb, actor_id, actor_text, object_type, object_id, object_text, operation, text, leaf = row
    return (
        str(timezone.make_naive(at, UTC)),
        verb,
        actor_id,
        actor_text,
        object_type,
        object_id,
        object_text,
        operation.hex,
        text,
        leaf,
    )


@functools.cache
def _insert(count: int) -> str:
    """The INSERT of `count` entries."""
    top = '(SELECT COALESCE(MAX("index"), 0) FROM audit_entry)'
    marks = ", ".join(["%s"] * len(COLUMNS))
    rows = ", ".join(f"({top} + {place}, {marks})" for place in range(1, count + 1))
    return f'INSERT INTO audit_entry ("index", {", ".join(COLUMNS)}) VALUES {rows}'  # noqa: S608
