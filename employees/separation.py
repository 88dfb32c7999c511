"""Somebody leaves: everything they hold ends in the same act, whoever reports it and wherever from.

Policy, Administrative Policy, third bullet: logins are kept up to date with those in office, so who leaves takes no
access along. A departure takes effect at once; a last day that lies ahead bounds every ground, and access stops by
itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from audit import clock, locks
from audit.actions import Verb
from audit.errors import Invalid, Stale
from audit.ledger import record, service
from audit.text import clean_line
from employees import effect, factors, kinds, papers, rules, sessions, signals
from employees.kinds import BATCH, PERSON, RELATED, VERBS
from employees.models import Appointment, Designation, Employee, Employment, Instrument, Role
from employees.people import open_periods

MODELS: tuple[type[Instrument], ...] = (Appointment, Designation, Role)


@dataclass(frozen=True)
class Departure:
    """Who leaves, the last day (today or a day that has passed), and why in a few words."""

    employee: Employee
    last_day: date
    reason: str


@dataclass
class _Ended:
    """Papers that a separation closed: held ones, ones that only waited, and designations that lapse with others'."""

    held: list[Instrument] = field(default_factory=list)
    waiting: list[Instrument] = field(default_factory=list)
    lapsed: list[Designation] = field(default_factory=list)

    def concerning(self, person: Employee) -> Iterator[Instrument]:
        yield from (paper for paper in (*self.held, *self.waiting) if paper.person.pk == person.pk)


@service
def separate_all(*, actor: Employee | None, departures: Sequence[Departure]) -> list[Employee]:
    """End the employment of people now: seats, roles, sessions, e-mail and password. Queries grow by batches.

    Sends `separated` for each, then `seats_changed` once. Raises Stale (has left already), NotPermitted,
    ConflictOfInterest (oneself), Invalid (a last day to come, no reason).
    """
    people = held([departure.employee for departure in departures])
    periods = open_periods(people.values())
    reasons: dict[int, str] = {}
    for departure in departures:
        person = people[departure.employee.pk]
        if not person.is_active or person.pk not in periods:
            raise Stale(_("{name} was separated before.").format(name=person.name))
        if departure.last_day > clock.today():
            raise Invalid(
                _("{day} lies ahead; record it as the last day instead.").format(
                    day=papers.day(departure.last_day)
                ),
                fields={"last_day": _("today or a day that has passed")},
            )
        rules.separates(actor, person)
        reasons[person.pk] = clean_line(departure.reason, field="reason", max_length=200)
    now = clock.now()
    _close_periods({one.employee.pk: one.last_day for one in departures}, periods, now)
    ended = _end_papers(people, actor, reasons, now)
    _shut_out(departures, people)
    _record(actor, departures, periods, ended, reasons)
    for departure in departures:
        signals.separated.send(
            sender=Employee, actor=actor, employee=departure.employee, last_day=departure.last_day
        )
    _announce(actor, departures, [*ended.held, *ended.lapsed])
    return [departure.employee for departure in departures]


@service
def separate(*, actor: Employee | None, employee: Employee, last_day: date, reason: str) -> Employee:
    """End one person's employment now. Raises as `separate_all`."""
    separate_all(actor=actor, departures=[Departure(employee, last_day, reason)])
    return employee


@service
def separate_overdue(*, actor: Employee | None) -> list[Employee]:
    """Separate everybody whose last day has passed: the daily run's part. Their access ended by itself that day."""
    periods = Employment.objects.filter(ended_at=None, end__lt=clock.today(), employee__is_active=True)
    departures = [
        Departure(period.employee, period.end, str(_("The last day has passed")))
        for period in periods.select_related("employee")
        if period.end is not None
    ]
    return separate_all(actor=actor, departures=departures) if departures else []


def what_ends(person: Employee) -> list[Instrument]:
    """What a separation of `person` would end now: their papers, then designations that lapse with their offices."""
    own = [paper for model in MODELS for paper in not_over(model, [person.pk])]
    offices = [paper for paper in own if isinstance(paper, Appointment)]
    return [*own, *(paper for paper in effect.made_under(offices) if paper.designee_id != person.pk)]


