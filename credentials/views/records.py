"""Requests for public records; retention and legal holds."""

from __future__ import annotations

import tempfile

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from audit.errors import Refused
from credentials import exports, holds, records
from credentials.forms import answer
from credentials.forms.looking import ExportForm
from credentials.models import LegalHold, RecordsRequest
from credentials.views import asking
from credentials.views.doors import person_of, staff
from employees import authority
from employees.models import Employee
from employees.stepup import needs_recent_factor


class RecordsForm(ExportForm):
    """A request as it came in; empty filters mean everything."""

    number = forms.CharField(
        label=gettext_lazy("Number"), help_text=gettext_lazy("As the City's clerk numbers it."), max_length=40
    )
    received_on = forms.DateField(label=gettext_lazy("Received on"))
    subject = forms.CharField(
        label=gettext_lazy("What is asked"),
        help_text=gettext_lazy("In a sentence. Not who asks."),
        max_length=300,
    )

    field_order = ("number", "received_on", "subject", "account", "employee", "department", "since", "until")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        del self.fields["form"]


class HoldForm(forms.Form):
    """Which account, for which matter."""

    account = forms.CharField(
        label=gettext_lazy("Account"),
        help_text=gettext_lazy("As platform:handle, such as x:cityparks, or its number."),
        max_length=300,
    )
    matter = forms.CharField(
        label=gettext_lazy("Matter"), help_text=gettext_lazy("Such as “Case 2026-CV-112”."), max_length=200
    )

    clean_account = ExportForm.clean_account


def _require_reader(person: Employee) -> None:
    authority.require(
        records.may_see(person),
        _("Requests for records are for auditors, registry clerks and City officers."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def records_requests(request: HttpRequest) -> HttpResponse:
    """What is due, and recording a request."""
    person = person_of(request)
    _require_reader(person)
    may = records.may_answer(person)
    form = RecordsForm(
        request.POST if request.method == "POST" else None, initial={"received_on": clock.today()}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = records.receive(
                actor=person,
                number=data["number"],
                received_on=data["received_on"],
                subject=data["subject"],
                account=data["account"],
                person=data["employee"],
                department=data["department"],
                since=data["since"],
                until=data["until"],
            )
        except Refused as refusal:
            answer(form, refusal)
        else:
            messages.success(request, _("Recorded. An answer is due on %(day)s.") % {"day": made.due_on})
            return redirect(made)
    elif request.method == "POST":
        authority.require(may, _("Requests for records are answered by people with the Auditor role."))
    rows = RecordsRequest.objects.select_related("account__platform", "department", "person")[:200]
    context = {"form": form, "rows": rows, "may_answer": may, "law": settings.RECORDS_LAW}
    return render(request, "credentials/records.html", context)


@require_safe
@staff
def records_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked, when an answer is due, what it will hold and what is closed."""
    person = person_of(request)
    _require_reader(person)
    found = get_object_or_404(
        RecordsRequest.objects.select_related("account__platform", "department", "person", "answered_by"),
        pk=pk,
    )
    closed = [(records.label(name), ground) for name, ground in records.closed().items()]
    context = {
        "found": found,
        "may_answer": records.may_answer(person),
        "open_columns": [records.label(name) for name in records.open_columns()],
        "closed": closed,
        "count": exports.count(records.filters_of(found)),
        "law": settings.RECORDS_LAW,
        "days": settings.RECORDS_BUSINESS_DAYS,
    }
    return render(request, "credentials/records_request.html", context)


@require_POST
@staff
@needs_recent_factor("credentials:records_request")
def records_answer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file for whoever asked; the first one answers the request."""
    person = person_of(request)
    authority.require(
        records.may_answer(person), _("Requests for records are answered by people with the Auditor role.")
    )
    found = get_object_or_404(RecordsRequest, pk=pk)
    raw = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    manifest = records.write(actor=person, request=found, file=raw)
    if found.state == RecordsRequest.State.OPEN:
        records.answer(actor=person, request=found, manifest=manifest)
    raw.seek(0)
    safe = "".join(one if one.isalnum() or one in "-_" else "-" for one in found.number)
    return FileResponse(
        raw, as_attachment=True, filename=f"records-{safe}.zip", content_type="application/zip"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def retention(request: HttpRequest) -> HttpResponse:
    """How long things are kept, and which accounts are on hold."""
    person = person_of(request)
    may = holds.may_hold(person)
    authority.require(
        may or asking.reads_all(person), _("Retention and legal holds are for auditors and City officers.")
    )
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            holds.place(
                actor=person, accounts=[form.cleaned_data["account"]], matter=form.cleaned_data["matter"]
            )
        except Refused as refusal:
            answer(form, refusal)
        else:
            messages.success(
                request, _("%(account)s is on hold.") % {"account": form.cleaned_data["account"]}
            )
            return redirect("credentials:retention")
    rows = LegalHold.objects.select_related("account__platform", "placed_by", "released_by")
    context = {
        "form": form,
        "standing": [row for row in rows if row.released_at is None],
        "released": [row for row in rows if row.released_at is not None],
        "schedule": settings.RETENTION_SCHEDULE,
    }
    return render(request, "credentials/retention.html", context)


@require_POST
@staff
def release_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Release a hold, with a reason."""
    person = person_of(request)
    authority.require(
        holds.may_hold(person), _("Legal holds are placed and released by City officers and auditors.")
    )
    hold = get_object_or_404(LegalHold.objects.select_related("account__platform"), pk=pk)
    try:
        holds.release(actor=person, hold=hold, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The hold on %(account)s is released.") % {"account": hold.account})
    return redirect("credentials:retention")
