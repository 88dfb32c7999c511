"""What the code and the model must agree on after every step."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from hypothesis.stateful import invariant

from audit import clock
from audit.models import Entry
from credentials import dues, entitlement, receipts
from credentials.models import Custody, Ground, Knowledge, Rotation
from employees.models import Appointment, Designation, Role
from tests.credentials.accounts import permissions_mirror_custody
from tests.credentials.stories.means import (
    DEPARTMENTS,
    SHARED,
)
from tests.credentials.stories.turns import Turns


class Story(Turns):
    """One story, which begins with two passwords in the vault."""

    def __init__(self) -> None:
        super().__init__()
        self.deposit(0, "HutchZoo")
        self.deposit(0, "HutchParks")

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
