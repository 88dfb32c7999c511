"""Offices, designations, grants and the IT role, which begin and end."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from credentials import grants
from credentials.models import Grant
from employees import services as people
from employees.models import Appointment, Designation, Role
from tests.credentials.stories.means import (
    OFFICES,
    Means,
    last_day,
    of_department,
    shared,
    who,
)
from tests.credentials.stories.simple_model import Paper, midnight_after


class Papers(Means):
    """Rules over what entitles."""

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
