"""What is looked up, and what is exported."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services as accounts
from audit import clock
from audit.errors import Invalid
from employees.forms import PersonField
from employees.models import Department


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
    employee = PersonField(label=gettext_lazy("Person"), required=False, working=False)
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
