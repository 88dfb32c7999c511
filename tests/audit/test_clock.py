"""Days are the city's, and the clock moves only where it may."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from audit import clock, when
from audit.errors import Invalid


def test_a_day_is_the_citys_day() -> None:
    assert clock.day_of(datetime(2026, 11, 24, 4, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert clock.start_of(date(2026, 11, 23)) == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert clock.end_of(date(2026, 11, 23)) == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def test_the_day_the_clocks_change_has_its_own_length() -> None:
    day = date(2026, 11, 1)
    assert (clock.end_of(day) - clock.start_of(day)).total_seconds() == 25 * 60 * 60


@pytest.mark.django_db
def test_the_clock_of_a_real_installation_does_not_move(settings: object) -> None:
    settings.TESTING = False  # type: ignore[attr-defined]
    with pytest.raises(clock.ClockMayNotMove), clock.moved_to(datetime(2026, 1, 1, tzinfo=UTC)):
        pass


def test_a_date_alone_means_its_end_or_its_start_and_never_the_future() -> None:
    with clock.moved_to(datetime(2026, 11, 23, 20, 10, tzinfo=UTC)):
        assert when.parse("2026-11-20", edge="start") == clock.start_of(date(2026, 11, 20))
        assert clock.day_of(when.parse("2026-11-20", edge="end")) == date(2026, 11, 20)
        assert when.parse("2026-11-23", edge="end") == clock.now()
        assert when.parse("2026-11-20T14:10", edge="end") == datetime(2026, 11, 20, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "11/23/2026", "2026-13-01"])
def test_another_notation_is_an_error_that_says_what_is_expected(text: str) -> None:
    with pytest.raises(Invalid, match="2026-11-23"):
        when.parse(text, edge="end")
