"""The registry in the admin: lists to read, and the list that the PI Director attests."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import oddities, services
from accounts.models import Account, Capability, Platform
from accounts.searching import after, asked, page_links
from audit.errors import NotPermitted, Refused
from employees import authority, stepup
from employees.admin import SeatedAdmin
from employees.models import Employee, Office

ATTEST_PAGE = 200
"""Accounts on one page of the list to attest: all their tick boxes fit into one form."""

ATTEST_ORDER = ("department__name", "platform__name", "key", "pk")


@admin.register(Account)
class AccountAdmin(SeatedAdmin):
    """Official accounts, read-only. They change through requests, imports and attestation."""

    change_list_template = "accounts/admin/accounts.html"
    list_display = ("display", "name", "platform", "department", "state", "origin", "attested_at", "page")
    list_filter = ("state", "origin", "platform")
    list_select_related = ("platform", "department")
    search_fields = ("handle", "name", "department__name")
    fields = (
        *("platform", "handle", "url", "platform_account_id", "name", "department", "state", "origin"),
        *("request_text", "short_description", "long_description", "language", "purposes", "audience"),
        *("attested_at", "attested_by", "activated_at", "created_at", "page"),
    )
    readonly_fields = ("page",)

    @admin.display(description=gettext_lazy("Page"))
    def page(self, account: Account) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("accounts:registry_account", args=[account.pk]), account.display
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        waiting = services.awaiting_attestation().count() if self.seated(request) else 0
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.attest_view)
        return [path("attest/", view, name="accounts_account_attest"), *super().get_urls()]

    def attest_view(self, request: HttpRequest) -> HttpResponse:
        """Imported accounts with tick boxes and what looks odd. Only the PI Director, or who acts for them."""
        person = request.user
        if not isinstance(person, Employee) or not authority.holds(person, Office.Kind.PI_DIRECTOR):
            raise PermissionDenied
        if request.method == "POST":
            if not stepup.used_recently(request):
                return stepup.send_to_confirm(request, request.get_full_path(), keep=True)
            return self._attest(request, person)
        return TemplateResponse(request, "accounts/admin/attest.html", self._waiting(request))

    def _attest(self, request: HttpRequest, person: Employee) -> HttpResponse:
        ids = {int(one) for one in request.POST.getlist("account") if one.isdecimal() and len(one) < 19}
        try:
            done = services.attest(actor=person, accounts=list(Account.objects.filter(pk__in=ids)))
        except NotPermitted as error:
            raise PermissionDenied from error
        except Refused as error:
            messages.error(request, str(error))
        else:
            text = ngettext(
                "%(count)d account is attested. It is in the public directory now.",
                "%(count)d accounts are attested. They are in the public directory now.",
                len(done),
            )
            messages.success(request, text % {"count": len(done)})
        return redirect("admin:accounts_account_attest")

    def _waiting(self, request: HttpRequest) -> dict[str, Any]:
        waiting = services.awaiting_attestation()
        last_seen = asked(request.GET, "after")
        kept = stepup.typed(request)
        chosen = set(kept.getlist("account")) if kept else set()
        ticked = asked(request.GET, "tick") == "all" and not kept
        found = after(waiting, ATTEST_ORDER, last_seen).select_related("platform", "department")
        rows = list(found.order_by(*ATTEST_ORDER)[: ATTEST_PAGE + 1])
        more, rows = len(rows) > ATTEST_PAGE, rows[:ATTEST_PAGE]
        odd = oddities.of(rows)
        return {
            **self.admin_site.each_context(request),
            "title": _("Attest imported accounts"),
            "opts": self.opts,
            "rows": [
                (row, odd[row.pk], str(row.pk) in chosen or (ticked and not odd[row.pk])) for row in rows
            ],
            "count": waiting.count(),
            "odd_count": sum(1 for row in rows if odd[row.pk]),
            "ticked": ticked,
            "here": request.get_full_path(),
            "tick_link": f"?{urlencode({'tick': 'all', **({'after': last_seen} if last_seen else {})})}",
            **page_links({}, rows[-1] if more else None, last_seen),
        }


class CapabilityInline(admin.TabularInline):  # type: ignore[type-arg]
    """What the platform offers, and since when. To read."""

    model = Capability
    fields = ("since", "owner_login", "roles")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # who may see the platform; its own admin asks

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Platform)
class PlatformAdmin(SeatedAdmin):
    """Platforms, read-only: the catalogue ships them."""

    list_display = ("name", "label", "federated", "host_names", "also_called")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "label", "aliases", "hosts", "federated", "handle_pattern", "password_rules")
    inlines = (CapabilityInline,)

    @admin.display(description=gettext_lazy("Hosts"))
    def host_names(self, platform: Platform) -> str:
        return ", ".join(platform.hosts) or _("any")

    @admin.display(description=gettext_lazy("Also called"))
    def also_called(self, platform: Platform) -> str:
        return ", ".join(platform.aliases)
