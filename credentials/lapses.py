"""Since when somebody who knows a current version has had no authority for it.

One gap is enough, and for ever: who was without authority for a day could have written the password down that day, so
coming back into the seat clears nothing. Only a newer current version does. All of it is worked out from knowledge and
from grounds with their dates; nothing remembers it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from audit import clock
from credentials.models import Ground, Knowledge, SecretVersion
from employees.models import Appointment, Employee, Office, Role

WHILE_ROTATING = (
    Knowledge.How.ROTATION,
    Knowledge.How.VERIFIED,
    Knowledge.How.SET,
    Knowledge.How.CARRIED_IT,
)
"""Ways of knowing that the Information Technology role is authority enough for."""

Span = tuple[datetime, datetime | None]
"""From a moment until before another one, or for as long as can be seen."""


@dataclass(frozen=True)
class Lapse:
    """What a person knows of a version, and the first gap in their authority: `until` only where it has come back."""

    rows: list[Knowledge]
    since: datetime
    until: datetime | None

    @property
    def person(self) -> Employee:
        return self.rows[0].person


Lapses = dict[tuple[UUID, int], Lapse]
"""By version and person."""


def of(accounts: Collection[int] | None = None, *, state: str = SecretVersion.State.CURRENT) -> Lapses:
    """Every lapse that a current version suffers from, on `accounts` (ids) or anywhere. Four queries at most.

    With another `state`: that versions in it suffer from, such as staged ones that somebody saw who has left.
    """
    suspects = _suspects(state)
    if accounts is not None:
        suspects = suspects.filter(version__item__credential__account__in=accounts)
    pairs = set(suspects.values_list("version_id", "person_id"))
    if not pairs:
        return {}
    versions, people = {version for version, _person in pairs}, {person for _version, person in pairs}
    known: dict[tuple[UUID, int], list[Knowledge]] = defaultdict(list)
    rows = Knowledge.objects.filter(version__in=versions, person__in=people)
    rows = rows.select_related("person", "version__item__credential").defer("version__token")
    for row in rows.order_by("at", "pk"):
        if (row.version_id, row.person_id) in pairs:
            known[row.version_id, row.person_id].append(row)
    grounds, it = _grounds(people), _information_technology(people)
    found: Lapses = {}
    for (version, person), some in known.items():
        account = some[0].version.item.credential.account_id
        lapse = _lapse(some, grounds[person, account], it[person])
        if lapse is not None:
            found[version, person] = lapse
    return found


def _suspects(state: str) -> QuerySet[Knowledge]:
    """Knowledge of versions in `state`, but for what one ground or paper covers from then until now without a break."""
    ground = Ground.objects.in_force().filter(
        custody__account=OuterRef("version__item__credential__account"),
        custody__person=OuterRef("person"),
        custody__person__is_active=True,
        opened_at__lte=OuterRef("at"),
        effective_from__lte=OuterRef("at"),
    )
    role = Role.objects.in_force().filter(
        holder=OuterRef("person"),
        holder__is_active=True,
        name=Role.Name.INFORMATION_TECHNOLOGY,
        effective_from__lte=OuterRef("at"),
    )
    seat = Appointment.objects.in_force().filter(
        holder=OuterRef("person"),
        holder__is_active=True,
        office__kind=Office.Kind.IT_DIRECTOR,
        effective_from__lte=OuterRef("at"),
    )
    rotated = Q(how__in=WHILE_ROTATING)
    known = Knowledge.objects.filter(version__state=state)
    return known.exclude(Exists(ground) | (rotated & (Exists(role) | Exists(seat)))).order_by()


def _grounds(people: Iterable[int]) -> dict[tuple[int, int], list[Span]]:
    found: dict[tuple[int, int], list[Span]] = defaultdict(list)
    rows = Ground.objects.filter(custody__person__in=people).values_list(
        "custody__person_id",
        "custody__account_id",
        "effective_from",
        "opened_at",
        "effective_until",
        "closed_at",
    )
    for person, account, begins, opened, ends, closed in rows:
        found[person, account].append(
            (max(begins, opened), min((end for end in (ends, closed) if end is not None), default=None))
        )
    return found


def _information_technology(people: Iterable[int]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    roles = Role.objects.filter(holder__in=people, name=Role.Name.INFORMATION_TECHNOLOGY)
    seats = Appointment.objects.filter(holder__in=people, office__kind=Office.Kind.IT_DIRECTOR)
    for rows in (roles, seats):
        confirmed = rows.exclude(effective_from=None)
        for person, begins, ends in confirmed.values_list("holder_id", "effective_from", "effective_until"):
            found[person].append((begins, ends))
    return found


def _lapse(rows: list[Knowledge], grounds: list[Span], it: list[Span]) -> Lapse | None:
    """The first gap from when the person came to know until now; None where there is none."""
    spans = list(grounds)
    rotated = min((row.at for row in rows if row.how in WHILE_ROTATING), default=None)
    if rotated is not None:
        # The role covers what one saw by its work, and so only from then on.
        spans += [(max(begins, rotated), ends) for begins, ends in it]
    now = clock.now()
    since = gap(spans, rows[0].at, now)
    if since is None:
        return None
    holds_now = any(begins <= now and (ends is None or now < ends) for begins, ends in spans)
    back = min((begins for begins, ends in spans if begins > since and _lasts(begins, ends)), default=None)
    return Lapse(rows, since, back if holds_now else None)


def gap(spans: Iterable[Span], start: datetime, now: datetime) -> datetime | None:
    """The first moment from `start` through `now` that no span covers, or None."""
    reached = start
    for begins, ends in sorted(
        (span for span in spans if _lasts(*span)), key=lambda span: (span[0], span[1] is not None)
    ):
        if begins > reached:
            break
        if ends is None:
            return None
        reached = max(reached, ends)
    return reached if reached <= now else None


def _lasts(begins: datetime, ends: datetime | None) -> bool:
    return ends is None or begins < ends
