"""What every answer carries, whichever view made it."""

import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.cache import patch_cache_control
from django.views.defaults import permission_denied

from audit import denials, security
from audit.errors import NotPermitted
from audit.models import SecurityEvent
from employees.models import Employee

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """No inline script or style, nothing from another host, no framing."""
    policy = "; ".join(
        f"{directive} {sources}" for directive, sources in settings.CONTENT_SECURITY_POLICY.items()
    )

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response

    return middleware


OPEN = ("/api/v1/", "/.well-known/trust.txt", "/feed.atom")
"""Public data: pages of other sites may read it. It never depends on who asks, and no cookie goes along."""


def open_data(get_response: GetResponse) -> GetResponse:
    """CORS for public data: GET from anywhere, and the question whether one may."""
    allowed = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Expose-Headers": "ETag",
        "Access-Control-Max-Age": "86400",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(OPEN):
            return get_response(request)
        asks_first = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = HttpResponse(status=204) if asks_first else get_response(request)
        for name, value in allowed.items():
            response.headers[name] = value
        return response

    return middleware


def no_store_for_sessions(get_response: GetResponse) -> GetResponse:
    """Nothing that a signed-in person saw stays in a cache or behind the browser's Back button.

    The session cookie decides, not the user: asking for the user would make every public page vary by cookie.
    """
    cookie = settings.SESSION_COOKIE_NAME

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if cookie in request.COOKIES or cookie in response.cookies:
            patch_cache_control(response, no_store=True, private=True)
        return response

    return middleware


class Denials:
    """Writes down who was turned away, after the view's own transaction is over, however that ended.

    A refusal that no view caught becomes a page that says why (403), not an error. What cannot be written down is
    logged: the person is turned away all the same.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        hidden = getattr(request, "_hidden", False)
        to_login = response.status_code == 302 and _leads_to_sign_in(response)
        if response.status_code != 403 and not hidden and not to_login:
            return response
        try:
            _write_down(request, 404 if hidden else response.status_code, to_login=to_login)
        except DatabaseError:
            logger.exception("A denial could not be written down")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, denials.Hidden):
            request._hidden = True  # type: ignore[attr-defined]
        elif isinstance(exception, NotPermitted):
            return permission_denied(request, exception)
        return None


def _write_down(request: HttpRequest, status: int, *, to_login: bool) -> None:
    match, person = request.resolver_match, getattr(request, "user", AnonymousUser())
    if match is None:
        return
    if isinstance(person, Employee):
        if not to_login:
            denials.record_denial(
                actor=person,
                method=request.method or "",
                view=match.view_name,
                pattern=match.route,
                address=client_address(request),
                status=status,
                of=match.kwargs,
            )
    else:
        kind = SecurityEvent.Kind.STAFF_PAGE if to_login else SecurityEvent.Kind.FORBIDDEN
        security.count(actor=None, kind=kind, address=client_address(request))


def _leads_to_sign_in(response: HttpResponse) -> bool:
    return urlsplit(response.headers.get("Location", "")).path == resolve_url(settings.LOGIN_URL)


def client_address(request: HttpRequest | None) -> str:
    """Where the request came from: behind proxies of one's own, what the outermost of them wrote down."""
    if request is None:
        return ""
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    told = request.headers.get("X-Forwarded-For", "").split(",")
    if trusted:
        return told[-trusted].strip() if len(told) >= trusted else ""
    return str(request.META.get("REMOTE_ADDR", ""))
