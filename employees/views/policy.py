"""Reading the policy in force and acknowledging it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.errors import NotPermitted, Refused
from employees import authority, policy
from employees.models import PolicyVersion
from employees.views.doors import viewer_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest) -> HttpResponse:
    """The policy in force, then one button."""
    person = viewer_of(request)
    if request.method == "POST":
        pk = request.POST.get("version", "")
        version = get_object_or_404(PolicyVersion, pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0)
        try:
            policy.acknowledge(actor=person, version=version)
        except NotPermitted:
            raise
        except Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("You acknowledged %(version)s.") % {"version": version})
        return redirect("employees:acknowledge")
    current = policy.in_force()
    context = {
        "version": current,
        "sections": policy.sections_of(current) if current else [],
        "acknowledged_at": policy.acknowledged([person])[person.pk],
        "coming": policy.coming(),
        "sees_who": authority.enters_admin(person),
    }
    return render(request, "employees/acknowledge.html", context)
