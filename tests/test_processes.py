"""A race whose child dies or stands still fails, and says so; it never keeps the run waiting."""

import os
import time

import pytest

from tests.processes import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def _stand_still() -> str:
    time.sleep(60)
    return "never"


def test_who_dies_or_stands_still_is_a_failure_and_the_others_are_heard() -> None:
    began = time.monotonic()
    told = together([lambda: "done", lambda: os._exit(3), _stand_still], patience=3)
    assert time.monotonic() - began < 30
    assert told == ["done", "failed: no answer (3)", "failed: no answer (-9)"]


def test_what_a_job_raises_comes_back_as_text() -> None:
    def fail() -> str:
        raise LookupError("nothing there")

    assert together([fail]) == ["failed: LookupError('nothing there')"]
