"""People and their periods of employment: hired, changed, moved, hired again. How they leave is in `separation`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils.translation import gettext as _

from audit import clock, locks
from audit.actions import Verb
from audit.errors import Invalid, Refused
from audit.ledger import record, service
from employees import identity, papers, rules
from employees.models import Department, Employee, Employment
from employees.papers import BATCH

MISSES = 2
"""Real imports in a row that did not list a person: from then on it is a question for IT."""


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


@service
def change_all(
    *, actor: Employee | None, changes: Sequence[tuple[Employee, Mapping[str, str]]]
) -> list[Employee]:
    """New names, e-mails or kinds (`{"name": …, "email": …, "kind": …}`) for people who work here.

    Two people may swap their e-mails. Raises NotPermitted, Invalid.
    """
    locks.hold(locks.SEATS)
    rules.keeps_people(actor)
    ready = [(person, identity.fields(values)) for person, values in changes]
    moving = [(person, values["email"]) for person, values in ready if "email" in values]
    identity.must_be_free(
        numbers=[],
        emails=[email for _person, email in moving if email],
        but=[person.pk for person, _e in moving],
    )
    # Emptied first, so that the database sees no e-mail twice at any moment.
    for some in papers.batches([person.pk for person, _email in moving]):
        Employee.objects.filter(pk__in=some).update(email=None)
    before = [{name: getattr(person, name) or "" for name in values} for person, values in ready]
    for person, values in ready:
        for name, value in values.items():
            setattr(person, name, value or None if name == "email" else value)
    people = [person for person, _values in ready]
    Employee.objects.bulk_update(people, ["name", "email", "kind"], batch_size=BATCH)
    periods = _open_periods([person for person, _email in moving])
    for period in periods.values():
        period.email = period.employee.email or ""
    Employment.objects.bulk_update(periods.values(), ["email"], batch_size=BATCH)
    for (person, values), old in zip(ready, before, strict=True):
        facts = [periods[person.pk]] if "email" in values and person.pk in periods else []
        pairs = {name: [old[name], value] for name, value in values.items()}
        record(Verb.EMPLOYEE_CHANGE, actor=actor, obj=person, facts=facts, changes=pairs)
    return people


@service
def change(*, actor: Employee | None, employee: Employee, **values: str) -> Employee:
    """A new name, e-mail or kind for one person. Raises as `change_all`."""
    return change_all(actor=actor, changes=[(employee, values)])[0]


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

    Gives and takes no seat: appointments and designations stay as the papers say. Raises NotPermitted, Refused
    (has left), Invalid (a first day to come, or before the present period's).
    """
    locks.hold(locks.SEATS)
    rules.keeps_people(actor)
    cleaned = [replace(move, title=identity.title(move.title)) for move in moves]
    periods = _open_periods([move.employee for move in cleaned])
    now, today = clock.now(), clock.today()
    closed, opened, corrected = [], [], []
    for move in cleaned:
        period = periods.get(move.employee.pk)
        if period is None:
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
    _record_moves(actor, cleaned, {row.employee_id: row for row in closed}, [*opened, *corrected])
    return [*opened, *corrected]


@service
def transfer(
    *, actor: Employee | None, employee: Employee, department: Department, title: str, start: date
) -> Employment:
    """Move one person. Raises as `transfer_all`."""
    return transfer_all(actor=actor, moves=[Move(employee, department, title, start)])[0]


@service
def miss_all(*, actor: Employee | None, missing: Sequence[Employee]) -> None:
    """Count that a real import did not list these people. They are left alone."""
    rules.keeps_people(actor)
    for some in papers.batches([person.pk for person in missing]):
        Employee.objects.filter(pk__in=some).update(missed_imports=F("missed_imports") + 1)
    for person in missing:
        person.missed_imports += 1
        record(Verb.EMPLOYEE_MISS, actor=actor, obj=person, missed_imports=person.missed_imports)


@service
def listed_again(*, actor: Employee | None, people: Sequence[Employee]) -> None:
    """Forget misses: the import lists these people once more."""
    rules.keeps_people(actor)
    for some in papers.batches([person.pk for person in people]):
        Employee.objects.filter(pk__in=some).update(missed_imports=0)
    for person in people:
        person.missed_imports = 0


def to_question() -> list[Employee]:
    """Whom two real imports in a row did not list and who still works here: somebody asks whether they left."""
    return list(
        Employee.objects.filter(is_active=True, missed_imports__gte=MISSES).select_related("department")
    )


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


def _open_periods(people: Iterable[Employee]) -> dict[int, Employment]:
    by_id = {person.pk: person for person in people}
    found: dict[int, Employment] = {}
    for some in papers.batches(list(by_id)):
        rows = Employment.objects.select_for_update(no_key=True).filter(employee__in=some, ended_at=None)
        for period in rows:
            period.employee = by_id[period.employee_id]
            found[period.employee_id] = period
    return found


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
