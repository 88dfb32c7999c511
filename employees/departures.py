"""Departures that have happened: what they left to be done, until all of it is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.models import Entry
from employees import authority, consequences, kinds, rules
from employees.consequences import Departure, Task
from employees.models import Appointment, Employee, Employment, Office


def of_person(person: Employee) -> list[Departure]:
    """Every time that `person` left, the last one first, as the ledger tells it. Two queries."""
    return list(reversed(_of_people([person])))


def last(person: Employee) -> Departure | None:
    """The last time that `person` left, whether they are back or not; None for who never did."""
    return next(iter(of_person(person)), None)


def on(person: Employee, last_day: date) -> Departure | None:
    """The departure of `person` with this last day."""
    return next((one for one in of_person(person) if one.last_day == last_day), None)


def recent(since_days: int = 365) -> list[Departure]:
    """Departures recorded within so many days, the latest first, also of people who are back."""
    earliest = clock.start_of(clock.today()) - timedelta(days=since_days)
    return [one for one in every(earliest) if one.at >= earliest]


def every(since: datetime | None = None) -> list[Departure]:
    """All departures of who left at all, or left after `since`, the latest first. Queries grow by batches."""
    entries = Entry.objects.filter(verb=Verb.EMPLOYEE_SEPARATE)
    if since is not None:
        entries = entries.filter(at__gte=since)
    ids = entries.values_list("object_id", flat=True).distinct()
    found: list[Departure] = []
    for some in kinds.batches(sorted({int(pk) for pk in ids.order_by()})):
        found += _of_people(Employee.objects.filter(pk__in=some))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _of_people(people: Iterable[Employee]) -> list[Departure]:
    """The departures of `people`, each person's in their order."""
    by_id = {str(person.pk): person for person in people}
    found: dict[str, list[Departure]] = defaultdict(list)
    entries = Entry.objects.filter(
        verb__in=(Verb.EMPLOYEE_SEPARATE, Verb.EMPLOYEE_REHIRE),
        object_type="employees.employee",
        object_id__in=list(by_id),
    )
    for entry in entries.order_by("index"):
        mine = found[entry.object_id]
        if entry.verb == Verb.EMPLOYEE_REHIRE:
            if mine:
                mine[-1] = replace(mine[-1], until=entry.at)
            continue
        day = date.fromisoformat(json.loads(entry.canonical)["data"]["last_day"])
        one = Departure(by_id[entry.object_id], day, entry.at, entry.actor_text or str(_("the system")))
        if mine and mine[-1].last_day == day:
            # Taken on and gone again on one day: it is followed as one departure.
            mine.pop()
        mine.append(one)
    periods: dict[int, list[Employment]] = defaultdict(list)
    for period in Employment.objects.filter(employee__in=list(by_id.values())).order_by("start", "pk"):
        periods[period.employee_id].append(period)
    return [one for mine in found.values() for one in _with_periods(mine, periods)]


def _with_periods(mine: Sequence[Departure], periods: dict[int, list[Employment]]) -> list[Departure]:
    """Each departure with the first day and the last title of the employment that it ended (transfers end none).

    And with the first day of the next one.
    """
    known: list[Departure] = []
    reached: datetime | None = None
    for one in mine:
        rows = [
            period
            for period in periods[one.person.pk]
            if period.ended_at is not None
            and period.ended_at <= one.at
            and (reached is None or period.ended_at > reached)
        ]
        reached = one.at
        if rows:
            one = replace(one, since=rows[0].start, title=rows[-1].title)
        if one.until is not None:
            later = [row for row in periods[one.person.pk] if row.recorded_at >= one.at and row not in rows]
            one = replace(one, back=later[0].start if later else clock.day_of(one.until))
        known.append(one)
    return known


def begin(departure: Departure) -> datetime:
    """From when on something counts as left by the departure: the last day's first instant."""
    return min(clock.start_of(departure.last_day), departure.at)


def _seats(departures: Sequence[Departure]) -> dict[Departure, list[Task]]:
    """Offices that people left, until somebody holds them again; whoever then leaves them leaves them. Two queries."""
    by_person: dict[int, list[Departure]] = defaultdict(list)
    for one in departures:
        by_person[one.person.pk].append(one)
    rows = Appointment.objects.filter(holder__in=by_person, effective_from__isnull=False)
    left: dict[Departure, dict[int, Office]] = defaultdict(dict)
    for seat in rows.select_related("office__department").order_by("pk"):
        for one in by_person[seat.holder_id]:
            if seat.effective_from <= one.at and (
                seat.effective_until is None or seat.effective_until >= begin(one)
            ):
                left[one][seat.office_id] = seat.office
    holders: dict[int, list[Appointment]] = defaultdict(list)
    begun = Appointment.objects.filter(
        office__in={pk for held in left.values() for pk in held}, effective_from__lte=clock.now()
    )
    for seat in begun.select_related("holder").order_by("acting", "effective_from", "pk"):
        holders[seat.office_id].append(seat)
    return {
        one: [_seat(office, _successor(one, holders[office.pk])) for office in held.values()]
        for one, held in left.items()
    }


def _successor(departure: Departure, holders: Sequence[Appointment]) -> Appointment | None:
    """Who of those that held an office took it after `departure`: who holds it now, else who did."""
    after = [
        seat
        for seat in holders
        if (seat.effective_until is None or seat.effective_until > departure.at)
        and not (
            seat.holder_id == departure.person.pk
            and seat.effective_from is not None
            and departure.concerns(seat.effective_from)
        )
    ]
    holding = [seat for seat in after if _holds(seat)]
    return next(iter(holding or after), None)


def _holds(seat: Appointment) -> bool:
    return seat.in_force() and seat.holder.is_active


def _seat(office: Office, successor: Appointment | None) -> Task:
    group, todo = _("Seats"), _("Nobody holds it. Record who does, or who acts.")
    if successor is None:
        address = reverse("employees:fill", args=[office.pk])
        return Task(group, office.title, todo, url=address, verb=_("Name somebody"))
    if _holds(successor):
        text = _("{name} acts in it") if successor.acting else _("{name} holds it")
    else:
        text = _("{name} acted in it") if successor.acting else _("{name} held it")
    done = text.format(name=successor.holder.name)
    return Task(group, office.title, todo, successor.effective_from, done)


def may_follow(viewer: Employee, person: Employee) -> bool:
    """Whoever could have recorded the departure, and auditors."""
    return authority.is_auditor(viewer) or not rules.refusal(rules.separates, viewer, person)


def may_list(viewer: Employee) -> bool:
    """Whether the list of departures is open to `viewer`: IT, registry clerks, officers, auditors."""
    return (
        rules.is_registrar(viewer)
        or authority.is_information_technology(viewer)
        or authority.is_auditor(viewer)
    )


def tasks(departures: Sequence[Departure]) -> dict[Departure, list[Task]]:
    """All that departures left to be done: what other rooms tell of, then the seats."""
    others, own = consequences.tasks(departures), _seats(departures)
    return {one: [*some, *own.get(one, ())] for one, some in others.items()}
