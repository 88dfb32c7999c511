"""The table is what happens: every pair in it does what it says, every other pair is refused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from approvals import services
from approvals.acts import perform
from approvals.models import Decision, Request
from approvals.transitions import CLOSED, TABLE, Act, Status, acts_from, diagram, transition
from audit import ledger
from audit.errors import NotPermitted, Refused
from audit.models import Entry
from audit.states import AssignedDirectly
from employees.models import Employee
from tests.approvals.paths import asked, draft, endorsed, in_status
from tests.cast import City

ROOT = Path(__file__).resolve().parent.parent.parent


def _fulfil(city: City, request: Request) -> None:
    """As the signal does it, for a request whose account is there."""
    if request.account is None or services.fulfil(actor=None, account=request.account) is None:
        raise Refused("no approved request has this account")


def _expire(city: City, request: Request) -> None:
    """As the daily run does it, for whatever was returned long ago."""
    with ledger.act():
        perform(None, request, Act.EXPIRE)


DO: dict[Act, Callable[[City, Request], Any]] = {
    Act.EDIT: lambda city, request: services.edit(
        actor=city.priya, request=request, asked=asked(city, name="Another name")
    ),
    Act.SUBMIT: lambda city, request: services.submit(actor=city.priya, request=request),
    Act.ENDORSE: lambda city, request: services.endorse(actor=city.helen, request=request),
    Act.TAKE: lambda city, request: services.take(actor=city.dana, request=request),
    Act.DECLINE: lambda city, request: services.decline(actor=city.helen, request=request, text="No."),
    Act.APPROVE: lambda city, request: services.approve(actor=city.dana, request=request),
    Act.RETURN: lambda city, request: services.return_for_changes(
        actor=city.dana, request=request, text="Say more."
    ),
    Act.DENY: lambda city, request: services.deny(actor=city.dana, request=request, text="No."),
    Act.WITHDRAW: lambda city, request: services.withdraw(actor=city.priya, request=request, text="Done."),
    Act.FULFIL: _fulfil,
    Act.EXPIRE: _expire,
}


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is rolled back: one city serves many attempts."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("status", list(Status))
def test_what_is_not_in_the_table_is_refused_and_what_is_happens(city: City, status: Status) -> None:
    pk = in_status(city, status).pk
    for act in Act:
        with undone():
            _try(city, Request.objects.get(pk=pk), status, act)


def _try(city: City, request: Request, status: Status, act: Act) -> None:
    row = transition(status, act)
    decisions, entries = Decision.objects.count(), Entry.objects.count()
    if row is None:
        with pytest.raises(Refused):
            DO[act](city, request)
        request.refresh_from_db()
        assert request.status == status
        assert (Decision.objects.count(), Entry.objects.count()) == (decisions, entries)
        return
    DO[act](city, request)
    request.refresh_from_db()
    assert request.status == row.to
    assert Entry.objects.filter(verb=row.verb.value, object_id=str(request.pk)).exists()
    voids = act == Act.EDIT and row.to != status  # an edit that voids the endorsement is on record
    assert Decision.objects.count() == decisions + (act != Act.EDIT or voids)


def test_nothing_leads_out_of_a_closed_status() -> None:
    assert [acts_from(status) for status in CLOSED] == [[]] * len(CLOSED)


def test_every_other_status_has_a_way_to_the_end() -> None:
    for status in set(Status) - set(CLOSED):
        reached, waiting = set(), [status]
        while waiting:
            at = waiting.pop()
            reached.add(at)
            waiting += [
                row.to for (start, _act), row in TABLE.items() if start == at and row.to not in reached
            ]
        assert reached & set(CLOSED), status


def test_acts_that_need_a_reason_are_refused_without_one(city: City) -> None:
    request = endorsed(city)
    for refuse in (services.deny, services.return_for_changes):
        with pytest.raises(Refused, match="reason"):
            refuse(actor=city.dana, request=request)
        with pytest.raises(Refused, match="reason"):
            refuse(actor=city.dana, request=request, text=" \n ")
    with pytest.raises(Refused, match="reason"):
        services.withdraw(actor=city.priya, request=request, text="")
    with pytest.raises(Refused, match="list"):
        services.deny(actor=city.dana, request=request, reasons=["because"])
    request.refresh_from_db()
    assert request.status == Status.AWAITING_DECISION


def test_status_cannot_be_assigned(city: City) -> None:
    request = draft(city)
    with pytest.raises(AssignedDirectly):
        request.status = Status.APPROVED
    request.save()
    request.refresh_from_db()
    assert request.status == Status.DRAFT


def test_the_document_shows_this_table() -> None:
    """`docs/request-states.md` holds the diagram that the table draws."""
    assert diagram() in (ROOT / "docs" / "request-states.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("status", sorted({status for status, _act in TABLE} - {Status.APPROVED}))
def test_neither_an_outsider_nor_a_superuser_can_do_any_of_it(city: City, status: Status) -> None:
    request = in_status(city, status)
    for act in acts_from(status):
        if act == Act.EXPIRE:  # the daily run's alone: no service takes an actor for it
            continue
        for person in (city.noah, city.rex):
            with pytest.raises(NotPermitted):
                _as(person, act, request, city)
            request.refresh_from_db()
            assert request.status == status


def _as(person: Employee, act: Act, request: Request, city: City) -> None:
    do: dict[Act, Callable[..., Any]] = {
        Act.SUBMIT: services.submit,
        Act.ENDORSE: services.endorse,
        Act.TAKE: services.take,
        Act.APPROVE: services.approve,
    }
    reasoned: dict[Act, Callable[..., Any]] = {
        Act.DECLINE: services.decline,
        Act.RETURN: services.return_for_changes,
        Act.DENY: services.deny,
        Act.WITHDRAW: services.withdraw,
    }
    if act == Act.EDIT:
        services.edit(actor=person, request=request, asked=asked(city))
    elif act in do:
        do[act](actor=person, request=request)
    else:
        reasoned[act](actor=person, request=request, text="Because.")