def held(people: Sequence[Employee]) -> dict[int, Employee]:
    """The rows of `people` as they are now, kept for this transaction."""
    locks.hold(locks.SEATS)
    found: dict[int, Employee] = {}
    for some in kinds.batches([person.pk for person in people]):
        found.update(Employee.objects.select_for_update(no_key=True).order_by("pk").in_bulk(some))
    return found


def _close_periods(last_days: dict[int, date], periods: dict[int, Employment], now: datetime) -> None:
    for pk, last_day in last_days.items():
        # Who never came leaves on the day that was to be the first.
        periods[pk].end = max(last_day, periods[pk].start)
        periods[pk].ended_at = now
    Employment.objects.bulk_update(periods.values(), ["end", "ended_at"], batch_size=BATCH)


def _end_papers(
    people: dict[int, Employee], actor: Employee | None, reasons: dict[int, str], now: datetime
) -> _Ended:
    ended = _Ended()
    for model in MODELS:
        for some in kinds.batches(list(people)):
            rows = not_over(model, some)
            for paper in rows:
                paper.ended_at, paper.ended_by = now, actor
                paper.end_reason = reasons[paper.person.pk]
                if paper.effective_from is None:
                    ended.waiting.append(paper)
                    continue
                paper.effective_until = max(paper.effective_from, now)
                ended.held.append(paper)
            model._default_manager.bulk_update(
                rows, ["ended_at", "ended_by", "end_reason", "effective_until"], batch_size=BATCH
            )
    appointments = [paper for paper in ended.held if isinstance(paper, Appointment)]
    ended.lapsed = effect.refit(effect.made_under(appointments)) if appointments else []
    return ended


def not_over(model: type[Instrument], people: Sequence[int]) -> list[Instrument]:
    """Papers of one kind that people (ids) hold, will hold, or wait for."""
    rows = model._default_manager.filter(**{f"{PERSON[model]}__in": people})
    return [
        paper
        for paper in rows.select_related(*RELATED[model]).order_by("pk")
        if not paper.is_over() and not paper.refused
    ]


def _shut_out(departures: Sequence[Departure], people: dict[int, Employee]) -> None:
    for departure in departures:
        for person in (people[departure.employee.pk], departure.employee):
            person.is_active, person.email, person.missed_imports = False, None, 0
            # A new unusable password also changes the hash that sessions carry: a rehire revives none.
            person.password = make_password(None)
    Employee.objects.bulk_update(
        people.values(), ["is_active", "email", "missed_imports", "password"], batch_size=BATCH
    )
    # Nor does a second factor, or an identity of single sign-on, wait for them.
    factors.forget(people)
    sessions.end(people)


def _record(
    actor: Employee | None,
    departures: Sequence[Departure],
    periods: dict[int, Employment],
    ended: _Ended,
    reasons: dict[int, str],
) -> None:
    for departure in departures:
        person = departure.employee
        record(
            Verb.EMPLOYEE_SEPARATE,
            actor=actor,
            obj=person,
            facts=[periods[person.pk]],
            capacity=rules.capacity(actor, person.department),
            last_day=departure.last_day,
            reason=reasons[person.pk],
        )
        for paper in ended.concerning(person):
            verbs = VERBS[type(paper)]
            verb = verbs.refuse if paper.effective_from is None else verbs.end
            record(verb, actor=actor, obj=paper, facts=[paper], reason=reasons[person.pk])
    own = {paper.pk for paper in ended.held if isinstance(paper, Designation)}
    lapsed = [paper for paper in ended.lapsed if paper.pk not in own]
    effect.record_lapses(lapsed, actor, _("The Director who made it has left"))


def _announce(actor: Employee | None, departures: Sequence[Departure], ended: Sequence[Instrument]) -> None:
    people = [departure.employee for departure in departures]
    names = ", ".join(person.name for person in people[:3])
    reason = _("{names} left").format(names=names) if len(people) <= 3 else _("People left")
    signals.seats_changed.send(
        sender=Employee,
        actor=actor,
        departments=effect.touched(ended),
        people={person.pk for person in people},
        reason=reason,
    )
