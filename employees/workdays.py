"""Working days: what is due in five of them is due after no weekend and no holiday of the City.

Holidays are those of CITY_STATE; HOLIDAYS_MORE and HOLIDAYS_FEWER add the City's own and take others away.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from holidays import country_holidays
from holidays.countries.united_states import UnitedStates

SATURDAY = 5


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in _holidays(day.year, _chosen())


def holiday(day: date) -> str:
    """What the holiday of `day` is called; empty where it is none."""
    return _holidays(day.year, _chosen()).get(day, "")


def after(day: date, count: int) -> date:
    """The working day that is `count` of them after `day`; before it where `count` is negative.

    With 0: `day` itself, or the next working day where it is none.
    """
    step = timedelta(days=1 if count >= 0 else -1)
    while not is_working_day(day) and count >= 0:
        day += step
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def between(first: date, last: date) -> int:
    """How many working days lie after `first` up to and with `last`; negative the other way round."""
    if last < first:
        return -between(last, first)
    days = (last - first).days
    return sum(is_working_day(first + timedelta(days=number + 1)) for number in range(days))


_Chosen = tuple[str, tuple[str, ...], tuple[str, ...]]


def _chosen() -> _Chosen:
    return settings.CITY_STATE, tuple(settings.HOLIDAYS_MORE), tuple(settings.HOLIDAYS_FEWER)


@cache
def _holidays(year: int, chosen: _Chosen) -> Mapping[date, str]:
    state, more, fewer = chosen
    codes: dict[str, str] = UnitedStates.subdivisions_aliases
    code = codes.get(state, state)
    if code not in UnitedStates.subdivisions:
        raise ImproperlyConfigured(f"CITY_STATE is {state}, which is no state; write Kansas, or KS.")
    found: dict[date, str] = dict(country_holidays("US", subdiv=code, years=year))
    for day in _days("HOLIDAYS_MORE", more):
        if day.year == year:
            found.setdefault(day, "Holiday of the City")
    for day in _days("HOLIDAYS_FEWER", fewer):
        found.pop(day, None)
    return found


def _days(name: str, values: tuple[str, ...]) -> list[date]:
    try:
        return [date.fromisoformat(value.strip()) for value in values if value.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} holds {error}; days are written 2026-11-27, split by commas."
        ) from error
