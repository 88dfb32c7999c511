"""What an import of a personnel file would change: computed once, printed by a dry run, carried out by a real one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from audit import clock
from audit.tables import Row
from employees.arrivals import Newcomer
from employees.departments import unknown
from employees.models import Department, Employee, Employment
from employees.moves import Move
from employees.rows import Listed, Problem, twice, understand
from employees.separation import Departure


class Change(NamedTuple):
    """New values of name, e-mail or kind for one person."""

    line: int
    employee: Employee
    values: dict[str, str]


class LastDay(NamedTuple):
    """A last day set or cleared for one person."""

    line: int
    employee: Employee
    before: date | None
    day: date | None


class Rehire(NamedTuple):
    """A person who left and is listed with a new first day."""

    line: int
    employee: Employee
    listed: Listed


@dataclass
class Plan:
    """Everything an import does, in the order in which it is done, and what it leaves alone."""

    rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    departments: list[Department] = field(default_factory=list)
    departures: list[tuple[int, Departure]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    moves: list[tuple[int, Move]] = field(default_factory=list)
    last_days: list[LastDay] = field(default_factory=list)
    rehires: list[Rehire] = field(default_factory=list)
    hires: list[tuple[int, Newcomer]] = field(default_factory=list)
    missing: list[Employee] = field(default_factory=list)
    again: list[Employee] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def rejected(self) -> set[int]:
        """Lines of the rows that cannot be imported."""
        return {problem.line for problem in self.problems}

    @property
    def nothing(self) -> bool:
        """Whether no person or department changes (misses are counted all the same)."""
        done = (
            self.departments,
            self.departures,
            self.changes,
            self.moves,
            self.last_days,
            self.rehires,
            self.hires,
        )
        return not any(done)


class _Known:
    """The people in the database, with their periods. Three queries."""

    def __init__(self) -> None:
        self.people = {
            person.employee_number.lower(): person
            for person in Employee.objects.select_related("department").order_by("pk")
        }
        self.open: dict[int, Employment] = {}
        self.starts: dict[int, set[date]] = defaultdict(set)
        self.left: dict[int, date] = {}
        for period in Employment.objects.order_by("start", "pk"):
            self.starts[period.employee_id].add(period.start)
            if period.ended_at is None:
                self.open[period.employee_id] = period
            elif period.end is not None:
                self.left[period.employee_id] = max(period.end, self.left.get(period.employee_id, period.end))


def plan(rows: Sequence[Row], *, create_departments: bool = False) -> Plan:
    """What `rows` would change today. Reads only; a fixed number of queries, whatever the number of rows.

    With `create_departments`, names that are new stand in `Plan.departments`, not saved.
    """
    made = Plan(rows=len(rows))
    departments = list(Department.objects.order_by("code"))
    if create_departments:
        made.departments = unknown([row.values["department"] for row in rows], departments)
        departments += made.departments
    listed: list[Listed] = []
    for row in rows:
        item = understand(row, departments)
        if isinstance(item, Listed):
            listed.append(item)
        else:
            made.problems.extend(item)
    made.problems.extend(twice(listed))
    known = _Known()
    good = _without_taken_emails(listed, known, made)
    for person in good:
        _person(person, known, made)
    # A row that is rejected still says that the person is there.
    numbers = {row.values["employee_number"].strip().lower() for row in rows}
    for number, employee in known.people.items():
        if employee.is_active and number not in numbers:
            made.missing.append(employee)
        elif employee.is_active and employee.missed_imports:
            made.again.append(employee)
    made.problems.sort()
    return made


def _without_taken_emails(listed: Sequence[Listed], known: _Known, made: Plan) -> list[Listed]:
    """The rows that can be imported. A rejected row leaves its person the present e-mail, so look again after it."""
    while True:
        rejected = made.rejected
        good = [person for person in listed if person.line not in rejected]
        changing = {person.folded for person in good if person.email or person.has_left}
        kept = {
            employee.email: employee
            for number, employee in known.people.items()
            if employee.is_active and employee.email and number not in changing
        }
        found = []
        for person in good:
            owner = None if person.has_left else kept.get(person.email)
            if owner is not None and owner is not known.people.get(person.folded):
                reason = f"{person.email} belongs to {owner.name}, employee {owner.employee_number}."
                found.append(Problem(person.line, "email", reason))
        if not found:
            return good
        made.problems.extend(found)


def _person(listed: Listed, known: _Known, made: Plan) -> None:
    employee = known.people.get(listed.folded)
    if employee is None:
        _stranger(listed, made)
    elif not employee.is_active:
        _gone(listed, employee, known, made)
    elif listed.has_left:
        assert listed.end is not None
        reason = f"Personnel file: last day {listed.end}"
        made.departures.append((listed.line, Departure(employee, listed.end, reason)))
    else:
        _present(listed, employee, known, made)


def _stranger(listed: Listed, made: Plan) -> None:
    if listed.has_left:
        made.notes.append(
            (listed.line, f"{listed.name} left on {listed.end} and was never recorded: left out.")
        )
        return
    if not listed.email:
        made.notes.append((listed.line, f"{listed.name} has no e-mail and cannot sign in."))
    made.hires.append((listed.line, listed.as_newcomer()))


def _gone(listed: Listed, employee: Employee, known: _Known, made: Plan) -> None:
    if listed.has_left:
        return
    left = known.left.get(employee.pk)
    if left is not None and listed.start <= left:
        made.notes.append(
            (
                listed.line,
                f"{employee.name} left on {left}; the file lists them since {listed.start}: left alone. "
                "A rehire has a first day after that.",
            )
        )
        return
    made.rehires.append(Rehire(listed.line, employee, listed))


def _present(listed: Listed, employee: Employee, known: _Known, made: Plan) -> None:
    values = {
        name: value
        for name, value in (("name", listed.name), ("email", listed.email), ("kind", listed.kind))
        if value and value != (getattr(employee, name) or "")
    }
    if values:
        made.changes.append(Change(listed.line, employee, values))
    period = known.open.get(employee.pk)
    if period is None:
        return
    last_day = _last_day(listed, employee, period, made)
    # Whose last day is over waits to be separated, by the next daily run at the latest.
    if last_day is None or last_day >= clock.today():
        _move(listed, employee, period, known, made)


def _move(listed: Listed, employee: Employee, period: Employment, known: _Known, made: Plan) -> None:
    title = listed.title or employee.title
    today = clock.today()
    if listed.department.pk == employee.department_id and title == employee.title:
        if listed.start not in known.starts[employee.pk]:
            reason = (
                f"{employee.name} started on {period.start} here, on {listed.start} in the file: left alone."
            )
            made.notes.append((listed.line, reason))
        return
    if listed.start > today and listed.start != period.start:
        reason = f"{employee.name} moves on {listed.start}: an import on that day or later records it."
        made.notes.append((listed.line, reason))
        return
    since = listed.start if listed.start > period.start else max(today, period.start)
    made.moves.append((listed.line, Move(employee, listed.department, title, since)))


def _last_day(listed: Listed, employee: Employee, period: Employment, made: Plan) -> date | None:
    """The last day as it will be."""
    if listed.end == period.end:
        return period.end
    later = period.end is not None and (listed.end is None or listed.end > period.end)
    if later and period.end_reported:
        reason = (
            f"{employee.name}'s last day was reported as {period.end}, the file says {listed.end or 'none'}"
        )
        made.notes.append((listed.line, f"{reason}: left alone."))
        return period.end
    made.last_days.append(LastDay(listed.line, employee, period.end, listed.end))
    return listed.end
