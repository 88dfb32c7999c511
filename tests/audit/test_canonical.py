"""One exact text for everything that an entry may carry, and an error for everything else."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet=st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(alphabet=st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(alphabet=st.characters(exclude_categories=["Cs"])), anything))
def test_a_canonical_line_reads_back_and_is_its_own_canonical_line(data: dict[str, Any]) -> None:
    text = canonical.line(data)

    assert json.loads(text) == data
    assert canonical.line(json.loads(text)) == text
    assert "\n" not in text


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    assert canonical.line({"b": 1, "a": [True, None]}) == '{"a":[true,null],"b":1}'


def test_times_are_utc_to_the_microsecond() -> None:
    central = timezone(timedelta(hours=-6))

    assert canonical.moment(datetime(2026, 11, 23, 14, 10, tzinfo=central)) == "2026-11-23T20:10:00.000000Z"
    assert canonical.plain(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "2026-01-02T03:04:05.000006Z"
    assert canonical.plain(date(2026, 1, 2)) == "2026-01-02"


def test_an_uuid_is_text() -> None:
    some = uuid.uuid4()
    assert canonical.plain(some) == str(some)


@pytest.mark.parametrize("value", [1.5, float("nan"), b"bytes", object(), 1j])
def test_what_has_no_one_text_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical.line({"value": value})
