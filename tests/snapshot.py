"""The city is made through services once a process, and after that its rows are put back: a tenth of the time.

Safe because every test begins with the same rows, those of the migrations.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from employees.models import Department, Employee
from tests.cast import DEPARTMENTS, PEOPLE, City, make_city

_rows: dict[type[models.Model], list[models.Model]] = {}


def city() -> City:
    """The city, made or put back."""
    if not _rows:
        before = {model: set(_keys(model)) for model in _models()}
        made = make_city()
        for model, keys in before.items():
            _rows[model] = [row for row in model._base_manager.all() if row.pk not in keys]
        return made
    with transaction.atomic(), connection.constraint_checks_disabled():
        for model, rows in _rows.items():
            model._base_manager.bulk_create([_copy(row) for row in rows])
        _count_on_from_there()
    return _load()


def _count_on_from_there() -> None:
    """PostgreSQL's sequences don't notice rows that bring their ids; a flush has set them back."""
    statements = connection.ops.sequence_reset_sql(no_style(), list(_rows))
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(";".join(statements))


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.managed]


def _keys(model: type[models.Model]) -> Any:
    return model._base_manager.values_list("pk", flat=True)


def _copy(row: models.Model) -> models.Model:
    return type(row)(**{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields})


def _load() -> City:
    numbers = {first: str(10400 + place) for place, first in enumerate(PEOPLE)}
    people = {person.employee_number: person for person in Employee.objects.select_related("department")}
    departments = {one.code: one for one in Department.objects.all()}
    everything: dict[str, Any] = {code.replace("-", "_"): departments[code] for code in DEPARTMENTS}
    return City(**everything | {first: people[number] for first, number in numbers.items()})
