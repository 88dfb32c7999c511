"""Receipts: every required seat takes note of each new current version, or "kept up-to date" does not hold.

A duty is open from the day a version became current, or from the day somebody took the seat, until that person opened
the version or said in one click that they have taken note. Nobody is asked to reveal anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import NotPermitted, Stale
from audit.ledger import record, service
from audit.models import Entry
from credentials.models import Custody, Ground, Knowledge, Receipt, SecretVersion
from employees import authority, outbox
from employees.models import Employee, Role

SEATED = (Ground.Kind.APPOINTMENT, Ground.Kind.ACTING, Ground.Kind.DESIGNATION)
"""Grounds that fill a seat of the custody rule. Who holds by an approved request fills none."""


@dataclass(frozen=True)
class Duty:
    """One person owes a receipt for one version of one account."""

    custody: Custody
    version: SecretVersion
    since: datetime

    @property
    def person(self) -> Employee:
        return self.custody.person

    @property
    def account(self) -> Account:
        return self.custody.account

    @property
    def days(self) -> int:
        """Whole days of the city's calendar since then."""
        return (clock.today() - clock.day_of(self.since)).days


def _owing() -> QuerySet[Any]:
    """Custodies of required seats joined with current versions (`version_id`) that their holder took no note of."""
    seated = Ground.objects.in_force().filter(custody=OuterRef("pk"), kind__in=SEATED)
    versions = "account__credential__items__versions"
    held = Custody.objects.filter(
        Exists(seated),
        Q(**{f"{versions}__state": SecretVersion.State.CURRENT}),
        closed_at=None,
        channel=Custody.Channel.SHARED_LOGIN,
        person__is_active=True,
    ).annotate(version_id=F(f"{versions}__pk"))
    noted = Receipt.objects.filter(version=OuterRef("version_id"), person=OuterRef("person"))
    opened = _opened().filter(version=OuterRef("version_id"), person=OuterRef("person"))
    return held.exclude(Exists(noted) | Exists(opened))


def _opened() -> QuerySet[Knowledge]:
    """Knowledge of versions that were opened as such: who knew a mistyped one has not seen what puts it right."""
    return Knowledge.objects.exclude(how__in=Knowledge.CARRIED_OVER)


def duties(*, person: Employee | None = None, accounts: Iterable[Account] | None = None) -> list[Duty]:
    """Open duties, the longest open first: of one person, on some accounts, or all. Two queries."""
    rows = _owing()
    if person is not None:
        rows = rows.filter(person=person)
    if accounts is not None:
        rows = rows.filter(account__in=[account.pk for account in accounts])
    custodies = list(
        rows.select_related(
            "person", *(f"account__{name}" for name in ("platform", "department", "credential"))
        )
    )
    ids = {custody.version_id for custody in custodies}
    found = SecretVersion.objects.filter(pk__in=ids).select_related("item").defer("token")
    versions = {version.pk: version for version in found}
    made = [_duty(custody, versions[custody.version_id]) for custody in custodies]
    return sorted(made, key=lambda duty: (duty.since, duty.account.name, duty.person.name))


def _duty(custody: Custody, version: SecretVersion) -> Duty:
    return Duty(custody, version, max(version.current_from or version.created_at, custody.opened_at))


def count(person: Employee) -> int:
    """How many receipts `person` owes. One query."""
    return _owing().filter(person=person).count()


@service
def acknowledge(*, actor: Employee, versions: Sequence[SecretVersion] | None = None) -> list[Receipt]:
    """Take note of every current version that `actor` owes a receipt for, or of those among `versions`.

    Raises Stale when nothing is owed (any more).
    """
    owed = duties(person=actor)
    if versions is not None:
        chosen = {version.pk for version in versions}
        owed = [duty for duty in owed if duty.version.pk in chosen]
    if not owed:
        raise Stale("There is nothing to take note of: you have opened or noted every current version.")
    now = clock.now()
    made = Receipt.objects.bulk_create([Receipt(version=duty.version, person=actor, at=now) for duty in owed])
    credentials = {duty.account.pk: duty.account for duty in owed}
    for account in credentials.values():
        some = [
            (receipt, duty) for receipt, duty in zip(made, owed, strict=True) if duty.account.pk == account.pk
        ]
        record(
            Verb.RECEIPT_ACKNOWLEDGE,
            actor=actor,
            obj=account.credential,
            facts=[receipt for receipt, _duty in some],
            versions=[duty.version.number for _receipt, duty in some],
        )
    return made


@dataclass(frozen=True)
class Note:
    """How one holder of a required seat stands to one current version: opened, noted, or owed since a moment."""

    person: Employee
    opened_at: datetime | None
    noted_at: datetime | None
    owed_since: datetime | None


