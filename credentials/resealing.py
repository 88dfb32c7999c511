"""Sealing every row anew with the newest key. Can be stopped and run again; rows are written beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.views.decorators.debug import sensitive_variables

from audit import installation
from audit.ledger import service
from credentials import keyring, seals
from credentials.keyring import Keyring, VaultUnavailable
from credentials.models import Sealed
from credentials.sealing import BOUND, Damaged, close, reopen

BATCH = 1000
Columns = tuple[Any, ...]


@dataclass
class Outcome:
    """How many rows were sealed anew, what did not open, and how many rows each key seals now."""

    resealed: int = 0
    failures: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)


def remaining() -> int:
    """How many rows are sealed with an older key than the newest."""
    newest = keyring.load().newest.id
    return sum(model._default_manager.exclude(key_id=newest).count() for model in seals.SEALED)


def keys_in_use() -> set[str]:
    """The ids of all keys that sealed a row that is there."""
    found: set[str] = set()
    for model in seals.SEALED:
        found.update(model._default_manager.order_by().values_list("key_id", flat=True).distinct())
    return found


def key_counts() -> dict[str, int]:
    """How many rows each key seals."""
    found: dict[str, int] = {}
    for model in seals.SEALED:
        for key in model._default_manager.values_list("key_id", flat=True):
            found[key] = found.get(key, 0) + 1
    return found


def run(*, progress: Callable[[int], object] = lambda done: None) -> Outcome:
    """Seal every row with the newest key, a thousand at a time, each thousand in a transaction of its own.

    A row that does not open is named and left as it is. Raises NoKeys.
    """
    outcome = Outcome()
    keys = keyring.load()
    told = seals.all_told()
    for model in seals.SEALED:
        after: Any = None
        while batch := _batch(model, keys.newest.id, after):
            after = batch[-1][0]
            outcome.resealed += _reseal(
                model=model, batch=batch, keys=keys, told=told, failures=outcome.failures
            )
            progress(len(batch))
    outcome.left = key_counts()
    return outcome


def _batch(model: type[Sealed], newest: str, after: Any) -> Sequence[Columns]:
    rows = model._default_manager.exclude(key_id=newest).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    columns = ("pk", "token", "key_id", "seal_counter", *BOUND[model].columns.values())
    return list(rows.values_list(*columns)[:BATCH])


@service
@sensitive_variables()
def _reseal(
    *, model: type[Sealed], batch: Sequence[Columns], keys: Keyring, told: dict[str, int], failures: list[str]
) -> int:
    """Compare-and-set: a row that somebody else sealed meanwhile keeps what they wrote."""
    bound, newest, here = BOUND[model], keys.newest, str(installation.current().pk)
    fresh: list[tuple[Any, bytes, int]] = []
    for pk, token, key_id, counter, *places in batch:
        values = dict(zip(bound.columns, places, strict=True))
        try:
            if counter != told.get(str(pk), 1) and counter < seals.told(pk):
                raise Damaged
            context = bound.context(here, pk, values)
            text = reopen(keys.key(key_id), bytes(token), context, counter)
        except VaultUnavailable as error:
            why = str(error) or "it does not open in its place"
            failures.append(f"{model._meta.label_lower} {pk}: {type(error).__name__}: {why}")
            continue
        fresh.append((pk, close(newest, context, counter + 1, text), counter))
    written = _write(model, fresh, newest.id)
    seals.tell(
        {str(pk): counter + 1 for pk, _token, counter in fresh if pk in written}, actor=None, key_id=newest.id
    )
    return len(written)


def _write(model: type[Sealed], fresh: Sequence[tuple[Any, bytes, int]], key_id: str) -> set[Any]:
    """Write the tokens where the counter is still the one that was read; gives the ids that were written."""
    if not fresh:
        return set()
    table = connection.ops.quote_name(model._meta.db_table)
    pk = model._meta.pk
    assert pk is not None
    if connection.vendor == "postgresql":
        return _write_at_once(table, fresh, key_id)
    with connection.cursor() as cursor:
        written = set()
        statement = (
            f"UPDATE {table} SET token = %s, key_id = %s, seal_counter = seal_counter + 1 "  # noqa: S608
            "WHERE id = %s AND seal_counter = %s"
        )
        for row, token, counter in fresh:
            cursor.execute(statement, [token, key_id, pk.get_db_prep_value(row, connection), counter])
            if cursor.rowcount == 1:
                written.add(row)
        return written


def _write_at_once(table: str, fresh: Sequence[tuple[Any, bytes, int]], key_id: str) -> set[Any]:
    """One statement for all. psycopg's own cursor sends the tokens as they are; Django's would write them into the text
    of the statement."""
    from psycopg import Cursor

    rows, tokens, counters = (list(column) for column in zip(*fresh, strict=True))
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        cursor.execute(
            f"UPDATE {table} AS t SET token = u.token, key_id = %s, seal_counter = u.counter + 1 "  # noqa: S608
            "FROM unnest(%b::uuid[], %b::bytea[], %b::int4[]) AS u(id, token, counter) "
            "WHERE t.id = u.id AND t.seal_counter = u.counter RETURNING t.id",
            [key_id, rows, tokens, counters],
        )
        return {row[0] for row in cursor.fetchall()}
