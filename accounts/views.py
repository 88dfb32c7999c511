"""The public pages: which accounts are the City's, and what one of them is for. No sign-in, nothing private."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts import confirmation, pictures
from accounts.models import PURPOSES, Account
from accounts.searching import asked, beyond, fits, mark
from accounts.structured import structured

PAGE = 100
"""Accounts on one page of the directory."""

ORDER = ("department__name", "platform__name", "key", "pk")
MORE = 12
"""Accounts of the same department that an account's page lists."""

FILTERS = ("q", "department", "platform", "topic")
SHOWN = (
    *("handle", "key", "name", "short_description", "opened_on", "attested_at", "activated_at"),
    *("platform__slug", "platform__name", "platform__label", "department__code", "department__name"),
)


@gzip_page
@require_safe
def directory(http: HttpRequest) -> HttpResponse:
    """The City's public accounts by department. Two queries, whatever their number."""
    filters = {name: asked(http.GET, name) for name in FILTERS}
    place = http.GET.get("after", "")[:2000]
    chosen = condition(filters)
    rows = list(page_of(chosen, place))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    facets = _Facets(chosen)
    kept = {name: value for name, value in filters.items() if value}
    last = mark([_value(rows[-1], column) for column in ORDER]) if more else ""
    context = {
        "groups": [
            {
                "department": department,
                "accounts": list(accounts),
                "count": facets.counts.get(department.pk, 0),
            }
            for department, accounts in groupby(rows, key=lambda account: account.department)
        ],
        "count": sum(facets.counts.values()),
        "department_count": len(facets.counts),
        "shown": len(rows),
        "departments": facets.departments,
        "platforms": facets.platforms,
        "topics": PURPOSES,
        "filters": filters,
        "filtered": bool(kept),
        "next_page": f"?{urlencode({**kept, 'after': last})}" if last else "",
        "first_page": f"?{urlencode(kept)}" if place else "",
    }
    return render(http, "accounts/directory.html", context)


def condition(filters: dict[str, str]) -> Q:
    """What the search box and the three lists ask for, on accounts `with_topics`."""
    chosen = fits(filters["q"])
    if filters["department"]:
        chosen &= Q(department__code=filters["department"])
    if filters["platform"]:
        chosen &= Q(platform__slug=filters["platform"])
    if filters["topic"]:
        chosen &= Q(purposes_text__contains=f'"{filters["topic"]}"')
    return chosen


def page_of(chosen: Q, place: str = "") -> QuerySet[Account]:
    """One page of public accounts from a place on, and one more to see whether there is another."""
    public = Account.objects.public().with_topics().filter(chosen)
    rows = beyond(public, ORDER, place) if place else public
    return rows.select_related("platform", "department").only(*SHOWN).order_by(*ORDER)[: PAGE + 1]


def _value(account: Account, column: str) -> Any:
    """`department__name` of an account at hand."""
    value: Any = account
    for part in column.split("__"):
        value = getattr(value, part)
    return value


class _Facets:
    """What there is to choose from, and how many accounts of each department were chosen: in one query."""

    def __init__(self, chosen: Q) -> None:
        columns = {
            "code": F("department__code"),
            "named": F("department__name"),
            "slug": F("platform__slug"),
            "label": F("platform__label"),
        }
        rows = (
            Account.objects.public()
            .with_topics()
            .order_by()
            .values("department_id", **columns)
            .annotate(chosen=Count("pk", filter=chosen) if chosen else Count("pk"))
        )
        self.counts: dict[int, int] = {}
        departments, platforms = {}, {}
        row: dict[str, Any]
        for row in rows:  # type: ignore[assignment]
            departments[row["code"]] = row["named"]
            platforms[row["slug"]] = row["label"]
            if row["chosen"]:
                self.counts[row["department_id"]] = self.counts.get(row["department_id"], 0) + row["chosen"]
        self.departments = _sorted(departments.items())
        self.platforms = _sorted(platforms.items())


def _sorted(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1].casefold())


@gzip_page
@require_safe
def account(http: HttpRequest, pk: int) -> HttpResponse:
    """One public account. Drafts are as if they were not there.

    An old sign or letter leads here long after an account has ended: then Verify says that it is no longer the City's.
    """
    rows = Account.objects.select_related("platform", "department")
    found = rows.public().filter(pk=pk).first()
    if found is None:
        was = get_object_or_404(rows.once_public(), pk=pk)
        return redirect(f"{reverse('accounts:verify')}?{urlencode({'q': was.shown_address})}")
    others = Account.objects.public().filter(department=found.department).exclude(pk=pk)
    here = http.build_absolute_uri(reverse("accounts:account", args=[pk]))
    short = http.build_absolute_uri(reverse("accounts:short", args=[pk]))
    context = {
        "account": found,
        "address": found.shown_address,
        "department_url": f"{reverse('accounts:directory')}?{urlencode({'department': found.department.code})}",
        "purposes": [label for value, label in PURPOSES if value in found.purposes],
        "also_for": found.also_for.all(),
        "earlier": found.handles.exclude(until=None).select_related("account__platform").order_by("-until"),
        "others": others.select_related("platform").order_by(*ORDER)[:MORE],
        "others_count": others.count(),
        "confirmation": confirmation.of([found])[found.pk],
        "short": short.partition("://")[2],
        "code": pictures.code_of(short),
        "structured": structured(found, here),
    }
    return render(http, "accounts/account.html", context)


@require_safe
def short(http: HttpRequest, pk: int) -> HttpResponse:
    """The short address that stands in an account's profile: to the account's page, where it has or had one."""
    get_object_or_404(Account.objects.once_public().only("pk"), pk=pk)
    return redirect("accounts:account", pk=pk, permanent=True)
