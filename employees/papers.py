"""What appointments, designations and roles have in common: how long they hold, confirming, refusing, ending."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TypeVar

from django.db import IntegrityError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import clock, locks
from audit.errors import Invalid, Refused, Stale
from audit.ledger import record
from audit.text import clean_line
from employees import effect, kinds, rules, sessions
from employees.models import Appointment, Designation, Employee, Employment, Instrument

P = TypeVar("P", bound=Instrument)


@contextmanager
def one_holder_at_a_time() -> Iterator[None]:
    """Say the database's refusal of a second holder in words. Raises Refused."""
    try:
        yield
    except IntegrityError as error:
        raise Refused(
            _(
                "Somebody else holds this office in that time. End that appointment first, or make this one acting."
            )
        ) from error


def hold_person(person: Employee) -> None:
    """Keep the person's row for this transaction, and load it anew: separation takes it first, too."""
    locks.hold(locks.SEATS)
    person.refresh_from_db(from_queryset=Employee.objects.select_for_update(no_key=True))


def hold(paper: P) -> P:
    """Keep the paper's row for this transaction, and load it anew."""
    locks.hold(locks.SEATS)
    model = type(paper)
    queryset = model._default_manager.select_for_update(no_key=True, of=("self",)).select_related(
        *kinds.RELATED[model]
    )
    paper.refresh_from_db(from_queryset=queryset)
    return paper


def employed(person: Employee) -> Employment:
    """The open period of employment. Raises Invalid for somebody who has left."""
    open_period = Employment.objects.filter(employee=person, ended_at=None)
    period: Employment | None = open_period.first() if person.is_active else None
    if period is None or (period.end and period.end < clock.today()):
        raise Invalid(
            _("{name} no longer works for the City.").format(name=person.name),
            fields={"person": _("somebody who works for the City")},
        )
    return period


def dates(start: date, end: date | None) -> None:
    """Raise Invalid unless `end` is open, or a day to come that is not before `start`."""
    if end is not None and end < start:
        raise Invalid(
            _("The last day lies before the first."), fields={"end": _("the first day or a later one")}
        )
    if end is not None and end < clock.today():
        raise Invalid(_("The last day has passed."), fields={"end": _("today or a later day, or empty")})


def reference(instrument: object) -> str:
    """The paper's reference, cleaned."""
    return clean_line(instrument, field="instrument", max_length=200)


def not_twice(paper: Instrument, **same: object) -> None:
    """Raise Refused where the like already waits: a button pressed twice."""
    if type(paper)._default_manager.filter(confirmed_at=None, ended_at=None, **same).exists():
        raise Refused(_("The same is already recorded and waits to be confirmed."))


def recorded(paper: P, actor: Employee) -> P:
    """Save a new paper with its entry. It has no effect yet."""
    paper.recorded_by = actor
    paper.recorded_at = clock.now()
    paper.save(force_insert=True)
    department = paper.department if isinstance(paper, Designation) else None
    record(
        kinds.VERBS[type(paper)].record,
        actor=actor,
        obj=paper,
        facts=[paper],
        capacity=rules.capacity(actor, department),
    )
    return paper


def confirm(paper: P, actor: Employee) -> P:
    """Give the paper effect, from its first day or from now, whichever is later."""
    hold_person(paper.person)
    hold(paper)
    _must_wait(paper)
    if paper.end is not None and paper.end < clock.today():
        raise Refused(_("Its last day has passed. Refuse it, and record a new one where it is still wanted."))
    employed(paper.person)
    _maker_must_hold(paper)
    rules.confirms(actor, paper)
    paper.confirmed_by = actor
    paper.confirmed_at = clock.now()
    with one_holder_at_a_time():
        paper.save(update_fields=["confirmed_by", "confirmed_at"])
        effect.refit([paper])
    record(
        kinds.VERBS[type(paper)].confirm,
        actor=actor,
        obj=paper,
        facts=[paper],
        capacity=rules.capacity(actor),
    )
    effect.announce([paper], actor, _("{paper} takes effect").format(paper=paper.audit_ref().text))
    return paper


def refuse(paper: P, actor: Employee, reason: str) -> P:
    """Close a waiting paper for good."""
    hold(paper)
    _must_wait(paper)
    rules.refuses(actor, paper)
    paper.end_reason = clean_line(reason, field="reason", max_length=200)
    paper.ended_by = actor
    paper.ended_at = clock.now()
    paper.save(update_fields=["end_reason", "ended_by", "ended_at"])
    record(
        kinds.VERBS[type(paper)].refuse, actor=actor, obj=paper, facts=[paper], capacity=rules.capacity(actor)
    )
    return paper


def end(paper: P, actor: Employee, last_day: date, reason: str) -> P:
    """End a confirmed paper after `last_day`; a day that has passed ends it now. It can only get shorter."""
    hold(paper)
    moment = max(clock.now(), clock.end_of(last_day))
    if paper.effective_from is None:
        raise Refused(_("This was never confirmed. Refuse it instead."))
    if paper.is_over():
        raise Stale(_("This ended before."))
    if paper.effective_until is not None and moment > paper.effective_until:
        raise Invalid(
            _("It ends earlier already; to make it longer takes a new one."),
            fields={"last_day": _("a day before its present end")},
        )
    rules.ends(actor, paper)
    paper.end_reason = clean_line(reason, field="reason", max_length=200)
    paper.ended_by = actor
    paper.ended_at = moment
    paper.stated_last_day = last_day
    paper.save(update_fields=["end_reason", "ended_by", "ended_at", "stated_last_day"])
    effect.refit([paper])
    lapsed = effect.refit(effect.made_under([paper])) if isinstance(paper, Appointment) else []
    text = paper.audit_ref().text
    record(
        kinds.VERBS[type(paper)].end,
        actor=actor,
        obj=paper,
        facts=[paper],
        capacity=rules.capacity(actor),
        last_day=last_day,
        reason=paper.end_reason,
    )
    effect.record_lapses(lapsed, actor, _("{paper}: this appointment ends").format(paper=text))
    if paper.is_over():
        sessions.end([paper.person.pk])
    effect.announce(
        [paper, *lapsed], actor, _("{paper} ends: {reason}").format(paper=text, reason=paper.end_reason)
    )
    return paper


def day(value: date) -> str:
    """A day as a sentence has it."""
    return date_format(value, "M j, Y")


def _must_wait(paper: Instrument) -> None:
    if paper.confirmed_at is not None:
        raise Stale(_("This was confirmed before."))
    if paper.ended_at is not None:
        raise Stale(_("This was refused before."))


def _maker_must_hold(paper: Instrument) -> None:
    if isinstance(paper, Designation) and hold(paper.made_under).is_over():
        raise Refused(
            _("{name} no longer holds the office that made this designation. It takes a new one.").format(
                name=paper.made_under.holder.name
            )
        )
