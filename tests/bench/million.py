"""A ledger of a million entries in a test database, with texts as the services write them."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from audit import canonical, statistics
from audit.models import Entry

START = datetime(2024, 1, 8, 14, 0, tzinfo=UTC)
COLUMNS = (
    *("index", "at", "verb", "actor_id", "actor_text", "object_type", "object_id", "object_text"),
    *("operation", "canonical", "leaf"),
)


def fill(count: int) -> None:
    """Entries up to `count`: two reveals with the row of who knows what now, one comment, one denial, and so on."""
    have = Entry.objects.order_by("index").values_list("index", flat=True).last() or 0
    made = entries(have + 1, count)
    if connection.vendor == "postgresql":
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        connection.ensure_connection()
        with (
            connection.connection.cursor() as cursor,
            cursor.copy(f"COPY audit_entry ({names}) FROM STDIN") as copy,
        ):
            for row in made:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(COLUMNS))
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        connection.ensure_connection()
        for_sqlite = (
            (index, at.replace(tzinfo=None).isoformat(" "), *more[:6], more[6].hex, *more[7:])
            for index, at, *more in made
        )
        connection.connection.executemany(f"INSERT INTO audit_entry ({names}) VALUES ({marks})", for_sqlite)
        connection.connection.commit()
    statistics.refresh()


def entries(first: int, last: int) -> Iterator[tuple[Any, ...]]:
    """Rows of COLUMNS, the same for the same numbers but for their operations."""
    for index in range(first, last + 1):
        chance = random.Random(index)
        at = START + timedelta(seconds=47 * index, microseconds=chance.randrange(1_000_000))
        person, thing = chance.randrange(1, 900), chance.randrange(1, 400)
        actor = {"type": "employees.employee", "id": str(person), "text": f"Person Number {person}"}
        operation = uuid.UUID(int=chance.getrandbits(128), version=4)
        moment = canonical.moment(at)
        content: dict[str, Any] = {"format": 1, "at": moment, "actor": actor, "operation": str(operation)}
        kind = index % 5
        if kind < 3:
            target = ("credentials.credential", str(thing), f"@Account{thing} on X")
            content |= {
                "verb": "credentials.secret.reveal",
                "data": {"item": "password", "version": index % 40},
            }
            row = {"at": moment, "how": "reveal", "person_id": person, "pk": index, "version_id": thing}
            content["facts"] = [{"table": "credentials.knowledge", "row": row}]
        elif kind == 3:
            target = (
                "approvals.request",
                str(thing),
                f"2026-{thing:04d}: Open an account for département {thing}",
            )
            content |= {"verb": "approvals.request.comment", "data": {"length": index % 700}}
        else:
            target = ("audit.address", "credentials:credential", "GET /credentials/<int:pk>/")
            content |= {"verb": "audit.access.deny", "data": {"of": {"pk": str(thing)}, "status": 404}}
        content["object"] = dict(zip(("type", "id", "text"), target, strict=True))
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        leaf = hashlib.sha256(b"\x00" + text.encode()).digest()
        yield (index, at, content["verb"], str(person), actor["text"], *target, operation, text, leaf)
