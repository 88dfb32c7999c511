"""Every kind of change × every row of a ledger, by somebody who has the database but not the signing key.

Each kind is done twice: plainly, and thoroughly, with everything made right again that the database alone can make
right: positions, leaves, columns, kept hashes; and the checkpoints kept beside the entries are rolled back to the last
one before the change. A checkpoint that was kept outside finds them all. What is done to the tables that replay covers
is in `test_edits.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from audit import canonical, checkpoints, guards, subtrees
from audit.actions import Verb
from audit.ledger import Ref, record, service
from audit.models import Checkpoint, Entry, Subtree
from audit.verification import Brought, verify
from tests.approvals.paths import approved
from tests.cast import City, designate
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db

SIZE = 500
PLACES = (0, 255, SIZE - 1)
"""Rows of the normal run, two for each kind in turn: both ends and the end of a block. The soak takes each."""

EARLIER = (300, 420)
"""Sizes of checkpoints that are kept in the database alone."""

Row = dict[str, Any]
Rows = list[Row]
Kind = Callable[[Rows, int], None]

COLUMNS = ("actor_id", "actor_text", "object_type", "object_id", "object_text", "verb", "at", "operation")


@service
def _fill(count: int, thing: Ref) -> None:
    for place in range(count):
        record(Verb.DAILY_RUN, actor=None, obj=thing, place=place)


@pytest.fixture
def lived(city: City) -> None:
    """What people did in the city."""
    approved(city)
    designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    rotated(city.sam, deposited(city.helen, open_account(city.dana, city.zoo)))


@pytest.fixture
def outside(lived: None) -> Brought:
    """A ledger of 500 entries, some of people and some of the system, and the checkpoint that the auditor keeps."""
    for size in (*EARLIER, SIZE):
        _fill(size - Entry.objects.count(), Ref("tests.thing", "7", 'The "Old" Mill'))
        if size != SIZE:
            checkpoints.make(actor=None)
    checkpoint = checkpoints.make(actor=None)
    assert checkpoint.size == SIZE
    return Brought("outside", checkpoint.note)


def retell(change: Callable[[Row], None]) -> Kind:
    """A kind that changes an entry's text, as canonical JSON."""

    def kind(rows: Rows, place: int) -> None:
        content = json.loads(rows[place]["canonical"])
        change(content)
        rows[place]["canonical"] = canonical.line(content)

    return kind


def column(name: str, value: Callable[[Any], Any]) -> Kind:
    """A kind that changes a column and leaves the text."""

    def kind(rows: Rows, place: int) -> None:
        rows[place][name] = value(rows[place][name])

    return kind


def _told(content: Row, name: str, value: Any) -> None:
    content[name] = value


def _actor(content: Row) -> None:
    actor = content["actor"]
    content["actor"] = (
        {"id": "1", "text": "Somebody Else", "type": "employees.employee"} if not actor else None
    )


def _later(content: Row) -> None:
    at = content["at"]
    content["at"] = at[:-2] + ("1" if at[-2] != "1" else "2") + "Z"


def _fact(content: Row) -> None:
    content["facts"] = [*content.get("facts", ()), {"table": "tests.thing", "row": {"pk": 1}}]


def swap(rows: Rows, place: int) -> None:
    """With the next, and the last with the first; their positions stay where they are."""
    one, two = rows[place], rows[(place + 1) % len(rows)]
    one["index"], two["index"] = two["index"], one["index"]


def delete(rows: Rows, place: int) -> None:
    del rows[place]


def delete_from(rows: Rows, place: int) -> None:
    del rows[place:]


def double(rows: Rows, place: int) -> None:
    """Told once more, in the place of its neighbour."""
    other = rows[place - 1] if place else rows[1]
    other.update({name: value for name, value in rows[place].items() if name != "index"})


def insert_before(rows: Rows, place: int) -> None:
    for row in rows[place:]:
        row["index"] += 1
    new = {**rows[place], "index": rows[place]["index"] - 1}
    content = json.loads(new["canonical"])
    content["object"]["text"] = "What never was"
    new["canonical"] = canonical.line(content)
    rows.insert(place, new)


def to_the_front(rows: Rows, place: int) -> None:
    """The entry is told as the first one of all (the first as the last), everything between moves on."""
    moved = rows.pop(place)
    rows.insert(0, moved) if place else rows.append(moved)
    for index, row in enumerate(rows, 1):
        row["index"] = index


