"""What changes accounts. Each function is one act with its entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.db.models import QuerySet

from accounts import canonical
from accounts.finding import find as find
from accounts.models import PURPOSES, Account, DesignatedAccount, Handle, Platform
from accounts.signals import account_activated, accounts_changed, accounts_opened
from audit import clock, text
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, NotPermitted, Refused, Stale
from audit.ledger import act, record, service
from audit.states import move
from employees import authority
from employees.models import Department, Designation, Employee, Office, Role


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
    write([Draft(account, also_for)])
    record(Verb.ACCOUNT_OPEN, actor=actor, obj=account, facts=facts_of(account), request=account.request_text)
    accounts_opened.send(
        Account, actor=actor, accounts=[account], reason=f"{account.request_text} approved".strip()
    )
    return account


def write(drafts: Sequence[Draft]) -> list[Account]:
    """Insert accounts with their present handles, in batches. To be called within a service.

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
    for row in Handle.objects.bulk_create(handles):
        row.account.present_handle = row
    Account.also_for.through.objects.bulk_create(
        Account.also_for.through(account_id=draft.account.pk, department_id=department.pk)
        for draft in drafts
        for department in draft.also_for
        if department.pk != draft.account.department_id
    )
    return accounts


def facts_of(account: Account) -> list[Any]:
    """The rows of a newly written account, as its entry carries them."""
    return [account, account.present_handle]


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
def attest(*, actor: Employee, accounts: Sequence[Account]) -> list[Account]:
    """The PI Director, or who acts for them, says of imported accounts that they are the City's; they become public.

    Raises Invalid for an empty list, NotPermitted, and Stale when one is attested or no longer active by now: then
    none of them is attested.
    """
    if not accounts:
        raise Invalid("No account is ticked.", fields={"accounts": "Tick the accounts that you attest."})
    capacity = authority.holds(actor, Office.Kind.PI_DIRECTOR)
    if capacity is None:
        raise NotPermitted("Only the PI Director, or who acts for them, attests imported accounts.")
    now = clock.now()
    ids = {account.pk for account in accounts}
    done = _each(awaiting_attestation(), ids).update(attested_at=now, attested_by=actor)
    if done != len(ids):
        raise Stale(
            f"{len(ids) - done} of these {len(ids)} accounts were attested or changed by somebody else. "
            "Nothing was attested; look at the list again."
        )
    attested = list(_each(Account.objects.select_related("platform"), ids).order_by("pk"))
    for account in attested:
        record(Verb.ACCOUNT_ATTEST, actor=actor, obj=account, facts=[account], capacity=capacity.as_data())
    return attested


def awaiting_attestation() -> QuerySet[Account]:
    """Imported accounts that no PI Director has attested yet."""
    return Account.objects.filter(state=Account.State.ACTIVE, origin=Account.Origin.IMPORT, attested_at=None)


@service
def name_accounts(*, actor: Employee | None, designation: Designation, accounts: Sequence[Account]) -> None:
    """Say which accounts a designation that is not for the whole department names.

    Only while it waits for its confirmation, so that who confirms it has seen them. Raises Refused, NotPermitted,
    ConflictOfInterest, Invalid.
    """
    designation.refresh_from_db()
    if designation.whole_department:
        raise Refused("This designation is for the whole department and names no accounts.")
    if not designation.waits:
        raise Refused(
            "This designation is confirmed or ended already. Other accounts take a new designation."
        )
    if actor is not None:
        _require_namer(actor, designation)
    _check_named(designation, accounts)
    known = set(designation.named_accounts.values_list("account_id", flat=True))
    rows = DesignatedAccount.objects.bulk_create(
        DesignatedAccount(designation=designation, account=account)
        for account in accounts
        if account.pk not in known
    )
    record(
        Verb.DESIGNATION_NAME_ACCOUNTS,
        actor=actor,
        obj=designation,
        facts=rows,
        accounts=[account.reference for account in accounts],
    )
    accounts_changed.send(Account, actor=actor, accounts=list(accounts), reason="named in a designation")


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
    limits = {"name": 200, "short_description": 1000, "language": 60, "audience": 300}
    for field, value in changes.items():
        if field == "purposes":
            changes[field] = _purposes(value)
        elif field == "name":
            changes[field] = text.clean_line(value, field="name", max_length=200)
        elif field in limits:
            changes[field] = _optional(value, field, limits[field])
        elif field != "long_description":
            raise Invalid(f"{field} is not a description.", fields={field: "Cannot be changed here."})
    changed = sorted(field for field, value in changes.items() if getattr(account, field) != value)
    if not changed:
        return account
    for field in changed:
        setattr(account, field, changes[field])
    account.save(update_fields=changed)
    record(Verb.ACCOUNT_DESCRIBE, actor=actor, obj=account, fields=changed)
    return account


def _each(accounts: QuerySet[Account], ids: Iterable[int]) -> QuerySet[Account]:
    return accounts.filter(pk__in=list(ids))


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


def _require_namer(actor: Employee, designation: Designation) -> None:
    if actor.pk == designation.designee_id:
        raise ConflictOfInterest("Nobody says of themselves which accounts they are designated for.")
    authority.require(
        authority.is_clerk(actor)
        or authority.is_officer(actor)
        or authority.directs(actor, designation.department),
        "Designations are recorded by a registry clerk, an officer, or the department's director.",
    )


def _check_named(designation: Designation, accounts: Sequence[Account]) -> None:
    if not accounts:
        raise Invalid(
            "No account is named.", fields={"accounts": "Name at least one account of the department."}
        )
    for account in accounts:
        if account.department_id != designation.department_id or account.state == Account.State.RETIRED:
            raise Invalid(
                f"{account.display} is not a live account of {designation.department.name}.",
                fields={"accounts": f"Name accounts of {designation.department.name}."},
            )


def _optional(value: str, field: str, max_length: int) -> str:
    return text.clean_line(value, field=field, max_length=max_length, blank=True)


def _purposes(values: Sequence[str]) -> list[str]:
    known = dict(PURPOSES)
    for value in values:
        if value not in known:
            raise Invalid(f"{value} is not a purpose.", fields={"purposes": f"One of: {', '.join(known)}."})
    return [value for value in known if value in values]
