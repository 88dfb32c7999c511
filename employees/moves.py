"""People who move to another department or title: the old period closes, a new one opens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock, locks
from audit.actions import Verb
from audit.errors import Invalid, Refused
from audit.ledger import record, service
from employees import identity, outbox, papers, rules
from employees.kinds import BATCH
from employees.models import Appointment, Department, Designation, Employee, Employment
from employees.people import open_periods


@dataclass(frozen=True)
class Move:
    """A person's new department or title, from its first day on."""

    employee: Employee
    department: Department
    title: str
    start: date


@service
def transfer_all(*, actor: Employee | None, moves: Sequence[Move]) -> list[Employment]:
    """Close present periods the day before and open new ones. On a period's own first day it is corrected instead.

    Gives and takes no seat: appointments and designations stay as the papers say, and a Director whose designee moved
    away is told. Raises NotPermitted, Refused (has left, or the last day is over), Invalid (a first day to come, or
    before the present period's).
    """
    locks.hold(locks.SEATS)
    rules.keeps_people(actor)
    cleaned = [replace(move, title=identity.title(move.title)) for move in moves]
    periods = open_periods([move.employee for move in cleaned])
    now, today = clock.now(), clock.today()
    closed, opened, corrected = [], [], []
    for move in cleaned:
        period = periods.get(move.employee.pk)
        if period is None or (period.end is not None and period.end < move.start):
            raise Refused(_("{name} no longer works for the City.").format(name=move.employee.name))
        if (move.start > today and move.start != period.start) or move.start < period.start:
            raise Invalid(
                _("{name}: a transfer starts between {first} and today.").format(
                    name=move.employee.name, first=papers.day(period.start)
                ),
                fields={"start": _("a day from {first} to today").format(first=period.start.isoformat())},
            )
        if move.start == period.start:
            period.department, period.title = move.department, move.title
            corrected.append(period)
            continue
        opened.append(_following(period, move))
        period.end, period.end_reported, period.ended_at = move.start - timedelta(days=1), False, now
        closed.append(period)
    changed = [*closed, *corrected]
    Employment.objects.bulk_update(
        changed, ["end", "end_reported", "ended_at", "department", "title"], batch_size=BATCH
    )
    Employment.objects.bulk_create(opened, batch_size=BATCH)
    _tell_directors(cleaned)
    _record_moves(actor, cleaned, {row.employee_id: row for row in closed}, [*opened, *corrected])
    return [*opened, *corrected]


@service
def transfer(
    *, actor: Employee | None, employee: Employee, department: Department, title: str, start: date
) -> Employment:
    """Move one person. Raises as `transfer_all`."""
    return transfer_all(actor=actor, moves=[Move(employee, department, title, start)])[0]


def _tell_directors(moves: Sequence[Move]) -> None:
    """Whoever moves to another department stays designee of the old one, until its Director says otherwise."""
    away = {one.employee.pk: one for one in moves if one.employee.department_id != one.department.pk}
    rows = Designation.objects.in_force_or_to_come().filter(designee__in=list(away))
    kept = [
        row
        for row in rows.select_related("department")
        if row.department_id != away[row.designee_id].department.pk
    ]
    seats = Appointment.objects.in_force().filter(
        office__department__in={row.department_id for row in kept}, holder__is_active=True
    )
    directors: dict[int | None, list[Employee]] = defaultdict(list)
    for seat in seats.select_related("holder", "office"):
        directors[seat.office.department_id].append(seat.holder)
    for row in kept:
        move = away[row.designee_id]
        words = {"name": move.employee.name, "new": move.department.name, "old": row.department.name}
        page = reverse("employees:person", args=[row.designee_id])
        outbox.post(
            to=directors[row.department_id],
            subject=_("Designee of {old}: {name} moved to {new}").format(**words),
            text=_(
                "{name} works for {new} now, and stays your designee: the accounts of {old} are held as before until "
                "you end the designation.\n\n{link}"
            ).format(**words, link=outbox.link(page)),
        )


def _following(period: Employment, move: Move) -> Employment:
    return Employment(
        employee=move.employee,
        department=move.department,
        title=move.title,
        email=period.email,
        start=move.start,
        end=period.end,
        end_reported=period.end_reported,
        recorded_at=clock.now(),
    )


def _record_moves(
    actor: Employee | None,
    moves: Sequence[Move],
    closed: Mapping[int, Employment],
    periods: Sequence[Employment],
) -> None:
    before = {move.employee.pk: [move.employee.department_id, move.employee.title] for move in moves}
    for move in moves:
        move.employee.department, move.employee.title = move.department, move.title
    Employee.objects.bulk_update([move.employee for move in moves], ["department", "title"], batch_size=BATCH)
    for period in periods:
        earlier = closed.get(period.employee_id)
        record(
            Verb.EMPLOYEE_TRANSFER,
            actor=actor,
            obj=period.employee,
            facts=[earlier, period] if earlier else [period],
            department=[before[period.employee_id][0], period.department_id],
            title=[before[period.employee_id][1], period.title],
            start=period.start,
        )
