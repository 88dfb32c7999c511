"""Who comes in: signed-in people, and whose page each may see."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

from audit.denials import absent
from audit.errors import NotPermitted
from employees import rules
from employees.models import Employee

P = ParamSpec("P")


def staff(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For people who are signed in. What a rule forbids becomes a page that says why (403)."""

    @login_required
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NotPermitted as refusal:
            raise PermissionDenied(str(refusal)) from None

    return run


def viewer_of(request: HttpRequest) -> Employee:
    """Who is signed in. Only behind `staff`."""
    assert isinstance(request.user, Employee)
    return request.user


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form's POST carries, an empty one included; None while the form is only looked at."""
    return request.POST if request.method == "POST" else None


def seen(request: HttpRequest, pk: int) -> Employee:
    """The person with this id; for who may not see their page it is as if they were not there (404)."""
    found = Employee.objects.select_related("department").filter(pk=pk).first()
    if found is None or not rules.sees(viewer_of(request), found):
        raise absent(hidden=found)
    return found
