"""The public pages: which accounts are the City's, and what one of them is for. No sign-in, nothing private."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import PURPOSES, Account, Platform
from accounts.searching import after, asked, matching, page_links
from employees.models import Department

PAGE = 200
"""Accounts on one page of the directory."""

ORDER = ("department__name", "platform__name", "key", "pk")
MORE = 12
"""Accounts of the same department that an account's page lists."""


@require_safe
def directory(http: HttpRequest) -> HttpResponse:
    """The City's public accounts by department. Six queries, whatever their number."""
    filters = {name: asked(http.GET, name) for name in ("q", "department", "platform")}
    last_seen = asked(http.GET, "after")
    public = Account.objects.public()
    chosen = matching(public, filters["q"])
    if filters["department"]:
        chosen = chosen.filter(department__code=filters["department"])
    if filters["platform"]:
        chosen = chosen.filter(platform__slug=filters["platform"])
    rows = list(
        after(chosen, ORDER, last_seen).select_related("platform", "department").order_by(*ORDER)[: PAGE + 1]
    )
    more, rows = len(rows) > PAGE, rows[:PAGE]
    counts = _counts(chosen)
    context = {
        "groups": [
            {"department": department, "accounts": list(accounts), "count": counts.get(department.pk, 0)}
            for department, accounts in groupby(rows, key=lambda account: account.department)
        ],
        "count": sum(counts.values()),
        "department_count": len(counts),
        "shown": len(rows),
        "departments": Department.objects.filter(pk__in=public.values("department")),
        "platforms": Platform.objects.filter(pk__in=public.values("platform")),
        "filters": filters,
        "filtered": any(filters.values()),
        **page_links(filters, rows[-1] if more else None, last_seen),
    }
    return render(http, "accounts/directory.html", context)


def _counts(accounts: QuerySet[Account]) -> dict[int, int]:
    """Number of accounts by department."""
    counted = (
        accounts.order_by()
        .values("department")
        .annotate(count=Count("pk"))
        .values_list("department", "count")
    )
    return dict(counted)


@require_safe
def account(http: HttpRequest, pk: int) -> HttpResponse:
    """One public account. What is not public is as if it were not there."""
    found = get_object_or_404(Account.objects.public().select_related("platform", "department"), pk=pk)
    others = Account.objects.public().filter(department=found.department).exclude(pk=pk)
    context = {
        "account": found,
        "address": found.url.removeprefix("https://").removeprefix("www."),
        "department_url": f"{reverse('accounts:directory')}?{urlencode({'department': found.department.code})}",
        "purposes": [label for value, label in PURPOSES if value in found.purposes],
        "also_for": found.also_for.all(),
        "earlier": found.handles.exclude(until=None).select_related("account__platform").order_by("-until"),
        "others": others.select_related("platform").order_by(*ORDER)[:MORE],
        "others_count": others.count(),
    }
    return render(http, "accounts/account.html", context)
