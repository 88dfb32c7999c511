"""The means of telling the story: the cast by name, days before today, and papers that a second person confirms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts import services as accounts
from accounts.models import Account
from audit import clock
from credentials import breakglass, closing, platform_roles, receipts, rotation, vault
from credentials.models import Credential, Custody, EmergencyAccess
from credentials.platform_roles import confirm_role
from employees import services as people
from employees.models import Department, Employee, Office, Role


@dataclass
class Stage:
    """The demonstration city while its history is being made."""

    today: date
    people: dict[str, Employee] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Employee:
        """One of the cast, as the database knows them now."""
        person = self.people[key]
        person.refresh_from_db()
        return person

    def day(self, before: int) -> date:
        """The day `before` days ago; a negative number lies ahead."""
        return self.today - timedelta(days=before)

    @contextmanager
    def on(self, before: int, hour: str = "10:00") -> Iterator[date]:
        """Let the block happen `before` days ago at `hour`, in the city's time."""
        day = self.day(before)
        moment = timezone.make_aware(datetime.combine(day, time.fromisoformat(hour)))
        with clock.moved_to(min(moment, timezone.now())):
            yield day

    def account(self, reference: str) -> Account:
        return accounts.find(reference)

    def credential(self, reference: str) -> Credential:
        return Credential.objects.select_related("account__platform", "account__department").get(
            account=self.account(reference)
        )

    def office(self, kind: str, department: str | None = None) -> Office:
        if department is None:
            return Office.objects.get(kind=kind)
        return Office.objects.get(department=self.departments[department])

    def appoint(
        self,
        holder: str,
        kind: str,
        paper: str,
        *,
        by: str,
        confirmed_by: str,
        department: str | None = None,
        acting: bool = False,
        end: date | None = None,
    ) -> None:
        """`holder` takes an office from the day of the story on."""
        appointment = people.record_appointment(
            actor=self[by],
            office=self.office(kind, department),
            holder=self[holder],
            start=clock.today(),
            end=end,
            acting=acting,
            instrument=paper,
        )
        people.confirm_appointment(actor=self[confirmed_by], appointment=appointment)

    def designate(
        self,
        designee: str,
        department: str,
        paper: str,
        *,
        by: str,
        confirmed_by: str,
        end: date | None = None,
    ) -> None:
        designation = people.record_designation(
            actor=self[by],
            department=self.departments[department],
            designee=self[designee],
            start=clock.today(),
            end=end,
            instrument=paper,
        )
        people.confirm_designation(actor=self[confirmed_by], designation=designation)

    def give_role(self, holder: str, name: Role.Name, *, by: str, confirmed_by: str) -> None:
        role = people.record_role(
            actor=self[by],
            holder=self[holder],
            name=name,
            start=clock.today(),
            instrument="City Manager's staffing order",
        )
        people.confirm_role(actor=self[confirmed_by], role=role)

    def deposit(self, by: str, reference: str, login: str, password: str) -> None:
        vault.deposit(actor=self[by], credential=self.credential(reference), login=login, value=password)

    def reveal(self, by: str, reference: str) -> None:
        """The reveal happens; what it shows is dropped."""
        vault.reveal(actor=self[by], credential=self.credential(reference))

    def rotate(self, by: str, reference: str, reason: str) -> None:
        """The whole rotation, from the new password to the end of its closing list."""
        current = rotation.start(actor=self[by], credential=self.credential(reference), reason=reason)
        rotation.show(actor=self[by], rotation=current)
        rotation.claim_changed(actor=self[by], rotation=current)
        rotation.verify(actor=self[by], rotation=current)
        for step in closing.left(current):
            closing.tick(actor=self[by], rotation=current, step=step, outcome=closing.Outcome.DONE)

    def confirm_roles(self, by: str, reference: str) -> None:
        """`by` has looked at the platform and found everybody there who should be."""
        account = self.account(reference)
        waiting = Custody.objects.standing().filter(account=account, present_confirmed_at=None)
        for custody in waiting.filter(channel=Custody.Channel.PLATFORM_ROLE).exclude(person=self[by]):
            confirm_role(actor=self[by], custody=custody)

    def note(self, *names: str) -> None:
        """Each of them takes note of every new version that they have not opened, if there is one."""
        for name in names:
            if receipts.count(self[name]):
                receipts.acknowledge(actor=self[name])

    def break_glass(self, by: str, reference: str, reason: str) -> EmergencyAccess:
        """The emergency happens; what it shows is dropped."""
        emergency, _shown = breakglass.open_glass(
            actor=self[by], credential=self.credential(reference), reason=reason
        )
        return emergency

    def give_role_there(self, by: str, reference: str, to: str, role: str, *, confirmed_by: str) -> None:
        """A role on the platform beside the shared login, seen there by somebody else."""
        custody = platform_roles.give(
            actor=self[by], account=self.account(reference), person=self[to], role=role
        )
        confirm_role(actor=self[confirmed_by], custody=custody)

    def confirm_removal(self, by: str, reference: str, of: str) -> None:
        """`by` has removed somebody's role on the platform and seen that it is gone."""
        rows = Custody.objects.still_present().last_of_each()
        rows = rows.filter(account=self.account(reference), person=self[of])
        for custody in rows:
            platform_roles.confirm_removal(actor=self[by], custody=custody)
