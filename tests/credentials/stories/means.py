"""What every story has: a city, a model of it, a clock, and ways to name things."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from audit import clock, replay
from credentials.models import Credential
from employees.models import Department, Employee, Office
from tests.cast import City
from tests.credentials.accounts import open_account
from tests.credentials.stories.simple_model import CITY, Account, Paper, Simple, midnight_after

FIRST = ("dana", "marcus", "helen", "olive", "priya", "tom", "sam", "carla", "ruth")
KEPT = ("marcus", "carla", "ruth")
"""Who rotates, records and confirms, so that the story can go on."""
TELLING = ("digests", "verification of the ledger")
"""Steps of the daily run that change nothing that is compared."""
SHARED = ("HutchZoo", "HutchParks")
PAGE = "HutchinsonZoo"
DEPARTMENTS = ("zoo", "parks")
OFFICES = ("pi", "zoo", "parks")

who = st.integers(0, 10_000)
shared = st.sampled_from(SHARED)
of_department = st.sampled_from(DEPARTMENTS)
last_day = st.one_of(st.none(), st.integers(0, 4))


class Means(RuleBasedStateMachine):
    """A city at one moment. `city`, and the moment at which all stories of a run begin, are put in by the test."""

    city: City
    begins: datetime

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = self.begins
        self.count = 0
        self.replayed, self.seen = replay.Replayed(), 0
        self.steps = 0
        model = self.model = Simple(dict.fromkeys(FIRST, True))
        for person, office in (("dana", "pi"), ("marcus", "it"), ("helen", "zoo"), ("olive", "parks")):
            model.offices.append(Paper(person, office, self.now - timedelta(days=1)))
        for person, role in (("sam", "it"), ("tom", "public information")):
            model.roles.append(Paper(person, role, self.now - timedelta(days=1)))
        with self.act():
            for handle, of in (("HutchZoo", self.city.zoo), ("HutchParks", self.city.parks)):
                open_account(self.city.dana, of, handle)
                model.accounts[handle] = Account("zoo" if handle == "HutchZoo" else "parks")
            open_account(self.city.dana, self.city.zoo, PAGE, "facebook")
            model.accounts[PAGE] = Account("zoo", shared=False)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @contextmanager
    def act(self) -> Iterator[datetime]:
        """A minute later something happens; afterwards the model looks around."""
        before, self.now = self.now, self.now + timedelta(minutes=1)
        self.model.time_passes(before, self.now)
        with clock.moved_to(self.now):
            yield self.now
        self.model.look(self.now)

    def one(self, names: list[str], index: int) -> str | None:
        return sorted(names)[index % len(names)] if names else None

    def working(self, *, but: tuple[str, ...] = ()) -> list[str]:
        return [name for name, active in self.model.active.items() if active and name not in but]

    def employed(self, at: datetime) -> list[str]:
        """Who may be given a paper."""
        return [name for name in self.working(but=KEPT) if self.model.employed(name, at)]

    def person(self, name: str) -> Employee:
        return Employee.objects.select_related("department").get(employee_number=self.number(name))

    def number(self, name: str) -> str:
        known = getattr(self.city, name, None)
        return str(known.employee_number) if known is not None else f"9-{name}"

    def credential(self, handle: str) -> Credential:
        return Credential.objects.select_related("account__platform", "account__department").get(
            account__handle=handle
        )

    def department(self, code: str) -> Department:
        return Department.objects.get(code=code)

    def office(self, code: str) -> Office:
        if code == "pi":
            return Office.objects.get(kind=Office.Kind.PI_DIRECTOR)
        return Office.objects.get(department__code=code)

    def day(self, moment: datetime) -> date:
        return moment.astimezone(CITY).date()

    def ending(self, at: datetime, days: int | None) -> tuple[date | None, datetime | None]:
        end = None if days is None else self.day(at) + timedelta(days=days)
        return end, None if end is None else midnight_after(end)

    @rule(hours=st.sampled_from((1, 9, 24, 60)))
    def time_goes_by(self, hours: int) -> None:
        before, self.now = self.now, self.now + timedelta(hours=hours)
        self.model.time_passes(before, self.now)
