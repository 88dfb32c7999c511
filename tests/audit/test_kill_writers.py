"""Eight writers, killed with SIGKILL at any time, leave no entry without its change and no change without its entry."""

from __future__ import annotations

import random
import signal
import sys
import time
from itertools import count
from typing import Any

import pytest
from django.db import connection, connections

from audit.actions import Verb
from audit.models import Entry
from audit.verification import verify
from employees.departments import create_department
from employees.models import Department, Employee, Office
from tests.cast import City
from tests.processes import FORK, _forget_inherited_connections

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

WRITERS = 8
SECONDS, SOAK = 4, 120


def _write(actor: int, name: str) -> None:
    """Make departments until somebody kills this process."""
    _forget_inherited_connections()
    clerk = Employee.objects.get(pk=actor)
    for number in count():
        create_department(actor=clerk, code=f"{name}-{number}", name=f"{name} {number}")


def _start(actor: Employee, name: str) -> Any:
    connections.close_all()  # a child must not share its parent's connection
    child = FORK.Process(target=_write, args=(actor.pk, name), daemon=True)
    child.start()
    return child


def _kill(child: Any) -> None:
    child.kill()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL, f"a writer ended by itself: {child.exitcode}"


def _until_the_server_has_noticed() -> None:
    """PostgreSQL ends the transaction of a client that died when it next looks at its socket."""
    deadline = time.monotonic() + 30
    while connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone()[0] == 0:
                return
        assert time.monotonic() < deadline, "a dead writer's session is still open"
        time.sleep(0.05)


def _prove(city: City, seconds: float, seed: int) -> None:
    assert len(sys._current_frames()) == 1, "threads run beside this test; run it with -m processes"
    chance, names = random.Random(seed), (f"writer-{number}" for number in count(1))
    before = Entry.objects.count()
    there = set(Department.objects.values_list("pk", flat=True))
    writers = [_start(city.carla, next(names)) for _ in range(WRITERS)]
    killed = 0
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(chance.uniform(0, 0.1))
            place = chance.randrange(WRITERS)
            _kill(writers[place])
            killed += 1
            writers[place] = _start(city.carla, next(names))
    finally:
        for child in writers:
            child.kill()
        for child in writers:
            child.join(30)
    _until_the_server_has_noticed()

    indexes = list(Entry.objects.order_by("index").values_list("index", flat=True))
    assert indexes == list(range(1, len(indexes) + 1))
    new = Entry.objects.filter(index__gt=before)
    made = sorted(set(Department.objects.values_list("pk", flat=True)) - there)
    told = new.filter(verb=Verb.DEPARTMENT_CREATE).values_list("object_id", "operation")
    assert sorted(int(pk) for pk, _operation in told) == made
    offices = Office.objects.filter(department__in=made).values_list("pk", flat=True)
    told_offices = new.filter(verb=Verb.OFFICE_CREATE).values_list("object_id", "operation")
    assert sorted(int(pk) for pk, _operation in told_offices) == sorted(offices)
    assert len(offices) == len(made)
    assert {operation for _pk, operation in told} == {operation for _pk, operation in told_offices}
    assert new.count() == 2 * len(made)
    assert verify().findings == []
    print(
        f"{connection.vendor}: {killed + WRITERS} writers killed, {len(made)} departments, {new.count()} entries"
    )
    assert killed > seconds
    assert len(made) > 5 * seconds


def test_writers_killed_for_some_seconds_leave_each_change_with_its_entry(city: City) -> None:
    _prove(city, SECONDS, 1)


@pytest.mark.soak
def test_writers_killed_for_two_minutes_leave_each_change_with_its_entry(city: City) -> None:
    _prove(city, SOAK, 2)
