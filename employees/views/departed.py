"""After somebody left: what is done, what is open, and the certificate that all of it is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from audit import clock
from audit.errors import NotPermitted
from employees import departures
from employees.consequences import Departure, Task
from employees.kinds import PERSON, RELATED
from employees.models import Designation, Employee, Instrument
from employees.showing import KINDS
from employees.views.doors import seen, staff, viewer_of

SHOWN = 50
"""Departures on the list; older ones are found from the person's page."""


@dataclass
class Group:
    """Tasks of one kind."""

    title: str
    tasks: list[Task] = field(default_factory=list)


def follow(request: HttpRequest, person: Employee) -> HttpResponse:
    """What this departure left to be done, in order."""
    viewer = viewer_of(request)
    if not departures.may_follow(viewer, person):
        raise NotPermitted(
            _("A departure is followed by IT, registry clerks, officers and the own Director.")
        )
    departure = departures.last(person)
    if departure is None:
        messages.info(request, _("{name} has left already.").format(name=person.name))
        return redirect("employees:person", pk=person.pk)
    return render(request, "employees/departed.html", _context(departure))


def _context(departure: Departure) -> dict[str, Any]:
    tasks = departures.tasks([departure])[departure]
    groups: dict[str, Group] = {}
    for task in tasks:
        groups.setdefault(task.group, Group(task.group)).tasks.append(task)
    open_tasks = [task for task in tasks if task.done_at is None]
    finished = max((task.done_at for task in tasks if task.done_at is not None), default=departure.at)
    return {
        "person": departure.person,
        "departure": departure,
        "groups": list(groups.values()),
        "total": len(tasks),
        "open": len(open_tasks),
        "done": len(tasks) - len(open_tasks),
        "first": open_tasks[0] if open_tasks else None,
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
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """To print: that everything this departure left to be done is done. Not before it is."""
    viewer, person = viewer_of(request), seen(request, pk)
    if not departures.may_follow(viewer, person):
        raise NotPermitted(
            _("A departure is followed by IT, registry clerks, officers and the own Director.")
        )
    departure = None if person.is_active else departures.last(person)
    if departure is None:
        messages.info(request, _("{name} has not left.").format(name=person.name))
        return redirect("employees:person", pk=pk)
    context = _context(departure)
    if context["open"]:
        text = ngettext(
            "%(count)d thing is still open; the certificate comes after the last.",
            "%(count)d things are still open; the certificate comes after the last.",
            context["open"],
        )
        messages.warning(request, text % {"count": context["open"]})
        return redirect("employees:leaving", pk=pk)
    return render(request, "employees/certificate.html", {**context, "issuer": viewer})


@staff
@require_safe
def left_lately(request: HttpRequest) -> HttpResponse:
    """Who left lately, and how much of it is done."""
    viewer = viewer_of(request)
    if not departures.may_list(viewer):
        raise NotPermitted(_("Departures are followed by IT, registry clerks, officers and auditors."))
    lately = departures.recent()[:SHOWN]
    tasks = departures.tasks(lately)
    rows = [_counted(one, tasks[one]) for one in lately]
    rows.sort(key=lambda row: row["open"] == 0)
    context = {"rows": rows, "unfinished": sum(1 for row in rows if row["open"])}
    return render(request, "employees/departures.html", context)


def _counted(departure: Departure, tasks: list[Task]) -> dict[str, Any]:
    states = [task.done_at is not None for task in tasks]
    return {"departure": departure, "total": len(states), "open": states.count(False)}
