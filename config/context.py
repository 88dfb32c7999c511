"""What every page knows: the City, the way round the site, and where one is."""

from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from credentials.views import asking
from employees import rules

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# label, address, further addresses that belong to the same place
Place: TypeAlias = "tuple[StrOrPromise, str, tuple[str, ...]]"

PUBLIC: list[Place] = [
    (_("Directory"), "/", ("/accounts/",)),
    (_("Verify"), "/verify/", ()),
]
STAFF: list[Place] = [
    (_("Yours today"), "/today/", ()),
    (_("Requests"), "/requests/", ()),
    (_("Accounts"), "/registry/", ()),
    (_("Credentials"), "/credentials/", ("/custody/",)),
]
ACCESS: list[Place] = [(_("Access"), "/access/", ("/reviews/",))]
PEOPLE: list[Place] = [(_("People"), "/people/", ())]
ADMIN: list[Place] = [(_("Admin"), "/admin/", ())]
STAFF_FOOTER: list[Place] = [
    (_("Acknowledge the policy"), "/policy/acknowledge/", ()),
    (_("Who can do what"), "/who-can-do-what/", ()),
]
FOOTER: list[Place] = [
    (_("Social Media Policy"), "/policy/", ()),
    (_("Report an account"), "/report/", ()),
    (_("Data"), "/data/", ()),
    (_("Accessibility"), "/accessibility/", ()),
    (_("Help"), "/help/", ()),
]

TIME_ZONES = {
    "America/New_York": _("Eastern Time"),
    "America/Chicago": _("Central Time"),
    "America/Denver": _("Mountain Time"),
    "America/Los_Angeles": _("Pacific Time"),
}


GOVERNMENT = (".gov", ".mil")
"""Endings of hosts that the federal government gives to governments alone: they bear its banner, others must not."""


def host_of(request: HttpRequest) -> str:
    """The host that was asked for, without its port; empty where it is none of ours, as on the page that says so."""
    try:
        return request.get_host().partition(":")[0].lower()
    except DisallowedHost:
        return ""


def city(request: HttpRequest) -> dict[str, Any]:
    return {
        "city": {
            "name": settings.CITY_NAME,
            "state": settings.CITY_STATE,
            "website": settings.CITY_WEBSITE,
            "phone": settings.CITY_PHONE,
            "government": host_of(request).endswith(GOVERNMENT),
            "time_zone": TIME_ZONES.get(settings.TIME_ZONE, settings.TIME_ZONE),
        }
    }


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`nav` and `footer_nav`: places that exist and that this person may go to, the present one marked."""
    user = getattr(request, "user", None)
    places = list(PUBLIC)
    footer = list(FOOTER)
    if user is not None and user.is_authenticated:
        places += STAFF
        places += ACCESS if asking.may_ask(user) else []
        places += PEOPLE if rules.lists_people(user) else []
        places += ADMIN if user.is_staff else []
        footer += STAFF_FOOTER
    here = request.path
    return {
        "nav": [
            {"label": label, "url": url, "current": is_within(here, url, more)}
            for label, url, more in places
            if exists(url)
        ],
        "footer_nav": [{"label": label, "url": url} for label, url, _more in footer if exists(url)],
        "person_title": getattr(user, "title_now", "") or "",
    }


def is_within(here: str, url: str, more: tuple[str, ...]) -> bool:
    return (
        here == url or (url != "/" and here.startswith(url)) or any(here.startswith(other) for other in more)
    )


@cache
def exists(url: str) -> bool:
    try:
        resolve(url)
    except Resolver404:
        return False
    return True
