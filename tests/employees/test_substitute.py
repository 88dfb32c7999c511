"""An officer on leave names who acts, for days; a second person confirms; the office stays theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from audit import clock
from employees import authority, services
from employees.models import Appointment, Office
from tests.cast import City, client_of

pytestmark = pytest.mark.django_db

PAGE = "/people/substitute/"


def form(city: City, **changes: object) -> dict[str, object]:
    """Helen, Director of the Zoo, names Priya for a week."""
    today = clock.today()
    return {
        "office": Office.objects.get(department=city.zoo).pk,
        "holder": "priya@hutch.example",
        "start": today.isoformat(),
        "end": (today + timedelta(days=7)).isoformat(),
        "instrument": "Leave form 12",
        **changes,
    }


def test_a_department_director_names_who_acts_and_a_clerk_confirms(city: City) -> None:
    answer = client_of(city.helen).post(PAGE, form(city))
    assert answer.status_code == 302
    paper = Appointment.objects.get(holder=city.priya)
    assert (paper.acting, paper.waits) == (True, True)
    assert authority.directs(city.priya, city.zoo) is None

    services.confirm_appointment(actor=city.carla, appointment=paper)

    seat = authority.directs(city.priya, city.zoo)
    assert seat is not None
    assert seat.acting
    assert authority.directs(city.helen, city.zoo) is not None
    with clock.moved_to(clock.end_of(clock.today() + timedelta(days=7))):
        assert authority.directs(city.priya, city.zoo) is None


def test_the_page_lists_who_is_named_already(city: City) -> None:
    client = client_of(city.helen)
    client.post(PAGE, form(city))
    text = client.get(PAGE).content.decode()
    assert "Priya Nair" in text
    assert "waits to be confirmed" in text


@pytest.mark.parametrize("who", ["priya", "noah", "sam", "eleanor", "rex"])
def test_who_holds_no_office_names_nobody(city: City, who: str) -> None:
    client = client_of(getattr(city, who))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, form(city)).status_code == 403
    assert not Appointment.objects.filter(holder=city.priya).exists()


def test_nobody_names_a_substitute_for_an_office_of_somebody_else(city: City) -> None:
    other = Office.objects.get(department=city.parks).pk
    answer = client_of(city.helen).post(PAGE, form(city, office=other))
    assert answer.status_code == 422
    assert not Appointment.objects.filter(holder=city.priya).exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"holder": "nobody@hutch.example"}, "Nobody who works here"),
        ({"holder": "helen@hutch.example"}, "yourself"),
        ({"end": ""}, "required"),
        ({"start": "2031-01-05", "end": "2031-01-01"}, "day"),
    ],
)
def test_bad_input_is_said_and_kept(city: City, changes: dict[str, object], says: str) -> None:
    answer = client_of(city.helen).post(PAGE, form(city, **changes))
    text = answer.content.decode()
    assert answer.status_code in (403, 422)
    assert says in text
    assert not Appointment.objects.filter(acting=True).exists()
