"""Whatever is done to a row of a table that replay covers, verification names the table, the row and the column.

The tables are all that are registered, so a new one is proved from its first day; what is left out of the comparison
stands in `docs/outside-replay.md` with its reason, and nothing else may be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from accounts import designating
from accounts.models import Account
from audit import clock, guards, installation, replay
from audit.verification import verify
from config.demonstration import history
from config.demonstration.stage import Stage
from employees import factors
from tests.audit.everything import fill
from tests.audit.test_mutations import undone
from tests.cast import City

pytestmark = pytest.mark.django_db

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "outside-replay.md"
ROOMS = ("audit", "employees", "accounts", "credentials", "approvals", "config")


def columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def test_what_replay_leaves_out_is_said_with_its_reason() -> None:
    registered = replay.registered()
    left_out = {}
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label_lower
        if label in registered:
            _model, compared = registered[label]
            assert model._meta.pk is not None
            rest = sorted(set(columns(model)) - set(compared) - {model._meta.pk.attname})
            if rest:
                left_out[label] = rest
        elif model._meta.app_label in ROOMS:
            left_out[label] = ["all"]
    said: dict[str, list[str]] = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            label, names, why = (cell.strip() for cell in line.strip("| ").split("|"))
            assert why, f"{label} has no reason"
            said.setdefault(label.strip("`"), []).extend(re.findall(r"`(\w+)`", names) or [names])
    assert {label: sorted(names) for label, names in said.items()} == left_out


def other(field: models.Field[Any, Any], value: Any) -> Any:
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
    kind: Any = field
    while isinstance(kind, models.ForeignKey):
        kind = kind.target_field
    if isinstance(kind, models.DateTimeField):
        return datetime.fromisoformat("2020-01-01T00:00:00Z")
    if isinstance(kind, models.DateField):
        return date(2020, 1, 1)
    if isinstance(kind, models.IntegerField):
        return 1000
    if isinstance(kind, models.UUIDField):
        return UUID(int=3)
    return "x"


def unbind(table: str) -> None:
    """What the owner of the tables can drop besides the guards: checks, what is unique, triggers; keys wait."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'u', 'x')",
                [table],
            )
            drops = [
                f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}" CASCADE' for (name,) in cursor.fetchall()
            ]
            cursor.execute(
                "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                "WHERE i.indrelid = %s::regclass AND i.indisunique AND NOT i.indisprimary "
                "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)",
                [table],
            )
            drops += [f'DROP INDEX "{name}"' for (name,) in cursor.fetchall()]
        else:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute(
                "SELECT type, name FROM sqlite_master WHERE tbl_name = %s AND "
                "(type = 'trigger' OR type = 'index' AND sql LIKE 'CREATE UNIQUE%%')",
                [table],
            )
            drops = [f'DROP {kind} "{name}"' for kind, name in cursor.fetchall()]
        for drop in drops:
            cursor.execute(drop)


def unique(model: type[models.Model]) -> set[str]:
    """Columns that tell rows apart."""
    names = {field.attname for field in model._meta.concrete_fields if field.unique}
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            names |= {model._meta.get_field(name).attname for name in constraint.fields}  # type: ignore[union-attr]
    return names


class Proof:
    """Attacks that were made, each undone; `missed` are those that nothing told of."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.missed: list[str] = []

    def attempt(self, what: str, table: str, attack: Callable[[], object], named: tuple[str, ...]) -> None:
        with undone():
            try:
                with transaction.atomic():
                    unbind(table)
                    attack()
            except DatabaseError as error:
                self.missed.append(f"{what} could not be tried: {error}")
                return
            self.counts[what.partition(" ")[0]] += 1
            if not any(all(one in finding for one in named) for finding in verify().findings):
                self.missed.append(what)

    def table(self, label: str, take: Callable[[list[str]], list[str]]) -> None:
        model, compared = replay.registered()[label]
        row = model._base_manager.order_by("-pk").first()
        assert row is not None, f"{label} has no row in this scene: nothing is proved of it"
        key, table, manager = model._meta.pk, model._meta.db_table, model._base_manager
        assert key is not None
        mine = manager.filter(pk=row.pk)
        fields = {field.attname: field for field in model._meta.concrete_fields}
        for name in take([name for name in compared if name != "pk"]):
            value = other(fields[name], getattr(row, name))
            named: tuple[str, ...] = (f"{label} {row.pk}:", name)
            self.attempt(f"edited {label}.{name}", table, partial(mine.update, **{name: value}), named)
        self.attempt(f"deleted {label}", table, lambda: mine._raw_delete(mine.db), (f"{label} {row.pk}:",))
        copy = {
            name: other(fields[name], getattr(row, name)) if name in unique(model) else getattr(row, name)
            for name in fields
        }
        named = (f"{label} {copy[key.attname]}:",)
        self.attempt(f"added {label}", table, lambda: manager.bulk_create([model(**copy)]), named)


def prove(take: Callable[[list[str]], list[str]]) -> None:
    assert verify().findings == []  # nothing is found where nothing was done
    proof = Proof()
    with guards.lifted(connection):
        try:
            for label in sorted(replay.registered()):
                proof.table(label, take)
        finally:
            if connection.vendor == "sqlite":
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA ignore_check_constraints = OFF")
    print(f"{len(replay.registered())} tables, {dict(proof.counts)}, missed: {len(proof.missed)}")
    assert proof.missed == []
    assert proof.counts["added"] == proof.counts["deleted"] == len(replay.registered())


def test_a_column_of_each_table_in_turn_and_a_row_less_or_more_are_named(city: City) -> None:
    """Another column each day; the soak takes them all."""
    fill(city)
    turn = clock.today().toordinal()
    prove(lambda names: [names[turn % len(names)]])


@pytest.mark.soak
def test_every_column_of_each_table_is_named(city: City) -> None:
    fill(city)
    prove(lambda names: names)


@pytest.mark.soak
def test_every_column_is_named_in_the_demonstration_city(db: None) -> None:
    installation.declare_demonstration()
    stage = Stage(today=clock.today())
    history.tell(stage, lambda _title: None)
    zoo = Account.objects.get(key="hutchzoo", platform__slug="x")
    designating.designate(
        actor=stage["helen"],
        account=zoo,
        designee=stage["rosa"],
        start=clock.today(),
        instrument="Zoo memo 30",
    )
    factors.ask_reset(actor=stage["nina"], person=stage["priya"], reason="A lost telephone")
    prove(lambda names: names)
