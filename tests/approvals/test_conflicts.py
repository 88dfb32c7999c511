"""Who decides when the usual person may not: own requests, own endorsements, acting holders, vacant seats."""

from datetime import timedelta

import pytest

from approvals import services
from approvals.kinds import Kind
from approvals.models import Decision, Request
from approvals.moves import next_move, to_decide
from approvals.transitions import Act, Status
from audit import clock
from audit.errors import ConflictOfInterest, NotPermitted
from employees import services as people
from employees.models import Employee, Office
from tests.approvals import kinds
from tests.approvals.paths import asked, draft, endorsed, submitted
from tests.cast import City, appoint, seat_of


def pi_office() -> Office:
    return Office.objects.get(kind=Office.Kind.PI_DIRECTOR)


def act_as_pi_director(city: City, person: Employee) -> None:
    appoint(person, pi_office(), by=city.carla, confirmed_by=city.ruth, acting=True)


def leave_seat(city: City, person: Employee) -> None:
    """The seat of `person` is empty from now on."""
    yesterday = clock.today() - timedelta(days=1)
    people.end_appointment(
        actor=city.carla, appointment=seat_of(person), last_day=yesterday, reason="Retired"
    )


def by_dana(city: City, **changes: object) -> Request:
    """A request of the PI Director for her own department, endorsed by its Director, Tom."""
    office = Office.objects.get(department=city.public_information)
    appoint(city.tom, office, by=city.carla, confirmed_by=city.ruth)
    request = submitted(
        city, city.dana, department=city.public_information, poster=city.tom, backup=city.eleanor, **changes
    )
    services.endorse(actor=city.tom, request=request)
    return request


def test_a_directors_own_request_counts_as_endorsed_by_its_author(city: City) -> None:
    request = submitted(city, city.helen, poster=city.priya, backup=city.helen)
    assert request.status == Status.AWAITING_DECISION
    row = Decision.objects.get(request=request, act=Act.ENDORSE)
    assert (row.person, row.capacity) == (city.helen, "Director of Hutchinson Zoo")
    services.approve(actor=city.dana, request=request)
    assert request.status == Status.APPROVED


def test_an_acting_department_director_endorses_in_that_capacity(city: City) -> None:
    zoo = Office.objects.get(department=city.zoo)
    appoint(city.joel, zoo, by=city.carla, confirmed_by=city.ruth, acting=True)
    row = services.endorse(actor=city.joel, request=submitted(city))
    assert (row.capacity, row.acting) == ("Acting Director of Hutchinson Zoo", True)


def test_another_departments_director_does_not_endorse(city: City) -> None:
    with pytest.raises(NotPermitted):
        services.endorse(actor=city.olive, request=submitted(city))


def test_nobody_decides_their_own_request(city: City) -> None:
    request = by_dana(city)
    for decide in (services.approve, services.deny, services.return_for_changes):
        with pytest.raises(ConflictOfInterest, match="own"):
            decide(actor=city.dana, request=request, text="Because.")
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION


def test_nobody_decides_what_they_endorsed(city: City) -> None:
    """The PI Director who also acts as the department's director."""
    zoo = Office.objects.get(department=city.zoo)
    appoint(city.dana, zoo, by=city.carla, confirmed_by=city.ruth, acting=True)
    request = submitted(city)
    services.endorse(actor=city.dana, request=request)
    with pytest.raises(ConflictOfInterest, match="endorsed"):
        services.approve(actor=city.dana, request=request)


def test_an_endorsement_of_an_earlier_round_is_a_conflict_too(city: City) -> None:
    zoo = Office.objects.get(department=city.zoo)
    appoint(city.dana, zoo, by=city.carla, confirmed_by=city.ruth, acting=True)
    request = submitted(city)
    services.endorse(actor=city.dana, request=request)
    services.return_for_changes(actor=city.mona, request=request, text="Say more.")
    services.submit(actor=city.priya, request=request)
    services.endorse(actor=city.helen, request=request)
    with pytest.raises(ConflictOfInterest):
        services.approve(actor=city.dana, request=request)


