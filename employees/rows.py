"""What one row of a personnel file says about a person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from audit import clock
from audit.errors import Invalid
from audit.tables import Row
from audit.text import clean_line
from employees import departments as known
from employees import identity
from employees.arrivals import Newcomer
from employees.models import Department, Employee

T = TypeVar("T")

COLUMNS = ("employee_number", "name", "email", "title", "department", "kind", "start", "end")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Problem(NamedTuple):
    """Why a row cannot be imported: its line, the column, the reason in a sentence."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True)
class Listed:
    """A person as the file lists them. `email` and `title` may be empty: then the file says nothing about them."""

    line: int
    employee_number: str
    name: str
    email: str
    title: str
    department: Department
    kind: str
    start: date
    end: date | None

    @property
    def folded(self) -> str:
        """The employee number as numbers are compared."""
        return self.employee_number.lower()

    def as_newcomer(self) -> Newcomer:
        """As whoever is hired."""
        return Newcomer(
            self.employee_number,
            self.name,
            self.email,
            self.title,
            self.department,
            self.kind,
            self.start,
            self.end,
        )

    @property
    def has_left(self) -> bool:
        """Whether the last day has passed."""
        return self.end is not None and self.end < clock.today()


def understand(row: Row, departments: Sequence[Department]) -> Listed | list[Problem]:
    """The person whom `row` lists, or everything that is wrong with it."""
    problems: list[Problem] = []
    value = row.values

    def at(column: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Invalid as error:
            expected = error.fields.get(column)
            reason = f"Expected {expected}." if expected and not expected.endswith(".") else expected
            problems.append(Problem(row.line, column, reason or str(error)))
            return None

    if row.surplus:
        reason = f"It has {row.surplus} cells more than the first line: a stray comma?"
        problems.append(Problem(row.line, "row", reason))
    number = at("employee_number", lambda: identity.number(value["employee_number"]))
    name = at("name", lambda: clean_line(value["name"], field="name", max_length=200))
    email = at("email", lambda: identity.email(value["email"]))
    title = at("title", lambda: identity.title(value["title"]))
    department = at("department", lambda: _department(value["department"], departments))
    kind = at("kind", lambda: identity.kind(value["kind"] or Employee.Kind.EMPLOYEE))
    start = at("start", lambda: _day(value["start"], "start"))
    end = at("end", lambda: _day(value["end"], "end")) if value["end"] else None
    if start and end and end < start:
        problems.append(Problem(row.line, "end", f"The last day {end} lies before the first, {start}."))
    if problems or not (number and name and department and kind and start):
        return problems
    return Listed(row.line, number, name, email or "", title or "", department, kind, start, end)


def twice(listed: Iterable[Listed]) -> list[Problem]:
    """Numbers that stand in more than one row, and e-mails of more than one person who still works here.

    Every row of such a group is a problem: which of them is right, the file does not say.
    """
    people = list(listed)
    numbers: dict[str, list[int]] = defaultdict(list)
    emails: dict[str, list[int]] = defaultdict(list)
    for person in people:
        numbers[person.folded].append(person.line)
        if person.email and not person.has_left:
            emails[person.email].append(person.line)
    problems = []
    for column, groups in (("employee_number", numbers), ("email", emails)):
        for value, lines in groups.items():
            for line in lines if len(lines) > 1 else ():
                others = ", ".join(str(other) for other in lines if other != line)
                problems.append(Problem(line, column, f"{value} stands also in line {others}."))
    return sorted(problems)


def _day(value: str, column: str) -> date:
    expected = "a day written 2026-11-23"
    if not value:
        raise Invalid("The day is missing.", fields={column: f"{expected}; it is empty"})
    try:
        if not _ISO.fullmatch(value):
            raise ValueError
        day = date.fromisoformat(value)
    except ValueError:
        raise Invalid("Not a day.", fields={column: f"{expected}, not “{value}”"}) from None
    if not 1900 <= day.year <= 2200:
        raise Invalid("Not a likely day.", fields={column: f"a day between 1900 and 2200, not “{value}”"})
    return day


def _department(value: str, departments: Sequence[Department]) -> Department:
    found = known.find(value, departments) if value else None
    if found is None:
        names = "; ".join(f"{one.code} ({one.name})" for one in departments) or "none yet"
        said = f"“{value}” is no department" if value else "The department is missing"
        raise Invalid(
            said,
            fields={
                "department": f"{said}. Known are: {names}. Correct the row, or let the import create departments "
                "with --create-departments."
            },
        )
    return found
