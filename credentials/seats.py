"""The custody rule, seat by seat: which seats an account wants, who fills them, and where there is a gap or a surplus.

Every account is held by the PI Director and the IT Director and (the Department Director or at least one designee).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Account
from audit import clock
from credentials.models import Custody, Ground
from employees.models import Appointment, Office


@dataclass
class Seat:
    """One seat that the rule wants on one account, the custodies that fill it, and the grounds on which they do."""

    title: str
    kind: str
    custodies: list[Custody] = field(default_factory=list)
    grounds: list[Ground] = field(default_factory=list)


def of_accounts(accounts: Iterable[Account], *, at: datetime | None = None) -> dict[int, list[Seat]]:
    """The three seats of each account at `at` (now by default), by account id. Three queries for any number."""
    every = list(accounts)
    grounds = Ground.objects.in_force(at).filter(custody__account__in=every)
    if at is None:
        grounds = grounds.filter(custody__person__is_active=True)
    related = grounds.select_related("custody__person", "custody__account__platform")
    grounds = related.order_by("custody__person__name", "-custody__channel", "pk")
    by_account: dict[int, list[Ground]] = defaultdict(list)
    for ground in grounds:
        by_account[ground.custody.account_id].append(ground)
    kinds = _kinds_of_appointments(grounds)
    return {account.pk: _seats(account, by_account[account.pk], kinds) for account in every}


def of_account(account: Account, *, at: datetime | None = None) -> list[Seat]:
    """The three seats of one account at `at` (now by default)."""
    return of_accounts([account], at=at)[account.pk]


def gaps(seats: Sequence[Seat]) -> list[str]:
    """What is missing, in words; empty when every seat is filled."""
    return [_("the seat of %(seat)s is empty") % {"seat": seat.title} for seat in seats if not seat.custodies]


def surplus() -> list[Custody]:
    """Standing custodies whose person has no ground in force and none to come."""
    to_come = Ground.objects.filter(closed_at=None, effective_from__gt=clock.now())
    return list(
        Custody.objects.standing()
        .exclude(pk__in=Custody.objects.in_force().values("pk"))
        .exclude(pk__in=to_come.values("custody"))
        .select_related("person", "account__platform")
    )


def _kinds_of_appointments(grounds: Iterable[Ground]) -> dict[str, str]:
    sources = {
        ground.source_id for ground in grounds if ground.kind in (Ground.Kind.APPOINTMENT, Ground.Kind.ACTING)
    }
    rows = Appointment.objects.filter(pk__in=sources).values_list("pk", "office__kind")
    return {str(pk): kind for pk, kind in rows}


def _seats(account: Account, grounds: Sequence[Ground], kinds: dict[str, str]) -> list[Seat]:
    department = _("Director of %(department)s, or a designee") % {"department": account.department.name}
    seats = {
        Office.Kind.PI_DIRECTOR: Seat(str(Office.Kind.PI_DIRECTOR.label), Office.Kind.PI_DIRECTOR),
        Office.Kind.IT_DIRECTOR: Seat(str(Office.Kind.IT_DIRECTOR.label), Office.Kind.IT_DIRECTOR),
        Office.Kind.DEPARTMENT_DIRECTOR: Seat(department, Office.Kind.DEPARTMENT_DIRECTOR),
    }
    for ground in grounds:
        if ground.kind == Ground.Kind.REQUEST:
            continue
        kind = (
            Office.Kind.DEPARTMENT_DIRECTOR
            if ground.kind == Ground.Kind.DESIGNATION
            else Office.Kind(kinds[ground.source_id])
        )
        seat = seats[kind]
        others = [one for one in seat.custodies if one.pk != ground.custody_id]
        if any(one.person_id == ground.custody.person_id for one in others):
            continue  # a role on the platform beside the shared login, on the same ground
        seat.grounds.append(ground)
        if len(others) == len(seat.custodies):
            seat.custodies.append(ground.custody)
    return list(seats.values())