def renumber(rows: Rows, place: int) -> None:
    rows[place]["index"] += 10_000 if place < len(rows) - 1 else -10_000


def below_the_first(rows: Rows, place: int) -> None:
    """A copy where nobody looks who begins at 1."""
    rows.insert(0, {**rows[place], "index": -place})


def reverse_from(rows: Rows, place: int) -> None:
    """Everything from the entry on, or up to it where it is the last, in the other order."""
    part = rows[place:] if place < len(rows) - 1 else rows
    for row, index in zip(part, [row["index"] for row in part][::-1], strict=True):
        row["index"] = index


KINDS: dict[str, Kind] = {
    "text of the object": retell(lambda content: content["object"].update(text="Somebody else")),
    "id of the object": retell(lambda content: content["object"].update(id="999999")),
    "kind of the object": retell(lambda content: content["object"].update(type="tests.other")),
    "actor": retell(_actor),
    "verb": retell(lambda content: _told(content, "verb", "accounts.account.describe")),
    "time": retell(_later),
    "operation": retell(lambda content: _told(content, "operation", str(UUID(int=1)))),
    "data": retell(lambda content: _told(content, "data", {"place": -1})),
    "fact": retell(_fact),
    "format": retell(lambda content: _told(content, "format", 2)),
    "text cut off": column("canonical", lambda text: text[:-1]),
    "text longer": column("canonical", lambda text: text + " "),
    "column verb": column("verb", lambda _: "accounts.account.describe"),
    "column actor_id": column("actor_id", lambda _: "999999"),
    "column actor_text": column("actor_text", lambda _: "Somebody else"),
    "column object_type": column("object_type", lambda _: "tests.other"),
    "column object_id": column("object_id", lambda _: "999999"),
    "column object_text": column("object_text", lambda _: "Another thing"),
    "column actor_text as it is escaped": column("actor_text", lambda text: json.dumps(text + '"')[1:-1]),
    "column object_text as it is escaped": column("object_text", lambda text: json.dumps(text + '"')[1:-1]),
    "column at": column("at", lambda at: at + timedelta(microseconds=1)),
    "column operation": column("operation", lambda _: UUID(int=2)),
    "leaf": column("leaf", lambda _: b"\x07" * 32),
    "two swapped": swap,
    "one deleted": delete,
    "all deleted from there on": delete_from,
    "one doubled over its neighbour": double,
    "one inserted": insert_before,
    "one moved to the front": to_the_front,
    "one renumbered": renumber,
    "one put below the first": below_the_first,
    "turned round from there on": reverse_from,
}

ONLY_PLAIN = {"leaf"}
"""Made right again, nothing is left of it."""

NO_ENTRY = {"text cut off", "text longer", "format"}
"""What even a thorough attacker's text is not: an entry."""


def thorough(before: Rows, rows: Rows) -> None:
    """All made right again: texts follow columns that were changed; then columns, positions and leaves the texts."""
    was = {row["index"]: row for row in before}
    whole = {row["canonical"]: row for row in before}
    rows.sort(key=lambda row: row["index"])
    for row in rows:
        old = was.get(row["index"])
        if old is not None and old["canonical"] == row["canonical"]:
            changed = {name for name in COLUMNS if old[name] != row[name]}
            if changed:
                row["canonical"] = _from_columns(row)
    for index, row in enumerate(rows, 1):
        row["index"] = index
        if whole.get(row["canonical"], {}) | {"index": index} == row:
            continue  # all of it is as it was, but for its place
        row["leaf"] = canonical.leaf(row["canonical"])
        try:
            content = json.loads(row["canonical"])
        except ValueError:
            continue
        actor = content["actor"] or {"id": "", "text": ""}
        row.update(
            at=datetime.fromisoformat(content["at"]),
            verb=content["verb"],
            actor_id=actor["id"],
            actor_text=actor["text"][:200],
            object_type=content["object"]["type"],
            object_id=content["object"]["id"],
            object_text=content["object"]["text"][:400],
            operation=UUID(content["operation"]),
        )


