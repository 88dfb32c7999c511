"""What every answer carries, whichever view made it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

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
