"""The admin's door, and the list of one's own sessions."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from requests.exceptions import RequestException

from audit.denials import absent
from employees.models import Employee

logger = logging.getLogger("signin")


def admin_login(request: HttpRequest) -> HttpResponse:
    """The admin has no sign-in page of its own; whoever is signed in and still sent here may not enter it."""
    if request.user.is_authenticated:
        raise PermissionDenied
    target = request.GET.get("next") or reverse("admin:index")
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': target})}")


def sso(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Off to the City's provider. Where it does not answer, a page says so: the password still opens."""
    try:
        answer: HttpResponse = oidc.login(request, provider_id)
    except RequestException as error:
        logger.warning("The provider of single sign-on does not answer: %s", type(error).__name__)
        return render(request, "socialaccount/authentication_error.html", status=503)
    return answer


@login_required
@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in, this session first, each with a button that ends it."""
    assert isinstance(request.user, Employee)
    rows = UserSession.objects.purge_and_list(request.user)
    rows.sort(key=lambda row: (row.session_key != request.session.session_key, -row.created_at.timestamp()))
    return render(request, "config/sessions.html", {"rows": rows, "own_key": request.session.session_key})


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own sessions; ending this one signs out."""
    found = UserSession.objects.filter(pk=pk, user=request.user).first()
    if found is None:
        raise absent(hidden=UserSession.objects.filter(pk=pk).exists())
    if found.session_key == request.session.session_key:
        logout(request)
        return redirect("account_login")
    found.end()
    messages.success(request, _("That session is ended. Whoever used it has to sign in again."))
    return redirect("sessions")
