"""People who come, move and go."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from audit.errors import Refused
from config import daily
from employees import services as people
from tests.credentials.stories.means import (
    KEPT,
    TELLING,
    last_day,
    of_department,
    who,
)
from tests.credentials.stories.secrets import Secrets


class People(Secrets):
    """Rules over employment."""

    @rule()
    def the_daily_run(self) -> None:
        """What of it can change anything here. Its digests and its verification would take most of the story's time,
        and the ledger is replayed after each step anyway."""
        with self.act() as at:
            done = daily.Done()
            for name, step in daily.STEPS:
                if name not in TELLING:
                    step(done)
            for name in [one for one, last in self.model.lasts.items() if last <= at]:
                self.model.leaves(name, at)

    @rule(code=of_department)
    def hire(self, code: str) -> None:
        if self.count == 4:
            return
        self.count += 1
        name = f"new{self.count}"
        with self.act() as at:
            people.hire(
                actor=self.person("carla"),
                employee_number=self.number(name),
                name=f"{name} Person",
                email=f"{name}@hutch.example",
                title="Staff",
                department=self.department(code),
                start=self.day(at),
            )
        self.model.active[name] = True

    @rule(index=who)
    def separate(self, index: int) -> None:
        name = self.one(self.working(but=KEPT), index)
        if name is not None:
            self._separate(name)

    def _separate(self, name: str) -> None:
        with self.act() as at:
            people.separate(
                actor=self.person("carla"), employee=self.person(name), last_day=self.day(at), reason="Left"
            )
            self.model.leaves(name, at)

    @rule(index=who, days=last_day, hours=st.sampled_from((0, 24, 60)))
    def last_day_of_employment(self, index: int, days: int | None, hours: int) -> None:
        """One that lies ahead bounds every paper; without `days` it is taken back, or is none."""
        with self.act() as at:
            name = self.one(sorted(self.model.lasts) if days is None else self.employed(at), index)
            if name is None or not self.model.employed(name, at):
                return
            day, last = self.ending(at, days)
            people.set_last_day(actor=self.person("carla"), employee=self.person(name), last_day=day)
            self.model.has_last_day(name, last, at)
        if hours:
            self.time_goes_by(hours)

    @rule(index=who, code=of_department)
    def rehire(self, index: int, code: str) -> None:
        name = self.one([one for one, active in self.model.active.items() if not active], index)
        if name is not None:
            self._rehire(name, code)

    def _rehire(self, name: str, code: str) -> None:
        with self.act() as at:
            person = self.person(name)
            people.rehire(
                actor=self.person("carla"),
                employee=person,
                email=f"{name}@hutch.example",
                title="Staff",
                department=self.department(code),
                start=self.day(at),
            )
            self.model.active[name] = True

    @rule(index=who, code=of_department)
    def transfer(self, index: int, code: str) -> None:
        name = self.one(self.working(but=KEPT), index)
        if name is None:
            return
        with self.act() as at:
            # Whose last day is over waits to be separated.
            over = nullcontext() if self.model.employed(name, at) else pytest.raises(Refused)
            with over:
                people.transfer(
                    actor=self.person("carla"),
                    employee=self.person(name),
                    department=self.department(code),
                    title="Moved",
                    start=self.day(at),
                )