@dataclass(frozen=True)
class Kept:
    """One current version, and every holder of a required seat: who has taken note of it, and who has not."""

    version: SecretVersion
    notes: list[Note]

    @property
    def done(self) -> list[Note]:
        return [note for note in self.notes if note.owed_since is None]

    @property
    def owed(self) -> list[Note]:
        return [note for note in self.notes if note.owed_since is not None]


def kept(account: Account) -> list[Kept]:
    """How every holder of a required seat of `account` stands to each of its current versions. Four queries."""
    versions = list(
        SecretVersion.objects.filter(item__credential__account=account, state=SecretVersion.State.CURRENT)
        .select_related("item")
        .defer("token")
        .order_by("item__pk")
    )
    seated = Ground.objects.in_force().filter(custody=OuterRef("pk"), kind__in=SEATED)
    holders = Custody.objects.filter(
        Exists(seated),
        account=account,
        closed_at=None,
        channel=Custody.Channel.SHARED_LOGIN,
        person__is_active=True,
    ).select_related("person")
    custodies = list(holders.order_by("person__name", "pk"))
    opened: dict[tuple[UUID, int], datetime] = {}
    for row in _opened().filter(version__in=versions).order_by("-at", "-pk"):
        opened[row.version_id, row.person_id] = row.at
    noted = {(row.version_id, row.person_id): row.at for row in Receipt.objects.filter(version__in=versions)}
    return [
        Kept(version, [_note(custody, version, opened, noted) for custody in custodies])
        for version in versions
    ]


def _note(
    custody: Custody,
    version: SecretVersion,
    opened: dict[tuple[UUID, int], datetime],
    noted: dict[tuple[UUID, int], datetime],
) -> Note:
    key = (version.pk, custody.person_id)
    done = key in opened or key in noted
    owed = None if done else _duty(custody, version).since
    return Note(custody.person, opened.get(key), noted.get(key), owed)


def remindable(person: Employee, owed: Iterable[Duty]) -> set[UUID]:
    """Versions of those duties that `person` may remind others of, by id.

    City officers, Information Technology and Public Information may, and who directs the account's department.
    """
    some = list(owed)
    roles = (Role.Name.INFORMATION_TECHNOLOGY, Role.Name.PUBLIC_INFORMATION)
    if authority.is_officer(person) or authority.has_role(person, *roles):
        return {duty.version.pk for duty in some}
    directed = {held.department_id for held in authority.capacities(person)}
    return {duty.version.pk for duty in some if duty.account.department_id in directed}


def reminded_today(people: Iterable[Employee]) -> dict[int, str]:
    """Who of `people` (ids) was reminded today, and by whom. One query; the ledger is what remembers."""
    refs = {str(person.audit_ref().id): person.pk for person in people}
    rows = Entry.objects.filter(
        verb=Verb.RECEIPT_REMIND, object_id__in=list(refs), at__gte=clock.start_of(clock.today())
    )
    return {refs[one]: by for one, by in rows.order_by("index").values_list("object_id", "actor_text")}


@service
def remind(*, actor: Employee, person: Employee, accounts: Iterable[Account]) -> list[Duty]:
    """Mail `person` now which new versions on `accounts` wait for their receipt; gives those duties.

    A click of a colleague goes out at once; the digest says it every working day besides. Once a day is enough. Raises
    NotPermitted, Stale (nothing is owed any more, or somebody reminded them today).
    """
    if actor.pk == person.pk:
        raise NotPermitted("This is your own: take note of it.")
    found = duties(person=person, accounts=accounts)
    allowed = remindable(actor, found)
    owed = [duty for duty in found if duty.version.pk in allowed]
    if not owed:
        if found:
            raise NotPermitted(
                "Reminders are sent by City officers, staff roles, and the Department Director."
            )
        raise Stale("Nothing is open any more: every version was opened or noted.")
    by = reminded_today([person]).get(person.pk)
    if by is not None:
        raise Stale(f"{by} has reminded {person.name} today already.")
    names = list(dict.fromkeys(duty.account.display for duty in owed))
    outbox.post(
        to=[person],
        subject=_("For {name}: new versions to take note of, {accounts}").format(
            name=person.name, accounts=", ".join(names[:3])
        ),
        text=_(
            "{by} asks you to take note that these were replaced: {accounts}.\n\n"
            "You need not open them. One click says that you know: {link}"
        ).format(by=actor.name, accounts=", ".join(names), link=outbox.link(reverse("credentials:noted"))),
        at_once=True,
    )
    record(
        Verb.RECEIPT_REMIND,
        actor=actor,
        obj=person,
        versions=[str(duty.version.pk) for duty in owed],
    )
    return owed
