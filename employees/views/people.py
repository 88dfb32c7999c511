"""The list of people, and one person's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import clock
from audit.errors import NotPermitted
from employees import authority, departures, factors, kinds, rules, showing
from employees.consequences import Departure
from employees.models import Department, Employee, Employment, Instrument
from employees.views.doors import seen, staff, viewer_of

PAGE = 50
"""People on one page of the list."""

STATES = ("working", "left", "question")


@staff
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody whom the viewer may see. The number of queries doesn't grow with theirs."""
    viewer = viewer_of(request)
    visible, departments = _visible(viewer)
    filters = {
        name: request.GET.get(name, "").replace("\x00", "").strip() for name in ("q", "department", "state")
    }
    if filters["state"] not in STATES:
        filters["state"] = "working"
    chosen = _chosen(visible, filters)
    last_seen = request.GET.get("after", "")
    rows = list(_after(chosen, last_seen).select_related("department").order_by("name", "pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    seats = showing.seats_of(rows)
    given = {name: value for name, value in filters.items() if value and value != "working"}
    context = {
        "rows": [{"person": person, "seats": seats[person.pk]} for person in rows],
        "count": chosen.count(),
        "departments": departments,
        "filters": filters,
        "filtered": bool(given),
        "everybody": authority.sees_everything(viewer),
        "registrar": rules.is_registrar(viewer),
        "sees_departures": departures.may_list(viewer),
        "next_page": f"?{urlencode({**given, 'after': rows[-1].pk})}" if more else "",
        "first_page": f"?{urlencode(given)}" if last_seen else "",
    }
    return render(request, "employees/people.html", context)


def _visible(viewer: Employee) -> tuple[QuerySet[Employee], QuerySet[Department]]:
    """The people whom `viewer` may list, and their departments. Raises NotPermitted where that is nobody."""
    people, departments = Employee.objects.all(), Department.objects.all()
    if authority.sees_everything(viewer):
        return people, departments
    directed = rules.directed_by(viewer)
    if not directed:
        raise NotPermitted(
            _("The list of people is for officers, Department Directors and those with a staff role.")
        )
    return rules.of_departments(directed), departments.filter(pk__in=directed)


def _chosen(visible: QuerySet[Employee], filters: dict[str, str]) -> QuerySet[Employee]:
    chosen = visible.filter(is_active=filters["state"] != "left")
    if filters["state"] == "question":
        chosen = chosen.filter(missed_imports__gte=2)
    if filters["department"]:
        chosen = chosen.filter(department__code=filters["department"])
    for word in filters["q"].split():
        chosen = chosen.filter(
            Q(name__icontains=word)
            | Q(email__icontains=word)
            | Q(title__icontains=word)
            | Q(employee_number__iexact=word)
        )
    return chosen


def _after(chosen: QuerySet[Employee], last_seen: str) -> QuerySet[Employee]:
    last = Employee.objects.filter(pk=int(last_seen)).first() if last_seen.isdecimal() else None
    if last is None:
        return chosen
    return chosen.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))


@staff
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: periods of employment, offices, designations, roles, and what the viewer may do."""
    viewer, found = viewer_of(request), seen(request, pk)
    groups = [_group(viewer, found, kind) for kind in showing.KINDS]
    periods = list(
        Employment.objects.filter(employee=found).select_related("department").order_by("-start", "-pk")
    )
    open_period = next((period for period in periods if period.ended_at is None), None)
    held = [line.paper.title for group in groups for line in group["lines"] if line.paper.in_force()]
    context = {
        "person": found,
        "held": held,
        "groups": groups,
        "periods": periods,
        "period": open_period,
        "left": periods[0].end if periods and not found.is_active else None,
        "today": clock.today(),
        "lists": rules.lists_people(viewer),
        "may_follow": not found.is_active and departures.may_follow(viewer, found),
        "left_with": _departures(viewer, found, periods),
        **_buttons(viewer, found),
    }
    return render(request, "employees/person.html", context)


def _departures(viewer: Employee, found: Employee, periods: Sequence[Employment]) -> dict[int, Departure]:
    """What the viewer may follow of departures of this person, each by the id of the last period that it ended."""
    if not departures.may_follow(viewer, found):
        return {}
    ended = {period.pk: period.ended_at for period in periods if period.ended_at is not None}
    left: dict[int, Departure] = {}
    for one in departures.of_person(found):
        before = [pk for pk, moment in ended.items() if moment <= one.at]
        if before:
            left[max(before, key=lambda pk: ended[pk])] = one
    return left


def _group(viewer: Employee, found: Employee, kind: str) -> dict[str, Any]:
    model: type[Instrument] = showing.KINDS[kind]
    rows = model._default_manager.filter(**{kinds.PERSON[model]: found})
    rows = rows.select_related(*kinds.RELATED[model], "recorded_by", "confirmed_by").order_by(
        "-recorded_at", "-pk"
    )
    return {"kind": kind, "lines": showing.lines(viewer, rows)}


def _buttons(viewer: Employee, found: Employee) -> dict[str, bool]:
    """What the viewer may begin here. The rules are asked again when it is done."""
    other = found.is_active and viewer.pk != found.pk
    registrar = rules.is_registrar(viewer)
    return {
        "may_appoint": other and registrar,
        "may_give_role": other and registrar,
        "may_designate": other and bool(showing.departments_for(viewer)),
        "may_reset_factor": other and not rules.refusal(factors.asks, viewer, found),
        "may_separate": other and not rules.refusal(rules.separates, viewer, found),
    }
