"""How public pages learn when an account was last found to follow the policy, from the room that reviews profiles.

A room to the right (or a module of this one) registers one function in its `ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Account


@dataclass(frozen=True)
class Confirmation:
    """The day of the last finding that all is in order, and whether a review is under way that is not finished yet."""

    last: date | None = None
    under_way: bool = False


Source = Callable[[Sequence[Account]], dict[int, Confirmation]]
"""Confirmations by account id; asked once a page with all its accounts."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let `source` say when accounts were last confirmed. Registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def of(accounts: Sequence[Account]) -> dict[int, Confirmation]:
    """What is known of each of `accounts`, by id; an empty Confirmation where nobody knows."""
    told = {account.pk: Confirmation() for account in accounts}
    for source in _sources:
        told.update(source(accounts))
    return told
