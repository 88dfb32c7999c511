"""Fifty processes decide one request at the same moment: one decision, and the others are told whose."""

from typing import Any

import pytest

from accounts.models import Account
from approvals import services
from approvals.models import Decision, Request
from approvals.transitions import Act, Status
from audit.errors import Invalid, Stale
from audit.verification import verify
from employees.models import Employee
from tests.approvals.paths import endorsed, submitted
from tests.approvals.test_conflicts import act_as_pi_director
from tests.cast import City
from tests.processes import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

PROCESSES = 50


def decide(request_id: int, person_id: int, act: Act) -> str:
    request = Request.objects.get(pk=request_id)
    person = Employee.objects.get(pk=person_id)
    service: Any = {
        Act.APPROVE: services.approve,
        Act.RETURN: services.return_for_changes,
        Act.DENY: services.deny,
    }[act]
    try:
        service(actor=person, request=request, text="Because.")
    except Stale as error:
        return str(error)
    return f"won: {act.value} by {person.name}"


def test_fifty_processes_deciding_one_request_make_one_decision(city: City) -> None:
    act_as_pi_director(city, city.joel)
    request = endorsed(city)
    acts = (Act.APPROVE, Act.DENY, Act.RETURN)
    people = (city.dana, city.joel)
    jobs = [
        lambda place=place: decide(request.pk, people[place % 2].pk, acts[place % 3])
        for place in range(PROCESSES)
    ]
    told = together(jobs)
    winners = [text for text in told if text.startswith("won")]
    losers = [text for text in told if not text.startswith("won")]
    assert len(winners) == 1, told
    decision = Decision.objects.get(request=request, before=Status.AWAITING_DECISION)
    assert decision.person is not None
    assert winners == [f"won: {decision.act} by {decision.person.name}"]
    assert len(losers) == PROCESSES - 1
    for text in losers:
        assert text.startswith(f"Too late: {decision.person.name}, {decision.capacity}, "), text
    assert Account.objects.count() == (1 if decision.act == Act.APPROVE else 0)
    verdict = verify()
    assert verdict.sound, verdict.findings


def test_one_of_ten_submits_the_same_handle_and_numbers_are_given_once(city: City) -> None:
    """Drafts by ten processes get ten numbers; of the same handle submitted by all, one passes."""
    told = together([lambda: _ask(city) for _place in range(10)])
    assert sorted(text == "asked" for text in told) == [False] * 9 + [True], told
    assert all(text == "asked" or "already" in text or "just asked" in text for text in told), told
    numbers = sorted(Request.objects.values_list("number", flat=True))
    assert [number[-4:] for number in numbers] == [f"{place:04d}" for place in range(1, 11)]
    assert Request.objects.filter(status=Status.AWAITING_ENDORSEMENT).count() == 1


def _ask(city: City) -> str:
    try:
        submitted(city)
    except Invalid as error:
        return str(error)
    return "asked"
