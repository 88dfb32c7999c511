"""The one way past the append-only triggers, for tests only.

Tests that commit (`transactional_db`, `live_server`) end with Django's `flush`, which empties every table.
The ledger's tables refuse that, as they should. So in tests, and nowhere else, `flush` lifts the guards around
itself. What an installation holds from the start comes back through `post_migrate`, as after the first `migrate`.
"""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from audit import guards

_flush = flush.Command.handle


def _flush_past_the_guards(self: flush.Command, **options: Any) -> None:
    connection = connections[options["database"]]
    # Numbers begin again, so that what migrations and `post_migrate` put there gets the ids it had at first.
    with guards.lifted(connection):
        _flush(self, **{**options, "reset_sequences": True, "inhibit_post_migrate": False})


def open_the_passage() -> None:
    """Called by conftest, once."""
    flush.Command.handle = _flush_past_the_guards  # type: ignore[method-assign]
