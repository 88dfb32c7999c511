"""A machine that does anything in any order with requests, appointments, delegations and withdrawals.

Whatever it does: no state outside the table, no self-decision by any path, no approval without endorsement of the same
content, and no open request without a next person or a named seat and who can mend it. `make soak` runs 2,000 × 30.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.models import Account, Platform
from approvals import services
from approvals.asked import Asked, of
from approvals.authorities import Seats
from approvals.kinds import Kind
from approvals.models import Decision, Request
from approvals.moves import next_move, to_decide
from approvals.transitions import OPEN, TABLE, Act, Status
from audit import clock
from audit.errors import Refused
from employees import services as people
from employees.models import Appointment, Employee, Office
from tests.approvals.kinds import active, imported
from tests.cast import City, appoint, designate

PEOPLE = ("dana", "mona", "helen", "olive", "priya", "joel", "tom", "marcus", "rex", "noah")
DECIDED = (Act.APPROVE, Act.RETURN, Act.DENY)
BOUNDED, WHOLE, STEPS = 6, 2000, 30

SERVICES: dict[Act, Callable[..., Any]] = {
    Act.ENDORSE: services.endorse,
    Act.DECLINE: services.decline,
    Act.TAKE: services.take,
    Act.APPROVE: services.approve,
    Act.RETURN: services.return_for_changes,
    Act.DENY: services.deny,
}

who = st.sampled_from(PEOPLE)
which = st.integers(min_value=0, max_value=7)


def _new(platform: Platform, city: City, handle: str) -> dict[str, Any]:
    return {
        "platform": platform,
        "handle": handle,
        "name": "New",
        "purposes": ("events",),
        "audience": "All",
        "poster": city.priya,
        "backup": city.helen,
        "login_email": "social@hutch.example",
    }


class Machine(RuleBasedStateMachine):
    """Over one city; every run begins with it as it is now. The test puts in what there is."""

    city: City
    accounts: list[Account]
    listed: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.numbers: list[int] = []
        self.words = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def person(self, first: str) -> Employee:
        return Employee.objects.get(pk=getattr(self.city, first).pk)

    def request(self, place: int) -> Request | None:
        if not self.numbers:
            return None
        return Request.objects.whole().get(pk=self.numbers[place % len(self.numbers)])

    def keep(self, first: str, department: str, **values: Any) -> Request:
        """A request that is submitted already."""
        asked = Asked(justification="Because.", department=getattr(self.city, department), **values)
        made = services.create_draft(actor=self.person(first), asked=asked)
        self.numbers.append(made.pk)
        services.submit(actor=self.person(first), request=made)
        return made

    @initialize()
    def some_are_under_way(self) -> None:
        """One waits for its Director, one for the decision, and one of the alternate authority for the decision:
        else most of a run goes by before there is anything that could go wrong."""
        day = clock.today() + timedelta(days=9)
        access = {
            "kind": Kind.ACCESS,
            "account": self.accounts[0],
            "poster": self.city.joel,
            "access_until": day,
        }
        services.endorse(actor=self.person("helen"), request=self.keep("priya", "zoo", **access))
        self.keep("priya", "zoo", kind=Kind.RENAME, account=self.accounts[1], handle="renamed")
        office = Office.objects.get(department=self.city.public_information)
        appoint(self.person("noah"), office, by=self.city.carla, confirmed_by=self.city.ruth, acting=True)
        own = self.keep("mona", "public_information", **_new(self.accounts[0].platform, self.city, "mona"))
        services.endorse(actor=self.person("noah"), request=own)

    def attempt(self, act: Act, request: Request, run: Callable[[], Any]) -> bool:
        """Do it or be refused; in both cases the table has the last word."""
        before = request.status
        try:
            run()
        except Refused:
            request.refresh_from_db()
            assert request.status == before
            return False
        row = TABLE[Status(before), act]
        request.refresh_from_db()
        allowed = {row.to}
        if row.to == Status.AWAITING_ENDORSEMENT:
            allowed.add(TABLE[row.to, Act.ENDORSE].to)  # a Director's own counts as endorsed
        if act == Act.EDIT:
            allowed.add(Status(before))  # nothing was different
        if act == Act.APPROVE:
            allowed.add(TABLE[row.to, Act.FULFIL].to)
        assert request.status in allowed, (before, act, request.status)
        return True

    @rule(
        first=who,
        kind=st.sampled_from(list(Kind)),
        place=which,
        department=st.sampled_from(("zoo", "parks", "public_information")),
    )
    def draft(self, first: str, kind: Kind, place: int, department: str) -> None:
        account = Account.objects.get(pk=self.accounts[place % len(self.accounts)].pk)
        values: dict[str, Any] = {
            "kind": kind,
            "justification": "Because.",
            "department": getattr(self.city, department),
        }
        if kind == Kind.ADOPT:
            values["listed"] = self.listed
        elif kind == Kind.NEW_ACCOUNT:
            values |= _new(account.platform, self.city, f"new{place}")
        else:
            values |= {
                "account": account,
                "handle": f"other{place}",
                "to_department": self.city.parks if department == "zoo" else self.city.zoo,
                "poster": self.city.joel,
                "access_until": clock.today() + timedelta(days=9),
            }
        try:
            made = services.create_draft(actor=self.person(first), asked=Asked(**values))
        except Refused:
            return
        self.numbers.append(made.pk)

    @rule(first=who, place=which)
    def submit(self, first: str, place: int) -> None:
        request = self.request(place)
        if request:
            actor = self.person(first)
            self.attempt(Act.SUBMIT, request, lambda: services.submit(actor=actor, request=request))

    @rule(place=which)
    def submit_as_author(self, place: int) -> None:
        request = self.request(place)
        if request:
            author = request.created_by
            self.attempt(Act.SUBMIT, request, lambda: services.submit(actor=author, request=request))

    @rule(first=who, place=which, same=st.booleans(), own=st.booleans())
    def edit(self, first: str, place: int, same: bool, own: bool) -> None:
        request = self.request(place)
        if request:
            self.change(request, request.created_by if own else self.person(first), same=same)

    @rule(place=which)
    def change_and_have_it_approved(self, place: int) -> None:
        """By its author, and by whoever would decide, as if nothing had been changed."""
        request = self.request(place)
        if request:
            self.change(request, request.created_by, same=False)
            for seat in Seats([request]).deciders(request)[:1]:
                self.approve(request, seat.holder)

    def change(self, request: Request, actor: Employee, *, same: bool) -> None:
        self.words += not same
        asked = of(request)
        words = asked.justification if same else f"Because {self.words}."
        changed = replace(asked, justification=words)
        self.attempt(Act.EDIT, request, lambda: services.edit(actor=actor, request=request, asked=changed))

    def approve(self, request: Request, actor: Employee) -> bool:
        return self.attempt(
            Act.APPROVE, request, lambda: services.approve(actor=actor, request=request, text="Because.")
        )

    @rule(first=who, place=which, act=st.sampled_from(list(SERVICES)), stale=st.booleans())
    def decide(self, first: str, place: int, act: Act, stale: bool) -> None:
        request = self.request(place)
        if request:
            seen = "0" * 64 if stale else request.content_hash()
            done = self.attempt(
                act,
                request,
                lambda: SERVICES[act](actor=self.person(first), request=request, seen=seen, text="Because."),
            )
            assert not (done and stale)

    @rule(place=which, act=st.sampled_from(list(SERVICES)))
    def decide_whose_turn_it_is(self, place: int, act: Act) -> None:
        request = self.request(place)
        move = next_move(request) if request else None
        if request and move and move.people:
            actor = move.people[0]
            self.attempt(act, request, lambda: SERVICES[act](actor=actor, request=request, text="Because."))

    @rule(
        place=which,
        why=st.sampled_from(("author", "endorser", "beneficiary")),
        seat=st.sampled_from(("acting", "alternate")),
    )
    def decide_in_spite_of_a_conflict(self, place: int, why: str, seat: str) -> None:
        """Its author, who endorsed it, or to whom it gives access comes to a deciding seat: made acting, or the
        regular seat falls empty."""
        request = self.request(place)
        if request is None:
            return
        endorsed = request.decisions.filter(act=Act.ENDORSE).values_list("person_id", flat=True).first()
        conflicts: dict[str, int | None] = {
            "endorser": endorsed,
            "beneficiary": request.poster_id if request.kind == Kind.ACCESS else None,
        }
        person = Employee.objects.get(pk=conflicts.get(why) or request.created_by_id)
        office = Office.objects.get(kind=Office.Kind.PI_DIRECTOR)
        with contextlib.suppress(Refused):
            if seat == "acting":
                appoint(person, office, by=self.city.carla, confirmed_by=self.city.ruth, acting=True)
            else:
                for held in Appointment.objects.in_force().filter(office=office):
                    self.end(held)
        assert not self.approve(request, person)

    @rule(first=who, place=which, own=st.booleans())
    def withdraw(self, first: str, place: int, own: bool) -> None:
        request = self.request(place)
        if request:
            actor = request.created_by if own else self.person(first)
            self.attempt(
                Act.WITHDRAW,
                request,
                lambda: services.withdraw(actor=actor, request=request, text="Enough."),
            )

    @rule(first=who, kind=st.sampled_from(("pi", "zoo", "parks", "public_information")))
    def act_for(self, first: str, kind: str) -> None:
        office = (
            Office.objects.get(kind=Office.Kind.PI_DIRECTOR)
            if kind == "pi"
            else Office.objects.get(department=getattr(self.city, kind))
        )
        try:
            appoint(self.person(first), office, by=self.city.carla, confirmed_by=self.city.ruth, acting=True)
        except Refused:
            return

    @rule(place=which)
    def leave_a_seat(self, place: int) -> None:
        held = list(
            Appointment.objects.in_force().exclude(office__kind=Office.Kind.IT_DIRECTOR).order_by("pk")
        )
        if not held:
            return
        with contextlib.suppress(Refused):
            self.end(held[place % len(held)])

    def end(self, held: Appointment) -> None:
        yesterday = clock.today() - timedelta(days=1)
        people.end_appointment(actor=self.city.carla, appointment=held, last_day=yesterday, reason="Over")

    @rule(first=who, department=st.sampled_from(("zoo", "parks")))
    def delegate(self, first: str, department: str) -> None:
        try:
            designate(
                self.person(first),
                getattr(self.city, department),
                by=self.city.carla,
                confirmed_by=self.city.ruth,
            )
        except (Refused, LookupError):
            return

    @invariant()
    def nobody_decided_their_own_or_what_they_endorsed(self) -> None:
        endorsers: dict[int, set[int | None]] = {}
        rows = Decision.objects.filter(request__in=self.numbers).select_related("request").order_by("pk")
        endorsed: dict[int, str] = {}
        for row in rows:
            if row.act == Act.ENDORSE:
                endorsers.setdefault(row.request_id, set()).add(row.person_id)
                endorsed[row.request_id] = row.content_hash
            if row.act in DECIDED:
                assert row.person_id != row.request.created_by_id
                assert row.request.kind != Kind.ACCESS or row.person_id != row.request.poster_id
                assert row.person_id not in endorsers.get(row.request_id, set())
            if row.act == Act.APPROVE:
                assert endorsed[row.request_id] == row.content_hash
            assert (Status(row.before), Act(row.act)) in TABLE
            assert TABLE[Status(row.before), Act(row.act)].to == row.after

    @invariant()
    def every_open_request_has_a_next_person_or_a_named_seat(self) -> None:
        for request in Request.objects.filter(pk__in=self.numbers, status__in=OPEN).whole():
            move = next_move(request)
            assert move is not None
            if move.people:
                assert move.office_title or request.status in (Status.DRAFT, Status.RETURNED)
                if request.status in (Status.AWAITING_ENDORSEMENT, Status.AWAITING_DECISION):
                    assert all(request in to_decide(person) for person in move.people)
            else:
                assert move.why_blocked
                assert move.mend


def run(city: City, examples: int, *, derandomize: bool) -> None:
    accounts = [active(city, f"Zoo{place}") for place in range(3)]
    listed = [row.pk for row in imported(city.zoo, "ZooOne", "ZooTwo")]
    run_state_machine_as_test(
        type("MachineOfThisCity", (Machine,), {"city": city, "accounts": accounts, "listed": listed}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=derandomize,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nothing_that_can_be_done_breaks_the_rules(city: City) -> None:
    run(city, BOUNDED, derandomize=True)


@pytest.mark.soak
def test_nothing_that_can_be_done_breaks_the_rules_in_two_thousand_runs(city: City) -> None:
    run(city, int(os.environ.get("SOAK_RUNS", WHOLE)), derandomize=False)
