"""Every kind of change × every row of a ledger, by somebody who has the database but not the signing key.

Each kind is done twice: plainly, and thoroughly, with everything made right again that the database alone can make
right (positions, leaves, columns, kept hashes, and the checkpoints kept beside the entries thrown away). A checkpoint
that was kept outside finds them all. The tables that replay covers are edited row by row and column by column.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, models, transaction

from audit import canonical, checkpoints, clock, guards, installation, replay, subtrees
from audit.actions import Verb
from audit.ledger import Ref, record, service
from audit.models import Checkpoint, Entry, Subtree
from audit.verification import Brought, verify
from config.demonstration import history
from config.demonstration.stage import Stage
from tests.approvals.paths import approved
from tests.cast import City, designate
from tests.credentials.accounts import deposited, open_account, rotated

pytestmark = pytest.mark.django_db

SIZE = 500
PLACES = (0, 255, SIZE - 1)
"""Rows of the normal run, two for each kind in turn: both ends and the end of a block. The soak takes each."""

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
    _fill(SIZE - Entry.objects.count(), Ref("tests.thing", "7", 'The "Old" Mill'))
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
    rows.sort(key=lambda row: row["index"])
    for row in rows:
        old = was.get(row["index"])
        if old is not None and old["canonical"] == row["canonical"]:
            changed = {name for name in COLUMNS if old[name] != row[name]}
            if changed:
                row["canonical"] = _from_columns(row)
    for index, row in enumerate(rows, 1):
        row["index"], row["leaf"] = index, canonical.leaf(row["canonical"])
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


def write(before: Rows, rows: Rows) -> None:
    """Bring the table from `before` to `rows`."""
    old = {row["index"]: row for row in before}
    new = {row["index"]: row for row in rows}
    gone = [index for index in old if old[index] != new.get(index)]
    Entry.objects.filter(index__in=gone).delete()
    Entry.objects.bulk_create([Entry(**row) for index, row in new.items() if row != old.get(index)])


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
                    write(before, rows)
                    if clever:
                        Checkpoint.objects.all().delete()
                        Subtree.objects.all().delete()
                        subtrees.grow(len(rows))
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


def _other(field: models.Field[Any, Any], value: Any) -> Any:
    """Another value of the column's kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, str):
        if value:
            return value[:-1] + ("x" if value[-1] != "x" else "y")
        return "x"
    if isinstance(value, list | dict):
        return [value, 1]
    if isinstance(value, UUID):
        return UUID(int=value.int ^ 1)
    kind = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(kind, models.DateTimeField):
        return datetime.fromisoformat("2020-01-01T00:00:00Z")
    if isinstance(kind, models.DateField):
        return date(2020, 1, 1)
    if isinstance(kind, models.IntegerField):
        return 1000
    if isinstance(kind, models.UUIDField):
        return UUID(int=3)
    return "x"


def _tables(most: int | None) -> tuple[Counter[str], list[str], set[str]]:
    """Edit, delete and add rows of each replayed table; how often, what was missed, and the tables without a row."""
    counts: Counter[str] = Counter()
    missed, bare = [], set[str]()

    def attempt(what: str, attack: Callable[[], object]) -> None:
        with undone():
            try:
                with transaction.atomic():
                    if connection.vendor == "postgresql":
                        with connection.cursor() as cursor:  # foreign keys wait, as for whoever comes anew
                            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                    attack()
            except DatabaseError:
                counts["refused by the database"] += 1
                return
            counts["done"] += 1
            if verify().sound:
                missed.append(what)

    for label, (model, fields) in sorted(replay.registered().items()):
        manager = model._base_manager
        rows = list(manager.order_by("-pk")[:most])
        if not rows:
            bare.add(label)
        for row in rows:
            mine = manager.filter(pk=row.pk)
            for name in fields:
                if name == "pk":
                    continue
                field = {one.attname: one for one in model._meta.concrete_fields}[name]
                value = _other(field, getattr(row, name))
                attempt(f"{label}.{name}", lambda m=mine, n=name, v=value: m.update(**{n: v}))  # type: ignore[misc]
            attempt(f"{label} deleted", lambda m=mine: m._raw_delete(m.db))  # type: ignore[misc]
            copy = {one.attname: getattr(row, one.attname) for one in model._meta.concrete_fields}
            assert model._meta.pk is not None
            if isinstance(row.pk, int):
                copy[model._meta.pk.attname] = row.pk + 100_000
                attempt(f"{label} added", lambda m=manager, c=copy: m.bulk_create([m.model(**c)]))  # type: ignore[misc]
    return counts, missed, bare


def test_every_edit_of_a_row_of_each_replayed_table_is_found(lived: None) -> None:
    assert verify().findings == []
    with guards.lifted(connection):
        counts, missed, bare = _tables(1)
    print(f"{dict(counts)}; without a row here: {', '.join(sorted(bare))}")
    assert missed == []
    assert counts["done"] > 40


@pytest.mark.soak
def test_every_edit_in_the_demonstration_city_is_found(db: None) -> None:
    """In the demonstration city, where most tables have rows: the newest row of each."""
    installation.declare_demonstration()
    history.tell(Stage(today=clock.today()), lambda _title: None)
    with guards.lifted(connection):
        counts, missed, bare = _tables(1)
    print(f"{dict(counts)}; without a row here: {', '.join(sorted(bare))}")
    assert missed == []
