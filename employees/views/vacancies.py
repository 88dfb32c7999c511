"""Filling a seat that nobody holds, from the page that shows it empty."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.errors import NotPermitted, Refused
from employees import authority, rules, services
from employees.forms import FillForm, refusal_into
from employees.models import Office
from employees.views.doors import sent, staff, viewer_of


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """Record who holds this office, or who acts in it. It takes effect once a second person confirms it."""
    viewer = viewer_of(request)
    if not rules.is_registrar(viewer):
        raise NotPermitted(_("Only registry clerks and city-wide officers record appointments."))
    office = get_object_or_404(Office.objects.select_related("department"), pk=pk)
    form = FillForm(sent(request), viewer=viewer)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_appointment(actor=viewer, office=office, **form.cleaned_data)
        except NotPermitted:
            raise
        except Refused as error:
            refusal_into(form, error)
        else:
            text = _("Recorded. {name} holds it once another registry clerk or officer confirms it.")
            messages.success(request, text.format(name=form.cleaned_data["holder"].name))
            return redirect("employees:waiting")
    context = {"office": office, "form": form, "holders": authority.holders(office)}
    return render(request, "employees/fill.html", context, status=422 if form.errors else 200)
