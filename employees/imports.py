"""Importing a personnel file: who came, who changed, who left. The same services as the pages' buttons do the work."""

from __future__ import annotations

from collections.abc import Iterator

from audit import clock
from audit.actions import Verb
from audit.errors import Refused
from audit.ledger import record, service
from audit.tables import Table
from employees import arrivals, consequences, departments, lastdays, moves, people, rules, separation
from employees.models import Department, Employee, PersonnelImport
from employees.people import MISSES
from employees.planning import Plan, plan


class Rejected(Refused):
    """Rows have errors, so nothing was changed. `plan.problems` names them."""

    def __init__(self, plan: Plan) -> None:
        count = len(plan.rejected)
        super().__init__(f"{count} row{'' if count == 1 else 's'} cannot be imported; nothing was changed.")
        self.plan = plan


@service
def import_people(
    *,
    actor: Employee | None,
    table: Table,
    skip_invalid: bool = False,
    create_departments: bool = False,
) -> Plan:
    """Make the people what `table` lists. People who are missing from it are counted and left alone.

    Departures come first, so that their e-mails are free. Departments that are new are created only when that was
    asked for. Raises Rejected where rows have errors (unless
    `skip_invalid`), NotPermitted.
    """
    rules.keeps_people(actor)
    made = plan(table.rows, create_departments=create_departments)
    if made.problems and not skip_invalid:
        raise Rejected(made)
    if made.departments:
        pairs = [(one.code, one.name) for one in made.departments]
        created = departments.create_departments(actor=actor, departments=pairs)
        made = plan(table.rows)
        made.departments = created
    _carry_out(actor, made)
    row = PersonnelImport.objects.create(at=clock.now(), sha256=table.sha256, counts=counts(made))
    record(Verb.PERSONNEL_IMPORT, actor=actor, obj=row, sha256=table.sha256, counts=row.counts)
    return made


def _carry_out(actor: Employee | None, made: Plan) -> None:
    if made.departures:
        separation.separate_all(actor=actor, departures=[departure for _line, departure in made.departures])
    people.change_all(actor=actor, changes=[(change.employee, change.values) for change in made.changes])
    # Last days before moves: whose last day was over and is put off can move, and nobody else whose it is.
    if made.last_days:
        days = [(one.employee, one.day) for one in made.last_days]
        lastdays.set_last_days(actor=actor, days=days, reported=False)
    moves.transfer_all(actor=actor, moves=[move for _line, move in made.moves])
    for one in made.rehires:
        arrivals.rehire(
            actor=actor,
            employee=one.employee,
            name=one.listed.name,
            email=one.listed.email,
            kind=one.listed.kind,
            title=one.listed.title,
            department=one.listed.department,
            start=one.listed.start,
            end=one.listed.end,
        )
    arrivals.hire_all(actor=actor, newcomers=[newcomer for _line, newcomer in made.hires])
    people.miss_all(actor=actor, missing=made.missing)
    people.listed_again(actor=actor, people=made.again)


def counts(made: Plan) -> dict[str, int]:
    """How many of each, for the entry and the last line of the command."""
    return {
        "rows": made.rows,
        "departments": len(made.departments),
        "hired": len(made.hires),
        "rehired": len(made.rehires),
        "changed": len(made.changes),
        "moved": len(made.moves),
        "last days set": len(made.last_days),
        "separated": len(made.departures),
        "missing": len(made.missing),
        "rejected": len(made.rejected),
    }


def sentences(made: Plan, *, foresee: bool = False) -> Iterator[str]:
    """What the plan does, one line each. With `foresee`, what else ends with a departure (a few queries each).

    Call it before the plan is carried out: it tells the values as they were.
    """
    for department in made.departments:
        yield f"create the department {department.name} ({department.code})"
    for line, departure in made.departures:
        also = "; ".join(_foreseen(departure.employee)) if foresee else ""
        text = f"line {line}: separate {who(departure.employee)}: last day {departure.last_day}"
        yield f"{text}; {also}" if also else text
    for change in made.changes:
        for name, value in change.values.items():
            before = getattr(change.employee, name) or "none"
            yield f"line {change.line}: change {who(change.employee)}: {name} {before} → {value}"
    for line, move in made.moves:
        yield f"line {line}: {_moved(move)}"
    for one in made.last_days:
        days = f"{one.before or 'none'} → {one.day or 'none'}"
        yield f"line {one.line}: change {who(one.employee)}: last day {days}"
    for again in made.rehires:
        listed = again.listed
        place = _place(listed.department, listed.title)
        yield f"line {again.line}: rehire {who(again.employee)}: {place}, from {listed.start}"
    for line, new in made.hires:
        until = f" to {new.end}" if new.end else ""
        place = _place(new.department, new.title)
        yield f"line {line}: hire {new.name} ({new.employee_number}): {place}, from {new.start}{until}"


def missing_sentences(made: Plan, *, counted: bool) -> Iterator[str]:
    """Who is missing from the file. `counted`: whether this run was counted already."""
    for person in made.missing:
        misses = person.missed_imports + (0 if counted else 1)
        often = f"from {misses} imports in a row: ask whether they left" if misses >= MISSES else "left alone"
        yield f"missing: {who(person)}, {often}"


def who(person: Employee) -> str:
    """Name and number."""
    return f"{person.name} ({person.employee_number})"


def _moved(move: moves.Move) -> str:
    person = move.employee
    if move.department.pk == person.department_id:
        return f"change {who(person)}: title {person.title or 'none'} → {move.title}, from {move.start}"
    before = _place(person.department, person.title)
    return f"transfer {who(person)}: {before} → {_place(move.department, move.title)}, from {move.start}"


def _place(department: Department | None, title: str) -> str:
    return ", ".join(part for part in (department.name if department else "", title) if part)


def _foreseen(person: Employee) -> Iterator[str]:
    for paper in separation.what_ends(person):
        yield f"ends: {paper.title}"
    for section in consequences.of(person):
        if section.sentence:
            yield section.sentence
