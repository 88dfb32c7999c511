"""What changes accounts. Each function is one act with its entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from accounts import canonical, profiles
from accounts.attestation import attest as attest
from accounts.attestation import awaiting_attestation as awaiting_attestation
from accounts.finding import find as find
from accounts.lifecycle import adopt as adopt
from accounts.lifecycle import give_up as give_up
from accounts.lifecycle import reinstate as reinstate
from accounts.lifecycle import rename as rename
from accounts.lifecycle import retire as retire
from accounts.lifecycle import suspend as suspend
from accounts.lifecycle import transfer as transfer
from accounts.models import PURPOSES, Account, Handle, Platform, ProfileReview
from accounts.naming import name_accounts as name_accounts
from accounts.signals import account_activated, accounts_opened
from audit import clock, text
from audit.actions import Verb
from audit.errors import Invalid as Invalid
from audit.errors import Refused
from audit.ledger import act, record, service
from audit.states import move
from employees import authority
from employees.models import Department, Employee, Office, Role


@dataclass(frozen=True)
class Draft:
    """An account that is about to be: the row, not saved yet, and the other departments it is for."""

    account: Account
    also_for: Sequence[Department] = ()


@service
def open_account(
    *,
    actor: Employee | None,
    platform: Platform,
    handle: str,
    name: str,
    department: Department,
    request_text: str,
    purposes: Sequence[str] = (),
    audience: str = "",
    short_description: str = "",
    language: str = "",
    also_for: Sequence[Department] = (),
    opened_on: date | None = None,
) -> Account:
    """An account in provisioning, brought about by an approved request (policy, Administrative Policy, first bullet).

    `handle` may be a handle or an address; `request_text` is the request's number. Raises NotPermitted unless the
    actor is the PI Director or the alternate authority, Invalid, and Refused when the account is there already.
    """
    if actor is not None:
        kinds = (Office.Kind.PI_DIRECTOR, settings.ALTERNATE_AUTHORITY)
        authority.require(
            authority.holds(actor, *kinds),
            "Only who decides requests in the PI Director's seat opens an account.",
        )
    identity = canonical.identify(platform.slug, handle)
    account = Account(
        platform=platform,
        handle=identity.handle,
        key=identity.key,
        url=identity.url,
        name=text.clean_line(name, field="name", max_length=200),
        department=department,
        state=Account.State.PROVISIONING,
        origin=Account.Origin.REQUEST,
        request_text=text.clean_line(request_text, field="request_text", max_length=60),
        purposes=_purposes(purposes),
        audience=_optional(audience, "audience", 300),
        short_description=_optional(short_description, "short_description", 1000),
        language=_optional(language, "language", 60),
        opened_on=opened_on,
        created_at=clock.now(),
    )
    _refuse_twin(account)
    facts = write([Draft(account, also_for)])[0]
    record(Verb.ACCOUNT_OPEN, actor=actor, obj=account, facts=facts, request=account.request_text)
    profiles.begin(actor=actor, account=account, kind=ProfileReview.Kind.SET_UP)
    accounts_opened.send(
        Account, actor=actor, accounts=[account], reason=f"{account.request_text} approved".strip()
    )
    return account


def write(drafts: Sequence[Draft]) -> list[tuple[Account, Handle]]:
    """Insert accounts with their present handles, in batches: the facts of their entries. Called within a service.

    Raises Refused when somebody else has just registered one of them.
    """
    accounts = [draft.account for draft in drafts]
    try:
        with act():
            Account.objects.bulk_create(accounts)
    except IntegrityError as error:
        raise Refused(
            "One of these accounts was registered by somebody else just now. Look again."
        ) from error
    handles = [
        Handle(account=account, handle=account.handle, key=account.key, since=account.opened_on)
        for account in accounts
    ]
    handles = Handle.objects.bulk_create(handles)
    Account.also_for.through.objects.bulk_create(
        Account.also_for.through(account_id=draft.account.pk, department_id=department.pk)
        for draft in drafts
        for department in draft.also_for
        if department.pk != draft.account.department_id
    )
    return list(zip(accounts, handles, strict=True))


@service
def activate(*, actor: Employee | None, account: Account) -> Account:
    """Provisioning becomes active: its login lies in the vault and the seats' platform roles are confirmed.

    Whether that is so is decided by `credentials.provisioning`, which calls this for whoever completed it. Raises
    Stale.
    """
    move(
        account,
        "state",
        old=Account.State.PROVISIONING,
        new=Account.State.ACTIVE,
        activated_at=clock.now(),
    )
    record(Verb.ACCOUNT_ACTIVATE, actor=actor, obj=account, facts=[account])
    account_activated.send(Account, actor=actor, account=account)
    return account


@service
def describe(*, actor: Employee, account: Account, **changes: Any) -> Account:
    """Change what the public reads of an account: name, descriptions, language, audience, purposes.

    Raises NotPermitted unless the actor is in Public Information or directs the department, and Invalid.
    """
    may = authority.has_role(actor, Role.Name.PUBLIC_INFORMATION) or authority.holds(
        actor, Office.Kind.PI_DIRECTOR
    )
    authority.require(
        may or authority.directs(actor, account.department),
        "Descriptions are edited by Public Information, the PI Director and the department's director.",
    )
    changes = {field: _description(field, value) for field, value in changes.items()}
    changed = sorted(field for field, value in changes.items() if getattr(account, field) != value)
    if not changed:
        return account
    for field in changed:
        setattr(account, field, changes[field])
    account.changed_at = clock.now()
    account.save(update_fields=[*changed, "changed_at"])
    record(Verb.ACCOUNT_DESCRIBE, actor=actor, obj=account, fields=changed)
    return account


def may_describe(person: Employee, account: Account) -> bool:
    """Whether the person edits what the public reads of the account."""
    return bool(
        authority.has_role(person, Role.Name.PUBLIC_INFORMATION)
        or authority.holds(person, Office.Kind.PI_DIRECTOR)
        or authority.directs(person, account.department)
    )


def _refuse_twin(account: Account) -> None:
    twin = (
        Account.objects.live()
        .filter(platform=account.platform, key=account.key)
        .select_related("department")
        .first()
    )
    if twin is not None:
        reason = f"{twin.display} is in the registry already, for {twin.department.name}."
        raise Invalid(reason, fields={"handle": reason})


DESCRIPTIONS = {"short_description": 1000, "language": 60, "audience": 300}
"""Descriptions in one line, and how many characters they may have."""


def _description(field: str, value: Any) -> Any:
    """`value` as the column `field` takes it. Raises Invalid for a column that is no description."""
    if field == "purposes":
        return _purposes(value)
    if field == "name":
        return text.clean_line(value, field="name", max_length=200)
    if field == "long_description":
        return text.clean_text(value, field=field, max_length=20_000, blank=True)
    if field not in DESCRIPTIONS:
        raise Invalid(f"{field} is not a description.", fields={field: "one of the descriptions"})
    return _optional(value, field, DESCRIPTIONS[field])


def _optional(value: str, field: str, max_length: int) -> str:
    return text.clean_line(value, field=field, max_length=max_length, blank=True)


def _purposes(values: Sequence[str]) -> list[str]:
    known = dict(PURPOSES)
    for value in values:
        if value not in known:
            raise Invalid(f"{value} is not a purpose.", fields={"purposes": f"One of: {', '.join(known)}."})
    return [value for value in known if value in values]
