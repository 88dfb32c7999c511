"""The admin's site: who is signed in and has nothing to do here is turned away, and only seated admins come in."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, reverse
from django.utils.translation import gettext as _

CLOSED = ("autocomplete", "view_on_site", "password_change", "password_change_done")
"""Stock addresses that no page of ours uses: doors beside those that ask for more, or that tell of rows unseen."""


class SeatedSite(AdminSite):
    """Django's own site lets `is_superuser` into every admin of every app; here seats and roles decide."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take a SeatedAdmin, pass over the rest: libraries bring admins that obey Django's flags."""
        from employees.admin import SeatedAdmin

        if admin_class is not None and issubclass(admin_class, SeatedAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person enters at all. Raises PermissionDenied: signing in again would not help them."""
        enters = super().has_permission(request)
        if request.user.is_authenticated and not enters:
            raise PermissionDenied
        return enters

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "yours": _yours(request)}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [one for one in super().get_urls() if getattr(one, "name", None) not in CLOSED]


def _yours(request: HttpRequest) -> list[dict[str, str]]:
    """What waits for the viewer in the admin, with how much: the first lines of its sidebar."""
    from accounts.services import awaiting_attestation
    from approvals.moves import to_decide
    from employees import authority
    from employees.models import Employee, Office

    person = request.user
    if not isinstance(person, Employee) or not authority.enters_admin(person):
        return []
    found = [
        ("admin:approvals_request_changelist", _("Waiting for me (%(count)d)"), to_decide(person).count())
    ]
    if authority.holds(person, Office.Kind.PI_DIRECTOR):
        count = awaiting_attestation().count()
        found.append(("admin:accounts_account_attest", _("Attest imported accounts (%(count)d)"), count))
    return [{"url": reverse(url), "label": label % {"count": count}} for url, label, count in found]
