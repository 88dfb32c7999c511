"""Holding off others for the rest of a transaction, and reading one moment of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

SEATS = 0x0FF1C1A2
"""Key of the lock of whatever changes who is entitled: papers, employment, and custody's reconciling.

Taken before any row is locked, so that two such acts never wait for each other's rows; the ledger's comes last.
"""

CHECKPOINTS = 0x0FF1C1A5
"""Key of the lock of whoever makes a checkpoint: one at a time."""

DENIALS = 0x0FF1C1A3 << 32
"""Plus the person's id: one denial of one person is counted at a time."""


def hold(key: int) -> None:
    """Let one transaction at a time pass with `key`. On SQLite every writing transaction is alone already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


@contextmanager
def one_moment(snapshot: str = "") -> Iterator[None]:
    """All reads within the block see the same committed state; writers are not held up.

    `snapshot` is the exported one of another PostgreSQL transaction, to see what that sees.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                if snapshot:
                    cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
            yield
    else:
        # Not `atomic()`: that begins IMMEDIATE here and would make writers wait.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("COMMIT")
