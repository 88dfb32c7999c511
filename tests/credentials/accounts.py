"""Accounts with a vault entry, made through services."""

from __future__ import annotations

from accounts import profiles, services
from accounts.models import Account, Platform
from credentials import custody, rotation, vault
from credentials.models import Credential, CredentialUserObjectPermission, Custody, Rotation, SecretVersion
from employees.models import Department, Employee

SECRET = "canary-Xq7!vault-first"
LOGIN = "social@hutch.example"


def open_account(
    actor: Employee, department: Department, handle: str = "HutchZoo", platform: str = "x"
) -> Account:
    """An account being set up, with its custody, whose profile follows the policy."""
    account = services.open_account(
        actor=actor,
        platform=Platform.objects.get(slug=platform),
        handle=handle,
        name=handle,
        department=department,
        request_text="Request 2026-0001",
    )
    return checked(actor, account)


def checked(actor: Employee, account: Account) -> Account:
    """`actor` finds everything on the account's profile in order."""
    review = profiles.open_review(account)
    if review is not None:
        given = {item.code: profiles.Given(profiles.Answer.YES) for item in profiles.ITEMS}
        profiles.answer(actor=actor, review=review, given=given)
    return account


def deposited(actor: Employee, account: Account, value: str = "") -> Credential:
    """The account's credential with its first password in the vault: SECRET, or that with a number where it is in use.

    Two accounts with one password would make a rotation due.
    """
    value = value or (f"{SECRET}-{account.pk}" if SecretVersion.objects.exists() else SECRET)
    credential = Credential.objects.select_related("account__platform", "account__department").get(
        account=account
    )
    vault.deposit(actor=actor, credential=credential, login=LOGIN, value=value)
    return credential


def rotated(actor: Employee, credential: Credential) -> Rotation:
    """A whole rotation by `actor`."""
    started = rotation.start(actor=actor, credential=credential)
    rotation.show(actor=actor, rotation=started)
    rotation.claim_changed(actor=actor, rotation=started)
    rotation.verify(actor=actor, rotation=started)
    return started


def custodians(account: Account) -> set[str]:
    """First names of who holds `account` now."""
    held = Custody.objects.in_force().filter(account=account, person__is_active=True)
    return {name.split()[0].lower() for name in held.values_list("person__name", flat=True)}


def permissions_mirror_custody() -> bool:
    """Whether guardian's rows are exactly the standing custodies of shared logins."""
    rows = set(CredentialUserObjectPermission.objects.values_list("user_id", "content_object__account_id"))
    standing = Custody.objects.standing().filter(channel=Custody.Channel.SHARED_LOGIN)
    return rows == set(standing.values_list("person_id", "account_id"))


def reconciling_changes_nothing() -> bool:
    """Whether custody is already what the papers entitle to."""
    changes = custody.reconcile_all(actor=None, reason="test")
    return not (changes.opened or changes.closed or changes.regrounded)
