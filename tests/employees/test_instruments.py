"""Appointments, designations and roles: two people's acts, dates, lapsing, carrying over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from audit import clock
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.models import Entry
from audit.verification import verify
from employees import authority, services, signals
from employees.models import Appointment, Department, Designation, Employee, Office, Role
from tests.cast import START, City, appoint, designate, give_role, seat_of

Act = Callable[[], object]


@pytest.fixture(autouse=True)
def the_ledger_agrees(db: None) -> Iterator[None]:
    """After every test, refusals included, the tables are what the entries tell."""
    yield
    assert verify().findings == []


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """What `seats_changed` carried."""
    heard: list[dict[str, Any]] = []

    def hear(sender: Any, signal: Any, **payload: Any) -> None:
        heard.append(payload)

    signals.seats_changed.connect(hear)
    yield heard
    signals.seats_changed.disconnect(hear)


def office_of(department: Department) -> Office:
    return Office.objects.get(department=department)


def record_for(city: City, actor: Employee, holder: Employee) -> Appointment:
    return services.record_appointment(
        actor=actor, office=office_of(city.fire), holder=holder, start=START, instrument="Resolution 7"
    )


def test_what_was_recorded_has_no_effect_until_another_confirms(
    city: City, told: list[dict[str, Any]]
) -> None:
    made = record_for(city, city.carla, city.noah)
    assert authority.directs(city.noah, city.fire) is None
    assert told == []
    services.confirm_appointment(actor=city.ruth, appointment=made)
    seat = authority.directs(city.noah, city.fire)
    assert seat is not None
    assert seat.title == "Director of Fire Department"
    assert told[0]["departments"] == {city.fire.pk}
    assert told[0]["people"] == {city.noah.pk}
    assert told[0]["actor"] == city.ruth


def test_a_city_wide_seat_touches_every_department(city: City, told: list[dict[str, Any]]) -> None:
    office = seat_of(city.dana).office
    appoint(city.tom, office, by=city.carla, confirmed_by=city.ruth, acting=True)
    assert told[-1]["departments"] is None


def test_nobody_confirms_what_they_recorded(city: City) -> None:
    made = record_for(city, city.carla, city.noah)
    with pytest.raises(ConflictOfInterest, match="recorded this yourself"):
        services.confirm_appointment(actor=city.carla, appointment=made)


def test_nobody_records_or_confirms_for_themselves(city: City) -> None:
    with pytest.raises(ConflictOfInterest):
        record_for(city, city.carla, city.carla)
    made = record_for(city, city.carla, city.ruth)
    with pytest.raises(ConflictOfInterest):
        services.confirm_appointment(actor=city.ruth, appointment=made)
    services.confirm_appointment(actor=city.mona, appointment=made)
    assert authority.directs(city.ruth, city.fire)


@pytest.mark.parametrize("name", ["noah", "helen", "sam", "tom", "eleanor", "rex"])
def test_who_is_neither_clerk_nor_officer_cannot(city: City, name: str) -> None:
    person = getattr(city, name)
    with pytest.raises(NotPermitted):
        record_for(city, person, city.joel)
    made = record_for(city, city.carla, city.joel)
    for act in (services.confirm_appointment, services.refuse_appointment):
        extra = {"reason": "no"} if act is services.refuse_appointment else {}
        with pytest.raises(NotPermitted):
            act(actor=person, appointment=made, **extra)


def test_of_two_confirmations_the_second_is_told(city: City) -> None:
    made = record_for(city, city.carla, city.noah)
    same = Appointment.objects.get(pk=made.pk)
    services.confirm_appointment(actor=city.ruth, appointment=made)
    with pytest.raises(Stale, match="confirmed before"):
        services.confirm_appointment(actor=city.mona, appointment=same)


def test_a_refused_paper_stays_refused(city: City) -> None:
    made = record_for(city, city.carla, city.noah)
    services.refuse_appointment(actor=city.ruth, appointment=made, reason="Wrong resolution")
    assert (made.refused, made.end_reason) == (True, "Wrong resolution")
    with pytest.raises(Stale, match="refused before"):
        services.confirm_appointment(actor=city.mona, appointment=made)


def test_the_same_is_not_recorded_twice(city: City) -> None:
    record_for(city, city.carla, city.noah)
    with pytest.raises(Refused, match="already recorded"):
        record_for(city, city.ruth, city.noah)


def test_dates_bound_the_effect(city: City) -> None:
    today = clock.today()
    made = services.record_appointment(
        actor=city.carla,
        office=office_of(city.fire),
        holder=city.noah,
        start=today + timedelta(days=2),
        end=today + timedelta(days=4),
        instrument="Resolution 8",
    )
    services.confirm_appointment(actor=city.ruth, appointment=made)
    for days, holds in ((1, False), (2, True), (4, True), (5, False)):
        moment = clock.start_of(today + timedelta(days=days)) + timedelta(hours=12)
        assert (authority.directs(city.noah, city.fire, at=moment) is not None) is holds


def test_bad_input_names_the_field(city: City) -> None:
    today = clock.today()
    tries: list[tuple[str, dict[str, Any]]] = [
        ("end", {"start": today, "end": today - timedelta(days=1)}),
        ("end", {"start": START, "end": today - timedelta(days=1)}),
        ("instrument", {"start": START, "instrument": "  "}),
        ("instrument", {"start": START, "instrument": "Resolu\u202etion"}),
    ]
    for field, values in tries:
        with pytest.raises(Invalid) as caught:
            services.record_appointment(
                actor=city.carla,
                office=office_of(city.fire),
                holder=city.noah,
                **{"instrument": "R1"} | values,
            )
        assert set(caught.value.fields) == {field}


def test_the_last_day_is_included_and_only_gets_earlier(city: City) -> None:
    seat = seat_of(city.helen)
    friday = clock.today() + timedelta(days=4)
    services.end_appointment(actor=city.carla, appointment=seat, last_day=friday, reason="New post")
    assert seat.effective_until == clock.end_of(friday)
    assert authority.directs(city.helen, city.zoo)
    with pytest.raises(Invalid, match="takes a new one"):
        services.end_appointment(
            actor=city.carla, appointment=seat, last_day=friday + timedelta(days=1), reason="Later"
        )
    services.end_appointment(
        actor=city.carla, appointment=seat, last_day=clock.today() - timedelta(days=1), reason="At once"
    )
    assert authority.directs(city.helen, city.zoo) is None
    with pytest.raises(Stale):
        services.end_appointment(actor=city.carla, appointment=seat, last_day=friday, reason="Again")


def test_nobody_ends_their_own(city: City) -> None:
    with pytest.raises(ConflictOfInterest):
        services.end_appointment(
            actor=city.mona, appointment=seat_of(city.mona), last_day=clock.today(), reason="Mine"
        )


# Designations


def test_a_director_designates_and_a_clerk_confirms(city: City, told: list[dict[str, Any]]) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    assert made.made_under == seat_of(city.helen)
    assert made.in_force()
    assert city.zoo.pk in authority.departments_of(city.priya)
    assert told[-1]["departments"] == {city.zoo.pk}


def test_a_clerk_records_under_the_substantive_director(city: City) -> None:
    office = office_of(city.zoo)
    appoint(city.tom, office, by=city.carla, confirmed_by=city.ruth, acting=True)
    made = designate(city.priya, city.zoo, by=city.carla, confirmed_by=city.ruth)
    assert made.made_under.holder == city.helen
    mine = designate(city.joel, city.zoo, by=city.tom, confirmed_by=city.ruth)
    assert (mine.made_under.holder, mine.made_under.acting) == (city.tom, True)


@pytest.mark.parametrize(
    ("actor", "designee", "error"),
    [
        ("olive", "priya", NotPermitted),
        ("mona", "priya", NotPermitted),
        ("priya", "joel", NotPermitted),
        ("helen", "helen", ConflictOfInterest),
        ("carla", "helen", ConflictOfInterest),
        ("carla", "carla", ConflictOfInterest),
    ],
)
def test_who_may_not_designate_whom(city: City, actor: str, designee: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        services.record_designation(
            actor=getattr(city, actor),
            department=city.zoo,
            designee=getattr(city, designee),
            start=START,
            instrument="Memo",
        )


def test_without_a_director_nobody_designates(city: City) -> None:
    with pytest.raises(Refused, match="has no Director"):
        services.record_designation(
            actor=city.carla, department=city.fire, designee=city.noah, start=START, instrument="Memo"
        )


def test_a_designation_lapses_with_the_appointment(city: City, told: list[dict[str, Any]]) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    yesterday = clock.today() - timedelta(days=1)
    services.end_appointment(
        actor=city.carla, appointment=seat_of(city.helen), last_day=yesterday, reason="Gone"
    )
    made.refresh_from_db()
    assert not made.in_force()
    assert told[-1]["people"] == {city.helen.pk, city.priya.pk}
    ended = Entry.objects.filter(verb="employees.designation.end", object_id=str(made.pk))
    assert ended.count() == 1


def test_one_that_waits_when_the_director_goes_cannot_be_confirmed(city: City) -> None:
    made = services.record_designation(
        actor=city.helen, department=city.zoo, designee=city.priya, start=START, instrument="Memo"
    )
    yesterday = clock.today() - timedelta(days=1)
    services.end_appointment(
        actor=city.carla, appointment=seat_of(city.helen), last_day=yesterday, reason="Gone"
    )
    with pytest.raises(Refused, match="It takes a new one"):
        services.confirm_designation(actor=city.carla, designation=made)


def test_the_successor_carries_it_over_before_it_lapses(city: City) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    friday = clock.today() + timedelta(days=4)
    services.end_appointment(
        actor=city.carla, appointment=seat_of(city.helen), last_day=friday, reason="Retires"
    )
    made.refresh_from_db()
    assert made.effective_until == clock.end_of(friday)
    following = appoint(
        city.tom, office_of(city.zoo), by=city.carla, confirmed_by=city.ruth, start=friday + timedelta(days=1)
    )
    with pytest.raises(NotPermitted):
        services.carry_designation(actor=city.carla, designation=made, appointment=following)
    services.carry_designation(actor=city.tom, designation=made, appointment=following)
    made = Designation.objects.get(pk=made.pk)
    assert (made.made_under, made.effective_until) == (following, None)


def test_after_a_gap_it_takes_a_new_one(city: City) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    friday = clock.today() + timedelta(days=4)
    services.end_appointment(
        actor=city.carla, appointment=seat_of(city.helen), last_day=friday, reason="Retires"
    )
    following = appoint(
        city.tom, office_of(city.zoo), by=city.carla, confirmed_by=city.ruth, start=friday + timedelta(days=3)
    )
    with pytest.raises(Refused, match="lapses on them"):
        services.carry_designation(actor=city.tom, designation=made, appointment=following)
    with (
        clock.moved_to(clock.now() + timedelta(days=6)),
        pytest.raises(Refused, match="not in force any more"),
    ):
        services.carry_designation(actor=city.tom, designation=made, appointment=following)


def test_the_designee_who_becomes_director_does_not_carry_their_own(city: City) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    acting = appoint(city.priya, office_of(city.zoo), by=city.carla, confirmed_by=city.ruth, acting=True)
    with pytest.raises(ConflictOfInterest):
        services.carry_designation(actor=city.priya, designation=made, appointment=acting)


def test_a_director_ends_a_designation_of_the_department(city: City) -> None:
    made = designate(city.priya, city.zoo, by=city.helen, confirmed_by=city.carla)
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(NotPermitted):
        services.end_designation(actor=city.olive, designation=made, last_day=yesterday, reason="No")
    services.end_designation(actor=city.helen, designation=made, last_day=yesterday, reason="Other duties")
    assert not made.in_force()


# Roles


def test_the_last_holder_of_the_it_role_keeps_it(city: City) -> None:
    role = Role.objects.in_force().get(holder=city.sam)
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(Refused, match="last holder of the Information Technology role"):
        services.end_role(actor=city.carla, role=role, last_day=yesterday, reason="Other duties")
    give_role(city.rex, Role.Name.INFORMATION_TECHNOLOGY, by=city.carla, confirmed_by=city.ruth)
    services.end_role(actor=city.carla, role=role, last_day=yesterday, reason="Other duties")
    assert not authority.is_information_technology(city.sam)


def test_the_last_holder_of_the_it_role_can_be_separated(city: City) -> None:
    services.separate(actor=city.marcus, employee=city.sam, last_day=clock.today(), reason="Resigned")
    assert not Role.objects.in_force().filter(name=Role.Name.INFORMATION_TECHNOLOGY).exists()


def test_an_unknown_role_is_refused(city: City) -> None:
    with pytest.raises(Invalid, match="no role king"):
        services.record_role(actor=city.carla, holder=city.noah, name="king", start=START, instrument="R")


def test_a_superuser_without_a_seat_can_do_nothing(city: City) -> None:
    assert city.rex.is_superuser
    with pytest.raises(NotPermitted):
        services.record_role(
            actor=city.rex, holder=city.noah, name=Role.Name.CLERK, start=START, instrument="R"
        )
    with pytest.raises(NotPermitted):
        services.separate(actor=city.rex, employee=city.noah, last_day=clock.today(), reason="x")
    assert not Designation.objects.exists()
