"""Who holds, knows or was told what, besides what the vault sees by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Capability
from audit import clock, when
from credentials.knowledge import REASON_LENGTH
from credentials.models import Custody, SecretVersion, WayIn
from employees.forms import PersonField
from employees.models import Employee


class WayForm(forms.Form):
    """Something else that opens the account, or gets it back."""

    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=WayIn.Kind.choices)
    detail = forms.CharField(
        label=gettext_lazy("Which one"),
        help_text=gettext_lazy(
            "The address, the number, the name of the key, app or portfolio. Nothing secret."
        ),
        max_length=200,
        error_messages={"required": gettext_lazy("Write which one it is: its address, number or name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    holder = PersonField(
        label=gettext_lazy("In whose hands"),
        help_text=gettext_lazy(
            "Work e-mail or employee number. Empty: nobody’s alone, such as a shared mailbox."
        ),
        required=False,
        working=False,
    )
    personal = forms.BooleanField(
        label=gettext_lazy("It is the person’s own, not the City’s"), required=False
    )
    since = forms.DateField(
        label=gettext_lazy("Since"), help_text=gettext_lazy("Left empty: today."), required=False
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


class ToldForm(forms.Form):
    """Who was told a password outside the vault, and when. `version` is the number that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    person = PersonField(label=gettext_lazy("Who was told"), working=False)
    day = forms.DateField(
        label=gettext_lazy("On"), help_text=gettext_lazy("Left empty: just now."), required=False
    )
    hour = forms.TimeField(
        label=gettext_lazy("At"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def moment(self, version: SecretVersion) -> datetime | None:
        """When the telling was; a day alone means its start, or the making of the version where that is later."""
        day, hour = self.cleaned_data["day"], self.cleaned_data["hour"]
        if day is None:
            return None
        if hour is not None:
            return when.at_time(day, hour)
        made = version.created_at
        return made if clock.day_of(made) == day else clock.start_of(day)


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


class ReasonForm(forms.Form):
    """Why a password had to be changed on the platform."""

    reason = forms.CharField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("One sentence. Never the password itself."),
        max_length=REASON_LENGTH,
        widget=forms.Textarea,
    )