def test_then_the_acting_pi_director_decides(city: City) -> None:
    request = by_dana(city)
    act_as_pi_director(city, city.joel)
    with pytest.raises(NotPermitted, match="Joel Hansen"):
        services.approve(actor=city.mona, request=request)
    row = services.approve(actor=city.joel, request=request)
    assert (row.capacity_kind, row.acting) == ("pi_director", True)
    assert row.capacity == "Acting Director of Public Information and Community Engagement"


def test_else_the_alternate_authority_decides_in_that_place(city: City) -> None:
    request = by_dana(city)
    row = services.approve(actor=city.mona, request=request)
    assert row.capacity_kind == "city_manager"
    assert row.capacity == (
        "City Manager, in the place of the Director of Public Information and Community Engagement"
    )
    assert row.appointment == seat_of(city.mona)


def test_the_alternate_authority_decides_when_acting_and_substantive_are_both_conflicted(city: City) -> None:
    request = submitted(city, city.helen, poster=city.priya, backup=city.joel)
    act_as_pi_director(city, city.helen)
    assert services.deny(actor=city.dana, request=request, text="No.").capacity_kind == "pi_director"
    office = Office.objects.get(department=city.public_information)
    appoint(city.helen, office, by=city.carla, confirmed_by=city.ruth)
    other = submitted(city, city.dana, department=city.public_information, handle="@hutchnews")
    services.endorse(actor=city.helen, request=other)
    for conflicted in (city.dana, city.helen):
        with pytest.raises(ConflictOfInterest):
            services.approve(actor=conflicted, request=other)
    assert services.approve(actor=city.mona, request=other).capacity_kind == "city_manager"


def test_the_alternate_authority_decides_nothing_while_the_seat_is_free_to(city: City) -> None:
    request = endorsed(city)
    with pytest.raises(NotPermitted, match="Dana Whitfield"):
        services.approve(actor=city.mona, request=request)
    assert request not in to_decide(city.mona)


def test_the_alternate_authority_decides_when_the_seat_is_vacant(city: City) -> None:
    request = endorsed(city)
    leave_seat(city, city.dana)
    with pytest.raises(NotPermitted):
        services.approve(actor=city.dana, request=request)
    assert services.approve(actor=city.mona, request=request).capacity.startswith(
        "City Manager, in the place"
    )


def test_the_alternate_authority_has_conflicts_too(city: City) -> None:
    request = submitted(
        city, city.mona, department=city.public_information, poster=city.tom, backup=city.carla
    )
    office = Office.objects.get(department=city.public_information)
    appoint(city.dana, office, by=city.carla, confirmed_by=city.ruth)
    services.endorse(actor=city.dana, request=request)
    with pytest.raises(ConflictOfInterest):
        services.approve(actor=city.mona, request=request)
    move = next_move(request)
    assert move is not None
    assert move.people == ()
    assert "Dana Whitfield" in move.why_blocked
    assert "Mona Castillo" in move.why_blocked
    assert "registry clerk" in move.mend


def test_authority_is_that_of_the_moment_of_the_act(city: City) -> None:
    """A conflict, a seat that ended, a seat that began: what counts is now, not when the page was opened."""
    request = endorsed(city)
    act_as_pi_director(city, city.joel)
    leave_seat(city, city.joel)
    with pytest.raises(NotPermitted):
        services.approve(actor=city.joel, request=request)
    act_as_pi_director(city, city.joel)
    assert services.approve(actor=city.joel, request=request).acting


def test_a_superuser_without_the_seat_decides_nothing(city: City) -> None:
    assert city.rex.is_superuser
    with pytest.raises(NotPermitted):
        services.endorse(actor=city.rex, request=submitted(city))
    with pytest.raises(NotPermitted, match="administering"):
        services.approve(actor=city.rex, request=endorsed(city, handle="@other"))


