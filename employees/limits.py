"""How often one person, and one address, may do something before “later”. Counted in the shared cache."""

from __future__ import annotations

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.http import HttpRequest, HttpResponse


def exceeded(request: HttpRequest, action: str) -> bool:
    """Whether this POST is one too many of `action`, whose rate is the setting of that name: REVEAL_RATE."""
    rates = {action: getattr(settings, f"{action.upper()}_RATE")}
    return not consume(request, app="official", action=action, config=rates, user=request.user)


def refuse(request: HttpRequest) -> HttpResponse:
    """The page that says “later”."""
    answer: HttpResponse = ratelimit.respond_429(request)
    return answer
