"""What entries can be about when they are about an account: rooms to the right name the things that belong to one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from accounts.models import Account

Source = Callable[[Account], Iterator[tuple[str, list[str]]]]
"""Gives types of things, as entries write them, each with the ids of those that belong to the account."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let `source` name things of an account."""
    if source not in _sources:
        _sources.append(source)


def things(account: Account) -> list[tuple[str, list[str]]]:
    """Types and ids: the account itself, and what the rooms have of it. One query a type."""
    return [("accounts.account", [str(account.pk)])] + [
        (kind, ids) for source in _sources for kind, ids in source(account) if ids
    ]
