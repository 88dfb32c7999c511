"""How this room learns who holds an account, and what one being set up still lacks, from the room that knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accounts.models import Account
from employees import authority
from employees.models import Employee, Role

Holds = Callable[[Employee, Account], bool]

_sources: list[Holds] = []

Lacks = Callable[[Account], Sequence[tuple[str, str, str]]]
"""What is missing, whose turn it is, and where it is done (empty where no page does it)."""

_lacking: list[Lacks] = []


def register(source: Holds) -> None:
    """Let `source` say whether somebody holds an account now. Registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def holds(person: Employee, account: Account) -> bool:
    """Whether `person` holds `account` now, by whatever channel."""
    return person.is_active and any(source(person, account) for source in _sources)


def keeps(person: Employee, account: Account) -> bool:
    """Whether `person` may say how the account's profile looks: who holds it, Public Information, and IT."""
    return (
        holds(person, account)
        or authority.has_role(person, Role.Name.PUBLIC_INFORMATION)
        or authority.is_information_technology(person)
    )


def register_lacking(source: Lacks) -> None:
    """Let `source` say what stands between an account and being public. Registering it again changes nothing."""
    if source not in _lacking:
        _lacking.append(source)


def lacks(account: Account) -> list[tuple[str, str, str]]:
    """Everything that `account` lacks before it is public; empty unless it is being set up."""
    if account.state != Account.State.PROVISIONING:
        return []
    return [one for source in _lacking for one in source(account)]
