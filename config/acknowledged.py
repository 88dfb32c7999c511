"""Who has acknowledged which version of the policy, of those who hold something or ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from approvals.models import Request
from credentials.models import Custody
from employees import authority, policy
from employees.models import Acknowledgement, Appointment, Designation, Employee, Role


@dataclass(frozen=True)
class Reader:
    """A person, and the latest version that they acknowledged."""

    person: Employee
    number: int | None
    at: datetime | None
    current: bool


def concerned() -> set[int]:
    """Ids of those who hold an office, a role, a designation or an account, or are named in an open request."""
    ids = set(Appointment.objects.in_force().values_list("holder", flat=True))
    ids |= set(Role.objects.in_force().values_list("holder", flat=True))
    ids |= set(Designation.objects.in_force().values_list("designee", flat=True))
    ids |= set(Custody.objects.standing().values_list("person", flat=True))
    for row in Request.objects.open().values_list("created_by", "poster", "backup"):
        ids |= {pk for pk in row if pk is not None}
    return ids


def readers(viewer: Employee) -> list[Reader]:
    """Those concerned whom `viewer` may ask about: all, or the people of the departments they direct. Those who have
    not read the version in force come first."""
    version = policy.in_force()
    people = Employee.objects.filter(is_active=True, pk__in=concerned()).select_related("department")
    if not authority.sees_everything(viewer):
        directed = {seat.department_id for seat in authority.capacities(viewer) if seat.department_id}
        people = people.filter(Q(department__in=directed) | Q(pk=viewer.pk))
    rows = Acknowledgement.objects.filter(person__in=people.values("pk")).order_by("version__number")
    latest = {
        person: (number, at) for person, number, at in rows.values_list("person", "version__number", "at")
    }
    found = []
    for person in people.order_by("name", "pk"):
        number, at = latest.get(person.pk, (None, None))
        found.append(Reader(person, number, at, version is not None and number == version.number))
    return sorted(found, key=lambda one: one.current)


@login_required
@require_safe
def acknowledged(request: HttpRequest) -> HttpResponse:
    """For officers and staff roles all of them, for Department Directors their own people."""
    viewer = request.user
    assert isinstance(viewer, Employee)
    if not (authority.sees_everything(viewer) or authority.capacities(viewer)):
        raise PermissionDenied(_("Directors see who acknowledged the policy."))
    rows = readers(viewer)
    context = {
        "version": policy.in_force(),
        "rows": rows,
        "open": sum(1 for one in rows if not one.current),
    }
    return render(request, "config/acknowledged.html", context)
