"""Sealing every row anew with the newest key. Can be stopped and run again; rows are written beside it.

A large vault is opened and sealed by other processes while this one talks to the database. They are forked with the
keys; only tokens pass between them, never what is in them.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet, TextField
from django.db.models.functions import Cast
from django.views.decorators.debug import sensitive_variables

from audit import installation
from audit.ledger import service
from credentials import keyring, seals
from credentials.keyring import Keyring, VaultUnavailable
from credentials.models import Sealed
from credentials.sealing import BOUND, close, reopen, stored, unseal

BATCH = 1000
AHEAD = 3
"""Batches that are being sealed while one is written."""
PASSES = 5
"""Rows that others wrote meanwhile, with keys they had read before, are taken in another pass."""
ALONE = 3000
"""So many rows are sealed without help."""

Columns = tuple[Any, ...]
Fresh = tuple[str, bytes, int]
"""A row's id, its new token, and the counter that it was read with."""


@dataclass
class Sealing:
    """What became of a batch: tokens to write, and rows that did not open as they were read."""

    fresh: list[Fresh] = field(default_factory=list)
    doubtful: list[Columns] = field(default_factory=list)


@dataclass
class Outcome:
    """How many rows were sealed anew, what did not open, and how many rows each key seals now."""

    resealed: int = 0
    failures: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Means:
    """What sealing a batch takes besides the batch."""

    keys: Keyring
    here: str
    told: dict[str, int]


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
        counted = model._default_manager.order_by().values_list("key_id").annotate(rows=Count("pk"))
        for key, rows in counted:
            found[key] = found.get(key, 0) + rows
    return found


def run(*, progress: Callable[[int], object] = lambda done: None) -> Outcome:
    """Seal every row with the newest key, a thousand at a time, each thousand in a transaction of its own.

    A row that does not open is named and left as it is. Raises NoKeys.
    """
    outcome = Outcome()
    for _again in range(PASSES):
        before = outcome.resealed
        _pass(outcome, progress)
        outcome.left = key_counts()
        older = sum(outcome.left.values()) - outcome.left.get(keyring.load().newest.id, 0)
        if outcome.resealed == before or older <= len(outcome.failures):
            break
    return outcome


def _pass(outcome: Outcome, progress: Callable[[int], object]) -> None:
    """Every row once that an older key sealed."""
    means = Means(keyring.load(), str(installation.current().pk), seals.all_told())
    with _helpers(means) as begin:
        waiting: deque[tuple[type[Sealed], Callable[[], Sealing]]] = deque()
        for place, model in enumerate(seals.SEALED):
            for batch in _batches(model, means.keys.newest.id):
                waiting.append((model, begin(place, batch)))
                if len(waiting) > AHEAD:
                    _write(*waiting.popleft(), means=means, outcome=outcome)
                progress(len(batch))
        while waiting:
            _write(*waiting.popleft(), means=means, outcome=outcome)


def _batches(model: type[Sealed], newest: str) -> Iterator[list[Columns]]:
    """Rows that an older key sealed, in the order of their ids."""
    rows = model._default_manager.exclude(key_id=newest).order_by("pk")
    columns = ("token", "key_id", "seal_counter", *BOUND[model].columns.values())
    after: Any = None
    while True:
        later = rows if after is None else rows.filter(pk__gt=after)
        batch = _read(later, columns)
        if not batch:
            return
        yield batch
        after = batch[-1][0]


def _read(rows: QuerySet[Any], columns: Sequence[str]) -> list[Columns]:
    """The first of these rows: ids as text, which costs less to hand on than a UUID, and tokens as bytes.

    On PostgreSQL all comes as it is stored, not as text.
    """
    if connection.vendor != "postgresql":
        return [
            (str(pk), stored(token), *rest) for pk, token, *rest in rows.values_list("pk", *columns)[:BATCH]
        ]
    from psycopg import Cursor

    chosen = rows.values_list(Cast("pk", TextField()), *columns)[:BATCH]
    statement, values = chosen.query.sql_with_params()
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, binary=True).fetchall()


# Opening and sealing, here or in other processes

_means: Means | None = None
"""What a forked helper works with."""


@contextmanager
def _helpers(means: Means) -> Iterator[Callable[[int, list[Columns]], Callable[[], Sealing]]]:
    """Gives a function that takes a model (by its place) and a batch and gives one that waits for its sealing."""
    global _means
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if processors < 2 or not _many(means.keys.newest.id):
        yield lambda place, batch: lambda: seal_batch(means, place, batch)
        return
    _means = means
    # What is there now outlives the run: collecting garbage need not walk it, nor copy its pages in the helpers.
    gc.freeze()
    with multiprocessing.get_context("fork").Pool(processors) as pool:
        try:
            yield lambda place, batch: pool.apply_async(_seal_elsewhere, (place, batch)).get
        finally:
            _means = None
            gc.unfreeze()


