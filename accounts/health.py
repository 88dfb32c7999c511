"""How the registry's pages learn how an account is held, from the room to the right that knows it.

`credentials` registers one function in its `ready()`; this room never imports it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from accounts.models import Account


@dataclass(frozen=True)
class Health:
    """Who holds an account, which seats nobody fills, whether a rotation is due, who is left over; in words."""

    custodians: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    due: bool = False
    due_text: str = ""
    present: list[str] = field(default_factory=list)
    """Who has lost custody and is still there on the platform, as far as anybody confirmed."""


Source = Callable[[Sequence[Account]], dict[int, Health]]
"""Health by account id; asked once a page with all its accounts, so that queries don't grow with them."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let `source` say how accounts are held. Registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def of(accounts: Sequence[Account]) -> dict[int, Health]:
    """Health of each of `accounts` by id, as all sources tell it; empty where none knows it."""
    told: dict[int, Health] = {account.pk: Health() for account in accounts}
    for source in _sources:
        for pk, health in source(accounts).items():
            before = told.get(pk, Health())
            told[pk] = Health(
                before.custodians + health.custodians,
                before.gaps + health.gaps,
                before.due or health.due,
                " ".join(part for part in (before.due_text, health.due_text) if part),
                before.present + health.present,
            )
    return told
