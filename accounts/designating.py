"""Naming a designee for one account: the paper and the account it names, in one act."""

from __future__ import annotations

from datetime import date

from accounts.models import Account
from accounts.naming import name_accounts
from audit.ledger import service
from employees import authority
from employees import services as people
from employees.models import Designation, Employee


@service
def designate(
    *,
    actor: Employee,
    account: Account,
    designee: Employee,
    start: date,
    end: date | None = None,
    instrument: str,
) -> Designation:
    """Record a designation for `account` alone. It takes effect once a clerk or an officer confirms it.

    Policy, Administrative Policy, first bullet: the Department Director's designees. Raises as
    `employees.services.record_designation` and `name_accounts`.
    """
    paper = people.record_designation(
        actor=actor,
        department=account.department,
        designee=designee,
        start=start,
        end=end,
        instrument=instrument,
        whole_department=False,
    )
    name_accounts(actor=actor, designation=paper, accounts=[account])
    return paper


def may_designate(person: Employee, account: Account) -> bool:
    """The department's Director, substantive or acting, or a registry clerk."""
    return authority.is_clerk(person) or bool(authority.directs(person, account.department))
