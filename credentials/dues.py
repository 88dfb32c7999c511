"""Which current versions must be replaced, and why. Worked out whenever it is asked: nothing remembers a due rotation.

Due is a version that somebody knows who has no present authority or was without it at any time since, that somebody
reported, or that was opened in an emergency. Viewing it twice changes nothing, renaming is not rotating, and regaining
access clears nothing: only a newer current version does, for the versions before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit import clock
from credentials import lapses
from credentials.models import (
    EmergencyAccess,
    Knowledge,
    Rotation,
    RotationReport,
    SecretItem,
    SecretVersion,
)
from employees.models import Employee

LEFT, REPORTED, EMERGENCY, LOST = "left", "reported", "break-glass", "lost"
LABELS = {
    LEFT: _("Left"),
    REPORTED: _("Reported"),
    EMERGENCY: _("Break-glass"),
    LOST: _("Access ended"),
}
ORDER = (LEFT, REPORTED, EMERGENCY, LOST)

WHILE_ROTATING = lapses.WHILE_ROTATING


@dataclass(frozen=True)
class Knower:
    """Somebody who knows a version and was without authority, since when, and until when where it has come back."""

    person: Employee
    since: datetime
    reveals: int
    until: datetime | None = None
    emergency: bool = False


@dataclass
class Due:
    """One version to be replaced."""

    version: SecretVersion
    knowers: list[Knower] = field(default_factory=list)
    reports: list[RotationReport] = field(default_factory=list)
    emergencies: list[EmergencyAccess] = field(default_factory=list)
    rotation: Rotation | None = None

    @property
    def account(self) -> Account:
        return self.version.item.credential.account

    @property
    def kind(self) -> str:
        """Which secret of the account it is."""
        return self.version.item.kind

    @property
    def title(self) -> str:
        """The account, and the secret where it isn't the password."""
        if self.kind == SecretItem.Kind.PASSWORD:
            return self.account.display
        return f"{self.account.display}: {self.version.item.get_kind_display().lower()}"

    @property
    def address(self) -> str:
        """Where it is replaced."""
        credential = self.version.item.credential_id
        if self.kind == SecretItem.Kind.PASSWORD:
            return reverse("credentials:rotate", args=[credential])
        return reverse("credentials:deposit_item", args=[credential, self.kind])

    @property
    def reason(self) -> str:
        """The gravest of its reasons: left, reported, break-glass, lost."""
        if any(not knower.person.is_active for knower in self.knowers):
            return LEFT
        if self.reports:
            return REPORTED
        return EMERGENCY if self.emergencies else LOST

    @property
    def since(self) -> datetime:
        """Since when it is due: the earliest of its reasons."""
        moments = [knower.since for knower in self.knowers] + [report.at for report in self.reports]
        moments += [emergency.opened_at for emergency in self.emergencies]
        return min(moments)

    @property
    def days(self) -> int:
        """Whole days of the city's calendar since then."""
        return (clock.today() - clock.day_of(self.since)).days


def queue(accounts: Iterable[Account] | None = None) -> list[Due]:
    """Every due rotation, the most urgent first; then the longest due. Nine queries at most."""
    ids = None if accounts is None else [account.pk for account in accounts]
    known = lapses.of(ids)
    reported, opened = _reports(ids), _emergencies(ids)
    # Not `in_bulk`: on SQLite that asks once for every 999.
    ids_due = {version for version, _person in known}
    ids_due |= {row.version_id for row in reported} | {row.version_id for row in opened}
    versions = SecretVersion.objects.filter(pk__in=ids_due).select_related(
        "item__credential__account__platform", "item__credential__account__department"
    )
    dues: dict[object, Due] = {version.pk: Due(version) for version in versions.defer("token")}
    for report in reported:
        dues[report.version_id].reports.append(report)
    for emergency in opened:
        dues[emergency.version_id].emergencies.append(emergency)
    for (version, _person), lapse in known.items():
        dues[version].knowers.append(_knower(lapse))
    open_rotations = Rotation.objects.filter(
        state__in=Rotation.OPEN, item__in=[due.version.item_id for due in dues.values()]
    ).select_related("started_by", "handed_to")
    by_item = {rotation.item_id: rotation for rotation in open_rotations}
    for due in dues.values():
        due.knowers.sort(key=lambda knower: (knower.since, knower.person.name))
        due.rotation = by_item.get(due.version.item_id)
    return sorted(dues.values(), key=lambda due: (ORDER.index(due.reason), due.since, due.version.number))


def _reports(accounts: list[int] | None) -> list[RotationReport]:
    rows = RotationReport.objects.filter(version__state=SecretVersion.State.CURRENT)
    if accounts is not None:
        rows = rows.filter(version__item__credential__account__in=accounts)
    return list(rows.select_related("reported_by"))


def _emergencies(accounts: list[int] | None) -> list[EmergencyAccess]:
    rows = _opened()
    if accounts is not None:
        rows = rows.filter(version__item__credential__account__in=accounts)
    return list(rows.select_related("person"))


def _opened() -> QuerySet[EmergencyAccess]:
    """Emergencies that told somebody what a current version holds. A one-time code tells nobody its seed."""
    rows = EmergencyAccess.objects.filter(version__state=SecretVersion.State.CURRENT)
    return rows.exclude(version__item__kind=SecretItem.Kind.TOTP_SEED)


def _knower(lapse: lapses.Lapse) -> Knower:
    reveals = sum(1 for row in lapse.rows if row.how == Knowledge.How.REVEAL)
    emergency = all(row.how == Knowledge.How.EMERGENCY for row in lapse.rows)
    return Knower(lapse.person, lapse.since, reveals, lapse.until, emergency)


def count() -> int:
    """How many versions are due. Six queries at most."""
    current = SecretVersion.State.CURRENT
    found = {version for version, _person in lapses.of()}
    found |= set(RotationReport.objects.filter(version__state=current).values_list("version_id", flat=True))
    found |= set(_opened().values_list("version_id", flat=True))
    return len(found)


def overdue(dues: Iterable[Due], after: timedelta) -> list[Due]:
    """Those due for longer than `after`."""
    return [due for due in dues if clock.now() - due.since > after]
