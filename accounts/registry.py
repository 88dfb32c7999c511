"""The staff's pages of the registry: how our accounts are held, and what is to be mended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import designating, health, impostors, sections, services
from accounts.forms import DescribeForm, DesigneeForm
from accounts.models import PURPOSES, Account, Platform
from accounts.searching import after, asked, matching, page_links
from audit.denials import absent
from audit.errors import Invalid, NotPermitted, Refused
from employees import authority
from employees.forms import refusal_into
from employees.models import Department, Designation, Employee

PAGE = 50
ORDER = ("name", "platform__name", "pk")
AWAITING = "awaiting"
STATES = [*Account.State.choices, (AWAITING, gettext_lazy("Awaiting attestation"))]
TONES = {
    Account.State.PROVISIONING: "info",
    Account.State.ACTIVE: "ok",
    Account.State.SUSPENDED: "warn",
    Account.State.RETIRED: "plain",
}


def person_of(http: HttpRequest) -> Employee:
    """Who is signed in."""
    if not isinstance(http.user, Employee):
        raise PermissionDenied
    return http.user


def visible_to(person: Employee) -> QuerySet[Account]:
    """The accounts whose health a person may see: all of them, or those of the departments they speak for."""
    if authority.sees_everything(person):
        return Account.objects.all()
    departments = authority.departments_of(person)
    also = Account.also_for.through.objects.filter(department__in=departments).values("account")
    return Account.objects.filter(Q(department__in=departments) | Q(pk__in=also))


def visible_account(http: HttpRequest, pk: int) -> Account:
    """The account with this id; one that the person may not see is as if it were not there."""
    rows = visible_to(person_of(http)).select_related("platform", "department", "attested_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise absent(hidden=Account.objects.filter(pk=pk).exists())
    return found


@login_required
def registry(http: HttpRequest) -> HttpResponse:
    """Our accounts with their custodians, gaps and due rotations."""
    person = person_of(http)
    filters = {name: asked(http.GET, name) for name in ("q", "department", "platform", "state")}
    last_seen = asked(http.GET, "after")
    visible = visible_to(person)
    chosen = _chosen(visible, filters)
    found = after(chosen, ORDER, last_seen).select_related("platform", "department").order_by(*ORDER)
    rows = list(found[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    held = health.of(rows)
    waiting = Q(state=Account.State.ACTIVE, origin=Account.Origin.IMPORT, attested_at=None)
    context = {
        "rows": [
            {"account": row, "health": held[row.pk], "tone": TONES[Account.State(row.state)]} for row in rows
        ],
        "totals": visible.aggregate(all=Count("pk"), waiting=Count("pk", filter=waiting)),
        "to_mend": sum(1 for one in held.values() if one.gaps or one.due),
        "count": chosen.count(),
        "departments": Department.objects.filter(pk__in=visible.values("department")),
        "platforms": Platform.objects.filter(pk__in=visible.values("platform")),
        "states": STATES,
        "filters": filters,
        "filtered": any(filters.values()),
        "everything": authority.sees_everything(person),
        "sees_reports": impostors.sees(person),
        **page_links(filters, rows[-1] if more else None, last_seen),
    }
    return render(http, "accounts/registry.html", context)


def _chosen(visible: QuerySet[Account], filters: dict[str, str]) -> QuerySet[Account]:
    chosen = matching(visible, filters["q"])
    if filters["department"]:
        chosen = chosen.filter(department__code=filters["department"])
    if filters["platform"]:
        chosen = chosen.filter(platform__slug=filters["platform"])
    if filters["state"] == AWAITING:
        return chosen.filter(pk__in=services.awaiting_attestation().values("pk"))
    return chosen.filter(state=filters["state"]) if filters["state"] else chosen


@login_required
def registry_account(http: HttpRequest, pk: int) -> HttpResponse:
    """One account: its facts, its handles, who is named for it, and what other rooms know of it."""
    person = person_of(http)
    found = visible_account(http, pk)
    named = Designation.objects.filter(named_accounts__account=found).select_related("designee")
    context: dict[str, Any] = {
        "account": found,
        "tone": TONES[Account.State(found.state)],
        "health": health.of([found])[found.pk],
        "purposes": [label for value, label in PURPOSES if value in found.purposes],
        "also_for": found.also_for.all(),
        "handles": found.handles.select_related("account__platform").order_by("-since", "-pk"),
        "named": [(one, one.in_force()) for one in named.order_by("-start")],
        "sections": [
            (section.title, render_to_string(section.template_name, section.context, request=http))
            for section in sections.of(found, person)
        ],
        "public": Account.objects.public().filter(pk=found.pk).exists(),
        "may_describe": services.may_describe(person, found),
        "may_designate": designating.may_designate(person, found),
    }
    return render(http, "accounts/registry_account.html", context)


@login_required
def designate(http: HttpRequest, pk: int) -> HttpResponse:
    """The form in which a Department Director names a designee for this account alone."""
    person = person_of(http)
    found = visible_account(http, pk)
    if not designating.may_designate(person, found):
        raise PermissionDenied(_("Only the department's Director or a registry clerk names its designees."))
    form = DesigneeForm(http.POST or None, viewer=person)
    if http.method == "POST" and form.is_valid():
        try:
            designating.designate(actor=person, account=found, **form.cleaned_data)
        except Refused as error:
            refusal_into(form, error)
        else:
            text = _("Recorded. It takes effect once a registry clerk or officer confirms it.")
            messages.success(http, text)
            return redirect("accounts:registry_account", pk=pk)
    context = {"account": found, "form": form}
    return render(http, "accounts/designate.html", context, status=422 if form.errors else 200)


@login_required
def describe(http: HttpRequest, pk: int) -> HttpResponse:
    """The form in which Public Information edits what the public reads of an account."""
    person = person_of(http)
    found = visible_account(http, pk)
    if not services.may_describe(person, found):
        raise PermissionDenied
    form = DescribeForm(http.POST or None, initial=DescribeForm.values_of(found))
    if http.method == "POST" and form.is_valid():
        try:
            services.describe(actor=person, account=found, **form.cleaned_data)
        except Invalid as error:
            form.add_errors(error)
        except NotPermitted as error:
            raise PermissionDenied(str(error)) from error
        else:
            messages.success(
                http, _("The description of %(account)s is changed.") % {"account": found.display}
            )
            return redirect("accounts:registry_account", pk=pk)
    return render(http, "accounts/describe.html", {"account": found, "form": form})
