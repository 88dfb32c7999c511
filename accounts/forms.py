"""Forms of the registry's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import PURPOSES, Account
from audit.errors import Invalid
from employees.forms import PaperForm, PersonField


class DesigneeForm(PaperForm):
    """A designee for one account."""

    designee = PersonField(label=_("Designee"))
    field_order = ("designee", "start", "end", "instrument")


class DescribeForm(forms.Form):
    """What the public reads of an account."""

    name = forms.CharField(label=_("Name"), max_length=200)
    short_description = forms.CharField(
        label=_("What it is for"),
        max_length=1000,
        required=False,
        help_text=_("One sentence, as the directory shows it."),
    )
    long_description = forms.CharField(label=_("More about it"), required=False, widget=forms.Textarea)
    language = forms.CharField(label=_("Language"), max_length=60, required=False)
    audience = forms.CharField(label=_("Audience"), max_length=300, required=False)
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"), choices=PURPOSES, required=False, widget=forms.CheckboxSelectMultiple
    )

    @classmethod
    def values_of(cls, account: Account) -> dict[str, Any]:
        """The account's present description, as the form shows it."""
        return {name: getattr(account, name) for name in cls.base_fields}

    def add_errors(self, error: Invalid) -> None:
        """Show what a service expected beside the field."""
        for name, expected in error.fields.items():
            self.add_error(name if name in self.fields else None, expected)
