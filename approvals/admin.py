"""Directors act here: what waits for them, and one request on one page with the buttons they may press.

Acts are views of their own; nothing is added, changed or deleted through a stock form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Platform
from approvals import deciding, several
from approvals.deadlines import due_on
from approvals.models import Request
from approvals.moves import waiting_for
from approvals.transitions import Status
from approvals.wording import TONES
from audit import clock
from employees import authority
from employees.admin import SeatedAdmin
from employees.models import Employee

FOLDED = "admin/approvals/request/filter.html"
"""A filter that opens above the list: beside it, the column would hide how long a request waits, and until when."""


class WaitingFilter(admin.SimpleListFilter):
    """What waits for the viewer, unless they ask for more: then open requests first."""

    template = "admin/approvals/request/tabs.html"
    title = gettext_lazy("whose turn it is")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Everybody’s, open")), ("closed", _("Closed")), ("all", _("All"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(
                remove=[self.parameter_name, StateFilter.parameter_name]
            ),
            "display": _("Waiting for me"),
        }
        for value, label in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value}, remove=[StateFilter.parameter_name]
                ),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Request]) -> QuerySet[Request]:
        match self.value():
            case "all":
                return queryset
            case "open":
                return queryset.open()  # type: ignore[attr-defined,no-any-return]
            case "closed":
                return queryset.closed()  # type: ignore[attr-defined,no-any-return]
        assert isinstance(request.user, Employee)
        return queryset.filter(waiting_for(request.user))


class StateFilter(admin.SimpleListFilter):
    """One state, of everybody's requests: choosing it leaves “Waiting for me”."""

    template = FOLDED
    title = gettext_lazy("state")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(status.value, status.label) for status in Status]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("As chosen above"),
        }
        for value, label in self.lookup_choices:
            chosen = {self.parameter_name: value, WaitingFilter.parameter_name: "all"}
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string(chosen),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Request]) -> QuerySet[Request]:
        return queryset.filter(status=self.value()) if self.value() in Status.values else queryset


class KindFilter(admin.ChoicesFieldListFilter):
    template = FOLDED


class DepartmentFilter(admin.RelatedFieldListFilter):
    template = FOLDED


class PlatformFilter(admin.SimpleListFilter):
    """The platform of the account that is asked for, or of the one that is asked about."""

    template = FOLDED
    title = gettext_lazy("platform")
    parameter_name = "platform"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), row.label) for row in Platform.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Request]) -> QuerySet[Request]:
        chosen = self.value()
        if chosen is None or chosen not in {value for value, _label in self.lookup_choices}:
            return queryset
        return queryset.filter(Q(platform=chosen) | Q(account__platform=chosen))


@admin.register(Request)
class RequestAdmin(SeatedAdmin):
    list_display = ("what", "age", "due", "state", "kind", "department")
    list_filter = (
        WaitingFilter,
        StateFilter,
        ("kind", KindFilter),
        ("department", DepartmentFilter),
        PlatformFilter,
    )
    list_select_related = ("platform", "department", "to_department", "poster", "account__platform")
    actions = ("decide_several",)  # type: ignore[assignment]
    ordering = ("status_since", "pk")
    change_list_template = "admin/approvals/request/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Request]:
        assert isinstance(request.user, Employee)
        return Request.objects.visible_to(request.user)

    def may_see(self, person: Employee) -> bool:
        """Directors too: they see their department's requests."""
        return authority.enters_admin(person)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        own = [one.parameter_name for one in (WaitingFilter, StateFilter, PlatformFilter)]
        return lookup in own or super().lookup_allowed(lookup, value, request)

    @admin.display(description=gettext_lazy("Request"), ordering="number")
    def what(self, row: Request) -> SafeString:
        return format_html("{} <span class='oa-quiet'>{}</span>", row.display, row.number)

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def state(self, row: Request) -> SafeString:
        tone = TONES[row.status]
        return format_html('<span class="oa-tag oa-tag--{}">{}</span>', tone, row.get_status_display())

    @admin.display(description=gettext_lazy("Age"), ordering="status_since")
    def age(self, row: Request) -> SafeString:
        """Days in this state, by the city's calendar."""
        days = (clock.today() - clock.day_of(row.status_since)).days
        return _labelled(_("Waits for"), ngettext("%(days)d day", "%(days)d days", days) % {"days": days})

    @admin.display(description=gettext_lazy("Due"), ordering="status_since")
    def due(self, row: Request) -> SafeString | str:
        """The working day by which the next act is expected, and whether it is over."""
        day = due_on(row)
        if day is None or row.is_closed:
            return "–"
        if day < clock.today():
            late = _("overdue since %(day)s") % {"day": formats.date_format(day)}
            return format_html('<span class="oa-tag oa-tag--danger">{}</span>', late)
        return _labelled(_("Due"), formats.date_format(day))

    @admin.action(description=gettext_lazy("Decide several at once…"))
    def decide_several(self, request: HttpRequest, queryset: QuerySet[Request]) -> HttpResponse:
        """On to the page that takes one act and one reason for those that are ticked."""
        query = urlencode([("request", str(pk)) for pk in queryset.values_list("pk", flat=True)])
        return redirect(f"{reverse('admin:approvals_request_several')}?{query}")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        titles = {"open": _("Open requests"), "closed": _("Closed requests"), "all": _("All requests")}
        title = titles.get(request.GET.get("show", ""), _("Waiting for me"))
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "<int:pk>/<str:act>/",
            self.admin_site.admin_view(self.act_view),
            name="approvals_request_act",
        )
        together = path(
            "several/", self.admin_site.admin_view(self.several_view), name="approvals_request_several"
        )
        # Before the stock ones, but after none of theirs: `change`, `history` and `delete` are no acts.
        return [
            *[
                url
                for url in super().get_urls()
                if url.name and url.name.endswith(("_changelist", "_change"))
            ],
            together,
            act,
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One request on one page. It is read here; acts have addresses of their own."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        return deciding.page(self, request, object_id)

    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        return deciding.act(self, request, str(pk), act)

    def several_view(self, request: HttpRequest) -> HttpResponse:
        return several.page(self, request)

    def page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        """A page of this admin's own in the admin's frame."""
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/approvals/request/{template}", whole, status=status)


def _labelled(label: str, text: str) -> SafeString:
    """A cell that carries its column's name where a telephone shows the row as a card."""
    return format_html('<span class="oa-only-narrow">{}</span> {}', label, text)
