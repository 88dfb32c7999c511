"""What people type to come in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import PasswordResetForm
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from config.failures import code_failed
from credentials.keyring import NoKeys, VaultUnavailable, WrongKey

logger = logging.getLogger("signin")


class SignInForm(LoginForm):
    """Work e-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email, password = self.fields["login"], self.fields["password"]
        email.label, password.label = _("Work e-mail"), _("Password")
        password.help_text = ""
        for field in (email, password):
            field.widget.attrs.pop("placeholder", None)
        email.widget.attrs.update({"autocomplete": "username", "autocapitalize": "none"})


class OneUse(forms.Form):
    """A code from the app opens once, also while its neighbours in time still count.

    allauth forgets a used code after one step of 30 seconds; with a tolerance of a step it would open again.
    """

    user: Any
    authenticator: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("Code")
        code.help_text = _("Six digits from your authenticator app, or one of your recovery codes.")
        code.widget.attrs.pop("placeholder", None)
        code.widget.attrs.update({"inputmode": "numeric", "autofocus": True})

    @sensitive_variables()
    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except forms.ValidationError:
            code_failed(self.user)
            raise
        except (NoKeys, WrongKey) as trouble:
            # The installation's fault, not this person's: it is no guess, and typing again does not help.
            logger.error("No second factor can be checked: %s", trouble)
            raise forms.ValidationError(
                _(
                    "No code can be checked at present: the vault’s key is not in its place. Yours may be right. "
                    "Tell whoever runs the server."
                ),
                code="vault",
            ) from None
        except VaultUnavailable as trouble:
            logger.error("A second factor of person %s does not open: %s", self.user.pk, trouble)
            code_failed(self.user)
            raise get_adapter().validation_error("incorrect_code") from None
        if self.authenticator.type == "totp" and not note_used(self.user.pk, code):
            code_failed(self.user)
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(OneUse, AuthenticateForm):
    """The second factor at signing in."""


class CodeAgainForm(OneUse, ReauthenticateForm):
    """The second factor before an act that wants it."""


def note_used(person: int, code: str) -> bool:
    """Whether this code of this person is used for the first time; from now on it is used."""
    window = (2 * app_settings.TOTP_TOLERANCE + 1) * app_settings.TOTP_PERIOD
    digits = "".join(character for character in code if character.isalnum())
    return bool(cache.add(f"signin.code.{person}.{digits}", True, timeout=window))


class FirstOrForgottenPasswordForm(PasswordResetForm):
    """Also mails people who never had a password: imported staff set their first one this way."""

    def get_users(self, email: str) -> Iterator[Any]:
        users = get_user_model()
        field = users.get_email_field_name()
        yield from users._default_manager.filter(**{f"{field}__iexact": email, "is_active": True})
