"""The city, and the permission matrix's scene in it, are made through services once a process. After that their rows
are put back: a tenth of the time.

Safe because every test begins with the same rows, those of the migrations, and what is made changes none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.test import Client

from approvals import attachments
from approvals.models import Attachment
from audit import installation
from employees.models import Department, Employee
from tests.cast import DEPARTMENTS, PEOPLE, City, make_city
from tests.permission_scene import Scene, make_scene

Rows = dict[type[models.Model], list[models.Model]]


@dataclass
class Kept:
    """What was made, and in which installation: secrets are sealed for that one alone."""

    of: UUID
    rows: Rows
    made: Any = None


_city: Kept | None = None
_scene: Kept | None = None
_files: dict[str, bytes] = {}


def city() -> City:
    """The city, made or put back."""
    global _city
    if _city is None or _city.of != installation.current().pk:
        _city = _keep(make_city)
        made: City = _city.made
        return made
    _put_back(_city.rows)
    return _load()


def scene() -> Scene:
    """The scene of the permission matrix, made or put back."""
    global _scene
    if _scene is None or _scene.of != installation.current().pk:
        _scene = _keep(lambda: make_scene(make_city()))
        for row in Attachment.objects.all():
            with attachments.storage().open(row.stored) as file:
                _files[row.stored] = file.read()
        made: Scene = _scene.made
    else:
        _put_back(_scene.rows)
        for name, content in _files.items():
            if not attachments.storage().exists(name):
                attachments.storage().save(name, BytesIO(content))
        made = _scene.made
    return _load_scene(made)


def _keep(make: Callable[[], Any]) -> Kept:
    """Make it, and keep the rows that came."""
    before = {model: {row.pk: _values(row) for row in model._base_manager.all()} for model in _models()}
    made = make()
    kept = Kept(of=installation.current().pk, rows={}, made=made)
    for model, was in before.items():
        rows = {row.pk: row for row in model._base_manager.all()}
        changed = [pk for pk, values in was.items() if pk not in rows or _values(rows[pk]) != values]
        assert not changed, f"{model.__name__} {changed} was there before: it would not be put back"
        kept.rows[model] = [row for pk, row in rows.items() if pk not in was]
    return kept


def _put_back(kept: Rows) -> None:
    with transaction.atomic(), connection.constraint_checks_disabled():
        for model, rows in kept.items():
            model._base_manager.bulk_create([_copy(row) for row in rows])
        _count_on_from_there(kept)


def _count_on_from_there(kept: Rows) -> None:
    """PostgreSQL's sequences don't notice rows that bring their ids; a flush has set them back."""
    statements = connection.ops.sequence_reset_sql(
        no_style(), [model for model, rows in kept.items() if rows]
    )
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(";".join(statements))


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def _values(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _copy(row: models.Model) -> models.Model:
    return type(row)(**_values(row))


def _load() -> City:
    numbers = {first: str(10400 + place) for place, first in enumerate(PEOPLE)}
    people = {person.employee_number: person for person in Employee.objects.select_related("department")}
    departments = {one.code: one for one in Department.objects.all()}
    everything: dict[str, Any] = {code.replace("-", "_"): departments[code] for code in DEPARTMENTS}
    return City(**everything | {first: people[number] for first, number in numbers.items()})


def _load_scene(made: Scene) -> Scene:
    city = _load()
    others = Employee.objects.select_related("department").in_bulk([one.pk for one in made.people.values()])
    before = Client()
    for name, cookie in made.before.cookies.items():
        before.cookies[name] = cookie.value
    return replace(
        made,
        city=city,
        people={first: getattr(city, first, None) or others[one.pk] for first, one in made.people.items()},
        things={of: dict(named) for of, named in made.things.items()},
        before=before,
    )
