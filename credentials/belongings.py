"""What a person has in their own hands that opens accounts: phones, passkeys, mailboxes, connected apps.

Whoever records such things registers a teller; the page on which somebody leaves shows them, and follows them to the
end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Belonging:
    """One thing: whose, since when that is known, what, for which account, what to do with it; when and by whom that
    was done, if it was.
    """

    person_id: int
    since: datetime
    what: str
    account: str
    todo: str
    url: str = ""
    done_at: datetime | None = None
    done_by: str = ""


Teller = Callable[[Sequence[int], datetime | None], list[Belonging]]
"""What people (ids) have in hand now or, with a moment, had then or later, whether it was taken off since or not."""

_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Let `teller` say what people have in hand. Called once, in AppConfig.ready()."""
    if teller not in _tellers:
        _tellers.append(teller)


def of(people: Sequence[int], since: datetime | None = None) -> list[Belonging]:
    """What people (ids) have in hand now; with `since`, what they had at that moment or later."""
    return [one for teller in _tellers for one in teller(people, since)]
