"""Working days, by the state's calendar and the City's own."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from employees import checks, workdays

THURSDAY = date(2026, 11, 26)  # Thanksgiving


def test_weekends_and_the_states_holidays_are_none() -> None:
    assert [workdays.is_working_day(date(2026, 11, day)) for day in range(23, 30)] == [
        *(True, True, True, False, True),
        *(False, False),
    ]
    assert workdays.holiday(THURSDAY) == "Thanksgiving Day"


def test_the_city_may_have_more_and_fewer(settings: Any) -> None:
    settings.HOLIDAYS_MORE = ["2026-11-27"]
    settings.HOLIDAYS_FEWER = ["2026-11-26"]
    assert workdays.is_working_day(THURSDAY)
    assert not workdays.is_working_day(date(2026, 11, 27))


def test_five_working_days_over_thanksgiving() -> None:
    assert workdays.after(date(2026, 11, 24), 5) == date(2026, 12, 2)
    assert workdays.after(date(2026, 12, 2), -5) == date(2026, 11, 24)
    assert workdays.after(date(2026, 11, 28), 0) == date(2026, 11, 30)
    assert workdays.between(date(2026, 11, 24), date(2026, 12, 2)) == 5


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_counting_and_adding_agree(day: date, count: int) -> None:
    later = workdays.after(day, count)
    assert workdays.is_working_day(later)
    start = workdays.after(day, 0)
    assert workdays.between(start, later) == count


@pytest.mark.parametrize(("name", "value"), [("CITY_STATE", "Kanzas"), ("HOLIDAYS_MORE", ["27.11.2026"])])
def test_a_setting_that_cannot_be_read_is_said_at_the_start(settings: Any, name: str, value: Any) -> None:
    setattr(settings, name, value)
    (error,) = checks.calendar()
    assert name in str(error.msg)
