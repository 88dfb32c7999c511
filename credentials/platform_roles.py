"""Roles that platforms give to people: confirmed there, and confirmed gone, by somebody else."""

from __future__ import annotations

from audit import clock
from audit.actions import Verb
from audit.errors import NotPermitted, Stale
from audit.ledger import record, service
from credentials import provisioning
from credentials.models import Custody
from employees import authority
from employees.models import Employee


@service
def confirm_role(*, actor: Employee, custody: Custody) -> None:
    """Take note that the person has the role on the platform: seen there by `actor`, who is somebody else.

    Raises NotPermitted, Stale.
    """
    if custody.closed_at is not None or custody.present_confirmed_at is not None:
        raise Stale("This role is confirmed already, or the custody has ended.")
    if not may_confirm(actor, custody):
        raise NotPermitted(
            "A platform role is confirmed by somebody else who holds the account, or by Information Technology."
        )
    now = clock.now()
    done = Custody.objects.filter(pk=custody.pk, present_confirmed_at=None, closed_at=None).update(
        present_confirmed_at=now, present_confirmed_by=actor
    )
    custody.refresh_from_db()
    if done != 1:
        raise Stale("Somebody else confirmed this role just now.")
    record(Verb.CUSTODY_CONFIRM_ROLE, actor=actor, obj=custody, facts=[custody])
    provisioning.complete_if_ready(actor=actor, account=custody.account)


@service
def confirm_removal(*, actor: Employee, custody: Custody) -> None:
    """Take note that somebody whose custody ended is gone from the platform. Raises NotPermitted, Stale."""
    if not custody.still_present:
        raise Stale("There is no removal on the platform to confirm here.")
    if not may_confirm(actor, custody):
        raise NotPermitted(
            "A removal is confirmed by somebody else who holds the account, or by Information Technology."
        )
    done = Custody.objects.filter(pk=custody.pk, removal_confirmed_at=None).update(
        removal_confirmed_at=clock.now(), removal_confirmed_by=actor
    )
    custody.refresh_from_db()
    if done != 1:
        raise Stale("Somebody else confirmed this removal just now.")
    record(Verb.CUSTODY_CONFIRM_REMOVAL, actor=actor, obj=custody, facts=[custody])


def may_confirm(actor: Employee, custody: Custody) -> bool:
    """Another person who holds the account, or Information Technology; nobody for themselves."""
    if custody.person_id == actor.pk:
        return False
    if authority.is_information_technology(actor):
        return True
    return (
        Custody.objects.in_force()
        .filter(account=custody.account_id, person=actor.pk, person__is_active=True)
        .exists()
    )
