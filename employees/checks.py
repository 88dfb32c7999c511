"""What is wrong with the settings that this room reads, said at the start and not in the night."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from audit import clock
from employees import workdays


def connect() -> None:
    register(calendar)


def calendar(**_: Any) -> list[CheckMessage]:
    """The state is one, and the City's own holidays are days."""
    try:
        workdays.is_working_day(clock.today())
    except ImproperlyConfigured as error:
        return [Error(str(error), id="employees.E001")]
    return []
