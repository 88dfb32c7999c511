"""What else happens when somebody leaves: rooms to the right say it here, and the leaving page shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from employees.models import Employee


@dataclass(frozen=True)
class Named:
    """A cell of two lines: an account's handle on its own, and on which platform, with what else belongs to it."""

    name: str
    beneath: str


@dataclass(frozen=True)
class Section:
    """One table of consequences. `rows` are cells of text under `columns`, the first one the thing itself.

    `sentence` is a clause for the panel "What you confirm", such as "3 custodies end"; empty where nothing happens.
    `tasks` is how many things are then to be done by somebody. `acts` are links beneath the last cell, by row.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | Named]]
    sentence: str = ""
    tasks: int = 0
    acts: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Departure:
    """That somebody left: the last day of a period of employment, and when it was recorded, by whom.

    A person may leave more than once; the last day tells which. `since` is the first day of that period, `title` the
    one they had in the end. `until`: it was recorded then that they were taken on again, from the day `back` on; what
    they came to hold, know or have in hand from then on is not this departure's.
    """

    person: Employee
    last_day: date
    at: datetime
    by: str
    since: date | None = None
    title: str = ""
    until: datetime | None = None
    back: date | None = None

    def concerns(self, moment: datetime) -> bool:
        """Whether what began at `moment` began before they came back."""
        return self.until is None or moment < self.until


@dataclass(frozen=True)
class Task:
    """One thing that a departure leaves to be done: open until `done_at`.

    `todo` says what to do, `done` what was done. `url` and `verb` are the button; with `post` it does it at once.
    `where` stands as a hint beside what is under way. `shown` is how a table shows `what`, in two lines. `whose` is who
    does it: Information Technology, or whoever has a seat by which the account is held; anybody, if empty.
    """

    IT, SEATED = "it", "seated"

    group: str
    what: str
    todo: str
    done_at: datetime | None = None
    done: str = ""
    where: str = ""
    url: str = ""
    verb: str = ""
    post: bool = False
    shown: Named | None = None
    whose: str = ""


Teller = Callable[[Employee], list[Section]]

_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Let `teller` add sections to the leaving page. Called once, in AppConfig.ready()."""
    if teller not in _tellers:
        _tellers.append(teller)


FollowUp = Callable[[Sequence[Departure]], Mapping[Departure, Sequence[Task]]]
"""Tasks by departure; asked once for many, so that queries don't grow with them."""

_follow_ups: list[FollowUp] = []


def register_follow_up(teller: FollowUp) -> None:
    """Let `teller` say what a departure left to be done. Called once, in AppConfig.ready()."""
    if teller not in _follow_ups:
        _follow_ups.append(teller)


def tasks(departures: Sequence[Departure]) -> dict[Departure, list[Task]]:
    """Everything that departures left to be done, and that has been, as registered."""
    told = [teller(departures) for teller in _follow_ups]
    return {one: [task for by in told for task in by.get(one, ())] for one in departures}


def of(person: Employee) -> list[Section]:
    """Every registered section for `person`, in the order of registration."""
    return [section for teller in _tellers for section in teller(person)]
