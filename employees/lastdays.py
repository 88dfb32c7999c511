"""A last day that lies ahead: it bounds every appointment, designation and role, so access stops by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.errors import Invalid, Stale
from audit.ledger import record, service
from employees import effect, kinds, papers, rules, signals
from employees.kinds import BATCH
from employees.models import Appointment, Designation, Employee, Employment, Instrument
from employees.people import open_periods
from employees.separation import MODELS, held, not_over


@service
def set_last_days(
    *, actor: Employee | None, days: Sequence[tuple[Employee, date | None]], reported: bool | None = None
) -> None:
    """Set (or with None clear) last days that have not passed: they bound every appointment, designation and role.

    `reported` says whether a person set it here (by default: whether there is an actor). To make it later than it was
    is for registry clerks and officers. Raises Stale, NotPermitted, ConflictOfInterest, Invalid.
    """
    people = held([person for person, _day in days])
    periods = open_periods(people.values())
    before: dict[int, date | None] = {}
    for given, last_day in days:
        person, period = people[given.pk], periods.get(given.pk)
        if period is None or not person.is_active:
            raise Stale(_("{name} was separated before.").format(name=person.name))
        if last_day is not None and last_day < max(clock.today(), period.start):
            raise Invalid(
                _("The last day has passed, or lies before the first."),
                fields={"last_day": _("today or later, not before the start")},
            )
        rules.separates(actor, person)
        if last_day is None or (period.end is not None and last_day > period.end):
            rules.keeps_people(actor)
        before[given.pk] = period.end
        period.end = last_day
        period.end_reported = last_day is not None and (actor is not None if reported is None else reported)
    Employment.objects.bulk_update(periods.values(), ["end", "end_reported"], batch_size=BATCH)
    changed = _refit(people)
    for given, last_day in days:
        facts = [periods[given.pk], *(paper for paper in changed if _follows(paper, given))]
        record(
            Verb.EMPLOYEE_SET_LAST_DAY,
            actor=actor,
            obj=people[given.pk],
            facts=facts,
            last_day=[before[given.pk], last_day],
        )
    signals.seats_changed.send(
        sender=Employee,
        actor=actor,
        departments=effect.touched(changed),
        people=set(people),
        reason=_("A last day was set"),
    )


@service
def set_last_day(*, actor: Employee | None, employee: Employee, last_day: date | None) -> Employee:
    """Set or clear one person's last day. Raises as `set_last_days`."""
    set_last_days(actor=actor, days=[(employee, last_day)])
    return employee


def _refit(people: dict[int, Employee]) -> list[Instrument]:
    changed: list[Instrument] = []
    for model in MODELS:
        for some in kinds.batches(list(people)):
            rows = [paper for paper in not_over(model, some) if paper.effective_from is not None]
            with papers.one_holder_at_a_time():
                changed.extend(effect.refit(rows))
    appointments = [paper for paper in changed if isinstance(paper, Appointment)]
    done = {paper.pk for paper in changed if isinstance(paper, Designation)}
    followers = [paper for paper in effect.made_under(appointments) if paper.pk not in done]
    changed.extend(effect.refit(followers))
    return changed


def _follows(paper: Instrument, person: Employee) -> bool:
    """Whether the paper is the person's, or stands or falls with an appointment of theirs (and isn't another's)."""
    if isinstance(paper, Designation) and paper.designee_id != person.pk:
        return paper.made_under.holder_id == person.pk
    return paper.person.pk == person.pk
