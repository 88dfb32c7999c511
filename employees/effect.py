"""From when to when papers hold, what follows when that changes, and telling it to the rooms to the right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from audit import clock
from audit.actions import Verb
from audit.ledger import record
from employees import kinds, sessions, signals
from employees.models import Appointment, Designation, Employee, Employment, Instrument, Office

P = TypeVar("P", bound=Instrument)


def record_lapses(designations: Sequence[Designation], actor: Employee | None, reason: str) -> None:
    """One entry for each designation that ends with the appointment it was made under; its holder signs in anew."""
    for designation in designations:
        record(
            Verb.DESIGNATION_END,
            actor=actor,
            obj=designation,
            facts=[designation],
            lapses=True,
            until=designation.effective_until,
            reason=reason,
        )
    sessions.end({one.designee_id for one in designations if one.is_over()})


def made_under(appointments: Sequence[Instrument]) -> list[Designation]:
    """Confirmed designations, not over yet, that stand or fall with `appointments`."""
    ids = [paper.pk for paper in appointments]
    return list(
        Designation.objects.in_force_or_to_come()
        .filter(made_under__in=ids)
        .select_related(*kinds.RELATED[Designation])
        .order_by("pk")
    )


def refit(papers: Sequence[P]) -> list[P]:
    """Compute anew from when to when confirmed papers hold, and save those that changed; the past stays as it was.

    A paper holds within its dates, its confirmation and its ending, the person's employment, and for a designation
    within the appointment it was made under. One query to read and one for each batch to write.
    """
    people = {paper.person.pk for paper in papers}
    ends = dict(
        Employment.objects.filter(employee__in=people, ended_at=None).values_list("employee_id", "end")
    )
    changed = [paper for paper in papers if not paper.is_over() and _fit(paper, ends.get(paper.person.pk))]
    for model in {type(paper) for paper in changed}:
        rows = [paper for paper in changed if type(paper) is model]
        model._default_manager.bulk_update(
            rows, ["effective_from", "effective_until"], batch_size=kinds.BATCH
        )
    return changed


def _fit(paper: Instrument, last_day: date | None) -> bool:
    begin, until = paper.bounds()
    limits = [until, clock.end_of(last_day) if last_day else None]
    if isinstance(paper, Designation):
        limits.append(paper.made_under.effective_until)
    given = [limit for limit in limits if limit is not None]
    until = max(begin, min(given)) if given else None
    before = (paper.effective_from, paper.effective_until)
    paper.effective_from, paper.effective_until = begin, until
    return before != (begin, until)


def announce(papers: Sequence[Instrument], actor: Employee | None, reason: str) -> None:
    """Tell the rooms to the right which departments and people are touched."""
    signals.seats_changed.send(
        sender=type(papers[0]) if papers else Instrument,
        actor=actor,
        departments=touched(papers),
        people={paper.person.pk for paper in papers},
        reason=reason,
    )


def touched(papers: Sequence[Instrument]) -> set[int] | None:
    """Ids of the departments whose accounts `papers` entitle to; None for all of them."""
    departments: set[int] = set()
    for paper in papers:
        if isinstance(paper, Designation):
            departments.add(paper.department_id)
        elif isinstance(paper, Appointment):
            if paper.office.department_id is not None:
                departments.add(paper.office.department_id)
            elif paper.office.kind in (Office.Kind.PI_DIRECTOR, Office.Kind.IT_DIRECTOR):
                return None
    return departments
