"""Who was entitled, who had revealed, who knew: as of any moment, as the system permitted and showed it then.

What was recorded only later is listed beside it as corrections.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account
from audit import canonical, clock
from credentials import corrections, dues
from credentials.corrections import Correction
from credentials.models import EmergencyAccess, Ground, Knowledge, SecretVersion
from employees.models import Employee, Employment, Role


@dataclass
class Item:
    """One person in one of the three columns."""

    person: Employee
    email: str
    ground: str
    authority: str
    since: datetime
    with_authority: bool
    """Whether a ground was in force at the moment asked for, or the role that covers what one saw while rotating."""
    grounds: list[Ground] = field(default_factory=list)
    knowledge: list[Knowledge] = field(default_factory=list)

    @property
    def reveals(self) -> list[Knowledge]:
        return [row for row in self.knowledge if row.how == Knowledge.How.REVEAL]

    def as_data(self) -> dict[str, Any]:
        return {
            "email": self.email,
            "employee_number": self.person.employee_number,
            "name": self.person.name,
            "ground": self.ground,
            "authority": self.authority,
            "since": canonical.moment(self.since),
        }


@dataclass
class AsOf:
    """The answer for one account at one moment. `version` is the password version current then, if any."""

    account: Account
    at: datetime
    version: SecretVersion | None
    entitled: list[Item]
    revealed: list[Item]
    knew: list[Item]
    held_that_day: list[Item]
    corrections: list[Correction]

    @property
    def people(self) -> list[Employee]:
        """Everybody in any column, those who knew without authority first."""
        unauthorised = {item.person.pk for item in self.knew if not item.with_authority}
        found = {item.person.pk: item.person for item in (*self.entitled, *self.revealed, *self.knew)}
        return sorted(found.values(), key=lambda person: (person.pk not in unauthorised, person.name))

    def as_data(self) -> dict[str, Any]:
        """As `holders --format json` prints it."""
        return {
            "account": self.account.reference,
            "on": canonical.moment(self.at),
            "entitled": [item.as_data() for item in self.entitled],
            "revealed": [item.as_data() for item in self.revealed],
            "knew": [item.as_data() for item in self.knew],
            "held_that_day": [item.as_data() for item in self.held_that_day],
            "corrections": [correction.as_data() for correction in self.corrections],
        }


NOBODY = "none"


def as_of(account: Account, at: datetime) -> AsOf:
    """Who could, who had, who knew, at `at`."""
    return as_of_accounts([account], at)[0]


def as_of_accounts(
    accounts: Sequence[Account], at: datetime, *, person: Employee | None = None
) -> list[AsOf]:
    """The answer for each account, limited to `person` when given. The same number of queries for any number."""
    day = clock.day_of(at)
    that_day = Ground.objects.filter(
        Q(effective_until=None) | Q(effective_until__gt=clock.start_of(day)),
        Q(closed_at=None) | Q(closed_at__gt=clock.start_of(day)),
        opened_at__lt=clock.end_of(day),
        effective_from__lt=clock.end_of(day),
        custody__account__in=accounts,
    ).select_related("custody__person")
    known = (
        Knowledge.objects.filter(version__item__credential__account__in=accounts, at__lte=at)
        .select_related("person", "version__item__credential")
        .order_by("at", "pk")
    )
    if person is not None:
        that_day = that_day.filter(custody__person=person)
        known = known.filter(person=person)
    grounds: dict[int, list[Ground]] = defaultdict(list)
    for ground in that_day.order_by("effective_from", "pk"):
        grounds[ground.custody.account_id].append(ground)
    knowledge: dict[int, list[Knowledge]] = defaultdict(list)
    for row in known:
        knowledge[row.version.item.credential.account_id].append(row)
    versions = SecretVersion.objects.filter(
        Q(current_until=None) | Q(current_until__gt=at),
        item__credential__account__in=accounts,
        item__kind="password",
        current_from__lte=at,
    ).select_related("item__credential")
    current = {version.item.credential.account_id: version for version in versions}
    everybody = {ground.custody.person_id for ground in that_day} | {row.person_id for row in known}
    emails = _emails(everybody, at)
    it = it_roles(everybody, at)
    later = corrections.for_accounts(accounts, at, grounds, knowledge, current)
    return [
        _answer(
            account,
            at,
            current.get(account.pk),
            grounds[account.pk],
            knowledge[account.pk],
            emails,
            it,
            later,
        )
        for account in accounts
    ]


def _answer(
    account: Account,
    at: datetime,
    version: SecretVersion | None,
    that_day: list[Ground],
    knowledge: list[Knowledge],
    emails: dict[int, str],
    it: dict[int, Role],
    later: dict[int, list[Correction]],
) -> AsOf:
    in_force: dict[int, list[Ground]] = defaultdict(list)
    any_time: dict[int, list[Ground]] = defaultdict(list)
    for ground in that_day:
        any_time[ground.custody.person_id].append(ground)
        if _in_force(ground, at):
            in_force[ground.custody.person_id].append(ground)
    as_recorded = [row for row in knowledge if row.recorded_at <= at]
    reveals = _by_person(row for row in as_recorded if row.how == Knowledge.How.REVEAL)
    knew = _by_person(row for row in as_recorded if version is not None and row.version_id == version.pk)
    return AsOf(
        account=account,
        at=at,
        version=version,
        entitled=[_holder(grounds, emails) for grounds in in_force.values()],
        revealed=[_knower(rows, in_force, emails, it) for rows in reveals.values()],
        knew=[_knower(rows, in_force, emails, it) for rows in knew.values()],
        held_that_day=[_holder(grounds, emails) for grounds in any_time.values()],
        corrections=later.get(account.pk, []),
    )


def _in_force(ground: Ground, at: datetime) -> bool:
    return (
        max(ground.opened_at, ground.effective_from) <= at
        and (ground.effective_until is None or at < ground.effective_until)
        and (ground.closed_at is None or at < ground.closed_at)
    )


def _by_person(rows: Iterable[Knowledge]) -> dict[int, list[Knowledge]]:
    found: dict[int, list[Knowledge]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


def _holder(grounds: list[Ground], emails: dict[int, str]) -> Item:
    first = grounds[0]
    person = first.custody.person
    return Item(
        person=person,
        email=emails.get(person.pk, ""),
        ground=first.kind,
        authority=_spoken(grounds),
        since=max(first.effective_from, first.opened_at),
        with_authority=True,
        grounds=grounds,
    )


def _knower(
    rows: list[Knowledge], in_force: dict[int, list[Ground]], emails: dict[int, str], it: dict[int, Role]
) -> Item:
    person = rows[0].person
    grounds = in_force.get(person.pk, [])
    item = Item(
        person=person,
        email=emails.get(person.pk, ""),
        ground=grounds[0].kind if grounds else NOBODY,
        authority=_spoken(grounds) or str(_("no authority")),
        since=rows[0].at,
        with_authority=bool(grounds),
        grounds=grounds,
        knowledge=rows,
    )
    role = it.get(person.pk)
    if not grounds and role is not None and any(row.how in dues.WHILE_ROTATING for row in rows):
        item.with_authority = True
        item.ground = role.name
        item.authority = f"{role.get_name_display()} · {role.instrument}"
    return item


def _spoken(grounds: Sequence[Ground]) -> str:
    """The authorities, each once: a person may hold two seats by one paper."""
    return "; ".join(dict.fromkeys(ground.authority for ground in grounds))


def it_roles(people: set[int], at: datetime) -> dict[int, Role]:
    """The Information Technology role in force at `at`: authority enough for what one saw while rotating."""
    found = Role.objects.in_force(at).filter(name=Role.Name.INFORMATION_TECHNOLOGY, holder__in=people)
    return {role.holder_id: role for role in found}


def _emails(people: set[int], at: datetime) -> dict[int, str]:
    """The work e-mail that each had on that day, or else their nearest one. One query."""
    day = clock.day_of(at)
    found: dict[int, str] = {}
    for period in Employment.objects.filter(employee__in=people).order_by("start", "pk"):
        if period.employee_id not in found or period.start <= day:
            found[period.employee_id] = period.email
    return found


def accounts_of(person: Employee) -> Iterable[Account]:
    """Every account that `person` ever held, knew a secret of, or opened in an emergency."""
    opened = EmergencyAccess.objects.filter(person=person).values("version__item__credential__account")
    return (
        Account.objects.filter(
            Q(custodies__person=person)
            | Q(credential__items__versions__knowledge__person=person)
            | Q(pk__in=opened)
        )
        .select_related("platform", "department")
        .distinct()
        .order_by("name", "pk")
    )
