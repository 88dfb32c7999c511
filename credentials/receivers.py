"""What custody does when people, papers or accounts change: it is reconciled in the same transaction."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts import about, health, holding, sections
from accounts.models import Account
from accounts.signals import accounts_changed, accounts_opened, profile_completed
from audit import checkpoints
from audit.actions import Verb
from credentials import (
    belongings,
    custody,
    departures,
    entitlement,
    grants,
    leftovers,
    offboarding,
    overview,
    provisioning,
)
from credentials.models import Custody, Grant
from employees import consequences
from employees.models import Employee
from employees.signals import seats_changed, separated


def connect() -> None:
    """Connect the receivers and fill the hooks of the rooms to the left."""
    separated.connect(_separated, dispatch_uid="credentials.separated")
    seats_changed.connect(_seats_changed, dispatch_uid="credentials.seats_changed")
    accounts_opened.connect(_accounts_changed, dispatch_uid="credentials.accounts_opened")
    accounts_changed.connect(_accounts_changed, dispatch_uid="credentials.accounts_changed")
    profile_completed.connect(_profile_completed, dispatch_uid="credentials.profile_completed")
    holding.register(entitlement.holds_account)
    holding.register_lacking(provisioning.told)
    health.register(overview.health)
    sections.register(overview.sections)
    about.register(overview.things)
    consequences.register(offboarding.consequences)
    belongings.register(offboarding.ways_in_hand)
    consequences.register_follow_up(leftovers.follow_up)
    # What an auditor takes away, and an act in an emergency, are signed at once and not only at night.
    checkpoints.after(Verb.EXPORT_COMPLETE, Verb.EMERGENCY_SHOW)


def _separated(sender: Any, *, actor: Any, employee: Employee, **_: Any) -> None:
    """What requests gave ends with the employment: somebody who comes back gets none of it."""
    given = grants.of_person(employee)
    if given:
        grants.end(actor=actor, grants=given, reason=f"{employee.name} left")


def _seats_changed(
    sender: Any, *, actor: Any, departments: set[int] | None, people: set[int], reason: str, **_: Any
) -> None:
    departures.tell(actor=actor, people=people)
    if departments is None:
        custody.reconcile_all(actor=actor, reason=reason)
        return
    # Grants reach across departments: a change of somebody's employment touches what they were granted too. And who
    # has left holds nothing, not even what had run out before and waits for the daily run to close it.
    gone = Custody.objects.standing().filter(person__is_active=False)
    accounts = Account.objects.filter(
        Q(department__in=departments)
        | Q(pk__in=Grant.objects.filter(ended_at=None).values("account"))
        | Q(pk__in=gone.values("account"))
    )
    custody.reconcile(actor=actor, accounts=accounts, reason=reason)


def _accounts_changed(sender: Any, *, actor: Any, accounts: list[Account], reason: str, **_: Any) -> None:
    custody.reconcile(actor=actor, accounts=accounts, reason=reason)


def _profile_completed(sender: Any, *, actor: Any, account: Account, **_: Any) -> None:
    """The profile may have been the last thing that an account being set up lacked."""
    provisioning.complete_if_ready(actor=actor, account=account)
