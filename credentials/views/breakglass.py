"""Emergency access: breaking the glass, the fifteen minutes, and the review that somebody else signs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.denials import absent
from audit.errors import Refused
from credentials import breakglass
from credentials.forms import answer
from credentials.forms.emergencies import GlassForm, ReviewForm
from credentials.models import EmergencyAccess
from credentials.vault import Shown
from credentials.views import pictures
from credentials.views.doors import person_of, secretive, seen, staff
from employees import authority, limits
from employees.stepup import needs_recent_factor, send_to_confirm, typed, used_recently

PAGE = 100
"""Emergency accesses on the page; there should never be so many."""


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@staff
@needs_recent_factor()
@sensitive_variables()
def break_glass(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why it cannot wait; then the secret is shown for fifteen minutes, and the Directors are told."""
    found, person = seen(request, pk), person_of(request)
    authority.require(
        breakglass.may_break(person, found.account),
        _("Emergency access is for City officers, Public Information and IT, where they hold no access."),
    )
    choices = breakglass.choices(found)
    form = GlassForm(request.POST if request.method == "POST" else None, choices=choices)
    if request.method == "POST" and form.is_valid():
        if limits.exceeded(request, "reveal"):
            return limits.refuse(request)
        try:
            emergency, shown = breakglass.open_glass(
                actor=person,
                credential=found,
                reason=form.cleaned_data["reason"],
                kind=form.cleaned_data["item"],
            )
        except Refused as refusal:
            answer(form, refusal)
        else:
            return _shown(request, emergency, shown)
    context = {
        "form": form,
        "credential": found,
        "account": found.account,
        "picture": pictures.of(found),
        "choices": choices,
        "minutes": breakglass.MINUTES,
    }
    status = 422 if form.errors else 200
    return render(request, "credentials/break_glass.html", context, status=status)


def _shown(request: HttpRequest, emergency: EmergencyAccess, shown: list[Shown]) -> HttpResponse:
    credential = emergency.version.item.credential
    context = {
        "credential": credential,
        "account": credential.account,
        "emergency": emergency,
        "shown": shown,
        "kind": emergency.version.item.kind,
        "hide_after": 60,
    }
    return secretive(render(request, "credentials/glass_broken.html", context))


@require_safe
@staff
def emergencies(request: HttpRequest) -> HttpResponse:
    """Every emergency access that the person may see, those that wait for their review first."""
    person = person_of(request)
    rows = list(breakglass.visible_to(person).order_by("-opened_at", "-pk")[:PAGE])
    rows.sort(key=lambda row: row.reviewed_at is not None)
    waiting = [row for row in rows if row.reviewed_at is None]
    context = {
        "rows": rows,
        "waiting": waiting,
        "late": {row.pk for row in waiting if breakglass.review_due(row)},
        "mine": {row.pk for row in waiting if breakglass.may_review(person, row)},
    }
    return render(request, "credentials/emergencies.html", context)


def _one(request: HttpRequest, pk: int) -> EmergencyAccess:
    found = breakglass.visible_to(person_of(request)).filter(pk=pk).first()
    if found is None:
        raise absent(hidden=EmergencyAccess.objects.filter(pk=pk).first())
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def emergency(request: HttpRequest, pk: int) -> HttpResponse:
    """One emergency access: who, why, until when; and the review."""
    person, found = person_of(request), _one(request, pk)
    may = found.reviewed_at is None and breakglass.may_review(person, found)
    if may and request.method == "POST" and not used_recently(request):
        return send_to_confirm(request, request.path, keep=True)
    kept = typed(request) if request.method == "GET" else None
    form = ReviewForm(
        request.POST if request.method == "POST" else None, initial=kept.dict() if kept else None
    )
    if request.method == "POST" and form.is_valid():
        try:
            breakglass.review(
                actor=person,
                emergency=found,
                finding=form.cleaned_data["finding"],
                note=form.cleaned_data["note"],
            )
        except Refused as refusal:
            answer(form, refusal)
        else:
            messages.success(request, _("You have signed the review."))
            return redirect("credentials:emergencies")
    elif request.method == "POST":
        authority.require(may, _("Emergency access is reviewed by another City officer."))
    context = {
        "emergency": found,
        "account": found.version.item.credential.account,
        "credential": found.version.item.credential,
        "form": form if may else None,
        "open": found.person_id == person.pk and clock.now() < found.until,
        "late": breakglass.review_due(found),
        "own": found.person_id == person.pk,
    }
    return render(request, "credentials/emergency.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@staff
@needs_recent_factor("credentials:emergency")
@sensitive_variables()
def show_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The secret once more, to the same person, within the fifteen minutes. Only by POST."""
    found = _one(request, pk)
    if request.method != "POST":
        return redirect("credentials:emergency", pk=pk)
    if limits.exceeded(request, "reveal"):
        return limits.refuse(request)
    return _shown(request, found, breakglass.show(actor=person_of(request), emergency=found))
