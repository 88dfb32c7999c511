"""Reporting an account that poses as the City: the resident's form and page, and the PI Director's list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import impostors, neighbours, verifying
from accounts.models import ImpostorReport, Neighbour, Platform
from accounts.registry import person_of
from audit import denials
from audit.errors import Invalid, NotPermitted, Refused
from employees import limits, stepup
from employees.forms import refusal_into

LISTED = 100
"""Confirmed impostors on the public page, and answered reports on the staff's."""


class ReportForm(forms.Form):
    """What a resident tells. No name and no address is asked for."""

    address = forms.CharField(
        label=gettext_lazy("The account’s link or handle"),
        max_length=500,
        help_text=gettext_lazy("Paste it from your app, or type it as you see it."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    said = forms.CharField(
        label=gettext_lazy("What it does"),
        required=False,
        max_length=impostors.LONGEST_WORDS,
        help_text=gettext_lazy("Leave out anything personal: names, telephone or account numbers."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_address(self) -> str:
        return verifying.visible(self.cleaned_data["address"])


class DecideForm(forms.Form):
    """What the PI Director found."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("What you found"),
        choices=[one for one in ImpostorReport.Outcome.choices if one[0] != ImpostorReport.Outcome.OPEN],
        widget=forms.RadioSelect,
    )


class NeighbourForm(forms.Form):
    """An account of somebody near the City."""

    platform = forms.ModelChoiceField(Platform.objects.all(), label=gettext_lazy("Platform"))
    address = forms.CharField(label=gettext_lazy("Link or handle"), max_length=500)
    owner = forms.CharField(
        label=gettext_lazy("Whose it is"), max_length=200, help_text=gettext_lazy("Such as “Reno County”.")
    )


# Residents


def report(http: HttpRequest) -> HttpResponse:
    """The form. Without sign-in, and limited by address: REPORT_RATE."""
    form = ReportForm(http.POST or None, initial={"address": verifying.visible(http.GET.get("address", ""))})
    if http.method == "POST":
        if limits.exceeded(http, "report"):
            return limits.refuse(http)
        if form.is_valid():
            try:
                made = impostors.report(actor=None, **form.cleaned_data)
            except Invalid as error:
                refusal_into(form, error)
            else:
                return redirect("accounts:reported", number=made.number)
    return render(http, "accounts/report.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_safe
def reported(http: HttpRequest, number: str) -> HttpResponse:
    """The outcome of a report, for whoever has its number. Nothing that was written is shown."""
    found = get_object_or_404(ImpostorReport.objects.select_related("platform"), number=number.upper())
    return render(http, "accounts/reported.html", {"report": found, "outcomes": ImpostorReport.Outcome})


@require_safe
def listed(http: HttpRequest) -> HttpResponse:
    """Accounts that the City found to pass for it: as text, so that nobody comes to them through us."""
    rows: dict[tuple[int | None, str], ImpostorReport] = {}
    for row in impostors.confirmed().exclude(key="").select_related("resembles__platform")[: 4 * LISTED]:
        rows.setdefault((row.platform_id, row.key), row)
    return render(http, "accounts/impostors.html", {"rows": list(rows.values())[:LISTED]})


# Staff


@login_required
@require_safe
def reports(http: HttpRequest) -> HttpResponse:
    """Reports that wait, the oldest first, and those answered lately."""
    person = person_of(http)
    if not impostors.sees(person):
        raise PermissionDenied
    answered = ImpostorReport.objects.exclude(outcome=ImpostorReport.Outcome.OPEN).select_related(
        "decided_by"
    )
    context = {
        "waiting": impostors.waiting().select_related("resembles__platform", "platform")[:LISTED],
        "waiting_count": impostors.waiting().count(),
        "answered": answered.order_by("-decided_at", "-pk")[:25],
        "decides": impostors.decides(person),
        "keeps": neighbours.keeps(person),
    }
    return render(http, "accounts/reports.html", context)


@login_required
def decide(http: HttpRequest, pk: int) -> HttpResponse:
    """One report: what was said, what verify says of it today, and the answers to choose from."""
    person = person_of(http)
    rows = ImpostorReport.objects.select_related("resembles__platform", "platform", "decided_by")
    found = rows.filter(pk=pk).first()
    if found is None or not impostors.sees(person):
        raise denials.absent(hidden=found is not None)
    kept = stepup.typed(http) if http.method == "GET" else None
    form = DecideForm(http.POST or None, initial=kept.dict() if kept else None)
    if http.method == "POST":
        if not impostors.decides(person):
            raise PermissionDenied
        if not stepup.used_recently(http):
            return stepup.send_to_confirm(http, http.path, keep=True)
        if form.is_valid():
            try:
                done = impostors.decide(actor=person, report=found, outcome=form.cleaned_data["outcome"])
            except NotPermitted as error:
                raise PermissionDenied(str(error)) from error
            except Refused as error:
                refusal_into(form, error)
            else:
                text = ngettext("%(count)d report is answered.", "%(count)d reports are answered.", len(done))
                messages.success(http, text % {"count": len(done)})
                return redirect("accounts:reports")
    same = ImpostorReport.objects.filter(platform=found.platform, key=found.key).exclude(pk=pk)
    context: dict[str, Any] = {
        "report": found,
        "form": form,
        "verdict": verifying.verify(found.address),
        "same": same.count() if found.key else 0,
        "decides": impostors.decides(person),
    }
    return render(http, "accounts/decide_report.html", context, status=422 if form.errors else 200)


@login_required
def neighbourhood(http: HttpRequest) -> HttpResponse:
    """The list of known neighbours, and the form that adds to it."""
    person = person_of(http)
    if not neighbours.keeps(person):
        raise PermissionDenied
    form = NeighbourForm(http.POST or None)
    if http.method == "POST" and form.is_valid():
        try:
            made = neighbours.add(actor=person, **form.cleaned_data)
        except Refused as error:
            refusal_into(form, error)
        else:
            text = _("Verify says now whose it is: %(neighbour)s.")
            messages.success(http, text % {"neighbour": made})
            return redirect("accounts:neighbours")
    rows = Neighbour.objects.filter(removed_at=None).select_related("platform")
    context = {"form": form, "rows": rows[:500]}
    return render(http, "accounts/neighbours.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def remove_neighbour(http: HttpRequest, pk: int) -> HttpResponse:
    """Take one off the list."""
    person = person_of(http)
    if not neighbours.keeps(person):
        raise PermissionDenied
    found = get_object_or_404(Neighbour.objects.select_related("platform"), pk=pk)
    try:
        neighbours.remove(actor=person, neighbour=found)
    except Refused as error:
        messages.error(http, str(error))
    else:
        messages.success(http, _("%(neighbour)s is off the list.") % {"neighbour": found})
    return redirect("accounts:neighbours")
