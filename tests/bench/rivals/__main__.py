"""`python -m tests.bench.rivals`: appends beside plain creates, and updates beside other histories. Asserts nothing."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

os.environ["BENCH_SETTINGS"] = "tests.bench.rivals.settings"

import tests.conftest  # noqa: F401  # the environment of a test run

import django  # isort: skip

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.test.utils import get_runner  # noqa: E402

from audit import clock  # noqa: E402
from audit.actions import Verb  # noqa: E402
from audit.ledger import Ref, act, record, service  # noqa: E402
from audit.models import Entry  # noqa: E402

ROUNDS = 24
ACTS = 50
WRITERS = 8

THING = Ref("tests.thing", "1", "A thing")
Act = Callable[[], object]


def main() -> None:
    """In a test database, which is removed afterwards."""
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases(serialized_aliases=set())
    try:
        _tables()
        print(f"{connection.vendor}: {_durability()}")
        append(connection.settings_dict["NAME"])
        update()
    finally:
        runner.teardown_databases(databases)


def _tables() -> None:
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("rivals").get_models():
            editor.create_model(model)
    if connection.vendor == "postgresql":
        call_command("pgtrigger", "install", verbosity=0)


def _durability() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT string_agg(name || ' ' || setting, ', ') FROM pg_settings "
                           "WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')")  # fmt: skip
            return str(cursor.fetchone()[0])
        cursor.execute("PRAGMA journal_mode")
        journal = cursor.fetchone()[0]
        cursor.execute("PRAGMA synchronous")
        return f"journal {journal}, synchronous {cursor.fetchone()[0]}"


@service
def _append() -> None:
    record(Verb.DAILY_RUN, actor=None, obj=THING, place=1)


class _Create:
    """An entry's columns written by the ORM, below zero: the head that appends follow stays where it is."""

    def __init__(self, first: int = -1) -> None:
        self.sample = Entry.objects.latest("index")
        self.places = itertools.count(first, -1)

    def __call__(self) -> None:
        with transaction.atomic():
            Entry.objects.create(
                index=next(self.places),
                at=clock.now(),
                verb=self.sample.verb,
                object_type=THING.type,
                object_id=THING.id,
                object_text=THING.text,
                operation=uuid.uuid4(),
                canonical=self.sample.canonical,
                leaf=bytes(self.sample.leaf),
            )


def append(name: str) -> None:
    """Interleaved rounds: one writer, then WRITERS at once, each a process."""
    _append()
    pairs = interleaved({"append": _append, "create": _Create()})
    told(
        "an act with its entry beside a plain create of the same columns, 1 writer", pairs, "append", "create"
    )
    connection.close()
    context = multiprocessing.get_context("fork")
    ends = []
    for number in range(WRITERS):
        here, there = context.Pipe()
        context.Process(target=_writer, args=(there, name, -1 - (number + 1) * 10**6), daemon=True).start()
        ends.append(here)
    times: dict[str, list[float]] = {"append": [], "create": []}
    for turn in range(ROUNDS + 1):
        for what in times if turn % 2 else reversed(times):
            begun = time.perf_counter()
            for end in ends:
                end.send(what)
            for end in ends:
                answer = end.recv()
                assert answer == "done", answer
            times[what].append(time.perf_counter() - begun)
    for end in ends:
        end.send("")
    told(f"the same by {WRITERS} writers at once", {k: v[1:] for k, v in times.items()}, "append", "create")


def _writer(end: Any, name: str, first: int) -> None:
    connection.settings_dict["NAME"] = name
    acts: dict[str, Act] = {"append": _append, "create": _Create(first)}
    while what := end.recv():
        try:
            for _ in range(ACTS):
                acts[what]()
        except Exception as error:  # told to the one who waits
            end.send(repr(error))
            raise
        end.send("done")


def update() -> None:
    """A model's change with its entry, beside the same change under other histories and under none."""
    from tests.bench.rivals import models as rivals

    kinds: dict[str, type[models.Model]] = {
        "plain": rivals.Plain, "simple-history": rivals.Simple, "auditlog": rivals.Logged,
    }  # fmt: skip
    if connection.vendor == "postgresql":
        kinds["pghistory"] = rivals.Tracked
    values = {
        "name": "Hutchinson Zoo", "state": "active", "address": "https://x.com/hutchinsonzoo", "department": 7,
        "since": date(2026, 1, 5), "changed_at": clock.now(),
    }  # fmt: skip
    states = itertools.cycle(("active", "suspended"))
    ours = rivals.Told._default_manager.create(**values)

    def tell() -> None:
        with act():
            ours.state, ours.changed_at = next(states), clock.now()
            ours.save()
            record(Verb.DAILY_RUN, actor=None, obj=ours, facts=[ours])

    def change(row: Any) -> Act:
        def save() -> None:
            with transaction.atomic():
                row.state, row.changed_at = next(states), clock.now()
                row.save()

        return save

    acts = {"ledger": tell} | {
        name: change(kind._default_manager.create(**values)) for name, kind in kinds.items()
    }
    times = interleaved(acts)
    for name in kinds:
        told(f"a model's update with its entry beside {name}", times, "ledger", name)


def interleaved(acts: dict[str, Act]) -> dict[str, list[float]]:
    """Seconds for ACTS of each kind, round by round; a first round warms up, and the order turns."""
    times: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(ROUNDS + 1):
        for name in acts if turn % 2 else reversed(acts):
            begun = time.perf_counter()
            for _ in range(ACTS):
                acts[name]()
            if turn:
                times[name].append(time.perf_counter() - begun)
    return times


def told(what: str, times: dict[str, list[float]], ours: str, theirs: str) -> None:
    ratios = sorted(their / our for our, their in zip(times[ours], times[theirs], strict=True))
    count = len(ratios)
    print(
        f"{connection.vendor}: {what}: {statistics.median(times[ours]) / ACTS * 1e3:.2f} ms and "
        f"{statistics.median(times[theirs]) / ACTS * 1e3:.2f} ms; speed beside it {statistics.median(ratios):.2f} "
        f"(middle half {ratios[count // 4]:.2f} to {ratios[-1 - count // 4]:.2f}, all {ratios[0]:.2f} to "
        f"{ratios[-1]:.2f}; {count} interleaved rounds of {ACTS})"
    )


if __name__ == "__main__":
    main()
