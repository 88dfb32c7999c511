"""Who must have a second factor, and what is open until they have: enrolling it, and signing out."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from credentials.models import Custody
from employees import authority, stepup
from employees.models import Designation, Employee

GetResponse = Callable[[HttpRequest], HttpResponse]

OPEN = {
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "config:healthz",
}
"""Names of the addresses that need no second factor of anybody."""


ENROLS = {"mfa_activate_totp", "mfa_add_webauthn"}


def must_have_factor(person: Employee) -> bool:
    """Whether the person holds an office, a designation, custody or a staff role, or is a superuser."""
    return (
        person.is_superuser
        or authority.enters_admin(person)
        or Designation.objects.in_force().filter(designee=person).exists()
        or Custody.objects.standing().filter(person=person).exists()
    )


def eight_hours_and_a_second_factor(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponseBase]:
    """Ends sessions eight hours after signing in; keeps who must have a second factor to enrolling or using it.

    Without a session cookie nothing is asked, and public pages stay the same for everybody.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        if not isinstance(request.user, Employee):
            return get_response(request)
        if _is_old(request):
            logout(request)
            messages.info(request, _("You were signed out: eight hours had passed since you signed in."))
            return redirect("account_login")
        if _enrols_out_of_the_blue(request, request.user):
            logout(request)
            messages.info(request, _("To add a second factor, sign in once more; then do it within minutes."))
            return redirect(f"{reverse('account_login')}?{urlencode({'next': reverse('mfa_index')})}")
        if stepup.used_factor(request) or _is_open(request.path_info) or not must_have_factor(request.user):
            return get_response(request)
        return _to_the_factor(request)

    return middleware


def _enrols_out_of_the_blue(request: HttpRequest, person: Employee) -> bool:
    """Whether a first factor would be added long after signing in by somebody who has no password to confirm with.

    django-allauth lets them through: it knows nothing that it could ask who comes by single sign-on alone.
    """
    return (
        _name(request.path_info) in ENROLS
        and not stepup.signed_in_recently(request)
        and not person.has_usable_password()
        and not stepup.has_factor(person)
    )


def _is_old(request: HttpRequest) -> bool:
    first = next(iter(stepup.records(request)), None)
    return first is not None and time.time() - float(first["at"]) > settings.SESSION_COOKIE_AGE


def _is_open(path: str) -> bool:
    name = _name(path)
    return name in OPEN if name else path.startswith(settings.STATIC_URL)


def _name(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def _to_the_factor(request: HttpRequest) -> HttpResponseRedirect:
    if stepup.has_factor(request.user):
        back = request.get_full_path() if request.method == "GET" else settings.LOGIN_REDIRECT_URL
        return HttpResponseRedirect(stepup.confirm_url(back))
    messages.warning(
        request, _("What you hold here wants a second factor. Add one; then everything else opens.")
    )
    return redirect("mfa_index")
