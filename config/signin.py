"""Signing in and setting a password."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Says the same for an unknown address, a wrong password and a person who has left."""

    error_messages = {
        "invalid_login": _("That e-mail address and password do not go together. Check both and try again."),
        "inactive": _("That e-mail address and password do not go together. Check both and try again."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Work e-mail")


class FirstOrForgottenPasswordForm(PasswordResetForm):
    """Also mails people who never had a password: imported staff set their first one this way."""

    def get_users(self, email: str) -> Iterator[Any]:
        users = get_user_model()
        field = users.get_email_field_name()
        yield from users._default_manager.filter(**{f"{field}__iexact": email, "is_active": True})


def admin_login(request: HttpRequest) -> HttpResponse:
    """The admin has no sign-in page of its own; whoever is signed in and still sent here may not enter it."""
    if request.user.is_authenticated:
        raise PermissionDenied
    target = request.GET.get("next") or reverse("admin:index")
    return HttpResponseRedirect(f"{reverse('login')}?{urlencode({'next': target})}")