def test_staff_roles_decide_nothing(city: City) -> None:
    request = endorsed(city)
    for person in (city.tom, city.sam, city.eleanor, city.carla, city.marcus):
        with pytest.raises(NotPermitted):
            services.approve(actor=person, request=request)


def test_only_the_requester_or_the_department_director_withdraws(city: City) -> None:
    request = submitted(city)
    for person in (city.dana, city.joel, city.mona):
        with pytest.raises(NotPermitted):
            services.withdraw(actor=person, request=request, text="Because.")
    services.withdraw(actor=city.helen, request=request, text="The zoo closes.")
    assert request.status == Status.WITHDRAWN


def test_nobody_asks_for_another_department(city: City) -> None:
    with pytest.raises(NotPermitted):
        draft(city, city.joel)
    request = draft(city)
    with pytest.raises(NotPermitted):
        services.edit(actor=city.priya, request=request, asked=asked(city, department=city.parks))


def test_a_colleague_does_not_edit_or_submit(city: City) -> None:
    request = draft(city)
    with pytest.raises(NotPermitted):
        services.edit(actor=city.helen, request=request, asked=asked(city))
    with pytest.raises(NotPermitted):
        services.submit(actor=city.helen, request=request)


def access_for_joel(city: City) -> Request:
    """Written when he held no office."""
    return kinds.submitted(city, Kind.ACCESS, poster=city.joel)


def test_nobody_decides_on_their_own_access_as_acting_pi_director(city: City) -> None:
    request = access_for_joel(city)
    services.endorse(actor=city.helen, request=request)
    act_as_pi_director(city, city.joel)
    assert request not in to_decide(city.joel)
    for decide in (services.approve, services.deny, services.return_for_changes, services.take):
        with pytest.raises(ConflictOfInterest, match="access"):
            decide(actor=city.joel, request=request, text="Because.")
    move = next_move(request)
    assert move is not None
    assert move.people == (city.dana,)
    assert "Joel Hansen" in move.aside
    assert "would get access" in move.aside
    assert services.approve(actor=city.dana, request=request).capacity_kind == "pi_director"


def test_the_alternate_authority_decides_on_the_access_of_who_alone_sits_there(city: City) -> None:
    request = access_for_joel(city)
    services.endorse(actor=city.helen, request=request)
    leave_seat(city, city.dana)
    appoint(city.joel, pi_office(), by=city.carla, confirmed_by=city.ruth)
    assert request in to_decide(city.mona)
    with pytest.raises(ConflictOfInterest):
        services.approve(actor=city.joel, request=request)
    assert services.approve(actor=city.mona, request=request).capacity_kind == "city_manager"


def test_the_alternate_authority_does_not_decide_on_its_own_access(city: City) -> None:
    request = kinds.submitted(city, Kind.ACCESS, poster=city.noah)
    services.endorse(actor=city.helen, request=request)
    leave_seat(city, city.dana)
    appoint(
        city.noah,
        Office.objects.get(kind=Office.Kind.CITY_MANAGER),
        by=city.carla,
        confirmed_by=city.ruth,
        acting=True,
    )
    with pytest.raises(ConflictOfInterest, match="access"):
        services.approve(actor=city.noah, request=request)
    assert to_decide(city.noah).count() == 0
    assert to_decide(city.mona).get() == request


def test_who_gets_access_may_endorse_as_director_and_still_does_not_decide(city: City) -> None:
    """As with a Director's own request: the department stands behind it, somebody else decides."""
    request = access_for_joel(city)
    zoo = Office.objects.get(department=city.zoo)
    appoint(city.joel, zoo, by=city.carla, confirmed_by=city.ruth, acting=True)
    services.endorse(actor=city.joel, request=request)
    with pytest.raises(NotPermitted):
        services.approve(actor=city.joel, request=request)
    act_as_pi_director(city, city.joel)
    with pytest.raises(ConflictOfInterest):
        services.approve(actor=city.joel, request=request)
    services.approve(actor=city.dana, request=request)
