"""Several turns in a row, which chance alone seldom brings: what errors hide in."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from credentials import knowledge
from employees import services as people
from tests.credentials.stories.means import (
    KEPT,
    SHARED,
    last_day,
    of_department,
    shared,
    who,
)
from tests.credentials.stories.people import People
from tests.credentials.stories.simple_model import Paper


class Turns(People):
    """Rules that do what takes several."""

    @rule(index=who, handle=shared, leaves=st.booleans(), then=st.integers(0, 2))
    def somebody_changes_it_there(self, index: int, handle: str, leaves: bool, then: int) -> None:
        """And perhaps leaves; then it is deposited, or another takes its place, or nothing is done for now."""
        holders = sorted(self.model.holders(handle, self.now))
        name = self.one(holders, index)
        if name is None or not self.model.accounts[handle].current:
            return
        self._say_it_was_changed(name, handle)
        if leaves and name not in KEPT:
            self._separate(name)
        if then == 0:
            self.deposit(index // 2, handle)
        elif then == 1:
            self.rotate_to_the_end(index // 2, handle)

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

    def cancel_a_rotation(self, index: int, handle: str) -> None:
        self.rotate_on(index, handle)
        self.cancel(handle)

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
    def somebody_of_it_is_told_and_then_rotates(self, index: int, handle: str) -> None:
        """The role covers what one saw by its work, and so only from then on: the telling stays a gap."""
        outside = set(self.working()) - self.model.holders(handle, self.now)
        name = self.one([one for one in sorted(outside) if self.model.is_it(one, self.now)], index)
        if name is None or self.model.accounts[handle].step in ("shown", "claimed"):
            return
        self._is_told(name, handle)
        while self.model.accounts[handle].current and self.model.accounts[handle].step != "shown":
            self._rotate_on(index, handle, by=name)
