"""What people say of a password outside the vault: that it got around, that somebody was told."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from audit.errors import Refused, Stale
from credentials import knowledge, vault
from credentials.forms import answer
from credentials.forms.holding import ReportForm, ToldForm
from credentials.models import Credential, SecretVersion
from credentials.views.doors import person_of, seen, staff
from employees import authority


def _current(credential: Credential) -> SecretVersion:
    """The current version. Without one there is nothing to say anything of: 404."""
    version = vault.current_version(vault.item_of(credential))
    if version is None:
        raise Http404
    version.item.credential = credential
    return version


def _same(version: SecretVersion, shown: int) -> None:
    if version.number != shown:
        raise Stale(
            _("Version %(old)d was replaced while you typed; version %(new)d is current. Look again.")
            % {"old": shown, "new": version.number}
        )


@staff
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the current password must be replaced. A rotation becomes due."""
    found, person = seen(request, pk), person_of(request)
    authority.require(
        vault.may_deposit(person, found),
        _("Only who holds this account, or Information Technology, can report its password."),
    )
    version = _current(found)
    form = ReportForm(request.POST or None, initial={"version": version.number})
    if request.method == "POST" and form.is_valid():
        try:
            _same(version, form.cleaned_data["version"])
            knowledge.report(actor=person, version=version, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            answer(form, refusal)
        else:
            text = _(
                "Version %(number)d is reported. Its rotation is due now, and Information Technology sees it."
            )
            messages.success(request, text % {"number": version.number})
            return redirect("credentials:credential", pk=pk)
    context = {"form": form, "credential": found, "account": found.account, "version": version}
    return render(request, "credentials/report.html", context)


@staff
def told(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that somebody was told the current password outside the vault."""
    found, person = seen(request, pk), person_of(request)
    version = _current(found)
    form = ToldForm(request.POST or None, initial={"version": version.number, "person": person.email})
    if request.method == "POST" and form.is_valid():
        who = form.cleaned_data["person"]
        try:
            _same(version, form.cleaned_data["version"])
            knowledge.declare_told(actor=person, version=version, person=who, at=form.moment(version))
        except Refused as refusal:
            answer(form, refusal)
        else:
            text = _("It is written down that %(person)s knows version %(number)d.")
            messages.success(request, text % {"person": who.name, "number": version.number})
            return redirect("credentials:credential", pk=pk)
    context = {"form": form, "credential": found, "account": found.account, "version": version}
    return render(request, "credentials/told.html", context)
