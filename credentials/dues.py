"""Which current versions must be replaced, and why. Worked out whenever it is asked: nothing remembers a due rotation.

Due is a version that somebody knows who has no present authority, or that somebody reported. Viewing it twice changes
nothing, renaming is not rotating, and regaining access clears nothing but what a newer current version clears.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit import clock
from credentials.models import Ground, Knowledge, Rotation, RotationReport, SecretItem, SecretVersion
from employees.models import Appointment, Employee, Office, Role

LEFT, REPORTED, LOST = "left", "reported", "lost"
LABELS = {LEFT: _("Left"), REPORTED: _("Reported"), LOST: _("Access ended")}
ORDER = (LEFT, REPORTED, LOST)

WHILE_ROTATING = (Knowledge.How.ROTATION, Knowledge.How.VERIFIED, Knowledge.How.SET)
"""Ways of knowing that the Information Technology role is authority enough for."""


@dataclass(frozen=True)
class Knower:
    """Somebody who knows a version and has no present authority, and since when."""

    person: Employee
    since: datetime
    reveals: int


@dataclass
class Due:
    """One version to be replaced."""

    version: SecretVersion
    knowers: list[Knower] = field(default_factory=list)
    reports: list[RotationReport] = field(default_factory=list)
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
        """The gravest of its reasons: left, reported, lost."""
        if any(not knower.person.is_active for knower in self.knowers):
            return LEFT
        return REPORTED if self.reports else LOST

    @property
    def since(self) -> datetime:
        """Since when it is due: the earliest of its reasons."""
        moments = [knower.since for knower in self.knowers] + [report.at for report in self.reports]
        return min(moments)

    @property
    def days(self) -> int:
        """Whole days of the city's calendar since then."""
        return (clock.today() - clock.day_of(self.since)).days


def knowers_without_authority(at: datetime | None = None) -> QuerySet[Knowledge]:
    """Knowledge of current versions by people with no present authority on that account."""
    ground = Ground.objects.in_force(at).filter(
        custody__account=OuterRef("version__item__credential__account"),
        custody__person=OuterRef("person"),
        custody__person__is_active=True,
    )
    it_role = Role.objects.in_force(at).filter(
        holder=OuterRef("person"), holder__is_active=True, name=Role.Name.INFORMATION_TECHNOLOGY
    )
    it_seat = Appointment.objects.in_force(at).filter(
        holder=OuterRef("person"), holder__is_active=True, office__kind=Office.Kind.IT_DIRECTOR
    )
    while_rotating = Knowledge.objects.filter(
        version=OuterRef("version"), person=OuterRef("person"), how__in=WHILE_ROTATING
    )
    return Knowledge.objects.filter(version__state=SecretVersion.State.CURRENT).exclude(
        Exists(ground) | (Exists(while_rotating) & (Exists(it_role) | Exists(it_seat)))
    )


def queue(accounts: Iterable[Account] | None = None) -> list[Due]:
    """Every due rotation, the most urgent first: left, reported, lost; then the longest due. Six queries at most."""
    known = knowers_without_authority()
    reports = RotationReport.objects.filter(version__state=SecretVersion.State.CURRENT)
    if accounts is not None:
        ids = [account.pk for account in accounts]
        known = known.filter(version__item__credential__account__in=ids)
        reports = reports.filter(version__item__credential__account__in=ids)
    knowledge = list(known.select_related("person").order_by("at", "pk"))
    reported = list(reports.select_related("reported_by"))
    # Not `in_bulk`: on SQLite that asks once for every 999.
    ids_due = {row.version_id for row in knowledge} | {row.version_id for row in reported}
    versions = SecretVersion.objects.filter(pk__in=ids_due).select_related(
        "item__credential__account__platform", "item__credential__account__department"
    )
    dues: dict[object, Due] = {version.pk: Due(version) for version in versions}
    for report in reported:
        dues[report.version_id].reports.append(report)
    _add_knowers(dues, knowledge)
    open_rotations = Rotation.objects.filter(
        state__in=Rotation.OPEN, item__in=[due.version.item_id for due in dues.values()]
    ).select_related("started_by")
    by_item = {rotation.item_id: rotation for rotation in open_rotations}
    for due in dues.values():
        due.rotation = by_item.get(due.version.item_id)
    return sorted(dues.values(), key=lambda due: (ORDER.index(due.reason), due.since, due.version.number))


def _add_knowers(dues: dict[object, Due], knowledge: Sequence[Knowledge]) -> None:
    """Group knowledge by version and person, and say since when each has had no authority."""
    grouped: dict[tuple[object, int], list[Knowledge]] = defaultdict(list)
    for row in knowledge:
        grouped[row.version_id, row.person_id].append(row)
    lost = _authority_ended({row.person_id for row in knowledge})
    for (version_id, person_id), rows in grouped.items():
        due = dues[version_id]
        ended = [
            moment
            for moment in (*lost[person_id, due.account.pk], *lost[person_id, None])
            if moment is not None
        ]
        since = max([rows[0].at, *ended])
        reveals = sum(1 for row in rows if row.how == Knowledge.How.REVEAL)
        due.knowers.append(Knower(rows[0].person, since, reveals))


def _authority_ended(people: set[int]) -> dict[tuple[int, int | None], list[datetime]]:
    """When grounds (by account) and the IT role (account None) of `people` ended, as far as they have."""
    now = clock.now()
    found: dict[tuple[int, int | None], list[datetime]] = defaultdict(list)
    grounds = Ground.objects.filter(custody__person__in=people).filter(
        Q(closed_at__lte=now) | Q(effective_until__lte=now)
    )
    for person, account, closed, until in grounds.values_list(
        "custody__person_id", "custody__account_id", "closed_at", "effective_until"
    ):
        found[person, account].append(min(moment for moment in (closed, until) if moment is not None))
    roles = Role.objects.filter(
        holder__in=people,
        name=Role.Name.INFORMATION_TECHNOLOGY,
        effective_until__lte=now,
        effective_from__lt=F("effective_until"),
    )
    for person, until in roles.values_list("holder_id", "effective_until"):
        found[person, None].append(until)
    return found


def count() -> int:
    """How many versions are due. One query."""
    reported = RotationReport.objects.filter(version=OuterRef("pk"))
    unauthorised = knowers_without_authority().filter(version=OuterRef("pk"))
    return (
        SecretVersion.objects.filter(state=SecretVersion.State.CURRENT)
        .filter(Exists(reported) | Exists(unauthorised))
        .count()
    )


def overdue(dues: Iterable[Due], after: timedelta) -> list[Due]:
    """Those due for longer than `after`."""
    return [due for due in dues if clock.now() - due.since > after]
