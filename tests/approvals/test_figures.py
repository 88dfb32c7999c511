"""The figures: counted from decisions, in working days, within what the person may see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals import figures, services
from approvals.models import Request
from audit import clock
from employees import workdays
from tests.approvals.paths import draft, submitted
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(city: City) -> Request:
    """Submitted, endorsed after two working days, denied after three more; another one waits."""
    start = workdays.after(clock.today() + timedelta(days=1), 0)

    def at(number: int) -> Any:
        return clock.moved_to(clock.start_of(workdays.after(start, number)) + timedelta(hours=10))

    with at(0):
        request = submitted(city)
        submitted(city, handle="@hutchzoonights")
        draft(city, handle="@hutchzoodraft")
    with at(2):
        services.endorse(actor=city.helen, request=request)
    with at(5):
        services.deny(actor=city.dana, request=request, text="No.")
    return request


def test_steps_are_counted_in_working_days(city: City, decided: Request) -> None:
    with clock.moved_to(decided.status_since + timedelta(days=1)):
        told = figures.of(Request.objects.all())
    by_label = {step.label: step for step in told.steps}
    assert (by_label["Endorsement"].median, by_label["Endorsement"].times) == (2, 1)
    assert (by_label["Decision"].median, by_label["Decision"].longest) == (3, 3)
    assert (by_label["Endorsement"].waiting, by_label["Endorsement"].overdue) == (1, 1)
    assert (told.submitted, told.decided, told.median) == (2, 1, 5)
    (zoo,) = told.departments
    assert (zoo.submitted, zoo.refused, zoo.approved, zoo.open) == (2, 1, 0, 1)
    assert sum(month.submitted for month in told.months) == 2
    assert len(told.months) == 12


def test_the_page_has_charts_and_the_same_in_tables(city: City, decided: Request) -> None:
    with clock.moved_to(decided.status_since + timedelta(days=1)):
        page = client_of(city.dana).get("/requests/figures/").text
    assert page.count('<svg class="oa-bars ') == 6
    assert page.count("<table") == 3
    assert "2 were submitted and 1 decided; half of them within 5 days" in page
    assert "1 overdue" in page


def test_who_sees_one_department_counts_that_one(city: City, decided: Request) -> None:
    with clock.moved_to(decided.status_since + timedelta(days=1)):
        page = client_of(city.noah).get("/requests/figures/").text
    assert "Nothing was submitted" in page
    assert "Hutchinson Zoo" not in page


def test_queries_do_not_grow(city: City, decided: Request, django_assert_num_queries: Any) -> None:
    for number in range(5):
        submitted(city, handle=f"@hutchzoo{number}")
    with django_assert_num_queries(4):
        figures.of(Request.objects.all())
