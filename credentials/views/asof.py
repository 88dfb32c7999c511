"""The three columns, person by person, in words. Reads `history`; adds titles of that day and when access had ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from credentials.history import AsOf, Item
from credentials.models import Ground
from credentials.views.why import shown_day
from employees.models import Employee, Employment


@dataclass
class Row:
    """One person of one account: in which columns, and why not in others."""

    answer: AsOf
    person: Employee
    title: str
    entitled: Item | None
    revealed: Item | None
    knew: Item | None
    ended: Ground | None
    learnt_later: bool

    @property
    def without_authority(self) -> bool:
        return self.knew is not None and not self.knew.with_authority

    @property
    def without_since(self) -> datetime | None:
        """Since when the person knew without authority: since knowing it, or since the last ground ended."""
        if self.knew is None or self.knew.with_authority:
            return None
        ended = _end(self.ended) if self.ended else None
        return max(self.knew.since, ended) if ended else self.knew.since

    @property
    def days_without(self) -> int:
        """Days of the city's calendar without authority at the moment asked for, the first included."""
        since = self.without_since
        return (clock.day_of(self.answer.at) - clock.day_of(since)).days + 1 if since else 0

    @property
    def not_entitled(self) -> str:
        if self.ended is None:
            return _("No")
        end = _end(self.ended)
        assert end is not None
        names = {"ground": self.ended.get_kind_display(), "day": shown_day(_last_day(end))}
        return _("No. %(ground)s ended %(day)s") % names

    @property
    def how(self) -> str:
        """In which ways the person came to know the version current then."""
        return (
            ", ".join(dict.fromkeys(str(row.get_how_display()) for row in self.knew.knowledge))
            if self.knew
            else ""
        )


def _end(ground: Ground) -> datetime | None:
    ends = [moment for moment in (ground.effective_until, ground.closed_at) if moment is not None]
    return min(ends) if ends else None


def _last_day(end: datetime) -> date:
    """The day that people call the last: the one before, when it ended with the day."""
    day = clock.day_of(end)
    return day if end != clock.start_of(day) else date.fromordinal(day.toordinal() - 1)


def rows(answers: Sequence[AsOf], people: Sequence[Employee] = ()) -> list[Row]:
    """A row for each person of each answer, those who knew without authority first. Two queries.

    `people` are added where an answer says nothing of them.
    """
    everybody = {person for answer in answers for person in answer.people} | set(people)
    if not answers or not everybody:
        return []
    at = answers[0].at
    titles = _titles(everybody, at)
    ended = _ended(answers, everybody, at)
    return [
        _row(answer, person, titles.get(person.pk, ""), ended.get((person.pk, answer.account.pk)))
        for answer in answers
        for person in (answer.people or people)
    ]


def _row(answer: AsOf, person: Employee, title: str, ended: Ground | None) -> Row:
    def of(items: list[Item]) -> Item | None:
        return next((item for item in items if item.person.pk == person.pk), None)

    knew = of(answer.knew)
    return Row(
        answer=answer,
        person=person,
        title=title,
        entitled=of(answer.entitled),
        revealed=of(answer.revealed),
        knew=knew,
        ended=ended,
        learnt_later=knew is None and any(one.person.pk == person.pk for one in answer.corrections),
    )


def _titles(people: set[Employee], at: datetime) -> dict[int, str]:
    """The title of that day, or the last one before it with the day the person left."""
    day = clock.day_of(at)
    found: dict[int, str] = {}
    for period in Employment.objects.filter(employee__in=people).order_by("start", "pk"):
        if period.start > day and period.employee_id in found:
            continue
        title = period.title
        if period.end is not None and period.end < day:
            title = _("%(title)s, left %(day)s") % {"title": title, "day": shown_day(period.end)}
        found[period.employee_id] = title.removeprefix(", ")
    return found


def _ended(answers: Sequence[AsOf], people: set[Employee], at: datetime) -> dict[tuple[int, int], Ground]:
    """The last ground that had ended by `at`, by person and account."""
    found: dict[tuple[int, int], Ground] = {}
    grounds = Ground.objects.filter(
        Q(closed_at__lte=at) | Q(effective_until__lte=at),
        custody__person__in=people,
        custody__account__in=[answer.account for answer in answers],
    )
    for ground in grounds.select_related("custody"):
        key = ground.custody.person_id, ground.custody.account_id
        if key not in found or (_end(found[key]) or at) <= (_end(ground) or at):
            found[key] = ground
    return found


@dataclass
class Verdict:
    """The answer as a sentence, and whether it is a bad one."""

    text: str
    bad: bool


def verdict(answer: AsOf, shown: Sequence[Row], moment: str) -> Verdict:
    """How many knew the password then, and how many of them had no authority. `moment` is how the time is said."""
    count, wrong = len(answer.knew), sum(1 for row in shown if row.without_authority)
    if answer.version is None:
        text = ngettext(
            "%(moment)s, one person was entitled. There was no shared password.",
            "%(moment)s, %(count)d people were entitled. There was no shared password.",
            len(answer.entitled),
        )
        return Verdict(text % {"moment": moment, "count": len(answer.entitled)}, False)
    names = {"moment": moment, "count": count, "wrong": wrong}
    if not count:
        return Verdict(_("%(moment)s, nobody knew the password.") % names, False)
    if not wrong:
        text = ngettext(
            "%(moment)s, the one person who knew the password had authority.",
            "%(moment)s, all %(count)d people who knew the password had authority.",
            count,
        )
        return Verdict(text % names, False)
    text = ngettext(
        "%(moment)s, the one person who knew the password had no authority.",
        "%(moment)s, %(wrong)d of the %(count)d people who knew the password had no authority.",
        count,
    )
    return Verdict(text % names, True)
