"""The door of every page here: who is signed in, what they may see, and what a refusal becomes."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template import loader
from django.utils.cache import patch_cache_control

from audit import ledger
from audit.denials import absent
from audit.errors import NotPermitted, Refused
from credentials import entitlement
from credentials.keyring import VaultUnavailable
from credentials.models import Credential
from credentials.sealing import Damaged
from employees import authority
from employees.models import Employee

logger = logging.getLogger(__name__)

P = ParamSpec("P")

READING = ("GET", "HEAD")
"""Methods of requests that change nothing: for those a person's seats and roles are read once."""


def person_of(request: HttpRequest) -> Employee:
    """Who is signed in. Only behind `staff`."""
    assert isinstance(request.user, Employee)
    return request.user


def staff(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For people who are signed in. A refusal that the view did not answer itself becomes a page, never a 500.

    Neither does a database that cannot be used: nothing of the exception is shown or logged but its name.
    """

    @login_required
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.method in READING:
                authority.remember(person_of(request))
            return view(request, *args, **kwargs)
        except NotPermitted as refusal:
            raise PermissionDenied(str(refusal)) from None
        except Refused as refusal:
            return render(request, "credentials/refused.html", {"refusal": str(refusal)}, status=409)
        except VaultUnavailable as trouble:
            return _unavailable(request, trouble)
        except (OperationalError, InterfaceError) as trouble:
            return database_unavailable(trouble)

    return run


def _unavailable(request: HttpRequest, trouble: VaultUnavailable) -> HttpResponse:
    """What is wrong with the keys or the row is for IT to read; everybody else is told whom to call."""
    logger.error("%s: %s", type(trouble).__name__, trouble)
    person = person_of(request)
    for_it = entitlement.may_rotate(person)
    context = {
        "trouble": str(trouble) if for_it else "",
        "for_it": for_it,
        "damaged": isinstance(trouble, Damaged),
    }
    return render(request, "credentials/unavailable.html", context, status=503)


def database_unavailable(trouble: Exception) -> HttpResponse:
    """A full disk, a locked or lost database: said without asking it anything more. Nothing was left half-written."""
    logger.error("The database could not be used: %s", type(trouble).__name__)
    # Without the request: whoever is signed in would have to be looked up.
    context = {"unwritten": isinstance(trouble, ledger.Unwritable)}
    answer = HttpResponse(loader.render_to_string("credentials/database.html", context), status=503)
    answer["Retry-After"] = "60"
    patch_cache_control(answer, no_store=True, private=True)
    return answer


def secretive(response: HttpResponse) -> HttpResponse:
    """`response`, which shows a secret, so that no cache keeps it and its address goes nowhere.

    Only for those: under no-referrer browsers send `Origin: null` with every form, and Django refuses that.
    """
    patch_cache_control(response, no_store=True, private=True)
    response["Referrer-Policy"] = "no-referrer"
    return response


def whole(text: str) -> int:
    """A number from an address; 0 for anything else, and for more than any list has."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def seen(request: HttpRequest, pk: int) -> Credential:
    """The credential with this id; for who may not see its account it is as if it were not there (404)."""
    found = (
        Credential.objects.select_related("account__platform", "account__department").filter(pk=pk).first()
    )
    if found is None or not entitlement.may_see(person_of(request), found.account):
        raise absent(hidden=found)
    return found
