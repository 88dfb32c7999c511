"""The one clock. Nothing else in the project asks the machine for the time, and no column has a database default.

It can be moved only in tests and in a demonstration database, so that a history can be made by calling services.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

_moved: ContextVar[datetime | None] = ContextVar("moved", default=None)


class ClockMayNotMove(RuntimeError):
    """Raised when somebody tries to move the clock of a real installation."""


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _moved.get() or timezone.now()


def today() -> date:
    """The day in the city's time zone."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The city's day on which `moment` falls."""
    return timezone.localtime(moment).date()


def start_of(day: date) -> datetime:
    """The first instant of `day` in the city's time zone, as a time in UTC: local times subtract wrongly in autumn."""
    return timezone.make_aware(datetime.combine(day, time.min)).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first instant after `day`: whatever holds through `day` holds before it."""
    return start_of(day + timedelta(days=1))


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Let `now()` answer `moment` within the block.

    Raises ClockMayNotMove outside tests and demonstration databases.
    """
    if not settings.TESTING:
        from audit.models import Installation

        if not Installation.objects.filter(demonstration=True).exists():
            raise ClockMayNotMove("The clock of a real installation cannot be moved.")
    token = _moved.set(moment)
    try:
        yield
    finally:
        _moved.reset(token)
