"""Due dates, reminders, escalation and expiry: said once, late runs included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import formats

from approvals import checks, deadlines, services
from approvals.models import Request
from approvals.reminding import Reminder
from approvals.transitions import Status
from audit import clock
from audit.actions import Verb
from audit.models import Entry
from audit.verification import verify
from employees.models import Notice
from tests.approvals.paths import endorsed, submitted
from tests.cast import City

pytestmark = pytest.mark.django_db


def _tuesday() -> datetime:
    """That before Thanksgiving (the fourth Thursday of November) next year: people have their seats by then."""
    first = datetime(clock.today().year + 1, 11, 1, 16, 0, tzinfo=UTC)
    thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return thursday - timedelta(days=2)


TUESDAY = _tuesday()


@contextmanager
def day(number: int) -> Iterator[None]:
    """So many days after that Tuesday."""
    with clock.moved_to(TUESDAY + timedelta(days=number)):
        yield


def said(number: int) -> str:
    """That day as mails write it."""
    return str(formats.date_format((TUESDAY + timedelta(days=number)).date(), "DATE_FORMAT"))


def told(person: Any) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("subject", flat=True))


def test_due_dates_leave_out_weekends_and_holidays(city: City) -> None:
    with day(0):
        request = submitted(city)
        assert deadlines.due_on(request) == (TUESDAY + timedelta(days=6)).date()  # Wednesday, Friday, Monday
        assert not deadlines.is_overdue(request)
    with day(6):
        assert not deadlines.is_overdue(request)
        assert not deadlines.overdue().exists()
    with day(7):
        assert deadlines.is_overdue(request)
        assert list(deadlines.overdue()) == [request]


def test_reminded_once_and_escalated_once(city: City) -> None:
    with day(0):
        request = submitted(city)
        assert deadlines.run() == deadlines.Nudged()
    with day(3):
        assert deadlines.run().reminded == 1
        assert deadlines.run() == deadlines.Nudged()
    (subject,) = told(city.helen)
    assert subject.startswith(f"Due {said(6)}: Request {request.number}, @hutchzookids on Instagram")
    with day(7):
        assert deadlines.run().escalated == 1
        assert deadlines.run() == deadlines.Nudged()
        assert list(deadlines.escalated_to(city.dana)) == [request]
        assert not deadlines.escalated_to(city.mona).exists()
    for person in (city.dana, city.priya):
        assert told(person)[-1].startswith(f"Overdue since {said(6)}: Request")
    text = Notice.objects.filter(person=city.dana).latest("pk").text
    assert "Helen Okafor, Director of Hutchinson Zoo, has not acted" in text
    assert f"/requests/{request.number}/" in text
    assert verify().sound


def test_the_next_step_has_a_term_of_its_own_and_another_authority(city: City) -> None:
    with day(0):
        request = submitted(city)
    with day(7):
        deadlines.run()
        services.endorse(actor=city.helen, request=request)
        assert not deadlines.is_overdue(request)
    with day(20):
        assert deadlines.run().escalated == 1
        assert list(deadlines.escalated_to(city.mona)) == [request]
    assert told(city.mona)[-1].startswith(f"Overdue since {said(14)}")


def test_a_run_that_comes_late_escalates_without_having_reminded(city: City) -> None:
    with day(0):
        submitted(city)
    with day(40):
        done = deadlines.run()
    assert (done.reminded, done.escalated) == (0, 1)


def returned(city: City) -> Request:
    request = endorsed(city)
    services.return_for_changes(actor=city.dana, request=request, text="Say more.")
    return request


def test_warned_at_83_days_and_expired_at_90(city: City) -> None:
    with day(0):
        request = returned(city)
    with day(82):
        assert deadlines.run() == deadlines.Nudged()
    with day(83):
        assert deadlines.run().warned == 1
    assert told(city.priya)[-1].startswith(f"Expires on {said(90)}: Request")
    assert told(city.helen)[-1].startswith(f"Expires on {said(90)}: Request")
    with day(89):
        assert deadlines.run() == deadlines.Nudged()
    with day(90):
        assert deadlines.run().expired == 1
        assert deadlines.run() == deadlines.Nudged()
    request.refresh_from_db()
    assert request.status == Status.EXPIRED
    assert request.decisions.latest("pk").person is None
    assert Entry.objects.filter(verb=Verb.REQUEST_EXPIRE, actor_id="").count() == 1
    assert told(city.priya)[-1].startswith("Expired: Request")
    with day(91):
        assert submitted(city).status == Status.AWAITING_ENDORSEMENT  # the handle is free again
    assert verify().sound


def test_nothing_expires_that_nobody_was_warned_of(city: City) -> None:
    with day(0):
        request = returned(city)
    with day(200):
        assert deadlines.run() == deadlines.Nudged(warned=1)
    with day(206):
        assert deadlines.run() == deadlines.Nudged()
    with day(207):
        assert deadlines.run() == deadlines.Nudged(expired=1)
    assert Request.objects.get(pk=request.pk).status == Status.EXPIRED


def test_a_change_in_time_keeps_it(city: City) -> None:
    with day(0):
        request = returned(city)
    with day(83):
        deadlines.run()
        services.submit(actor=city.priya, request=request)
    with day(95):
        assert deadlines.run().expired == 0


def test_a_vacant_seat_escalates_and_says_who_can_mend_it(city: City) -> None:
    with day(0):
        submitted(city)
    from employees import services as people
    from tests.cast import seat_of

    with day(1):
        people.end_appointment(
            actor=city.carla, appointment=seat_of(city.helen), last_day=clock.today(), reason="Moved on"
        )
    with day(8):
        assert deadlines.run().escalated == 1
    text = Notice.objects.filter(person=city.dana).latest("pk").text
    assert "The seat of Director of Hutchinson Zoo is vacant" in text
    assert Reminder.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"), [("DECIDE_WITHIN_DAYS", 0), ("RETURNED_EXPIRES_DAYS", 83), ("RETURNED_WARNED_DAYS", 0)]
)
def test_terms_that_make_no_sense_are_said_at_the_start(settings: Any, name: str, value: int) -> None:
    assert checks.terms(None) == []
    setattr(settings, name, value)
    assert name in str([error.msg for error in checks.terms(None)])
