"""Whether somebody may read a secret now. Evaluated at every act, never remembered."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from accounts.models import Account
from credentials.models import Credential, CredentialUserObjectPermission, Custody, Ground
from employees import authority
from employees.models import Employee

REVEAL = "reveal_credential"


def ground_to_reveal(person: Employee, credential: Credential) -> Ground | None:
    """The ground on which `person` may reveal `credential` now, or None. One statement.

    It wants guardian's object permission and a ground in force and an active person. Superusers get nothing extra.
    """
    permission = CredentialUserObjectPermission.objects.filter(
        user=OuterRef("custody__person"),
        content_object=credential.pk,
        permission__codename=REVEAL,
        permission__content_type__app_label="credentials",
    )
    return (
        Ground.objects.in_force()
        .filter(
            Exists(permission),
            custody__account=credential.account_id,
            custody__person=person.pk,
            custody__person__is_active=True,
            custody__channel=Custody.Channel.SHARED_LOGIN,
        )
        .order_by("effective_from", "pk")
        .first()
    )


def holds_account(person: Employee, account: Account, *, at: datetime | None = None) -> bool:
    """Whether `person` holds `account` through any channel."""
    return (
        Custody.objects.in_force(at).filter(account=account, person=person, person__is_active=True).exists()
    )


def may_rotate(person: Employee) -> bool:
    """IT rotates shared passwords: the role, or the IT Director's seat."""
    return authority.is_information_technology(person)


def may_see(person: Employee, account: Account) -> bool:
    """Whether the account's custody page is open to `person`; it holds no secret."""
    return holds_account(person, account) or may_rotate(person) or authority.sees_everything(person)
