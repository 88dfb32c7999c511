"""An open request always has a next person, or a seat that is named with who can mend it."""

from datetime import timedelta

import pytest

from approvals import services
from approvals.authorities import Seats, standing
from approvals.models import Request
from approvals.moves import next_move, to_decide, to_mend
from approvals.transitions import CLOSED, OPEN, Act, Authority, Status, acts_from, transition
from audit import clock
from audit.errors import NotPermitted
from employees import services as people
from employees.models import Employee, Office
from tests.approvals.paths import draft, endorsed, in_status, submitted
from tests.approvals.test_conflicts import act_as_pi_director, by_dana, leave_seat
from tests.cast import City, appoint


@pytest.mark.parametrize("status", OPEN)
def test_an_open_request_names_the_next_person(city: City, status: Status) -> None:
    move = next_move(in_status(city, status))
    assert move is not None
    expected = {
        Status.DRAFT: city.priya,
        Status.RETURNED: city.priya,
        Status.AWAITING_ENDORSEMENT: city.helen,
        Status.AWAITING_DECISION: city.dana,
    }
    assert move.people == (expected[status],)
    assert not move.why_blocked


def test_an_approved_request_is_being_set_up(city: City) -> None:
    move = next_move(in_status(city, Status.APPROVED))
    assert move is not None
    assert city.marcus in move.people


@pytest.mark.parametrize("status", CLOSED)
def test_a_closed_one_waits_for_nobody(city: City, status: Status) -> None:
    assert next_move(in_status(city, status)) is None


def test_a_vacant_department_seat_is_named(city: City) -> None:
    request = submitted(city)
    leave_seat(city, city.helen)
    move = next_move(request)
    assert move is not None
    assert (move.people, move.why_blocked) == ((), "The seat of Director of Hutchinson Zoo is vacant.")
    assert "registry clerk" in move.mend


def test_a_vacant_pi_seat_hands_on_and_says_so(city: City) -> None:
    request = endorsed(city)
    leave_seat(city, city.dana)
    move = next_move(request)
    assert move is not None
    assert move.people == (city.mona,)
    assert move.aside == "The seat of Director of Public Information and Community Engagement is vacant."
    leave_seat(city, city.mona)
    move = next_move(request)
    assert move is not None
    assert move.people == ()
    assert "The seat of City Manager is vacant." in move.why_blocked


def test_a_conflict_is_named_with_who_decides_instead(city: City) -> None:
    request = by_dana(city)
    move = next_move(request)
    assert move is not None
    assert move.people == (city.mona,)
    assert "Dana Whitfield" in move.aside
    act_as_pi_director(city, city.joel)
    move = next_move(request)
    assert move is not None
    assert move.people == (city.joel,)


def test_a_requester_who_left_is_named_with_who_can_close_it(city: City) -> None:
    request = draft(city)
    people.separate(actor=city.sam, employee=city.priya, last_day=clock.today(), reason="Left")
    request.refresh_from_db()
    move = next_move(request)
    assert move is not None
    assert move.people == ()
    assert "Priya Nair" in move.why_blocked
    assert "Helen Okafor" in move.mend
    services.withdraw(actor=city.helen, request=request, text="She has left.")


def may_act(person: Employee, request: Request, seats: Seats) -> bool:
    """Whether any directors' act of the table is this person's to do."""
    for act in acts_from(request.status):
        row = transition(request.status, act)
        if row is None or row.who not in (Authority.DIRECTOR, Authority.DECIDER):
            continue
        try:
            standing(person, request, act, seats)
        except NotPermitted:
            continue
        return True
    return False


def test_list_page_and_services_agree_on_whose_turn_it_is(city: City) -> None:
    """`to_decide` as SQL, `next_move` for pages and `standing` for services say the same of everybody."""
    by_dana(city, handle="@one")
    endorsed(city, handle="@two")
    submitted(city, handle="@three")
    submitted(city, city.helen, handle="@four", poster=city.priya, backup=city.joel)
    draft(city, handle="@five")
    for change in (None, city.joel, city.dana, city.mona):
        if change is city.joel:
            act_as_pi_director(city, city.joel)
            appoint(
                city.dana,
                Office.objects.get(department=city.zoo),
                by=city.carla,
                confirmed_by=city.ruth,
                acting=True,
            )
            services.endorse(actor=city.dana, request=Request.objects.get(key="three"))
        elif change is city.dana:
            for held in city.joel.appointments.in_force():
                people.end_appointment(
                    actor=city.carla, appointment=held, last_day=clock.today() - timedelta(days=1), reason="x"
                )
        requests = list(Request.objects.all())
        seats = Seats(requests)
        for person in city.people:
            listed = set(to_decide(person))
            assert listed == {row for row in requests if may_act(person, row, seats)}, person
            for row in requests:
                if row.status in (Status.AWAITING_ENDORSEMENT, Status.AWAITING_DECISION):
                    move = next_move(row, seats)
                    assert move is not None
                    assert (person in move.people) == (row in listed), (person, row)


def test_what_is_mine_to_mend(city: City) -> None:
    returned = in_status(city, Status.RETURNED)
    mine = draft(city, handle="@later")
    assert list(to_mend(city.priya)) == [returned, mine]
    assert not to_mend(city.helen).exists()
    assert Act.EDIT in acts_from(returned.status)
