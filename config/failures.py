"""Sign-ins that failed, as the security log counts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.core import context
from django.db import DatabaseError
from django.http import HttpRequest

from audit import security
from audit.models import SecurityEvent
from config.middleware import client_address, logger
from employees.models import Employee


def sign_in_failed(
    *, credentials: Mapping[str, Any], request: HttpRequest | None = None, **signal: Any
) -> None:
    """Count a wrong password by person, and an unknown name by its hash: people type passwords there."""
    typed = next(
        (str(credentials[name]) for name in ("username", "email", "login") if credentials.get(name)), ""
    )
    person = Employee.objects.filter(email__iexact=typed).only("pk").first() if typed else None
    if person is not None:
        _count(SecurityEvent.Kind.SIGN_IN_KNOWN, request, f"employees.employee {person.pk}")
    else:
        _count(SecurityEvent.Kind.SIGN_IN_UNKNOWN, request, security.hashed(typed))


def code_failed(person: Employee) -> None:
    """Count a wrong, old or used code by person: at signing in, and before an act that wants it."""
    _count(SecurityEvent.Kind.WRONG_CODE, context.request, f"employees.employee {person.pk}")


def single_sign_on_failed(request: HttpRequest) -> None:
    """Count an identity that let nobody in."""
    _count(SecurityEvent.Kind.SINGLE_SIGN_ON, request)


def _count(kind: SecurityEvent.Kind, request: HttpRequest | None, about: str = "") -> None:
    try:
        security.count(actor=None, kind=kind, about=about, address=client_address(request))
    except DatabaseError:
        logger.exception("A failure to come in could not be counted")
