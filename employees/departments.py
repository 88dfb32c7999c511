"""Departments and offices: the seats that people can hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, count

from django.utils.text import slugify
from django.utils.translation import gettext as _

from audit.actions import Verb
from audit.errors import Invalid
from audit.ledger import record, service
from audit.text import clean_line
from employees import rules
from employees.authority import CITY_OFFICES
from employees.models import Department, Employee, Office


@service
def create_city_offices(*, actor: Employee | None) -> list[Office]:
    """The offices that every City has, those that are missing: runs after every migrate."""
    have = set(Office.objects.filter(department=None).values_list("kind", flat=True))
    made = Office.objects.bulk_create([Office(kind=kind) for kind in CITY_OFFICES if kind not in have])
    for office in made:
        record(Verb.OFFICE_CREATE, actor=actor, obj=office, facts=[office], kind=office.kind)
    return made


@service
def create_departments(*, actor: Employee | None, departments: Sequence[tuple[str, str]]) -> list[Department]:
    """Departments from (code, name), each with the office of its Director. A handful of queries for any number.

    Raises NotPermitted, and Invalid for a code or name that is there already or cannot be used.
    """
    rules.keeps_people(actor)
    cleaned = [_clean(code, name) for code, name in departments]
    _new(cleaned)
    made = Department.objects.bulk_create([Department(code=code, name=name) for code, name in cleaned])
    offices = Office.objects.bulk_create(
        [Office(kind=Office.Kind.DEPARTMENT_DIRECTOR, department=department) for department in made]
    )
    for department, office in zip(made, offices, strict=True):
        record(Verb.DEPARTMENT_CREATE, actor=actor, obj=department, code=department.code)
        record(
            Verb.OFFICE_CREATE,
            actor=actor,
            obj=office,
            facts=[office],
            kind=office.kind,
            department_id=department.pk,
        )
    return made


@service
def create_department(*, actor: Employee | None, code: str, name: str) -> Department:
    """One department with its Director's office. Raises as `create_departments`."""
    return create_departments(actor=actor, departments=[(code, name)])[0]


def find(reference: str, departments: Sequence[Department]) -> Department | None:
    """The one of `departments` with this code or name, whatever the case."""
    text = " ".join(reference.split()).casefold()
    for department in departments:
        if text in (department.code.casefold(), " ".join(department.name.split()).casefold()):
            return department
    return None


def unknown(names: Iterable[str], departments: Sequence[Department]) -> list[Department]:
    """A new department, not saved, for each name that is none of `departments`, with a code of its own.

    Names that cannot be used are left out.
    """
    made: list[Department] = []
    taken = {department.code for department in departments}
    for name in names:
        try:
            clean = " ".join(clean_line(name, field="department", max_length=200).split())
        except Invalid:
            continue
        if find(clean, [*departments, *made]) is not None:
            continue
        base = slugify(clean)[:50].strip("-") or "department"
        code = next(one for one in chain([base], (f"{base}-{n}" for n in count(2))) if one not in taken)
        taken.add(code)
        made.append(Department(code=code, name=clean))
    return made


def _clean(code: str, name: str) -> tuple[str, str]:
    code = clean_line(code, field="code", max_length=60).lower()
    if slugify(code) != code:
        raise Invalid(
            _("{code} is no department code.").format(code=code),
            fields={"code": _("lower-case letters, digits and hyphens")},
        )
    return code, " ".join(clean_line(name, field="name", max_length=200).split())


def _new(cleaned: Sequence[tuple[str, str]]) -> None:
    codes = set(Department.objects.values_list("code", flat=True))
    names = {name.casefold() for name in Department.objects.values_list("name", flat=True)}
    for code, name in cleaned:
        if code in codes or name.casefold() in names:
            raise Invalid(
                _("There is a department {name} ({code}) already.").format(name=name, code=code),
                fields={"code": _("one that is new"), "name": _("one that is new")},
            )
        codes.add(code)
        names.add(name.casefold())
