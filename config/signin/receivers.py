"""What follows when somebody enrols."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from config.signin.forms import note_used
from employees import stepup


def enrolled(sender: Any, *, request: HttpRequest, user: Any, authenticator: Authenticator, **_: Any) -> None:
    """To enrol a factor one has just used it; the code that did it is used up."""
    if authenticator.type not in stepup.FACTORS:
        return
    note_used(user.pk, request.POST.get("code", ""))
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, enrolled=True)
