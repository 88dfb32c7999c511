"""The one way past the append-only triggers, for tests only.

Tests that commit (`transactional_db`, `live_server`) end with Django's `flush`, which empties every table.
The ledger's tables refuse that, as they should. So in tests, and nowhere else, `flush` lifts the guards around
itself, and then puts back the rows that migrations had put there, so that the next test begins like the first.
"""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from audit import guards

_flush = flush.Command.handle


def _flush_past_the_guards(self: flush.Command, **options: Any) -> None:
    connection = connections[options["database"]]
    beginning = getattr(connection, "_test_serialized_contents", None)
    if beginning is not None:
        options["inhibit_post_migrate"] = (
            True  # content types and permissions come back below, with their ids
        )
    with guards.lifted(connection):
        _flush(self, **options)
        if beginning is not None:
            connection.creation.deserialize_db_from_string(beginning)


def open_the_passage() -> None:
    """Called by conftest, once."""
    flush.Command.handle = _flush_past_the_guards  # type: ignore[method-assign]
