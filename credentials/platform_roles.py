"""Roles that platforms give to people: custody too, confirmed there, and confirmed gone, by somebody else.

Where a platform has only roles (Facebook, LinkedIn) reconciling opens them for the seats. Where it has an owner login
besides (X, YouTube), whoever holds the account may be given a role there as well: a delegate, a manager.
"""

from __future__ import annotations

from accounts.models import Account
from audit import clock, locks
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.ledger import record, service
from credentials import capability, entitlement, provisioning
from credentials.models import Custody, Ground
from employees import authority
from employees.models import Employee


def may_give(actor: Employee, account: Account) -> bool:
    """Who holds the account, or Information Technology."""
    return authority.is_information_technology(actor) or entitlement.holds_account(actor, account)


@service
def give(*, actor: Employee, account: Account, person: Employee, role: str) -> Custody:
    """Write down that `person`, who holds `account` on some ground, is to have `role` on its platform.

    Custody through a second channel, on the grounds that stand; it ends with them. Somebody else confirms it there.
    Raises NotPermitted, ConflictOfInterest, Invalid (no such role), Refused (no ground), Stale (has one already).
    """
    locks.hold(locks.SEATS)
    if not may_give(actor, account):
        raise NotPermitted("Roles are given by who holds the account, or by Information Technology.")
    if actor.pk == person.pk:
        raise ConflictOfInterest("Nobody gives themselves a role; somebody else who holds the account does.")
    offered = [str(one["name"]) for one in capability.of_account(account).roles]
    if role not in offered:
        raise Invalid(
            f"{account.platform.name} gives no role of this name today.",
            fields={"role": "one of the roles that the platform gives to people"},
        )
    held = Custody.objects.standing().filter(account=account, person=person)
    if held.filter(channel=Custody.Channel.PLATFORM_ROLE).exists():
        raise Stale(f"{person.name} has a role there already. Take that one away first.")
    grounds = list(Ground.objects.in_force().filter(custody__in=held, closed_at=None))
    if not grounds or not person.is_active:
        raise Refused(f"{person.name} holds no access to this account, so there is no ground for a role.")
    now = clock.now()
    custody = Custody.objects.create(
        account=account,
        person=person,
        channel=Custody.Channel.PLATFORM_ROLE,
        platform_role=role,
        opened_at=now,
        opened_by=actor,
    )
    copies = Ground.objects.bulk_create(
        [
            Ground(
                custody=custody,
                opened_at=now,
                kind=ground.kind,
                source_id=ground.source_id,
                authority=ground.authority,
                effective_from=ground.effective_from,
                effective_until=ground.effective_until,
            )
            for ground in grounds
        ]
    )
    record(Verb.CUSTODY_GIVE_ROLE, actor=actor, obj=custody, facts=[custody, *copies], role=role)
    return custody


@service
def take(*, actor: Employee, custody: Custody) -> None:
    """End a role that was given beside the shared login. It shows as still present until somebody confirms its removal.

    A role that the custody rule wants ends with its grounds alone. Raises NotPermitted, Refused, Stale.
    """
    locks.hold(locks.SEATS)
    if not may_give(actor, custody.account):
        raise NotPermitted("Roles are taken away by who holds the account, or by Information Technology.")
    if custody.channel != Custody.Channel.PLATFORM_ROLE or is_seats_channel(custody.account):
        raise Refused("The custody rule wants this role. It ends when the appointment or designation does.")
    now, reason = clock.now(), "Taken away"
    done = Custody.objects.filter(pk=custody.pk, closed_at=None).update(
        closed_at=now, closed_by=actor, end_reason=reason
    )
    if done != 1:
        raise Stale("This role has ended already.")
    custody.refresh_from_db()
    grounds = list(Ground.objects.filter(custody=custody, closed_at=None))
    for ground in grounds:
        ground.closed_at, ground.end_reason = now, reason
    Ground.objects.bulk_update(grounds, ["closed_at", "end_reason"])
    record(Verb.CUSTODY_TAKE_ROLE, actor=actor, obj=custody, facts=[custody, *grounds])


def is_seats_channel(account: Account) -> bool:
    """Whether the seats hold `account` by platform roles, because it has no owner login."""
    offered = capability.of_account(account)
    return bool(capability.channel(offered) == Custody.Channel.PLATFORM_ROLE)


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
    """Take note that somebody whose custody ended is gone from the platform. Raises NotPermitted, Stale.

    One look there tells it of the person and the account: every row of theirs that still waited for it is settled.
    """
    if not custody.still_present:
        raise Stale("There is no removal on the platform to confirm here.")
    if not may_confirm(actor, custody):
        raise NotPermitted(
            "A removal is confirmed by somebody else who holds the account, or by Information Technology."
        )
    now = clock.now()
    done = Custody.objects.filter(pk=custody.pk, removal_confirmed_at=None).update(
        removal_confirmed_at=now, removal_confirmed_by=actor
    )
    custody.refresh_from_db()
    if done != 1:
        raise Stale("Somebody else confirmed this removal just now.")
    others = list(
        Custody.objects.still_present()
        .filter(account=custody.account_id, person=custody.person_id)
        .select_related("account__platform", "person")
    )
    for other in others:
        other.removal_confirmed_at, other.removal_confirmed_by = now, actor
    Custody.objects.bulk_update(others, ["removal_confirmed_at", "removal_confirmed_by"])
    record(Verb.CUSTODY_CONFIRM_REMOVAL, actor=actor, obj=custody, facts=[custody, *others])


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
