"""Times as people type them in commands and pages: `2026-11-23`, or with an hour, in the city's time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal

from django.utils import timezone

from audit import clock
from audit.errors import Invalid

EXPECTED = "a day as 2026-11-23, or a time as 2026-11-23T14:10"


def last_instant(day: date) -> datetime:
    """The last microsecond of `day`, and never past now."""
    return min(clock.end_of(day) - timedelta(microseconds=1), clock.now())


def parse(text: str, *, edge: Literal["start", "end"], field: str = "when") -> datetime:
    """The moment that `text` means; a date alone means its start or its end, as `edge` says, never past now.

    Raises Invalid: naming `field` and what was expected.
    """
    value = text.strip()
    try:
        day = date.fromisoformat(value)
    except ValueError:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise Invalid(f"{value!r} is not a time. Give {EXPECTED}.", fields={field: EXPECTED}) from None
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    return clock.start_of(day) if edge == "start" else last_instant(day)


def at_time(day: date, hour: time | None) -> datetime:
    """The moment of `hour` on `day`; without an hour the day's end. Never past now."""
    if hour is None:
        return last_instant(day)
    return min(timezone.make_aware(datetime.combine(day, hour)), clock.now())
