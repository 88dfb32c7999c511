"""The first moment that no span covers, whatever their order and overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.lapses import gap

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: int) -> datetime:
    return BEGIN + timedelta(hours=hours)


HOURS = st.integers(0, 12)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(HOURS, st.one_of(st.none(), HOURS)), max_size=6), HOURS, HOURS)
def test_the_first_uncovered_moment(spans: list[tuple[int, int | None]], start: int, length: int) -> None:
    """Against looking at every hour, on which spans begin and end."""
    now = start + length
    expected = next(
        (
            hour
            for hour in range(start, now + 1)
            if not any(begins <= hour and (ends is None or hour < ends) for begins, ends in spans)
        ),
        None,
    )
    found = gap(
        [(at(begins), None if ends is None else at(ends)) for begins, ends in spans], at(start), at(now)
    )
    assert found == (None if expected is None else at(expected))
