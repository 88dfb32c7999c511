"""Secrets that are typed: never filled in by a browser, never rendered back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credentials import generation
from credentials.models import SecretItem
from credentials.vault import LOGIN_LENGTH


def _login() -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})
    return forms.CharField(
        label=gettext_lazy("Login name on the platform"), max_length=LOGIN_LENGTH, widget=widget
    )


def _secret_line(label: object, **options: Any) -> forms.CharField:
    """A secret on one line. Browsers disregard "off" on passwords and would fill in the person's own; "new-password"
    they respect."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "data-1p-ignore": ""})
    return forms.CharField(label=label, strip=False, widget=widget, **options)  # type: ignore[arg-type]


class DepositForm(forms.Form):
    """The login and password that the platform accepts now."""

    login = _login()
    password = _secret_line(gettext_lazy("Password that the platform accepts now"))


class CorrectForm(forms.Form):
    """What the mistyped login name or password should have been."""

    login = _login()
    password = _secret_line(
        gettext_lazy("Password as the platform accepts it"),
        required=False,
        help_text=gettext_lazy("Left empty: the password is right, and only the login name was not."),
    )

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("login") == self.initial["login"] and "password" in data and not data["password"]:
            self.add_error("password", _("Nothing is changed yet: type the password, or another login name."))


class NewPasswordForm(forms.Form):
    """How the new password of a rotation comes about. Nothing chosen: one is made of characters."""

    TYPED = "typed"
    style = forms.ChoiceField(
        label=gettext_lazy("The new password"),
        required=False,
        choices=(
            (generation.PASSWORD, gettext_lazy("Made of characters")),
            (generation.PASSPHRASE, gettext_lazy("Made of words, easier to type on a telephone")),
            (TYPED, gettext_lazy("Typed by me; it is measured, and must never have been used")),
        ),
    )
    password = _secret_line(gettext_lazy("If typed: the new password"), required=False)

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("style") == self.TYPED and not data.get("password"):
            self.add_error("password", _("Type the new password, or let one be made."))


class ReconcileForm(forms.Form):
    """Which password the platform turned out to have."""

    EARLIER = "version-"
    found = forms.ChoiceField(
        label=gettext_lazy("What opens the account"),
        error_messages={"required": gettext_lazy("Choose which password opens the account.")},
        widget=forms.RadioSelect,
    )
    password = _secret_line(gettext_lazy("If another: that password"), required=False)

    def __init__(self, *args: Any, new: int, old: int, earlier: Iterable[int], **options: Any) -> None:
        """The numbers of the new version, of the current one, and of earlier ones that are kept."""
        super().__init__(*args, **options)
        field = self.fields["found"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("new", _("The new password, version %(number)d") % {"number": new}),
            ("old", _("The old password, version %(number)d") % {"number": old}),
            *(
                (f"{self.EARLIER}{number}", _("An earlier one, version %(number)d") % {"number": number})
                for number in earlier
            ),
            ("other", _("Another one, which I set through the platform’s recovery")),
        ]

    @property
    def number(self) -> int | None:
        """Which earlier version opens it, where it is one."""
        head, _sign, number = self.cleaned_data["found"].partition(self.EARLIER)
        return None if head else int(number)


class SecretTextarea(forms.Textarea):
    """Lines that are never rendered back."""

    def format_value(self, value: Any) -> str:
        return ""


class ItemForm(forms.Form):
    """A seed, recovery codes or security answers, as the platform shows them."""

    LABELS = {
        SecretItem.Kind.TOTP_SEED: (
            gettext_lazy("Seed"),
            gettext_lazy(
                "The letters that the platform shows beneath its picture, or the otpauth:// address in it."
            ),
        ),
        SecretItem.Kind.RECOVERY_CODES: (
            gettext_lazy("Recovery codes"),
            gettext_lazy("All of them, one on each line."),
        ),
        SecretItem.Kind.SECURITY_ANSWERS: (
            gettext_lazy("Questions and answers"),
            gettext_lazy("One on each line: question = answer."),
        ),
    }
    value = forms.CharField(
        strip=False,
        max_length=8000,
        widget=SecretTextarea(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].label, self.fields["value"].help_text = self.LABELS[SecretItem.Kind(kind)]


class NotesForm(forms.Form):
    """Notes that are sealed."""

    text = forms.CharField(
        label=gettext_lazy("Notes"),
        help_text=gettext_lazy(
            "For whoever holds the account. Sealed like a password; what you write over is gone."
        ),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"autocomplete": "off"}),
    )
