"""Roles that a platform gives to people, account by account: who, which, since when, confirmed by whom."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account
from audit.denials import absent
from audit.errors import NotPermitted, Refused
from credentials import capability, entitlement, platform_roles, sharing, warnings
from credentials.forms import answer
from credentials.forms.holding import RoleForm
from credentials.models import Custody
from credentials.views.doors import person_of, staff
from employees import authority


def _account(request: HttpRequest, pk: int) -> Account:
    found = Account.objects.select_related("platform", "department").filter(pk=pk).first()
    if found is None or not entitlement.may_see(person_of(request), found):
        raise absent(hidden=found)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@staff
def roles(request: HttpRequest, pk: int) -> HttpResponse:
    """Every role on the platform that was given here, and the form that gives one."""
    account, person = _account(request, pk), person_of(request)
    may_give = platform_roles.may_give(person, account)
    offered = capability.of_account(account)
    if request.method == "POST":
        authority.require(
            may_give, _("Roles are given by who holds the account, or by Information Technology.")
        )
    form = RoleForm(
        request.POST if request.method == "POST" else None, account=account, offered=offered, actor=person
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = platform_roles.give(
                actor=person,
                account=account,
                person=form.cleaned_data["person"],
                role=form.cleaned_data["role"],
            )
        except Refused as refusal:
            answer(form, refusal)
        else:
            text = _(
                "%(person)s is to be %(role)s on %(platform)s. Give the role there; then somebody else confirms it."
            )
            names = {
                "person": made.person.name,
                "role": made.platform_role,
                "platform": account.platform.name,
            }
            messages.success(request, text % names)
            return redirect("credentials:roles", pk=pk)
    rows = (
        Custody.objects.filter(account=account, channel=Custody.Channel.PLATFORM_ROLE)
        .select_related("account", "person", "present_confirmed_by", "removal_confirmed_by")
        .order_by("closed_at", "person__name", "pk")
    )
    listed = [_row(row) for row in rows]
    context = {
        "account": account,
        "standing": [one for one in listed if one["custody"].closed_at is None],
        "present": [one for one in listed if one["custody"].still_present],
        "gone": [one for one in listed if one["custody"].closed_at and not one["custody"].still_present],
        "may": {row.pk for row in rows if platform_roles.may_confirm(person, row)},
        "may_give": may_give and bool(form.fields["person"].choices),  # type: ignore[attr-defined]
        "may_take": may_give and not platform_roles.is_seats_channel(account),
        "form": form,
        "offered": offered,
        "outgrown": next(iter(sharing.outgrown([account])), None),
        "warnings": [one for one in warnings.of_account(account) if one.kind in warnings.CONTROL],
        "credential": getattr(account, "credential", None),
        "for_it": entitlement.may_rotate(person),
    }
    return render(request, "credentials/roles.html", context, status=422 if form.errors else 200)


def _row(custody: Custody) -> dict[str, Any]:
    if custody.closed_at is None:
        confirmed = custody.present_confirmed_at is not None
        state = (_("Confirmed"), "ok") if confirmed else (_("Not confirmed"), "warn")
    elif custody.still_present:
        state = (_("Still present"), "danger")
    elif custody.removal_confirmed_at:
        state = (_("Removed"), "plain")
    else:
        state = (_("Never given"), "plain")
    return {"custody": custody, "state": state[0], "tone": state[1]}


@require_POST
@staff
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role away that was given beside the shared login."""
    row = Custody.objects.select_related("account__platform", "person").filter(pk=pk).first()
    if row is None or not entitlement.may_see(person_of(request), row.account):
        raise absent(hidden=row)
    try:
        platform_roles.take(actor=person_of(request), custody=row)
    except NotPermitted:
        raise
    except Refused as refusal:
        messages.warning(request, str(refusal))
    else:
        text = _("The role of %(person)s has ended here. Remove it on %(platform)s, then confirm that.")
        messages.success(request, text % {"person": row.person.name, "platform": row.account.platform.name})
    return redirect("credentials:roles", pk=row.account_id)
