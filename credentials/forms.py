"""What people type into the vault's pages. A secret is never rendered back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services as accounts
from audit import clock, when
from audit.errors import Invalid, NotPermitted, Refused
from credentials.knowledge import REASON_LENGTH
from credentials.models import SecretVersion
from credentials.vault import LOGIN_LENGTH
from employees.models import Department, Employee

SPOKEN = {"at": "day"}
"""Fields of services that pages ask for under another name."""


def answer(form: forms.Form, refusal: Refused) -> None:
    """Say on `form` why a service refused: at the field it named, else above. NotPermitted goes on as it is."""
    if isinstance(refusal, NotPermitted):
        raise refusal
    fields = getattr(refusal, "fields", {})
    named = [name for name in (SPOKEN.get(field, field) for field in fields) if name in form.fields]
    form.add_error(named[0] if named else None, str(refusal))


class DepositForm(forms.Form):
    """The login and password that the platform accepts now."""

    login = forms.CharField(
        label=gettext_lazy("Login name on the platform"),
        max_length=LOGIN_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    # Browsers disregard "off" on passwords and would fill in the person's own; "new-password" they respect.
    password = forms.CharField(
        label=gettext_lazy("Password that the platform accepts now"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-1p-ignore": ""}),
    )


class ReportForm(forms.Form):
    """Why a password must be replaced. `version` is the number that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy(
            "One sentence, such as “It stood in a shared document.” Never the password itself."
        ),
        max_length=REASON_LENGTH,
        widget=forms.Textarea,
    )


class ToldForm(forms.Form):
    """Who was told a password outside the vault, and when. `version` is the number that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    person = forms.CharField(
        label=gettext_lazy("Who was told"),
        help_text=gettext_lazy("Work e-mail or employee number."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    day = forms.DateField(
        label=gettext_lazy("On"), help_text=gettext_lazy("Left empty: just now."), required=False
    )
    hour = forms.TimeField(
        label=gettext_lazy("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def clean_person(self) -> Employee:
        try:
            return Employee.objects.by_reference(self.cleaned_data["person"])
        except Employee.DoesNotExist:
            raise ValidationError(
                _("Nobody has this work e-mail or employee number. Look it up in the list of people.")
            ) from None

    def moment(self, version: SecretVersion) -> datetime | None:
        """When the telling was; a day alone means its start, or the making of the version where that is later."""
        day, hour = self.cleaned_data["day"], self.cleaned_data["hour"]
        if day is None:
            return None
        if hour is not None:
            return when.at_time(day, hour)
        made = version.created_at
        return made if clock.day_of(made) == day else clock.start_of(day)


class AskForm(forms.Form):
    """Which account or person, on which day, and at which hour of it."""

    q = forms.CharField(
        label=gettext_lazy("Account or person"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    on = forms.DateField(label=gettext_lazy("On"))
    at = forms.TimeField(
        label=gettext_lazy("At (optional)"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day > clock.today():
            raise ValidationError(_("That day lies ahead. Choose today or an earlier day."))
        return day


class ExportForm(forms.Form):
    """What to export. Empty fields mean everything."""

    account = forms.CharField(
        label=gettext_lazy("Account"),
        help_text=gettext_lazy("As platform:handle, such as x:cityparks, or its number."),
        required=False,
        max_length=300,
    )
    employee = forms.CharField(
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("Work e-mail or employee number."),
        required=False,
        max_length=254,
    )
    department = forms.ModelChoiceField(
        Department.objects.all(),
        label=gettext_lazy("Department"),
        required=False,
        empty_label=gettext_lazy("Every department"),
        to_field_name="code",
    )
    since = forms.DateField(label=gettext_lazy("Held on or after"), required=False)
    until = forms.DateField(label=gettext_lazy("Held on or before"), required=False)
    form = forms.ChoiceField(
        label=gettext_lazy("As"),
        choices=(
            ("csv", gettext_lazy("CSV, for a spreadsheet: cells that it could take for formulas are quoted")),
            ("xlsx", gettext_lazy("XLSX, a workbook: every text stays text")),
            ("jsonl", gettext_lazy("JSON Lines, for programs: every value exactly as it is")),
        ),
        initial="csv",
        widget=forms.RadioSelect,
    )

    def clean_employee(self) -> Employee | None:
        text = self.cleaned_data["employee"]
        if not text:
            return None
        try:
            return Employee.objects.by_reference(text)
        except Employee.DoesNotExist:
            raise ValidationError(_("Nobody has or had this work e-mail or employee number.")) from None

    def clean_account(self) -> Any:
        text = self.cleaned_data["account"]
        try:
            return accounts.find(text) if text else None
        except Invalid as error:
            raise ValidationError(str(error)) from None

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("The end lies before the beginning."))


class EntriesForm(forms.Form):
    """By whom, about what, which act, in which period."""

    actor = forms.CharField(label=gettext_lazy("Who did it"), required=False, max_length=254)
    object = forms.CharField(label=gettext_lazy("To what or whom"), required=False, max_length=300)
    verb = forms.ChoiceField(label=gettext_lazy("Act"), required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Through"), required=False)

    def __init__(self, *args: Any, verbs: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = verbs  # type: ignore[attr-defined]
