"""Sign-ins that failed, as the security log counts them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    try:
        if person is not None:
            kind, about = SecurityEvent.Kind.SIGN_IN_KNOWN, f"employees.employee {person.pk}"
        else:
            kind, about = SecurityEvent.Kind.SIGN_IN_UNKNOWN, security.hashed(typed)
        security.count(actor=None, kind=kind, about=about, address=client_address(request))
    except DatabaseError:
        logger.exception("A failed sign-in could not be counted")
