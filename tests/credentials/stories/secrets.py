"""Passwords that are deposited, read, told, reported and replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis.stateful import rule

from accounts import services as accounts
from audit.errors import NotPermitted, Refused
from credentials import breakglass, knowledge, notes, receipts, rotation, stale, vault
from credentials.models import SecretVersion
from tests.credentials.stories.means import (
    shared,
    who,
)
from tests.credentials.stories.papers import Papers


class Secrets(Papers):
    """Rules over what is known."""

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
            self.model.deposited(handle, at)

    @rule(index=who, handle=shared)
    def say_it_was_changed(self, index: int, handle: str) -> None:
        """Anybody tries to say that they changed it on the platform."""
        name = self.one(self.working(), index)
        if name is not None and self.model.accounts[handle].current:
            self._say_it_was_changed(name, handle)

    def _say_it_was_changed(self, name: str, handle: str) -> None:
        with self.act() as at:
            person, credential = self.person(name), self.credential(handle)
            if not self.model.is_it(name, at) and name not in self.model.holders(handle, at):
                with pytest.raises(NotPermitted):
                    stale.report(actor=person, credential=credential, reason="It forced a new one.")
                return
            if (handle, name) in self.model.changed:
                with pytest.raises(Refused):
                    stale.report(actor=person, credential=credential, reason="It forced a new one.")
                return
            stale.report(actor=person, credential=credential, reason="It forced a new one.")
            self.model.changed[handle, name] = False

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
                self._see_first(
                    handle, name, at, lambda: rotation.claim_changed(actor=person, rotation=open_one)
                )
                rotation.claim_changed(actor=person, rotation=open_one)
                account.step = "claimed"
            else:
                self._see_first(handle, name, at, lambda: rotation.verify(actor=person, rotation=open_one))
                rotation.verify(actor=person, rotation=open_one)
                self.model.learns(handle, account.staged, name, "verified", at)
                self.model.becomes_current(handle, account.staged, at)
                self.model.forget_changes(handle)
                account.staged, account.step = 0, ""

    def _see_first(self, handle: str, name: str, at: datetime, act: Callable[[], object]) -> None:
        """Who was not shown the new password is refused, and has it shown."""
        if any(one[:3] == (handle, self.model.accounts[handle].staged, name) for one in self.model.knows):
            return
        with pytest.raises(Refused):
            act()
        open_one = rotation.open_rotation(self.credential(handle))
        assert open_one is not None
        rotation.show(actor=self.person(name), rotation=open_one)
        self._learn_shown(handle, name, "rotation", at, staged=True)

    @rule(index=who, handle=shared)
    def rotate_to_the_end(self, index: int, handle: str) -> None:
        steps = 4 - ("", "staged", "shown", "claimed").index(self.model.accounts[handle].step)
        for _step in range(steps):
            self.rotate_on(index, handle)

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
