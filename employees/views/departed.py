"""After somebody left: what is done, what is open, and the certificate that all of it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from audit import clock
from audit.denials import absent
from audit.errors import NotPermitted
from employees import authority, departures
from employees.consequences import Departure, Task
from employees.kinds import PERSON, RELATED
from employees.models import Designation, Employee, Instrument
from employees.showing import KINDS
from employees.views.doors import seen, staff, viewer_of

SHOWN = 50
"""Departures of the last year that are done, on the list; older ones are found from the person's page."""

TOGETHER = 400
"""Departures whose tasks are asked for at once."""


@dataclass
class Group:
    """Tasks of one kind."""

    title: str
    tasks: list[Task] = field(default_factory=list)


def follow(request: HttpRequest, person: Employee) -> HttpResponse:
    """What the last departure of this person left to be done, in order."""
    _must_follow(viewer_of(request), person)
    last = departures.last(person)
    if last is None:
        messages.info(request, _("{name} has left already.").format(name=person.name))
        return redirect("employees:person", pk=person.pk)
    return render(request, "employees/departed.html", _context(last, viewer_of(request)))


@staff
@require_safe
def departure(request: HttpRequest, pk: int, day: str) -> HttpResponse:
    """What the departure with this last day left to be done, whether the person is back or not."""
    viewer, person = viewer_of(request), seen(request, pk)
    _must_follow(viewer, person)
    return render(request, "employees/departed.html", _context(_on(person, day), viewer_of(request)))


def _must_follow(viewer: Employee, person: Employee) -> None:
    if not departures.may_follow(viewer, person):
        raise NotPermitted(
            _("A departure is followed by IT, registry clerks, officers and the own Director.")
        )


def _on(person: Employee, day: str) -> Departure:
    """The person's departure with this last day; else 404."""
    try:
        last_day = parse_date(day)
    except ValueError:
        last_day = None
    found = departures.on(person, last_day) if last_day else None
    if found is None:
        raise absent(hidden=None)
    return found


def _context(departure: Departure, viewer: Employee) -> dict[str, Any]:
    tasks = departures.tasks([departure])[departure]
    groups: dict[str, Group] = {}
    for task in tasks:
        groups.setdefault(task.group, Group(task.group)).tasks.append(task)
    open_tasks = [task for task in tasks if task.done_at is None]
    acts = {""}
    if authority.is_information_technology(viewer):
        acts |= {Task.IT, Task.SEATED}
    elif authority.capacities(viewer):
        acts.add(Task.SEATED)
    finished = max((task.done_at for task in tasks if task.done_at is not None), default=departure.at)
    return {
        "person": departure.person,
        "departure": departure,
        "groups": list(groups.values()),
        "total": len(tasks),
        "open": len(open_tasks),
        "done": len(tasks) - len(open_tasks),
        "first": next((task for task in open_tasks if task.whose in acts), None),
        "acts": acts,
        "finished": max(finished, departure.at),
        "ended": _ended(departure),
        "now": clock.now(),
    }


def _ended(departure: Departure) -> list[Instrument]:
    """Offices, designations and roles that ended with the departure, those that lapsed with them too."""
    begin = departures.begin(departure)
    found: list[Instrument] = []
    for model in KINDS.values():
        rows = model._default_manager.filter(
            **{PERSON[model]: departure.person}, effective_from__lte=departure.at, effective_until__gte=begin
        )
        found += rows.select_related(*RELATED[model]).order_by("pk")
    lapsed = Designation.objects.filter(
        made_under__holder=departure.person,
        effective_until__gte=begin,
        effective_until__lte=max(clock.end_of(departure.last_day), departure.at),
    ).exclude(designee=departure.person)
    return [*found, *lapsed.select_related(*RELATED[Designation])]


@staff
@require_safe
def certificate(request: HttpRequest, pk: int, day: str = "") -> HttpResponse:
    """To print: that everything a departure (the last one, without `day`) left to be done is done. Not before it is."""
    viewer, person = viewer_of(request), seen(request, pk)
    _must_follow(viewer, person)
    one = _on(person, day) if day else departures.last(person)
    if one is None:
        messages.info(request, _("{name} has not left.").format(name=person.name))
        return redirect("employees:person", pk=pk)
    context = _context(one, viewer)
    if context["open"]:
        text = ngettext(
            "%(count)d thing is still open; the certificate comes after the last.",
            "%(count)d things are still open; the certificate comes after the last.",
            context["open"],
        )
        messages.warning(request, text % {"count": context["open"]})
        return redirect("employees:departure", pk=pk, day=one.last_day.isoformat())
    return render(request, "employees/certificate.html", {**context, "issuer": viewer})


@staff
@require_safe
def left_lately(request: HttpRequest) -> HttpResponse:
    """Whose departure is not followed to its end, however long ago, and who left within a year."""
    viewer = viewer_of(request)
    if not departures.may_list(viewer):
        raise NotPermitted(_("Departures are followed by IT, registry clerks, officers and auditors."))
    rows = _counted_all(departures.every())
    unfinished = [row for row in rows if row["open"]]
    year_ago = clock.now() - timedelta(days=365)
    done = [row for row in rows if not row["open"] and row["departure"].at >= year_ago]
    context = {
        "rows": [*unfinished, *done[:SHOWN]],
        "unfinished": len(unfinished),
        "viewer": viewer,
        "is_auditor": authority.is_auditor(viewer),
    }
    return render(request, "employees/departures.html", context)


def _counted_all(left: Sequence[Departure]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for start in range(0, len(left), TOGETHER):
        some = left[start : start + TOGETHER]
        tasks = departures.tasks(some)
        rows += [_counted(one, tasks[one]) for one in some]
    return rows


def _counted(departure: Departure, tasks: list[Task]) -> dict[str, Any]:
    states = [task.done_at is not None for task in tasks]
    return {"departure": departure, "total": len(states), "open": states.count(False)}
