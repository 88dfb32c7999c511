"""Who the custody rule and the papers entitle to which account: computed from the tables, nothing stored.

The rule (policy, Administrative Policy, first bullet): every account is administered by the PI Director, the IT
Director and the Department Director or designees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from accounts.models import Account, DesignatedAccount
from audit import clock
from credentials.models import Grant, Ground
from employees.models import Appointment, Designation, Employee, Employment, Office, bounded

EVERYWHERE = (Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR)


class Entitled(NamedTuple):
    """One ground as the papers want it. Compared with a stored one as a whole."""

    kind: str
    source_id: str
    authority: str
    effective_from: datetime
    effective_until: datetime | None


@dataclass(frozen=True)
class _Paper:
    person_id: int
    ground: Entitled


Wanted = dict[tuple[int, int], list[Entitled]]
"""Grounds by (account id, person id)."""


def wanted(accounts: Sequence[Account]) -> Wanted:
    """The grounds in force or to come on each live account, with the dates that bound them. Seven queries."""
    last_days = _last_days()
    everywhere, directors = _seats(last_days)
    departmental, named = _designations(last_days)
    grants = _grants(accounts, last_days)
    found: Wanted = defaultdict(list)
    for account in accounts:
        if account.state == Account.State.RETIRED:
            continue
        papers = [
            *everywhere,
            *directors.get(account.department_id, ()),
            *departmental.get(account.department_id, ()),
            *named.get((account.department_id, account.pk), ()),
            *grants.get(account.pk, ()),
        ]
        for paper in papers:
            found[account.pk, paper.person_id].append(paper.ground)
    return found


def _last_days() -> dict[int, date | None]:
    """The last day of everybody employed now or later; who is missing here is entitled to nothing."""
    open_periods = Employment.objects.filter(ended_at=None, employee__is_active=True)
    return dict(open_periods.values_list("employee_id", "end"))


def _until(until: datetime | None, *last_days: date | None) -> datetime | None:
    last = bounded(*last_days)
    ends = [moment for moment in (until, clock.end_of(last) if last else None) if moment is not None]
    return min(ends) if ends else None


def _paper(
    person: int, kind: str, source: int, text: str, begin: datetime, until: datetime | None
) -> Iterable[_Paper]:
    if until is None or until > clock.now():
        yield _Paper(person, Entitled(kind, str(source), text, begin, until))


def _seats(last_days: dict[int, date | None]) -> tuple[list[_Paper], dict[int, list[_Paper]]]:
    everywhere: list[_Paper] = []
    directors: dict[int, list[_Paper]] = defaultdict(list)
    seats = Appointment.objects.in_force_or_to_come().filter(
        office__kind__in=(*EVERYWHERE, Office.Kind.DEPARTMENT_DIRECTOR)
    )
    for seat in seats.select_related("office__department"):
        if seat.holder_id not in last_days:
            continue
        kind = Ground.Kind.ACTING if seat.acting else Ground.Kind.APPOINTMENT
        until = _until(seat.effective_until, last_days[seat.holder_id])
        text = f"{seat.title} · {seat.instrument}"
        target = everywhere if seat.office.department_id is None else directors[seat.office.department_id]
        target.extend(_paper(seat.holder_id, kind, seat.pk, text, seat.effective_from, until))
    return everywhere, directors


def _designations(
    last_days: dict[int, date | None],
) -> tuple[dict[int, list[_Paper]], dict[tuple[int, int], list[_Paper]]]:
    departmental: dict[int, list[_Paper]] = defaultdict(list)
    named: dict[tuple[int, int], list[_Paper]] = defaultdict(list)
    papers = Designation.objects.in_force_or_to_come().select_related("made_under__holder", "department")
    accounts_named: dict[int, list[int]] = defaultdict(list)
    for designation_id, account_id in DesignatedAccount.objects.filter(designation__in=papers).values_list(
        "designation_id", "account_id"
    ):
        accounts_named[designation_id].append(account_id)
    for paper in papers:
        maker = paper.made_under
        if paper.designee_id not in last_days or maker.holder_id not in last_days:
            continue
        # A designation outlives neither the appointment it was made under nor either person's employment.
        ends = [end for end in (paper.effective_until, maker.effective_until) if end is not None]
        until = _until(min(ends) if ends else None, last_days[paper.designee_id], last_days[maker.holder_id])
        text = f"Designee for {paper.department.name}, by {maker.holder.name} · {paper.instrument}"
        made = list(
            _paper(paper.designee_id, Ground.Kind.DESIGNATION, paper.pk, text, paper.effective_from, until)
        )
        if paper.whole_department:
            departmental[paper.department_id].extend(made)
        for account_id in accounts_named[paper.pk]:
            named[paper.department_id, account_id].extend(made)
    return departmental, named


def _grants(accounts: Sequence[Account], last_days: dict[int, date | None]) -> dict[int, list[_Paper]]:
    found: dict[int, list[_Paper]] = defaultdict(list)
    ids = {account.pk for account in accounts}
    # All standing grants, not `account__in=`: there are few, and a list of thousands of ids is no query.
    for grant in Grant.objects.filter(ended_at=None):
        if grant.account_id not in ids or grant.person_id not in last_days:
            continue
        begin = max(clock.start_of(grant.start), grant.given_at)
        until = _until(None, grant.end, last_days[grant.person_id])
        found[grant.account_id].extend(
            _paper(grant.person_id, Ground.Kind.REQUEST, grant.pk, grant.request_text, begin, until)
        )
    return found


def people(wants: Wanted) -> dict[int, Employee]:
    """Everybody who appears in `wants`, by id."""
    return Employee.objects.in_bulk({person for _account, person in wants})