def _many(newest: str) -> bool:
    """Whether more than ALONE rows of one kind are sealed with an older key. Reads no further than that."""
    return any(
        model._default_manager.exclude(key_id=newest).order_by()[ALONE : ALONE + 1].exists()
        for model in seals.SEALED
    )


def _seal_elsewhere(place: int, batch: list[Columns]) -> Sealing:
    assert _means is not None
    return seal_batch(_means, place, batch)


@sensitive_variables()
def seal_batch(means: Means, place: int, batch: Sequence[Columns]) -> Sealing:
    """Open every row of `batch` and seal it with the newest key. Asks the database nothing."""
    model = seals.SEALED[place]
    bound, newest, done = BOUND[model], means.keys.newest, Sealing()
    for row in batch:
        pk, token, key_id, counter, *places = row
        if counter != means.told.get(pk, 1):
            done.doubtful.append(row)
            continue
        context = bound.context(means.here, pk, dict(zip(bound.columns, places, strict=True)))
        try:
            text = reopen(means.keys.key(key_id), token, context, counter)
        except VaultUnavailable:
            done.doubtful.append(row)
        else:
            done.fresh.append((pk, close(newest, context, counter + 1, text), counter))
    return done


def _doubts(model: type[Sealed], rows: Sequence[Columns]) -> list[str]:
    """What is wrong with these rows, as they are now.

    Nothing, where somebody sealed them since the run began: the next pass finds them if they still need it.
    """
    failures = []
    for pk, *_rest in rows:
        row = model._default_manager.filter(pk=pk).first()
        try:
            if row is not None:
                unseal(row)
        except VaultUnavailable as error:
            failures.append(f"{model._meta.label_lower} {pk}: {type(error).__name__}: {error}")
    return failures


# Writing


@service
def _write(model: type[Sealed], ready: Callable[[], Sealing], *, means: Means, outcome: Outcome) -> None:
    """Compare-and-set: a row that somebody else sealed meanwhile keeps what they wrote."""
    done = ready()
    newest = means.keys.newest.id
    written = write_tokens(model, done.fresh, newest)
    counters = {pk: counter + 1 for pk, _token, counter in done.fresh if pk in written}
    seals.tell(counters, actor=None, key_id=newest)
    outcome.resealed += len(written)
    outcome.failures += [one for one in _doubts(model, done.doubtful) if one not in outcome.failures]


def write_tokens(model: type[Sealed], fresh: Sequence[Fresh], key_id: str) -> set[str]:
    """Write the tokens where the counter is still the one that was read; gives the ids that were written."""
    if not fresh:
        return set()
    table = connection.ops.quote_name(model._meta.db_table)
    if connection.vendor == "postgresql":
        return _write_at_once(table, fresh, key_id)
    pk = model._meta.pk
    assert pk is not None
    statement = (
        f"UPDATE {table} SET token = %s, key_id = %s, seal_counter = seal_counter + 1 "  # noqa: S608
        "WHERE id = %s AND seal_counter = %s"
    )
    written = set()
    with connection.cursor() as cursor:
        for row, token, counter in fresh:
            cursor.execute(statement, [token, key_id, pk.get_db_prep_value(row, connection), counter])
            if cursor.rowcount == 1:
                written.add(row)
    return written


def _write_at_once(table: str, fresh: Sequence[Fresh], key_id: str) -> set[str]:
    """One statement for all. psycopg's own cursor sends the tokens as they are; Django's would write them into the text
    of the statement."""
    from psycopg import Cursor

    rows, tokens, counters = (list(column) for column in zip(*fresh, strict=True))
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        cursor.execute(
            # Rows that somebody is changing are left for another pass: waiting for them, while holding others, would be
            # a deadlock. The bounds say the same again, for the planner: it would read the whole table each time.
            f"WITH free AS MATERIALIZED (SELECT id FROM {table} "  # noqa: S608
            "WHERE id BETWEEN %b::text::uuid AND %b::text::uuid FOR NO KEY UPDATE SKIP LOCKED) "
            f"UPDATE {table} AS t SET token = u.token, key_id = %s, seal_counter = u.counter + 1 "
            "FROM unnest(%b::text[]::uuid[], %b::bytea[], %b::int4[]) AS u(id, token, counter) "
            "JOIN free ON free.id = u.id WHERE t.id = u.id AND t.seal_counter = u.counter "
            "AND t.id BETWEEN %b::text::uuid AND %b::text::uuid RETURNING t.id::text",
            [rows[0], rows[-1], key_id, rows, tokens, counters, rows[0], rows[-1]],
            binary=True,
        )
        return {row[0] for row in cursor.fetchall()}
