"""What people type into the vault's pages. A secret is never rendered back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services as accounts
from accounts.models import Account, Capability
from audit import clock, when
from audit.errors import Invalid, NotPermitted, Refused
from credentials import generation
from credentials.knowledge import REASON_LENGTH
from credentials.models import Custody, EmergencyAccess, SecretItem, SecretVersion, WayIn
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


def _secret_line(label: object) -> forms.CharField:
    """A secret on one line, which no browser fills in."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password", "data-1p-ignore": ""})
    return forms.CharField(label=label, strip=False, widget=widget)  # type: ignore[arg-type]


class CorrectForm(forms.Form):
    """What the mistyped login name or password should have been."""

    login = forms.CharField(
        label=gettext_lazy("Login name on the platform"),
        max_length=LOGIN_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = _secret_line(gettext_lazy("Password as the platform accepts it"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["password"].required = False
        self.fields["password"].help_text = _(
            "Left empty: the password is right, and only the login name was not."
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
    password = forms.CharField(
        label=gettext_lazy("If typed: the new password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-1p-ignore": ""}),
    )

    def clean(self) -> None:
        data = self.cleaned_data
        if data.get("style") == self.TYPED and not data.get("password"):
            self.add_error("password", _("Type the new password, or let one be made."))


class ReconcileForm(forms.Form):
    """Which password the platform turned out to have."""

    found = forms.ChoiceField(
        label=gettext_lazy("What opens the account"),
        choices=(
            ("new", gettext_lazy("The new password")),
            ("old", gettext_lazy("The old password")),
            ("other", gettext_lazy("Another one, which I set through the platform’s recovery")),
        ),
        widget=forms.RadioSelect,
    )
    password = forms.CharField(
        label=gettext_lazy("If another: that password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-1p-ignore": ""}),
    )


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


class ReasonForm(forms.Form):
    """Why a password had to be changed on the platform."""

    reason = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("One sentence. Never the password itself."),
        max_length=REASON_LENGTH,
        widget=forms.Textarea,
    )


class WayForm(forms.Form):
    """Something else that opens the account, or gets it back."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=WayIn.Kind.choices)
    detail = forms.CharField(
        label=gettext_lazy("Which one"),
        help_text=gettext_lazy(
            "The address, the number, the name of the key, app or portfolio. Nothing secret."
        ),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    holder = forms.CharField(
        label=gettext_lazy("In whose hands"),
        help_text=gettext_lazy(
            "Work e-mail or employee number. Empty: nobody’s alone, such as a shared mailbox."
        ),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    personal = forms.BooleanField(
        label=gettext_lazy("It is the person’s own, not the City’s"), required=False
    )
    since = forms.DateField(
        label=gettext_lazy("Since"), help_text=gettext_lazy("Left empty: today."), required=False
    )

    def clean_holder(self) -> Employee | None:
        text = self.cleaned_data["holder"].strip()
        if not text:
            return None
        try:
            return Employee.objects.by_reference(text)
        except Employee.DoesNotExist:
            raise ValidationError(
                _("Nobody has this work e-mail or employee number. Look it up in the list of people.")
            ) from None


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


def as_which() -> forms.ChoiceField:
    """In which of `tables.FORMS` an export is wanted."""
    return forms.ChoiceField(
        label=gettext_lazy("As"),
        choices=(
            ("csv", gettext_lazy("CSV, for a spreadsheet: cells that it could take for formulas are quoted")),
            ("xlsx", gettext_lazy("XLSX, a workbook: every text stays text")),
            ("jsonl", gettext_lazy("JSON Lines, for programs: every value exactly as it is")),
        ),
        initial="csv",
        widget=forms.RadioSelect,
    )


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
    form = as_which()

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


class EntriesExportForm(EntriesForm):
    """What to export of the entries. Empty fields mean everything."""

    form = as_which()


class GlassForm(forms.Form):
    """Which secret somebody without custody opens now, and why."""

    item = forms.ChoiceField(
        label=gettext_lazy("What you need"),
        help_text=gettext_lazy("One secret at a time. Each one that is opened is told to both Directors."),
        widget=forms.RadioSelect,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("What happened, and why it cannot wait"),
        help_text=gettext_lazy(
            "One sentence, such as “Flood warning at 2 a.m., and neither the Chief nor a designee answers.” Both "
            "Directors read it. Never the password itself."
        ),
        max_length=REASON_LENGTH,
        widget=forms.Textarea,
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.initial = choices[0][0] if choices else None

    def clean_item(self) -> str:
        return self.cleaned_data["item"] or SecretItem.Kind.PASSWORD


class ReviewForm(forms.Form):
    """Whether an emergency access was justified."""

    finding = forms.ChoiceField(
        label=gettext_lazy("Was it justified?"),
        choices=EmergencyAccess.Finding.choices,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Needed where it was not justified."),
        max_length=REASON_LENGTH,
        required=False,
        widget=forms.Textarea,
    )


class RoleForm(forms.Form):
    """Which role on the platform somebody who holds the account is to have."""

    person = forms.TypedChoiceField(label=gettext_lazy("Who"), coerce=int)
    role = forms.ChoiceField(label=gettext_lazy("Role there"))

    def __init__(self, *args: Any, account: Account, offered: Capability, actor: Employee, **options: Any):
        super().__init__(*args, **options)
        held = Custody.objects.in_force().filter(account=account, closed_at=None, person__is_active=True)
        have = held.filter(channel=Custody.Channel.PLATFORM_ROLE).values("person")
        people = held.exclude(person__in=have).exclude(person=actor).order_by("person__name")
        who, role = self.fields["person"], self.fields["role"]
        assert isinstance(who, forms.ChoiceField)
        assert isinstance(role, forms.ChoiceField)
        who.choices = list(dict(people.values_list("person_id", "person__name")).items())
        role.choices = [
            (one["name"], f"{one['name']}, {_('full control')}" if one.get("full_control") else one["name"])
            for one in offered.roles
        ]

    def clean_person(self) -> Employee:
        return Employee.objects.get(pk=self.cleaned_data["person"])
