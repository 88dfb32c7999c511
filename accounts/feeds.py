"""What machines read beside the API: trust.txt, the feed of accounts opened and retired, the sitemap, robots.txt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.syndication.views import Feed
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from audit import clock

NEWS = 100
"""Entries of the feed."""


@require_safe
def trust(http: HttpRequest) -> HttpResponse:
    """The City's accounts in the form of trust.txt (journallist.net), at the well-known address."""
    return HttpResponse("\n".join(trust_lines(http)) + "\n", content_type="text/plain; charset=utf-8")


def trust_lines(http: HttpRequest) -> Iterator[str]:
    """Whose site this is, and each public account."""
    yield f"# Official social media accounts of the {settings.CITY_NAME}, {settings.CITY_STATE}"
    yield f"controlledby=https://{settings.CITY_WEBSITE}/"
    yield f"contact=https://{settings.CITY_WEBSITE}/"
    yield f"disclosure={http.build_absolute_uri(reverse('employees:policy'))}"
    for url in Account.objects.public().order_by("platform__name", "key", "pk").values_list("url", flat=True):
        yield f"social={url}"


def snippet(http: HttpRequest) -> str:
    """What the City's own website serves at /.well-known/trust.txt, so that both sites name each other."""
    return f"control={http.build_absolute_uri('/')}\n"


class News(NamedTuple):
    """One entry of the feed."""

    account: Account
    opened: bool
    at: datetime


class AccountNews(Feed):  # type: ignore[type-arg]
    """Accounts of the City opened and retired, as Atom."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("%(city)s: official social media accounts") % {"city": settings.CITY_NAME}

    subtitle = "Accounts opened and retired"

    def link(self) -> str:
        return reverse("accounts:directory")

    def feed_url(self) -> str:
        return reverse("accounts:feed")

    def items(self) -> list[News]:
        return sorted(
            [*self._opened(), *self._retired()], key=lambda news: (news.at, news.account.pk), reverse=True
        )[:NEWS]

    def _opened(self) -> Iterator[News]:
        rows = Account.objects.once_public().exclude(state=Account.State.SUSPENDED)
        for row in _whole(rows.order_by("-activated_at", "-pk"))[:NEWS]:
            at = max(filter(None, (row.attested_at, row.activated_at)))
            yield News(row, True, at)

    def _retired(self) -> Iterator[News]:
        rows = Account.objects.once_public().filter(state=Account.State.RETIRED)
        last = rows.order_by().values("pk").annotate(ended=Max("handles__until")).exclude(ended=None)
        ends = dict(last.order_by("-ended", "-pk").values_list("pk", "ended")[:NEWS])
        for row in _whole(Account.objects.filter(pk__in=ends)):
            yield News(row, False, min(clock.end_of(ends[row.pk]) - timedelta(seconds=1), clock.now()))

    def item_title(self, item: Any) -> str:
        text = _("%(account)s is official") if item.opened else _("%(account)s was retired")
        return text % {"account": item.account.display}

    def item_description(self, item: Any) -> str:
        return f"{item.account.department.name}: {item.account.short_description or item.account.name}"

    def item_link(self, item: Any) -> str:
        if item.account.state == Account.State.ACTIVE:
            return reverse("accounts:account", args=[item.account.pk])
        return reverse("accounts:directory")

    def item_guid(self, item: Any) -> str:
        return f"tag:{settings.CITY_WEBSITE},2026:account-{item.account.pk}-{'opened' if item.opened else 'retired'}"

    def item_pubdate(self, item: Any) -> datetime:
        at: datetime = item.at
        return at

    item_updateddate = item_pubdate


def _whole(rows: QuerySet[Account]) -> QuerySet[Account]:
    return rows.select_related("platform", "department")


class Pages(Sitemap):  # type: ignore[type-arg]
    """The pages without an account in them."""

    def items(self) -> list[str]:
        return [
            "accounts:directory",
            "accounts:verify",
            "accounts:impostors",
            "accounts:data",
            "employees:policy",
        ]

    def location(self, item: str) -> str:
        return reverse(item)


class AccountPages(Sitemap):  # type: ignore[type-arg]
    """Every public account."""

    limit = 10_000

    def items(self) -> QuerySet[Account]:
        return Account.objects.public().only("pk", "changed_at", "attested_at", "activated_at").order_by("pk")

    def location(self, item: Account) -> str:
        return reverse("accounts:account", args=[item.pk])

    def lastmod(self, item: Account) -> datetime | None:
        return item.changed_at or item.attested_at or item.activated_at


SITEMAPS = {"pages": Pages, "accounts": AccountPages}


@require_safe
def robots(http: HttpRequest) -> HttpResponse:
    """What crawlers may read: the public pages, and not every question that can be asked of them."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/admin/", "/login/", "/verify/?", "/report/", "/api/v1/verify")),
        f"Sitemap: {http.build_absolute_uri(reverse('accounts:sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
