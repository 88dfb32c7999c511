"""One substantive and one acting holder of an office at a time: held by the database, on both."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from audit import clock
from audit.errors import Refused
from employees import services
from employees.models import Appointment, Employee, Office
from tests.cast import START, City, appoint, seat_of


def row(
    office: Office,
    holder: Employee,
    begin: datetime | None,
    until: datetime | None = None,
    *,
    acting: bool = False,
) -> Appointment:
    """An appointment written past every service."""
    return Appointment.objects.create(
        office=office,
        holder=holder,
        acting=acting,
        start=START,
        instrument="none",
        recorded_at=clock.now(),
        confirmed_at=begin,
        effective_from=begin,
        effective_until=until,
    )


@pytest.fixture
def office(city: City) -> Office:
    return Office.objects.get(department=city.fire)


@pytest.mark.parametrize("acting", [False, True])
def test_a_second_holder_in_the_same_time_is_refused(city: City, office: Office, acting: bool) -> None:
    now = clock.now()
    row(office, city.noah, now, now + timedelta(days=10), acting=acting)
    for begin, until in (
        (now, None),
        (now + timedelta(days=9, hours=23), None),
        (now - timedelta(days=5), now + timedelta(seconds=1)),
        (now + timedelta(days=1), now + timedelta(days=2)),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row(office, city.joel, begin, until, acting=acting)


def test_what_does_not_overlap_is_let_in(city: City, office: Office) -> None:
    now = clock.now()
    row(office, city.noah, now, now + timedelta(days=10))
    row(office, city.joel, now + timedelta(days=10), None)
    row(office, city.joel, now - timedelta(days=10), now)
    row(office, city.joel, now, now)  # never had effect
    row(office, city.joel, None)  # waits
    row(office, city.joel, now, acting=True)
    row(Office.objects.get(department=city.it), city.joel, now)
    assert Appointment.objects.filter(office=office).count() == 6


def test_a_change_that_would_overlap_is_refused_too(city: City, office: Office) -> None:
    now = clock.now()
    row(office, city.noah, now, now + timedelta(days=10))
    later = row(office, city.joel, now + timedelta(days=20))
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=later.pk).update(effective_from=now + timedelta(days=5))
    later.effective_from = now
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.bulk_update([later], ["effective_from"])
    acting = row(office, city.joel, now, acting=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=acting.pk).update(acting=False)


def test_plain_sql_is_refused_as_well(city: City, office: Office) -> None:
    first = row(office, city.noah, clock.now())
    columns = ", ".join(
        connection.ops.quote_name(str(column.column))
        for column in Appointment._meta.concrete_fields
        if not column.primary_key
    )
    copy = f"INSERT INTO employees_appointment ({columns}) SELECT {columns} FROM employees_appointment WHERE id = %s"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(copy, [first.pk])


def test_the_service_says_it_in_words_and_changes_nothing(city: City) -> None:
    office = seat_of(city.helen).office
    made = services.record_appointment(
        actor=city.carla, office=office, holder=city.joel, start=START, instrument="Resolution 9"
    )
    with pytest.raises(Refused, match="Somebody else holds this office in that time"):
        services.confirm_appointment(actor=city.ruth, appointment=made)
    made.refresh_from_db()
    assert made.waits
    assert made.effective_from is None


def test_beside_the_holder_one_acts(city: City) -> None:
    office = seat_of(city.helen).office
    end = clock.today() + timedelta(days=14)
    acting = appoint(city.priya, office, by=city.carla, confirmed_by=city.ruth, acting=True, end=end)
    assert acting.title == "Acting Director of Hutchinson Zoo"
    assert acting.effective_until == clock.end_of(end)
    with pytest.raises(Refused, match="Somebody else holds"):
        appoint(city.joel, office, by=city.carla, confirmed_by=city.ruth, acting=True)
