"""The security log in the admin, for Information Technology to read."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from audit.models import SecurityEvent
from employees import authority
from employees.admin import SeatedAdmin
from employees.models import Employee


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

    @admin.display(description=_("Who"), empty_value="–")
    def who(self, row: SecurityEvent) -> str:
        """The person where one is known; else the hash of what was typed."""
        kind, _space, pk = row.about.partition(" ")
        if kind == "employees.employee" and pk.isdecimal():
            person = Employee.objects.filter(pk=int(pk)).first()
            return person.name if person is not None else row.about
        return row.about[:12]
