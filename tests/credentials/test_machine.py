"""Long random stories over hiring, papers, secrets and departures: the code and a simple model agree after every step.

What is compared: custody, grounds, permissions, knowledge, due rotations with who causes them, receipts owed, and the
ledger's replay. The model (`simple_model`) remembers; the code works everything out anew from what it stores.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts import services as accounts
from audit import clock, ledger, replay
from audit.errors import NotPermitted, Refused
from audit.models import Entry
from config import daily
from credentials import breakglass, dues, entitlement, grants, knowledge, notes, receipts, rotation, vault
from credentials.models import Credential, Custody, Grant, Ground, Knowledge, Rotation, SecretVersion
from employees import services as people
from employees.models import Appointment, Department, Designation, Employee, Office, Role
from tests.cast import City
from tests.credentials.accounts import open_account, permissions_mirror_custody
from tests.credentials.simple_model import CITY, Account, Paper, Simple, midnight_after

pytestmark = pytest.mark.django_db

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


class Story(RuleBasedStateMachine):
    """One story. `city`, and the moment at which all stories of a run begin, are put in by the test."""

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
        self.deposit(0, "HutchZoo")
        self.deposit(0, "HutchParks")

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # Means

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

    # People

    @rule(hours=st.sampled_from((1, 9, 24, 60)))
    def time_goes_by(self, hours: int) -> None:
        before, self.now = self.now, self.now + timedelta(hours=hours)
        self.model.time_passes(before, self.now)

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

    @rule(index=who, code=of_department, handle=shared)
    def somebody_leaves_and_comes_back(self, index: int, code: str, handle: str) -> None:
        """Whoever has papers, and knows what they opened: none of them is there on the way back."""
        model = self.model
        # Each kind of paper as often as another, however few people have one.
        kinds = (model.offices, model.designations, model.roles, model.grants)
        papers = kinds[index % len(kinds)]
        names = {one.who for one in papers if one.holds(self.now)} & set(self.working(but=KEPT))
        name = self.one(sorted(names), index // len(kinds))
        if name is None:
            return
        if self.model.accounts[handle].current and name in self.model.holders(handle, self.now):
            self._reveal(name, handle)
        self._separate(name)
        self._rehire(name, code)
        self.the_daily_run()

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

    # Papers

    def again(self, papers: list[Paper], code: str, names: list[str], index: int) -> str | None:
        """Half of the time who had such a paper before: what somebody lost and has again is where errors hide."""
        before = [paper.who for paper in papers if paper.what == code and paper.who in names]
        return before[-1] if before and index % 2 else self.one(names, index // 2)

    @rule(index=who, code=st.sampled_from(OFFICES), days=last_day)
    def appoint(self, index: int, code: str, days: int | None) -> None:
        model = self.model
        if any(paper.what == code and paper.comes_or_holds(self.now) for paper in model.offices):
            return
        with self.act() as at:
            name = self.again(model.offices, code, self.employed(at), index)
            if name is None:
                return
            end, ends = self.ending(at, days)
            made = people.record_appointment(
                actor=self.person("carla"),
                office=self.office(code),
                holder=self.person(name),
                start=self.day(at),
                end=end,
                acting=False,
                instrument="Paper",
            )
            people.confirm_appointment(actor=self.person("ruth"), appointment=made)
            model.gets(model.offices, Paper(name, code, at, ends))

    @rule(code=st.sampled_from(OFFICES), at_once=st.booleans())
    def end_appointment(self, code: str, at_once: bool) -> None:
        paper = next((one for one in self.model.offices if one.what == code and one.holds(self.now)), None)
        if paper is None or (paper.until is not None and not at_once):
            return
        with self.act() as at:
            if not paper.holds(at):
                return
            last = self.day(at) - timedelta(days=1 if at_once else 0)
            row = Appointment.objects.in_force().get(office=self.office(code))
            people.end_appointment(actor=self.person("carla"), appointment=row, last_day=last, reason="Over")
            paper.cut(at if at_once else midnight_after(last))

    @rule(index=who, code=of_department, days=last_day)
    def designate(self, index: int, code: str, days: int | None) -> None:
        model = self.model
        with self.act() as at:
            seat = next((one for one in model.offices if one.what == code and one.holds(at)), None)
            taken = {one.who for one in model.designations if one.what == code and one.comes_or_holds(at)}
            directors = {one.who for one in model.offices if one.what == code and one.comes_or_holds(at)}
            free = [one for one in self.employed(at) if one not in taken | directors]
            name = self.again(model.designations, code, free, index)
            if seat is None or name is None:
                return
            end, ends = self.ending(at, days)
            made = people.record_designation(
                actor=self.person("carla"),
                department=self.department(code),
                designee=self.person(name),
                start=self.day(at),
                end=end,
                instrument="Memo",
                whole_department=True,
            )
            people.confirm_designation(actor=self.person("ruth"), designation=made)
            model.gets(model.designations, Paper(name, code, at, ends, under=seat))

    @rule(index=who)
    def end_designation(self, index: int) -> None:
        with self.act() as at:
            held = [one for one in self.model.designations if one.holds(at)]
            if not held:
                return
            self._end_designation(held[index % len(held)], at)

    def _end_designation(self, paper: Paper, at: datetime) -> None:
        row = Designation.objects.in_force().get(designee=self.person(paper.who), department__code=paper.what)
        people.end_designation(
            actor=self.person("carla"),
            designation=row,
            last_day=self.day(at) - timedelta(days=1),
            reason="Over",
        )
        paper.cut(at)

    @rule(index=who, handle=shared, days=last_day)
    def grant(self, index: int, handle: str, days: int | None) -> None:
        """An approved request gives somebody one account."""
        with self.act() as at:
            name = self.again(self.model.grants, handle, self.employed(at), index)
            if name is not None:
                self._grant(name, handle, at, days)

    def _grant(self, name: str, handle: str, at: datetime, days: int | None = None) -> None:
        end, ends = self.ending(at, days)
        grants.give(
            actor=self.person("marcus"),
            account=self.credential(handle).account,
            people=[self.person(name)],
            request_id="1",
            request_text="Request 1",
            start=self.day(at),
            end=end,
        )
        self.model.gets(self.model.grants, Paper(name, handle, at, ends))

    @rule(index=who)
    def end_grants(self, index: int) -> None:
        with self.act() as at:
            name = self.one(sorted({one.who for one in self.model.grants if one.holds(at)}), index)
            if name is None:
                return
            given = list(Grant.objects.filter(person=self.person(name), ended_at=None))
            grants.end(actor=self.person("marcus"), grants=given, reason="Over")
            for paper in self.model.grants:
                if paper.who == name:
                    paper.cut(at)

    @rule(index=who)
    def give_it_role(self, index: int) -> None:
        with self.act() as at:
            name = self.one([one for one in self.employed(at) if not self.model.is_it(one, at)], index)
            if name is not None:
                self._give_it_role(name, at)

    def _give_it_role(self, name: str, at: datetime) -> None:
        made = people.record_role(
            actor=self.person("carla"),
            holder=self.person(name),
            name=Role.Name.INFORMATION_TECHNOLOGY,
            start=self.day(at),
            end=None,
            instrument="Order",
        )
        people.confirm_role(actor=self.person("ruth"), role=made)
        self.model.gets(self.model.roles, Paper(name, "it", at))

    @rule(index=who)
    def end_it_role(self, index: int) -> None:
        with self.act() as at:
            held = [one for one in self.model.roles if one.what == "it" and one.holds(at)]
            if len(held) < 2:
                return
            paper = held[index % len(held)]
            row = Role.objects.in_force().get(
                holder=self.person(paper.who), name=Role.Name.INFORMATION_TECHNOLOGY
            )
            people.end_role(
                actor=self.person("carla"),
                role=row,
                last_day=self.day(at) - timedelta(days=1),
                reason="Over",
            )
            paper.cut(at)

    # Secrets

    def _learn_shown(self, handle: str, name: str, how: str, at: datetime, *, staged: bool) -> None:
        account = self.model.accounts[handle]
        self.model.learns(handle, account.current, name, how, at)
        if staged and account.staged:
            self.model.learns(handle, account.staged, name, how, at)

    @rule(index=who, handle=shared)
    def deposit(self, index: int, handle: str) -> None:
        account = self.model.accounts[handle]
        with self.act() as at:
            allowed = self.model.holders(handle, at) | {
                one for one in self.working() if self.model.is_it(one, at)
            }
            name = self.one(sorted(allowed), index)
            if name is None or account.staged:
                return
            account.last += 1
            vault.deposit(
                actor=self.person(name),
                credential=self.credential(handle),
                login="social@hutch.example",
                value=f"Correct-Horse-{account.last}-{handle}",
            )
            self.model.becomes_current(handle, account.last, at)
            self.model.learns(handle, account.current, name, "set", at)

    @rule(index=who, handle=shared)
    def reveal(self, index: int, handle: str) -> None:
        """Anybody tries."""
        account = self.model.accounts[handle]
        name = self.one(self.working(), index)
        if name is not None and account.current:
            self._reveal(name, handle)

    def _reveal(self, name: str, handle: str) -> None:
        account = self.model.accounts[handle]
        with self.act() as at:
            person, credential = self.person(name), self.credential(handle)
            if name not in self.model.holders(handle, at):
                with pytest.raises(NotPermitted):
                    vault.reveal(actor=person, credential=credential)
                return
            vault.reveal(actor=person, credential=credential)
            self._learn_shown(handle, name, "reveal", at, staged=account.step == "claimed")

    @rule(index=who, handle=shared, glass=st.booleans(), verified=st.booleans())
    def somebody_reads_while_it_is_changed(
        self, index: int, handle: str, glass: bool, verified: bool
    ) -> None:
        """While a new password is said to be on the platform whoever opens it is shown both."""
        while self.model.accounts[handle].current and self.model.accounts[handle].step != "claimed":
            self.rotate_on(index, handle)
        outside = set(self.working()) - self.model.holders(handle, self.now)
        name = self.one([one for one in sorted(outside) if self._named(one, self.now)], index)
        if glass and name is not None:
            self._break_glass(name, handle)
        else:
            self._somebody_reads(index, handle)
        if verified:
            self.rotate_to_the_end(index, handle)

    def _somebody_reads(self, index: int, handle: str) -> None:
        name = self.one(sorted(self.model.holders(handle, self.now)), index)
        if name is not None and self.model.accounts[handle].current:
            self._reveal(name, handle)

    @rule(index=who, handle=shared, times=st.integers(1, 2), also=st.integers(0, 2), then=st.integers(0, 3))
    def a_designee_reads_and_loses_it(
        self, index: int, handle: str, times: int, also: int, then: int
    ) -> None:
        """What errors hide in takes several turns in a row, which chance alone seldom brings.

        Somebody reads a password, once or twice, perhaps holding another account or Information Technology's role as
        well, and loses the account; then nothing, a rotation, notes, or the same paper again.
        """
        code = self.model.accounts[handle].department
        paper = self._designee(code)
        if paper is None:
            self.designate(index, code, None)
            paper = self._designee(code)
        if paper is None or not self.model.accounts[handle].current:
            return
        name = paper.who
        with self.act() as at:
            if also == 1 and self.model.employed(name, at):
                self._grant(name, next(other for other in SHARED if other != handle), at)
        for _time in range(times):
            self._reveal(name, handle)
        with self.act() as at:
            if also == 2 and self.model.employed(name, at) and not self.model.is_it(name, at):
                self._give_it_role(name, at)
        with self.act() as at:
            if not paper.holds(at):
                return
            self._end_designation(paper, at)
        if then == 1:
            self.rotate_to_the_end(index, handle)
        elif then == 2:
            self.edit(index, handle)
        elif then == 3:
            self._name_again(name, code)

    @rule(index=who, handle=shared, days=last_day, how=st.integers(0, 3))
    def a_director_goes_whose_designee_reads(
        self, index: int, handle: str, days: int | None, how: int
    ) -> None:
        """What a Director wrote lapses with the appointment: at its date, at its end, at the departure."""
        code = self.model.accounts[handle].department
        if days is not None:
            self.end_appointment(code, True)
        self.appoint(index, code, days)
        self.designate(index // 2, code, None)
        paper = self._designee(code)
        if paper is None:
            return
        if self.model.accounts[handle].current:
            self._reveal(paper.who, handle)
        assert paper.under is not None
        director = paper.under.who
        if how == 1:
            self.end_appointment(code, True)
        elif how == 2 and self.model.active[director] and director not in KEPT:
            self._separate(director)
        elif how == 3:
            self.time_goes_by(60)

    def _designee(self, code: str) -> Paper | None:
        held = [one for one in self.model.designations if one.what == code and one.holds(self.now)]
        return next((one for one in held if self.model.active[one.who] and one.ends is None), None)

    def _name_again(self, name: str, code: str) -> None:
        with self.act() as at:
            seat = next((one for one in self.model.offices if one.what == code and one.holds(at)), None)
            if seat is None or not self.model.employed(name, at) or name == seat.who:
                return
            made = people.record_designation(
                actor=self.person("carla"),
                department=self.department(code),
                designee=self.person(name),
                start=self.day(at),
                end=None,
                instrument="Memo",
                whole_department=True,
            )
            people.confirm_designation(actor=self.person("ruth"), designation=made)
            self.model.gets(self.model.designations, Paper(name, code, at, None, under=seat))

    @rule(index=who, handle=shared)
    def edit(self, index: int, handle: str) -> None:
        """A new name for the account and other notes: nothing of it is rotating."""
        with self.act() as at:
            name = self.one(sorted(self.model.holders(handle, at)), index)
            if name is None:
                return
            account = self.credential(handle).account
            editors = sorted(
                one.who
                for one in self.model.offices
                if one.holds(at) and one.what in ("pi", account.department.code)
            )
            if editors:
                accounts.describe(
                    actor=self.person(editors[0]), account=account, name=f"{handle} {self.steps}"
                )
            notes.write(
                actor=self.person(name), credential=self.credential(handle), text=f"Note {self.steps}"
            )

    @rule(index=who, handle=shared)
    def rotate_on(self, index: int, handle: str) -> None:
        """Whoever of IT is at hand does the next step."""
        self._rotate_on(index, handle)

    def _rotate_on(self, index: int, handle: str, by: str = "") -> None:
        account = self.model.accounts[handle]
        with self.act() as at:
            able = [one for one in self.working() if self.model.is_it(one, at)]
            name = by if by in able else self.one(able, index)
            if name is None or not account.current:
                return
            person, credential = self.person(name), self.credential(handle)
            open_one = rotation.open_rotation(credential)
            if not account.step:
                rotation.start(actor=person, credential=credential)
                account.last += 1
                account.staged, account.step = account.last, "staged"
                return
            assert open_one is not None
            if account.step == "staged":
                rotation.show(actor=person, rotation=open_one)
                self._learn_shown(handle, name, "rotation", at, staged=True)
                account.step = "shown"
            elif account.step == "shown":
                rotation.claim_changed(actor=person, rotation=open_one)
                account.step = "claimed"
            else:
                rotation.verify(actor=person, rotation=open_one)
                self.model.learns(handle, account.staged, name, "verified", at)
                self.model.becomes_current(handle, account.staged, at)
                account.staged, account.step = 0, ""

    @rule(index=who, handle=shared)
    def rotate_to_the_end(self, index: int, handle: str) -> None:
        steps = 4 - ("", "staged", "shown", "claimed").index(self.model.accounts[handle].step)
        for _step in range(steps):
            self.rotate_on(index, handle)

    def cancel_a_rotation(self, index: int, handle: str) -> None:
        self.rotate_on(index, handle)
        self.cancel(handle)

    @rule(handle=shared)
    def cancel(self, handle: str) -> None:
        account = self.model.accounts[handle]
        if not account.step:
            return
        with self.act():
            open_one = rotation.open_rotation(self.credential(handle))
            assert open_one is not None
            rotation.cancel(actor=self.person("marcus"), rotation=open_one)
            account.staged, account.step = 0, ""

    def _current(self, handle: str) -> SecretVersion:
        found = SecretVersion.objects.select_related("item__credential__account").get(
            item__credential__account__handle=handle, state=SecretVersion.State.CURRENT
        )
        assert found.number == self.model.accounts[handle].current
        return found

    @rule(index=who, handle=shared)
    def report(self, index: int, handle: str) -> None:
        account = self.model.accounts[handle]
        name = self.one(self.working(), index)
        if name is None or not account.current:
            return
        with self.act() as at:
            person, version = self.person(name), self._current(handle)
            if not self.model.is_it(name, at) and name not in self.model.holders(handle, at):
                with pytest.raises(NotPermitted):
                    knowledge.report(actor=person, version=version, reason="It got around.")
                return
            knowledge.report(actor=person, version=version, reason="It got around.")
            self.model.reported.add((handle, account.current))

    @rule(index=who, handle=shared, then=st.integers(0, 2))
    def it_gets_around(self, index: int, handle: str, then: int) -> None:
        """Somebody says so, and afterwards others open it, take note, or edit: it must be replaced all the same."""
        with self.act() as at:
            name = self.one(sorted(self.model.holders(handle, at)), index)
            if name is None or not self.model.accounts[handle].current:
                return
            knowledge.report(actor=self.person(name), version=self._current(handle), reason="It got around.")
            self.model.reported.add((handle, self.model.accounts[handle].current))
        (self._somebody_reads, self.edit, self.cancel_a_rotation)[then](index + 1, handle)

    @rule(index=who, handle=shared)
    def is_told(self, index: int, handle: str) -> None:
        name = self.one(self.working(), index)
        if name is not None:
            self._is_told(name, handle)

    def _is_told(self, name: str, handle: str) -> None:
        account = self.model.accounts[handle]
        if not account.current:
            return
        with self.act() as at:
            person = self.person(name)
            knowledge.declare_told(actor=person, version=self._current(handle), person=person)
            self.model.learns(handle, account.current, name, "told", at)

    @rule(index=who, handle=shared)
    def somebody_of_it_is_told_and_then_rotates(self, index: int, handle: str) -> None:
        """The role covers what one saw by its work, and so only from then on: the telling stays a gap."""
        outside = set(self.working()) - self.model.holders(handle, self.now)
        name = self.one([one for one in sorted(outside) if self.model.is_it(one, self.now)], index)
        if name is None or self.model.accounts[handle].step in ("shown", "claimed"):
            return
        self._is_told(name, handle)
        while self.model.accounts[handle].current and self.model.accounts[handle].step != "shown":
            self._rotate_on(index, handle, by=name)

    @rule(index=who, handle=shared)
    def break_glass(self, index: int, handle: str) -> None:
        name = self.one(self.working(), index)
        if name is not None:
            self._break_glass(name, handle)

    def _named(self, name: str, at: datetime) -> bool:
        """Whether the City has named somebody for its accounts as a whole."""
        return any(self.model.has(name, what, at) for what in ("it", "pi", "public information"))

    def _break_glass(self, name: str, handle: str) -> None:
        account = self.model.accounts[handle]
        if not account.current:
            return
        reason = "The river rises and nobody can be reached"
        with self.act() as at:
            person, credential = self.person(name), self.credential(handle)
            if name in self.model.holders(handle, at) or not self._named(name, at):
                with pytest.raises(NotPermitted):
                    breakglass.open_glass(actor=person, credential=credential, reason=reason)
                return
            breakglass.open_glass(actor=person, credential=credential, reason=reason)
            self._learn_shown(handle, name, "emergency", at, staged=account.step == "claimed")
            self.model.reported.add((handle, account.current))

    @rule(index=who)
    def take_note(self, index: int) -> None:
        with self.act() as at:
            owed = self.model.owes(at)
            name = self.one(sorted({one for one, _handle in owed}), index)
            if name is None:
                return
            made = receipts.acknowledge(actor=self.person(name))
            mine = {handle for one, handle in owed if one == name}
            assert len(made) == len(mine)
            self.model.noted |= {(one, self.model.accounts[one].current, name) for one in mine}

    # What must agree

    def first(self, name: str) -> str:
        return name.split()[0].lower()

    @invariant()
    def all_agree(self) -> None:
        at = self.now
        self.steps += 1
        with clock.moved_to(at):
            self._papers_agree()
            self._custody_agrees(at)
            self._knowledge_agrees()
            self._dues_agree()
            owed = {(self.first(one.person.name), one.account.handle) for one in receipts.duties()}
            assert owed == self.model.owes(at)
            self._permissions_agree(at)
            self._ledger_agrees()

    def _papers_agree(self) -> None:
        """Who directs and who is designee of which department, and who has Information Technology's role."""
        it = {Role.Name.INFORMATION_TECHNOLOGY.value: "it"}
        codes = {code: code for code in DEPARTMENTS}
        for model, person, of, compared, papers in (
            (Appointment, "holder", "office__department__code", codes, self.model.offices),
            (Designation, "designee", "department__code", codes, self.model.designations),
            (Role, "holder", "name", it, self.model.roles),
        ):
            rows: Any = model.objects.in_force().filter(
                **{f"{person}__is_active": True, f"{of}__in": compared}
            )
            found = {
                (self.first(name), compared[what]) for name, what in rows.values_list(f"{person}__name", of)
            }
            assert found == {
                (one.who, one.what) for one in papers if one.what in compared.values() and one.holds(self.now)
            }

    def _custody_agrees(self, at: datetime) -> None:
        grounds: dict[str, set[tuple[str, str]]] = {handle: set() for handle in self.model.accounts}
        rows = Ground.objects.in_force().filter(custody__person__is_active=True)
        for handle, name, kind in rows.values_list(
            "custody__account__handle", "custody__person__name", "kind"
        ):
            grounds[handle].add((self.first(name), kind))
        assert grounds == {handle: self.model.grounds(handle, at) for handle in self.model.accounts}
        held: dict[str, set[str]] = {handle: set() for handle in self.model.accounts}
        in_force = Custody.objects.in_force().filter(person__is_active=True)
        for handle, name in in_force.values_list("account__handle", "person__name"):
            held[handle].add(self.first(name))
        assert held == {handle: self.model.holders(handle, at) for handle in self.model.accounts}

    def _knowledge_agrees(self) -> None:
        rows = Knowledge.objects.values_list(
            "version__item__credential__account__handle", "version__number", "person__name", "how"
        )
        known = {(handle, number, self.first(name), how) for handle, number, name, how in rows}
        assert known == self.model.knows

    def _dues_agree(self) -> None:
        queue = dues.queue()
        found = {due.account.handle: {self.first(one.person.name) for one in due.knowers} for due in queue}
        assert found == self.model.due()
        assert dues.count() == len(queue)
        steps = {
            one.item.credential.account.handle: one.state
            for one in Rotation.objects.filter(state__in=Rotation.OPEN).select_related(
                "item__credential__account"
            )
        }
        assert steps == {name: one.step for name, one in self.model.accounts.items() if one.step}

    def _permissions_agree(self, at: datetime) -> None:
        assert permissions_mirror_custody()
        if self.steps % 5:
            return  # asking for everybody is slow
        for handle in SHARED:
            credential = self.credential(handle)
            may = {
                name
                for name in self.model.active
                if entitlement.ground_to_reveal(self.person(name), credential) is not None
            }
            assert may == self.model.holders(handle, at)

    def _ledger_agrees(self) -> None:
        for entry in Entry.objects.filter(index__gt=self.seen).order_by("index"):
            self.replayed.add(json.loads(entry.canonical))
            self.seen = entry.index
        assert list(self.replayed.differences()) == []


def tell(city: City, examples: int, steps: int) -> None:
    """Run that many stories of so many steps."""
    # One moment for all: a story that is told again, to be shrunk, must meet the same midnights.
    tomorrow = timezone.now().astimezone(CITY).date() + timedelta(days=1)
    begins = datetime.combine(tomorrow, time(9), tzinfo=CITY)
    machine: Any = type("StoryOfThisCity", (Story,), {"city": city, "begins": begins})
    assert not ledger.in_act()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=not os.environ.get("SOAK"),
            # Shrinking a failing story takes minutes; the long run has them.
            phases=list(Phase) if os.environ.get("SOAK") else [Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_code_and_model_agree_after_every_step(city: City) -> None:
    tell(city, examples=7, steps=25)


@pytest.mark.soak
def test_code_and_model_agree_in_two_thousand_stories(city: City) -> None:
    tell(city, examples=2000, steps=40)
