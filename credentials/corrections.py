"""What was recorded after a moment about that moment: late papers, early endings, tellings declared afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Account
from audit import canonical, clock
from credentials.models import Ground, Knowledge, SecretVersion
from employees.models import Appointment, Designation, Employee, Employment, Instrument, Office

CITY = (Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR)


@dataclass(frozen=True)
class Correction:
    """One thing that was learnt later: about whom, what, and when it was recorded."""

    person: Employee
    text: str
    recorded_at: datetime

    def as_data(self) -> dict[str, Any]:
        return {
            "employee_number": self.person.employee_number,
            "name": self.person.name,
            "text": self.text,
            "recorded_at": canonical.moment(self.recorded_at),
        }


def for_accounts(
    accounts: Sequence[Account],
    at: datetime,
    grounds: Mapping[int, list[Ground]],
    knowledge: Mapping[int, list[Knowledge]],
    current: Mapping[int, SecretVersion],
) -> dict[int, list[Correction]]:
    """Corrections by account id, the earliest recorded first. Four queries, whatever the number of accounts."""
    found: dict[int, list[Correction]] = defaultdict(list)
    _told_later(found, at, knowledge, current)
    _ended_earlier(found, at, grounds)
    _papers_later(found, accounts, at)
    for rows in found.values():
        rows.sort(key=lambda row: (row.recorded_at, row.person.name))
    return found


def _told_later(
    found: dict[int, list[Correction]],
    at: datetime,
    knowledge: Mapping[int, list[Knowledge]],
    current: Mapping[int, SecretVersion],
) -> None:
    for account, rows in knowledge.items():
        version = current.get(account)
        for row in rows:
            if version is not None and row.version_id == version.pk and row.recorded_at > at:
                text = _("%(person)s was told version %(number)d on %(day)s") % {
                    "person": row.person.name,
                    "number": version.number,
                    "day": clock.day_of(row.at).isoformat(),
                }
                found[account].append(Correction(row.person, text, row.recorded_at))


def _ended_earlier(
    found: dict[int, list[Correction]], at: datetime, grounds: Mapping[int, list[Ground]]
) -> None:
    """Grounds that held here at `at`, of papers or employments that by a later record had ended before."""
    every = [ground for rows in grounds.values() for ground in rows]
    seats = (Ground.Kind.APPOINTMENT, Ground.Kind.ACTING)
    appointments = Appointment.objects.in_bulk({int(row.source_id) for row in every if row.kind in seats})
    designations = Designation.objects.in_bulk(
        {int(row.source_id) for row in every if row.kind == Ground.Kind.DESIGNATION}
    )
    day = clock.day_of(at)
    periods = Employment.objects.filter(
        employee__in={row.custody.person_id for row in every}, end__lt=day, ended_at__gt=at
    )
    left = {period.employee_id: period for period in periods}
    for account, rows in grounds.items():
        for row in rows:
            person = row.custody.person
            papers: Mapping[int, Instrument] = appointments if row.kind in seats else designations
            paper = papers.get(int(row.source_id)) if row.kind != Ground.Kind.REQUEST else None
            if paper is not None and _stated_before(paper, day, at):
                assert paper.stated_last_day is not None
                assert paper.ended_at is not None
                text = _("%(paper)s had ended on %(day)s") % {
                    "paper": row.authority,
                    "day": paper.stated_last_day.isoformat(),
                }
                found[account].append(Correction(person, text, paper.ended_at))
            elif (period := left.get(person.pk)) is not None and period.ended_at and period.end:
                text = _("%(person)s had left on %(day)s") % {
                    "person": person.name,
                    "day": period.end.isoformat(),
                }
                found[account].append(Correction(person, text, period.ended_at))


def _stated_before(paper: Instrument, day: date, at: datetime) -> bool:
    """Whether it was said only after `at` that the paper's last day lay before `day`."""
    return (
        paper.stated_last_day is not None
        and paper.stated_last_day < day
        and paper.ended_at is not None
        and paper.ended_at > at
    )


def _papers_later(found: dict[int, list[Correction]], accounts: Sequence[Account], at: datetime) -> None:
    """Papers that by their dates held at `at` and took effect here only later."""
    day = clock.day_of(at)
    late = Q(start__lte=day, effective_from__gt=at) & (Q(end=None) | Q(end__gte=day))
    departments = {account.department_id for account in accounts}
    seats = Appointment.objects.filter(late).filter(
        Q(office__kind__in=CITY) | Q(office__department__in=departments)
    )
    papers = Designation.objects.filter(late, department__in=departments)
    for seat in seats.select_related("holder", "office__department"):
        for account in accounts:
            if seat.office.department_id in (None, account.department_id):
                found[account.pk].append(_late(seat, seat.holder, seat.title))
    for paper in papers.select_related("designee", "department").prefetch_related("named_accounts"):
        named = {row.account_id for row in paper.named_accounts.all()}
        for account in accounts:
            if account.department_id == paper.department_id and (
                paper.whole_department or account.pk in named
            ):
                found[account.pk].append(_late(paper, paper.designee, str(paper)))


def _late(paper: Instrument, person: Employee, title: str) -> Correction:
    assert paper.effective_from is not None
    text = _("%(title)s, %(instrument)s, dated from %(day)s, was confirmed only later") % {
        "title": title,
        "instrument": paper.instrument,
        "day": paper.start.isoformat(),
    }
    return Correction(person, text, paper.effective_from)
