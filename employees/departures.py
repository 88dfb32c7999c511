"""Departures that have happened: what they left to be done, until all of it is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock
from audit.actions import Verb
from audit.models import Entry
from employees import authority, consequences, rules
from employees.consequences import Departure, Task
from employees.models import Appointment, Employee, Office


def last(person: Employee) -> Departure | None:
    """The last time that `person` left, as the ledger tells it; None for who never did."""
    return of_people([person]).get(person.pk)


def of_people(people: Iterable[Employee]) -> dict[int, Departure]:
    """The last departure of each of `people`, by id. One query."""
    by_id = {str(person.pk): person for person in people}
    found: dict[int, Departure] = {}
    entries = Entry.objects.filter(
        verb=Verb.EMPLOYEE_SEPARATE, object_type="employees.employee", object_id__in=list(by_id)
    )
    for entry in entries.order_by("index"):
        person = by_id[entry.object_id]
        day = date.fromisoformat(json.loads(entry.canonical)["data"]["last_day"])
        by = entry.actor_text or str(_("the system"))
        found[person.pk] = Departure(person, day, entry.at, by)
    return found


def recent(since_days: int = 365) -> list[Departure]:
    """Departures of people who are gone, recorded within so many days, the latest first. Two queries."""
    earliest = clock.start_of(clock.today()) - timedelta(days=since_days)
    ids = Entry.objects.filter(verb=Verb.EMPLOYEE_SEPARATE, at__gte=earliest).values_list(
        "object_id", flat=True
    )
    people = Employee.objects.filter(pk__in=[int(pk) for pk in ids], is_active=False)
    return sorted(of_people(people).values(), key=lambda one: one.at, reverse=True)


def begin(departure: Departure) -> datetime:
    """From when on something counts as left by the departure: the last day's first instant."""
    return min(clock.start_of(departure.last_day), departure.at)


def _seats(departures: Sequence[Departure]) -> dict[Departure, list[Task]]:
    """Offices that people left, until somebody holds them again. Two queries."""
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
    offices = {pk for held in left.values() for pk in held}
    now = Appointment.objects.in_force().filter(office__in=offices, holder__is_active=True)
    successors: dict[int, Appointment] = {}
    for seat in now.select_related("holder").order_by("-acting", "-effective_from"):
        successors[seat.office_id] = seat
    return {
        one: [_seat(office, successors.get(office.pk)) for office in held.values()]
        for one, held in left.items()
    }


def _seat(office: Office, successor: Appointment | None) -> Task:
    group, todo = _("Seats"), _("Nobody holds it. Record who does, or who acts.")
    if successor is None:
        address = reverse("employees:fill", args=[office.pk])
        return Task(group, office.title, todo, url=address, verb=_("Name somebody"))
    text = _("{name} acts in it") if successor.acting else _("{name} holds it")
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