def _from_columns(row: Row) -> str:
    content = json.loads(row["canonical"])
    actor = {"id": row["actor_id"], "text": row["actor_text"], "type": "employees.employee"}
    content.update(
        at=canonical.moment(row["at"]),
        verb=row["verb"],
        actor=actor if actor["id"] or actor["text"] else None,
        object={"type": row["object_type"], "id": row["object_id"], "text": row["object_text"]},
        operation=str(row["operation"]),
    )
    return canonical.line(content)


def write(before: Rows, rows: Rows) -> int:
    """Bring the table from `before` to `rows`; gives the first position at which something changed."""
    old = {row["index"]: row for row in before}
    new = {row["index"]: row for row in rows}
    gone = [index for index, row in old.items() if row != new.get(index)]
    come = [row for index, row in new.items() if row != old.get(index)]
    with connection.cursor() as cursor:
        cursor.executemany('DELETE FROM audit_entry WHERE "index" = %s', [(index,) for index in gone])
        cursor.executemany(INSERT, [_stored(row) for row in come])
    return min(int(index) for index in [*gone, *(row["index"] for row in come)])


STORED = {field.attname: field for field in Entry._meta.concrete_fields}
FIELDS = list(STORED)
INSERT = (
    f"INSERT INTO audit_entry ({', '.join(map(connection.ops.quote_name, FIELDS))}) "
    f"VALUES ({', '.join(['%s'] * len(FIELDS))})"
)


def _stored(row: Row) -> list[Any]:
    if connection.vendor == "postgresql":
        return [row[name] for name in FIELDS]
    return [
        STORED[name].get_db_prep_save(row[name], connection) if name in ("at", "operation") else row[name]
        for name in FIELDS
    ]


def roll_back(first: int, size: int) -> None:
    """What was kept is thrown away as far as it could tell of a change at `first`, and the hashes made anew."""
    Checkpoint.objects.filter(size__gte=max(first, 1)).delete()
    Subtree.objects.all().delete()
    subtrees.grow(size)


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _prove(outside: Brought, name: str, places: Sequence[int]) -> Counter[str]:
    """Every mutation of one kind at `places`: 100% found. The thorough ones need the checkpoint from outside."""
    before: Rows = [
        {**row, "leaf": bytes(row["leaf"])}
        for row in Entry.objects.order_by("index").values(*[one.name for one in Entry._meta.fields])
    ]
    counts: Counter[str] = Counter()
    missed: list[str] = []
    # Of the guards, which an attacker would put back, nothing is asked here: findings are about entries alone.
    with guards.lifted(connection):
        for place in places:
            for clever in (False, True):
                if clever and name in ONLY_PLAIN:
                    continue
                rows = [dict(row) for row in before]
                KINDS[name](rows, place)
                if clever:
                    thorough(before, rows)
                assert sorted(rows, key=lambda row: row["index"]) != before, (
                    f"{name} at {place} changes nothing"
                )
                with undone():
                    first = write(before, rows)
                    if clever:
                        roll_back(first, len(rows))
                        if place == places[0] and name not in NO_ENTRY:
                            # Else the attacker was not as thorough as they could be, and little is proved.
                            assert verify(replay=False).findings == [], name
                    found = verify(brought=[outside], replay=False).findings
                if not found:
                    missed.append(f"{name} of entry {place + 1}, {'thorough' if clever else 'plain'}")
                counts["thorough" if clever else "plain"] += 1
    assert missed == []
    return counts


def test_there_are_enough_kinds() -> None:
    assert len(KINDS) >= 15


def test_every_kind_at_some_rows_is_found(outside: Brought) -> None:
    assert verify(brought=[outside], replay=False).findings == []  # nothing is found where nothing was done
    counts: Counter[str] = Counter()
    for turn, name in enumerate(KINDS):
        counts += _prove(outside, name, (PLACES[turn % 3], PLACES[(turn + 1) % 3]))
    print(f"{dict(counts)} mutations of {len(KINDS)} kinds, all found")
    assert counts["plain"] == len(KINDS) * 2
    assert counts["thorough"] == (len(KINDS) - len(ONLY_PLAIN)) * 2


@pytest.mark.soak
@pytest.mark.parametrize("name", KINDS)
def test_every_mutation_of_every_row_is_found(outside: Brought, name: str) -> None:
    counts = _prove(outside, name, range(SIZE))
    print(f"{name}: {dict(counts)} mutations, all found")
    assert counts["plain"] == SIZE
    assert counts["thorough"] == (0 if name in ONLY_PLAIN else SIZE)
