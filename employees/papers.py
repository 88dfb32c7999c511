"""What appointments, designations and roles have in common: how long they hold, confirming, refusing, ending."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple, TypeVar

from django.db import IntegrityError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit import clock, locks
from audit.actions import Verb
from audit.errors import Invalid, Refused, Stale
from audit.ledger import record
from audit.text import clean_line
from employees import rules, signals
from employees.models import Appointment, Designation, Employee, Employment, Instrument, Office, Role

P = TypeVar("P", bound=Instrument)
BATCH = 400


class Verbs(NamedTuple):
    record: Verb
    confirm: Verb
    refuse: Verb
    end: Verb


VERBS: dict[type[Instrument], Verbs] = {
    Appointment: Verbs(
        Verb.APPOINTMENT_RECORD, Verb.APPOINTMENT_CONFIRM, Verb.APPOINTMENT_REFUSE, Verb.APPOINTMENT_END
    ),
    Designation: Verbs(
        Verb.DESIGNATION_RECORD, Verb.DESIGNATION_CONFIRM, Verb.DESIGNATION_REFUSE, Verb.DESIGNATION_END
    ),
    Role: Verbs(Verb.ROLE_RECORD, Verb.ROLE_CONFIRM, Verb.ROLE_REFUSE, Verb.ROLE_END),
}

RELATED: dict[type[Instrument], tuple[str, ...]] = {
    Appointment: ("office__department", "holder"),
    Designation: ("department__office", "designee", "made_under__holder"),
    Role: ("holder",),
}

PERSON: dict[type[Instrument], str] = {Appointment: "holder", Designation: "designee", Role: "holder"}


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
        *RELATED[model]
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
        VERBS[type(paper)].record,
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
        refit([paper])
    record(VERBS[type(paper)].confirm, actor=actor, obj=paper, facts=[paper], capacity=rules.capacity(actor))
    announce([paper], actor, _("{paper} takes effect").format(paper=paper.audit_ref().text))
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
    record(VERBS[type(paper)].refuse, actor=actor, obj=paper, facts=[paper], capacity=rules.capacity(actor))
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
    refit([paper])
    lapsed = refit(made_under([paper])) if isinstance(paper, Appointment) else []
    text = paper.audit_ref().text
    record(
        VERBS[type(paper)].end,
        actor=actor,
        obj=paper,
        facts=[paper],
        capacity=rules.capacity(actor),
        last_day=last_day,
        reason=paper.end_reason,
    )
    record_lapses(lapsed, actor, _("{paper}: this appointment ends").format(paper=text))
    announce([paper, *lapsed], actor, _("{paper} ends: {reason}").format(paper=text, reason=paper.end_reason))
    return paper


def record_lapses(designations: Sequence[Designation], actor: Employee | None, reason: str) -> None:
    """One entry for each designation that ends with the appointment it was made under."""
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


def made_under(appointments: Sequence[Instrument]) -> list[Designation]:
    """Confirmed designations, not over yet, that stand or fall with `appointments`."""
    ids = [paper.pk for paper in appointments]
    return list(
        Designation.objects.in_force_or_to_come()
        .filter(made_under__in=ids)
        .select_related(*RELATED[Designation])
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
        model._default_manager.bulk_update(rows, ["effective_from", "effective_until"], batch_size=BATCH)
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


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """`ids` in pieces that fit into one query."""
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


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
