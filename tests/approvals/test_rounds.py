"""Many people decide at the same moment, round after round: exactly one each, and the losers are told whose."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier

import pytest

from approvals.models import Decision, Request
from approvals.transitions import Act, Status
from audit.verification import verify
from tests.approvals.paths import endorsed
from tests.approvals.test_conflicts import act_as_pi_director
from tests.approvals.test_race import decide
from tests.cast import City
from tests.processes import FORK, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
ACTS = (Act.APPROVE, Act.DENY, Act.RETURN)
SEPARATOR = "\n"


def all_rounds(place: int, requests: list[int], people: tuple[int, int], gate: Barrier) -> str:
    """What one process was told, round by round; all begin a round together."""
    told = []
    for number, request in enumerate(requests):
        gate.wait(120)
        told.append(decide(request, people[place % 2], ACTS[(place + number) % 3]))
    return SEPARATOR.join(told)


def run(city: City, processes: int, rounds: int, patience: float) -> None:
    act_as_pi_director(city, city.joel)
    requests = [endorsed(city, handle=f"@round{place}", name=f"Round {place}").pk for place in range(rounds)]
    people = (city.dana.pk, city.joel.pk)
    gate = FORK.Barrier(processes)
    jobs = [lambda place=place: all_rounds(place, requests, people, gate) for place in range(processes)]
    told = [answer.split(SEPARATOR) for answer in together(jobs, patience=patience)]
    assert {len(answers) for answers in told} == {rounds}, told
    for number, pk in enumerate(requests):
        answers = [one[number] for one in told]
        decision = Decision.objects.get(request=pk, before=Status.AWAITING_DECISION)
        assert decision.person is not None
        won = f"won: {decision.act} by {decision.person.name}"
        lost = f"Too late: {decision.person.name}, {decision.capacity}, "
        assert answers.count(won) == 1, answers
        assert sum(text.startswith(lost) for text in answers) == processes - 1, answers
        assert Request.objects.get(pk=pk).status == decision.after
    verdict = verify()
    assert verdict.sound, verdict.findings


def test_ten_processes_in_five_rounds_make_five_decisions(city: City) -> None:
    run(city, 10, 5, patience=120)


@pytest.mark.soak
def test_fifty_processes_in_a_hundred_rounds_make_a_hundred_decisions(city: City) -> None:
    run(city, 50, 100, patience=3600)
