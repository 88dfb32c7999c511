"""What else happens when somebody leaves: rooms to the right say it here, and the leaving page shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from employees.models import Employee


@dataclass(frozen=True)
class Section:
    """One table of consequences. `rows` are cells of text under `columns`, the first one the thing itself.

    `sentence` is a clause for the panel "What you confirm", such as "3 custodies end"; empty where nothing happens.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    sentence: str = ""


Teller = Callable[[Employee], list[Section]]

_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Let `teller` add sections to the leaving page. Called once, in AppConfig.ready()."""
    if teller not in _tellers:
        _tellers.append(teller)


def of(person: Employee) -> list[Section]:
    """Every registered section for `person`, in the order of registration."""
    return [section for teller in _tellers for section in teller(person)]
