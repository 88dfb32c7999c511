"""Somebody leaves: at once, or on a day to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.verification import verify
from employees import authority, services, signals
from employees.models import Appointment, Designation, Employee, Employment, Role
from employees.separation import Departure
from tests.cast import PASSWORD, City, appoint, client_of, designate, seat_of


@pytest.fixture(autouse=True)
def the_ledger_agrees(db: None) -> Iterator[None]:
    yield
    assert verify().findings == []


@pytest.fixture
def order() -> Iterator[list[str]]:
    """The order in which the signals came."""
    heard: list[str] = []

    def left(sender: Any, signal: Any, employee: Employee, **_: Any) -> None:
        assert not Appointment.objects.in_force().filter(holder=employee).exists()
        heard.append(f"separated {employee.name}")

    def changed(sender: Any, signal: Any, **_: Any) -> None:
        heard.append("seats changed")

    signals.separated.connect(left)
    signals.seats_changed.connect(changed)
    yield heard
    signals.separated.disconnect(left)
    signals.seats_changed.disconnect(changed)


def leaves(city: City, employee: Employee, by: Employee | None = None) -> Employee:
    return services.separate(
        actor=by or city.carla, employee=employee, last_day=clock.today(), reason="Resigned"
    )


def is_in(client: Client) -> bool:
    return client.get(reverse("password_change")).status_code == 200


def test_everything_ends_at_once(city: City, order: list[str]) -> None:
    designation = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    services.record_role(
        actor=city.carla, holder=city.helen, name=Role.Name.AUDITOR, start=clock.today(), instrument="R"
    )
    order.clear()
    leaves(city, city.helen)
    assert order == ["separated Helen Okafor", "seats changed"]
    city.helen.refresh_from_db()
    assert (city.helen.is_active, city.helen.email) == (False, None)
    assert not city.helen.has_usable_password()
    period = city.helen.employments.get()
    assert (period.email, period.end) == ("helen@hutch.example", clock.today())
    assert period.ended_at is not None
    assert not authority.holders(Appointment.objects.get(holder=city.helen).office)
    designation.refresh_from_db()
    assert not designation.in_force()
    assert Role.objects.get(holder=city.helen).refused
    assert not Employment.objects.current().filter(employee=city.helen).exists()


def test_the_session_ends_and_a_rehire_does_not_revive_it(city: City) -> None:
    client, other = client_of(city.helen), client_of(city.olive)
    kept = dict(client.session.items())
    assert is_in(client)
    leaves(city, city.helen)
    assert not is_in(client)
    assert is_in(other)
    assert Session.objects.count() == 1
    assert not Client().login(username="helen@hutch.example", password=PASSWORD)
    services.rehire(
        actor=city.carla,
        employee=city.helen,
        email="helen@hutch.example",
        title="Advisor",
        department=city.fire,
        start=clock.today(),
    )
    assert not is_in(client)
    session = client.session
    session.update(kept)
    session.save()
    assert not is_in(client)
    assert not Client().login(username="helen@hutch.example", password=PASSWORD)
    assert not authority.capacities(city.helen)
    assert city.helen.employments.count() == 2


def test_who_has_left_is_not_separated_again(city: City) -> None:
    leaves(city, city.noah)
    with pytest.raises(Stale, match="separated before"):
        leaves(city, city.noah)


@pytest.mark.parametrize("name", ["sam", "marcus", "carla", "dana", "mona", "helen"])
def test_who_may_report_a_departure(city: City, name: str) -> None:
    leaves(city, city.priya, by=getattr(city, name))
    city.priya.refresh_from_db()
    assert not city.priya.is_active


@pytest.mark.parametrize("name", ["olive", "tom", "eleanor", "noah", "joel", "rex"])
def test_who_may_not(city: City, name: str) -> None:
    with pytest.raises(NotPermitted):
        leaves(city, city.priya, by=getattr(city, name))


def test_nobody_separates_themselves(city: City) -> None:
    with pytest.raises(ConflictOfInterest):
        leaves(city, city.marcus, by=city.marcus)
    with pytest.raises(ConflictOfInterest):
        services.set_last_day(actor=city.carla, employee=city.carla, last_day=clock.today())


def test_a_day_to_come_is_no_separation(city: City) -> None:
    with pytest.raises(Invalid, match="lies ahead"):
        services.separate(
            actor=city.carla, employee=city.noah, last_day=clock.today() + timedelta(days=1), reason="Later"
        )
    with pytest.raises(Invalid):
        services.set_last_day(
            actor=city.carla, employee=city.noah, last_day=clock.today() - timedelta(days=1)
        )


def test_a_last_day_bounds_every_seat_and_access_stops_by_itself(city: City) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    friday = clock.today() + timedelta(days=4)
    services.set_last_day(actor=city.sam, employee=city.helen, last_day=friday)
    assert seat_of(city.helen).effective_until == clock.end_of(friday)
    made.refresh_from_db()
    assert made.effective_until == clock.end_of(friday)
    client = client_of(city.helen)
    assert is_in(client)
    with clock.moved_to(clock.end_of(friday) - timedelta(minutes=1)):
        assert is_in(client_of(city.helen))
    with clock.moved_to(clock.end_of(friday)):
        assert not is_in(client)
        assert not Client().login(username="helen@hutch.example", password=PASSWORD)
        assert authority.directs(city.helen, city.zoo) is None
        assert [person.name for person in services.separate_overdue(actor=None)] == ["Helen Okafor"]
        assert services.separate_overdue(actor=None) == []


def test_a_successor_can_be_seated_for_the_day_after(city: City) -> None:
    friday = clock.today() + timedelta(days=4)
    office = seat_of(city.helen).office
    services.set_last_day(actor=city.sam, employee=city.helen, last_day=friday)
    appoint(city.joel, office, by=city.carla, confirmed_by=city.ruth, start=friday + timedelta(days=1))
    with pytest.raises(Refused, match="Somebody else holds this office"):
        services.set_last_day(actor=city.carla, employee=city.helen, last_day=None)
    assert seat_of(city.helen).effective_until == clock.end_of(friday)


def test_it_brings_a_last_day_forward_and_clerks_put_it_off(city: City) -> None:
    friday = clock.today() + timedelta(days=4)
    services.set_last_day(actor=city.sam, employee=city.helen, last_day=friday)
    with pytest.raises(NotPermitted):
        services.set_last_day(actor=city.sam, employee=city.helen, last_day=friday + timedelta(days=1))
    with pytest.raises(NotPermitted):
        services.set_last_day(actor=city.sam, employee=city.helen, last_day=None)
    services.set_last_day(actor=city.carla, employee=city.helen, last_day=None)
    assert seat_of(city.helen).effective_until is None


def test_papers_confirmed_for_somebody_with_a_last_day_end_on_it(city: City) -> None:
    friday = clock.today() + timedelta(days=4)
    services.set_last_day(actor=city.sam, employee=city.priya, last_day=friday)
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    assert made.effective_until == clock.end_of(friday)


def test_who_never_came_can_leave(city: City) -> None:
    person = services.hire(
        actor=city.carla,
        employee_number="900",
        name="Nell Later",
        email="nell@hutch.example",
        title="",
        department=city.zoo,
        start=clock.today() + timedelta(days=20),
    )
    person.set_password(PASSWORD)
    person.save()
    assert not Client().login(username="nell@hutch.example", password=PASSWORD)
    leaves(city, person)
    assert person.employments.get().end == clock.today() + timedelta(days=20)


def test_a_rehire_starts_after_the_last_period(city: City) -> None:
    leaves(city, city.noah)
    values: dict[str, Any] = {"email": "noah@hutch.example", "title": "", "department": city.fire}
    with pytest.raises(Invalid, match="starts no earlier"):
        services.rehire(
            actor=city.carla, employee=city.noah, start=clock.today() - timedelta(days=1), **values
        )
    with pytest.raises(Refused, match="works for the City already"):
        services.rehire(actor=city.carla, employee=city.joel, start=clock.today(), **values)


def test_an_address_is_free_again_and_carries_no_history(city: City) -> None:
    leaves(city, city.noah)
    person = services.hire(
        actor=city.carla,
        employee_number="901",
        name="Other Noah",
        email="NOAH@hutch.example",
        title="",
        department=city.fire,
        start=clock.today(),
    )
    assert Employee.objects.by_reference("Noah@Hutch.example") == person
    assert Employee.objects.by_reference(city.noah.employee_number) == city.noah
    with pytest.raises(Invalid, match="is taken"):
        services.change(actor=city.carla, employee=city.joel, email="noah@HUTCH.example")


def test_separating_many_takes_few_queries(city: City) -> None:
    def people(count: int, tag: str) -> list[Employee]:
        return services.hire_all(
            actor=None,
            newcomers=[
                services.Newcomer(f"{tag}{n}", f"P {n}", "", "", city.fire, "employee", clock.today())
                for n in range(count)
            ],
        )

    counts = []
    for some in (people(5, "a"), people(100, "b")):
        departures = [Departure(person, clock.today(), "Season over") for person in some]
        with CaptureQueriesContext(connection) as captured:
            services.separate_all(actor=None, departures=departures)
        counts.append(len(captured))
    # Each `separated` may ask once per person in the rooms to the right; the rest does not grow.
    assert counts[1] - counts[0] <= 95
    assert not Designation.objects.exists()
