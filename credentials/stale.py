"""The vault's copy is stale: somebody had to change a secret on the platform and the new one isn't here yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Account
from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, NotPermitted, Refused, Stale
from audit.ledger import record, service
from credentials import entitlement
from credentials.models import Credential, SecretItem, StaleCopy
from employees import authority
from employees.models import Employee, Office

REASON_LENGTH = 300


@service
def report(
    *, actor: Employee, credential: Credential, reason: str, kind: str = SecretItem.Kind.PASSWORD
) -> StaleCopy:
    """Say that the secret was changed on the platform and is not deposited yet.

    Whoever holds the account may, and Information Technology; PI and IT see it until it is deposited. Whoever says so
    knows what is deposited then. Raises NotPermitted, Invalid, Refused (this person said it before).
    """
    if not (entitlement.may_rotate(actor) or entitlement.holds_account(actor, credential.account)):
        raise NotPermitted("Only who holds this account, or Information Technology, can say this.")
    text = " ".join(reason.split())
    if not text or len(text) > REASON_LENGTH:
        raise Invalid(
            "Say in a sentence what happened.",
            fields={"reason": f"a sentence of at most {REASON_LENGTH} characters, without the password"},
        )
    item = SecretItem.objects.select_for_update(no_key=True).get(credential=credential, kind=kind)
    if standing().filter(item=item, reported_by=actor).exists():
        raise Refused(
            "You have said already that you changed it. That stands until the new password is deposited."
        )
    made = StaleCopy.objects.create(item=item, reason=text, reported_by=actor, reported_at=clock.now())
    # The sentence stays out of the ledger: people type into it what they should not.
    record(Verb.SECRET_REPORT_CHANGED, actor=actor, obj=credential, facts=[made], item=kind)
    return made


@service
def withdraw(*, actor: Employee, copy: StaleCopy) -> StaleCopy:
    """Say that it was not changed on the platform after all: the vault's copy is right.

    Whoever holds the account may, and Information Technology. Raises NotPermitted, Stale (settled by now).
    """
    credential = copy.item.credential
    if not (entitlement.may_rotate(actor) or entitlement.holds_account(actor, credential.account)):
        raise NotPermitted("Only who holds this account, or Information Technology, can say this.")
    if not StaleCopy.objects.filter(pk=copy.pk, settled_at=None).update(settled_at=clock.now()):
        raise Stale("It is settled already.")
    copy.refresh_from_db()
    record(Verb.SECRET_WITHDRAW_CHANGED, actor=actor, obj=credential, facts=[copy], item=copy.item.kind)
    return copy


def standing(accounts: Iterable[Account] | None = None) -> QuerySet[StaleCopy]:
    """What is stale now, the oldest first."""
    found = StaleCopy.objects.filter(settled_at=None).select_related(
        "reported_by", "item__credential__account__platform"
    )
    return found if accounts is None else found.filter(item__credential__account__in=list(accounts))


def sees_all(person: Employee) -> bool:
    """To whom all that is stale is shown: Information Technology and the PI Director."""
    return entitlement.may_rotate(person) or bool(authority.holds(person, Office.Kind.PI_DIRECTOR))


def settle(item: SecretItem, *, now: datetime) -> list[StaleCopy]:
    """A new version is here since `now`: nothing is stale any more. Called within a service; gives what changed."""
    settled = list(StaleCopy.objects.filter(item=item, settled_at=None))
    for one in settled:
        one.settled_at = now
        one.save(update_fields=["settled_at"])
    return settled
