"""What other rooms add to the staff page of an account: each section with its own template.

A room to the right registers a function in its `ready()`; this room never imports it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Account
from employees.models import Employee


@dataclass(frozen=True)
class Section:
    """A part of an account's page: its heading, the template that shows it, and what that template is given."""

    title: str
    template_name: str
    context: dict[str, Any] = field(default_factory=dict)


Source = Callable[[Account, Employee], Sequence[Section]]
"""The sections that a person may see of an account, in their order."""

_sources: list[Source] = []


def register(source: Source) -> None:
    """Let `source` add sections. Registering it again changes nothing."""
    if source not in _sources:
        _sources.append(source)


def of(account: Account, person: Employee) -> list[Section]:
    """All sections of `account` that `person` may see."""
    return [section for source in _sources for section in source(account, person)]
