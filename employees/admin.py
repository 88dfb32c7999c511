"""The admin by seat: Django's permissions and the superuser's flag open nothing here.

Policy, Administrative Policy, first bullet: authority follows from offices. Rows are read here; what changes them are
services, called from pages, so nothing can be added, edited or deleted in the admin itself.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.models import SecurityEvent
from employees import authority
from employees.models import Appointment, Department, Designation, Employee, Role


class SeatedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A read-only admin for those whom `may_see` lets in.

    No permission of Django's counts, nothing is added, changed or deleted, there are no actions, filters in the address
    reach only the columns of `list_filter`, and nothing is written to Django's own log.
    """

    actions = None
    show_full_result_count = False
    view_on_site = False
    list_per_page = 50

    def may_see(self, person: Employee) -> bool:
        """Whether the seats and roles of `person` open this list. Asked once for each request."""
        return authority.sees_everything(person)

    def seated(self, request: HttpRequest) -> bool:
        """Whether who asks may see this list."""
        person = request.user
        if not isinstance(person, Employee) or not person.is_active:
            return False
        answers: dict[str, bool] = request.__dict__.setdefault("_seated", {})
        key = self.model._meta.label
        if key not in answers:
            answers[key] = self.may_see(person)
        return answers[key]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.seated(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.seated(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Any plain column would otherwise answer `?column__startswith=` one guess at a time."""
        names = [one[0] if isinstance(one, list | tuple) else one for one in self.list_filter]
        allowed = {name for name in names if isinstance(name, str)}
        if self.date_hierarchy:
            allowed.add(self.date_hierarchy)
        endings = ("exact", "isnull", "id", "pk", "year", "month", "day", "gte", "lt")
        parts = lookup.split("__")
        while parts:
            if "__".join(parts) in allowed:
                return True
            if parts.pop() not in endings:
                return False
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Asks for the seat before it looks for the row: else the answer would tell which rows there are."""
        if not self.seated(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Writes nothing: the ledger tells what was done."""

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        """Writes nothing: the ledger tells what was done."""

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Writes nothing: nothing is deleted."""


class RecordsAdmin(SeatedAdmin):
    """Lists of people and papers, each with a link to the page where something can be done."""

    person_field = "holder"

    @admin.display(description=_("Person"))
    def page(self, row: models.Model) -> SafeString:
        person = row if isinstance(row, Employee) else getattr(row, self.person_field)
        return format_html('<a href="{}">{}</a>', reverse("employees:person", args=[person.pk]), person.name)


@admin.register(Department)
class DepartmentAdmin(RecordsAdmin):
    list_display = ("name", "code")
    search_fields = ("name", "code")
    fields = ("name", "code")


@admin.register(Employee)
class EmployeeAdmin(RecordsAdmin):
    """People without passwords or flags: who may do what follows from seats."""

    list_display = ("name", "employee_number", "email", "title", "department", "kind", "is_active", "page")
    list_filter = ("is_active", "kind", "department")
    list_select_related = ("department",)
    search_fields = ("name", "employee_number", "email")
    fields = ("name", "employee_number", "email", "kind", "title", "department", "is_active", "page")
    readonly_fields = ("page",)


class PaperAdmin(RecordsAdmin):
    """Appointments, designations and roles, with when they hold."""

    papers: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    dates = ("start", "end", "effective_from", "effective_until", "instrument")
    provenance = (
        "recorded_by",
        "recorded_at",
        "confirmed_by",
        "confirmed_at",
        "ended_by",
        "ended_at",
        "end_reason",
    )

    def get_list_display(self, request: HttpRequest) -> Any:
        return (*self.listed, "page", "in_force_now", "start", "end")

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        return (*self.papers, *self.dates, *self.provenance)

    @admin.display(description=_("In force"), boolean=True)
    def in_force_now(self, row: Appointment | Designation | Role) -> bool:
        return row.in_force(clock.now())


@admin.register(Appointment)
class AppointmentAdmin(PaperAdmin):
    papers = ("office", "holder", "acting")
    listed = ("office", "acting")
    list_filter = ("acting", "office__kind")
    list_select_related = ("office__department", "holder")
    search_fields = ("holder__name", "instrument")


@admin.register(Designation)
class DesignationAdmin(PaperAdmin):
    person_field = "designee"
    papers = ("designee", "department", "whole_department", "made_under")
    listed = ("department", "whole_department")
    list_filter = ("whole_department", "department")
    list_select_related = ("designee", "department", "made_under__holder", "made_under__office__department")
    search_fields = ("designee__name", "instrument")


@admin.register(Role)
class RoleAdmin(PaperAdmin):
    papers = ("holder", "name")
    listed = ("name",)
    list_filter = ("name",)
    list_select_related = ("holder",)
    search_fields = ("holder__name", "instrument")


@admin.register(SecurityEvent)
class SecurityEventAdmin(SeatedAdmin):
    """What failed without sign-in, by hour."""

    list_display = ("hour", "kind", "count", "who", "address")
    list_filter = ("kind",)
    date_hierarchy = "hour"
    fields = ("hour", "kind", "count", "who", "address")
    readonly_fields = ("who",)

    def may_see(self, person: Employee) -> bool:
        return authority.is_information_technology(person)

    @admin.display(description=_("Who"))
    def who(self, row: SecurityEvent) -> str:
        """The person where one is known; else the hash of what was typed."""
        kind, _space, pk = row.about.partition(" ")
        if kind == "employees.employee" and pk.isdecimal():
            person = Employee.objects.filter(pk=int(pk)).first()
            return person.name if person is not None else row.about
        return row.about[:12]
