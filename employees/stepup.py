"""Second factors, and acts that want one used a moment ago. The password alone never counts for them.

A room's view is decorated with `needs_recent_factor`; the page on which one confirms is django-allauth's.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What is a second factor. Recovery codes stand in for one and are none by themselves."""

TYPED = "stepup_typed"


def records(request: HttpRequest) -> list[dict[str, Any]]:
    """How and when the person signed in and confirmed in this session; empty for everybody else's."""
    user = request.user if request.user.is_authenticated else None
    found: list[dict[str, Any]] = get_authentication_records(request, user)
    return found


def used_factor(request: HttpRequest) -> bool:
    """Whether this session came in, or went on, with a second factor."""
    return any(record.get("method") == "mfa" for record in records(request))


def used_recently(request: HttpRequest) -> bool:
    """Whether a second factor was used in this session within the last STEP_UP_SECONDS."""
    return _within([record for record in records(request) if record.get("method") == "mfa"])


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether the person came in, by any means, within the last STEP_UP_SECONDS: enough to enrol a first factor."""
    return _within(records(request))


def _within(found: list[dict[str, Any]]) -> bool:
    age = time.time() - max((float(record["at"]) for record in found), default=float("-inf"))
    return 0 <= age < float(settings.STEP_UP_SECONDS)


def has_factor(user: Any) -> bool:
    """Whether the person has enrolled a second factor."""
    return bool(user.is_authenticated) and bool(
        Authenticator.objects.filter(user=user, type__in=FACTORS).exists()
    )


def confirm_url(back: str) -> str:
    """The page on which one confirms with the second factor, and from which one comes back to the path `back`."""
    return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}"


def confirm_link(request: HttpRequest, back: str) -> str:
    """`confirm_url`, or where one adds a factor when there is none: for a page that keeps what was typed in itself."""
    return confirm_url(back) if has_factor(request.user) else reverse("mfa_index")


def needs_recent_factor(
    back: str = "", *, keep: bool = False
) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """For views whose act wants a second factor used within STEP_UP_SECONDS; others are sent to confirm first.

    `back` names the view to come back to, which takes the same arguments, `pk` alone or none; without it, it is the
    address itself. A POST
    is not carried out: a message says so. With `keep`, what was typed waits in the session for `typed()`; never for
    secrets.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if used_recently(request):
                return view(request, *args, **kwargs)
            path = _back(back, kwargs) if back else request.get_full_path()
            return send_to_confirm(request, path, keep=keep)

        return run

    return decorate


def _back(name: str, kwargs: dict[str, Any]) -> str:
    for some in (kwargs, {key: value for key, value in kwargs.items() if key == "pk"}):
        try:
            return reverse(name, kwargs=some)
        except NoReverseMatch:
            continue
    return reverse(name)


def send_to_confirm(request: HttpRequest, path: str, *, keep: bool = False) -> HttpResponseRedirect:
    """To the page on which one confirms, or to enrolment where there is nothing to confirm with."""
    if request.method not in ("GET", "HEAD"):
        if keep:
            keep_typed(request, request.path)
        messages.warning(request, _("Nothing was done yet. Confirm that it is you; then do it once more."))
    if not has_factor(request.user):
        messages.warning(request, _("This wants a second factor, and you have none yet. Add one first."))
        return HttpResponseRedirect(reverse("mfa_index"))
    return HttpResponseRedirect(confirm_url(path))


def keep_typed(request: HttpRequest, path: str, *, without: Sequence[str] = ()) -> None:
    """Keep what was typed, but the fields `without`, for the page at `path`, which asks for it by `typed()`."""
    data = request.POST.copy()
    for name in ("csrfmiddlewaretoken", *without):
        data.pop(name, None)
    request.session[TYPED] = {"path": path, "data": data.urlencode()}


def typed(request: HttpRequest) -> QueryDict | None:
    """What was typed on this very page before one was sent to confirm; given once."""
    kept = request.session.get(TYPED)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[TYPED]
    return QueryDict(kept["data"])
