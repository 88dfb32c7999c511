"""Saying which accounts a designation names (policy, Administrative Policy, first bullet: "his/her designees")."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Account, DesignatedAccount
from accounts.signals import accounts_changed
from audit.actions import Verb
from audit.errors import ConflictOfInterest, Invalid, Refused
from audit.ledger import record, service
from employees import authority
from employees.models import Designation, Employee


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
