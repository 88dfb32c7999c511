"""People who come: hired, and hired again. Neither gives a seat, a session or a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from audit import clock, locks
from audit.actions import Verb
from audit.errors import Invalid, Refused
from audit.ledger import record, service
from employees import identity, papers, rules
from employees.kinds import BATCH
from employees.models import Department, Employee, Employment


@dataclass(frozen=True)
class Newcomer:
    """Whoever is hired. `end` is the last day; `email` may be empty for somebody who never signs in."""

    employee_number: str
    name: str
    email: str
    title: str
    department: Department
    kind: str
    start: date
    end: date | None = None


@service
def hire_all(*, actor: Employee | None, newcomers: Sequence[Newcomer]) -> list[Employee]:
    """Take on people who were never here. Queries grow by batches.

    Nobody gets a password: each sets the first one by a link to the work e-mail. Raises NotPermitted, Invalid.
    """
    rules.keeps_people(actor)
    ready = [_checked(newcomer) for newcomer in newcomers]
    identity.must_be_free(
        numbers=[one.employee_number for one in ready], emails=[one.email for one in ready if one.email]
    )
    now = clock.now()
    people = Employee.objects.bulk_create(
        [
            Employee(
                employee_number=one.employee_number,
                name=one.name,
                email=one.email or None,
                kind=one.kind,
                title=one.title,
                department=one.department,
                password=make_password(None),
            )
            for one in ready
        ],
        batch_size=BATCH,
    )
    periods = Employment.objects.bulk_create(
        [
            Employment(
                employee=person,
                department=one.department,
                title=one.title,
                email=one.email,
                start=one.start,
                end=one.end,
                recorded_at=now,
            )
            for person, one in zip(people, ready, strict=True)
        ],
        batch_size=BATCH,
    )
    for person, period in zip(people, periods, strict=True):
        _record_arrival(Verb.EMPLOYEE_HIRE, actor, person, period)
    return people


@service
def hire(
    *,
    actor: Employee | None,
    employee_number: str,
    name: str,
    email: str,
    title: str,
    department: Department,
    kind: str = Employee.Kind.EMPLOYEE,
    start: date,
    end: date | None = None,
) -> Employee:
    """Take on one person. Raises as `hire_all`."""
    newcomer = Newcomer(employee_number, name, email, title, department, kind, start, end)
    return hire_all(actor=actor, newcomers=[newcomer])[0]


@service
def rehire(
    *,
    actor: Employee | None,
    employee: Employee,
    email: str,
    title: str,
    department: Department,
    start: date,
    end: date | None = None,
    name: str = "",
    kind: str = "",
) -> Employee:
    """Take somebody on again: a new period, none of the old seats, sessions or passwords.

    Raises NotPermitted, Refused (still employed), Invalid (before the last period's end, e-mail in use).
    """
    papers.hold_person(employee)
    if employee.is_active:
        raise Refused(_("{name} works for the City already.").format(name=employee.name))
    locks.hold(locks.SEATS)
    rules.keeps_people(actor)
    again = _checked(
        Newcomer(
            employee.employee_number,
            name or employee.name,
            email,
            title,
            department,
            kind or employee.kind,
            start,
            end,
        )
    )
    last = employee.employments.order_by("-start", "-pk").first()
    if last is not None and last.end is not None and again.start < last.end:
        raise Invalid(
            _("{name} worked for the City until {day}; a new period starts no earlier.").format(
                name=employee.name, day=papers.day(last.end)
            ),
            fields={"start": _("{day} or later").format(day=last.end.isoformat())},
        )
    identity.must_be_free(numbers=[], emails=[again.email] if again.email else [])
    employee.name, employee.kind, employee.email = again.name, again.kind, again.email or None
    employee.title, employee.department = again.title, again.department
    employee.is_active, employee.missed_imports = True, 0
    employee.set_unusable_password()
    employee.save(
        update_fields=[
            "name", "kind", "email", "title", "department", "is_active", "missed_imports", "password"
        ]
    )  # fmt: skip
    period = Employment.objects.create(
        employee=employee,
        department=again.department,
        title=again.title,
        email=again.email,
        start=again.start,
        end=again.end,
        recorded_at=clock.now(),
    )
    _record_arrival(Verb.EMPLOYEE_REHIRE, actor, employee, period)
    return employee


def _checked(one: Newcomer) -> Newcomer:
    if one.end is not None and one.end < max(one.start, clock.today()):
        raise Invalid(
            _("{name}: the last day has passed, or lies before the first.").format(name=one.name),
            fields={"end": _("today or later, not before the start, or empty")},
        )
    values = identity.fields({"name": one.name, "email": one.email, "kind": one.kind})
    return replace(
        one,
        employee_number=identity.number(one.employee_number),
        title=identity.title(one.title),
        name=values["name"],
        email=values["email"],
        kind=values["kind"],
    )


def _record_arrival(verb: Verb, actor: Employee | None, person: Employee, period: Employment) -> None:
    record(
        verb,
        actor=actor,
        obj=person,
        facts=[period],
        employee_number=person.employee_number,
        email=period.email,
        kind=person.kind,
    )
