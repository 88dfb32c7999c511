"""A lost second factor: one person asks for its reset, another confirms."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit.errors import NotPermitted, Refused
from employees import factors, rules
from employees.forms import ReasonForm, refusal_into
from employees.stepup import needs_recent_factor, typed
from employees.views.doors import seen, sent, staff, viewer_of


@staff
@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_factor(keep=True)
def factor(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for the reset, or see the one that waits and confirm it."""
    viewer, person = viewer_of(request), seen(request, pk)
    reset = factors.waiting().filter(person=person).first()
    if reset is None:
        factors.asks(viewer, person)
    form = ReasonForm(sent(request), initial=(typed(request) or {}))
    if request.method == "POST" and form.is_valid():
        try:
            factors.ask_reset(actor=viewer, person=person, reason=form.cleaned_data["reason"])
        except NotPermitted:
            raise
        except Refused as error:
            refusal_into(form, error)
        else:
            text = _(
                "It is asked for. Somebody else has to confirm it within a day; until then nothing changes."
            )
            messages.success(request, text)
            return redirect("employees:person", pk=pk)
    context = {
        "person": person,
        "form": form,
        "reset": reset,
        "hindrance": rules.refusal(factors.confirms, viewer, reset) if reset else "",
    }
    return render(request, "employees/factor.html", context, status=422 if form.errors else 200)


@staff
@require_POST
@needs_recent_factor("employees:factor")
def confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Confirm the reset that waits."""
    viewer, person = viewer_of(request), seen(request, pk)
    reset = get_object_or_404(factors.waiting(), person=person)
    try:
        factors.confirm_reset(actor=viewer, reset=reset)
    except NotPermitted:
        raise
    except Refused as error:
        messages.error(request, str(error))
    else:
        text = _("The second factor of {name} is reset and their sessions have ended. They enrol a new one.")
        messages.success(request, text.format(name=person.name))
    return redirect("employees:person", pk=pk)
